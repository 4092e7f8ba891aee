"""The job table: what waits for the engine, what runs, and who is answered when something newer comes.

A plain state machine without threads or sockets; the service's one thread owns it. A job is *open* from its
arrival to its terminal reply; whoever takes it out of the open ones sends that reply: exactly one.
"""

import threading
import time
from dataclasses import dataclass, field
from enum import IntEnum

from .protocol import Complete, Warm

QUEUE_LIMIT = 64


class Rank(IntEnum):
    """Order of service: lower first."""

    VISIBLE = 0
    PREFETCH = 1
    WARM = 2


def rank_of(request: Complete | Warm) -> Rank:
    """Return the order of service of a request."""
    if isinstance(request, Warm):
        return Rank.WARM
    return Rank.VISIBLE if request.priority == "visible" else Rank.PREFETCH


@dataclass(slots=True, eq=False)
class Job:
    """One request for the engine. ``arrived`` and ``started`` are monotonic seconds.

    ``cancelled`` is what the engine looks at between its steps.
    """

    client: bytes
    request_id: int
    request: Complete | Warm
    arrived: float = field(default_factory=time.monotonic)
    started: float | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def rank(self) -> Rank:
        """Its order of service."""
        return rank_of(self.request)

    @property
    def queue_ms(self) -> float:
        """Milliseconds it waited for the engine, until now where it still does."""
        return ((self.started or time.monotonic()) - self.arrived) * 1000


class JobTable:
    """Latest wins per (client, document), visible before prefetch before warm, one running, few waiting."""

    def __init__(self, limit: int = QUEUE_LIMIT) -> None:
        self._limit = limit
        self._open: dict[tuple[bytes, int], Job] = {}
        self._queues: dict[Rank, list[Job]] = {rank: [] for rank in Rank}
        self._running: Job | None = None

    @property
    def running(self) -> Job | None:
        """What the engine works on, answered already or not."""
        return self._running

    @property
    def queued(self) -> int:
        """How many jobs wait."""
        return sum(map(len, self._queues.values()))

    def is_open(self, client: bytes, request_id: int) -> bool:
        """Tell whether this client's request still waits for its terminal reply."""
        return (client, request_id) in self._open

    def replaced_by(self, job: Job) -> list[Job]:
        """Close and return what ``job``, about to be added, takes the place of.

        That is older work of equal or lower rank for the same (client, document), an empty document being
        none; and for a visible job also a running prefetch or warming of anybody.
        """
        replaced = [other for other in self._open.values() if _replaces(job, other)]
        running = self._running
        if running is not None and job.rank is Rank.VISIBLE < running.rank and running not in replaced:
            replaced += [running] if self._is_open(running) else []
        for other in replaced:
            self._withdraw(other)
        return replaced

    def add(self, job: Job) -> bool:
        """Let a job wait; False, and nothing is kept, where too many wait already."""
        if self.queued >= self._limit:
            return False
        self._open[job.client, job.request_id] = job
        self._queues[job.rank].append(job)
        return True

    def cancel(self, client: bytes, request_id: int) -> Job | None:
        """Cancel an open request and return its job. One that waits is closed; one that runs stays open.

        A running job is to be answered when the engine, which now sees the cancel, gives it back.
        """
        job = self._open.get((client, request_id))
        if job is not None:
            job.cancelled.set()
            if job is not self._running:
                self._withdraw(job)
        return job

    def drop(self, client: bytes) -> list[Job]:
        """Close and return all of a client that is gone."""
        return self._withdraw_all([job for job in self._open.values() if job.client == client])

    def drop_queued(self) -> list[Job]:
        """Close and return all that waits."""
        return self._withdraw_all([job for job in self._open.values() if job is not self._running])

    def drop_all(self) -> list[Job]:
        """Close and return all that is open; what runs sees its cancel."""
        return self._withdraw_all(list(self._open.values()))

    def next(self) -> Job | None:
        """Start the next job and return it; None where one runs or none waits."""
        if self._running is not None:
            return None
        queue = next((queue for queue in self._queues.values() if queue), None)
        if queue is None:
            return None
        self._running = queue.pop(0)
        self._running.started = time.monotonic()
        return self._running

    def finish(self, job: Job) -> bool:
        """The engine gave back the running job. True where it is still to be answered, and closes it."""
        self._running = None
        return self._open.pop((job.client, job.request_id), None) is job

    def _is_open(self, job: Job) -> bool:
        return self._open.get((job.client, job.request_id)) is job

    def _withdraw_all(self, jobs: list[Job]) -> list[Job]:
        for job in jobs:
            self._withdraw(job)
        return jobs

    def _withdraw(self, job: Job) -> None:
        job.cancelled.set()
        del self._open[job.client, job.request_id]
        if job is not self._running:
            self._queues[job.rank].remove(job)


def _replaces(job: Job, other: Job) -> bool:
    same = job.client == other.client and job.request.document == other.request.document != ""
    return same and job.rank <= other.rank
