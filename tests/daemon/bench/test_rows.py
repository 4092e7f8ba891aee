"""Rows by name: which there are for a pair, which are asked for, which the others are compared with."""

import pytest

from ....daemon.bench.rows import all_rows, baseline, choose, reference
from ....daemon.errors import PacelineError

KS = (1, 2, 4, 8)


def names(**wanted: bool) -> list[str]:
    return [
        row.name
        for row in all_rows(
            KS, **({"draft": True, "compiled": True, "rounded": False, "llama": False} | wanted)
        )
    ]


def test_rows_of_a_pair() -> None:
    assert names() == [
        *("plain-eager", "plain", "k1", "k2", "k4", "k8", "lookup4", "lookup8", "auto"),
        *("hf", "hf-assisted", "hf-assisted-k4", "hf-lookup"),
    ]


def test_without_a_draft_nothing_needs_one() -> None:
    assert names(draft=False) == ["plain-eager", "plain", "lookup4", "lookup8", "auto", "hf", "hf-lookup"]


def test_without_compiled_steps_plain_is_there_once_and_all_is_eager() -> None:
    rows = all_rows(KS, draft=True, compiled=False, rounded=False, llama=False)
    assert "plain" not in [row.name for row in rows]
    assert not any(row.compiled for row in rows if row.family == "ours")


def test_beside_rounded_weights_there_are_those_that_are_not() -> None:
    found = names(rounded=True)
    assert found[:3] == ["plain-full", "plain-eager", "plain"]
    assert (baseline(found), reference(found)) == ("plain", "plain-full")
    assert reference(names()) == "plain"


def test_llama_has_both_precisions_plain_and_with_its_draft() -> None:
    found = [
        row
        for row in all_rows(KS, draft=True, compiled=True, rounded=False, llama=True)
        if row.family == "llama"
    ]
    assert {(row.precision, row.flags) for row in found} == {
        (precision, flags)
        for precision in ("f16", "q8_0")
        for flags in (None, (), ("--spec-draft-p-min", "0.75"))
    }


def test_names_are_unique() -> None:
    assert len(set(names(llama=True))) == len(names(llama=True))


def test_patterns_choose_in_the_order_of_the_table() -> None:
    rows = all_rows(KS, draft=True, compiled=True, rounded=False, llama=False)
    assert [row.name for row in choose(rows, ("hf", "plain*"))] == ["plain-eager", "plain", "hf"]
    assert choose(rows, ()) == rows


def test_a_pattern_that_names_nothing_is_an_error() -> None:
    with pytest.raises(PacelineError, match=r"k3.*rows here are plain-eager"):
        choose(all_rows(KS, draft=True, compiled=True, rounded=False, llama=False), ("plain", "k3"))


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (["plain-eager", "plain", "hf"], "plain"),
        (["k4", "plain-eager"], "plain-eager"),
        (["k4", "hf"], "hf"),
        (["k4", "k8"], "k4"),
    ],
)
def test_plain_is_what_others_are_compared_with(there: list[str], expected: str) -> None:
    assert baseline(there) == expected
