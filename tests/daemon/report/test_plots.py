"""Plots: whatever the figures, everything is drawn inside the frame, and said in words too."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.report import data, plots, plots_of_speed
from ....daemon.report.figure import NARROW, WIDE
from ....daemon.report.markup import Markup
from ....daemon.report.speed import Cost, Point, Speed
from .html_check import Page, outside
from .samples import DRAFTS, SPEED, TOLD, completion, week

widths = st.sampled_from((WIDE, NARROW))
ratio = st.floats(0.01, 50)
small = st.floats(0, 1e6)


def drawn(plot: Markup) -> Page:
    """The plot, read; it is well-formed and inside its frame."""
    page = Page(plot)
    assert page.faults == []
    assert outside(page) == []
    names = [tag for tag, _ in page.svgs[0]]
    assert names[1:3] == ["title", "desc"]
    return page


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 1)), min_size=1, max_size=16), widths)
def test_positions(counts: list[tuple[int, float]], width: float) -> None:
    found = [
        data.Position(tested, int(part * tested), data.share(int(part * tested), tested))
        for tested, part in counts
    ]
    page = drawn(plots.positions(found, width))
    assert page.names.count("rect") == len(found)


def test_a_bar_is_as_high_as_its_share() -> None:
    page = drawn(plots.positions([data.Position(4, 3, data.share(3, 4))], WIDE))
    (bar,) = (told for tag, told in page.svgs[0] if tag == "rect")
    assert (float(bar["y"] or 0), float(bar["height"] or 0)) == (18 + 232 / 4, 232 * 3 / 4)
    assert "75 %" in page.words


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), widths)
def test_first_text(times: list[float], width: float) -> None:
    found = data.first_text([completion(first=ms) for ms in times])
    assert found is not None
    drawn(plots.first_text(found, width))


@given(st.integers(0, 10_000), st.integers(0, 10_000), widths)
def test_reuse(reused: int, computed: int, width: float) -> None:
    found = data.reuse([completion(reused=reused, computed=computed + 1)])
    assert found is not None
    drawn(plots.reuse(found, width))


@given(st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(0, 1e6)), min_size=1, max_size=30), widths)
def test_savings(steps: list[tuple[float, float]], width: float) -> None:
    found = [
        data.Saved(1e9 + 3600.0 * index, index + 1, ms, ms - half, ms + half)
        for index, (ms, half) in enumerate(steps)
    ]
    drawn(plots.savings(found, width))


@given(st.lists(st.tuples(st.integers(0, 16), ratio, ratio, ratio), max_size=6), st.booleans(), widths)
def test_speed(ways: list[tuple[int, float, float, float]], costs: bool, width: float) -> None:
    points = tuple(
        Point("draft" if k else "auto", k, (low, low + more, low + more + most), (1.0, 1.0, 1.0), None, None)
        for k, low, more, most in ways
    )
    curve = tuple(Cost(k, 0.1, 1.1, 1.0 + 0.1 * k) for k in range(1, 9)) if costs else ()
    page = drawn(plots_of_speed.speed(Speed(0.0, "e", "m", 1, 1, 0.2, 0.7, points, curve), width))
    assert page.names.count("circle") == len(points)


@given(st.builds(data.Parts, small, small, small, small, st.floats(1, 100)), widths)
def test_parts(found: data.Parts, width: float) -> None:
    drawn(plots_of_speed.parts(found, width))


@given(st.lists(st.tuples(ratio, ratio, ratio), min_size=1, max_size=9), widths)
def test_drafts(ways: list[tuple[float, float, float]], width: float) -> None:
    found = [
        data.Candidate("a way", 1.0, middle, low, high, None, None, chosen=index == 0)
        for index, (low, middle, high) in enumerate(map(sorted, ways))
    ]
    drawn(plots_of_speed.drafts(found, width))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_others(width: float) -> None:
    told = data.editors(TOLD)
    assert told is not None
    drawn(plots.taken(told, width))
    drawn(plots_of_speed.example(width))
    drawn(plots.savings(data.savings(week()), width))
    drawn(plots_of_speed.drafts(DRAFTS.candidates, width))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_labels_of_an_axis_do_not_meet(width: float) -> None:
    found = data.first_text([completion(first=ms) for ms in (0.1, 50.0, 90_000.0)])
    assert found is not None
    page = drawn(plots.first_text(found, width))
    floor = max(float(told["y"] or 0) for tag, told in page.svgs[0] if tag == "text") - 18
    places = sorted(
        float(told["x"] or 0)
        for tag, told in page.svgs[0]
        if tag == "text" and float(told["y"] or 0) == floor
    )
    assert all(after - before >= 34 for before, after in pairwise(places))


def test_a_speed_up_says_its_interval() -> None:
    assert "lookup, 4 guesses: 1.36× (1.05× to 1.90×)" in drawn(plots_of_speed.speed(SPEED, WIDE)).words
