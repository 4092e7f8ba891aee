"""From a request to the tokens that the models read.

The prompt has its stable parts first: repository, context chunks, path, then the text around the cursor in
the order of the model's own format. User text is encoded as plain text; markers are inserted as ids.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...models.errors import ContextFullError
from ...models.fim import FimFormat, PromptParts, layout
from ...models.tokenizer import Tokenizer
from .healing import MOST_TOKENS, split_for_healing
from .matching import BARRIER
from .records import Completion
from .stops.place import Place
from .window import CHARS_PER_TOKEN, Block, Pieces, Prefix, joined, read_lines, read_prefix, share_out

LEAST_TOKENS = 16
"""A prompt with less room than this for the user's text is refused."""
MOST_PATH = 200
"""Characters of a path or repository name; of a longer one the end is taken."""
PREFIX, SUFFIX, CHUNKS = 0.5, 0.2, 0.3
"""Parts of the context that each may count on; what one does not need goes to the others."""
SUFFIX_AFTER_PREFIX = 256
"""Most suffix tokens where the suffix follows the prefix, because each keystroke computes them anew."""
SUFFIX_BEFORE_PREFIX = 1024
"""Most suffix tokens where it comes first and stays cached while the user types."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes into the models and what the generation has to know about it.

    ``tokens`` is the whole prompt. ``heal`` are bytes taken off the end of the prefix, which the generation
    must reproduce first. ``lookup`` is text for the lookup drafter: context chunks, suffix, then the prefix,
    with ``BARRIER`` between them, more of each than fits the prompt; the generated tokens continue its end,
    as no marker stands between prefix and generation there. ``fim`` is False for a model that sees the prefix
    only. ``stop_ids`` end the generation.
    """

    tokens: list[int]
    heal: bytes
    lookup: list[int]
    fim: bool
    multiline: bool
    place: Place
    stop_ids: frozenset[int]


def build_prompt(
    request: Completion, tokenizer: Tokenizer, fim: FimFormat | None, *, context: int, pieces: Pieces
) -> Prompt:
    """Lay out ``request``, leaving ``request.max_tokens`` (at most half) of ``context`` tokens free.

    ``pieces`` belongs to ``tokenizer`` and is kept between requests: it makes a keystroke cheap. Raises
    ContextFullError when the markers and the path leave no room for text.
    """
    path = tokenizer.encode(request.path[-MOST_PATH:])
    repository = tokenizer.encode(request.repository[-MOST_PATH:]) if request.repository else None
    bare = PromptParts(chunks=(), path=path, prefix=[], suffix=[], repository=repository)
    reserved = min(request.max_tokens + MOST_TOKENS, context // 2)
    room = context - reserved - len(layout(fim, bare, tokenizer.bos_id))
    if room < LEAST_TOKENS:
        raise ContextFullError(
            f"A context of {context} tokens has no room for the text around the cursor; use a larger context."
        )
    text = _read(request, fim, room, tokenizer, pieces)
    budgets = share_out(room, text.needs(fim), (PREFIX, SUFFIX, CHUNKS))
    window = text.prefix.window(budgets[0])
    kept, heal = split_for_healing(window, tokenizer)
    parts = PromptParts(
        chunks=tuple(_fit(text.chunks, budgets[2])),
        path=path,
        prefix=kept,
        suffix=read_lines(request.suffix, budgets[1], pieces) if fim else [],
        repository=repository,
    )
    place = Place.of(request)
    return Prompt(
        tokens=layout(fim, parts, tokenizer.bos_id),
        heal=heal,
        lookup=text.lookup(healed=len(window) - len(kept)),
        fim=fim is not None,
        multiline=place.multiline if request.multiline is None else request.multiline,
        place=place,
        stop_ids=tokenizer.end_ids | (fim.stop_ids if fim else frozenset()),
    )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A context chunk in tokens: its path, the blocks of its text, and how many markers come with it."""

    path: list[int]
    blocks: tuple[Block, ...]
    markers: int

    def size(self, count: int) -> int:
        """Tokens of the chunk in the prompt, with the first ``count`` blocks."""
        return self.markers + len(self.path) + sum(len(block.tokens) for block in self.blocks[:count])


@dataclass(frozen=True, slots=True)
class _Text:
    """Everything of a request that may go into the prompt, in tokens, before anything is cut to a budget."""

    prefix: Prefix
    suffix: list[int]
    chunks: tuple[_Chunk, ...]

    def needs(self, fim: FimFormat | None) -> tuple[int, int, int]:
        """Tokens that prefix, suffix and chunks would fill in the format; one without paths has no chunks."""
        if fim and fim.file_lead is None:
            return self.prefix.size, len(self.suffix), 0
        chunks = sum(chunk.size(len(chunk.blocks)) for chunk in self.chunks)
        return self.prefix.size, len(self.suffix) if fim else 0, chunks

    def lookup(self, *, healed: int) -> list[int]:
        """All of it: chunks, suffix, prefix, barriers between them; without the last ``healed`` tokens."""
        parts = [joined(chunk.blocks) for chunk in self.chunks]
        tokens = [token for part in (*parts, self.suffix) if part for token in (*part, BARRIER)]
        prefix = self.prefix.tokens
        return tokens + prefix[: len(prefix) - healed]


def _read(
    request: Completion, fim: FimFormat | None, room: int, tokenizer: Tokenizer, pieces: Pieces
) -> _Text:
    most_suffix = SUFFIX_BEFORE_PREFIX if fim and fim.order == "spm" else SUFFIX_AFTER_PREFIX
    markers = len(fim.file_lead or ()) + len(fim.newline) if fim else 0
    chunks = (
        _Chunk(
            path=tokenizer.encode(chunk.path[-MOST_PATH:]),
            blocks=read_prefix(chunk.text[: room * CHARS_PER_TOKEN], room, pieces).blocks,
            markers=markers,
        )
        for chunk in request.chunks
    )
    return _Text(
        prefix=read_prefix(request.prefix, room, pieces),
        suffix=read_lines(request.suffix, min(most_suffix, room), pieces),
        chunks=tuple(chunks),
    )


def _fit(chunks: Sequence[_Chunk], budget: int) -> Iterator[tuple[list[int], list[int]]]:
    """Path and body of the chunks that fit, in order; the first that does not is cut after a whole block."""
    for chunk in chunks:
        count = len(chunk.blocks)
        while count and chunk.size(count) > budget:
            count -= 1
        if count:
            yield chunk.path, joined(chunk.blocks[:count])
            budget -= chunk.size(count)
        if count < len(chunk.blocks):
            return
