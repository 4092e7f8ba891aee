"""The process: what it imports, what it prints, and when it ends."""

import os
import subprocess
import sys
from typing import Any

from ...lsp.stdio import PIECE
from ..harness.home import eventually
from ..house.test_light_imports import heavy_modules
from .client import SECONDS, Editor, at, requests
from .conftest import Desk
from .engine import Script


def test_the_server_needs_no_model_code() -> None:
    assert heavy_modules("paceline.lsp.app paceline.lsp.server") == []


def test_capabilities(desk: Desk) -> None:
    editor = desk.start(module="paceline")
    capabilities = editor.initialize(encodings=["utf-32", "utf-8"])
    assert capabilities["inlineCompletionProvider"] == {}
    assert capabilities["positionEncoding"] == "utf-32"
    assert capabilities["textDocumentSync"]["openClose"] is True
    assert capabilities["textDocumentSync"]["change"] == 2
    commands = capabilities["executeCommandProvider"]["commands"]
    assert commands == ["paceline.didAccept", "paceline.explainLast"]
    assert editor.leave() == 0
    assert editor.errors == b""
    assert desk.daemons() == [], "without a document nothing is started"


def test_what_else_is_printed_does_not_reach_the_client() -> None:
    script = "import os, sys; from paceline.lsp.stdio import take_stdout\nout = take_stdout()\n"
    script += (
        "print('a'); os.system('echo b'); os.write(1, b'c'); sys.stdout.flush(); out.write(b'm'); out.flush()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"m"
    assert sorted(done.stderr.replace(b"\n", b"")) == sorted(b"abc")


def test_the_process_ends_with_its_client(desk: Desk) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent:
        watched = desk.editor(processId=parent.pid)
        parent.kill()
    assert watched.process.wait(SECONDS) == 1
    left = desk.editor(processId=os.getpid())
    uri = desk.uri("a.py")
    left.open(uri, Script(text="w " * 2000, delay=0.01).as_line())
    left.ask("textDocument/inlineCompletion", at(uri, 1, 0))
    left.wait(lambda: requests(desk.log), "the engine was asked")
    assert left.process.stdin is not None
    left.process.stdin.close()
    assert left.process.wait(SECONDS) == 1
    eventually(lambda: len(requests(desk.log, "cancelled")) == 1, "the engine saw that nobody waits")


def test_exit_without_shutdown_is_a_failure(desk: Desk) -> None:
    editor = desk.editor(processId=2**22 + 1)  # of another container, perhaps: not to be seen from here
    editor.notify("exit")
    assert editor.process.wait(SECONDS) == 1


def test_a_large_message_in_many_pieces(shared_desk: Desk, editor: Editor) -> None:
    uri = shared_desk.uri("large.py")
    line = "value = compute(1, 2)  # é\n"
    count = 4 * PIECE // len(line)
    editor.open(uri, Script().as_line() + line * count + "x = ")
    (item,) = editor.items(uri, count + 1, 4)
    assert item["insertText"] == "x = one two three"
    (request,) = [note for note in requests(shared_desk.log) if note["path"] == "large.py"]
    assert 90_000 < len(request["prefix"]) <= 1 << 17
    assert request["prefix"].startswith(line)


def test_all_that_came_before_the_end_is_handled(desk: Desk) -> None:
    editor = desk.start()
    params: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
    initialize = {"id": 1, "method": "initialize", "params": params}
    editor.send(initialize, {"id": 2, "method": "shutdown"}, {"method": "exit"})
    assert editor.process.stdin is not None
    editor.process.stdin.close()
    assert editor.process.wait(SECONDS) == 0
