"""What the bench asks of an arm and what it notes of a run: plain records, no torch."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Case:
    """One prompt: the request's text, its ``kind`` of position, and the tokens that every arm is given.

    ``key`` is the character that stands at the cursor in the file, ``inside`` what it stands in: code, a
    comment or a string.
    """

    name: str
    kind: str
    path: str
    prefix: str
    suffix: str
    tokens: tuple[int, ...]
    key: str = ""
    inside: str = "code"


@dataclass(frozen=True, slots=True)
class Run:
    """One measured completion, from the request to its last token; times in milliseconds.

    ``at_first`` tokens were there with the first text, after ``first`` ms. ``tested`` is None where a peer
    does not tell it, ``passes`` where it cannot be counted, ``host`` where it is not measured.
    """

    tokens: tuple[int, ...]
    first: float
    total: float
    at_first: int = 1
    drafted: int = 0
    tested: int | None = 0
    accepted: int = 0
    passes: int | None = None
    host: float | None = None

    @property
    def per_token(self) -> float | None:
        """Milliseconds a token after the first text; None when all came with it."""
        left = len(self.tokens) - self.at_first
        return (self.total - self.first) / left if left > 0 else None


class Arm(Protocol):
    """One way to complete: an engine with its settings."""

    @property
    def name(self) -> str:
        """Its short name, as ``--only`` takes it."""
        ...

    @property
    def label(self) -> str:
        """What the table calls it."""
        ...

    def run(self, case: Case, count: int) -> Run:
        """Write exactly ``count`` tokens after the case's prompt, from an empty cache."""
        ...
