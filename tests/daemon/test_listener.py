"""The daemon's socket by itself: whether it is still ours, and what a bind that fails leaves."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import pytest
import zmq

from ...daemon import listener
from ...daemon.listener import Listener, listen
from ...daemon.paths import Places, write_connection
from ..harness.home import Home

Context = zmq.Context[zmq.Socket[Any]]


@pytest.fixture
def context() -> Iterator[Context]:
    """Ends only where every socket of it was closed."""
    context: Context = zmq.Context()
    yield context
    context.term()


@pytest.fixture
def where(home: Home) -> Places:
    return home.places()


@pytest.fixture(params=["ipc", "tcp"])
def bound(context: Context, where: Places, request: pytest.FixtureRequest) -> Iterator[Listener]:
    """A listener whose connection file is written."""
    bound = listen(context, where, request.param)
    write_connection(where, bound.connection)
    yield bound
    bound.socket.close(0)


def test_it_is_ours_as_long_as_nobody_touched_its_files(bound: Listener, where: Places) -> None:
    assert bound.is_ours(where)
    write_connection(where, bound.connection)
    assert bound.is_ours(where)


def test_before_anybody_is_told_how_to_reach_it_it_is_not_ours(context: Context, where: Places) -> None:
    bound = listen(context, where, "ipc")
    assert not bound.is_ours(where)
    bound.socket.close(0)


@pytest.mark.parametrize("change", [{"pid": 1}, {"server_key": "x" * 40}, {"endpoint": "tcp://127.0.0.1:1"}])
def test_a_connection_file_of_another_daemon_is_not_ours(
    bound: Listener, where: Places, change: dict[str, Any]
) -> None:
    write_connection(where, replace(bound.connection, **change))
    assert not bound.is_ours(where)


@pytest.mark.parametrize("content", [b"", b"null", b"\xff", b"[" * 4000])
def test_a_connection_file_that_is_none_is_not_ours(bound: Listener, where: Places, content: bytes) -> None:
    where.connection.write_bytes(content)
    assert not bound.is_ours(where)


@pytest.mark.parametrize("part", ["connection", "directory"])
def test_what_others_may_touch_is_not_ours(bound: Listener, where: Places, part: str) -> None:
    path = getattr(where, part)
    private = stat.S_IMODE(path.stat().st_mode)
    path.chmod(0o755)
    assert not bound.is_ours(where)
    path.chmod(private)
    assert bound.is_ours(where)


def test_a_socket_that_another_took_the_place_of_is_not_ours(context: Context, where: Places) -> None:
    first = listen(context, where, "ipc")
    second = listen(context, where, "ipc")
    write_connection(where, first.connection)
    assert second.inode != first.inode
    assert not first.is_ours(where)
    for each in (first, second):
        each.socket.close(0)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_socket_is_private_under_any_umask(context: Context, where: Places, umask: int) -> None:
    before = os.umask(umask)
    try:
        bound = listen(context, where, "ipc")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE(where.socket.lstat().st_mode) == 0o600
    bound.socket.close(0)


@pytest.mark.parametrize("remains", ["file", "link"])
def test_what_a_dead_daemon_left_in_its_place_is_replaced(
    context: Context, where: Places, remains: Literal["file", "link"]
) -> None:
    other = where.directory / "other"
    other.write_text("kept")
    if remains == "link":
        where.socket.symlink_to(other)
    else:
        where.socket.write_text("old")
    bound = listen(context, where, "ipc")
    assert stat.S_ISSOCK(where.socket.lstat().st_mode)
    assert other.read_text() == "kept"
    bound.socket.close(0)


def test_each_start_has_a_key_of_its_own(context: Context, where: Places) -> None:
    bound = [listen(context, where, "tcp") for _ in range(2)]
    assert len({each.connection.server_key for each in bound}) == 2
    for each in bound:
        each.socket.close(0)


def test_what_cannot_be_bound_is_an_error_and_leaves_nothing_open(context: Context, where: Places) -> None:
    where.socket.mkdir()
    with pytest.raises(OSError, match=str(where.socket)):
        listen(context, where, "ipc")


def test_an_address_that_libzmq_refuses_is_an_error_of_the_system(
    context: Context, where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that whoever serves can say why, and the context can end."""

    def refuse(_router: "zmq.Socket[Any]") -> str:
        raise zmq.ZMQError(errno.EADDRNOTAVAIL)

    monkeypatch.setattr(listener, "_bind_tcp", refuse)
    with pytest.raises(OSError, match="assign") as caught:
        listen(context, where, "tcp")
    assert caught.value.errno == errno.EADDRNOTAVAIL


@pytest.mark.parametrize(("known", "scheme"), [(True, "ipc"), (False, "tcp")])
def test_unasked_it_is_a_file_where_there_are_such_sockets(
    context: Context, where: Places, monkeypatch: pytest.MonkeyPatch, known: bool, scheme: str
) -> None:
    monkeypatch.setattr(zmq, "has", lambda _: known)
    bound = listen(context, where, "auto")
    assert bound.connection.endpoint.startswith(f"{scheme}://")
    assert (bound.inode is not None, where.socket.exists()) == (known, known)
    bound.socket.close(0)
