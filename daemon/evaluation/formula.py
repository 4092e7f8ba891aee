"""What the formula of DESIGN §1 promises for whole completions: pure functions.

τ = (1-α^(k+1))/(1-α) tokens a round, each round k draft steps and one (k+1)-wide verify; around it what a
completion needs whatever the drafter: its prompt read by the target, and by the draft too where there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..bench.steps import Steps, tokens_per_pass


def levelled(found: Sequence[Steps]) -> list[Steps]:
    """The steps of several drafts with one target, whose passes take the same time beside each of them.

    That is the least that was measured beside any: whatever else the machine does can only add to it.
    """
    least = [
        min(same, key=lambda step: step.time.median)
        for same in zip(*(one.verify for one in found), strict=True)
    ]
    plain = least[0].time.median if least else 0.0
    verify = tuple(replace(step, ratio=step.time.median / plain) for step in least)
    return [
        Steps(verify, tuple(replace(step, ratio=step.time.median / step.width / plain) for step in one.draft))
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """What plain decoding needed at each place, in the same order.

    ``prompts`` are milliseconds to the end of the first target pass, ``tokens`` those written, ``host``
    milliseconds a pass in which no model ran.
    """

    prompts: Sequence[float]
    tokens: Sequence[int]
    host: float


def plain_ms(asked: Asked, step: float) -> float:
    """Milliseconds that plain decoding takes at all places with plain steps of ``step`` ms."""
    later = sum(max(count - 1, 0) for count in asked.tokens)
    return sum(asked.prompts) + later * (step + asked.host)


def draft_ms(asked: Asked, steps: Steps, k: int, acceptance: float, reading: float) -> float:
    """Time (ms) at all places with ``k`` drafted tokens a round; ``reading`` are the draft's prompts.

    The first round costs its proposal only: its verify is the last pass over the prompt.
    """
    drafting = sum(step.ratio for step in steps.draft if step.width == k) * k * steps.plain
    verify = next(step.ratio for step in steps.verify if step.width == k + 1) * steps.plain
    tau = tokens_per_pass(acceptance, k)
    rounds = [max(1.0, count / tau) for count in asked.tokens]
    later = sum(count - 1.0 for count in rounds)
    return sum(asked.prompts) + reading + len(rounds) * drafting + later * (drafting + verify + asked.host)


def predicted(asked: Asked, steps: Steps, k: int, acceptance: float, reading: float) -> float:
    """How many times faster than plain decoding whole completions are promised to be."""
    return plain_ms(asked, steps.plain) / draft_ms(asked, steps, k, acceptance, reading)
