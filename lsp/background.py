"""Work that would hold up the event loop, one job after the other in a thread of its own."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ..daemon.logs import outline

log = logging.getLogger(__name__)

Run = Callable[[Callable[[], None]], None]
"""Has a job done, now or later. Tests do it at once: ``lambda job: job()``."""


class Background:
    """Does jobs in the order they come. What fails is logged, without any text of the user."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="paceline-background")

    def run(self, job: Callable[[], None]) -> None:
        """Have ``job`` done later."""
        self._pool.submit(_guarded, job)

    def close(self) -> None:
        """Let go of jobs that have not begun, and wait for the one under way."""
        self._pool.shutdown(cancel_futures=True)


def _guarded(job: Callable[[], None]) -> None:
    try:
        job()
    except Exception as error:  # noqa: BLE001  # a job must not end the thread, and nobody waits for it
        log.error("a job in the background failed: %s", outline(error))
