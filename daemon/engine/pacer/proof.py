"""What speculation saved, measured: plain time for the same tokens less the time that was really spent.

The plain time of a token is known from plain rounds, the ones the pacer chose and the rare ones it makes for
this purpose. Its uncertainty (their spread and number) is the interval of what was saved.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

PLAIN_KEPT = 64
LEAST_PLAIN = 4
"""Plain rounds without which nothing is claimed."""
WINDOW = 60
"""Answers over which a loss is looked for."""
LEAST_ANSWERS = 8
NORMAL = 1.96

Reason = Literal["busy device", "short answers", "slow draft", "pair mismatch", "overhead"]


@dataclass(frozen=True, slots=True)
class Saved:
    """Milliseconds saved, and the bounds of their 95 % interval; negative is lost."""

    ms: float
    low: float
    high: float


@dataclass(slots=True)
class Account:
    """Sums over the rounds of one answer, milliseconds.

    ``plain`` is the expected time of plain decoding for the ``tokens``, ``actual`` what was spent on them.
    """

    tokens: int = 0
    plain: float = 0.0
    actual: float = 0.0
    drafting: float = 0.0
    drafted: int = 0
    tested: int = 0
    accepted: int = 0

    def join(self, other: "Account") -> None:
        """Add another account's sums."""
        self.tokens += other.tokens
        self.plain += other.plain
        self.actual += other.actual
        self.drafting += other.drafting
        self.drafted += other.drafted
        self.tested += other.tested
        self.accepted += other.accepted


@dataclass(frozen=True, slots=True)
class Machine:
    """How the machine stands now: its pace, and a draft step in plain steps."""

    pace: float
    draft_step: float


@dataclass(slots=True)
class Proof:
    """The baseline of plain rounds and the accounts of the last answers."""

    _plain: deque[float] = field(default_factory=lambda: deque(maxlen=PLAIN_KEPT))
    _answers: deque[Account] = field(default_factory=lambda: deque(maxlen=WINDOW))
    total: Account = field(default_factory=Account)
    _ratios: float = 0.0
    _squares: float = 0.0

    def plain_round(self, ms: float, expected: float) -> None:
        """A plain round took ``ms`` where the cost model expected ``expected``."""
        if len(self._plain) == PLAIN_KEPT:
            self._count(self._plain[0], -1)
        self._plain.append(ms / expected)
        self._count(ms / expected, 1)

    def _count(self, ratio: float, sign: int) -> None:
        self._ratios += sign * ratio
        self._squares += sign * ratio * ratio

    @property
    def correction(self) -> float:
        """Mean plain time over the cost model's, which is a median."""
        return self._ratios / len(self._plain) if self._plain else 1.0

    def close(self, account: Account) -> Saved | None:
        """Take a finished answer; what it saved, None while too few plain rounds were seen."""
        self._answers.append(account)
        self.total.join(account)
        return self.saved(account)

    def saved(self, account: Account) -> Saved | None:
        """What the rounds of ``account`` saved."""
        count = len(self._plain)
        if count < LEAST_PLAIN or not account.tokens:
            return None
        mean = self._ratios / count
        spread = max(0.0, self._squares - count * mean * mean) / (count - 1)
        variance = spread / (mean * mean) * (1.0 / count + 1.0 / account.tokens)
        half = _quantile(count - 1) * account.plain * math.sqrt(variance)
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


def _quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t, by the first terms of its expansion (Cornish and Fisher)."""
    return (
        NORMAL
        + (NORMAL**3 + NORMAL) / (4 * freedom)
        + (5 * NORMAL**5 + 16 * NORMAL**3 + 3 * NORMAL) / (96 * freedom**2)
    )
