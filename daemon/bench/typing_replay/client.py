"""A language client of a few lines: starts the server, speaks JSON-RPC to it, and notes when answers came."""

import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import PacelineError

GOODBYE_SECONDS = 10.0
GONE = "the language server ended before it was told to: see its messages, and try again"
STREAM_LIMIT = 1 << 26  # bytes of one message


class ServerGone(PacelineError):  # noqa: N818  (as its kin in daemon.errors)
    """The language server ended or broke the protocol."""

    code = "server_gone"


class Server:
    """One running ``paceline lsp``. Columns are counted in characters (utf-32)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._open: dict[int, asyncio.Future[tuple[float, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, folder: Path, options: Mapping[str, Any]) -> "Server":
        """Start a server for a workspace folder and shake hands. Raises ServerGone."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "paceline", "lsp"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=STREAM_LIMIT,
            start_new_session=True,  # Ctrl-C is for us, and we say goodbye
        )
        server = cls(process)
        async with contextlib.AsyncExitStack() as undo:
            undo.push_async_callback(server.close)
            await server._shake_hands(folder, options)
            undo.pop_all()
        return server

    async def _shake_hands(self, folder: Path, options: Mapping[str, Any]) -> None:
        params = {
            "processId": None,
            "rootUri": folder.as_uri(),
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
            "capabilities": {
                "general": {"positionEncodings": ["utf-32"]},
                "textDocument": {"inlineCompletion": {}},
            },
            "initializationOptions": dict(options),
        }
        _, result = await self.ask("initialize", params)[1]
        if not isinstance(result, dict) or result["capabilities"].get("positionEncoding") != "utf-32":
            raise ServerGone(
                "the language server does not count columns in characters: install paceline again"
            )
        self.tell("initialized", {})

    def tell(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[tuple[float, Any]]]:
        """Send a request. Returns its id and what will be when (monotonic seconds) and what was answered.

        An error is answered as None.
        """
        number = next(self._ids)
        future = self._open[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        return number, future

    def cancel(self, number: int) -> None:
        """Say that the answer to a request is no longer wanted; it comes all the same."""
        self.tell("$/cancelRequest", {"id": number})

    async def close(self) -> None:
        """Say goodbye and wait until the process has ended."""
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self.ask("shutdown")[1]
                self.tell("exit")
                await self._process.wait()
        except (TimeoutError, ServerGone):
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        await self._reader

    def _send(self, message: dict[str, Any]) -> None:
        if self._process.stdin is None or self._reader.done():
            raise ServerGone(GONE)
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self) -> None:
        try:
            while (message := await self._message()) is not None:
                self._take(message)
        finally:
            for future in self._open.values():
                if not future.done():
                    future.set_exception(ServerGone(GONE))

    async def _message(self) -> dict[str, Any] | None:
        """Return the next message, None at the end of the stream."""
        stream, length = self._process.stdout, 0
        if stream is None:
            return None
        while line := (await stream.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            return None
        try:
            found: dict[str, Any] = json.loads(await stream.readexactly(length))
        except asyncio.IncompleteReadError:
            return None
        return found

    def _take(self, message: dict[str, Any]) -> None:
        now = time.monotonic()
        if "method" not in message:
            future = self._open.pop(message.get("id", 0), None)
            if future is not None and not future.done():
                future.set_result((now, message.get("result")))
        elif "id" in message:  # whatever the server asks of its client, there is nothing to tell
            self._send({"id": message["id"], "result": None})
