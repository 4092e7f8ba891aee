"""Turning token bytes into text while they arrive: a character is given out once all its bytes are there."""

import codecs


class TextStream:
    """An incremental UTF-8 decoder: the concatenated answers are one decoding of all the bytes.

    Bytes that can never become a character give U+FFFD, as ``bytes.decode("utf-8", "replace")`` does; a
    character left unfinished at the end gives nothing.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> str:
        """The characters that ``data`` completes; the bytes of an unfinished one wait for more."""
        return self._decoder.decode(data)
