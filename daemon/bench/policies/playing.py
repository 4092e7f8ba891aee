"""Playing a policy on recorded answers: what it would have taken, in milliseconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...engine.pacer.round import Offer
from .world import MOST, Recorded, Times


@dataclass
class View:
    """One round as a policy sees it; drafting through it takes time.

    ``first`` is True in an answer's first round, whose target pass also reads the prompt.
    """

    answer: Recorded
    position: int
    times: Times
    backlog: int
    first: bool
    most: int
    drafted: list[int] = field(default_factory=list)
    calls: list[tuple[int, float]] = field(default_factory=list)
    filled: int = 0
    noise: Callable[[], float] = lambda: 1.0

    @property
    def offers(self) -> Sequence[Offer]:
        """What lookup and replay propose."""
        return self.answer.offers[self.position]

    @property
    def kind(self) -> int:
        """The kind of place, an index of ``KINDS``."""
        return self.answer.kinds[self.position]

    @property
    def length(self) -> int:
        """Tokens of context."""
        return self.answer.prompt + self.position

    def draft(self, steps: int) -> tuple[list[int], list[float]]:
        """Run the draft model ``steps`` further steps: tokens and its own probabilities of them."""
        begin = len(self.drafted)
        end = min(begin + steps, self.most)
        if end <= begin:
            return [], []
        self.filled, self.backlog = self.filled + self.backlog, 0
        self.calls.append((end - begin, self.noise() * self.times.draft[end - begin]))
        tokens = list(self.answer.drafts[self.position][begin:end])
        self.drafted += tokens
        return tokens, list(self.answer.confidences[self.position][begin:end])


@dataclass(frozen=True)
class Outcome:
    """What became of a round: the proposal's length, how much of it was accepted, what came out.

    ``verify`` is the measured time of the target pass, ``ms`` what the whole round takes on the whole.
    """

    kept: int
    accepted: int
    emitted: Sequence[int]
    verify: float
    ms: float


class Policy(Protocol):
    """A way to choose drafter and length."""

    def begin(self, answer: Recorded) -> None:
        """An answer begins."""
        ...

    def propose(self, view: View) -> Sequence[int]:
        """The tokens to verify in this round, none for a plain one."""
        ...

    def learn(self, outcome: Outcome) -> None:
        """What became of the round proposed last."""
        ...

    def end(self, answer: Recorded) -> None:
        """The answer is complete."""
        ...


@dataclass
class Score:
    """Sums over everything that was played; ``ms`` leaves the reading of prompts by the target out."""

    ms: float = 0.0
    rounds: int = 0
    drafted: int = 0
    verified: int = 0
    accepted: int = 0
    emitted: int = 0
    plain_rounds: int = 0

    @property
    def per_token(self) -> float:
        """Milliseconds for an emitted token."""
        return self.ms / self.emitted


def play(
    policy: Policy,
    answers: Sequence[Recorded],
    times: Times,
    most: int = MOST,
    noise: Callable[[], float] = lambda: 1.0,
) -> Score:
    """Let ``policy`` write every one of ``answers``, drafting at most ``most`` tokens a round.

    ``noise`` gives a factor for each measured time. It is not in the score, so that the score compares
    choices and not luck.
    """
    score = Score()
    for answer in answers:
        policy.begin(answer)
        position, backlog = 0, answer.prompt
        while position < len(answer.tokens):
            room = answer.room(position, most)
            view = View(answer, position, times, backlog, position == 0, room, noise=noise)
            outcome = _round(policy, view)
            policy.learn(outcome)
            _book(score, view, outcome)
            emitted = len(outcome.emitted)
            backlog = 0 if view.calls else view.backlog + emitted
            position += emitted
        policy.end(answer)
    return score


def _round(policy: Policy, view: View) -> Outcome:
    proposed = list(policy.propose(view))[: view.most]
    accepted = view.answer.accepted(view.position, proposed)
    emitted = view.answer.tokens[view.position : view.position + accepted + 1]
    verify = view.times.verify[len(proposed) + 1]
    drafting = sum(view.times.draft[steps] for steps, _ in view.calls) + view.filled * view.times.fill
    return Outcome(len(proposed), accepted, emitted, view.noise() * verify, verify + drafting)


def _book(score: Score, view: View, outcome: Outcome) -> None:
    score.ms += outcome.ms
    score.rounds += 1
    score.drafted += len(view.drafted)
    score.verified += outcome.kept
    score.accepted += outcome.accepted
    score.emitted += len(outcome.emitted)
    score.plain_rounds += outcome.kept == 0


def oracle(answers: Sequence[Recorded], times: Times, most: int = MOST, *, sources: Sequence[str]) -> float:
    """Milliseconds of a policy that knows every outcome: the least over all drafters and lengths.

    Solved backwards; the draft is either read in at the start or never, whichever is less.
    """
    return sum(
        min(_known(answer, times, most, sources, drafts=drafts) for drafts in (True, False))
        for answer in answers
    )


def _known(answer: Recorded, times: Times, most: int, sources: Sequence[str], *, drafts: bool) -> float:
    count = len(answer.tokens)
    least = [0.0] * (count + 1)
    for position in reversed(range(count)):
        best = times.verify[1] + least[position + 1]
        for source, reach in answer.reach[position].items():
            if source in sources and (drafts or source != "draft"):
                for kept in range(1, min(reach, answer.room(position, most)) + 1):
                    drafting = times.draft[kept] if source == "draft" else 0.0
                    best = min(
                        best, drafting + times.verify[kept + 1] + least[min(count, position + kept + 1)]
                    )
        least[position] = best
    return least[0] + (answer.prompt * times.fill if drafts and "draft" in sources else 0.0)
