"""Fill-in-the-middle: which format a model was trained on, and how a prompt is laid out in it.

One table, one function. Sources: the model cards and papers of each family; Seed-Coder's order is that of
arXiv 2506.03524, the two orders are those of Bavarian et al. (2207.14255), in whose second variant of
suffix-prefix-middle (``joint``) the markers of prefix and suffix come together and the prefix comes last.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from .errors import PairError
from .tokenizer import Tokenizer

Order = Literal["psm", "spm"]
Inside = Literal["nothing", "path", "all"]


@dataclass(frozen=True, slots=True)
class _Row:
    """A family: the names of its tokens, and where paths go.

    ``file`` or ``file_text`` stands before a path; without either there are no paths. ``inside`` says what is
    part of the prefix: this file's path, or everything. ``between``: the file token stands between files
    only. ``repo_line``: a line end follows the repository. ``joint``: the spm order is the second variant.
    ``space``: the text of the prefix begins with a space, which SentencePiece puts before every text (models
    of a byte-level vocabulary have it not). ``hint`` must be part of the model's name where two families
    share a vocabulary.
    """

    name: str
    prefix: str
    suffix: str
    middle: str | None
    orders: tuple[Order, ...] = ("psm",)
    file: str | None = None
    file_text: str | None = None
    repo: str | None = None
    repo_line: bool = False
    inside: Inside = "nothing"
    between: bool = False
    joint: bool = False
    space: bool = False
    hint: str = ""


_STAR = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
_BARS = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
_TABLE = (
    _Row("qwen", *_BARS, ("psm", "spm"), file="<|file_sep|>", repo="<|repo_name|>", repo_line=True),
    _Row("codegemma", *_BARS, file="<|file_separator|>", between=True),
    _Row("granite", *_BARS),
    _Row("mellum", *_STAR, ("spm",), file="<filename>", hint="mellum"),
    _Row("codeqwen", *_STAR, file="<file_sep>", repo="<reponame>"),
    _Row("starcoder2", *_STAR, file="<file_sep>", repo="<repo_name>", inside="path"),
    _Row("starcoder", *_STAR, ("psm", "spm"), joint=True),
    _Row("santacoder", "<fim-prefix>", "<fim-suffix>", "<fim-middle>", ("psm", "spm"), joint=True),
    _Row("codellama", "▁<PRE>", "▁<SUF>", "▁<MID>", ("psm", "spm"), joint=True, space=True),
    _Row("deepseek", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", file_text="#", inside="all"),
    _Row("seed", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", ("spm",)),
    _Row("glm", "<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>", ("psm", "spm")),
    _Row("codestral", "[PREFIX]", "[SUFFIX]", None, ("spm",), file_text="+++++ ", inside="all", space=True),
)


@dataclass(frozen=True, slots=True)
class FimFormat:
    """A format as token ids. ``file_lead`` stands before a path, None where the family has no paths.

    ``stop_ids`` are all control tokens: whichever the model writes, its completion has ended. ``spaced``
    gives the tokens of a text with the space that SentencePiece puts before it, None where none is put.
    """

    name: str
    prefix_id: int
    suffix_id: int
    middle_id: int | None
    order: Order
    file_sep_id: int | None
    repo_id: int | None
    bos_id: int | None
    stop_ids: frozenset[int]
    file_lead: tuple[int, ...] | None
    newline: tuple[int, ...]
    repo_line: bool
    inside: Inside
    between: bool
    joint: bool
    spaced: Callable[[Sequence[int]], list[int]] | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class PromptParts:
    """The text of a prompt in tokens: chunks of other files as (path, body), this file's path, the rest."""

    chunks: Sequence[tuple[Sequence[int], Sequence[int]]]
    path: Sequence[int]
    prefix: Sequence[int]
    suffix: Sequence[int]
    repository: Sequence[int] | None = None


def detect(tokenizer: Tokenizer, order: str | None = None, hint: str = "") -> FimFormat | None:
    """The format whose tokens the vocabulary has, None if it has none.

    ``order`` chooses between those a family was trained on (the first by default), else PairError.
    ``hint`` is any text with the model's name in it.
    """
    special = tokenizer.special
    for row in _TABLE:
        needed = {
            row.prefix,
            row.suffix,
            row.middle or row.prefix,
            row.file or row.prefix,
            row.repo or row.prefix,
        }
        if needed <= special.keys() and row.hint in hint.lower():
            return _format(row, tokenizer, order)
    return None


