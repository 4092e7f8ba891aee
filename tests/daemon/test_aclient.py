"""The asyncio client: many requests at once, cancelled with their tasks, and the same errors."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any

import pytest

from ...daemon.aclient import AsyncClient
from ...daemon.errors import DaemonLost, DaemonNotRunning, RequestError, RequestSuperseded, RequestTimeout
from ...daemon.protocol import Feedback, Warm
from ..harness.home import SECONDS, Home, ask


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, within bounds."""
    asyncio.run(asyncio.wait_for(main, 3 * SECONDS))


def test_requests_at_once_get_their_own_answers(home: Home) -> None:
    async def main() -> None:
        heard: list[str] = []
        async with await AsyncClient.connect(home.settings()) as client:
            plain = [client.complete(ask(tokens=n)) for n in range(1, 9)]
            *answers, streamed = await asyncio.gather(*plain, client.complete(ask(tokens=5), heard.append))
            await client.feedback(Feedback("shown"))
            await client.warm(Warm("a.py", "x = "))
            status = await client.status()
        assert [answer.emitted for answer in answers] == list(range(1, 9))
        assert "".join(heard) == streamed.text == "w0 w1 w2 w3 w4 "
        assert status.outcomes["feedback.shown"] == 1

    run(main())


def test_a_cancelled_task_cancels_its_request(home: Home) -> None:
    async def main() -> None:
        async with await AsyncClient.connect(home.settings()) as client:
            begun = asyncio.Event()
            slow = client.complete(ask(tokens=4000, delay=0.01), lambda _: begun.set())
            task = asyncio.create_task(slow)
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await client.complete(ask(tokens=1))).text == "w0 "
            assert (await client.status()).outcomes["outcome.cancelled"] == 1

    run(main())


def test_newer_requests_supersede_older_ones(home: Home) -> None:
    async def main() -> None:
        async with await AsyncClient.connect(home.settings()) as client:
            calls = [client.complete(ask("a.py", tokens=50, delay=0.01)) for _ in range(5)]
            *older, newest = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(answer, RequestSuperseded) for answer in older)
            assert not isinstance(newest, BaseException)
            assert newest.emitted == 50

    run(main())


def test_timeouts_and_faults_are_errors(home: Home) -> None:
    async def main() -> None:
        async with await AsyncClient.connect(home.settings()) as client:
            with pytest.raises(RequestTimeout):
                await client.complete(ask(tokens=4000, delay=0.01), timeout=0.1)
            with pytest.raises(RequestError, match="engine failed"):
                await client.complete(ask(fault="raise"))

            def refuse(piece: str) -> None:
                raise LookupError(piece)

            with pytest.raises(LookupError):
                await client.complete(ask(tokens=4000, delay=0.01), refuse)
            assert (await client.complete(ask(tokens=1))).text == "w0 "

    run(main())


def test_a_killed_daemon_fails_all_and_is_replaced(home: Home) -> None:
    async def main() -> None:
        async with await AsyncClient.connect(home.settings()) as client:
            victim = (await client.hello()).pid
            calls = [client.complete(ask(tokens=1000, delay=0.01)) for _ in range(3)]
            pending = asyncio.gather(*calls, return_exceptions=True)
            await asyncio.sleep(0.05)
            os.kill(victim, signal.SIGKILL)
            assert [type(answer) for answer in await pending] == [DaemonLost] * 3
            answers = await asyncio.gather(*[client.complete(ask(tokens=1)) for _ in range(3)])
            assert [answer.text for answer in answers] == ["w0 "] * 3
            assert (await client.hello()).pid != victim

    run(main())


def test_progress_is_told_and_a_failed_load_raises(home: Home) -> None:
    heard: list[tuple[str, float]] = []

    async def main() -> None:
        client = await AsyncClient.connect(home.settings(), progress=lambda *told: heard.append(told))
        assert (await client.hello()).state == "ready"
        await client.close()
        await client.close()
        home.loads(fault="model")
        with pytest.raises(RequestError, match="model directory is empty"):
            await AsyncClient.connect(home.settings(slots=2), progress=lambda *_: None)

    home.loads(steps=4, delay=0.15)
    run(main())
    assert ("target", 0.5) in heard


def test_no_daemon_is_started_unasked(home: Home) -> None:
    async def main() -> None:
        with pytest.raises(DaemonNotRunning):
            await AsyncClient.connect(home.settings(), spawn=False)

    run(main())
