"""Files of the daemon: private or refused, short enough for a socket, and replaced in one step."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ...daemon.errors import RuntimeDirError
from ...daemon.paths import (
    SOCKET_PATH_LIMIT,
    Connection,
    Places,
    places,
    private_directory,
    read_connection,
    take_lock,
    try_lock,
    write_connection,
)
from ...daemon.settings import Settings


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o177])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Each umask a user may have (0177 would make directories that nobody can enter)."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    """Permission bits."""
    return stat.S_IMODE(path.lstat().st_mode)


def test_what_we_make_is_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    directory = tmp_path / "run"
    private_directory(directory)
    assert mode(directory) & 0o077 == 0
    if umask == 0o177:
        directory.chmod(0o700)
    where = Places("k" * 16, directory, directory / "s")
    descriptor = take_lock(where.lock)
    assert descriptor is not None
    os.close(descriptor)
    write_connection(where, Connection(where.key, 1, "ipc://x", "y" * 40))
    assert mode(where.lock) & 0o077 == 0
    assert mode(where.connection) & 0o077 == 0
    assert [path.name for path in directory.iterdir() if path.suffix not in (".lock", ".json")] == []


@pytest.mark.parametrize("bits", [0o701, 0o710, 0o750, 0o755, 0o770, 0o777, 0o1777, 0o2775])
def test_an_open_directory_is_refused_with_the_command(tmp_path: Path, bits: int) -> None:
    directory = tmp_path / "run"
    directory.mkdir()
    directory.chmod(bits)
    with pytest.raises(RuntimeDirError, match="chmod 700"):
        private_directory(directory)
    assert mode(directory) == bits


@pytest.mark.parametrize("kind", ["link", "file", "fifo"])
def test_what_is_no_directory_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "run"
    if kind == "link":
        (tmp_path / "real").mkdir(mode=0o700)
        path.symlink_to(tmp_path / "real")
    elif kind == "file":
        path.touch()
    else:
        os.mkfifo(path)
    with pytest.raises(RuntimeDirError, match="no directory"):
        private_directory(path)


def test_a_strangers_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(RuntimeDirError, match="another user"):
        private_directory(tmp_path)


def test_a_directory_that_cannot_be_made_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RuntimeDirError, match="set runtime_dir"):
        private_directory(tmp_path / "file" / "run")


@pytest.fixture
def where(tmp_path: Path) -> Places:
    """Places in a sound directory."""
    settings = Settings(runtime_dir=str(tmp_path / "run"))
    return places(settings)


GOOD = '{"key": "%s", "pid": 5, "endpoint": "ipc://x", "server_key": "' + "y" * 40 + '"}'


def test_a_connection_is_read_back(where: Places) -> None:
    connection = Connection(where.key, 5, "ipc://x", "y" * 40)
    write_connection(where, connection)
    assert read_connection(where) == connection


@pytest.mark.parametrize("bits", [0o604, 0o640, 0o644, 0o666])
def test_a_connection_file_others_may_touch_is_refused(where: Places, bits: int) -> None:
    where.connection.write_text(GOOD % where.key)
    where.connection.chmod(bits)
    with pytest.raises(RuntimeDirError, match="chmod 600"):
        read_connection(where)


@pytest.mark.parametrize("kind", ["link", "directory", "fifo"])
def test_a_connection_file_that_is_no_file_is_refused(where: Places, tmp_path: Path, kind: str) -> None:
    if kind == "link":
        real = tmp_path / "real"
        real.write_text(GOOD % where.key)
        real.chmod(0o600)
        where.connection.symlink_to(real)
    elif kind == "directory":
        where.connection.mkdir(mode=0o700)
    else:
        os.mkfifo(where.connection, 0o600)
    with pytest.raises(RuntimeDirError):
        read_connection(where)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        GOOD % ("z" * 16),
        '{"key": 1}',
        GOOD.replace("5", '"5"'),
        GOOD.replace("y" * 40, "short"),
        "[" * 100_000,
        "\xff",
    ],
)
def test_a_broken_connection_file_means_no_daemon(where: Places, content: str) -> None:
    where.connection.write_bytes((content.replace("%s", where.key)).encode("latin-1"))
    where.connection.chmod(0o600)
    assert read_connection(where) is None


def test_a_lock_is_held_by_one(where: Places) -> None:
    with try_lock(where.lock) as first, try_lock(where.lock) as second:
        assert (first, second) == (True, False)
    with try_lock(where.lock) as again:
        assert again
    assert where.lock.exists()


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, with a short name as on any machine."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "gettempdir", lambda: folder)
        yield Path(folder)


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path, temporary: Path) -> None:
    long = tmp_path / ("d" * 60) / ("e" * 60)
    where = places(Settings(runtime_dir=str(long)))
    assert where.lock.parent == long
    assert len(os.fsencode(where.socket)) <= SOCKET_PATH_LIMIT
    assert where.socket.parent.parent == temporary
    assert mode(where.socket.parent) == 0o700
    other = places(Settings(runtime_dir=str(long) + "2"))
    assert other.socket != where.socket


def test_a_socket_of_exactly_the_limit_stays_where_it_is(tmp_path: Path) -> None:
    name = "d" * (SOCKET_PATH_LIMIT - len(str(tmp_path)) - 2 - len("0123456789abcdef.sock"))
    assert places(Settings(runtime_dir=str(tmp_path / name))).socket.parent == tmp_path / name
    assert places(Settings(runtime_dir=str(tmp_path / (name + "d")))).socket.parent != tmp_path / (name + "d")
