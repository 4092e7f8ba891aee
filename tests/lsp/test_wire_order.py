"""Messages in an order or shape that well-behaved clients do not send; each request has its one answer."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from .direct import Direct, play

CANCELLED, INVALID_REQUEST, INTERNAL = -32800, -32600, -32603
PARSE_ERROR, NOT_INITIALIZED = -32700, -32002
LSP = "textDocument/inlineCompletion"
WHERE = {
    "textDocument": {"uri": "untitled:a"},
    "position": {"line": 0, "character": 0},
    "context": {"triggerKind": 1},
}
PULL = {"workspace": {"configuration": True}}


def played(scene: Callable[[Direct], Coroutine[Any, Any, None]], **client: Any) -> Direct:
    """A server after a scene, shaken hands with before if ``client`` says how."""

    def sit_down(direct: Direct) -> Direct:
        if client:
            direct.initialize(**client)
        return direct

    return play(sit_down, scene)


def test_a_command_under_way_does_not_spoil_the_goodbye() -> None:
    async def scene(direct: Direct) -> None:
        command = {"command": "paceline.explainLast"}
        for number in range(3):
            direct.send(id=number, method="workspace/executeCommand", params=command)
        direct.send(id="bye", method="shutdown")

    direct = played(scene, capabilities={})
    assert direct.answer("bye")["result"] is None
    assert {direct.code(number) for number in range(3)} == {CANCELLED}
    assert direct.server.protocol.exit_code == 0


def test_a_request_under_way_at_the_goodbye_is_answered() -> None:
    async def scene(direct: Direct) -> None:
        direct.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": "untitled:a", "languageId": "python", "version": 1, "text": ""}},
        )
        direct.send(id="ask", method=LSP, params=WHERE)
        await direct.settle()
        direct.send(id="bye", method="shutdown")
        await direct.settle()
        direct.send(id="late", method=LSP, params=WHERE)

    direct = played(scene, capabilities={})
    assert direct.answer("bye")["result"] is None
    assert direct.code("late") == INVALID_REQUEST
    answer = direct.answer("ask")
    assert answer.get("error", {}).get("code") == CANCELLED or answer["result"]["items"] == []


def test_an_initialize_that_is_refused_may_be_tried_again() -> None:
    async def scene(direct: Direct) -> None:
        direct.send(id="bad", method="initialize", params={"capabilities": 3})
        direct.send(id="early", method=LSP, params=WHERE)
        direct.initialize()
        direct.send(id="again", method="initialize", params={"processId": None, "capabilities": {}})

    direct = played(scene)
    assert "error" in direct.answer("bad")
    assert direct.code("early") == NOT_INITIALIZED
    assert "result" in direct.answer("initialize")
    assert direct.code("again") == INVALID_REQUEST


@pytest.mark.parametrize(
    "folder", ["untitled:x", "", "http://[::1]/a", "vscode-vfs://github/a/b", "file:///%ff"]
)
def test_an_odd_folder_does_not_keep_a_client_out(folder: str) -> None:
    async def scene(direct: Direct) -> None:
        direct.send(id="ask", method=LSP, params=WHERE)

    folders = [{"uri": folder, "name": "odd"}]
    for extra in ({"rootUri": folder}, {"rootUri": None, "workspaceFolders": folders}):
        direct = played(scene, capabilities={}, **extra)
        assert "result" in direct.answer("initialize"), extra
        assert direct.answer("ask")["result"]["items"] == []


def test_ids_of_the_same_digits_are_different_ones() -> None:
    async def scene(direct: Direct) -> None:
        direct.send(id=1, method=LSP, params=WHERE)
        direct.send(id="1", method=LSP, params=WHERE)

    direct = played(scene, capabilities={})
    assert sorted(map(repr, [direct.answer(1)["id"], direct.answer("1")["id"]])) == ["'1'", "1"]


@pytest.mark.parametrize("request_id", [1.5, True, None, [], {}])
def test_an_id_of_another_kind_is_answered_without_one(request_id: Any) -> None:
    async def scene(direct: Direct) -> None:
        direct.send(id=request_id, method=LSP, params=WHERE)

    assert played(scene, capabilities={}).code(None) == INVALID_REQUEST


def test_a_cancel_that_comes_at_once_or_twice_is_answered_once() -> None:
    async def scene(direct: Direct) -> None:
        direct.send(id="ask", method=LSP, params=WHERE)
        for _ in range(2):
            direct.notify("$/cancelRequest", {"id": "ask"})
        await direct.settle()
        direct.notify("$/cancelRequest", {"id": "ask"})

    assert played(scene, capabilities={}).code("ask") == CANCELLED


def test_a_client_cannot_cancel_what_the_server_asks() -> None:
    async def scene(direct: Direct) -> None:
        await direct.settle()
        (request_id,) = direct.asked("workspace/configuration")
        direct.notify("$/cancelRequest", {"id": request_id})
        await direct.settle()
        direct.send(id=request_id, result=[{"maxTokens": 9}])
        await direct.settle()
        assert direct.server._settings.max_tokens == 9

    played(scene, capabilities=PULL)


@pytest.mark.parametrize(
    "response",
    [
        {"result": [{"maxTokens": 9}], "error": None},
        {"result": [{"maxTokens": 9}]},
    ],
)
def test_a_result_counts_though_an_empty_error_comes_with_it(response: dict[str, Any]) -> None:
    async def scene(direct: Direct) -> None:
        await direct.settle()
        (request_id,) = direct.asked("workspace/configuration")
        direct.send(id=request_id, **response)
        direct.send(id=request_id, result=[{"maxTokens": 8}])
        await direct.settle()
        assert direct.server._settings.max_tokens == 9

    played(scene, capabilities=PULL)


def test_a_fault_in_a_handler_is_answered_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(direct: Direct) -> None:
        async def broken(_: Any) -> None:
            raise ValueError("secret text")

        direct.server.completions.answer = broken  # type: ignore[assignment]
        direct.send(id="ask", method=LSP, params=WHERE)

    caplog.set_level(logging.DEBUG, "paceline")
    direct = played(scene, capabilities={})
    assert direct.code("ask") == INTERNAL
    assert "secret" not in str(direct.messages)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("pygls")]
    assert "secret" not in str(ours)
    assert any("ValueError" in text for text in ours)


@pytest.mark.parametrize("body", [b"", b"\xef\xbb\xbf{}", b"\xff", b'{"id": 1', b"[" * 100_000])
def test_what_is_no_json_is_told(body: bytes) -> None:
    async def scene(direct: Direct) -> None:
        assert not direct.server.protocol.receive(body)

    assert played(scene).code(None) == PARSE_ERROR
