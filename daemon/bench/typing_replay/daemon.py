"""The daemon while the replay goes on: when each job came to it and ended, and how fast it lets go of one."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ...aclient import AsyncClient
from ...link import Link
from ...protocol import Cancel, Complete, Done, Outcome, Partial, Recent, Reply

POLL_SECONDS = 0.5  # the daemon remembers its last 32 jobs, more than come in this time
PROBE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """One completion of the daemon: when it came and when it was answered, in monotonic seconds of ours.

    Both are late by the time that the daemon's status takes to come here, a millisecond or so.
    """

    came: float
    ended: float
    outcome: Outcome


@dataclass(slots=True)
class Observer:
    """Collects the daemon's jobs by looking at its status again and again."""

    client: AsyncClient
    jobs: list[Job] = field(default_factory=list)
    _seen: set[Recent] = field(default_factory=set)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(POLL_SECONDS)

    async def look(self) -> None:
        """Take in the jobs that ended since the last look."""
        status = await self.client.status()
        now = time.monotonic()
        for recent in reversed(status.recent):
            facts = replace(recent, age_s=0.0)  # what is left has measured times and tells jobs apart
            if facts not in self._seen:
                self._seen.add(facts)
                ended = now - recent.age_s
                if recent.op == "complete":
                    self.jobs.append(Job(ended - recent.total / 1000, ended, recent.outcome))


def probe(link: Link, requests: Sequence[Complete], seed: int) -> list[float]:
    """Cancel each request at a random moment of its run; return the milliseconds to the daemon's last word.

    That word comes when the engine is idle again. A request that ends before its cancel is left out.
    """
    draw = random.Random(seed)
    found = []
    usual = 0.0  # seconds that a whole request takes
    for request in requests:
        started = time.monotonic()
        number = link.send(request)
        done = _terminal(link, number, started + (usual * draw.random() or PROBE_SECONDS))
        if done is not None:
            usual = time.monotonic() - started
            continue
        asked = time.monotonic()
        link.send(Cancel(number))
        done = _terminal(link, number, asked + PROBE_SECONDS)
        if isinstance(done, Done) and done.finish == "cancelled":
            found.append((time.monotonic() - asked) * 1000)
    return found


def _terminal(link: Link, number: int, deadline: float) -> Reply | None:
    """Return the terminal reply of a request, None where it has not come by the deadline."""
    while (message := link.receive(deadline)) is not None:
        if message[0] == number and not isinstance(message[1], Partial):
            return message[1]
    return None
