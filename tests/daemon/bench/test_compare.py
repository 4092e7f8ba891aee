"""The comparison's report for a person: it fits, and says what is not known as such."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.bench.compare import Report, headline, text
from ....daemon.bench.prompts import KINDS
from ....daemon.bench.statistics import Ratio
from ....daemon.bench.table import ratio
from .samples import HARDWARE, MODEL, REPORT, SECTION

ALL_KINDS = (*KINDS, *(f"in {inside}" for inside in ("code", "comment", "string")))
WIDEST = Ratio(88.88, 99.99, 123.45)


def widest(report: Report) -> int:
    """Columns of its longest line."""
    return max(map(len, text(report).splitlines()))


def with_kinds(**kinds: Ratio) -> Report:
    """A report whose row as served was measured at these kinds of places."""
    return replace(REPORT, lengths=(replace(SECTION, kinds=kinds),))


def test_every_kind_of_place_is_told_within_120_columns() -> None:
    report = with_kinds(**dict.fromkeys(ALL_KINDS, WIDEST))
    assert widest(report) <= 120
    words = " ".join(text(report).split())
    assert "as served, × plain by kind of place: rest of line 99.99" in words
    assert all(f"{kind} {ratio(WIDEST)}" in words for kind in ALL_KINDS)


def test_where_nothing_was_served_no_kinds_are_told() -> None:
    assert "by kind of place" not in text(with_kinds())


def test_a_pair_without_a_draft_on_a_card_says_so() -> None:
    lines = headline(
        replace(REPORT, engine=REPORT.engine | {"draft": None}, hardware=HARDWARE | {"gpu": "a card"})
    )
    assert lines[0].endswith("target 6.3 M weights in 12.5 MB (bfloat16), draft none")
    assert lines[2].startswith("a card, AMD EPYC, 2 cores, 2 threads")


def test_a_load_that_the_system_does_not_tell_is_unknown_and_not_nothing() -> None:
    unknown = replace(REPORT, load_before=None, load_after=0.0, others=None)
    assert headline(unknown)[-1] == (
        "load unknown before, 0.0 after; other programs used unknown of the cores"
    )


def test_each_length_names_what_it_is_compared_with() -> None:
    full = replace(SECTION, reference="plain-full", tokens=128)
    told = text(replace(REPORT, lengths=(SECTION, full)))
    assert '16 tokens written; plain is "plain, compiled"' in told
    assert told.index("same as plain") < told.index("128 tokens written") < told.index("same as full")


def test_keystrokes_and_warning_are_told_where_there_are_any() -> None:
    told = text(replace(REPORT, warning="the machine was busy"))
    assert "one more character: first text after 10.0 ms, cold 42.0 ms, 0.24 (0.20–0.30) of it" in told
    assert told.endswith("warning: the machine was busy\n")
    bare = text(replace(REPORT, keystroke=None))
    assert "character" not in bare and "warning" not in bare


@given(st.text("abcdefgh -/.", max_size=300), st.text("abcdefgh -", max_size=300))
def test_long_names_of_machines_and_pairs_are_broken_and_never_cut(pair: str, cpu: str) -> None:
    report = replace(REPORT, engine=REPORT.engine | {"pair": pair}, hardware=HARDWARE | {"cpu": cpu})
    assert widest(report) <= 120
    letters = "".join(text(report).split())
    assert "".join(pair.split()) in letters and "".join(cpu.split()) in letters


@pytest.mark.parametrize("name", ["target", "draft"])
def test_a_model_is_told_in_millions_with_what_holds_it(name: str) -> None:
    engine = REPORT.engine | {name: MODEL | {"parameters": 7_615_616_512, "bytes": 4 << 30, "dtype": "int4"}}
    assert f"{name} 7615.6 M weights in 4295.0 MB (int4)" in headline(replace(REPORT, engine=engine))[0]
