"""What is printed: in colours nothing is lost, without colours everything is said in words."""

import io
import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ....daemon.cli.place import Place
from ....daemon.cli.terminal import (
    LoadingBar,
    Screen,
    coloured_tokens,
    counts_line,
    describe_engine,
    legend,
    listed_tokens,
    surroundings,
)
from ....daemon.protocol import Done, Times, Token

TIMES = Times(queue=2.0, prompt=20.0, first=36.4, total=93.0, draft=20.0, verify=30.0, host=23.0)
EMPTY = Done(
    "x", "block", drafted=0, tested=0, accepted=0, emitted=0, passes=0, reused=0, computed=0, ms=TIMES
)
tokens = st.lists(
    st.builds(Token, text=st.text(max_size=6), origin=st.sampled_from(["draft", "lookup", "target"]))
)


def done(emitted: int = 24, passes: int = 9, tested: int = 22, accepted: int = 15) -> Done:
    """A completion with these counts."""
    return replace(EMPTY, drafted=31, tested=tested, accepted=accepted, emitted=emitted, passes=passes)


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def plain(text: str) -> str:
    """The text without its colours."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


@given(tokens)
def test_coloured_tokens_are_the_text(made: list[Token]) -> None:
    text = "".join(token.text for token in made)
    if text.isprintable():
        assert plain(coloured_tokens(Screen(Terminal(), colour=True), made)) == text


@given(tokens)
def test_listed_tokens_concatenate_to_the_text(made: list[Token]) -> None:
    listed = [line.split(" ", 1) for line in listed_tokens(made).split("\n")[:-1]]
    assert [line[0] for line in listed] == [token.origin for token in made]
    assert "".join(json.loads(line[1]) for line in listed) == "".join(token.text for token in made)


def test_no_colour_crosses_a_line_end() -> None:
    painted = Screen(Terminal(), colour=True).paint("a\n\nb", "2")
    assert painted == "\x1b[2ma\x1b[0m\n\n\x1b[2mb\x1b[0m"


def test_legend_counts_the_origins() -> None:
    made = [Token("a", "draft"), Token("b", "target"), Token("c", "draft")]
    assert legend(Screen(io.StringIO(), colour=False), made).split() == [
        "draft",
        "2",
        "lookup",
        "0",
        "replay",
        "0",
        "target",
        "1",
    ]


def test_terminal_shows_the_lines_around_the_cursor() -> None:
    place = Place("f", "f", "", "1\n2\n3\n4\n    return ", "x\ny\n")
    assert surroundings(Screen(Terminal(), colour=False), place) == ("2\n3\n4\n    return ", "x")
    assert surroundings(Screen(io.StringIO(), colour=True), place) == ("", "")


def test_terminal_gets_no_control_characters_of_a_file() -> None:
    place = Place("f", "f", "", "a\x1b[2J\n\tb\x9b", "\x07c")
    before, after = surroundings(Screen(Terminal(), colour=False), place)
    assert before + after == "a\ufffd[2J\n\tb\ufffd\ufffdc"


def test_counts_line_says_it_all() -> None:
    assert counts_line(done(), "mini on cpu f32") == (
        "24 tokens in 9 passes (τ 2.7) · drafted 31, tested 22, accepted 15 (α 0.68) · ended by block · "
        "first text 38 ms, total 95 ms · mini on cpu f32"
    )


def test_counts_line_divides_by_nothing() -> None:
    line = counts_line(done(emitted=0, passes=0, tested=0, accepted=0), "")
    assert line.startswith("0 tokens in 0 passes · drafted 31, tested 0, accepted 0 · ")


def test_bar_is_silent_where_nobody_looks() -> None:
    stream = io.StringIO()
    bar = LoadingBar(stream)
    bar("loading target", 0.5)
    bar.clear()
    assert stream.getvalue() == ""


def test_a_model_that_cannot_fill_in_says_so() -> None:
    facts = {"pair": "x", "device": "cpu", "target": {"dtype": "bfloat16"}}
    assert describe_engine({**facts, "fim": "qwen, psm"}) == "x on cpu bf16"
    assert describe_engine({**facts, "fim": None}).endswith("sees only the text before the cursor")
