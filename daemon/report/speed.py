"""The measured speed-up by the number of guessed tokens: its record, and the file it is kept in."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from ..paths import write_private
from ..protocol import MAX_K
from ..schema import Choice, Int, Items, Maybe, ProtocolError, Real, Record, Text, dump, load

FRESH_SECONDS = 7 * 86_400.0
"""Age past which a measurement is made anew."""
LONGEST_FILE = 1 << 18

Kind = Literal["draft", "lookup", "auto"]
Number = Annotated[float, Real()]
MaybeNumber = Annotated[float | None, Maybe(Real())]
Interval = Annotated[tuple[float, float, float], Items(Real(), 3, exact=True)]
Sentence = Annotated[str, Text(1024)]


@dataclass(frozen=True, slots=True)
class Point:
    """A way to guess that was measured: ``kind`` with ``k`` tokens a round (0: as the pacer chooses).

    ``tokens`` is how many times faster than plain decoding a token is written, ``whole`` a completion with
    its prompt: low, median, high of the 95 % interval. ``acceptance`` is accepted / tested, ``per_pass``
    emitted / target passes.
    """

    kind: Annotated[Kind, Choice(get_args(Kind))]
    k: Annotated[int, Int(0, MAX_K)]
    tokens: Interval
    whole: Interval
    acceptance: MaybeNumber
    per_pass: MaybeNumber


@dataclass(frozen=True, slots=True)
class Cost:
    """Costs at ``k`` guessed tokens, in plain steps: ``draft`` of one guess (c), ``verify`` of the check (v).

    ``predicted`` is the speed-up by τ / (k c + v), τ = (1 − α^(k+1)) / (1 − α).
    """

    k: Annotated[int, Int(1, MAX_K)]
    draft: Number
    verify: Number
    predicted: Number


@dataclass(frozen=True, slots=True)
class Speed:
    """One measurement. ``at`` is seconds of the epoch, ``plain`` milliseconds of a plain token.

    ``prompts`` completions of ``tokens`` tokens each; ``warning`` says what made it doubtful.
    """

    at: Number
    engine: Sentence
    machine: Sentence
    prompts: Annotated[int, Int(1)]
    tokens: Annotated[int, Int(1)]
    plain: Number
    acceptance: MaybeNumber
    points: Annotated[tuple[Point, ...], Items(Record(Point), 64)]
    costs: Annotated[tuple[Cost, ...], Items(Record(Cost), MAX_K)]
    warning: Annotated[str | None, Maybe(Text(1024))] = None

    def best(self, kind: Kind) -> Point | None:
        """The fastest of its points of that kind."""
        found = [point for point in self.points if point.kind == kind]
        return max(found, key=lambda point: point.tokens[1], default=None)


def path_of(folder: Path, key: str) -> Path:
    """Where the measurement of the settings with that key is kept."""
    return folder / f"speed-{key}.json"


def keep(path: Path, speed: Speed) -> None:
    """Write a measurement, all at once or not at all. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps(dump(speed, "")).encode())


def recall(path: Path) -> Speed | None:
    """The measurement kept at ``path``; None where there is none that can be read."""
    try:
        with path.open("rb") as file:
            values: Any = json.loads(file.read(LONGEST_FILE))
        speed: Speed = load(Speed, values, "")
    except (OSError, ValueError, TypeError, RecursionError, AttributeError, ProtocolError):
        return None
    return speed
