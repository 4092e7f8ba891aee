"""When a suggestion is welcome. Complaint: ghost text on deleting, undoing and moving the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....lsp.moment import Activity, is_welcome
from ....lsp.moment.activity import Kind

TYPED = Activity("typed", 10, 12)


def welcome(code: str, last: Activity = TYPED, offset: int = 12) -> bool:
    """Whether a suggestion is welcome at the bar in a line."""
    line, _, rest = code.partition("|")
    return is_welcome(line, rest, offset, last)


@pytest.mark.parametrize(
    "code",
    [
        "x = |",
        "    |",
        "|",
        "print(|)",
        'print("|")',
        "foo(() => {|});",
        "if (|) {",
        "x = [|],",
        "<div>|</div>",
        "return|   ",
        "def f():|",
        "for (i = 0;|)",
        "f(`|`)",
        "vec![|];",
        "'k': |,",
    ],
)
def test_where_code_goes_on(code: str) -> None:
    assert welcome(code)


@pytest.mark.parametrize(
    "code",
    [
        "fo|o",
        "|foo",
        "f(|x)",
        "x = | + 1",
        "a|.b",
        "| # comment",
        "x = 1;|",
        "}|",
        "if (a) {}|",
        "|_a",
        "|é",
        "|😀",
        "f(|)😀",
        "|" + ")" * 41,
    ],
)
def test_where_it_does_not(code: str) -> None:
    assert not welcome(code)
    line, _, rest = code.partition("|")
    assert is_welcome(line, rest, 12, TYPED, invoked=True), "who asks gets an answer"


@pytest.mark.parametrize("kind", ["deleted", "undone", "several"])
def test_not_on(kind: Kind) -> None:
    assert not welcome("x = |", Activity(kind, 12, 12))
    assert is_welcome("x = ", "", 12, Activity(kind, 12, 12), invoked=True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("x = 1|", False), ("foo(a)|", False), ("x = |", True), ("    |", True), ("f(|)", False), ("f(|", True)],
)
def test_where_the_cursor_only_came_by(code: str, expected: bool) -> None:
    assert welcome(code, TYPED, offset=500) is expected
    assert welcome(code, Activity("deleted", 3, 3), offset=500) is expected


def test_a_document_just_opened() -> None:
    assert welcome("x = 1|", Activity(), offset=500)


@given(
    st.text("ab (=;{}\t😀", max_size=8),
    st.text(" \t)]}>;,:\"'`", max_size=12),
    st.characters(categories=["L", "N"]),
)
def test_never_before_a_word_however_it_is_wrapped(line: str, closers: str, letter: str) -> None:
    for last in (TYPED, Activity()):
        assert not is_welcome(line, closers + letter, 12, last)


@given(st.text("ab (={\t😀", max_size=8), st.text(" )]}>;,:\"'`", max_size=40))
def test_on_typing_closers_behind_the_cursor_do_not_matter(line: str, closers: str) -> None:
    assert is_welcome(line + "(", closers, 12, TYPED)


def test_a_long_rest_takes_no_time() -> None:
    assert not welcome("x|" + " " * 50_000 + "y")
