"""Bytes that arrive in pieces become the same text as all of them at once."""

from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.text import TextStream


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted(cut % (len(data) + 1) for cut in cuts)
    return [data[begin:end] for begin, end in zip([0, *ends], [*ends, len(data)], strict=True)]


@given(
    st.one_of(st.binary(max_size=40), st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace"))),
    st.lists(st.integers(0, 50), max_size=12),
)
def test_pieces_add_up_to_one_decoding(data: bytes, cuts: list[int]) -> None:
    stream = TextStream()
    fed = "".join(stream.feed(piece) for piece in pieces_of(data, cuts))
    whole = data.decode("utf-8", "replace")
    assert fed == whole or fed + "\ufffd" == whole


def test_character_waits_for_its_last_byte() -> None:
    stream = TextStream()
    assert [stream.feed(bytes([byte])) for byte in "a😀b".encode()] == ["a", "", "", "", "😀", "b"]


def test_text_given_out_is_never_taken_back() -> None:
    stream = TextStream()
    assert stream.feed(b"x\xe4\xb8") == "x"
    assert stream.feed(b"y") == "\ufffdy"
