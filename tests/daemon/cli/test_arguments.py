"""Types of arguments: what they take, and the sentence with which they refuse the rest."""

import argparse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.cli.arguments import Parser, names, real, whole, wholes
from ....daemon.cli.parser import parse
from ....daemon.cli.place import InputError

ACTIONS = [
    *(("models", action) for action in ("list", "show", "check", "pull")),
    *(("draft", action) for action in ("evaluate", "tune", "list", "use", "remove")),
]


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_a_whole_number_is_taken_within_its_limits_and_only_there(low: int, high: int, value: int) -> None:
    if low <= value <= high:
        assert whole(low, high)(str(value)) == value
    else:
        with pytest.raises(argparse.ArgumentTypeError):
            whole(low, high)(str(value))


@pytest.mark.parametrize("text", ["", " ", "1.5", "1e3", "0x10", "one", "9" * 5000, "1,2"])
def test_what_is_no_whole_number_is_refused_with_the_limits(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a whole number from 1 to 9"):
        whole(1, 9)(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "-0.1", "", "half"])
def test_no_number_is_taken_that_is_not_finite_and_within_its_limits(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a number from 0 to 10"):
        real(0, 10)(text)


@given(st.lists(st.integers(1, 32), min_size=1, max_size=12))
def test_a_row_of_numbers_keeps_its_order_and_each_of_them_once(values: list[int]) -> None:
    found = wholes(1, 32)(",".join(map(str, values)))
    assert len(found) == len(set(found))
    assert list(found) == sorted(set(values), key=values.index)


@pytest.mark.parametrize("text", ["", ",", "1,", ",1", "1,,2", "1;2", "1,99"])
def test_a_row_with_a_gap_or_a_stranger_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        wholes(1, 32)(text)


def test_names_lose_the_blanks_around_them_and_empty_ones_are_none() -> None:
    assert names(" plain, k* ,,auto ") == ("plain", "k*", "auto")
    assert names(",") == ()


@pytest.mark.parametrize("words", [("--frobnicate",), ("a", "b"), ()])
def test_a_parser_complains_in_a_sentence_that_names_its_help(words: tuple[str, ...]) -> None:
    parser = Parser(prog="paceline thing")
    parser.add_argument("one")
    with pytest.raises(InputError, match=r"; see paceline thing --help$"):
        parser.parse_args(words)


@pytest.mark.parametrize("words", ACTIONS)
def test_every_verb_of_a_verb_tells_what_it_takes(
    words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse([*words, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: paceline {' '.join(words)}")


@pytest.mark.parametrize("convert", [whole(1, 9), real(1, 9), wholes(1, 9)])
def test_a_complaint_shows_what_was_typed_on_one_line(convert: Callable[[str], object]) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as complaint:
        convert("\x1b[2J\n")
    assert str(complaint.value).isprintable()
