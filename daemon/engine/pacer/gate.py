"""Whether to look for drafts in an answer at all: looking takes time too, which small models feel."""

from collections import defaultdict
from typing import Literal

from .ledger import MODES

GATED = 12.0
"""Answers over which savings are averaged."""
EARLY = 3.0
"""Answers that are taken to have come before the first, so that it does not decide alone."""
TRIAL_RATE = 0.5
TOLERATED = -0.02
"""What of the plain time may be lost before answers become plain."""
LONG = 32
"""Tokens that an answer may have to be counted with the long ones."""
FIRST_TRIAL, RAREST_TRIAL = 4, 32
"""Plain answers before the next trial."""
REGAINED = 0.8
"""What remains of the last gap between trials after each answer that saved: one lucky trial proves little."""
CONTROL_SHARE = 0.01
"""Part of the time of answers that controls may cost."""
CONTROL_GAP = 4
"""Answers between two with a control, however little it costs."""
FREE_CONTROLS = 6
"""Those that are made, one answer after the other, before anything is known of their price."""
Way = Literal["plain", "control", "drafts"]
"""How an answer is to be written: plain; with drafts after a control, some plain rounds; with drafts."""

Kind = tuple[str, bool]
KINDS = {f"{mode}/{length}": (mode, length == "long") for mode in MODES for length in ("short", "long")}


class Gate:
    """Follows what the last answers saved, as a part of their plain time, by mode and by whether they may be
    long. While that is a loss answers are plain, but for a trial now and then, ever more rarely as they fail.
    Trials have a control. While it is a gain some other answers have one too: the more is saved, the dearer
    plain rounds are, the less they are needed, and the rarer they become. Where looking is dear beside a step
    the first answers are plain as well, and a trial comes before anything else (``doubt``).
    """

    def __init__(self) -> None:
        self._saved: dict[Kind, float] = defaultdict(float)
        self._seen: dict[Kind, int] = defaultdict(int)
        self._until: dict[Kind, int] = defaultdict(int)
        self._gap: dict[Kind, int] = defaultdict(int)  # between trials, the last one while answers save
        self._credit = 0.0  # answers with drafts
        self._since = 0
        self._free = FREE_CONTROLS

    def doubt(self, part: float) -> None:
        """Take every kind of answer that nothing is known of for a loss of ``part``, until trials tell."""
        for kind in KINDS.values():
            if kind not in self._saved:
                self._saved[kind] = max(-1.0, -part)
                self._fall_asleep(kind)

    def _fall_asleep(self, kind: Kind) -> None:
        """Wait for the next trial twice as long as for the last one."""
        self._gap[kind] = min(RAREST_TRIAL, max(FIRST_TRIAL, 2 * self._gap[kind]))
        self._until[kind] = self._gap[kind]

    def _asleep(self, kind: Kind) -> bool:
        """Whether answers of this kind are plain but for trials."""
        return self._saved[kind] < TOLERATED

    def way(self, mode: str, limit: int) -> Way:
        """How the answer of at most ``limit`` tokens that begins now shall be written."""
        kind = mode, limit >= LONG
        if self._asleep(kind):
            self._until[kind] -= 1
            if self._until[kind] >= 0:
                return "plain"
            self._until[kind] = self._gap[kind]  # also where the trial ends too soon to tell anything
            return "control"
        return "control" if self._takes_control(kind) else "drafts"

    def _takes_control(self, kind: Kind) -> bool:
        """Whether a control of this kind is due, and paid for by the answers since the last one."""
        price = max(0.0, self._saved[kind] / (1.0 - self._saved[kind]))
        self._since += 1
        self._credit += CONTROL_SHARE
        if self._free:
            self._free -= 1
            return True
        if self._since <= CONTROL_GAP or self._credit < price:
            return False
        self._credit -= price
        self._since = 0
        return True

    def add(self, mode: str, limit: int, plain: float, actual: float) -> None:
        """Rounds with drafts took ``actual`` ms instead of ``plain`` ones."""
        kind = mode, limit >= LONG
        slept = self._asleep(kind)
        rate = TRIAL_RATE if slept else max(1.0 / GATED, 1.0 / (self._seen[kind] + EARLY))
        self._seen[kind] += 1
        part = max(-1.0, (plain - actual) / plain) if plain > 0 else 0.0
        self._saved[kind] += rate * (part - self._saved[kind])
        if self._asleep(kind):
            self._fall_asleep(kind)
        elif not slept:
            self._gap[kind] = int(REGAINED * self._gap[kind])

    def export(self) -> dict[str, list[float]]:
        """By kind of answer the part saved, and how many answers are plain before a trial."""
        return {
            name: [round(self._saved[kind], 4), self._gap[kind] if self._asleep(kind) else 0]
            for name, kind in KINDS.items()
            if kind in self._saved
        }

    def restore(self, saved: dict[str, list[float]]) -> None:
        """Take over what ``export`` gave. Raises KeyError and ValueError where it does not fit."""
        for name, (part, asleep) in saved.items():
            if not -1.0 <= part < 1.0 or asleep not in range(RAREST_TRIAL + 1):
                raise ValueError("a kind of answer does not fit")
            kind = KINDS[name]
            self._saved[kind] = part
            self._until[kind] = self._gap[kind] = int(asleep)
