"""A scripted engine for the language server: what it writes stands in the first line of the document.

That line is ``#: `` and JSON for :class:`Script`. Every request is put down, one JSON line each, in the log
beside the file that the ``target`` setting names.
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ...daemon.engine.records import Completion, Piece, Result, Times, Token
from ...daemon.settings import Settings
from ...models.errors import CheckpointError


@dataclass(frozen=True)
class Script:
    """``text`` in pieces of words, ``delay`` seconds before each, ``sampled`` in turn by seed.

    Behind ``end`` nothing is written. The engine gives each of its tokens the probability ``chance``.
    """

    text: str = "one two three"
    delay: float = 0.0
    sampled: tuple[str, ...] = ()
    fault: str = ""
    end: str = ""
    chance: float = 0.9

    def as_line(self) -> str:
        """The first line of a document that asks for this."""
        return "#: " + json.dumps(asdict(self)) + "\n"


class ScriptedEngine:
    """Does what the documents say and keeps a list of what it was asked."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def complete(self, request: Completion, cancelled: Callable[[], bool]) -> Iterator[Piece | Result]:
        """Yield the scripted words and the Result."""
        self._note("complete", request)
        first = request.prefix.split("\n", 1)[0]
        script = Script(**json.loads(first[3:])) if first.startswith("#: ") else Script()
        if script.fault:
            raise ValueError(f"{script.fault} at {request.prefix}")
        text = (script.text, *script.sampled)[request.seed if request.seed <= len(script.sampled) else 0]
        if script.end and request.prefix.endswith(script.end):
            text = ""
        written, tokens = "", list[Token]()
        for word in text.split(" "):
            time.sleep(script.delay)
            if cancelled():
                break
            piece = f" {word}" if written else word
            written += piece
            tokens.append(Token(piece, "draft" if tokens else "target"))
            yield Piece(piece)
        self._note("cancelled" if cancelled() else "done", request)
        times = Times(0.0, 1.0, 1.0, 0.0, 1.0, 0.0)
        finish = "cancelled" if cancelled() else "end"
        sure = (math.log(script.chance), math.log(script.chance)) if written else None
        explained = tuple(tokens) if request.explain else ()
        counts = (0, 0, 0, 1, 1, 0, 1, times)
        yield Result(written, finish, *counts, tokens=explained, confidence=sure)  # type: ignore[arg-type]

    def warm(self, request: Completion, cancelled: Callable[[], bool]) -> None:
        """Note what is to be prefilled."""
        self._note("warm", request)

    def idle(self, stopped: Callable[[], bool]) -> bool:
        return True

    def facts(self) -> dict[str, object]:
        """Name itself."""
        return {"pair": "scripted"}

    def close(self) -> None:
        """Hold nothing."""

    def _note(self, event: str, request: Completion) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"event": event, **asdict(request)}) + "\n")


def load(settings: Settings, progress: Callable[[str, float], None]) -> ScriptedEngine:
    """The factory: ``target`` names a JSON file with ``seconds`` to take and ``fault`` to raise."""
    path = Path(settings.target)
    script = json.loads(path.read_text())
    for step in range(4):
        progress("target", step / 4)
        time.sleep(script.get("seconds", 0.0) / 4)
    if script.get("fault"):
        raise CheckpointError(script["fault"])
    return ScriptedEngine(path.with_suffix(".log"))
