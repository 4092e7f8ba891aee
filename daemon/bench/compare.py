"""The comparison: prompts, rows and lengths to a report, all arms interleaved."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ... import __version__
from ...models.precision import is_rounding
from ..engine.engine import EngineOptions
from . import hardware
from .keystroke import Keystroke, measure_keystrokes
from .prompts import cut, find_files, make_cases, own_source, read_sources
from .records import Case
from .rows import all_rows, baseline, choose, reference
from .schedule import Tell, measure
from .statistics import Ratio, Spread, spread
from .summary import Figures, by_kind, figures
from .table import ratio, same, table
from .workbench import Workbench

WIDTH = 118
METHOD = (
    "Every row continues the same prompts, as token ids, greedily and from an empty cache, and writes "
    "exactly the same number of tokens: stop rules and end tokens end nothing. Rows take turns on each "
    "prompt in a rotating order; two warm-up runs of each are left out. Times are medians over prompts in "
    "ms: first text, a token after it, the whole completion; × plain compares whole completions of the same "
    "prompts (median, 95 % bootstrap interval), × token the time a token after the first text. α accepted / "
    "tested, τ tokens a target pass, host: time a round in which no model ran. llama-server answers in one "
    "piece; its first text is the whole time less its own time for the tokens after the first."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure; ``most`` tokens of prompt at most, ``only`` patterns of row names (none: all)."""

    files: tuple[Path, ...] = ()
    lengths: tuple[int, ...] = (16, 128)
    ks: tuple[int, ...] = (1, 2, 4, 8)
    repeats: int = 2
    prompts: int = 30
    most: int = 512
    only: tuple[str, ...] = ()
    seed: int = 0
    server: Path | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The rows at one length, and the speed as served by kind of position."""

    tokens: int
    baseline: str
    reference: str
    rows: tuple[Figures, ...]
    kinds: dict[str, Ratio]


@dataclass(frozen=True, slots=True)
class Report:
    """All that was measured, and on what."""

    paceline: str
    engine: dict[str, object]
    hardware: dict[str, object]
    load_before: float | None
    load_after: float | None
    others: float | None
    warning: str | None
    source: str
    prompts: int
    prompt_tokens: Spread
    repeats: int
    method: str
    keystroke: Keystroke | None
    lengths: tuple[Section, ...]


def compare(options: EngineOptions, plan: Plan, tell: Tell) -> Report:
    """Measure ``plan`` with the pair of ``options``; ``tell(stage, fraction)`` hears how far it is.

    Raises ModelError, and PacelineError for files without prompts, rows that do not exist or a failing peer.
    """
    load, before = hardware.load(), hardware.now()
    with Workbench(options, plan.server, tell) as bench:
        compiled = bench.compiles()
        pair = bench.pair
        rows = choose(
            all_rows(
                plan.ks,
                draft=pair.draft is not None,
                compiled=compiled,
                rounded=any(map(is_rounding, (options.target_dtype, options.draft_dtype))),
                llama=plan.server is not None,
            ),
            plan.only,
        )
        sources = read_sources(find_files(plan.files) if plan.files else own_source(), pair.tokenizer)
        cases = make_cases(
            cut(sources, plan.prompts, plan.most, plan.seed),
            pair.tokenizer,
            pair.fim,
            context=pair.context,
            most=plan.most,
            length=max(plan.lengths),
        )
        arms = [bench.arm(row) for row in rows]
        sections = []
        for count in plan.lengths:
            runs = measure(arms, cases, count, plan.repeats, tell)
            plain = baseline([row.name for row in rows])
            truth = reference([row.name for row in rows])
            found = tuple(figures(runs, row.name, row.label, baseline=plain, reference=truth) for row in rows)
            kinds = by_kind(runs, "auto", plain, cases) if "auto" in runs else {}
            sections.append(Section(count, plain, truth, found, kinds))
        ours = any(row.family == "ours" for row in rows)
        keys = measure_keystrokes(bench.engine(), cases, plan.repeats, tell) if ours else None
        engine, machine = bench.engine().facts(), hardware.describe(pair.target.device)
    share = hardware.others(before, hardware.now())
    return Report(
        paceline=__version__,
        engine=engine,
        hardware=machine,
        load_before=load,
        load_after=hardware.load(),
        others=share,
        warning=hardware.warning(share),
        source=_source(plan.files, cases),
        prompts=len(cases),
        prompt_tokens=spread([len(case.tokens) for case in cases]),
        repeats=plan.repeats,
        method=METHOD,
        keystroke=keys,
        lengths=tuple(sections),
    )


def _source(files: Sequence[Path], cases: Sequence[Case]) -> str:
    count = len({case.path for case in cases})
    if files:
        return f"{count} of the files given"
    return f"{count} files of paceline's own source, which was never in the bundled pair's training corpus"


def text(report: Report) -> str:
    """The report for a person, at most 120 columns wide."""
    parts = [*(line for part in headline(report) for line in textwrap.wrap(part, WIDTH)), ""]
    for section in report.lengths:
        rows = {row.name: row.label for row in section.rows}
        parts.append(f'{section.tokens} tokens written; plain is "{rows[section.baseline]}"')
        head = "same as plain" if section.reference == section.baseline else "same as full"
        parts.append(table(section.rows, (head, {row.name: same(row) for row in section.rows})))
        if section.kinds:
            kinds = ", ".join(f"{kind} {ratio(value)}" for kind, value in section.kinds.items())
            parts += [*textwrap.wrap(f"as served, × plain by kind of place: {kinds}", WIDTH), ""]
    if report.keystroke:
        parts += [_keys(report.keystroke), ""]
    parts += textwrap.wrap(report.method, WIDTH)
    if report.warning:
        parts.append(f"warning: {report.warning}")
    return "\n".join(parts) + "\n"


def _keys(found: Keystroke) -> str:
    return (
        f"one more character: first text after {found.key.median:.1f} ms, cold {found.cold.median:.1f} ms, "
        f"{ratio(found.part)} of it;\ncomputed {found.computed:.0f} of {found.of:.0f} prompt tokens"
    )


def headline(report: Report) -> list[str]:
    """Pair, machine, prompts and how busy the machine was."""
    machine, engine = report.hardware, report.engine
    place = f"{machine['gpu']}, " if "gpu" in machine else ""
    return [
        f"paceline {report.paceline}, {engine['pair']}: target {_model(engine['target'])}, "
        f"draft {_model(engine['draft'])}",
        f"steps {engine['step']}",
        f"{place}{machine['cpu']}, {machine['cores']} cores, {machine['threads']} threads, "
        f"torch {machine['torch']}, transformers {machine['transformers']}",
        f"{report.prompts} prompts ({report.source}) of {report.prompt_tokens.low:.0f}–"
        f"{report.prompt_tokens.high:.0f} tokens, {report.repeats} runs each",
        f"load {_number(report.load_before, '.1f')} before, {_number(report.load_after, '.1f')} after; "
        f"other programs used {_number(report.others, '.0%')} of the cores",
    ]


def _model(facts: object) -> str:
    if not isinstance(facts, dict):
        return "none"
    return f"{facts['parameters'] / 1e6:.1f} M weights in {facts['bytes'] / 1e6:.1f} MB ({facts['dtype']})"


def _number(value: float | None, form: str) -> str:
    return "unknown" if value is None else format(value, form)
