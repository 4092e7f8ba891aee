"""The pacer of a pair: what it has learnt, shared by all answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .acceptance import Acceptance
from .baseline import Baseline
from .control import Control
from .costs import Costs
from .gate import Gate
from .ledger import Lengths, Price, Probes
from .outlook import Signals
from .proof import Proof
from .stopping import Prices, Stopping, solve

REBUILD = 64
"""Uses of a table of stopping rules until it is made anew, where nothing it rests on has moved before."""
CONTROLLED = 12
"""Plain rounds of a control, at most."""
MOVED = 0.1
"""Relative change of a price or cost, and a quarter of that change of log odds, that makes tables stale."""


@dataclass(slots=True)
class _Table:
    stopping: Stopping
    basis: tuple[float, ...]
    uses: int = 0
    builds: int = 0

    @property
    def worn(self) -> bool:
        """Whether it was used often; young ones wear out sooner, as estimates still move."""
        return self.uses >= min(REBUILD, 4 << min(self.builds, 4))


@dataclass(slots=True)
class Pacer:
    """Everything learnt about a pair on this machine.

    ``most`` is the most tokens of a draft, ``calls`` the numbers of steps a call of the draft loop may have.
    ``drafts`` is False where no draft model is loaded. ``edge`` is what the draft model promises beyond
    the others in a round, in plain steps, ``round_yield`` the tokens of a round, both running means;
    ``chosen`` counts rounds by drafter.
    """

    most: int
    costs: Costs
    drafts: bool = True
    calls: Sequence[int] = (1,)
    acceptance: Acceptance = field(default_factory=Acceptance)
    signals: Signals = field(default_factory=Signals)
    price: Price = field(default_factory=Price)
    lengths: Lengths = field(default_factory=Lengths)
    probes: Probes = field(default_factory=Probes)
    gate: Gate = field(default_factory=Gate)
    proof: Proof = field(default_factory=Proof)
    edge: float = 0.1
    round_yield: float = 1.5
    chosen: Counter[str] = field(default_factory=Counter)
    _tables: dict[tuple[str, bool], _Table] = field(default_factory=dict)
    _prices: Prices | None = None
    _worn: dict[tuple[str, bool], Prices] = field(default_factory=dict)

    def restart(self, costs: Costs) -> None:
        """Begin with other steps, whose ``costs`` are still to be measured: what rests on times is void."""
        self.costs, self.gate, self.proof.baseline = costs, Gate(), Baseline()

    def prices(self, length: int, mode: str) -> Prices:
        """Costs at a context of ``length`` tokens and the price of a token there, at a pace of 1."""
        verify, draft = self.costs.verify.row(length), self.costs.draft.row(length)
        token, live = self.price.ratio * verify[1], self.lengths.live(mode)
        if self._prices is None or not self._prices.hold(verify, draft, token, live):
            self._prices = Prices(verify, draft, token, self.calls, live)
        return self._prices

    def control(self, mode: str) -> Control:
        """The control of an answer in ``mode``: half of it plain where answers are short."""
        rounds = min(CONTROLLED, round(self.lengths.usual(mode) / 2))
        return Control(rounds, self.proof.baseline.wants_first)

    def stopping(self, mode: str, prices: Prices, *, accompanied: bool) -> Stopping:
        """When to stop drafting, made anew at once when what it rests on has moved."""
        key = (mode, accompanied)
        table = self._tables.get(key)
        if table is None or _moved(table.basis, self._basis(prices)):
            table = self._build(key, prices)
        elif table.worn:
            self._worn[key] = prices
        table.uses += 1
        return table.stopping

    def refresh(self) -> None:
        """Make worn tables anew; for the moment after an answer, when nobody waits."""
        for key, prices in self._worn.items():
            self._build(key, prices)
        self._worn.clear()

    def _build(self, key: tuple[str, bool], prices: Prices) -> _Table:
        outlook = self.signals.outlook(self.acceptance, accompanied=key[1])
        before = self._tables.get(key)
        builds = 0 if before is None else before.builds + 1
        table = _Table(solve(outlook, prices, self.most), self._basis(prices), builds=builds)
        self._tables[key] = table
        return table

    def _basis(self, prices: Prices) -> tuple[float, ...]:
        plain = prices.verify[1]
        return (
            prices.token / plain,
            prices.verify[2] / plain,
            prices.verify[-1] / plain,
            1.0 + prices.draft[1] / plain,
            1.0 + self.acceptance.drifts["draft"].shift / 4,
            10.0 + self.signals.level / 3,
        )


def _moved(before: Sequence[float], now: Sequence[float]) -> bool:
    return any(abs(new - old) > MOVED * abs(old) for old, new in zip(before, now, strict=True))
