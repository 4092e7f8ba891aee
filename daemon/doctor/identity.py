"""Is every output of speculation the one of plain decoding, token for token; and if not, why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...models.pair import LoadedPair
from ..bench.records import Case
from ..bench.schedule import Runs
from .judge import Divergence, Kind, judge
from .replay import PLAIN


@dataclass(frozen=True, slots=True)
class Difference:
    """An output that is not plain decoding's: who wrote it, where, and the tokens as text."""

    way: str
    place: str
    kind: Kind
    first: Divergence
    plain: str
    other: str


@dataclass(frozen=True, slots=True)
class Identity:
    """How many ``outputs`` there were, plain ones repeated included, and which are not the same."""

    outputs: int
    differences: tuple[Difference, ...]

    def count(self, kind: Kind) -> int:
        """How many outputs differ by a tie, or by a bug."""
        return sum(difference.kind == kind for difference in self.differences)


def compare(runs: Runs, cases: Sequence[Case], pair: LoadedPair) -> Identity:
    """Compare all outputs with the first plain one of their prompt; each difference is judged once."""
    judged: dict[tuple[int, tuple[int, ...]], Divergence] = {}
    found = []
    for way, place, output in _different(runs):
        key = place, output
        if key not in judged:
            plain = runs[PLAIN][place][0].tokens
            judged[key] = judge(pair.target, cases[place].tokens, plain, output, pair.vocab)
        first = judged[key]
        plain_text, other_text = (_text(pair, token) for token in (first.plain, first.other))
        found.append(Difference(way, cases[place].name, first.kind, first, plain_text, other_text))
    outputs = sum(len(repeated) for prompts in runs.values() for repeated in prompts)
    return Identity(outputs - len(runs[PLAIN]), tuple(found))


def _different(runs: Runs) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    for way, prompts in runs.items():
        for place, repeated in enumerate(prompts):
            plain = runs[PLAIN][place][0].tokens
            yield from ((way, place, run.tokens) for run in repeated if run.tokens != plain)


def _text(pair: LoadedPair, token: int) -> str:
    return pair.tokenizer.bytes_of(token).decode(errors="replace")