def _format(row: _Row, tokenizer: Tokenizer, order: str | None) -> FimFormat:
    chosen = next((known for known in row.orders if order in (None, known)), None)
    if chosen is None:
        raise PairError(
            f"The {row.name} format has no order {order!r}; choose {' or '.join(row.orders)} or none."
        )
    special = tokenizer.special
    lead: tuple[int, ...] | None = (special[row.file],) if row.file else None
    if row.file_text:
        lead = tuple(tokenizer.encode(row.file_text))
    return FimFormat(
        name=row.name,
        prefix_id=special[row.prefix],
        suffix_id=special[row.suffix],
        middle_id=special[row.middle] if row.middle else None,
        order=chosen,
        file_sep_id=special[row.file] if row.file else None,
        repo_id=special[row.repo] if row.repo else None,
        bos_id=tokenizer.bos_id,
        stop_ids=frozenset(special.values()) | tokenizer.end_ids,
        file_lead=lead,
        newline=tuple(tokenizer.encode("\n")),
        repo_line=row.repo_line,
        inside=row.inside,
        between=row.between,
        joint=row.joint,
        spaced=partial(_spaced, tokenizer) if row.space and _is_sentence_piece(tokenizer) else None,
    )


def _is_sentence_piece(tokenizer: Tokenizer) -> bool:
    return "▁" in tokenizer.vocabulary()


def _spaced(tokenizer: Tokenizer, tokens: Sequence[int]) -> list[int]:
    """The first line encoded again with a space before it; no token of such vocabularies spans lines."""
    line = next((index + 1 for index, each in enumerate(tokens) if _ends_line(tokenizer, each)), len(tokens))
    first = b"".join(map(tokenizer.bytes_of, tokens[:line]))
    if not first:
        return list(tokens)
    try:
        return [*tokenizer.encode(" " + first.decode()), *tokens[line:]]
    except UnicodeDecodeError:  # a line that was cut inside a character keeps its tokens
        return [*tokenizer.encode(" "), *tokens]


def _ends_line(tokenizer: Tokenizer, token: int) -> bool:
    return tokenizer.bytes_of(token).endswith(b"\n")


def layout(fmt: FimFormat | None, parts: PromptParts, bos_id: int | None = None) -> list[int]:
    """The prompt as ids; generation continues its end. Stable parts come first, for the sake of the cache.

    Without a format the model sees ``bos_id``, the chunks' bodies and the prefix.
    """
    if fmt is None:
        bodies = [token for _, body in parts.chunks for token in body]
        return [*_present(bos_id), *bodies, *parts.prefix]
    before, inner = _head(fmt, parts)
    text = [*inner, *parts.prefix]
    prefix = text if fmt.spaced is None else fmt.spaced(text)
    head = [*_present(fmt.bos_id), *before]
    if fmt.order == "psm":
        return [*head, fmt.prefix_id, *prefix, fmt.suffix_id, *parts.suffix, *_present(fmt.middle_id)]
    if fmt.joint:
        return [*head, fmt.prefix_id, fmt.suffix_id, *parts.suffix, *_present(fmt.middle_id), *prefix]
    return [*head, fmt.suffix_id, *parts.suffix, fmt.prefix_id, *prefix, *_present(fmt.middle_id)]


def _head(fmt: FimFormat, parts: PromptParts) -> tuple[list[int], list[int]]:
    """Repository, chunks with their paths and the file's own path: what goes before the prefix and in it."""
    head: list[int] = []
    if fmt.repo_id is not None and parts.repository:
        head += [fmt.repo_id, *parts.repository, *(fmt.newline if fmt.repo_line else ())]
    if fmt.file_lead is None:
        return head, []
    for index, (path, body) in enumerate(parts.chunks):
        head += [*_lead(fmt, index), *path, *fmt.newline, *body]
    if not parts.path:
        return ([], head) if fmt.inside == "all" else (head, [])
    head += _lead(fmt, len(parts.chunks))
    own = [*parts.path, *fmt.newline]
    if fmt.inside == "path":
        return head, own
    return ([], head + own) if fmt.inside == "all" else (head + own, [])


def _lead(fmt: FimFormat, index: int) -> tuple[int, ...]:
    """What stands before the path of the file with that index."""
    return () if fmt.file_lead is None or (fmt.between and index == 0) else fmt.file_lead


def _present(token: int | None) -> Iterable[int]:
    return () if token is None else (token,)


def formats() -> tuple[str, ...]:
    """Names of all formats."""
    return tuple(row.name for row in _TABLE)
