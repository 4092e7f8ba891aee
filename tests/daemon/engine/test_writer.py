"""Tokens become text: whole characters, the file's line ends, nothing of what was healed, and whose it is."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.prompt import build_prompt
from ....daemon.engine.records import Completion, Finish, Origin
from ....daemon.engine.window import Pieces
from ....daemon.engine.writer import NEWLINE_SAMPLE, Writer
from .tiny import SOURCE, fim, tokenizer

TOKENIZER = tokenizer()
PIECES = Pieces(TOKENIZER)
END = TOKENIZER.special["<|endoftext|>"]
ORIGINS: list[Origin] = ["target", "draft", "lookup", "replay"]
IDS = st.integers(0, TOKENIZER.vocab_size - 1).filter(lambda token: bool(TOKENIZER.bytes_of(token)))


def writer(prefix: str, suffix: str = "", *, multiline: bool = True, heals: bool = False) -> Writer:
    """One for a cursor between ``prefix`` and ``suffix``; it heals only where it is told to."""
    request = Completion("a.py", prefix, suffix, multiline=multiline)
    prompt = build_prompt(request, TOKENIZER, fim(), context=1024, pieces=PIECES)
    assert bool(prompt.heal) is heals
    return Writer(request, prompt, TOKENIZER)


def byte(value: int) -> int:
    """The token that is just this byte."""
    return next(token for token in range(TOKENIZER.vocab_size) if TOKENIZER.bytes_of(token) == bytes([value]))


def bytewise(text: str) -> list[int]:
    """``text`` in tokens of one byte each."""
    return [byte(value) for value in text.encode()]


def wrote(found: Writer, tokens: Iterable[int]) -> tuple[list[str], Finish | None]:
    """Write up to the first reason to stop, and close: the pieces and the reason."""
    pieces, finish = [], None
    for token in tokens:
        finish = found.write(token, "target")
        pieces.append(found.take())
        if finish is not None:
            break
    found.close()
    return [*pieces, found.take()], finish


CODE = st.integers(0, len(SOURCE)).map(lambda start: TOKENIZER.encode(SOURCE[start : start + 60]))


@given(CODE | st.lists(IDS, max_size=20), st.sampled_from(["", "x\r\n"]), st.booleans())
def test_pieces_and_tokens_add_up_to_the_text(tokens: Sequence[int], above: str, multiline: bool) -> None:
    found = writer(f"{above}\n", multiline=multiline)
    pieces, _ = wrote(found, tokens)
    assert "".join(pieces) == found.text
    assert "".join(token.text for token in found.kept()) == found.text
    assert len(found.kept()) <= found.count <= len(tokens)


def test_a_character_comes_with_its_last_byte() -> None:
    assert wrote(writer("\n"), bytewise("é😀"))[0] == ["", "é", "", "", "", "😀", ""]


def test_a_character_that_never_ends_is_lost() -> None:
    found = writer("\n")
    wrote(found, bytewise("a😀")[:-1])
    assert found.text == "a"


def test_bytes_that_are_no_character_are_shown_as_such() -> None:
    found = writer("\n")
    wrote(found, [byte(ord("a")), byte(0xFF), byte(ord("b"))])
    assert found.text == "a\ufffdb"


def test_an_end_token_ends_and_has_no_text() -> None:
    found = writer("\n")
    pieces, finish = wrote(found, [*bytewise("a"), END, *bytewise("b")])
    assert (pieces[0], found.text, finish, found.count) == ("a", "a", "end", 2)
    assert [token.text for token in found.kept()] == ["a", ""]


def test_nothing_written_is_an_empty_text() -> None:
    found = writer("\n")
    assert wrote(found, []) == ([""], None)
    assert (found.text, found.kept(), found.count) == ("", (), 0)


def test_tokens_behind_the_stop_are_not_kept() -> None:
    found = writer("x = ", "\n", multiline=False, heals=True)
    _, finish = wrote(found, bytewise(" 12\n3"))
    assert (found.text, finish) == ("12", "line")
    assert [token.text for token in found.kept()] == ["", "1", "2"]


def test_of_a_token_that_goes_beyond_the_stop_a_part_is_kept() -> None:
    ending = tokenizer("ends")
    prompt = build_prompt(Completion("a.py", "\n"), ending, fim(), context=1024, pieces=Pieces(ending))
    found = Writer(Completion("a.py", "\n"), replace(prompt, multiline=False), ending)
    (token,) = ending.encode("):\n")
    assert found.write(token, "lookup") == "line"
    assert (found.text, [token.text for token in found.kept()]) == ("):", ["):"])


def test_the_first_bytes_of_a_character_that_is_cut_off_are_not_kept() -> None:
    found = writer("x = ", "é + compute(y)\n", heals=True)
    _, finish = wrote(found, bytewise(" 1é + compute(y)"))
    assert (found.text, finish) == ("1", "suffix")
    assert [token.text for token in found.kept()] == ["", "1"]


def test_of_an_empty_text_no_token_is_kept() -> None:
    found = writer("f(x", ")\n", heals=True, multiline=False)
    _, finish = wrote(found, bytewise("x)"))
    assert (found.text, finish, found.kept()) == ("", "suffix", ())


def test_each_token_keeps_who_proposed_it() -> None:
    found = writer("\n")
    for token, origin in zip(bytewise("abcd"), ORIGINS, strict=True):
        found.write(token, origin)
    found.close()
    assert [(token.text, token.origin) for token in found.kept()] == list(zip("abcd", ORIGINS, strict=True))


def test_what_is_healed_is_written_first_and_never_shown() -> None:
    found = writer("x = sel", heals=True)
    assert byte(ord("z")) not in (found.allowed() or [])
    pieces, _ = wrote(found, bytewise(" self.x"))
    assert "".join(pieces) == found.text == "f.x"
    assert found.allowed() is None


def test_healing_refuses_other_text() -> None:
    with pytest.raises(ValueError, match="does not continue"):
        writer("x = sel", heals=True).write(byte(ord("z")), "target")


@pytest.mark.parametrize(
    ("prefix", "suffix", "end"),
    [
        ("a\r\n", "", "\r\n"),
        ("a\n", "\r\nz", "\r\n"),
        ("a\n", "\nz\n", "\n"),
        ("", "", "\n"),
        ("a\r\n" + "x" * NEWLINE_SAMPLE + "\n", "", "\n"),
        ("a\r\n" + "x" * (NEWLINE_SAMPLE - 3) + "\n", "", "\r\n"),
        ("\n", "x" * (NEWLINE_SAMPLE - 2) + "\r\n", "\r\n"),
        ("\n", "x" * (NEWLINE_SAMPLE - 1) + "\r\n", "\n"),
    ],
)
def test_line_ends_are_those_near_the_cursor(prefix: str, suffix: str, end: str) -> None:
    found = writer(prefix, suffix)
    wrote(found, bytewise("b\nc"))
    assert found.text == f"b{end}c"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("written", ["b\r\nc", "b\nc", "b\rc"])
def test_whichever_line_ends_the_model_writes_they_become_those_of_the_file(written: str, end: str) -> None:
    for tokens in (bytewise(written), TOKENIZER.encode(written)):
        found = writer(f"a{end}")
        pieces, _ = wrote(found, tokens)
        assert "".join(pieces) == found.text == f"b{end}c"
        assert "".join(token.text for token in found.kept()) == found.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_line_end_ends_a_single_line(end: str) -> None:
    found = writer("\n", multiline=False)
    assert wrote(found, bytewise(f"b{end}"))[1] == "line"
    assert found.text == "b"
    assert len(found.kept()) == 1
