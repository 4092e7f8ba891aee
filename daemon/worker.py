"""The engine's thread: loads, runs one job at a time, unloads, and tells the service what happened.

The service talks to it through a queue and hears from it through another; a frame on an inproc socket wakes
the service's poller. The engine is touched by this thread only.
"""

import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

import zmq

from ..models.errors import ModelError
from .engine.records import Chunk, Completion, Piece, Result, Times
from .jobs import Job
from .logs import outline
from .protocol import Complete, Warm
from .settings import Settings

WAKE_ENDPOINT = "inproc://engine"
QUIET_SECONDS = 0.25  # between two looks at what an engine waits for
_SHARED_FIELDS = tuple(
    f.name for f in fields(Completion) if f.name in Complete.__dataclass_fields__ and f.name != "chunks"
)

Value = TypeVar("Value")

log = logging.getLogger(__name__)


class Engine(Protocol):
    """What the daemon asks of an engine (``engine.engine.Engine``, or a scripted one in tests)."""

    def complete(self, request: Completion, cancelled: Callable[[], bool]) -> Iterator[Piece | Result]:
        """Yield pieces as they become final and the Result last."""

    def warm(self, request: Completion, cancelled: Callable[[], bool]) -> None:
        """Prefill the prompt into a slot."""

    def idle(self, stopped: Callable[[], bool]) -> bool:
        """Do what waits for a quiet moment, until ``stopped()``; False while something is left to do."""

    def facts(self) -> dict[str, object]:
        """Return what status shows: pair, device, dtypes, memory."""

    def close(self) -> None:
        """Give back all memory."""


EngineFactory = Callable[[Settings, Callable[[str, float], None]], Engine]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job or a load has no result. ``fatal``: the process cannot use its device any more."""

    code: str
    text: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Loading:
    """How far loading is."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The engine is ready, or loading failed."""

    facts: dict[str, object]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Unloaded:
    """The engine gave back its memory."""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of a running job's text."""

    job: Job
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A job's end: a Result, None for a finished warming, or a Failure. ``facts`` are the engine's since."""

    job: Job
    outcome: Result | Failure | None
    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class Learnt:
    """The engine's ``facts`` changed in a quiet moment: steps were compiled, say."""

    facts: dict[str, object]


Event = Loading | Loaded | Unloaded | Text | Finished | Learnt


class _StoppedError(Exception):
    """Raised inside a load when the daemon stops."""


