"""Every request is answered exactly once: cancelled, malformed, repeated, too early or too late."""

import itertools
from typing import Any

import pytest

from ...daemon.client import Client
from ...daemon.settings import load_settings
from .client import LSP, Editor, at, requests
from .conftest import Desk
from .engine import Script

CANCELLED, INVALID_REQUEST, NO_METHOD, BAD_PARAMS = -32800, -32600, -32601, -32602
NOT_INITIALIZED, PARSE_ERROR = -32002, -32700


def settle(editor: Editor) -> None:
    """Take in all that the server sent up to now: it answers in order what needs no waiting."""
    editor.items("untitled:nowhere", 0, 0)


def code(editor: Editor, request_id: Any) -> int:
    """The error code of the one answer to a request."""
    answer = editor.answer(request_id)
    assert len(editor.answers[request_id]) == 1
    return int(answer["error"]["code"])


def test_a_storm_of_requests_and_cancels(shared_desk: Desk, editor: Editor) -> None:
    before, quick = shared_desk.uri("before.py"), shared_desk.uri("after.py")
    editor.open(before, Script().as_line())
    assert len(editor.items(before, 1, 0)) == 1, "the daemon is there"
    uris = [shared_desk.uri(f"storm{number}.py") for number in range(7)]
    for uri in uris:
        editor.open(uri, Script(text="w " * 500, delay=0.005).as_line() + "x = ")
    ids = [f"storm-{number}" for number in range(1000)]
    cancels = [{"method": "$/cancelRequest", "params": {"id": request_id}} for request_id in ids]
    for number, (request_id, uri) in enumerate(zip(ids, itertools.cycle(uris), strict=False)):
        late = cancels[number - 9 : number - 8] if number % 2 and number > 8 else []
        soon = [] if number % 2 else [cancels[number]]
        editor.send({"id": request_id, "method": LSP, "params": at(uri, 1, 4)}, *soon, *late)
    editor.send(*cancels)
    editor.wait(lambda: all(request_id in editor.answers for request_id in ids), "all answers")
    settle(editor)
    assert [len(editor.answers[request_id]) for request_id in ids] == [1] * 1000
    answers = [editor.answers[request_id][0] for request_id in ids]
    assert all(
        a["error"]["code"] == CANCELLED if "error" in a else a["result"]["items"] == [] for a in answers
    )
    editor.open(quick, Script().as_line())
    assert len(editor.items(quick, 1, 0)) == 1
    noted = {event: storm(shared_desk, event) for event in ("complete", "done", "cancelled")}
    assert noted["complete"] > 0
    assert (noted["done"], noted["cancelled"]) == (0, noted["complete"]), (
        "one step after its cancel, each ended"
    )
    settings = load_settings(
        {"runtime_dir": str(shared_desk.folder / "run"), "target": str(shared_desk.target)}
    )
    with Client.connect(settings, spawn=False) as client:
        assert client.status().queued == 0


def storm(desk: Desk, event: str) -> int:
    """How often the engine noted an event about one of the documents of the storm."""
    return sum(note["path"].startswith("storm") for note in requests(desk.log, event))


def test_a_cancel_reaches_the_engine(shared_desk: Desk, editor: Editor) -> None:
    uri = shared_desk.uri("cancelled.py")
    editor.open(uri, Script(text="w " * 2000, delay=0.01).as_line() + "x = ")
    request = editor.ask(LSP, at(uri, 1, 4))

    def noted(event: str) -> bool:
        return any(note["path"] == "cancelled.py" for note in requests(shared_desk.log, event))

    editor.wait(lambda: noted("complete"), "the engine was asked")
    editor.notify("$/cancelRequest", {"id": request})
    assert code(editor, request) == CANCELLED
    editor.wait(lambda: noted("cancelled"), "the engine saw the cancel")
    editor.notify("$/cancelRequest", {"id": request})
    editor.notify("$/cancelRequest", {"id": "never asked"})
    editor.notify("$/cancelRequest", {"ID": 3})
    settle(editor)
    assert len(editor.answers[request]) == 1


