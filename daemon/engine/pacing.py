"""The pacer of a loaded pair: its state on disk, its calibration, and what each request gets of it."""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

from ...models.base import held_in
from ...models.fingerprint import fingerprint as weights_of
from ...models.pair import LoadedPair, PairSpec
from .calibrating import CONTEXT, Models, calls_of, measure
from .chooser import Chooser
from .draft_model import DraftModel
from .lookup import Lookup
from .matching import BARRIER
from .paced import Paced
from .pacer.answer import Answer
from .pacer.baseline import Baseline
from .pacer.costs import Costs
from .pacer.decision import Pacer
from .pacer.fit import Fit
from .pacer.position import Position, language_of
from .pacer.proof import Machine
from .pacer.round import NO_DRAFTS, Rules
from .pacer.signals import SOURCES, Source
from .pacer.state import prior, restore, save
from .plain import Plain
from .prompt import Prompt
from .records import Completion
from .rehearsing import Rehearsing, Written
from .replay import Memory, Replay, Text
from .slots import Slot

MOST = 8
"""Tokens of a draft where the request does not say."""
LEAST_MATCH, FORCED_MATCH = 1, 2
"""Shortest match that lookup offers to the pacer, and where a request fixes the length."""
PRIOR = "pacer.json"
LOOKING = 0.04
"""Milliseconds that a round takes to look for drafts, as measured on the machine of the README's figures."""
DEAR = 0.1
"""Part of a plain step that looking may take without having to show first that it pays."""

log = logging.getLogger(__name__)


