"""Replies to slow readers: kept in order, sent once, refused where that was asked, given up in the end."""

import errno
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from ...daemon.outbox import KEPT_FRAMES, KEPT_SECONDS, Outbox, Sent

ANN, BEN = b"ann", b"ben"


class Pipes:
    """A ROUTER whose clients have ``room`` for so many frames more; those in ``gone`` have left."""

    def __init__(self, **room: int) -> None:
        self.room = {name.encode(): frames for name, frames in room.items()}
        self.gone: set[bytes] = set()
        self.got: dict[bytes, list[bytes]] = defaultdict(list)
        self.fault: int | None = None

    def send_multipart(self, parts: Sequence[bytes], flags: int) -> None:
        client, frame = parts
        assert flags == zmq.NOBLOCK
        if self.fault is not None:
            raise zmq.ZMQError(self.fault)
        if client in self.gone:
            raise zmq.ZMQError(errno.EHOSTUNREACH)
        if not self.room[client]:
            raise zmq.Again
        self.room[client] -= 1
        self.got[client].append(frame)


def box(pipes: Pipes) -> Outbox:
    return Outbox(cast("zmq.Socket[Any]", pipes))


class Later:
    """A clock that can be put forward."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seconds, really = 0.0, time.monotonic
        patch.setattr(time, "monotonic", lambda: really() + self.seconds)


def test_a_frame_goes_out_at_once_where_there_is_room() -> None:
    pipes = Pipes(ann=1)
    sender = box(pipes)
    assert sender.send(ANN, b"1", keep=True) is Sent.OUT
    assert pipes.got[ANN] == [b"1"]
    assert not sender.waiting


def test_what_cannot_go_now_waits_or_is_refused_as_asked() -> None:
    sender = box(Pipes(ann=0))
    assert sender.send(ANN, b"1", keep=False) is Sent.STALLED
    assert not sender.waiting
    assert sender.send(ANN, b"2", keep=True) is Sent.KEPT
    assert sender.waiting


def test_nothing_overtakes_what_waits() -> None:
    pipes = Pipes(ann=0)
    sender = box(pipes)
    sender.send(ANN, b"1", keep=True)
    pipes.room[ANN] = 9
    assert sender.send(ANN, b"2", keep=False) is Sent.STALLED
    assert sender.send(ANN, b"3", keep=True) is Sent.KEPT
    assert sender.flush() == []
    assert pipes.got[ANN] == [b"1", b"3"]
    assert sender.send(ANN, b"4", keep=False) is Sent.OUT


def test_a_flush_sends_what_there_is_room_for_and_keeps_the_rest() -> None:
    pipes = Pipes(ann=0)
    sender = box(pipes)
    for frame in (b"1", b"2", b"3"):
        sender.send(ANN, frame, keep=True)
    pipes.room[ANN] = 2
    assert sender.flush() == []
    assert (pipes.got[ANN], sender.waiting) == ([b"1", b"2"], True)
    pipes.room[ANN] = 1
    assert sender.flush() == []
    assert (pipes.got[ANN], sender.waiting) == ([b"1", b"2", b"3"], False)


def test_a_slow_reader_holds_nobody_up() -> None:
    pipes = Pipes(ann=0, ben=2)
    sender = box(pipes)
    sender.send(ANN, b"1", keep=True)
    assert sender.send(BEN, b"2", keep=False) is Sent.OUT
    assert sender.flush() == []
    assert pipes.got[BEN] == [b"2"]


def test_a_client_that_left_is_told_at_once() -> None:
    pipes = Pipes()
    pipes.gone.add(ANN)
    sender = box(pipes)
    assert sender.send(ANN, b"1", keep=True) is Sent.GONE
    assert not sender.waiting


def test_a_client_that_leaves_with_frames_waiting_is_given_up_alone() -> None:
    pipes = Pipes(ann=0, ben=0)
    sender = box(pipes)
    for client in (ANN, BEN):
        sender.send(client, b"1", keep=True)
    pipes.gone.add(ANN)
    assert sender.flush() == [ANN]
    assert sender.waiting
    pipes.room[BEN] = 1
    assert sender.flush() == []
    assert pipes.got == {BEN: [b"1"]}


def test_a_reader_may_leave_so_many_frames_and_no_more() -> None:
    pipes = Pipes(ann=0)
    sender = box(pipes)
    for _ in range(KEPT_FRAMES):
        sender.send(ANN, b"x", keep=True)
    assert sender.flush() == []
    sender.send(ANN, b"x", keep=True)
    assert sender.flush() == [ANN]
    assert not sender.waiting


def test_a_reader_that_takes_nothing_for_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    later, sender = Later(monkeypatch), box(Pipes(ann=0))
    sender.send(ANN, b"1", keep=True)
    later.seconds = KEPT_SECONDS / 2
    assert sender.flush() == []
    later.seconds = KEPT_SECONDS + 1
    assert sender.flush() == [ANN]


def test_a_reader_that_takes_a_little_now_and_then_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    later, pipes = Later(monkeypatch), Pipes(ann=0)
    sender = box(pipes)
    for frame in (b"1", b"2", b"3"):
        sender.send(ANN, frame, keep=True)
    for _ in range(2):
        later.seconds += 0.9 * KEPT_SECONDS
        pipes.room[ANN] = 1
        assert sender.flush() == []
    assert pipes.got[ANN] == [b"1", b"2"]


def test_who_was_given_up_may_read_again() -> None:
    pipes = Pipes(ann=0)
    sender = box(pipes)
    sender.send(ANN, b"1", keep=True)
    pipes.gone.add(ANN)
    sender.flush()
    pipes.gone.clear()
    pipes.room[ANN] = 1
    assert sender.send(ANN, b"2", keep=True) is Sent.OUT
    assert pipes.got[ANN] == [b"2"]


def test_other_faults_of_the_socket_are_not_hidden_and_lose_nothing() -> None:
    pipes = Pipes(ann=0)
    sender = box(pipes)
    sender.send(ANN, b"1", keep=True)
    pipes.fault = errno.ENOTSOCK
    for act in (sender.flush, lambda: sender.send(BEN, b"2", keep=True)):
        with pytest.raises(zmq.ZMQError, match=os.strerror(errno.ENOTSOCK)):
            act()
    pipes.fault, pipes.room[ANN] = None, 1
    assert sender.flush() == []
    assert pipes.got[ANN] == [b"1"]


SENDS = st.tuples(st.sampled_from([ANN, BEN]), st.booleans())
ROOMS = st.tuples(st.sampled_from([ANN, BEN]), st.integers(0, 4))


@given(
    st.lists(SENDS.map(lambda send: ("send", *send)) | ROOMS.map(lambda room: ("room", *room)), max_size=40)
)
def test_whatever_happens_each_frame_that_was_taken_arrives_once_and_in_order(
    events: list[tuple[str, bytes, int]],
) -> None:
    pipes, taken = Pipes(ann=0, ben=0), defaultdict(list)
    sender = box(pipes)
    for number, (what, client, how) in enumerate(events):
        if what == "room":
            pipes.room[client] = how
            assert sender.flush() == []
        elif sender.send(client, b"%d" % number, keep=bool(how)) is not Sent.STALLED:
            taken[client].append(b"%d" % number)
        else:
            assert not how
    pipes.room = {ANN: 99, BEN: 99}
    assert sender.flush() == []
    assert not sender.waiting
    assert pipes.got == taken
