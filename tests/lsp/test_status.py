"""What the user is told of the daemon: each thing once, in order, and nothing while all is switched off."""

from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from ...daemon.errors import DaemonFailed
from ...lsp import health as health_module
from ...lsp.health import MESSAGE_SECONDS, Health
from .direct import Direct, play

BAR = {"window": {"workDoneProgress": True}}
CREATE = "window/workDoneProgress/create"
TROUBLE = DaemonFailed("put a model there")


class Desk:
    """A health and what its client was told."""

    def __init__(self, direct: Direct) -> None:
        self.direct = direct
        self.health = Health(direct.server)

    @property
    def statuses(self) -> list[tuple[bool, str]]:
        """(busy, kind) of every status told."""
        return [(status["busy"], status["kind"]) for status in self.direct.told("didChangeStatus")]

    @property
    def messages(self) -> list[str]:
        """What popped up."""
        return [message["message"] for message in self.direct.told("window/showMessage")]

    @property
    def bar(self) -> list[tuple[str, Any]]:
        """What became of the progress bar: (kind, percentage)."""
        values = [told["value"] for told in self.direct.told("$/progress")]
        return [(value["kind"], value.get("percentage")) for value in values]

    async def create(self, number: int = 0, **response: Any) -> None:
        """Answer the server's request for a bar."""
        await self.direct.settle()
        self.direct.send(id=self.direct.asked(CREATE)[number], **(response or {"result": None}))
        await self.direct.settle()


def played(
    scene: Callable[[Desk], Coroutine[Any, Any, None]], capabilities: dict[str, Any] | None = None
) -> Desk:
    """A desk after a scene."""

    def sit_down(direct: Direct) -> Desk:
        direct.initialize(capabilities)
        return Desk(direct)

    return play(sit_down, scene)


def test_a_status_is_told_when_it_changes() -> None:
    async def scene(desk: Desk) -> None:
        for _ in range(2):
            desk.health.loading("target", 0.1)
            desk.health.loading("target", 0.2)
        for _ in range(2):
            desk.health.ready()
        desk.health.lost()
        desk.health.ready()

    assert played(scene).statuses == [
        (True, "Normal"),
        (False, "Normal"),
        (True, "Warning"),
        (False, "Normal"),
    ]


def test_while_completions_are_off_the_status_says_so_whatever_the_daemon_does() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.loading("target", 0.1)
        desk.health.switched(on=False)
        desk.health.loading("target", 0.9)
        desk.health.ready()

    assert played(scene).statuses == [(True, "Normal"), (False, "Inactive")]


def test_switched_on_again_the_status_is_what_was_last_heard() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.switched(on=True)
        desk.health.switched(on=False)
        desk.health.failed(TROUBLE)
        desk.health.switched(on=True)

    assert played(scene).statuses == [(False, "Inactive"), (False, "Error")]


def test_settings_switch_the_status_of_a_server() -> None:
    async def scene(desk: Desk) -> None:
        server = desk.direct.server
        for enabled in (True, False, True):
            server.configuration.changed({"enabled": enabled})
            server.health.ready()

    kinds = [kind for _, kind in played(scene).statuses]
    assert kinds == ["Normal", "Inactive", "Normal"]


def test_a_trouble_is_told_again_once_all_was_well_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(health_module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def scene(desk: Desk) -> None:
        desk.health.failed(TROUBLE)
        desk.health.failed(DaemonFailed("something else"))
        now[0] += MESSAGE_SECONDS - 1
        desk.health.ready()
        desk.health.failed(TROUBLE)
        assert len(desk.messages) == 2
        now[0] += 2
        desk.health.failed(TROUBLE)
        assert len(desk.messages) == 2, "it was not well since"
        desk.health.ready()
        desk.health.failed(TROUBLE)

    told = played(scene).messages
    assert told == [f"paceline: {text}" for text in (TROUBLE.text, "something else", TROUBLE.text)]


def test_without_a_bar_in_the_editor_none_is_asked_for() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.loading("target", 0.5)

    clients: list[dict[str, Any]] = [{}, {"window": {}}, {"window": {"workDoneProgress": False}}]
    for capabilities in clients:
        desk = played(scene, capabilities)
        assert desk.direct.asked(CREATE) == []
        assert desk.statuses == [(True, "Normal")]


def test_a_bar_goes_from_its_begin_to_its_end() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.loading("target", 0.1)
        await desk.create()
        for fraction in (0.25, 0.25, 0.2501, 1.0):
            desk.health.loading("target", fraction)
        desk.health.ready()
        desk.health.ready()

    assert played(scene, BAR).bar == [("begin", 0), ("report", 25), ("report", 100), ("end", None)]


def test_a_daemon_between_loading_and_ready_does_not_move_the_bar_back() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.loading("", 0.0)
        await desk.direct.settle()
        assert desk.direct.asked(CREATE) == []
        desk.health.loading("target", 0.1)
        await desk.create()
        desk.health.loading("target", 0.75)
        desk.health.loading("", 0.0)
        desk.health.ready()

    desk = played(scene, BAR)
    assert desk.bar == [("begin", 0), ("report", 75), ("end", None)]
    assert desk.statuses == [(True, "Normal"), (False, "Normal")]


def test_every_load_has_a_bar_of_its_own() -> None:
    async def scene(desk: Desk) -> None:
        for number, end in enumerate((desk.health.lost, desk.health.ready)):
            desk.health.loading("target", 0.1)
            await desk.create(number)
            end()

    desk = played(scene, BAR)
    assert desk.bar == [("begin", 0), ("end", None)] * 2
    assert len({told["token"] for told in desk.direct.told("$/progress")}) == 2


def test_a_bar_that_the_editor_refuses_is_not_asked_for_again_while_that_lasts() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.loading("target", 0.1)
        await desk.create(error={"code": -32603, "message": "no"})
        desk.health.loading("target", 0.2)
        await desk.direct.settle()
        assert len(desk.direct.asked(CREATE)) == 1
        desk.health.failed(TROUBLE)
        desk.health.loading("target", 0.1)
        await desk.create(1)

    assert played(scene, BAR).bar == [("begin", 0)]


def test_a_bar_that_comes_too_late_is_not_begun() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.loading("target", 0.1)
        await desk.direct.settle()
        desk.health.ready()
        desk.health.loading("draft", 0.1)
        await desk.create(0)
        assert desk.bar == []
        await desk.create(1)

    assert played(scene, BAR).bar == [("begin", 0)]


def test_a_bar_that_the_user_takes_away_does_no_harm() -> None:
    async def scene(desk: Desk) -> None:
        desk.health.loading("target", 0.1)
        await desk.create()
        token = desk.direct.told("$/progress")[0]["token"]
        for _ in range(2):
            desk.direct.notify("window/workDoneProgress/cancel", {"token": token})
        desk.health.loading("target", 0.5)
        desk.health.ready()

    assert played(scene, BAR).bar[-1] == ("end", None)