class Pacing:
    """What a pair's requests share. ``directory`` keeps what was learnt, None for this process alone."""

    def __init__(self, pair: LoadedPair, directory: Path | None) -> None:
        self._pair = pair
        self._directory = directory
        self._memory = Memory()
        self._step: str | None = None
        self._tried: str | None = None
        self._warned: str | None = None
        self.pacer = Pacer(MOST, Costs(MOST), drafts=pair.draft is not None, calls=calls_of(pair.draft))
        self._take_prior()
        self._rehearsing: Rehearsing | None = None
        if pair.draft is not None:
            self._rehearsing = Rehearsing(self.pacer, pair.draft, pair.vocab)

    def _take_prior(self) -> None:
        path = self._pair.spec.target.parent / PRIOR
        if not path.is_file():
            return
        try:
            prior(path, self.pacer)
        except (OSError, ValueError) as error:
            log.warning("the prior shipped with the pair is not used: %s", type(error).__name__)

    def begin(self, request: Completion, prompt: Prompt, slot: Slot, chooser: Chooser) -> Paced | Plain:
        """The drafter of a request whose prompt is in ``slot``."""
        mode = "block" if prompt.multiline else "line"
        rules = rules_of(request, greedy=chooser.greedy)
        way = self.pacer.gate.way(mode, request.max_tokens) if rules.all else "drafts"
        if way == "plain":
            rules = NO_DRAFTS
        text = around(prompt.lookup)
        sources = self._memory.recall(request.path, text)
        language = language_of(request.language, request.path)
        answer = Answer(self.pacer, language, mode, rules, request.max_tokens)
        if not rules.sources:
            return Plain(answer)
        begun = time.perf_counter()
        paced = Paced(answer, Position(prompt.place), self._pair.tokenizer.bytes_of)
        if "lookup" in rules.sources:
            least = LEAST_MATCH if rules.count is None else FORCED_MATCH
            paced.lookup = Lookup(prompt.lookup, len(prompt.tokens), least)
        if "replay" in rules.sources and not rules.timeless:
            paced.replays = [Replay(source, text.before) for source in sources]
        if "draft" in rules.sources and self._pair.draft is not None and slot.draft is not None:
            paced.draft = DraftModel(self._pair.draft, slot.draft, chooser, self._pair.vocab)
        if way == "control":
            paced.control = self.pacer.control(mode)
        answer.course.choosing += 1000.0 * (time.perf_counter() - begun)
        return paced

    def wrote(self, request: Completion, answer: Answer, written: Written) -> None:
        """Learn from an answer that is complete."""
        answer.catch_up()
        self.pacer.refresh()
        self._memory.suggested(request.path, written.tokens[written.prompt :])
        if self._rehearsing is not None:
            self._rehearsing.answered(answer, written)

    def rehearse(self, stopped: Callable[[], bool]) -> bool:
        """Have the draft model read the last answer; False where ``stopped()`` turned true before the end."""
        return self._rehearsing is None or self._rehearsing.run(stopped)

    def forget(self) -> None:
        """Replay nothing of what was written so far."""
        self._memory = Memory()

    def ready(self, step: str, stopped: Callable[[], bool]) -> bool:
        """Know this machine's times with steps of the kind ``step``; False where ``stopped`` came first.

        They are read from disk or measured, which takes a second or two; where they are known nothing is.
        """
        if step == self._step:
            return True
        if step != self._tried:
            self.pacer.restart(Costs(MOST))
            self._tried = step
        known = self._directory is not None and restore(self._directory, self._fit(step), self.pacer)
        if not known and not self._measure(stopped):
            return False
        self._expect_looking(LOOKING / self.pacer.costs.plain(CONTEXT))
        self._step = step
        return True

    def _expect_looking(self, part: float) -> None:
        """Looking for drafts takes so much of a plain step, as far as is known before controls tell."""
        self.pacer.proof.baseline = Baseline(-math.log1p(part))
        if part > DEAR:
            self.pacer.gate.doubt(part)

    def keep(self) -> None:
        """Write what was learnt to disk, where it is kept and times are known."""
        if self._directory is None or self._step is None:
            return
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            save(self._directory, self._fit(self._step), self.pacer)
        except OSError as error:
            log.warning("what the pacer learnt is not kept: %s", error.strerror)

    def warn(self) -> None:
        """Tell the log, once, when the last answers together lost time, and why that is likely."""
        loss = self.pacer.proof.loss(self._machine())
        reason = None if loss is None else loss[1]
        if loss is not None and reason != self._warned:
            log.warning(
                "speculation lost %.1f ms over the last answers; likely reason: %s", -loss[0].ms, reason
            )
        self._warned = reason

    def _machine(self) -> Machine:
        costs = self.pacer.costs
        step = costs.draft.row(CONTEXT)[1] if costs.draft.known else 0.0
        return Machine(costs.pace, step / costs.plain(CONTEXT))

    def _fit(self, step: str) -> Fit:
        pair = self._pair
        draft = "none" if pair.draft is None else held_in(pair.draft)
        held = f"{held_in(pair.target)} {draft} {step}"
        return Fit(fingerprint(pair.spec), str(pair.target.device), held)

    def _measure(self, stopped: Callable[[], bool]) -> bool:
        pair, pacer = self._pair, self.pacer
        models = Models(pair.target, pair.draft, pair.vocab, pair.context)
        return measure(models, pacer.costs, pacer.calls, stopped)

    def facts(self) -> dict[str, object]:
        """How pacing stands, as plain values for ``status``; times in milliseconds."""
        pacer = self.pacer
        costs = pacer.costs
        rounds = sum(pacer.chosen.values())
        facts: dict[str, object] = {
            "calibrated": self._step is not None,
            "rounds": {name: round(count / rounds, 3) for name, count in sorted(pacer.chosen.items())},
            "per_token": round(pacer.price.ratio, 3),
        }
        if costs.known:
            plain = costs.plain(CONTEXT)
            machine = self._machine()
            told = plain * costs.pace * pacer.proof.baseline.ratio
            facts |= {"plain_ms": round(told, 4), "pace": round(costs.pace, 3)}
            facts["draft_step"] = round(machine.draft_step, 3) or None
            loss = pacer.proof.loss(machine)
            facts["loss"] = None if loss is None else loss[1]
        for name, saved in (("window", pacer.proof.window()), ("all", pacer.proof.saved(pacer.proof.total))):
            facts[f"saved_{name}"] = saved and [round(ms, 2) for ms in (saved.ms, saved.low, saved.high)]
        return facts


def rules_of(request: Completion, *, greedy: bool) -> Rules:
    """What a request leaves to the pacer."""
    named: dict[str, frozenset[Source]] = {
        "auto": frozenset(SOURCES),
        "draft": frozenset(("draft",)),
        "lookup": frozenset(("lookup",)),
        "none": frozenset(),
    }
    return Rules(named[request.drafter], request.k, timeless=not greedy)


def fingerprint(spec: PairSpec) -> str:
    """A text that differs between pairs: a digest of sizes and samples of their weights and configs."""
    return weights_of(spec.target, spec.draft)


def around(tokens: list[int]) -> Text:
    """The document before and after the cursor: the last two parts of ``Prompt.lookup``."""
    prefix = _after_barrier(tokens, len(tokens))
    if not prefix:
        return Text(tokens, [])
    return Text(tokens[prefix:], tokens[_after_barrier(tokens, prefix - 1) : prefix - 1])


def _after_barrier(tokens: list[int], end: int) -> int:
    """Where what follows the last barrier before ``end`` begins; 0 where there is none."""
    backwards = tokens[end - 1 :: -1] if end else []
    return end - backwards.index(BARRIER) if BARRIER in backwards else 0
