"""Our own engine as arms: the path that serves a request, with a writer that takes a number of tokens."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from ...models.tokenizer import Tokenizer
from ..engine.engine import Engine
from ..engine.generate import Output
from ..engine.prompt import Prompt
from ..engine.records import Completion, DrafterChoice, Finish, Origin, Piece, Result, Token
from ..engine.text import TextStream
from ..engine.writer import Writer
from .prompts import request
from .records import Case, Run

SHORT = 0.02  # seconds
ELSEWHERE = Completion(path="-", prefix="\n", max_tokens=1)


class ExactWriter:
    """Takes tokens for as long as the request's limit lets it; no stop rule ends it, though they are run.

    ``inner`` is the writer that would have served the request, so its work is in the measured time.
    """

    def __init__(self, inner: Writer, tokenizer: Tokenizer) -> None:
        self._inner = inner
        self._tokenizer = tokenizer
        self._stream = TextStream()
        self._text: list[str] = []
        self._shown = 0
        self._ended = False
        self.tokens: list[int] = []

    @property
    def count(self) -> int:
        """Tokens taken so far."""
        return len(self.tokens)

    @property
    def text(self) -> str:
        """All text."""
        return "".join(self._text)

    def allowed(self) -> None:
        """Every id may come next: all arms continue the same tokens, so nothing is healed."""

    def write(self, token: int, origin: Origin) -> Finish | None:
        """Take one token; it never stops."""
        if not self._ended:
            self._ended = self._inner.write(token, origin) is not None
            self._inner.take()
        self.tokens.append(token)
        self._text.append(self._stream.feed(self._tokenizer.bytes_of(token)))
        return None

    def take(self) -> str:
        """Text not handed out before."""
        begin, self._shown = self._shown, len(self._text)
        return "".join(self._text[begin:])

    def close(self) -> None:
        """Nothing more will be written."""
        self._inner.close()

    def kept(self) -> tuple[Token, ...]:
        """As many tokens as were written."""
        return tuple(Token(text, "target") for text in self._text)


class ColdEngine(Engine):
    """An engine whose completions start from an empty cache."""

    def sibling(self) -> Self:
        """Another engine on the same weights, with a slot and a pacer of its own."""
        return type(self)(self._pair, 1)

    def prepare(self) -> None:
        """Wait until steps are compiled, where they are, and the pacer knows this machine's times."""
        self.wait_compiled()
        while not self.idle(lambda: False):
            time.sleep(SHORT)

    def forget(self) -> None:
        """Give the only slot to another prompt and drop what was written, as if nothing had been asked."""
        self.warm(ELSEWHERE, lambda: False)
        self._pacing.forget()


class BenchEngine(ColdEngine):
    """A cold engine whose completions have a fixed length."""

    last: ExactWriter
    prompt: list[int]

    def writer(self, request: Completion, prompt: Prompt) -> Output:
        """A writer without stop rules and without healing."""
        tokenizer = self._pair.tokenizer
        self.prompt = prompt.tokens
        self.last = ExactWriter(Writer(request, replace(prompt, heal=b""), tokenizer), tokenizer)
        return self.last


@dataclass(frozen=True, slots=True)
class OwnArm:
    """Our engine with a drafter; ``engine`` is loaded when it is first needed and has one slot."""

    name: str
    label: str
    engine: Callable[[], BenchEngine]
    drafter: DrafterChoice
    k: int | None

    def run(self, case: Case, count: int) -> Run:
        """Complete as a request does, exactly ``count`` tokens. RuntimeError if the prompt is another one."""
        engine = self.engine()
        engine.forget()
        asked = replace(request(case, count), drafter=self.drafter, k=self.k)
        first, at_first, result = None, 0, None
        started = time.perf_counter()
        for item in engine.complete(asked, lambda: False):
            if isinstance(item, Result):
                result = item
            elif first is None and isinstance(item, Piece):
                first, at_first = time.perf_counter() - started, engine.last.count
        total = time.perf_counter() - started
        tokens = tuple(engine.last.tokens[:count])
        if result is None or tuple(engine.prompt) != case.tokens or len(tokens) != count or result.reused > 2:
            raise RuntimeError(f"{self.name}: {case.name} did not run as the other arms do")
        return Run(
            tokens=tokens,
            first=1000.0 * (total if first is None else first),
            total=1000.0 * total,
            at_first=min(at_first, count) if first is not None else count,
            drafted=result.drafted,
            tested=result.tested,
            accepted=result.accepted,
            passes=result.passes,
            host=result.ms.host,
        )
