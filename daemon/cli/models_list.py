"""``paceline models list``: the catalog, what of it fits this machine, and which pair to begin with."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...models.catalog.lookup import find_model
from ...models.catalog.suggestion import CONTEXT, PRECISIONS, SLOTS, Fit, fits, memory, needs, suggest
from ...models.catalog.table import CatalogPair, Model
from ...models.machine import Machine, this_machine
from ...models.store import Pulled, all_pulled, pulled
from ..settings import models_dir
from .arguments import EPILOGUE, Verbs
from .columns import NOTHING, UNKNOWN, billions, facts, gib, table

HEADS = ("", "pair", "weights", "draft", *PRECISIONS, "fits in", "context", "licence")
NUMBERS = frozenset({2, 4, 5, 6, 7, 9})
SUGGESTED, HERE = "→", "✓"
LEGEND = f"""{SUGGESTED} suggested   {HERE} pulled
f32 … int4: GiB of the weights of target and draft together; beside int4, embedding and output stay in bf16.
fits in: the best precision in which the pair fits all of this machine's memory, with {SLOTS} cached prompts
of {CONTEXT} tokens (fewer where the models take fewer) and what steps and loading need.
"""
SLOW = "Larger ones may fit, but a processor reads all their weights for each token.\n"


def add(verbs: Verbs) -> None:
    """Add the verb's parser."""
    verb = verbs.add_parser("list", help="good pairs, and what fits this machine", epilog=EPILOGUE)
    verb.add_argument("--json", action="store_true", help="the same as one JSON map")


def run(arguments: argparse.Namespace) -> int:
    """Print the catalog."""
    machine, store = this_machine(), models_dir()
    found, chosen = list(fits(machine)), suggest(machine)
    others = [each for each in all_pulled(store) if find_model(each.hub_id) is None]
    if arguments.json:
        text = json.dumps(_as_map(machine, store, found, chosen, others), ensure_ascii=False) + "\n"
    else:
        text = _text(machine, store, found, chosen, others)
    sys.stdout.write(text)
    return 0


def _text(machine: Machine, store: Path, found: list[Fit], chosen: Fit | None, others: list[Pulled]) -> str:
    rows = [_row(fit, store, fit == chosen) for fit in found]
    remarks = [f"{fit.pair.name}: {fit.pair.remark}" for fit in found if fit.pair.remark]
    parts = [f"This machine: {_machine(machine)}\n", table(HEADS, rows, NUMBERS), LEGEND + _grouped(remarks)]
    if others:
        parts.append(
            facts([("also pulled:", f"{each.hub_id} ({each.size / 1e9:.2f} GB)") for each in others])
        )
    return "\n".join([*parts, _advice(machine, chosen, store)])


def _grouped(remarks: list[str]) -> str:
    """One line for each remark, with the names of all pairs that it is made of."""
    names: dict[str, list[str]] = {}
    for line in remarks:
        name, _, remark = line.partition(": ")
        names.setdefault(remark, []).append(name)
    return "".join(f"{', '.join(which)}: {remark}.\n" for remark, which in names.items())


def _row(fit: Fit, store: Path, is_chosen: bool) -> list[str]:
    pair = fit.pair
    here = all(pulled(store, model.hub_id) for model in _models(pair))
    sizes = _memory(pair)
    return [
        (SUGGESTED if is_chosen else "") + (HERE if here else ""),
        pair.name,
        billions(pair.target.weights, exact=pair.target.exact),
        pair.draft.name if pair.draft else "none",
        *(gib(sizes[name]) for name in PRECISIONS),
        fit.precision or NOTHING,
        str(pair.target.context),
        _licences(pair),
    ]


def _models(pair: CatalogPair) -> list[Model]:
    return [pair.target, *([pair.draft] if pair.draft else [])]


def _licences(pair: CatalogPair) -> str:
    return ", ".join(dict.fromkeys(model.licence for model in _models(pair)))


def _memory(pair: CatalogPair) -> dict[str, int]:
    each = [memory(model) for model in _models(pair)]
    return {name: sum(sizes[name] for sizes in each) for name in PRECISIONS}


def _machine(machine: Machine) -> str:
    if machine.total is None:
        return f"{machine.name} ({machine.device}), memory {UNKNOWN}"
    free = "" if machine.free is None else f", {gib(machine.free)} GiB of it free now"
    return f"{machine.name} ({machine.device}), {gib(machine.total)} GiB of memory{free}"


def _advice(machine: Machine, chosen: Fit | None, store: Path) -> str:
    if chosen is None and machine.total is None:
        return (
            "How much memory is here is not known, so none is suggested; see `paceline models check PAIR`.\n"
        )
    if chosen is None:
        return "No pair of the catalog fits this machine; the bundled pair mini does.\n"
    name = chosen.pair.name
    here = all(pulled(store, model.hub_id) for model in _models(chosen.pair))
    steps = [] if here else [f"`paceline models pull {name}`"]
    steps.append(f"`--target {name}`, or `target` in the settings")
    longest = needs(chosen.pair, chosen.precision or "bf16", machine.device, chosen.pair.target.context)
    if machine.total is not None and longest > machine.total:
        steps[-1] += f" with `context = {CONTEXT}`"
    return (
        f"Suggested here: {name} in {chosen.precision}, {gib(chosen.needed or 0)} GiB in all.\n"
        f"{SLOW * (machine.device == 'cpu')}Next: {', then '.join(steps)}.\n"
    )


def _as_map(
    machine: Machine, store: Path, found: list[Fit], chosen: Fit | None, others: list[Pulled]
) -> dict[str, Any]:
    return {
        "machine": asdict(machine),
        "pairs": [
            {
                "name": fit.pair.name,
                "target": model_map(fit.pair.target, store),
                "draft": model_map(fit.pair.draft, store) if fit.pair.draft else None,
                "weight_bytes": _memory(fit.pair),
                "fits_in": fit.precision,
                "needed_bytes": fit.needed,
                "remark": fit.pair.remark,
            }
            for fit in found
        ],
        "suggestion": chosen.pair.name if chosen else None,
        "also_pulled": [asdict(each) for each in others],
    }


def model_map(model: Model, store: Path) -> dict[str, Any]:
    """What the catalog knows of a model, as plain values; None is not known, or for ``fim`` none."""
    here = pulled(store, model.hub_id)
    return {
        "name": model.name,
        "hub_id": model.hub_id,
        "weights": model.weights,
        "weights_exact": model.exact,
        "weight_bytes": memory(model),
        "context": model.context,
        "fim": model.fim,
        "licence": model.licence,
        "gated": model.gated,
        "pulled": asdict(here) if here else None,
    }
