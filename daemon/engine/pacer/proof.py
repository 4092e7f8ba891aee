"""What speculation saved, measured: plain time for the same tokens less the time that was really spent.

The plain time of an answer is what the cost model expects of it at the pace of this very answer, brought to
that of plain answers by the baseline, whose uncertainty is the interval of what was saved.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .baseline import Baseline

WINDOW = 60
"""Answers over which a loss is looked for."""
LEAST_ANSWERS = 8

Reason = Literal["busy device", "short answers", "slow draft", "pair mismatch", "overhead"]


@dataclass(frozen=True, slots=True)
class Saved:
    """Milliseconds saved, and the bounds of their 95 % interval; negative is lost."""

    ms: float
    low: float
    high: float


@dataclass(slots=True)
class Account:
    """Sums over answers, milliseconds.

    ``plain`` is the expected time of plain decoding for the ``tokens``, ``actual`` what was spent on them.
    """

    answers: int = 0
    tokens: int = 0
    plain: float = 0.0
    actual: float = 0.0
    tested: int = 0
    accepted: int = 0

    def join(self, other: "Account") -> None:
        """Add another account's sums."""
        self.answers += other.answers
        self.tokens += other.tokens
        self.plain += other.plain
        self.actual += other.actual
        self.tested += other.tested
        self.accepted += other.accepted


@dataclass(frozen=True, slots=True)
class Machine:
    """How the machine stands now: its pace, and a draft step in plain steps."""

    pace: float
    draft_step: float


@dataclass(slots=True)
class Proof:
    """The baseline of plain answers and the accounts of the last answers."""

    baseline: Baseline = field(default_factory=Baseline)
    total: Account = field(default_factory=Account)
    _answers: deque[Account] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def close(self, account: Account) -> Saved | None:
        """Take a finished answer; what it saved, None for an empty one."""
        self._answers.append(account)
        self.total.join(account)
        return self.saved(account)

    def saved(self, account: Account) -> Saved | None:
        """What the answers of ``account`` saved, None where there are none."""
        if not account.tokens:
            return None
        half = account.plain * self.baseline.half(account.answers)
        ms = account.plain - account.actual
        return Saved(ms, ms - half, ms + half)

    def window(self) -> Saved | None:
        """What the last answers saved together."""
        return self.saved(self._sum())

    def loss(self, machine: Machine) -> tuple[Saved, Reason] | None:
        """The window's loss and its likeliest reason, if all of the interval lies below zero."""
        together = self._sum()
        saved = self.saved(together)
        if saved is None or len(self._answers) < LEAST_ANSWERS or saved.high >= 0:
            return None
        return saved, _reason(together, together.tokens / len(self._answers), machine)

    def _sum(self) -> Account:
        return summed(self._answers)


def summed(accounts: Sequence[Account] | deque[Account]) -> Account:
    """One account of several."""
    together = Account()
    for account in accounts:
        together.join(account)
    return together


def _reason(account: Account, usual: float, machine: Machine) -> Reason:
    if machine.pace > 1.4:
        return "busy device"
    if account.tested and account.accepted < 0.3 * account.tested:
        return "pair mismatch"
    if machine.draft_step > 0.4:
        return "slow draft"
    return "short answers" if usual < 8 else "overhead"
