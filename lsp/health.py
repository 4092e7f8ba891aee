"""How the daemon is, told to the editor: progress while models load, one message per trouble, a status line.

``didChangeStatus`` {busy, message, kind} is the notification that copilot-language-server made common.
"""

import asyncio
import logging
import time
import uuid

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from ..daemon.errors import PacelineError

log = logging.getLogger(__name__)

STATUS = "didChangeStatus"
Status = tuple[bool, str, str]
"""Whether it is busy, a message, and the kind."""
OFF: Status = (False, "Switched off", "Inactive")
MESSAGE_SECONDS = 60.0  # for so long a message is not repeated even after a recovery


class Progress:
    """A progress bar in the editor, where it can show one, from the first report to ``end``."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._token: str | None = None
        self._last = ""
        self._asking: asyncio.Task[None] | None = None

    def report(self, text: str, fraction: float) -> None:
        """Show how far it is, from 0 to 1."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        if self._asking is None:
            self._asking = asyncio.create_task(self._begin())
        elif self._token is not None and text + f"{fraction:.2f}" != self._last:
            self._last = text + f"{fraction:.2f}"
            value = types.WorkDoneProgressReport(message=text, percentage=round(100 * fraction))
            self._server.work_done_progress.report(self._token, value)

    def end(self) -> None:
        """Take the bar away."""
        token, self._token, self._asking, self._last = self._token, None, None, ""
        if token is not None:
            self._server.work_done_progress.end(token, types.WorkDoneProgressEnd())

    async def _begin(self) -> None:
        token = f"paceline-{uuid.uuid4()}"
        try:
            await self._server.work_done_progress.create_async(token)
        except JsonRpcException:
            return  # the editor would rather not
        if self._asking is asyncio.current_task():
            self._token = token
            begin = types.WorkDoneProgressBegin(title="paceline", message="loading models", percentage=0)
            self._server.work_done_progress.begin(token, begin)


class Health:
    """The observer of the backend: turns what it hears into progress, messages and status."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._progress = Progress(server)
        self._status: Status | None = None
        self._shown: Status | None = None
        self._off = False
        self._told: dict[str, float] = {}

    def loading(self, stage: str, fraction: float) -> None:
        """Models are being loaded; there is no ``stage`` just before that and just after."""
        if stage:
            self._progress.report(f"loading {stage}", fraction)
        self._tell_status("Loading models", "Normal", busy=True)

    def ready(self) -> None:
        """The daemon can answer; a trouble told a while ago would be news again."""
        self._progress.end()
        recent = time.monotonic() - MESSAGE_SECONDS
        self._told = {text: told for text, told in self._told.items() if told > recent}
        self._tell_status("Ready", "Normal")

    def failed(self, error: PacelineError) -> None:
        """The daemon cannot run or answer: one message until it can."""
        self._progress.end()
        self._tell_status(error.text, "Error")
        self.tell(error.text)

    def lost(self) -> None:
        """The daemon went away; the status says so until it is back."""
        self._progress.end()
        self._tell_status("The daemon went away; starting it again", "Warning", busy=True)

    def switched(self, *, on: bool) -> None:
        """Completions are switched on or off; while they are off the status says nothing else."""
        self._off = not on
        self._show_status()

    def tell(self, text: str) -> None:
        """Show a message in the editor, unless it was shown since all was well."""
        if text in self._told:
            return
        self._told[text] = time.monotonic()
        log.warning("told the user: %s", text)
        message = types.ShowMessageParams(types.MessageType.Warning, f"paceline: {text}")
        self._server.window_show_message(message)

    def _tell_status(self, message: str, kind: str, *, busy: bool = False) -> None:
        self._status = (busy, message, kind)
        self._show_status()

    def _show_status(self) -> None:
        status = OFF if self._off else self._status
        if status is not None and status != self._shown:
            self._shown = status
            self._server.protocol.notify(STATUS, dict(zip(("busy", "message", "kind"), status, strict=True)))
