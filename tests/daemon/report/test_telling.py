"""What completions tell, in words: one completion, none, losses, and counts that do not agree."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.history import Completed, Told
from ....daemon.report import data, telling
from ....daemon.report.section import Section, card
from .html_check import Page
from .samples import NOW, TOLD, completion, of, week

TELLERS: list[Callable[[data.Report], Section]] = [
    telling.guesses,
    telling.savings,
    telling.first_text,
    telling.memory,
]


def plain(section: Section | None) -> list[str]:
    """What a section says, with ordinary spaces."""
    assert section is not None
    return [line.replace("\u00a0", " ") for line in section.says]


def rows(section: Section) -> list[list[str]]:
    """Its table, with ordinary spaces."""
    return [[cell.replace("\u00a0", " ") for cell in row] for row in section.rows]


@pytest.mark.parametrize("tell", TELLERS)
@pytest.mark.parametrize(
    ("history", "words"), [(True, "Complete something first"), (False, "history = true")]
)
def test_without_completions_there_is_no_plot_but_a_command(
    tell: Callable[[data.Report], Section], history: bool, words: str
) -> None:
    section = tell(of([], history=history))
    assert section.plot is None and section.rows == ()
    assert words in section.missing and section.run == "paceline complete FILE:LINE"


@pytest.mark.parametrize("tell", TELLERS)
@pytest.mark.parametrize("lines", [[completion(saved_run=(3.0, 1.0, 5.0))], week(7)], ids=["one", "seven"])
def test_every_row_of_a_table_has_a_cell_for_every_head(
    tell: Callable[[data.Report], Section], lines: list[Completed]
) -> None:
    section = tell(of(lines))
    assert section.rows and {len(row) for row in section.rows} == {len(section.heads)}
    assert Page(str(card(section))).faults == []


def test_one_guess_is_told_in_the_singular() -> None:
    section = telling.guesses(of([completion(drafted=1, tested=1, accepted=1, positions=((1, 1),))]))
    assert plain(section)[0] == "Of 1 guess that the large model came to judge, 100 % were right."
    assert rows(section)[0][:4] == ["1st", "1", "1", "100 %"]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=4),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_counts_that_do_not_agree_are_told_all_the_same(
    positions: list[tuple[int, int]], tested: int, accepted: int
) -> None:
    line = completion(drafted=tested, tested=tested, accepted=accepted, positions=tuple(positions))
    section = telling.guesses(of([line]))
    assert plain(section)[0]


def test_a_loss_is_called_a_loss() -> None:
    lost = of([completion()], savings=(data.Saved(NOW, 1, -2500.0, -3000.0, -2000.0),))
    assert plain(telling.savings(lost))[0] == (
        "2.5 s lost over 1 completion, with 95 % certainty between −3 s and −2 s."
    )


def test_without_a_plain_step_nothing_is_said_to_be_saved() -> None:
    section = telling.savings(of([completion(saved_run=None)]))
    assert section.plot is None and "Too few plain steps" in section.missing


@given(st.integers(1, 400))
def test_a_long_time_is_told_in_about_ten_rows_the_last_one_always_there(count: int) -> None:
    points = tuple(data.Saved(NOW + at, at + 1, float(at), 0.0, 1.0) for at in range(count))
    section = telling.savings(of([completion()], savings=points))
    assert min(count, telling.LISTED // 2) <= len(section.rows) <= telling.LISTED
    assert section.rows[-1][1] == f"{count:,}"


def test_the_table_of_first_texts_counts_up_to_all_of_them() -> None:
    section = telling.first_text(of([completion(first=ms) for ms in (4.0, 4.2, 80.0)]))
    told = rows(section)
    assert (told[0][1:], told[-1][1:]) == (["2", "67 %"], ["1", "100 %"])
    assert plain(section)[0].startswith(
        "Half of 3 completions began to show within 4.2 ms, 95 % of them within"
    )


def test_the_first_and_the_last_bar_own_up_to_what_lies_beyond_them() -> None:
    told = rows(telling.first_text(of([completion(first=0.001), completion(first=9e6)])))
    assert told[0][0].startswith("up to ") and told[-1][0].startswith("over ")


def test_prompts_that_were_all_new_or_all_known() -> None:
    new = telling.memory(of([completion(reused=0, computed=50)]))
    assert "0 % of all prompt tokens" in plain(new)[0] and "other 100 %" in plain(new)[0]
    known = telling.memory(of([completion(reused=50, computed=0)]))
    assert rows(known)[-1] == ["90% to 100%", "1"]
    assert [row[1] for row in rows(known)[:-1]] == ["0"] * 9


@pytest.mark.parametrize("told", [None, data.editors([Told(NOW, "dismissed")]), data.editors([])])
def test_editors_that_showed_nothing_have_no_section(told: data.Editors | None) -> None:
    assert telling.editors(of([], editors=told)) is None


def test_more_taken_than_shown_is_never_more_than_all() -> None:
    found = data.editors([Told(NOW, "shown", 9), *[Told(NOW, "accepted", 9)] * 3])
    section = telling.editors(of([], editors=found))
    assert plain(section) == ["You took 100 % of 1 suggestion that were shown."]


def test_what_stayed_is_told_only_where_somebody_looked() -> None:
    found = data.editors(TOLD)
    assert found is not None
    assert len(plain(telling.editors(of([], editors=found)))) == 2
    unseen = replace(found, followed=0, retained=0)
    section = telling.editors(of([], editors=unseen))
    assert len(plain(section)) == 1
    assert section is not None and len(section.rows) == 4
