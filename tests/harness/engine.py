"""A scripted engine: deterministic tokens, delays and faults, told by the settings and by each request.

``settings.target`` is the path of a JSON file that scripts loading; ``Completion.repository`` holds JSON that
scripts one completion (empty: the defaults of :class:`Script`).
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ...daemon.engine.records import Completion, Piece, Result, Times, Token
from ...daemon.settings import Settings
from ...models.errors import CheckpointError


@dataclass(frozen=True)
class LoadScript:
    """How loading goes: steps of ``delay`` seconds, then ``fault``: "", "model", "crash" or "exit"."""

    steps: int = 1
    delay: float = 0.0
    fault: str = ""


@dataclass(frozen=True)
class Script:
    """How a completion goes: ``tokens`` of ``delay`` seconds each, ``fault`` before token ``fault_at``.

    Tokens are words, or with ``fill`` so many letters each.
    """

    tokens: int = 4
    delay: float = 0.0
    fault: str = ""
    fault_at: int = 1
    fill: int = 0

    def as_text(self) -> str:
        """The request's ``repository`` that asks for this."""
        return json.dumps(asdict(self))


class OutOfMemoryError(RuntimeError):
    """Named like torch's."""


class AcceleratorError(RuntimeError):
    """Named like torch's."""


class FakeEngine:
    """Follows the scripts; keeps nothing between requests, and takes three quiet moments to settle."""

    def __init__(self) -> None:
        self._moments = 0

    def complete(self, request: Completion, cancelled: Callable[[], bool]) -> Iterator[Piece | Result]:
        """Yield one piece a token and the Result."""
        script = Script(**json.loads(request.repository or "{}"))
        started = time.monotonic()
        words: list[str] = []
        for number in range(min(script.tokens, request.max_tokens)):
            if number == script.fault_at:
                fail(script.fault, request)
            time.sleep(script.delay)
            if cancelled():
                break
            words.append("x" * script.fill or f"w{number} ")
            yield Piece(words[-1])
        yield _result(words, cancelled=cancelled(), seconds=time.monotonic() - started, request=request)

    def warm(self, request: Completion, cancelled: Callable[[], bool]) -> None:
        """Take as long as a completion would, and yield nothing."""
        for _ in self.complete(request, cancelled):
            pass

    def idle(self, stopped: Callable[[], bool]) -> bool:
        """Settle bit by bit."""
        self._moments += 1
        return self._moments >= 3

    def facts(self) -> dict[str, object]:
        """Name itself, and tell whether it has settled."""
        return {"pair": "fake", "device": "none", "settled": self._moments >= 3}

    def close(self) -> None:
        """Hold nothing."""


def _result(words: list[str], *, cancelled: bool, seconds: float, request: Completion) -> Result:
    count, total = len(words), seconds * 1000
    return Result(
        text="".join(words),
        finish="cancelled" if cancelled else "length",
        drafted=count * 2,
        tested=count,
        accepted=count // 2,
        emitted=count,
        passes=count - count // 2,
        reused=1,
        computed=len(request.prefix),
        ms=Times(prompt=0.0, first=total / 2, total=total, draft=0.0, verify=total, host=0.0),
        by_position=((count, count // 2),) if count else (),
        tokens=tuple(Token(word, "draft") for word in words) if request.explain else (),
    )


def fail(fault: str, request: Completion) -> None:
    """Do what the script calls a fault. Messages quote the request, as a careless library's would."""
    if fault == "raise":
        raise ValueError(f"cannot handle {request.prefix}{request.suffix}")
    if fault == "oom":
        raise OutOfMemoryError(f"no room for {request.prefix}")
    if fault == "device":
        raise AcceleratorError(f"device assert at {request.prefix}")
    if fault == "thread":
        raise SystemExit
    if fault == "exit":
        os._exit(9)
    if fault == "hang":
        with contextlib.suppress(OSError):
            time.sleep(3600)


def load(settings: Settings, progress: Callable[[str, float], None]) -> FakeEngine:
    """The factory. Raises CheckpointError or whatever the load script says."""
    path = Path(settings.target)
    script = LoadScript(**json.loads(path.read_text()) if path.is_file() else {})
    for step in range(script.steps):
        progress("target", step / script.steps)
        time.sleep(script.delay)
    if script.fault == "model":
        raise CheckpointError("the model directory is empty: put a model there")
    if script.fault == "crash":
        raise RuntimeError("a library broke")
    if script.fault == "exit":
        os._exit(9)
    return FakeEngine()
