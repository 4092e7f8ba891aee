"""The daemon as the server sees it: woken once for all, missed without an error, asked when it is back."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from ...daemon.errors import (
    DaemonFailed,
    DaemonLost,
    PacelineError,
    RequestError,
    RequestSuperseded,
    RequestTimeout,
)
from ...daemon.protocol import Complete, Done, Feedback, Times, Warm
from ...daemon.settings import Settings
from ...lsp import backend as backend_module
from ...lsp.backend import PAUSES, Backend

DONE = Done("x", "end", 0, 0, 0, 1, 1, 0, 1, Times(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
LOST = DaemonLost("gone")


class Client:
    """A client of no daemon: it loads, and answers, as ``script`` says in turn; the last entry stays."""

    made: list["Client"]
    loads: list[Any]
    answers: list[Any]

    def __init__(self, settings: Settings, *, spawn: bool) -> None:
        self.settings = settings
        self.connected = self.closed = False
        self.told: list[Any] = []
        Client.made.append(self)

    async def wait_ready(self, progress: Callable[[str, float], None]) -> None:
        """Load."""
        progress("target", 0.5)
        await _follow(Client.loads)
        self.connected = True

    async def complete(self, request: Complete, on_text: Any, timeout: float) -> Any:
        """Answer."""
        self.told.append(request)
        return await _follow(Client.answers)

    async def warm(self, request: Warm, timeout: float) -> None:
        """Answer to the wish."""
        self.told.append(request)
        await _follow(Client.answers)

    async def feedback(self, feedback: Feedback) -> None:
        """Take note."""
        self.told.append(feedback)
        await _follow(Client.answers)

    async def close(self) -> None:
        """Leave."""
        self.connected, self.closed = False, True


async def _follow(script: list[Any]) -> Any:
    step = script.pop(0) if len(script) > 1 else script[0]
    await asyncio.sleep(0)
    if isinstance(step, asyncio.Future):
        return await step
    if isinstance(step, Exception):
        raise step
    return step


class Ear:
    """Hears how the daemon is."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def loading(self, stage: str, fraction: float) -> None:
        """Loading."""
        self.heard.append(f"{stage} {fraction}")

    def ready(self) -> None:
        """Ready."""
        self.heard.append("ready")

    def failed(self, error: PacelineError) -> None:
        """Trouble."""
        self.heard.append(error.text)

    def lost(self) -> None:
        """Lost."""
        self.heard.append("lost")


