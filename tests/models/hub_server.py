"""A small hub on this machine: the two kinds of requests that a download makes, and ways to go wrong."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "c0ffee" + "0" * 34


@dataclass
class Hub:
    """Models by id, each a map of file names to bytes; what it was asked; how it misbehaves.

    ``cut`` ends an answer with a file after so many bytes, and the hub is out of order from then on (503);
    ``slow`` waits for ``go_on`` there;
    ``whole`` ignores ranges; ``damaged`` is a file whose last byte is wrong; ``status`` answers
    everything with that status; ``gated`` lets nobody have files.
    """

    models: Mapping[str, Mapping[str, bytes]]
    commit: str = COMMIT
    cut: int | None = None
    slow: int | None = None
    whole: bool = False
    damaged: str = ""
    status: int = 0
    gated: bool = False
    asked: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @contextmanager
    def serve(self) -> Iterator["Hub"]:
        """Answer on the loopback device until the block ends."""
        hub = self

        class Handler(_Handler):
            source = hub

        with _Server(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield self
            finally:
                self.go_on.set()
                server.shutdown()
                thread.join()

    def facts(self, hub_id: str) -> dict[str, Any]:
        """What the hub tells of a model; large files by SHA-256, small ones by git's hash."""
        files = []
        for name, data in self.models[hub_id].items():
            blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            file: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": blob}
            if name.endswith(".safetensors"):
                sha256 = hashlib.sha256(data).hexdigest()
                file["lfs"] = {"sha256": sha256, "size": len(data), "pointerSize": 130}
            files.append(file)
        return {"id": hub_id, "modelId": hub_id, "sha": self.commit, "siblings": files, "private": False}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client may go away in the middle, and in some tests it does."""


class _Handler(BaseHTTPRequestHandler):
    source: Hub

    def do_GET(self) -> None:
        """Facts of a model, or a file of it."""
        hub, path = self.source, self.path.partition("?")[0]
        hub.asked.append(path)
        if hub.status:
            self._refuse(hub.status)
        elif path.startswith("/api/models/"):
            self._facts(path.removeprefix("/api/models/"))
        elif path.count("/") == 5:
            owner, name, _, commit, file = path.strip("/").split("/")
            self._file(f"{owner}/{name}", commit, file)
        else:
            self._refuse(404)

    def _facts(self, rest: str) -> None:
        hub_id, _, revision = rest.partition("/revision/")
        if hub_id not in self.source.models:
            self._refuse(404, "RepoNotFound")
        elif revision not in ("", "main", self.source.commit):
            self._refuse(404, "RevisionNotFound")
        else:
            self._send(200, json.dumps(self.source.facts(hub_id)).encode())

    def _file(self, hub_id: str, commit: str, name: str) -> None:
        hub = self.source
        if hub.gated:
            self._refuse(403, "GatedRepo")
            return
        if commit != hub.commit:
            self._refuse(404, "RevisionNotFound")
            return
        data = hub.models[hub_id][name]
        if name == hub.damaged:
            data = data[:-1] + bytes([data[-1] ^ 1])
        asked = self.headers.get("Range")
        hub.ranges.append(asked)
        if asked and not hub.whole:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            extent = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
            self._send(206, data[start:], extent)
        else:
            self._send(200, data)

    def _refuse(self, status: int, code: str = "") -> None:
        self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": code} if code else {})

    def _send(self, status: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
        hub = self.source
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        is_file = status in (200, 206) and not self.path.startswith("/api/")
        if is_file and hub.cut is not None and len(data) > hub.cut:
            data, hub.status = data[: hub.cut], 503
        if is_file and hub.slow is not None and len(data) > hub.slow:
            self.wfile.write(data[: hub.slow])
            self.wfile.flush()
            hub.waiting.set()
            hub.go_on.wait(60)
            data = data[hub.slow :]
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
