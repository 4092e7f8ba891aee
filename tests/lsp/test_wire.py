"""The protocol layer under random messages: no fault, and one answer for each request."""

import asyncio
import json
import logging
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...lsp.framing import Framer
from ...lsp.server import PacelineServer

METHODS = [
    *("initialize", "initialized", "shutdown", "textDocument/inlineCompletion", "workspace/executeCommand"),
    *("textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didFocus"),
    *("workspace/didChangeConfiguration", "$/cancelRequest", "$/setTrace", "no/such", "window/showMessage"),
    *("textDocument/didShowCompletion", "textDocument/didPartiallyAcceptCompletion", "workspace/symbol"),
    *("workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "notebookDocument/didOpen"),
]
WORTH: list[Any] = [
    *(None, True, -1, 0, 1, 2**40, 1.5, "", "file:///a.py", "\ud83d", "paceline.didAccept", [], {}),
    {"line": 0, "character": 1},
    {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": "x\r\n😀"},
    {"range": {"start": {"line": 9, "character": 9}, "end": {"line": 0, "character": 0}}, "text": "\ud83d"},
]
KEYS = [
    "textDocument",
    "position",
    "context",
    "triggerKind",
    "contentChanges",
    "id",
    "uri",
    "command",
    "arguments",
]
KEYS += ["settings", "item", "acceptedLength", "capabilities", "processId", "token", "event", "value"]


class Recorder:
    """Keeps what the server writes."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        """Take one message."""
        self.messages.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def close(self) -> None:
        """Nothing."""


def value(rng: random.Random, depth: int = 3) -> Any:
    """Any JSON value, more often one with meaning here."""
    if depth == 0 or rng.random() < 0.4:
        return rng.choice(WORTH)
    if rng.random() < 0.3:
        return [value(rng, depth - 1) for _ in range(rng.randrange(3))]
    return {key: value(rng, depth - 1) for key in rng.sample(KEYS, rng.randrange(5))}


def message(rng: random.Random, number: int) -> dict[str, Any]:
    """A request, a notification or something like a response."""
    kind = rng.random()
    head: dict[str, Any] = {"jsonrpc": "2.0"}
    if kind < 0.6:
        head["id"] = rng.choice([number, f"r{number}"])
    if kind < 0.95:
        return head | {"method": rng.choice(METHODS), "params": value(rng)}
    return head | {
        "id": rng.choice([f"x{number}", [number], None]),
        rng.choice(["result", "error"]): value(rng),
    }


@pytest.mark.parametrize("initialized", [False, True])
def test_every_request_of_a_random_stream_has_one_answer(
    initialized: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "pygls")
    rng, out = random.Random(7), Recorder()

    async def main() -> list[Any]:
        faults: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        server = PacelineServer()
        monkeypatch.setattr(server.backend, "wake", lambda **_: None)
        server.protocol.set_writer(out)
        if initialized:
            params: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
            first = {"jsonrpc": "2.0", "id": "first", "method": "initialize", "params": params}
            server.protocol.receive(json.dumps(first).encode())
        for number in range(3000):
            sent = message(rng, number)
            if sent.get("method") == "shutdown" and rng.random() < 0.99:
                continue
            if "method" in sent and "id" in sent:
                ids.append(sent["id"])
            server.protocol.receive(json.dumps(sent).encode())
            if number % 50 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        return faults

    ids: list[Any] = []
    assert asyncio.run(main()) == []
    answered = [sent["id"] for sent in out.messages if "method" not in sent]
    assert sorted(map(str, ids)) == sorted(
        str(number) for number in answered if number not in (None, "first")
    )
    assert len(ids) > 1000
    ours = [record for record in caplog.records if not record.name.startswith("pygls")]
    assert [record.getMessage() for record in ours if record.levelname == "ERROR"] == []


HELLO = b'Content-Length: 12\r\n\r\n{"hello": 1}'
NOISE = [
    b"Content-Length: ",
    b"content-length:",
    b"\r\n",
    b"\r\n\r\n",
    b"7",
    b"31",
    b"{",
    b"}",
    b'"',
    b"x",
    b"\xff",
    b"\0",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(NOISE), st.binary(max_size=9)), max_size=30), st.integers(1, 64))
def test_the_stream_comes_back_into_step_after_any_noise(noise: list[bytes], size: int) -> None:
    stream, framer, good = b"".join(noise) + HELLO * 40, Framer(), []
    for start in range(0, len(stream), size):
        framer.feed(stream[start : start + size])
        while (body := framer.next()) is not None:
            if body == HELLO[-12:]:
                good.append(body)
            elif not _is_json(body):
                framer.give_back(body)
    assert good


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body.decode())
    except (ValueError, RecursionError):
        return False
    return True
