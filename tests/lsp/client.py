"""An editor made of a process and JSON: writes messages, keeps every message that comes back."""

import itertools
import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

SECONDS = 30.0
LSP = "textDocument/inlineCompletion"


class Editor:
    """A running language server and what it said. ``close`` it."""

    def __init__(self, environment: dict[str, str], *, module: str = "paceline.tests.lsp.process") -> None:
        arguments = ["lsp"] if module == "paceline" else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.ids = itertools.count(1)
        self.answers: dict[Any, list[dict[str, Any]]] = {}
        self.told: list[dict[str, Any]] = []
        self.settings: Any = None
        self.errors = b""
        self._heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._read_errors)]
        for thread in self._threads:
            thread.start()

    # -- messages

    def send_raw(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, *messages: dict[str, Any]) -> None:
        """Write messages in one go."""
        bodies = [json.dumps({"jsonrpc": "2.0"} | message).encode() for message in messages]
        self.send_raw(b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies))

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request and return its id."""
        request_id = next(self.ids)
        self.send({"id": request_id, "method": method, "params": params})
        return request_id

    def answer(self, request_id: Any) -> dict[str, Any]:
        """Wait for the answer to a request."""
        self.wait(lambda: request_id in self.answers, f"an answer to {request_id}")
        return self.answers[request_id][0]

    def result(self, method: str, params: Any = None) -> Any:
        """Ask and return the result; an error fails."""
        answer = self.answer(self.ask(method, params))
        assert "result" in answer, answer
        return answer["result"]

    def wait(self, true: Any, what: str, seconds: float = SECONDS) -> None:
        """Take in messages until ``true()``."""
        deadline = time.monotonic() + seconds
        while not true():
            left = deadline - time.monotonic()
            assert left > 0, f"never came: {what}; {self.errors.decode()}"
            try:
                self._keep(self._heard.get(timeout=min(left, 0.05)))
            except queue.Empty:
                continue

    def heard(self, method: str) -> list[Any]:
        """The parameters of all that the server sent under ``method`` and was taken in."""
        return [message["params"] for message in self.told if message["method"] == method]

    def _keep(self, message: dict[str, Any] | None) -> None:
        if message is None:
            raise AssertionError(f"the server is gone: {self.errors.decode()}")
        if "method" not in message:
            self.answers.setdefault(message["id"], []).append(message)
            return
        self.told.append(message)
        if "id" in message:
            asked = message["method"] == "workspace/configuration"
            self.send({"id": message["id"], "result": [self.settings] if asked else None})

    # -- the life of a server

    def initialize(self, options: Any = None, *, encodings: list[str] | None = None, **extra: Any) -> Any:
        """Shake hands and return the capabilities."""
        capabilities = {
            "window": {"workDoneProgress": True},
            "general": {"positionEncodings": encodings or ["utf-16"]},
            "textDocument": {"inlineCompletion": {}},
        }
        capabilities |= extra.pop("capabilities", {})
        params = {"processId": None, "rootUri": None, "capabilities": capabilities} | extra
        result = self.result("initialize", params | {"initializationOptions": options})
        self.notify("initialized", {})
        return result["capabilities"]

    def open(self, uri: str, text: str, *, language: str = "python", version: int = 1) -> None:
        """Open a document."""
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def insert(self, uri: str, version: int, line: int, column: int, text: str) -> None:
        """Type in an open document."""
        at = {"line": line, "character": column}
        change = {"range": {"start": at, "end": at}, "text": text}
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        self.notify("textDocument/didChange", params)

    def items(self, uri: str, line: int, column: int, **context: Any) -> list[dict[str, Any]]:
        """Ask for completions and return the items."""
        return list(self.result(LSP, at(uri, line, column, **context))["items"])

    def leave(self) -> int:
        """Say goodbye and return the exit status."""
        self.result("shutdown")
        self.notify("exit")
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """End the process, whatever state it is in."""
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.removeprefix(b"Content-Length: "))
            while stream.readline().strip():
                pass
            self._heard.put(json.loads(stream.read(length)))
        self._heard.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line


def at(uri: str, line: int, column: int, *, invoked: bool = False, selected: Any = None) -> dict[str, Any]:
    """Parameters of a completion request."""
    context = {"triggerKind": 1 if invoked else 2} | (
        {"selectedCompletionInfo": selected} if selected else {}
    )
    position = {"line": line, "character": column}
    return {"textDocument": {"uri": uri}, "position": position, "context": context}


def requests(log: Path, event: str = "complete") -> list[dict[str, Any]]:
    """What the engine noted so far."""
    if not log.exists():
        return []
    noted = [json.loads(line) for line in log.read_text(encoding="utf-8").split("\n") if line]
    return [note for note in noted if note["event"] == event]
