"""What no client of ours would send: the daemon answers what it can address, and goes on."""

import random
import select
import socket
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
import zmq

from ...daemon.client import Client
from ...daemon.link import Link, tune
from ...daemon.paths import Connection
from ...daemon.protocol import (
    PROTOCOL_VERSION,
    Chunk,
    Complete,
    Done,
    Error,
    Partial,
    Reply,
    decode_reply,
    encode,
)
from ...daemon.schema import MAX_FRAME
from ..harness.home import SECONDS, Home, ask, eventually

RAW_PEERS = 60
FRAMES = 1500
RSS_GROWTH = 64 << 20


class Peer:
    """A DEALER with the right key and no manners."""

    def __init__(self, connection: Connection, **options: int) -> None:
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        tune(self.socket, connection)
        for name, value in options.items():
            self.socket.setsockopt(getattr(zmq, name), value)
        self.socket.connect(connection.endpoint)
        self.socket.setsockopt(zmq.SNDTIMEO, int(SECONDS * 1000))

    def send(self, *frames: bytes) -> None:
        """Send one message of these frames."""
        self.socket.send_multipart(frames)

    def errors(self, count: int) -> list[tuple[int, str]]:
        """The next replies, all errors, as (id, code)."""
        found = []
        for _ in range(count):
            assert self.socket.poll(SECONDS * 1000)
            request_id, reply = decode_reply(self.socket.recv())
            assert isinstance(reply, Error)
            found.append((request_id, reply.code))
        return found

    def drain(self) -> None:
        """Read what is there."""
        while self.socket.poll(0):
            self.socket.recv_multipart()

    def close(self) -> None:
        """Leave."""
        self.socket.close(0)
        self.context.term()


@pytest.fixture
def client(home: Home) -> Iterator[Client]:
    """A well-behaved client beside."""
    with home.connect() as client:
        yield client


@pytest.fixture
def peer(home: Home, client: Client) -> Iterator[Peer]:
    """A peer without manners."""
    peer = Peer(home.connection())
    yield peer
    peer.close()


def packed(op: str, number: int, **fields: Any) -> bytes:
    """An unchecked frame."""
    frame: bytes = msgpack.packb({"v": PROTOCOL_VERSION, "id": number, "op": op} | fields)
    return frame


def test_addressable_nonsense_gets_an_error_with_its_id(peer: Peer, client: Client) -> None:
    peer.send(packed("dance", 3))
    peer.send(packed("complete", 4, path="a", prefix=5))
    peer.send(packed("hello", 5, v=99))
    peer.send(b"\xc1")
    peer.send(b"")
    peer.send(encode(ask(), 6), b"")
    assert peer.errors(6) == [
        (3, "unknown_op"),
        (4, "invalid_field"),
        (5, "version"),
        (0, "malformed"),
        (0, "malformed"),
        (0, "malformed"),
    ]
    assert client.metrics().counters["error.malformed"] == 3


@pytest.mark.parametrize("parts", [2, 3, 64])
def test_any_number_of_parts_but_one_is_refused(peer: Peer, client: Client, parts: int) -> None:
    peer.send(*[encode(ask(), 9)] * parts)
    assert peer.errors(1) == [(0, "malformed")]
    assert client.complete(ask(tokens=1)).text == "w0 "


def test_fuzzed_frames_do_not_disturb(peer: Peer, client: Client) -> None:
    rng = random.Random(11)
    seed = encode(Complete("a.py", "def f(", stream=True, repository='{"tokens": 1}'), 5)
    before = client.status().rss_bytes
    for number in range(FRAMES):
        frame = bytearray(seed)
        for _ in range(rng.randrange(1, 6)):
            frame[rng.randrange(len(frame))] = rng.randrange(256)
        peer.send(bytes(frame) if number % 3 else rng.randbytes(rng.randrange(200)))
        if number % 50 == 0:
            peer.drain()
            assert client.hello().state == "ready"
    peer.drain()
    assert client.complete(ask(tokens=1), timeout=SECONDS).text == "w0 "
    assert client.status().rss_bytes - before < RSS_GROWTH


