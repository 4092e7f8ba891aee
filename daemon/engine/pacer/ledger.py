"""What a token costs on average, how long answers are, and what may be spent on finding out."""

MEMORY = 160.0
"""Rounds over which the price of a token is averaged."""
START = 12.0
PROBE_SHARE = 0.01
"""Part of the time that probes of a lost drafter may cost."""
PROBE_GAP = 8
"""Rounds between two probes, where the first one failed."""
PLAIN_EVERY = 120
"""A plain round is made after this many rounds without one: under 1 % of the time at twice plain speed."""
MOST_CREDIT = 40.0
"""Plain steps that unspent probing may add up to: enough for a draft to read a prompt once."""

MODES = ("line", "block")
USUAL_TOKENS = {"line": 9.0, "block": 36.0}
ANSWERS = 200.0


class Price:
    """The mean cost of a token in plain steps, never above 1 because plain decoding is always to be had."""

    def __init__(self) -> None:
        self._cost = START
        self._tokens = START

    @property
    def ratio(self) -> float:
        """Plain steps for a token."""
        return min(1.0, self._cost / self._tokens)

    def add(self, plain_steps: float, tokens: int) -> None:
        """One round cost so many plain steps and emitted so many tokens."""
        keep = 1.0 - 1.0 / MEMORY
        self._cost = self._cost * keep + plain_steps
        self._tokens = self._tokens * keep + tokens


class Lengths:
    """How many tokens answers have, by mode: the chance that one goes on after a token."""

    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = {mode: [4.0, 4.0 * USUAL_TOKENS[mode]] for mode in MODES}

    def usual(self, mode: str) -> float:
        """Mean tokens of an answer in ``mode``; all that was seen is one answer at least, if none ended."""
        answers, tokens = self.seen[mode]
        return tokens / max(1.0, answers)

    def live(self, mode: str) -> float:
        """The chance that an answer goes on after a token."""
        return 1.0 - 1.0 / max(1.5, self.usual(mode))

    def add(self, mode: str, tokens: int, *, ended: bool) -> None:
        """One answer of ``tokens``; not ``ended`` if it was cut short from outside."""
        seen = self.seen[mode]
        keep = 1.0 - 1.0 / ANSWERS
        seen[0] = seen[0] * keep + ended
        seen[1] = seen[1] * keep + tokens


class Probes:
    """Pays for rounds that do not look best: a lost drafter's within a budget, and plain ones at intervals.

    Credit is counted in plain steps. A probe is charged what it cost beyond a plain step less what it
    brought, so probes that succeed pay for the next ones.
    """

    def __init__(self) -> None:
        self.credit = 0.0
        self.since_plain = 0
        self._wait = 0

    def earn(self, plain_steps: float) -> None:
        """Time was spent on a request."""
        self.credit = min(MOST_CREDIT, self.credit + PROBE_SHARE * plain_steps)

    def affordable(self, plain_steps: float) -> bool:
        """Whether a probe that costs so much beyond a plain step may be made now."""
        return self.credit >= plain_steps and self._wait <= 0

    def charge(self, plain_steps: float) -> None:
        """A probe was made; a negative charge is a gain."""
        self.credit = min(MOST_CREDIT, self.credit - plain_steps)
        self._wait = PROBE_GAP if plain_steps > 0 else 0

    def needless(self) -> None:
        """The drafter is in use."""
        self.credit = 0.0

    @property
    def plain_due(self) -> bool:
        """Whether the baseline wants a plain round."""
        return self.since_plain >= PLAIN_EVERY

    def round(self, *, plain: bool) -> None:
        """One round was made."""
        self._wait -= 1
        self.since_plain = 0 if plain else self.since_plain + 1
