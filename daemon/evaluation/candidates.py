"""What is compared: every draft at every precision and length, lookup, plain, and the pacer's own choice."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import torch

from ...models.device import pick_device, pick_dtype
from ...models.errors import MemoryPlanError, ModelError
from ...models.pair import LoadedPair, check_pair, load_one, load_pair, plan_of, resolve
from ...models.pairing import PairReport
from ...models.precision import is_rounding
from ..engine.compiling import Compiling
from ..engine.engine import EngineOptions
from ..engine.records import DrafterChoice

OWN = "the pair's own draft"
LEAST_LOOKUP = 4
"""A shorter proposal by lookup saves little where a match is long."""

Kind = Literal["plain", "lookup", "draft", "pacer"]
Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A draft in memory with its target: ``name`` tells its directory, ``precision`` is a ``draft_dtype``.

    ``usual`` is the one that the settings name, in their precision.
    """

    name: str
    directory: Path
    precision: str
    usual: bool
    pair: LoadedPair


@dataclass(frozen=True, slots=True)
class Refused:
    """A draft that cannot be measured, and why, in one sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to complete: a ``draft`` or none, who proposes, and how many tokens (None: the pacer says)."""

    kind: Kind
    draft: Draft | None
    drafter: DrafterChoice
    k: int | None

    @property
    def name(self) -> str:
        """What it is called in tables and verdicts."""
        length = "" if self.k is None else f", k {self.k}"
        if self.kind == "plain":
            return "plain"
        if self.kind == "lookup":
            return f"lookup{length}"
        model = "no draft" if self.draft is None else f"{self.draft.name} {self.draft.precision}"
        return f"{model}, pacer" if self.kind == "pacer" else f"{model}{length}"


@dataclass(frozen=True, slots=True)
class Field:
    """All that takes part: ``plain``, the target alone; drafts; those refused; of what kind steps are."""

    plain: LoadedPair
    drafts: tuple[Draft, ...]
    refused: tuple[Refused, ...]
    step: Literal["compiled", "uncompiled"]


def load_field(options: EngineOptions, others: Sequence[str], context: int, tell: Tell) -> Field:
    """Load the target of ``options`` once; at each precision the draft set, the pair's own and ``others``.

    ``others`` are directories or names of models; all are given room for ``context`` tokens. A draft that
    does not fit the target or the memory is refused. Raises ModelError for the target itself.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    device = pick_device(options.device)
    resolved = partial(resolve, options.target, context=context, store=options.models)
    spec = resolved(options.draft)
    plain = load_pair(
        replace(spec, draft=None), device=device, target_dtype=options.target_dtype, progress=tell
    )
    found: list[Draft] = []
    refused: list[Refused] = []
    folders = _folders(spec.draft, others, lambda name: resolved(name).draft, refused)
    wanted = precisions(options.draft_dtype, device)
    for place, (folder, name) in enumerate(zip(folders, _names(folders), strict=True)):
        tell(f"loading {name}", place / len(folders))
        try:
            report = check_pair(replace(spec, draft=folder))
        except ModelError as error:
            refused.append(Refused(name, str(error)))
            continue
        for precision in wanted:
            try:
                pair = _with_draft(plain, report, folder, (options.target_dtype, precision))
            except ModelError as error:
                refused.append(Refused(f"{name} {precision}", str(error)))
            else:
                usual = folder == folders[0] and spec.draft is not None and precision == wanted[0]
                found.append(Draft(name, folder, precision, usual, pair))
    return Field(plain, tuple(found), tuple(refused), _compile(options, plain, found, tell))


def _folders(
    usual: Path | None,
    others: Sequence[str],
    place: Callable[[str | None], Path | None],
    refused: list[Refused],
) -> list[Path]:
    """Directories of the ``usual`` draft, the pair's own and ``others``, each once.

    ``place`` tells where the draft of that name lies, None being the pair's own; what it cannot is refused.
    """
    found = [] if usual is None else [usual.resolve()]
    for name in (None, *others):
        try:
            folder = place(name)
        except ModelError as error:
            refused.append(Refused(name or OWN, str(error)))
        else:
            found += [] if folder is None else [folder.resolve()]
    return list(dict.fromkeys(found))


def precisions(wanted: str, device: torch.device) -> list[str]:
    """The precisions of a draft that differ on ``device``: the one that is set, ``auto``, bf16, int8.

    bf16 is left out on devices whose ``auto`` is another type for lack of it; a processor's memory may gain.
    """
    names = [wanted, "auto", *(["bf16"] if device.type == "cpu" else []), "int8"]
    kinds = {(pick_dtype(name, device), is_rounding(name) and name): name for name in reversed(names)}
    return sorted(kinds.values(), key=names.index)


def candidates(field: Field, ks: Sequence[int]) -> list[Candidate]:
    """All of them, plain first."""
    lookups = [k for k in ks if k >= LEAST_LOOKUP] or [max(ks)]
    found = [Candidate("plain", None, "none", None)]
    found += [Candidate("lookup", None, "lookup", k) for k in lookups]
    found.append(Candidate("pacer", None, "auto", None))
    for draft in field.drafts:
        found += [Candidate("draft", draft, "draft", k) for k in ks]
        found.append(Candidate("pacer", draft, "auto", None))
    return found


def _names(folders: Iterable[Path]) -> list[str]:
    """The last parts of paths, as many as tell them apart."""
    paths = list(folders)
    for depth in range(1, max((len(path.parts) for path in paths), default=1)):
        names = [Path(*path.parts[-depth:]).as_posix() for path in paths]
        if len(set(names)) == len(names) and depth > 1:
            return names
    return [str(path) for path in paths]


def _with_draft(plain: LoadedPair, report: PairReport, folder: Path, types: tuple[str, str]) -> LoadedPair:
    """The target of ``plain`` with the draft in ``folder``, which ``report`` is about.

    ``types`` are of both, as for ``pick_dtype``. Raises ModelError where it cannot be loaded, or does not
    fit into the memory that is left.
    """
    target = plain.target
    both = plan_of(report, target.device, types)
    alone = plan_of(replace(report, draft=None), target.device, types)
    if both.free is not None and both.plan.needed - alone.plan.needed > both.free:
        raise MemoryPlanError(
            "The draft does not fit into the memory beside its target; choose a smaller one."
        )
    draft = load_one(folder, target.device, types[1])
    context = min(report.context, target.max_context, draft.max_context)
    return replace(plain, spec=report.spec, draft=draft, vocab=report.vocab, context=context)


def _compile(
    options: EngineOptions, plain: LoadedPair, drafts: Sequence[Draft], tell: Tell
) -> Literal["compiled", "uncompiled"]:
    """Compile the steps of all models, one team of threads for all; how it ended."""
    if not options.compile:
        return "uncompiled"
    tell("compiling", 0.0)
    models = [plain.target, *(draft.pair.draft for draft in drafts if draft.pair.draft is not None)]
    compiling = Compiling(models, options.steps, torch.get_num_threads(), plain.context)
    return "compiled" if compiling.wait() else "uncompiled"
