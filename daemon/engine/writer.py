"""From emitted tokens to final text: detokenising, healing, stop rules, and who proposed what."""

from io import IncrementalNewlineDecoder

from ...models.tokenizer import Tokenizer
from .healing import Healing
from .prompt import Prompt
from .records import Completion, Finish, Origin, Token
from .stops import StopRules
from .text import TextStream

NEWLINE_SAMPLE = 4096
"""Characters on each side of the cursor that decide how the file ends its lines."""


class Writer:
    """Takes tokens one at a time, says when the text is complete, and hands out what of it is final.

    Text that ends inside a character loses that character. Line ends are those of the request's file,
    whichever the model writes.
    """

    def __init__(self, request: Completion, prompt: Prompt, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._stop_ids = prompt.stop_ids
        self._healing = Healing(tokenizer, prompt.heal)
        self._stream = TextStream()
        self._line_ends = IncrementalNewlineDecoder(None, translate=True)
        self._rules = StopRules(prompt.place, multiline=prompt.multiline)
        self._newline = _line_end(request)
        self._tokens: list[Token] = []

    @property
    def count(self) -> int:
        """Tokens taken so far, an end token included."""
        return len(self._tokens)

    def allowed(self) -> list[int] | None:
        """The ids that may come next while the text before the cursor is healed; None when all may."""
        return None if self._healing.done else self._healing.allowed()

    def write(self, token: int, origin: Origin) -> Finish | None:
        """Take one emitted token; the reason to stop, if it brings one."""
        if token in self._stop_ids:
            self._tokens.append(Token("", origin))
            return "end"
        if not self._healing.done:
            self._healing.advance(token)
        read = self._stream.feed(self._healing.trim(self._tokenizer.bytes_of(token)))
        text = self._line_ends.decode(read)
        self._tokens.append(Token(text, origin))
        stop = self._rules.feed(text)
        return None if stop is None else stop.finish

    def take(self) -> str:
        """Final text not handed out before."""
        return self._native(self._rules.take())

    def close(self) -> None:
        """Nothing more will be written: decide about text that was held back."""
        self._rules.close()

    @property
    def text(self) -> str:
        """All final text; complete once closed."""
        return self._native(self._rules.text)

    def kept(self) -> tuple[Token, ...]:
        """The tokens behind the final text, cut where it ends; their texts add up to it.

        A final end token is one of them, its text empty: it took its share of a target pass.
        """
        left = len(self._rules.text)
        kept: list[Token] = []
        shown = 0
        for token in self._tokens:
            if left <= 0 and token.text:
                del kept[shown:]  # they began what is cut off
                break
            kept.append(Token(self._native(token.text[:left]), token.origin))
            left -= len(token.text)
            shown = len(kept) if token.text else shown
        return tuple(kept)

    def _native(self, text: str) -> str:
        return text if self._newline == "\n" else text.replace("\n", self._newline)


def _line_end(request: Completion) -> str:
    sample = request.prefix[-NEWLINE_SAMPLE:] + request.suffix[:NEWLINE_SAMPLE]
    return "\r\n" if "\r\n" in sample else "\n"
