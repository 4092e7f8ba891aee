"""``paceline stop --all``: what it says of daemons that are gone, that answer, and that do not."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from ....daemon import lifecycle, link
from ....daemon.cli import main
from ....daemon.client import Client
from ....daemon.paths import Connection, Places, try_lock, write_private
from ...harness.home import Home, is_free

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def stop(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the verb in this process; nobody is waited for long."""
    monkeypatch.setenv("PACELINE_RUNTIME_DIR", str(home.runtime))
    monkeypatch.setenv("PACELINE_TARGET", str(home.script))
    monkeypatch.setattr(link, "HANDSHAKE_SECONDS", 0.3)
    monkeypatch.setattr(lifecycle, "HELLO_SECONDS", 0.3)

    def run(*arguments: str) -> tuple[int, str, str]:
        return main(["stop", *arguments]), *capsys.readouterr()

    return run


def _unheard(where: Places) -> bytes:
    endpoint = f"ipc://{where.directory / 'nobody'}"
    return json.dumps(asdict(Connection(where.key, 4711, endpoint, "x" * 40))).encode()


@contextmanager
def _deaf(where: Places, content: bytes | None) -> Iterator[None]:
    """A process that holds a daemon's lock and listens nowhere."""
    if content is not None:
        write_private(where.connection, content)
    with try_lock(where.lock) as mine:
        assert mine
        yield
    where.connection.unlink(missing_ok=True)


def test_where_none_runs_none_is_stopped_and_that_is_no_error(stop: Run) -> None:
    assert stop() == (0, "no daemon runs with these settings\n", "")
    assert stop("--all") == (0, "no daemon runs\n", "")


def test_files_of_others_and_of_dead_daemons_are_left_alone(stop: Run, home: Home) -> None:
    where = home.places()
    for path, content in ((where.directory / "notes.json", b"[]"), (where.connection, _unheard(where))):
        write_private(path, content)
    assert stop("--all") == (0, "no daemon runs\n", "")
    assert sorted(path.suffix for path in where.directory.iterdir()) == [".json", ".json"]


@pytest.mark.parametrize("arguments", [(), ("--all",)], ids=["this one", "all"])
@pytest.mark.parametrize("content", [b"unheard", b"{}", b"", None], ids=["unheard", "map", "empty", "none"])
def test_a_daemon_that_does_not_answer_is_not_said_to_be_none(
    stop: Run, home: Home, content: bytes | None, arguments: tuple[str, ...]
) -> None:
    where = home.places()
    with _deaf(where, _unheard(where) if content == b"unheard" else content):
        status, out, err = stop(*arguments)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1 and "does not answer: end that process" in err


def test_one_that_does_not_answer_keeps_no_other_from_being_stopped(stop: Run, home: Home) -> None:
    client: Client = home.connect(slots=2)
    other = home.places()
    with closing(client), _deaf(other, _unheard(other)):
        status, _, err = stop("--all")
    assert (status, "4711" in err) == (1, True)
    assert is_free(home.places(slots=2))


def test_the_runtime_directory_must_be_private(stop: Run, home: Home) -> None:
    folder: Path = home.places().directory
    folder.chmod(0o755)
    status, out, err = stop("--all")
    folder.chmod(0o700)
    assert (status, out) == (1, "") and f"chmod 700 {folder}" in err
