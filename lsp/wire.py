"""The protocol of the server: what pygls does, but every request is answered exactly once, whatever it holds.

pygls 2.1 leaves a request with parameters of the wrong shape unanswered, serves requests before
``initialize``, ignores them after ``shutdown``, and puts message bodies in its log and its error replies. The
checks here come before it; dispatch, cancellation and types stay its own. Error codes as in LSP 3.18.
"""

import contextvars
import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

from ..daemon.logs import outline

log = logging.getLogger(__name__)

MessageId = str | int
# pygls keeps its own copy of each document, cutting it into lines in another way than the protocol
_DOCUMENT_SYNC = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


class Refusal(Exception):  # noqa: N818  (an answer, not a fault)
    """A message that is answered with an error: its code and a sentence without any of its content."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Wire(LanguageServerProtocol):
    """Checks messages, hands them to pygls' handlers, and sends exactly one answer per request."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._begun = False
        self._open: set[MessageId] = set()
        self.on_exit: Callable[[int], None] = lambda _: None
        for method in _DOCUMENT_SYNC:
            self.fm.builtin_features.pop(method)

    @property
    def exit_code(self) -> int:
        """What the process ends with if the client leaves now: 0 if it asked for a shutdown first."""
        return 0 if self._shutdown else 1

    def receive(self, body: bytes) -> bool:
        """Handle the body of one message; False where it is no JSON at all. Raises nothing."""
        try:
            message = json.loads(body.decode())
        except (ValueError, RecursionError):
            self._refuse(None, Refusal(types.ErrorCodes.ParseError, "the message is no JSON text in UTF-8"))
            return False
        request_id = message.get("id") if isinstance(message, dict) else None
        try:
            self._take(message)
        except Refusal as refusal:
            self._refuse(request_id if _is_id(request_id) else None, refusal)
        return True

    def _take(self, message: Any) -> None:
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            raise Refusal(types.ErrorCodes.InvalidRequest, "the message is no JSON-RPC 2.0 object")
        if "method" not in message:
            self._take_response(message)
        elif not isinstance(message["method"], str):
            raise Refusal(types.ErrorCodes.InvalidRequest, "the method is no text")
        elif "id" in message:
            self._take_request(message)
        else:
            self._take_notification(message)

    def _take_request(self, message: dict[str, Any]) -> None:
        request_id, method = message["id"], message["method"]
        if not _is_id(request_id):
            raise Refusal(types.ErrorCodes.InvalidRequest, "the id is no text or whole number")
        if request_id in self._open:
            log.warning("left out a request whose id is that of another one still open")
            return
        self._check_phase(method)
        if not self._has(method, request=True):
            raise Refusal(types.ErrorCodes.MethodNotFound, "there is no such method here")
        params = self._structured(message).params
        self._begun = True
        self._open.add(request_id)
        contextvars.copy_context().run(self._handle_request, request_id, method, params)

    def _check_phase(self, method: str) -> None:
        """Raise Refusal for a request that its time has not come for, or whose time is over."""
        if self._shutdown:
            raise Refusal(types.ErrorCodes.InvalidRequest, "the server was shut down")
        if not self._begun and method != types.INITIALIZE:
            raise Refusal(types.ErrorCodes.ServerNotInitialized, "the server is not initialized")
        if self._begun and method == types.INITIALIZE:
            raise Refusal(types.ErrorCodes.InvalidRequest, "the server is initialized already")

    def _take_notification(self, message: dict[str, Any]) -> None:
        method = message["method"]
        if method != types.EXIT and (self._shutdown or not self._begun):
            return
        if method != types.CANCEL_REQUEST and not self._has(method, request=False):
            return
        try:
            params = self._structured(message).params
        except Refusal:
            log.warning("left out a notification %s: its parameters have the wrong shape", method)
            return
        contextvars.copy_context().run(self._handle_notification, method, params)

    def _take_response(self, message: dict[str, Any]) -> None:
        """Settle a request of our own; anything else is left out."""
        request_id: Any = message.get("id")
        ours = _is_id(request_id) and request_id in self._result_types
        future = self._request_futures.get(request_id) if ours else None
        if future is None or future.done():
            log.info("left out a response that nobody waits for")
            return
        if message.get("error") is None:
            message.pop("error", None)  # some clients send an empty one beside each result
        try:
            response = self._structured(message)
        except Refusal:
            response = types.ResponseErrorMessage(
                error=types.ResponseError(types.ErrorCodes.ParseError, "the response has the wrong shape"),
                id=request_id,
            )
        self._handle_response(request_id, getattr(response, "result", None), getattr(response, "error", None))

    def _structured(self, message: dict[str, Any]) -> Any:
        """Return a message as its type. Raises Refusal where its parameters have another shape."""
        try:
            return self.structure_message(message)
        except (JsonRpcException, RecursionError) as error:
            text = "the parameters have the wrong shape"
            raise Refusal(types.ErrorCodes.InvalidParams, text) from error

    def _has(self, method: str, *, request: bool) -> bool:
        """Tell whether there is such a request or notification; methods of our own are notifications."""
        kind = self.get_message_type(method)
        known = method in self.fm.builtin_features or method in self.fm.features
        return known and request is ("id" in getattr(kind, "__annotations__", {}))

    def _refuse(self, request_id: MessageId | None, refusal: Refusal) -> None:
        error = {"code": refusal.code, "message": str(refusal)}
        self._send_data({"jsonrpc": self.VERSION, "id": request_id, "error": error})

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Cancel a request of the client that is still open; what is unknown or answered is left alone."""
        if _is_id(msg_id) and msg_id in self._open:
            super()._handle_cancel_notification(msg_id)

    def _send_handler_result(self, future: Future[Any], *, msg_id: MessageId) -> None:
        """Answer a request whose handler ended; a fault in it is logged without any text of the message."""
        error = None if future.cancelled() else future.exception()
        if error is None:
            super()._send_handler_result(future, msg_id=msg_id)
            return
        self._request_futures.pop(msg_id, None)
        if isinstance(error, JsonRpcException):
            self._send_response(msg_id, error=error.to_response_error())
            return
        log.error("a request failed: %s", outline(error))
        fault = types.ResponseError(types.ErrorCodes.InternalError, "the server failed; its log says where")
        self._send_response(msg_id, error=fault)

    def _send_response(
        self, msg_id: MessageId, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        """Send the answer of a request that has none yet."""
        if msg_id not in self._open:
            log.error("a second answer to one request was held back")
            return
        self._open.remove(msg_id)
        super()._send_response(msg_id, result, error)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: Any) -> None:  # type: ignore[override]
        """End what is under way; of that list, which pygls reads as it is, each end takes itself out."""
        for future in list(self._request_futures.values()):
            future.cancel()
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]
        """Have the process end."""
        self.on_exit(self.exit_code)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
