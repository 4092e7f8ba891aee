"""Wrong input: one sentence on stderr, exit status 2, no traceback, and no daemon started for it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import User

SOURCE = "def greet(name):\n    return name\n"


def refused(user: User, *arguments: str, stdin: bytes = b"") -> str:
    """The one sentence with which ``paceline`` refuses ``arguments``."""
    done = user.run(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("paceline: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small Python file."""
    path = tmp_path / "greet.py"
    path.write_text(SOURCE)
    return path


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (None, "1", "does not exist"),
        (b"", "1", "is empty"),
        (b"\x7fELF\0\1", "1", "binary"),
        ("größe = 1\n".encode("latin-1"), "1", "not UTF-8"),
        (SOURCE.encode("utf-16"), "1", "UTF-16"),
        (SOURCE.encode(), "99", "line 99 is not in"),
        (SOURCE.encode(), "0", "line 0 is not in"),
        (SOURCE.encode(), "2:80", "column 80 is not on line 2"),
        ("# e\u0301\n".encode(), "1:4", "inside one visible character"),
        ("# 👩‍🚀\n".encode(), "1:4", "inside one visible character"),
        (SOURCE.encode(), "here", "names no place"),
    ],
)
def test_unusable_place(user: User, tmp_path: Path, content: bytes | None, place: str, words: str) -> None:
    path = tmp_path / "given.py"
    if content is not None:
        path.write_bytes(content)
    assert words in refused(user, "complete", f"{path}:{place}")


def test_directory(user: User, tmp_path: Path) -> None:
    assert "is a directory" in refused(user, "complete", f"{tmp_path}:1")


def test_name_that_would_steer_the_terminal(user: User) -> None:
    assert "\x1b" not in refused(user, "complete", "\x1b[2J\nx.py:1")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "--at"),
        (("--at", "9"), "line 9 is not in stdin"),
        (("--at", "x"), "names no place"),
    ],
)
def test_unusable_place_on_stdin(user: User, options: tuple[str, ...], words: str) -> None:
    assert words in refused(user, "complete", "-", *options, stdin=SOURCE.encode())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--k", "33"), "argument --k: '33' is not a whole number from 0 to 32"),
        (("--temperature", "nan"), "is not a number"),
        (("--max-tokens", "0"), "--max-tokens"),
        (("--drafter", "magic"), "invalid choice"),
        (("--n", "2"), "give --temperature"),
        (("--at", "1"), "belong to text on stdin"),
        (("--json", "--stream"), "not allowed with"),
        (("--stream", "--explain"), "leave --stream out"),
        (("--device", "toaster"), "'device'"),
        (("--dtype", "f64"), "dtype"),
        (("--frobnicate",), "unrecognized arguments"),
    ],
)
def test_unusable_option(user: User, source: Path, options: tuple[str, ...], words: str) -> None:
    assert words in refused(user, "complete", f"{source}:1", *options)


@pytest.mark.parametrize("arguments", [(), ("frobnicate",), ("complete",), ("status", "extra")])
def test_unusable_command(user: User, arguments: tuple[str, ...]) -> None:
    assert "--help" in refused(user, *arguments)


def test_unusable_settings_file(user: User, source: Path) -> None:
    config = user.home / "paceline" / "config.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text("target = [\n")
    try:
        assert "config.toml" in refused(user, "complete", f"{source}:1")
    finally:
        config.unlink()


def test_nothing_is_started_for_it(new_user: Callable[[], User]) -> None:
    user = new_user()
    refused(user, "complete", "missing.py:1")
    assert json.loads(user.run("status", "--json").stdout) == {"running": False}
