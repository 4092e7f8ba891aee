"""The settings as the client has them: told at the start, pushed, fetched, in whatever order that happens."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from ...lsp.configuration import Configuration
from ...lsp.settings import EditorSettings
from .direct import Direct, play

PULL = {"workspace": {"configuration": True}}
CONFIGURATION, REGISTER = "workspace/configuration", "client/registerCapability"


class Desk:
    """A configuration whose client is a list of messages, and what came of it."""

    def __init__(self, direct: Direct) -> None:
        self.direct = direct
        self.applied: list[EditorSettings] = []
        self.told: list[str] = []
        self.configuration = Configuration(direct.server, self.applied.append, self.told.append)

    @property
    def tokens(self) -> list[int]:
        """How many tokens each settings taken so far allow."""
        return [settings.max_tokens for settings in self.applied]

    async def fetched(self, number: int, **response: Any) -> None:
        """Answer a request for the settings, counted from 0."""
        await self.direct.settle()
        self.direct.send(id=self.direct.asked(CONFIGURATION)[number], **response)
        await self.direct.settle()


def played(
    scene: Callable[[Desk], Coroutine[Any, Any, None]],
    capabilities: dict[str, Any] | None = None,
    initial: Any = None,
) -> Desk:
    """A configuration after it was started and a scene."""

    def sit_down(direct: Direct) -> Desk:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}}
        direct.send(id="initialize", method="initialize", params=params)
        desk = Desk(direct)
        desk.configuration.initial = initial
        desk.configuration.start()
        return desk

    return play(sit_down, scene)


async def nothing(_: Desk) -> None:
    """A scene in which nothing happens."""


def test_what_was_told_at_the_start_counts_without_a_word_from_the_client() -> None:
    desk = played(nothing, initial={"maxTokens": 5})
    assert desk.tokens == [5]
    assert desk.direct.asked(CONFIGURATION) == desk.direct.asked(REGISTER) == []


def test_settings_that_stay_as_they_are_are_taken_once() -> None:
    async def scene(desk: Desk) -> None:
        pushed: list[Any] = [{"maxTokens": 5}, {"maxTokens": 5, "prefetch": True}, None, {}, []]
        for values in pushed:
            desk.configuration.changed(values)

    assert played(scene, initial={"maxTokens": 5}).tokens == [5]


def test_pushed_settings_go_over_those_of_the_start_and_away_again() -> None:
    async def scene(desk: Desk) -> None:
        desk.configuration.changed({"paceline": {"maxTokens": 6}})
        desk.configuration.changed({"maxTokens": 7})
        desk.configuration.changed({"paceline": {}})

    assert played(scene, initial={"maxTokens": 5}).tokens == [5, 6, 7, 5]


@pytest.mark.parametrize("initial", [3, "x", [1], True])
def test_settings_that_are_no_map_are_told_and_left_out(initial: Any) -> None:
    desk = played(nothing, initial=initial)
    assert desk.applied == [EditorSettings()]
    assert len(desk.told) == 1


def test_a_problem_is_told_once_however_often_it_comes() -> None:
    async def scene(desk: Desk) -> None:
        for tokens in (0, 5, 0):
            desk.configuration.changed({"maxTokens": tokens})

    desk = played(scene, initial={"maxTokens": 0})
    assert len(desk.told) == 1
    assert desk.tokens == [64, 5, 64]


def test_a_client_that_wants_to_register_is_asked_to_tell_of_changes() -> None:
    desk = played(nothing, {"workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}})
    (params,) = desk.direct.told(REGISTER)
    (registration,) = params["registrations"]
    assert registration["method"] == "workspace/didChangeConfiguration"
    assert registration["registerOptions"] == {"section": "paceline"}


def test_what_the_client_has_counts_more_than_what_it_pushed() -> None:
    async def scene(desk: Desk) -> None:
        await desk.fetched(0, result=[None])
        desk.configuration.changed({"maxTokens": 6})
        await desk.fetched(1, result=[{"maxTokens": 7}])

    assert played(scene, PULL, initial={"maxTokens": 5}).tokens == [5, 7]


def test_what_was_pushed_counts_where_the_client_has_nothing_or_refuses() -> None:
    async def scene(desk: Desk) -> None:
        await desk.fetched(0, error={"code": -32601, "message": "no such method"})
        desk.configuration.changed({"maxTokens": 6})
        await desk.fetched(1, result=[{}])
        desk.configuration.changed({"maxTokens": 7})
        await desk.fetched(2, error={"code": -32603, "message": "no"})

    assert played(scene, PULL).tokens == [64, 6, 7]


@pytest.mark.parametrize(
    "result",
    [None, [], {}, {"maxTokens": 9}, 3, True, "maxTokens", [3], ["x"], [[1]], [{"maxTokens": {}}], [[], 1]],
)
def test_an_answer_of_any_shape_leaves_settings_to_work_with(result: Any) -> None:
    async def scene(desk: Desk) -> None:
        await desk.fetched(0, result=result)
        desk.configuration.changed({"maxTokens": 6})
        await desk.fetched(1, result=result)

    desk = played(scene, PULL, initial={"candidates": 2})
    assert desk.applied[-1].candidates == 2
    assert desk.tokens[-1] in (6, 64, 9)
    assert len(desk.told) <= 1


def test_of_two_answers_the_one_to_the_later_question_counts() -> None:
    async def scene(desk: Desk) -> None:
        await desk.direct.settle()
        desk.configuration.changed(None)
        await desk.direct.settle()
        await desk.fetched(1, result=[{"maxTokens": 7}])
        await desk.fetched(0, result=[{"maxTokens": 6}])

    assert played(scene, PULL).tokens == [64, 7]


def test_an_answer_that_comes_after_a_new_question_waits_for_its_answer() -> None:
    async def scene(desk: Desk) -> None:
        await desk.direct.settle()
        desk.configuration.changed(None)
        await desk.fetched(0, result=[{"maxTokens": 6}])
        assert desk.tokens == [64]
        await desk.fetched(1, error={"code": 1, "message": ""})

    assert played(scene, PULL).tokens == [64]


def test_settings_fetched_when_the_client_leaves_are_waited_for_in_vain() -> None:
    async def scene(desk: Desk) -> None:
        await desk.direct.settle()
        desk.direct.notify("initialized", {})
        desk.direct.send(id="bye", method="shutdown")
        await desk.direct.settle()
        assert desk.direct.answer("bye")["result"] is None

    assert played(scene, PULL).tokens == [64]
