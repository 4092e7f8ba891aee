"""A draft model that is spoilt and mended while it is in use, and what the pacer makes of it.

Everything runs as in the daemon, quiet moments included; only the draft model is tampered with between two
answers. Each answer is also written without drafts, now before, now after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ....models.base import LanguageModel
from ....models.decoder import Decoder
from ...engine.engine import EngineOptions
from ..heavier import heavier
from ..ours import BenchEngine, OwnArm
from ..prompts import cut, make_cases, own_source, read_sources
from ..records import Case
from ..statistics import Ratio, speed_up
from .spoilt import Spoilt

PROMPT = 480
"""Tokens of prefix and suffix around a place."""
SETTLED = 20
"""Rounds of a phase before its answers are compared."""
IN_USE = 0.5
"""Part of its usual calls a round with which a draft model counts as in use again."""
UNUSED = 0.05
"""Calls a round of a draft model that does not pay even when it is good."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The same answer plain and as served, milliseconds; ``before`` are the rounds of the phase before it."""

    plain: float
    served: float
    rounds: int
    calls: int
    before: int


@dataclass(frozen=True, slots=True)
class Phase:
    """What came of one state of the draft model.

    ``faster`` compares answers after the first ``SETTLED`` rounds, None where there are none; ``calls`` are
    those of the draft loop a round; ``back`` are the rounds before the draft model was in use as usual.
    """

    name: str
    answers: int
    rounds: int
    faster: Ratio | None
    calls: float
    back: int | None


class Trial:
    """A pair under the pacer, its target of ``layers`` layers, writing ``tokens`` tokens an answer."""

    def __init__(self, options: EngineOptions, layers: int | None, tokens: int) -> None:
        """Load, compile and measure. Raises ModelError; ValueError for a pair without a draft of our own."""
        with heavier(replace(options, slots=1, state=None), layers) as found:
            loaded = BenchEngine.load(found)
        loaded.wait_compiled()
        if not isinstance(loaded.pair.draft, Decoder):
            raise ValueError("a draft model that is decoded natively is needed")
        self.draft = Spoilt(loaded.pair.draft)
        self._engine = BenchEngine(replace(loaded.pair, draft=cast("LanguageModel", self.draft)), 1)
        self._engine.prepare()
        self._plain = OwnArm("plain", "plain", lambda: self._engine, "none", None)
        self._served = OwnArm("auto", "as served", lambda: self._engine, "auto", None)
        self._tokens = tokens

    def cases(self, count: int, seed: int) -> list[Case]:
        """Places in our own source."""
        pair = self._engine.pair
        places = cut(read_sources(own_source(), pair.tokenizer), count, PROMPT, seed)
        return make_cases(
            places, pair.tokenizer, pair.fim, context=pair.context, most=PROMPT, length=self._tokens
        )

    def plain_step(self) -> float:
        """Milliseconds of a step of the target."""
        facts = cast("dict[str, Any]", self._engine.facts()["pacer"])
        return float(facts["plain_ms"])

    def phase(self, name: str, cases: Sequence[Case], usual: float | None) -> Phase:
        """Write all answers; ``usual`` are the draft model's calls a round when it is good."""
        found: list[Compared] = []
        for number, case in enumerate(cases):
            before = sum(each.rounds for each in found)
            found.append(self._compared(case, before, plain_first=bool(number % 2)))
        late = [each for each in found if each.before >= SETTLED]
        rounds = sum(each.rounds for each in found)
        return Phase(
            name,
            len(found),
            rounds,
            speed_up([each.plain for each in late], [each.served for each in late]) if late else None,
            sum(each.calls for each in found) / rounds,
            None if usual is None else _back(found, usual),
        )

    def _compared(self, case: Case, before: int, *, plain_first: bool) -> Compared:
        plain = self._plain.run(case, self._tokens)  # both find the text read and the machine awake
        if plain_first:
            plain = self._plain.run(case, self._tokens)
        calls = self.draft.calls
        served = self._served.run(case, self._tokens)
        calls = self.draft.calls - calls
        self._engine.prepare()
        if not plain_first:
            plain = self._plain.run(case, self._tokens)
        return Compared(plain.total, served.total, served.passes or 0, calls, before)


def _back(found: Sequence[Compared], usual: float) -> int | None:
    """Rounds before the first answer in which the draft model is called about as often as it used to be."""
    return next((each.before for each in found if each.calls >= IN_USE * usual * each.rounds), None)


def run(
    options: EngineOptions, *, layers: int | None, tokens: int, answers: int, tell: Callable[[str], object]
) -> list[Phase]:
    """Good, random, good, slow, good: ``answers`` in each phase. ``tell`` hears which one begins."""
    trial = Trial(options, layers, tokens)
    draft = trial.draft

    def slow() -> None:
        draft.least = trial.plain_step()

    changes = (
        ("good", draft.mend),
        ("random weights", draft.ruin),
        ("good again", draft.mend),
        ("as slow as the target", slow),
        ("good again", draft.mend),
    )
    phases: list[Phase] = []
    for number, (name, change) in enumerate(changes):
        tell(name)
        change()
        usual = phases[0].calls if name == "good again" and phases[0].calls > UNUSED else None
        phases.append(trial.phase(name, trial.cases(answers, number), usual))
    return phases


def text(phases: Sequence[Phase]) -> str:
    """The phases as a table."""
    lines = [
        f"{'draft model':22}  answers  rounds  × plain after {SETTLED} rounds  calls a round  in use after"
    ]
    for each in phases:
        ratio = each.faster
        faster = "–" if ratio is None else f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"
        back = "" if each.back is None else f"{each.back} rounds"
        lines.append(
            f"{each.name:22}  {each.answers:7}  {each.rounds:6}  {faster:>24}  {each.calls:13.2f}  {back:>12}"
        )
    return "\n".join(lines) + "\n"