def test_parameters_of_any_shape_are_answered(editor: Editor) -> None:
    good = at("file:///a.py", 0, 0)
    shapes: list[Any] = [
        None,
        [],
        [1],
        {},
        3,
        "x",
        {"textDocument": 1},
        {**good, "position": {"line": -1, "character": 0}},
    ]
    shapes += [{**good, "position": None}, {**good, "context": {"triggerKind": 7}}, {**good, "context": []}]
    shapes += [{**good, "position": {"line": 2**40, "character": "1"}}]
    methods = [LSP, "workspace/executeCommand"]
    pairs = [(method, shape) for method in methods for shape in shapes]
    assert {code(editor, editor.ask(*pair)) for pair in pairs} == {BAD_PARAMS}
    commands: list[Any] = [{"command": "no.such"}, {"command": "paceline.didAccept"}]
    commands += [{"command": "paceline.didAccept", "arguments": [1]}]
    assert {code(editor, editor.ask("workspace/executeCommand", c)) for c in commands} == {BAD_PARAMS}
    assert code(editor, editor.ask("textDocument/hover", good)) == NO_METHOD
    assert code(editor, editor.ask("$/unknown")) == NO_METHOD
    assert code(editor, editor.ask("textDocument/didClose", {"textDocument": {"uri": "x"}})) == NO_METHOD
    editor.notify("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    assert code(
        editor, editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    ) == (INVALID_REQUEST)
    assert [told for told in editor.told if told["method"] == "window/showMessage"] == []


def test_malformed_notifications_do_no_harm(editor: Editor) -> None:
    methods = [
        "didOpen",
        "didChange",
        "didClose",
        "didFocus",
        "didShowCompletion",
        "didPartiallyAcceptCompletion",
    ]
    shapes: list[Any] = [
        None,
        [],
        {},
        3,
        {"textDocument": {"uri": 3}},
        {"item": {"command": {"arguments": [{}]}}},
    ]
    for method, shape in itertools.product(methods, shapes):
        editor.notify(f"textDocument/{method}", shape)
    editor.notify("workspace/didChangeConfiguration", None)
    editor.notify("no/such", {"a": 1})
    settle(editor)


def test_messages_that_are_no_requests(editor: Editor) -> None:
    before = len(editor.answers.get(None, []))
    bodies = [b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"[]", b"3", b"null", b'{"jsonrpc": "2.0"}']
    bodies += [
        b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}',
        b'{"jsonrpc": "2.0", "id": 1, "result": 1}',
    ]
    bodies += [
        b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}',
        b'{"jsonrpc": "2.0", "id": [], "error": 1}',
    ]
    bodies += [b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', b'{"jsonrpc": "2.0", "method": 3}']
    for body in bodies:
        editor.send_raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    editor.send_raw(b"Content-Length: 99999999999999999999\r\n\r\nnoise\r\n\r\n")
    editor.send({"id": "old", "method": "shutdown", "jsonrpc": "1.0"})
    assert code(editor, "old") == INVALID_REQUEST
    codes = [answer["error"]["code"] for answer in editor.answers[None][before:]]
    assert set(codes) == {PARSE_ERROR, INVALID_REQUEST}
    assert codes.count(PARSE_ERROR) == 4


@pytest.mark.parametrize("garbage", [b"garbage\r\n\r\n", b"content-length: 5\r\n\r\n{}", b"\0" * 10_000])
def test_garbage_in_the_stream_is_survived(editor: Editor, garbage: bytes) -> None:
    editor.send_raw(garbage)
    settle(editor)


def test_an_id_used_twice_at_once_has_one_answer(shared_desk: Desk, editor: Editor) -> None:
    uri = shared_desk.uri("twice.py")
    editor.open(uri, Script(text="a b c", delay=0.1).as_line() + "x = ")
    editor.send(*[{"id": "same", "method": LSP, "params": at(uri, 1, 4)}] * 3)
    assert len(editor.answer("same")["result"]["items"]) == 1
    settle(editor)
    assert len(editor.answers["same"]) == 1


def test_before_initialize_and_after_shutdown(desk: Desk) -> None:
    editor = desk.start()
    early = [editor.ask(LSP, at("file:///a.py", 0, 0)), editor.ask("shutdown"), editor.ask("no/such")]
    editor.open("file:///a.py", "ignored")
    assert [code(editor, request) for request in early] == [NOT_INITIALIZED] * 3
    editor.initialize()
    assert editor.items("file:///a.py", 0, 0) == []
    editor.result("shutdown")
    late = [editor.ask(LSP, at("file:///a.py", 0, 0)), editor.ask("shutdown"), editor.ask("initialize", {})]
    assert [code(editor, request) for request in late] == [INVALID_REQUEST] * 3
    editor.notify("exit")
    assert editor.process.wait(20) == 0
    assert desk.daemons() == [], "nothing to complete, no daemon"