@pytest.mark.parametrize(
    "frame",
    [
        msgpack.packb([[[]] * 4000] * 80),
        b"\x91" * MAX_FRAME,
        b"\xdd" + b"\xff" * 4,
        packed("complete", 1, path="a", prefix="x", chunks=[{"path": "", "text": ""}] * 4000),
        packed("hello", 1 << 62),
    ],
)
def test_bombs_are_refused(peer: Peer, client: Client, frame: bytes) -> None:
    before = client.status().rss_bytes
    for _ in range(10):
        peer.send(frame)
    assert {code for _, code in peer.errors(10)} <= {"malformed", "too_large", "invalid_field"}
    assert client.status().rss_bytes - before < RSS_GROWTH


def test_a_frame_of_just_the_limit_arrives(peer: Peer, client: Client) -> None:
    empty = len(encode(Complete("a.py", "", chunks=(Chunk("", ""),) * 5), 1))
    room = MAX_FRAME - empty - 20  # longer texts need up to four bytes more each to tell their length
    texts = [room // 5] * 5
    frame = encode(Complete("a.py", "", chunks=tuple(Chunk("", "x" * size) for size in texts)), 1)
    assert MAX_FRAME - 24 <= len(frame) <= MAX_FRAME
    peer.send(frame)
    assert peer.socket.poll(SECONDS * 1000)
    assert isinstance(decode_reply(peer.socket.recv())[1], Done)


def test_a_multipart_bomb_is_refused(peer: Peer, client: Client) -> None:
    peer.send(*[b"x" * (MAX_FRAME // 8)] * 64)
    peer.send(*[b"x"] * 5000)
    assert peer.errors(2) == [(0, "malformed")] * 2
    assert client.complete(ask(tokens=1)).text == "w0 "


def test_a_frame_over_the_limit_costs_its_sender_the_connection(home: Home, client: Client) -> None:
    peer = Peer(home.connection(), MAXMSGSIZE=-1)
    peer.send(b"x" * (MAX_FRAME * 2))
    monitor = peer.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    assert monitor.poll(SECONDS * 1000)
    peer.socket.disable_monitor()
    monitor.close()
    peer.close()
    assert client.complete(ask(tokens=1)).text == "w0 "


def test_raw_peers_are_shown_out(home: Home, client: Client) -> None:
    rng = random.Random(3)
    path = str(home.places().socket)
    greetings = [b"", b"\x01\x00", b"\xff" + b"\0" * 8 + b"\x7f", b"\xff" + b"\0" * 8 + b"\x7f\x03\x01NULL"]
    openings = greetings + [rng.randbytes(rng.choice([1, 9, 11, 64, 500])) for _ in range(RAW_PEERS)]
    peers = []
    for opening in openings:
        raw = socket.socket(socket.AF_UNIX)
        raw.connect(path)
        raw.send(opening)
        peers.append(raw)
    assert client.complete(ask(tokens=1)).text == "w0 "
    for raw in peers:
        raw.settimeout(SECONDS)
        while _still_talks(raw):
            pass
        raw.close()
    assert client.complete(ask(tokens=1)).text == "w0 "
    assert client.metrics().counters["outcome.done"] == 2


def _still_talks(raw: socket.socket) -> bool:
    """Read one answer; False at the end of the connection, a failure where it stays open."""
    assert select.select([raw], [], [], SECONDS)[0], "a peer that never shook hands stays connected"
    try:
        return bool(raw.recv(4096))
    except ConnectionResetError:
        return False


def test_a_wrong_key_gets_nowhere(home: Home, client: Client) -> None:
    real = home.connection()
    other = zmq.curve_keypair()[0].decode()
    assert Link.open(Connection(real.key, real.pid, real.endpoint, other)) is None
    assert Link.open(Connection(real.key, real.pid, "nonsense", real.server_key)) is None
    assert client.hello().pid == real.pid


def test_a_reader_that_stalls_loses_its_stream_and_nobody_else_notices(home: Home, client: Client) -> None:
    peer = Peer(home.connection(), RCVHWM=1)
    peer.send(encode(ask(stream=True, tokens=4000, delay=0.0005, fill=256), 1))
    eventually(lambda: client.metrics().counters.get("stalled") == 1, "the stream was cut")
    assert client.complete(ask(tokens=1), timeout=SECONDS).text == "w0 "
    terminal: list[Reply] = []
    while not terminal:
        assert peer.socket.poll(SECONDS * 1000)
        request_id, reply = decode_reply(peer.socket.recv())
        terminal = [] if isinstance(reply, Partial) else [reply]
    assert request_id == 1
    assert isinstance(terminal[0], Done)
    assert terminal[0].finish == "cancelled"
    peer.close()
