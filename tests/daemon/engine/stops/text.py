"""What the tests of the stop rules share: a place from a marked text, and a generation fed piece by piece."""

from dataclasses import dataclass

from .....daemon.engine.records import Completion, Finish
from .....daemon.engine.stops import StopRules
from .....daemon.engine.stops.place import Place


@dataclass(frozen=True)
class Outcome:
    """The final text, why a rule ended it (None: none did), and the pieces that were shown."""

    text: str
    finish: Finish | None
    pieces: tuple[str, ...]


def place(marked: str, path: str = "a.py") -> Place:
    """The place of the cursor, which is the first | of ``marked``."""
    prefix, _, suffix = marked.partition("|")
    return Place.of(Completion(path=path, prefix=prefix, suffix=suffix))


def generate(
    marked: str, text: str, *, path: str = "a.py", multiline: bool | None = None, step: int = 1
) -> Outcome:
    """Feed ``text``, ``step`` characters a round, as the engine would."""
    where = place(marked, path)
    rules = StopRules(where, multiline=where.multiline if multiline is None else multiline)
    pieces, finish = [], None
    for begin in range(0, len(text), step):
        stop = rules.feed(text[begin : begin + step])
        pieces.append(rules.take())
        if stop is not None:
            assert 0 <= stop.keep <= begin + step
            finish = stop.finish
            break
    rules.close()
    pieces.append(rules.take())
    return Outcome(rules.text, finish, tuple(pieces))
