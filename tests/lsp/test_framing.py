"""Messages out of streams that are cut anywhere, and out of garbage."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...lsp.framing import MAX_BODY, MAX_HEADER, Framer


def framed(body: bytes, name: bytes = b"Content-Length: ") -> bytes:
    """A message as it stands in the stream."""
    return name + str(len(body)).encode() + b"\r\n\r\n" + body


def bodies(framer: Framer) -> list[bytes]:
    """All that can be read now."""
    return list(iter(framer.next, None))


HELLO = b'{"hello": 1}'


@given(st.lists(st.binary(max_size=40), max_size=5), st.lists(st.integers(0, 300), max_size=10))
@settings(max_examples=200, deadline=None)
def test_cuts_in_the_stream_do_not_matter(messages: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(framed, messages))
    framer, found = Framer(), []
    points = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    for start, end in itertools.pairwise(points):
        framer.feed(stream[start:end])
        found += bodies(framer)
    assert found == messages


@pytest.mark.parametrize("name", [b"content-length:", b"CONTENT-LENGTH :", b"X: y\r\nContent-Length:\t"])
def test_headers_are_read_as_mail_writes_them(name: bytes) -> None:
    framer = Framer()
    framer.feed(framed(HELLO, name) + b"Content-Length: 2\r\nContent-Type: a; charset=utf-8\r\n\r\n{}")
    assert bodies(framer) == [HELLO, b"{}"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Content-Length: 3000000000\r\n\r\n{}",
        f"Content-Length: {MAX_BODY + 1}\r\n\r\n".encode(),
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: many\r\n\r\n",
        b"no header at all\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"\0" * (3 * MAX_HEADER),
        b'{"body": "without header"}',
        b"Content-Length: 3\r\n\r\n{}   and more than it said",
    ],
)
def test_after_garbage_the_next_message_is_read(garbage: bytes) -> None:
    framer = Framer()
    framer.feed(garbage + framed(HELLO))
    assert bodies(framer)[-1] == HELLO


def test_a_message_swallowed_by_a_wrong_length_is_found_again() -> None:
    framer = Framer()
    framer.feed(b"Content-Length: 60\r\n\r\n{}" + framed(HELLO) * 3)
    swallowed = framer.next()
    assert swallowed is not None
    assert HELLO in swallowed
    framer.give_back(swallowed)
    assert bodies(framer) == [HELLO] * 3


def test_endless_garbage_is_not_kept() -> None:
    framer = Framer()
    for _ in range(100):
        framer.feed(b"x" * MAX_HEADER)
        assert framer.next() is None
    assert len(framer._buffer) <= 2 * MAX_HEADER
