"""Where to complete: a place in a file or on stdin, as prefix and suffix of the cursor.

Lines and columns count from 1, columns in characters (Unicode code points), and the cursor stands before the
column it names; one past the last character is the end of the line. Line ends are LF, CR LF or CR, as editors
see them; the text that goes to the model has LF only. A byte order mark is no part of line 1.
"""

import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 64 << 20
MAX_PREFIX = 1 << 17  # characters next to the cursor that are sent; more than any context holds
MAX_SUFFIX = 1 << 15

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?", re.DOTALL)
_CURSOR = re.compile(r"(?P<line>\d+)(?::(?P<column>\d+))?")
_LINE_END = re.compile(r"\r\n|\n|\r")
_JOINER = "\u200d"


class InputError(Exception):
    """What the user gave cannot be used: one sentence, with the next step in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in a text: what stands before and after it, and the names the model is told."""

    name: str
    path: str
    repository: str
    prefix: str
    suffix: str


def file_place(spec: str) -> Place:
    """Return the place that ``FILE:LINE[:COL]`` names. Raises InputError."""
    match = _PLACE.fullmatch(spec)
    if match is None:
        raise InputError(f"{spec!r} names no place: give FILE:LINE or FILE:LINE:COL, such as app.py:12:5")
    path = Path(os.path.abspath(match["file"]))
    root = _project_root(path)
    inner = path.relative_to(root).as_posix() if root else path.name
    return _place(match["file"], inner, root.name if root else "", _read(Path(match["file"])), match)


def stream_place(data: bytes, cursor: str, name: str) -> Place:
    """Return the place ``LINE[:COL]`` of the text in ``data``, whose file is ``name``. Raises InputError."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InputError(f"--at {cursor!r} names no place: give LINE or LINE:COL, such as 12:5")
    return _place("stdin", name, "", data, match)


def _place(name: str, path: str, repository: str, data: bytes, cursor: re.Match[str]) -> Place:
    lines = _LINE_END.split(_decode(name, data))
    line = _line_number(name, lines, int(cursor["line"]))
    column = _column(name, line, lines[line - 1], cursor["column"])
    before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
    prefix = "\n".join([*lines[: line - 1], before])[-MAX_PREFIX:]
    suffix = "\n".join([after, *lines[line:]])[:MAX_SUFFIX]
    return Place(name, path, repository, prefix, suffix)


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path} is a directory: name a file in it")
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path} is no regular file: give its text on stdin, with - and --at")
        if found.st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES >> 20} MiB: complete in a smaller file")
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: check the name (the directory is {Path.cwd()})") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check its permissions") from None


def _decode(name: str, data: bytes) -> str:
    if not data:
        raise InputError(f"{name} is empty: there is nothing to complete, write a first line and try again")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name} is UTF-16: convert it first, for example with iconv -f utf-16 -t utf-8")
    if b"\0" in data:
        raise InputError(f"{name} is a binary file (it holds NUL bytes): name a text file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x} on line {line}"
        advice = "convert it first, for example with iconv -f latin1 -t utf-8"
        raise InputError(f"{name} is not UTF-8 text ({byte}): {advice}") from None
    if not text:
        raise InputError(f"{name} holds a byte order mark and nothing else: write a first line and try again")
    return text


def _line_number(name: str, lines: list[str], line: int) -> int:
    if 1 <= line <= len(lines):
        return line
    count = f"{len(lines)} line" + ("s" if len(lines) > 1 else "")
    raise InputError(f"line {line} is not in {name}, which has {count}: choose 1 to {len(lines)}")


def _column(name: str, number: int, line: str, wanted: str | None) -> int:
    end = len(line) + 1
    column = end if wanted is None else int(wanted)
    where = f"line {number} of {name}"
    if not 1 <= column <= end:
        have = f"{len(line)} character" + ("" if len(line) == 1 else "s")
        raise InputError(
            f"column {column} is not on {where}, which has {have} (bytes do not count): choose 1 to {end}"
        )
    if _splits_character(line, column - 1):
        before = next(at for at in range(column - 2, -1, -1) if not _splits_character(line, at)) + 1
        after = next(at for at in range(column, end) if not _splits_character(line, at)) + 1
        raise InputError(
            f"column {column} of {where} is inside one visible character: choose {before} or {after}"
        )
    return column


def _splits_character(line: str, at: int) -> bool:
    """Whether a cursor before ``line[at]`` would cut one visible character of several code points in two.

    The cases of Unicode's grapheme clusters (UAX 29) that occur in source text: combining marks, variation
    selectors, joined and skin-toned emoji, flags.
    """
    if not 0 < at < len(line):
        return False
    previous, following = line[at - 1], line[at]
    if unicodedata.category(following) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= following <= "\U0001f3ff":
        return not previous.isspace()
    if _JOINER in (previous, following):
        return True
    return _is_flag_letter(following) and _flag_letters_before(line, at) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(line: str, at: int) -> int:
    count = 0
    while count < at and _is_flag_letter(line[at - 1 - count]):
        count += 1
    return count


def _project_root(path: Path) -> Path | None:
    """The nearest folder above ``path`` that holds a repository, or None."""
    return next((folder for folder in path.parents if (folder / ".git").exists()), None)
