"""What the engine is asked and what it answers: plain records, no torch.

Times are milliseconds from the moment the engine took the request; token counts follow DESIGN §1.
"""

from dataclasses import dataclass, field
from typing import Literal

DrafterChoice = Literal["auto", "draft", "lookup", "none"]
Origin = Literal["target", "draft", "lookup", "replay"]
Finish = Literal[
    "end",  # the model emitted an end token
    "line",  # single-line mode met the end of the line
    "suffix",  # the text met what follows the cursor
    "block",  # the text left the block the cursor is in
    "repetition",
    "length",  # max_tokens, or no room left in the context
    "deadline",
    "cancelled",
]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of another file given as context: its path, relative to the project, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Completion:
    """One request: complete ``prefix`` | cursor | ``suffix`` of the file at ``path``.

    ``multiline`` None lets the engine decide from the position; ``k`` None lets the pacer choose the
    number of drafted tokens; ``deadline_ms`` counts from the start of work on the request.
    """

    path: str
    prefix: str
    suffix: str = ""
    language: str = ""
    repository: str = ""
    chunks: tuple[Chunk, ...] = ()
    max_tokens: int = 64
    multiline: bool | None = None
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    drafter: DrafterChoice = "auto"
    k: int | None = None
    deadline_ms: float | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that became final in one round, in order; concatenated, the pieces are ``Result.text``."""

    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """One emitted token for ``explain``: its text and who proposed it."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: prompt (to the end of the first target pass, drafting left out), first (to the first
    text), total, draft (all drafting), verify (target passes after the first), host (the rest).
    """

    prompt: float
    first: float
    total: float
    draft: float
    verify: float
    host: float


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a completion; ``by_position[i]`` is (tested, accepted) of the i-th drafted token of a round.

    ``tokens`` is filled when the request said ``explain``. ``saved_ms`` is what speculation saved over plain
    decoding and the bounds of its 95 % interval, None where that is not known. ``confidence`` is the mean and
    the least natural logarithm of the probability that the target itself, at temperature 1, gave the tokens
    of the text; None for an empty one.
    """

    text: str
    finish: Finish
    drafted: int
    tested: int
    accepted: int
    emitted: int
    passes: int
    reused: int
    computed: int
    ms: Times
    by_position: tuple[tuple[int, int], ...] = ()
    tokens: tuple[Token, ...] = field(default=())
    saved_ms: tuple[float, float, float] | None = None
    confidence: tuple[float, float] | None = None
