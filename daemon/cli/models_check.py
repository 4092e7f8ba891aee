"""``paceline models check``: may two models be a pair, and does it fit? Asked before any weight is read."""

import argparse
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...models.catalog.lookup import find_pair
from ...models.catalog.table import CatalogPair
from ...models.store import directory_of, is_hub_id, pulled
from ..settings import Settings, load_settings, models_dir
from .arguments import EPILOGUE, Verbs, whole
from .columns import billions, facts, size
from .models_show import PREFIX_ONLY, describe

if TYPE_CHECKING:
    from ...models.pair import PairPlan
    from ...models.pairing import PairReport

FITS, FITS_NOT = 0, 1


def add(verbs: Verbs) -> None:
    """Add the verb's parser."""
    verb = verbs.add_parser(
        "check",
        help="check a pair and its memory before any weight is read",
        description="Compare tokenizers and sizes, and plan the memory. The exit status is 1 where it does "
        "not fit in what is free.",
        epilog=EPILOGUE,
    )
    verb.add_argument("target", metavar="TARGET", help="a pair, a hub id, or the directory of a model")
    verb.add_argument("draft", nargs="?", metavar="DRAFT", help="another draft than the pair's own, or none")
    verb.add_argument("--device", metavar="NAME", help="auto, cuda, mps or cpu")
    verb.add_argument("--dtype", metavar="NAME", help="auto, f32, bf16, f16, int8 or int4")
    verb.add_argument(
        "--context", type=whole(64, 1 << 20), metavar="N", help="tokens of a prompt and its completion"
    )
    verb.add_argument("--slots", type=whole(1, 64), metavar="N", help="cached prompts")
    verb.add_argument("--json", action="store_true", help="the same as one JSON map")


def run(arguments: argparse.Namespace) -> int:
    """Check and print; the exit status is 1 where the pair does not fit. Raises ModelError, SettingsError."""
    settings = _settings(arguments)
    missing = _not_pulled(arguments)
    if missing is None:
        rows, found, plan = _of_directories(arguments, settings)
    else:
        rows, found, plan = _of_catalog(missing, settings)
    rows += _plan_rows(plan, settings)
    found["memory"] = _plan_map(plan)
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n" if arguments.json else facts(rows))
    return FITS if plan.fits else FITS_NOT


def _settings(arguments: argparse.Namespace) -> Settings:
    """The settings with what is asked here on top; the models are those of the arguments."""
    return load_settings(
        {
            "device": arguments.device,
            "target_dtype": arguments.dtype,
            "draft_dtype": arguments.dtype,
            "context": arguments.context,
            "slots": arguments.slots,
        }
    )


def _not_pulled(arguments: argparse.Namespace) -> CatalogPair | None:
    """The pair of the catalog that is meant, where its shape is known and not all of it is on this disk."""
    pair = None if directory_of(arguments.target) else find_pair(arguments.target)
    if pair is None or pair.target.config is None or arguments.draft not in (None, "none"):
        return None
    alone = arguments.draft == "none" or is_hub_id(arguments.target)
    wanted = replace(pair, draft=None) if alone else pair
    models = [model for model in (wanted.target, wanted.draft) if model is not None]
    return None if all(pulled(models_dir(), model.hub_id) for model in models) else wanted


Answer = tuple[list[tuple[str, str]], dict[str, Any], "PairPlan"]


def _of_directories(arguments: argparse.Namespace, settings: Settings) -> Answer:
    from ...models.device import pick_device  # noqa: PLC0415  (brings torch, as below)
    from ...models.pair import plan_of  # noqa: PLC0415
    from ...models.pairing import check_pair, resolve  # noqa: PLC0415

    spec = resolve(arguments.target, arguments.draft, context=settings.context, store=models_dir())
    report = check_pair(spec)
    types = settings.target_dtype, settings.draft_dtype
    plan = plan_of(report, pick_device(settings.device), types, settings.slots)
    return _rows(report), _as_map(report), plan