class Worker:
    """The thread. ``load``, ``run``, ``unload`` are taken in order; the service drains ``events``."""

    def __init__(self, settings: Settings, factory: EngineFactory, context: "zmq.Context[Any]") -> None:
        self._settings = settings
        self._factory = factory
        self._context = context
        self._inbox: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._outbox: SimpleQueue[Event] = SimpleQueue()
        self._stopping = threading.Event()
        self._engine: Engine | None = None
        self._told: dict[str, object] = {}
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)

    @property
    def alive(self) -> bool:
        """Tell whether the thread still takes work."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread. The service has bound WAKE_ENDPOINT by now."""
        self._thread.start()

    def load(self) -> None:
        """Have the engine loaded; Loading events and one Loaded follow."""
        self._inbox.put(self._load)

    def unload(self) -> None:
        """Have the engine closed; Unloaded follows."""
        self._inbox.put(self._unload)

    def run(self, job: Job) -> None:
        """Have a job run; Text events and one Finished follow."""
        self._inbox.put(lambda: self._run(job))

    def stop(self, timeout: float) -> bool:
        """End the thread, waiting up to ``timeout`` seconds; False where the engine does not let go."""
        self._stopping.set()
        self._inbox.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def events(self) -> Iterator[Event]:
        """Yield what happened since the last call."""
        while True:
            try:
                yield self._outbox.get_nowait()
            except Empty:
                return

    def _main(self) -> None:
        self._wake: zmq.Socket[bytes] = self._context.socket(zmq.PUSH)
        self._wake.connect(WAKE_ENDPOINT)
        try:
            while (step := self._next()) is not None and not self._stopping.is_set():
                step()
            self._close()
        finally:
            self._wake.close(0)

    def _next(self) -> Callable[[], None] | None:
        """The next step to take; while there is none, the engine gets the quiet moment."""
        while self._inbox.empty() and self._engine is not None and not self._quiet(self._engine):
            with contextlib.suppress(Empty):
                return self._inbox.get(timeout=QUIET_SECONDS)
        before = self._told
        if self._engine is not None and self._facts() != before:
            self._tell(Learnt(self._told))
        return self._inbox.get()

    def _quiet(self, engine: Engine) -> bool:
        done = _attempt(
            lambda: engine.idle(lambda: not self._inbox.empty()),
            "engine_failed",
            "the engine failed in a quiet moment",
        )
        if isinstance(done, Failure):
            log.error("a quiet moment ended: %s", done.code)
            return True
        return done

    def _tell(self, event: Event) -> None:
        self._outbox.put(event)
        try:
            self._wake.send(b"", zmq.NOBLOCK)
        except zmq.Again:
            return  # as many wake-ups are under way as the pipe takes; the service drains all events at once

    def _progress(self, stage: str, fraction: float) -> None:
        if self._stopping.is_set():
            raise _StoppedError
        self._tell(Loading(stage, fraction))

    def _load(self) -> None:
        started = time.monotonic()
        try:
            loaded = _attempt(
                lambda: self._factory(self._settings, self._progress),
                "load_failed",
                "loading the models failed",
            )
        except _StoppedError:
            return
        if isinstance(loaded, Failure):
            gc.collect()
            self._tell(Loaded({}, loaded))
            return
        self._engine = loaded
        log.info("models loaded in %.1f s", time.monotonic() - started)
        self._tell(Loaded(self._facts()))

    def _unload(self) -> None:
        self._close()
        self._tell(Unloaded())

    def _close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None
            gc.collect()

    def _run(self, job: Job) -> None:
        outcome = _attempt(lambda: self._work(job), "engine_failed", "the engine failed at this request")
        if isinstance(outcome, Failure):
            gc.collect()  # out of the except block: until here the traceback holds the engine's tensors
        self._tell(Finished(job, outcome, self._facts()))

    def _work(self, job: Job) -> Result | None:
        if self._engine is None:
            raise RuntimeError("a job was run without an engine")
        request = completion_of(job.request, self._settings, job.queue_ms)
        cancelled = job.cancelled.is_set
        if request.deadline_ms is not None and request.deadline_ms <= 0:
            return empty_result("deadline")
        if isinstance(job.request, Warm):
            self._engine.warm(request, cancelled)
            return None
        stream = job.request.stream
        for item in self._engine.complete(request, cancelled):
            if isinstance(item, Result):
                return item
            if stream and item.text:
                self._tell(Text(job, item.text))
        raise RuntimeError("the engine ended without a result")

    def _facts(self) -> dict[str, object]:
        self._told = self._engine.facts() if self._engine is not None else {}
        return self._told


def completion_of(request: Complete | Warm, settings: Settings, queue_ms: float) -> Completion:
    """Return the engine's record of a request. Settings fill what it left open; waiting eats its deadline."""
    values = {name: getattr(request, name) for name in _SHARED_FIELDS if hasattr(request, name)}
    values["chunks"] = tuple(Chunk(chunk.path, chunk.text) for chunk in request.chunks)
    if isinstance(request, Complete):
        values["drafter"] = settings.drafter if request.drafter == "auto" else request.drafter
        values["k"] = settings.k if request.k is None else request.k
        values["deadline_ms"] = None if request.deadline_ms is None else request.deadline_ms - queue_ms
    return Completion(**values)


def empty_result(finish: Any) -> Result:
    """Return the result of a request that the engine never touched."""
    return Result("", finish, 0, 0, 0, 0, 0, 0, 0, Times(0.0, 0.0, 0.0, 0.0, 0.0, 0.0))


def _attempt(work: Callable[[], Value], code: str, sentence: str) -> Value | Failure:
    """What ``work`` returns; what to answer instead where it fails, whatever a library raises."""
    try:
        return work()
    except _StoppedError:
        raise
    except Exception as error:  # noqa: BLE001  (everything that is asked ends in an answer)
        return _failure(error, code, sentence)


def _failure(error: Exception, code: str, sentence: str) -> Failure:
    """Return what to answer for an error of load or engine. Its message may hold text, so no log has it."""
    if isinstance(error, ModelError):
        return Failure(error.code, str(error))
    log.error("%s: %s", sentence, outline(error))
    kind = type(error).__name__
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError":
        return Failure("overloaded", "the device ran out of memory: shorten the context or free memory there")
    if kind == "AcceleratorError" or "CUDA error" in str(error):
        return Failure("engine_lost", "the device failed and the daemon restarts: try again", fatal=True)
    return Failure(code, f"{sentence} ({kind}): see the daemon's log, and report it if it happens again")
