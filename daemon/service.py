"""The service: one thread that owns socket, job table and counters, and lets the engine's thread work.

Nothing here waits for the engine or for a reader. Every request that is decoded gets exactly one terminal
reply, whatever the engine or the clients do, unless its client is gone.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import zmq

from . import protocol as p
from .engine.records import Result
from .history import History
from .jobs import Job, JobTable
from .listener import Listener
from .metrics import Meter
from .outbox import Outbox, Sent
from .paths import Places
from .schema import ProtocolError
from .settings import Settings, state_dir
from .vitals import process_facts
from .worker import (
    WAKE_ENDPOINT,
    Failure,
    Finished,
    Learnt,
    Loaded,
    Loading,
    Text,
    Unloaded,
    Worker,
    empty_result,
)

SELF_CHECK_SECONDS = 60.0
TICK_SECONDS = 1.0
BACKLOG_TICK_SECONDS = 0.02
BATCH = 64  # messages read before the engine's events are looked at again
FATAL_EXIT = 75  # EX_TEMPFAIL: whoever needs us starts a new process

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Condition:
    """In what state the engine is, and how it got there."""

    state: p.State = "unloaded"
    stage: str = ""
    fraction: float = 0.0
    code: str = ""
    reason: str = ""


class Service:
    """Serves until told to stop. Made, run and closed by one thread."""

    def __init__(
        self, settings: Settings, where: Places, listener: Listener, worker: Worker, waker: "zmq.Socket[Any]"
    ) -> None:
        self._settings = settings
        self._where = where
        self._listener = listener
        self._worker = worker
        self._waker = waker
        self._outbox = Outbox(listener.socket)
        self._table = JobTable()
        self._wakes: list[tuple[bytes, int]] = []  # empty warmings: they only wait for the models
        self._meter = Meter()
        self._history = History(state_dir() if settings.history else None)
        self._condition = Condition()
        self._facts: dict[str, object] = {}
        self._exit: int | None = None
        self._used = self._checked = time.monotonic()
        self._handlers: dict[type, Callable[[bytes, int, Any], None]] = {
            p.Hello: self._hello,
            p.Complete: self._submit,
            p.Warm: self._warm,
            p.Cancel: self._cancel,
            p.Feedback: self._feedback,
            p.GetStatus: self._status,
            p.GetMetrics: self._metrics,
            p.Stop: self._stop,
        }

    def run(self, signals: int) -> int:
        """Serve until a Stop, a byte on the descriptor ``signals``, idleness or a lost device.

        Returns the exit code of the process. Open requests are answered before.
        """
        router = self._listener.socket
        poller = zmq.Poller()
        for source in (router, self._waker, signals):
            poller.register(source, zmq.POLLIN)
        self._load()
        while self._exit is None:
            tick = BACKLOG_TICK_SECONDS if self._outbox.waiting else TICK_SECONDS
            ready = dict(poller.poll(int(tick * 1000)))
            if signals in ready:
                self._end(0, "a signal")
            if self._waker in ready:
                self._hear()
            if router in ready:
                self._read()
            self._housekeep()
        self._farewell()
        return self._exit

    # -- requests

    def _read(self) -> None:
        for _ in range(BATCH):
            try:
                client, *frames = self._listener.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                if len(frames) != 1:
                    raise ProtocolError("malformed", f"a message is one frame, not {len(frames)}")
                request_id, request = p.decode_request(frames[0])
            except ProtocolError as error:
                self._meter.count(f"error.{error.code}")
                self._reply(client, error.request_id, p.Error(error.code, error.text))
                continue
            self._handlers[type(request)](client, request_id, request)

    def _hello(self, client: bytes, request_id: int, _request: p.Hello) -> None:
        c = self._condition
        own = self._listener.connection
        welcome = p.Welcome(
            process_facts().package, own.key, own.pid, c.state, c.stage, c.fraction, c.code, c.reason
        )
        self._reply(client, request_id, welcome)

    def _warm(self, client: bytes, request_id: int, request: p.Warm) -> None:
        if request.prefix or request.suffix:
            self._submit(client, request_id, request)
            return
        self._touch()
        if self._condition.state == "ready":
            self._reply(client, request_id, p.Ok())
        else:
            self._wakes.append((client, request_id))

    def _submit(self, client: bytes, request_id: int, request: p.Complete | p.Warm) -> None:
        if self._table.is_open(client, request_id):
            text = f"request {request_id} is still open: give every request an id of its own"
            self._reply(client, request_id, p.Error("duplicate_id", text))
            return
        job = Job(client, request_id, request)
        for older in self._table.replaced_by(job):
            self._close(older, p.Superseded(), "superseded")
        if self._table.add(job):
            self._touch()
            self._dispatch()
        else:
            self._fail(
                job, Failure("overloaded", "too many requests wait for the engine: send fewer at a time")
            )

    def _cancel(self, client: bytes, request_id: int, request: p.Cancel) -> None:
        job = self._table.cancel(client, request.target)
        if job is not None and not self._table.is_open(client, request.target):
            self._answer(job, empty_result("cancelled"))
        self._reply(client, request_id, p.Ok(found=job is not None))

    def _feedback(self, client: bytes, request_id: int, request: p.Feedback) -> None:
        self._meter.feedback(request)
        self._history.told(request)
        self._reply(client, request_id, p.Ok())

    def _status(self, client: bytes, request_id: int, _request: p.GetStatus) -> None:
        c, facts = self._condition, process_facts()
        status = p.Status(
            package=facts.package,
            key=self._where.key,
            pid=self._listener.connection.pid,
            state=c.state,
            uptime_s=self._meter.uptime,
            rss_bytes=facts.rss_bytes,
            queued=self._table.queued,
            rates=self._meter.rates(),
            engine=dict(self._facts),
            settings=self._settings.as_map(),
            outcomes=self._meter.outcomes(),
            stage=c.stage,
            fraction=c.fraction,
            code=c.code,
            reason=c.reason,
            log=str(self._where.log),
            recent=self._meter.recent(),
            suggestions=self._meter.suggestions(),
        )
        self._reply(client, request_id, status)

    def _metrics(self, client: bytes, request_id: int, _request: p.GetMetrics) -> None:
        meter = self._meter
        metrics = p.Metrics(meter.uptime, dict(meter.counters), meter.rates(), meter.suggestions())
        self._reply(client, request_id, metrics)

    def _stop(self, client: bytes, request_id: int, _request: p.Stop) -> None:
        self._reply(client, request_id, p.Ok())
        self._end(0, "a client's stop")

    # -- the engine

    def _touch(self) -> None:
        """Somebody needs the models: have them loaded where they are not."""
        self._used = time.monotonic()
        if self._condition.state in ("unloaded", "failed"):
            self._load()

    def _load(self) -> None:
        self._condition = Condition("loading")
        self._worker.load()

    def _dispatch(self) -> None:
        if self._condition.state == "ready" and (job := self._table.next()) is not None:
            self._worker.run(job)

    def _hear(self) -> None:
        while self._waker.poll(0):
            self._waker.recv()
        for event in self._worker.events():
            match event:
                case Loading():
                    self._condition = Condition(
                        "loading", event.stage[:256], min(1.0, max(0.0, event.fraction))
                    )
                case Loaded():
                    self._loaded(event)
                case Unloaded():
                    log.info("models unloaded")
                case Text():
                    self._stream(event)
                case Finished():
                    self._finished(event)
                case Learnt():
                    self._facts = event.facts
        self._dispatch()

    def _loaded(self, event: Loaded) -> None:
        failure, self._facts = event.failure, event.facts
        self._condition = Condition("ready")
        self._history.loaded()
        if failure is not None:
            log.error("loading failed: %s", failure.code)
            self._condition = Condition("failed", code=failure.code, reason=failure.text)
            for job in self._table.drop_queued():
                self._fail(job, failure)
        self._answer_wakes(failure)

    def _answer_wakes(self, failure: Failure | None) -> None:
        wakes, self._wakes = self._wakes, []
        for client, request_id in wakes:
            reply = p.Ok() if failure is None else p.Error(failure.code, failure.text)
            self._reply(client, request_id, reply)

    def _stream(self, event: Text) -> None:
        job = event.job
        if self._table.is_open(job.client, job.request_id) and not job.cancelled.is_set():
            sent = self._reply(job.client, job.request_id, p.Partial(event.text), keep=False)
            if sent is Sent.STALLED:
                self._meter.count("stalled")
                job.cancelled.set()

    def _finished(self, event: Finished) -> None:
        self._facts, self._used = event.facts, time.monotonic()
        if isinstance(event.outcome, Result):
            self._meter.work(event.job, event.outcome)
        if self._table.finish(event.job):
            if isinstance(event.outcome, Failure):
                self._fail(event.job, event.outcome)
            else:
                self._answer(event.job, event.outcome)
        if isinstance(event.outcome, Result):
            self._history.completed(event.job, event.outcome, event.facts)
        if isinstance(event.outcome, Failure) and event.outcome.fatal:
            self._end(FATAL_EXIT, "a device failure")

    # -- replies

    def _answer(self, job: Job, result: Result | None) -> None:
        if result is None:
            self._close(job, p.Ok(), "cancelled" if job.cancelled.is_set() else "done")
            return
        done = done_of(result, job.queue_ms)
        self._close(job, done, "cancelled" if done.finish == "cancelled" else "done", done)

    def _fail(self, job: Job, failure: Failure) -> None:
        self._meter.count(f"error.{failure.code}")
        self._close(job, p.Error(failure.code, failure.text[:4096]), "error")

    def _close(self, job: Job, reply: p.Reply, outcome: p.Outcome, done: p.Done | None = None) -> None:
        """Send the terminal reply of a job that the table has closed."""
        self._meter.close(job, outcome, done)
        self._reply(job.client, job.request_id, reply)

    def _reply(self, client: bytes, request_id: int, reply: p.Reply, *, keep: bool = True) -> Sent:
        try:
            frame = p.encode(reply, request_id)
        except ProtocolError as error:
            log.error("a %s cannot be sent: %s", type(reply).__name__, error.text)
            text = f"the answer cannot be sent ({error.text}): ask for fewer tokens"
            frame = p.encode(p.Error("bad_answer", text), request_id)
        sent = self._outbox.send(client, frame, keep=keep)
        if sent is Sent.GONE:
            self._forget(client)
        return sent

    def _forget(self, client: bytes) -> None:
        """A client is gone: its jobs end without a reply."""
        self._wakes = [wake for wake in self._wakes if wake[0] != client]
        for job in self._table.drop(client):
            self._meter.count("client_gone")
            self._meter.close(job, "cancelled")

    # -- time passes

    def _housekeep(self) -> None:
        if self._outbox.waiting:
            for client in self._outbox.flush():
                self._forget(client)
        now = time.monotonic()
        busy = self._table.running is not None or self._table.queued > 0 or bool(self._wakes)
        self._history.flush(busy=busy)
        idle_minutes = 0.0 if busy else (now - self._used) / 60
        settings, state = self._settings, self._condition.state
        if 0 < settings.exit_minutes < idle_minutes and state != "loading":
            self._end(0, "idleness")
        elif 0 < settings.idle_minutes < idle_minutes and state == "ready":
            self._condition, self._facts = Condition("unloaded"), {}
            self._worker.unload()
        if now - self._checked > SELF_CHECK_SECONDS:
            self._checked = now
            if not self._listener.is_ours(self._where):
                self._end(1, "the loss of its socket or connection file")
        if not self._worker.alive:
            self._end(FATAL_EXIT, "the death of the engine's thread")

    def _end(self, code: int, why: str) -> None:
        if self._exit is None:
            log.info("stopping: %s", why)
            self._exit = code

    def _farewell(self) -> None:
        failure = Failure("stopping", "the daemon is stopping: try again, a new one is started")
        for job in self._table.drop_all():
            self._fail(job, failure)
        self._answer_wakes(failure)
        self._history.flush()
        deadline = time.monotonic() + TICK_SECONDS
        while self._outbox.waiting and time.monotonic() < deadline:
            self._outbox.flush()
            time.sleep(BACKLOG_TICK_SECONDS)


def done_of(result: Result, queue_ms: float) -> p.Done:
    """Return the reply for an engine's result; ``queue_ms`` is how long the request waited before."""
    ms = result.ms
    values = {f.name: getattr(result, f.name) for f in fields(Result)}
    values["ms"] = p.Times(queue_ms, ms.prompt, ms.first, ms.total, ms.draft, ms.verify, ms.host)
    values["tokens"] = tuple(p.Token(token.text, token.origin) for token in result.tokens)
    return p.Done(**values)


def waker(context: "zmq.Context[Any]") -> "zmq.Socket[Any]":
    """Return the bound socket on which the engine's thread wakes the service."""
    socket: zmq.Socket[Any] = context.socket(zmq.PULL)
    socket.bind(WAKE_ENDPOINT)
    return socket
