"""A language server in this process and event loop, its client a list of messages."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ...lsp.server import PacelineServer

Desk = TypeVar("Desk")


class Direct:
    """A server that wakes no daemon; what it writes is kept in ``messages``."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.server = PacelineServer()
        self.server.backend.wake = lambda **_: None  # type: ignore[method-assign]
        self.server.protocol.set_writer(self)

    def write(self, data: bytes) -> None:
        """Take one message of the server."""
        self.messages.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def close(self) -> None:
        """Nothing."""

    def send(self, **message: Any) -> None:
        """Hand a message to the server."""
        self.server.protocol.receive(json.dumps({"jsonrpc": "2.0"} | message).encode())

    def notify(self, method: str, params: Any = None) -> None:
        """Send a notification."""
        self.send(method=method, params=params)

    def initialize(self, capabilities: dict[str, Any] | None = None, **extra: Any) -> None:
        """Shake hands, up to the client being ready."""
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}} | extra
        self.send(id="initialize", method="initialize", params=params)
        self.notify("initialized", {})

    async def settle(self) -> None:
        """Let everything happen that waits for nobody."""
        for _ in range(10):
            await asyncio.sleep(0)

    def answer(self, request_id: Any) -> dict[str, Any]:
        """The one answer to a request."""
        (answer,) = [sent for sent in self.messages if "method" not in sent and sent["id"] == request_id]
        return answer

    def code(self, request_id: Any) -> int:
        """The error code of the one answer to a request."""
        return int(self.answer(request_id)["error"]["code"])

    def told(self, method: str) -> list[Any]:
        """The parameters of all that the server sent under ``method``."""
        return [sent["params"] for sent in self.messages if sent.get("method") == method]

    def asked(self, method: str) -> list[str]:
        """The ids of the server's requests."""
        return [sent["id"] for sent in self.messages if sent.get("method") == method]


def play(sit_down: Callable[[Direct], Desk], scene: Callable[[Desk], Coroutine[Any, Any, None]]) -> Desk:
    """What ``sit_down`` makes of a fresh server, after a scene in which nothing failed unseen."""
    faults: list[Any] = []

    async def main() -> Desk:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        direct = Direct()
        desk = sit_down(direct)
        await scene(desk)
        await direct.settle()
        return desk

    desk = asyncio.run(main())
    assert faults == []
    return desk