Scene = Callable[[Backend, Ear], Coroutine[Any, Any, None]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Plays a scene with a daemon that follows a script; returns what was heard."""
    monkeypatch.setattr(backend_module, "AsyncClient", Client)

    def play(scene: Scene, loads: list[Any] | None = None, answers: list[Any] | None = None) -> list[str]:
        Client.made, Client.loads, Client.answers = [], loads or [None], answers or [DONE]
        faults: list[Any] = []
        ear = Ear()

        async def main() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
            backend = Backend(ear)
            await scene(backend, ear)
            await settle()
            await backend.close()

        asyncio.run(main())
        assert faults == []
        return ear.heard

    return play


async def settle() -> None:
    """Let everything happen that waits for nobody."""
    for _ in range(12):
        await asyncio.sleep(0)


async def ask(backend: Backend, *, urgent: bool = False, seconds: float = 20.0) -> Done | None:
    """Ask for a completion."""
    return await backend.complete(Complete("a", "b"), time.monotonic() + seconds, urgent=urgent)


def test_requests_that_come_together_share_one_start(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        backend.wake()
        assert await asyncio.gather(*(ask(backend) for _ in range(3))) == [DONE] * 3

    heard = play(scene)
    assert heard[:2] == ["target 0.5", "ready"]
    assert set(heard[2:]) == {"ready"}
    assert len(Client.made) == 1


def test_a_daemon_that_fails_is_left_alone_for_a_while_unless_somebody_asks(
    play: Callable[..., list[str]],
) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) is None
        assert await ask(backend) is None
        assert backend.wake() is None
        assert ear.heard.count("no model") == 1
        assert await ask(backend, urgent=True) == DONE
        assert await ask(backend) == DONE

    play(scene, loads=[DaemonFailed("no model"), None])


def test_pauses_grow_up_to_a_bound_and_begin_anew_after_a_success(
    play: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(backend_module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def pause(backend: Backend) -> float:
        """Fail, and return how long it is left alone."""
        waking = backend.wake(urgent=True)
        assert waking is not None
        await waking
        await settle()
        began = now[0]
        while backend.wake() is None:
            now[0] += 0.5
        waiting = backend.wake()
        assert waiting is not None
        waiting.cancel()
        await settle()
        return now[0] - began

    async def scene(backend: Backend, ear: Ear) -> None:
        pauses = [await pause(backend) for _ in range(8)]
        assert pauses[0] == PAUSES[0]
        assert pauses == sorted(pauses)
        assert pauses[-1] == PAUSES[1]
        Client.loads[:] = [None, DaemonFailed("no model")]
        assert await backend.wake(urgent=True) is None  # type: ignore[misc]
        assert await pause(backend) == PAUSES[0]

    play(scene, loads=[DaemonFailed("no model")])


def test_a_daemon_whose_files_cannot_be_reached_is_told_in_a_sentence(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) is None

    heard = play(scene, loads=[PermissionError(13, "Permission denied", "/run/x")])
    assert heard[-1] == "the daemon cannot be reached: Permission denied"


def test_a_request_that_cannot_reach_the_daemon_any_more_has_no_answer(
    play: Callable[..., list[str]],
) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) is None

    heard = play(scene, answers=[PermissionError(13, "Permission denied", "/run/x")])
    assert heard[-1] == "the daemon cannot be reached: Permission denied"


def test_settings_that_cannot_be_used_are_told(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        backend.use({"slots": "many"})
        assert await ask(backend) is None

    (told,) = play(scene)
    assert "'slots'" in told


def test_one_of_several_requests_may_fail(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) is None
        assert await ask(backend) == DONE

    heard = play(scene, answers=[RequestError("internal", "it failed"), DONE])
    assert heard == ["target 0.5", "ready", "it failed", "ready"]


@pytest.mark.parametrize("error", [RequestSuperseded(), RequestTimeout("late")])
def test_an_answer_that_does_not_come_is_no_trouble(
    play: Callable[..., list[str]], error: PacelineError
) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) is None

    assert set(play(scene, answers=[error])) == {"target 0.5", "ready"}


def test_a_daemon_that_is_lost_is_started_again(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) is None
        assert not backend.ready
        assert await ask(backend) == DONE
        Client.made[0].connected = False
        assert await ask(backend) == DONE

    heard = play(scene, answers=[LOST, DONE])
    assert heard.count("lost") == 2
    assert heard[-1] == "ready"
    assert len(Client.made) == 1


def test_a_daemon_lost_while_it_loads_is_tried_once_more_where_it_was_known(
    play: Callable[..., list[str]],
) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) is None
        assert await ask(backend, urgent=True) == DONE

    heard = play(scene, loads=[LOST, LOST, None])
    assert heard == ["target 0.5", "gone", "target 0.5", "lost", "target 0.5", "ready", "ready"]


def test_a_request_waits_for_models_no_longer_than_its_time(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        Client.loads[:] = [asyncio.get_running_loop().create_future()]
        assert await ask(backend, seconds=0.0) is None
        assert await ask(backend, seconds=0.01) is None
        assert not backend.ready
        Client.loads[0].set_result(None)
        assert await ask(backend) == DONE

    assert play(scene).count("target 0.5") == 1


def test_other_settings_are_another_daemon(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        assert await ask(backend) == DONE
        backend.use({})
        assert backend.ready, "the same"
        backend.use({"slots": 2})
        assert not backend.ready
        assert await ask(backend) == DONE

    play(scene)
    assert [client.closed for client in Client.made] == [True, True]
    assert Client.made[1].settings.slots == 2


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("outcome", [None, DaemonFailed("no model")])
def test_settings_that_change_at_any_moment_of_a_start_leave_a_daemon_to_ask(
    play: Callable[..., list[str]], turns: int, outcome: PacelineError | None
) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        backend.wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        backend.use({"slots": 2})
        Client.loads[:] = [None]
        await settle()
        heard = len(ear.heard)
        assert await ask(backend) == DONE
        assert Client.made[-1].settings.slots == 2
        assert "no model" not in ear.heard[heard:]

    play(scene, loads=[outcome])


def test_a_request_under_way_when_settings_change_is_no_trouble_of_the_next_daemon(
    play: Callable[..., list[str]],
) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        first = asyncio.get_running_loop().create_future()
        Client.answers[:] = [first, DONE]
        asked = asyncio.ensure_future(ask(backend))
        await settle()
        backend.use({"slots": 2})
        first.set_exception(LOST)
        assert await asked is None
        assert "lost" not in ear.heard
        assert await ask(backend) == DONE

    play(scene)


def test_feedback_wakes_nobody_and_its_loss_is_no_loss(play: Callable[..., list[str]]) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        backend.tell(Feedback("shown", 1))
        await settle()
        assert Client.made == []
        assert await ask(backend) == DONE
        Client.answers[:] = [LOST]
        backend.tell(Feedback("shown", 2))
        await settle()
        assert Client.made[0].told[1:] == [Feedback("shown", 2)]
        Client.made[0].connected = False
        backend.tell(Feedback("shown", 3))
        await settle()
        assert len(Client.made[0].told) == 2

    assert "lost" not in play(scene)


def test_a_prompt_is_read_ahead_once_the_daemon_can_and_its_failure_is_none(
    play: Callable[..., list[str]],
) -> None:
    async def scene(backend: Backend, ear: Ear) -> None:
        for _ in range(2):
            backend.warm(Warm("a", "b"))
            await settle()
        assert Client.made[0].told == [Warm("a", "b")] * 2

    heard = play(scene, answers=[RequestError("internal", "it failed"), PermissionError(13, "no")])
    assert heard == ["target 0.5", "ready"]
