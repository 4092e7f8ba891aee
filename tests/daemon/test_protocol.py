"""Messages: what goes in comes out, and nothing but ProtocolError comes of anything else."""

import gc
import random
import sys
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...daemon import protocol, schema
from ...daemon.engine import records
from ...daemon.protocol import (
    PROTOCOL_VERSION,
    REPLIES,
    REQUESTS,
    Complete,
    Error,
    Hello,
    decode_reply,
    decode_request,
    encode,
)
from ...daemon.schema import MAX_FRAME, MAX_ID, ProtocolError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def values(rule: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911  (one return per kind of rule)
    """What a field with this rule may hold."""
    match rule:
        case schema.Text():
            return TEXT.map(lambda text: text[: rule.limit])
        case schema.Int():
            return st.integers(rule.low, rule.high)
        case schema.Real():
            return st.floats(rule.low, rule.high)
        case schema.Flag():
            return st.booleans()
        case schema.Choice():
            return st.sampled_from(rule.words)
        case schema.Maybe():
            return st.none() | values(rule.rule)
        case schema.Items():
            least = rule.limit if rule.exact else 0
            sized = st.lists(values(rule.rule), min_size=least, max_size=min(4, rule.limit))
            return sized.map(tuple)
        case schema.Record():
            return messages(rule.kind)
        case schema.Plain():
            scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT
            return st.dictionaries(TEXT, scalars | st.lists(scalars, max_size=3), max_size=4)
    raise AssertionError(rule)


def messages(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Valid messages of a class."""
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{f.name: values(hints[f.name].__metadata__[0]) for f in fields(kind)})


REQUEST = st.one_of([messages(kind) for kind in REQUESTS.values()])
REPLY = st.one_of([messages(kind) for kind in REPLIES.values()])


@settings(deadline=None)
@given(REQUEST, st.integers(0, MAX_ID))
def test_requests_come_out_as_they_went_in(request: Any, request_id: int) -> None:
    assert decode_request(encode(request, request_id)) == (request_id, request)


@settings(max_examples=100, deadline=None)
@given(REPLY, st.integers(0, MAX_ID))
def test_replies_come_out_as_they_went_in(reply: Any, request_id: int) -> None:
    assert decode_reply(encode(reply, request_id)) == (request_id, reply)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text()
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({f.name for kind in REQUESTS.values() for f in fields(kind)})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(REQUESTS)), st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=6))
def test_wrong_fields_are_refused_by_name(op: str, junk: dict[str, Any]) -> None:
    frame = packed(op, **junk)
    try:
        request_id, request = decode_request(frame)
    except ProtocolError as error:
        assert error.code in ("invalid_field", "malformed", "too_large")
        return
    assert decode_request(encode(request, request_id)) == (request_id, request)


def packed(op: Any, v: Any = PROTOCOL_VERSION, id: Any = 7, **values: Any) -> bytes:
    """A frame that nothing checked."""
    frame: bytes = msgpack.packb({"v": v, "id": id, "op": op} | values, unicode_errors="surrogatepass")
    return frame


def test_random_and_mutated_frames_give_protocol_errors_only() -> None:
    rng = random.Random(7)
    seeds = [encode(Complete("a.py", "def f():\n    return ", k=3), 5), encode(Hello(), 1)]
    survived = 0
    for number in range(20_000):
        frame = bytearray(rng.choice(seeds)) if number % 2 else bytearray(rng.randbytes(rng.randrange(64)))
        for _ in range(rng.randrange(1, 4)):
            if frame:
                frame[rng.randrange(len(frame))] = rng.randrange(256)
        try:
            decode_request(bytes(frame))
            survived += 1
        except ProtocolError:
            pass
    assert survived > 0  # some mutations only change a letter of a text


def test_bad_frames_leave_no_memory_behind() -> None:
    bad = [
        b"\xc1",
        b"\x91" * 3000,
        packed("complete", path=3),
        msgpack.packb([[]] * 4000),
        packed("hello", v=9),
    ]

    def blocks_after(rounds: int) -> int:
        for frame in bad * rounds:
            with pytest.raises(ProtocolError):
                decode_request(frame)
        gc.collect()
        return sys.getallocatedblocks()

    before = blocks_after(50)
    assert blocks_after(400) - before < 400 * len(bad) // 2  # less than an object for two frames


COMPLETE = {"path": "a.py", "prefix": "x"}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", "malformed"),
        (b"\xc1", "malformed"),
        (b"\x91" * 2000, "malformed"),
        (msgpack.packb([1, 2]), "malformed"),
        (msgpack.packb({1: 2}), "malformed"),
        (msgpack.packb({b"op": 2}), "malformed"),
        (msgpack.packb(msgpack.ExtType(5, b"x")), "malformed"),
        (packed("hello", field=msgpack.Timestamp(1)), "invalid_field"),
        (b"\x82\xa1a\x01\xa1a\x02", "malformed"),  # one key twice
        (b"\xdd\xff\xff\xff\xff", "malformed"),  # says four thousand million entries
        (msgpack.packb([[[]] * 4000] * 5), "too_large"),
        (b"\x00" * (MAX_FRAME + 1), "too_large"),
        (packed("hello", id=-1), "invalid_field"),
        (packed("hello", id=True), "invalid_field"),
        (packed("hello", id=2**60), "invalid_field"),
        (packed("hello", id="1"), "invalid_field"),
        (packed("hello", v=PROTOCOL_VERSION + 1), "version"),
        (packed("hello", v=True), "version"),
        (packed("goodbye"), "unknown_op"),
        (packed(3), "unknown_op"),
        (packed("welcome"), "unknown_op"),
        (packed("hello", extra=1), "invalid_field"),
        (packed("complete", path="a.py"), "invalid_field"),
        (packed("complete", **COMPLETE, max_tokens=0), "invalid_field"),
        (packed("complete", **COMPLETE, max_tokens=1.0), "invalid_field"),
        (packed("complete", **COMPLETE, max_tokens=True), "invalid_field"),
        (packed("complete", **COMPLETE, seed=2**63), "invalid_field"),
        (packed("complete", **COMPLETE, temperature=float("nan")), "invalid_field"),
        (packed("complete", **COMPLETE, temperature=float("inf")), "invalid_field"),
        (packed("complete", **COMPLETE, top_p=0.0), "invalid_field"),
        (packed("complete", **COMPLETE, drafter="medusa"), "invalid_field"),
        (packed("complete", **COMPLETE, stream=1), "invalid_field"),
        (packed("complete", **COMPLETE, chunks=[{"path": "b"}]), "invalid_field"),
        (packed("complete", **COMPLETE, chunks=[{"path": "b", "text": "t"}] * 65), "invalid_field"),
        (packed("complete", path="a" * 5000, prefix=""), "invalid_field"),
        (packed("complete", path="a", prefix=b"bytes"), "malformed"),
        (packed("complete", path="a", prefix="\ud83d"), "malformed"),
    ],
)
def test_a_bad_frame_says_what_is_wrong(frame: bytes, code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_request(frame)
    assert caught.value.code == code


def test_the_error_names_request_and_field() -> None:
    with pytest.raises(ProtocolError, match=r"'chunks\.text'") as caught:
        decode_request(packed("complete", id=12, **COMPLETE, chunks=[{"path": "b", "text": 5}]))
    assert caught.value.request_id == 12


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (Complete("a.py", "\ud83d"), "invalid_field"),
        (Complete("a.py", "x" * (1 << 18), suffix="€" * (1 << 18)), "too_large"),
        (Complete("a.py", "", temperature=float("nan")), "invalid_field"),
        (Complete("a.py", "", chunks=("text",)), "invalid_field"),  # type: ignore[arg-type]
    ],
)
def test_a_bad_message_is_refused_where_it_is_made(request_: Complete, code: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        encode(request_, 1)
    assert caught.value.code == code


def test_whole_numbers_are_taken_for_real_ones() -> None:
    _, request = decode_request(packed("complete", **COMPLETE, temperature=1))
    assert isinstance(request, Complete)
    assert request.temperature == 1.0


def test_an_error_reply_round_trips_with_id_zero() -> None:
    assert decode_reply(encode(Error("malformed", "text"), 0)) == (0, Error("malformed", "text"))


@pytest.mark.parametrize("word", ["Finish", "Origin"])
def test_words_are_those_of_the_engine(word: str) -> None:
    assert get_args(getattr(protocol, word)) == get_args(getattr(records, word))


def test_fields_are_those_of_the_engine() -> None:
    def names(kind: type[Any]) -> set[str]:
        return {f.name for f in fields(kind)}

    assert names(Complete) == names(records.Completion) | {"document", "stream", "priority"}
    assert names(protocol.Done) == names(records.Result)
    assert names(protocol.Times) == names(records.Times) | {"queue"}