def _of_catalog(pair: CatalogPair, settings: Settings) -> Answer:
    """What the catalog says of a pair that is not here."""
    from ...models.device import pick_device  # noqa: PLC0415  (brings torch, as below)
    from ...models.pair import plan_sizes  # noqa: PLC0415
    from ...models.plan import size_of  # noqa: PLC0415

    models = (pair.target, pair.draft)
    sizes = [
        None if model is None or model.config is None else (model.name, size_of(model.config, model.weights))
        for model in models
    ]
    least = min(model.context for model in models if model is not None)
    context = min(least, settings.context or least)
    types = settings.target_dtype, settings.draft_dtype
    plan = plan_sizes(sizes, context, pick_device(settings.device), types, settings.slots)
    draft = "none" if pair.draft is None else f"{pair.draft.name} · {billions(pair.draft.weights)} weights"
    rows = [
        ("pair", f"{pair.name}, by the catalog: it is not pulled, so its tokens are not compared"),
        ("target", f"{pair.target.name} · {billions(pair.target.weights)} weights"),
        ("draft", draft),
        ("context", f"{context} tokens"),
    ]
    remarks = [pair.remark] if pair.remark else []
    rows += [("remark", remark) for remark in remarks]
    found = {
        "pair": pair.name,
        "pulled": False,
        "context": context,
        "remarks": remarks,
    }
    return rows, found, plan


def _rows(report: "PairReport") -> list[tuple[str, str]]:
    rows = [
        ("pair", report.spec.name),
        ("target", describe(report, "target")),
        ("draft", describe(report, "draft")),
    ]
    if report.draft is not None and report.ratio:
        widths = [f"{source.config.get('vocab_size', '?')}" for source in (report.target, report.draft)]
        rows += [
            ("tokens", f"the same {report.vocab}; logits of {' and '.join(widths)} are cut to them"),
            ("size", f"the draft is 1/{1 / report.ratio:.1f} of the target"),
        ]
    fim = f"{report.fim.name}, {report.fim.order}" if report.fim else PREFIX_ONLY
    rows += [("fill-in", fim), ("context", f"{report.context} tokens")]
    return rows + [("remark", remark) for remark in report.remarks]


def _plan_rows(plan: "PairPlan", settings: Settings) -> list[tuple[str, str]]:
    precisions = dict.fromkeys(held.precision for held in (plan.target, plan.draft) if held)
    rows = [
        ("", ""),
        ("memory", f"on {plan.terms.device} in {' and '.join(precisions)}, {settings.slots} slots"),
    ]
    rows += [(f"  {name}", _right(count)) for name, count in plan.plan.parts.items()]
    if plan.plan.loading > sum(plan.plan.parts.values()):
        rows.append(("  while loading", _right(plan.plan.loading)))
    rows.append(("  in all", f"{_right(plan.plan.needed)}, with what is kept in reserve"))
    rows.append(("  free", "not known" if plan.free is None else _right(plan.free)))
    if any(held is not None and held.size.kv is None for held in (plan.target, plan.draft)):
        rows.append(("remark", "how large a token's keys and values are is not known, and not counted"))
    return [*rows, ("verdict", "it fits" if plan.fits else f"it does not fit; {plan.advice()}")]


def _right(count: int) -> str:
    return size(count).rjust(10)


def _plan_map(plan: "PairPlan") -> dict[str, Any]:
    return {
        "device": plan.terms.device,
        "precision": [held.precision for held in (plan.target, plan.draft) if held],
        "slots": plan.terms.slots,
        "parts": dict(plan.plan.parts),
        "loading": plan.plan.loading,
        "needed": plan.plan.needed,
        "free": plan.free,
        "fits": plan.fits,
        "advice": None if plan.fits else plan.advice(),
    }


def _as_map(report: "PairReport") -> dict[str, Any]:
    return {
        "pair": report.spec.name,
        "pulled": True,
        "target": str(report.target.path),
        "draft": str(report.draft.path) if report.draft else None,
        "vocab": report.vocab,
        "ratio": report.ratio,
        "fim": report.fim.name if report.fim else None,
        "fim_order": report.fim.order if report.fim else None,
        "context": report.context,
        "remarks": list(report.remarks),
    }
