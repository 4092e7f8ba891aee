"""The pacer as a policy of the laboratory: the very code that serves, told the record's times."""

from collections.abc import Sequence

from ...engine.pacer.answer import Answer
from ...engine.pacer.decision import Pacer
from ...engine.pacer.round import Done, Rules, Situation
from ...engine.pacer.signals import SOURCES, Source
from .playing import Outcome, View
from .world import Recorded


class Paced:
    """A pacer on recorded rounds, restricted to some drafters where asked.

    Every answer looks for drafts: gate and controls weigh host times, which a record does not have.
    """

    def __init__(self, pacer: Pacer, sources: Sequence[Source] = SOURCES) -> None:
        self.pacer = pacer
        self._rules = Rules(frozenset(sources))
        self._answer: Answer | None = None
        self._view: View | None = None

    def begin(self, answer: Recorded) -> None:
        """Begin under the rules."""
        self._answer = Answer(self.pacer, answer.language, answer.mode, self._rules, answer.limit)

    def propose(self, view: View) -> Sequence[int]:
        """Plan the round, draft as far as it pays, and keep what is worth verifying."""
        answer = self._current()
        offers = [offer for offer in view.offers if offer.source in self._rules.sources]
        self._view = view
        plan = answer.plan(Situation(view.length, view.most, view.kind, view.backlog, offers))
        if plan.source == "draft":
            steps = plan.count
            while steps:
                steps = answer.more(*view.draft(steps))
            return view.drafted[: answer.keep()]
        return next((offer.tokens[: plan.count] for offer in offers if offer.source == plan.source), [])

    def learn(self, outcome: Outcome) -> None:
        """Tell what the round did."""
        view = self._view
        if view is None:
            raise RuntimeError("no round was proposed")
        self._current().learn(
            Done(
                proposed=view.drafted,
                kept=outcome.kept,
                accepted=outcome.accepted,
                emitted=outcome.emitted,
                used=len(outcome.emitted),
                verify=None if view.first else outcome.verify,
                calls=view.calls,
                fill=(view.filled, view.filled * view.times.fill),
            )
        )

    def end(self, answer: Recorded) -> None:
        """Close the answer."""
        self._current().end(ended=answer.ended)
        self._current().catch_up()
        self.pacer.refresh()

    def _current(self) -> Answer:
        if self._answer is None:
            raise RuntimeError("no answer has begun")
        return self._answer
