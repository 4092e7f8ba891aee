"""``paceline models show``: the facts of a pair, from the catalog or from the models on this disk."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...models.catalog.lookup import find_model, find_pair
from ...models.catalog.suggestion import PRECISIONS, memory
from ...models.catalog.table import Model
from ...models.store import directory_of, is_hub_id, pulled
from ..settings import models_dir
from .arguments import EPILOGUE, Verbs
from .columns import UNKNOWN, billions, facts, gib
from .models_list import model_map

if TYPE_CHECKING:
    from ...models.pairing import PairReport

PREFIX_ONLY = "none: completions see only the text before the cursor"


def add(verbs: Verbs) -> None:
    """Add the verb's parser."""
    verb = verbs.add_parser("show", help="the facts of one pair or model", epilog=EPILOGUE)
    verb.add_argument("name", metavar="NAME", help="a pair, a hub id, or the directory of a model")
    verb.add_argument("--json", action="store_true", help="the same as one JSON map")


def run(arguments: argparse.Namespace) -> int:
    """Print what is known of a pair. Raises ModelError."""
    name, store = arguments.name, models_dir()
    models = [] if directory_of(name) else _known(name)
    found: dict[str, Any] = {"name": name, "models": [model_map(model, store) for model in models]}
    text = "\n".join(facts(_catalog_rows(model, store)) for model in models)
    needed = models[:1] if is_hub_id(name) else models
    if all(pulled(store, model.hub_id) for model in needed):
        report = _report(name, store)
        found["directory"] = _as_map(report)
        text += ("\n" if text else "") + facts(_directory_rows(report))
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n" if arguments.json else text)
    return 0


def _known(name: str) -> list[Model]:
    """Target and draft of a catalog pair, or one model of the catalog."""
    pair, model = find_pair(name), find_model(name)
    if pair is not None:
        return [pair.target, *([pair.draft] if pair.draft else [])]
    return [model] if model is not None else []


def _catalog_rows(model: Model, store: Path) -> list[tuple[str, str]]:
    here = pulled(store, model.hub_id)
    sizes = memory(model)
    gated = " (the hub asks for consent to its terms)" if model.gated else ""
    return [
        ("model", model.name),
        ("hub id", model.hub_id),
        ("weights", billions(model.weights, exact=model.exact)),
        ("memory", " · ".join(f"{name} {gib(sizes[name])} GiB" for name in PRECISIONS)),
        ("context", f"{model.context} tokens"),
        ("fill-in", model.fim or PREFIX_ONLY),
        ("licence", model.licence + gated),
        ("keys and values", _cache(model)),
        ("pulled", f"{here.commit} ({here.revision}), {here.size / 1e9:.2f} GB" if here else "no"),
    ]


def _cache(model: Model) -> str:
    from ...models.plan import size_of  # noqa: PLC0415  (only here)

    kv = size_of(model.config, model.weights).kv if model.config else None
    return UNKNOWN if kv is None else f"{kv * 2 / 1024:.0f} KiB a token in bf16"


def _report(name: str, store: Path) -> "PairReport":
    from ...models.pairing import check_pair, resolve  # noqa: PLC0415  (brings tokenizers)

    return check_pair(resolve(name, store=store))


def _directory_rows(report: "PairReport") -> list[tuple[str, str]]:
    rows = [("directory", str(report.target.path)), ("holds", describe(report, "target"))]
    if report.draft is not None:
        rows += [("draft", str(report.draft.path)), ("holds", describe(report, "draft"))]
    fim = f"{report.fim.name}, {report.fim.order}" if report.fim else PREFIX_ONLY
    rows += [("fill-in", fim), ("context", f"{report.context} tokens"), ("tokens", str(report.vocab))]
    return rows + [("remark", remark) for remark in report.remarks]


def describe(report: "PairReport", part: str) -> str:
    """Family, number of weights, types on disk and who runs it, of the ``target`` or ``draft``."""
    source = report.target if part == "target" else report.draft
    if source is None:
        return "none"
    types = ", ".join(sorted({tensor.dtype for tensor in source.tensors.values()}))
    runs = "native" if is_native(report, part) else "through transformers"
    return f"{source.config['model_type']} · {billions(source.parameter_count)} weights in {types} · {runs}"


def is_native(report: "PairReport", part: str) -> bool:
    """Whether paceline's own decoder runs the ``target`` or ``draft``."""
    from ...models.plan import size_of  # noqa: PLC0415  (only here)

    source = report.target if part == "target" else report.draft
    return source is not None and size_of(source.config, source.parameter_count).shape is not None


def _as_map(report: "PairReport") -> dict[str, Any]:
    return {
        "target": str(report.target.path),
        "draft": str(report.draft.path) if report.draft else None,
        "family": report.target.config["model_type"],
        "native": is_native(report, "target"),
        "weights": report.target.parameter_count,
        "draft_weights": report.draft.parameter_count if report.draft else None,
        "fim": report.fim.name if report.fim else None,
        "fim_order": report.fim.order if report.fim else None,
        "context": report.context,
        "vocab": report.vocab,
        "remarks": list(report.remarks),
    }
