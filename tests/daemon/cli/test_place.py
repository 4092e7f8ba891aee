"""Places: what a cursor is in a file, and what is refused with one sentence."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.cli.place import MAX_PREFIX, MAX_SUFFIX, InputError, Place, file_place, stream_place


def place(text: str, cursor: str) -> Place:
    """The place ``cursor`` in ``text``, as if it came from stdin."""
    return stream_place(text.encode(), cursor, "a.py")


def refusal(data: bytes | str, cursor: str = "1") -> str:
    """The sentence with which the place is refused."""
    with pytest.raises(InputError) as caught:
        stream_place(data.encode() if isinstance(data, str) else data, cursor, "a.py")
    return str(caught.value)


lines = st.text(st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0x2FFF), max_size=12)


@given(st.lists(lines, min_size=1, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_prefix_and_suffix_are_the_text_around_the_cursor(
    rows: list[str], end: str, data: st.DataObject
) -> None:
    text = end.join(rows)
    if not text:
        return
    row = data.draw(st.integers(1, len(rows)))
    column = data.draw(st.integers(1, len(rows[row - 1]) + 1))
    found = place(text, f"{row}:{column}")
    assert found.prefix + found.suffix == "\n".join(rows)
    assert found.prefix.count("\n") == row - 1
    assert len(found.prefix.rpartition("\n")[2]) == column - 1


def test_column_is_the_end_of_the_line_by_default() -> None:
    assert place("def f():\n    return\nx", "2").prefix == "def f():\n    return"


def test_byte_order_mark_is_no_character() -> None:
    found = stream_place(b"\xef\xbb\xbfab\n", "1:1", "a.py")
    assert (found.prefix, found.suffix) == ("", "ab\n")


def test_empty_last_line_is_a_place() -> None:
    assert place("x = 1\n", "2").prefix == "x = 1\n"


def test_form_feed_ends_no_line() -> None:
    assert place("a\f\u2028b\nc", "1").prefix == "a\f\u2028b"


@pytest.mark.parametrize(
    ("text", "cursor", "words"),
    [
        ("a\nb\n", "9", "line 9 is not in stdin, which has 3 lines"),
        ("a\n", "0", "choose 1 to 2"),
        ("ab\n", "1:4", "column 4 is not on line 1 of stdin, which has 2 characters"),
        ("ab\n", "1:0", "choose 1 to 3"),
        ("é = 1\n", "1:7", "bytes do not count"),
        ("", "1", "is empty"),
        ("\ufeff", "1", "byte order mark and nothing else"),
        ("cafe\u0301 = 1\n", "1:5", "choose 4 or 6"),
        ("x = '👨‍👩‍👧'\n", "1:7", "choose 6 or 11"),
        ("x = '👍🏽'\n", "1:7", "choose 6 or 8"),
        ("x = '🇩🇪🇫🇷'\n", "1:9", "choose 8 or 10"),
        ("a\n", "1:x", "names no place"),
        ("a\n", "-1", "names no place"),
    ],
)
def test_bad_cursor_is_refused(text: str, cursor: str, words: str) -> None:
    assert words in refusal(text, cursor)


@pytest.mark.parametrize("cursor", ["1:1", "1:2", "1:3"])
def test_cursor_may_stand_beside_characters_of_several_bytes(cursor: str) -> None:
    column = int(cursor[2:])
    assert place("é😀\n", cursor).prefix == "é😀"[: column - 1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x7fELF\0\0\1", "binary"),
        ("größe = 1\n".encode("latin-1"), "iconv -f latin1"),
        (b"ok\nna\xefve\n", "byte 0xef on line 2"),
        ("x = 1\n".encode("utf-16"), "UTF-16"),
        (b"\xed\xa0\x80 = 1\n", "is not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_only_what_is_near_the_cursor_is_taken() -> None:
    found = place("p" * MAX_PREFIX * 2 + "|" + "s" * MAX_SUFFIX * 2, f"1:{MAX_PREFIX * 2 + 1}")
    assert found.prefix == "p" * MAX_PREFIX
    assert found.suffix == "|" + "s" * (MAX_SUFFIX - 1)


def test_path_is_told_from_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "shop" / "core").mkdir()
    (tmp_path / "shop" / "core" / "cart.py").write_text("x\n")
    monkeypatch.chdir(tmp_path / "shop" / "core")
    found = file_place("../core/cart.py:1")
    assert (found.path, found.repository) == ("core/cart.py", "shop")


def test_file_without_a_repository_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "a b:1.py").write_text("x\n")
    found = file_place(f"{tmp_path}/a b:1.py:1:2")
    assert (found.path, found.repository, found.prefix) == ("a b:1.py", "", "x")


def test_unusable_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "big.py").touch()
    os.truncate(tmp_path / "big.py", 65 << 20)
    cases = {
        f"{tmp_path}/missing.py:1": "does not exist",
        f"{tmp_path}:1": "is a directory",
        f"{tmp_path}/big.py:1": "larger than 64 MiB",
        f"{tmp_path}/big.py/x:1": "cannot be read",
        "/dev/zero:1": "is no regular file",
        "a.py": "names no place",
        "a.py:x": "names no place",
    }
    for spec, words in cases.items():
        with pytest.raises(InputError, match=re.escape(words)):
            file_place(spec)
