"""The settings as the client has them: told at the start, pushed when they change, or fetched on request.

A client that can be asked (``workspace/configuration``) is asked at the start and whenever it says that
something changed; what it then has for us counts more than what it pushed.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from .settings import SECTION, EditorSettings, read_settings, section_of

log = logging.getLogger(__name__)

CHANGED = types.WORKSPACE_DID_CHANGE_CONFIGURATION


class Configuration:
    """Keeps the settings current: ``apply`` takes them, ``tell`` a sentence about each bad value, once."""

    def __init__(
        self, server: LanguageServer, apply: Callable[[EditorSettings], None], tell: Callable[[str], None]
    ) -> None:
        self.initial: Any = None
        self._server = server
        self._apply = apply
        self._tell = tell
        self._told: set[str] = set()
        self._settings: EditorSettings | None = None
        self._fetching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """The client is ready: use what it told at the start, and ask for more where it has more."""
        self._use(None)
        workspace = self._server.client_capabilities.workspace
        changes = workspace.did_change_configuration if workspace is not None else None
        if changes is not None and changes.dynamic_registration:
            options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
            registration = types.Registration("configuration", CHANGED, options)
            params = types.RegistrationParams([registration])
            self._server.client_register_capability(params)
        self._fetch(None)

    def changed(self, settings: Any) -> None:
        """The client says that settings changed, perhaps to these."""
        if not self._fetch(section_of(settings)):
            self._use(section_of(settings))

    def _fetch(self, pushed: Any) -> bool:
        """Have the settings fetched, ``pushed`` counting where there are none; False where that cannot be."""
        workspace = self._server.client_capabilities.workspace
        if workspace is None or not workspace.configuration:
            return False
        if self._fetching is not None:
            self._fetching.cancel()
        self._fetching = asyncio.create_task(self._fetch_and_use(pushed))
        return True

    async def _fetch_and_use(self, pushed: Any) -> None:
        params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            answer = await asyncio.shield(self._server.workspace_configuration_async(params))
        except JsonRpcException:
            log.warning("the client gave no settings")
            answer = []
        fetched = answer[0] if answer else None
        self._use(fetched if fetched else pushed)

    def _use(self, values: Any) -> None:
        settings, problems = read_settings(self.initial, values)
        for problem in problems:
            if problem not in self._told:
                self._told.add(problem)
                self._tell(problem)
        if settings != self._settings:
            self._settings = settings
            self._apply(settings)
