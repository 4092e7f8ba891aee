"""Figures of a row from its runs, by hand."""

import pytest

from ....daemon.bench.records import Case, Run
from ....daemon.bench.summary import by_kind, figures

PLAIN = [
    [Run((1, 2, 3, 4, 5), 10.0, 50.0, passes=5), Run((1, 2, 3, 4, 5), 12.0, 60.0, passes=5)],
    [Run((6, 7, 8, 9, 0), 20.0, 40.0, passes=5), Run((6, 7, 8, 9, 0), 20.0, 40.0, passes=5)],
]
DRAFT = [
    [Run((1, 2, 3, 4, 5), 11.0, 27.5, 3, 8, 5, 3, 2, 0.4)] * 2,
    [Run((6, 7, 0, 0, 0), 20.0, 20.0, 5, 4, 4, 4, 1, 0.1)] * 2,
]
CASES = [Case("a", "line", "", "", "", ()), Case("b", "block", "", "", "", (), inside="comment")]
RUNS = {"plain": PLAIN, "k8": DRAFT}


def test_plain_against_itself() -> None:
    found = figures(RUNS, "plain", "plain", baseline="plain", reference="plain")
    assert (found.faster.value, found.equal, found.whole, found.prompts) == (1.0, 1.0, 2, 2)
    assert found.first.median == pytest.approx((11 + 20) / 2)
    assert found.per_token is not None
    assert found.per_token.median == pytest.approx((11 + 5) / 2)  # (40/4, 48/4) in the middle, and 20/4
    assert found.per_second == pytest.approx(1000 / 8)
    assert (found.acceptance, found.efficiency, found.per_pass, found.host) == (None, None, 1.0, None)


def test_speculation_against_plain() -> None:
    found = figures(RUNS, "k8", "draft", baseline="plain", reference="plain")
    assert found.acceptance == pytest.approx(14 / 18)
    assert found.efficiency == pytest.approx(14 / 24)
    assert found.per_pass == pytest.approx(20 / 6)
    assert found.faster.value == pytest.approx(2.0)  # 55 / 27.5 and 40 / 20
    assert found.faster_token is not None
    assert found.faster_token.value == pytest.approx(11 / 8.25)  # the other prompt came with its first text
    assert found.host == pytest.approx(0.15)
    assert (found.equal, found.whole) == (0.7, 1)


def test_unknown_counts_stay_unknown() -> None:
    runs = {
        "plain": PLAIN,
        "peer": [[Run((1, 2, 3, 4, 5), 1.0, 5.0, drafted=9, tested=None, accepted=3)]] * 2,
    }
    found = figures(runs, "peer", "peer", baseline="plain", reference="plain")
    assert (found.acceptance, found.per_pass) == (None, None)
    assert found.efficiency == pytest.approx(1 / 3)


def test_kinds_are_compared_alone() -> None:
    assert {kind: ratio.value for kind, ratio in by_kind(RUNS, "k8", "plain", CASES).items()} == {
        "line": pytest.approx(2.0),
        "block": pytest.approx(2.0),
        "in code": pytest.approx(2.0),
        "in comment": pytest.approx(2.0),
    }
    assert by_kind(RUNS, "k8", "plain", [CASES[0], CASES[0]]).keys() == {"line"}
