"""The language server: what the client says reaches documents, completions and settings.

Requests that wait are coroutines, so that a cancel is read at once; all that changes state is handled in the
order it came, without waiting.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from .. import __version__
from ..daemon.logs import outline
from .backend import Backend
from .completion import Completions
from .configuration import Configuration
from .documents import Documents
from .feedback import ACCEPT, Ledger
from .health import Health
from .menu import OPTIONS, has_inline_completion, inline_params, menu_item
from .settings import EditorSettings
from .suggesting import Suggesting
from .wire import Wire

log = logging.getLogger(__name__)

EXPLAIN = "paceline.explainLast"
"""The command that answers with what the last suggestion was made of."""


class PacelineServer(LanguageServer):
    """One editor's server."""

    protocol: Wire

    def __init__(self) -> None:
        super().__init__("paceline", __version__, protocol_cls=Wire, converter_factory=get_converter)
        self.health = Health(self)
        self.backend = Backend(self.health)
        self.documents = Documents()
        self.ledger = Ledger(self.backend.tell, lambda: self.documents)
        self.suggesting = Suggesting(self.documents, self.backend)
        self.completions = Completions(self.documents, self.suggesting, self.ledger)
        self.on_begin: Callable[[int | None], None] = lambda _: None
        self.configuration = Configuration(self, self.use, self.health.tell)
        self._settings = EditorSettings()
        _register(self)

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Log what failed and where, without any text; pygls would show it to the user as it is."""
        log.error("%s: %s", source.__name__, outline(error.__cause__ or error))

    def begin(self, params: types.InitializeParams) -> None:
        """Take in what the client says of itself."""
        if not has_inline_completion(params.capabilities):
            _register_menu(self)
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        self.documents = Documents(str(getattr(encoding, "value", encoding)))
        self.completions.documents = self.suggesting.documents = self.documents
        self.configuration.initial = params.initialization_options
        self.on_begin(params.process_id)
        uris = [folder.uri for folder in params.workspace_folders or ()]
        uris += [params.root_uri] if params.root_uri and not uris else []
        folders = [Path(path) for uri in uris if (path := to_fs_path(uri))]
        self.suggesting.asking.folders = folders
        self.suggesting.attention.work_in(folders)

    def use(self, settings: EditorSettings) -> None:
        """Take other settings."""
        before, self._settings = self._settings, settings
        logging.getLogger(__package__).setLevel(settings.log_level.upper())
        self.completions.use(settings)
        self.backend.use(settings.daemon)
        self.health.switched(on=settings.enabled)
        if settings.enabled and not before.enabled:
            self.backend.wake()

    def wake_for(self, uri: Any) -> None:
        """Have the daemon ready if this document is one to ask for."""
        document = self.documents.get(uri) if isinstance(uri, str) else None
        if document is not None and self.suggesting.asking.names(document) is not None:
            self.backend.wake()


def _register(server: PacelineServer) -> None:
    """Say which message goes where. (Without its options pygls keeps inline completion from the client.)"""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.begin(params)

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        server.configuration.start()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        server.configuration.changed(params.settings)

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def complete(params: types.InlineCompletionParams) -> types.InlineCompletionList:
        return types.InlineCompletionList(items=await server.completions.answer(params))

    _register_documents(server)
    _register_feedback(server)


def _register_menu(server: PacelineServer) -> None:
    """Answer for the popup menu too. What is registered while a client introduces itself is told to it."""

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, OPTIONS)
    async def complete_in_menu(params: types.CompletionParams) -> types.CompletionList:
        items = await server.completions.answer(inline_params(params))
        document = server.documents.get(params.text_document.uri)
        found = [menu_item(item, document.text) for item in items[:1]] if document is not None else []
        return types.CompletionList(is_incomplete=True, items=found)


def _register_documents(server: PacelineServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.documents.open(params.text_document)
        server.completions.opened(uri)
        server.wake_for(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        document = params.text_document
        if server.documents.change(document.uri, document.version, params.content_changes):
            server.completions.changed(document.uri, len(params.content_changes))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.documents.close(params.text_document.uri)
        server.completions.closed(params.text_document.uri)

    @server.feature("textDocument/didFocus")
    def did_focus(params: Any) -> None:
        uri = _entry(_entry(params, "textDocument"), "uri")
        server.wake_for(uri)
        if isinstance(uri, str):
            server.completions.focused(uri, _position(_entry(params, "position")))


def _register_feedback(server: PacelineServer) -> None:
    @server.command(ACCEPT)
    async def did_accept(*arguments: Any) -> bool:
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            raise JsonRpcInvalidParams(f"{ACCEPT} takes the number of an item, as its command says")
        return server.ledger.accepted(arguments[0])

    @server.command(EXPLAIN)
    async def explain(*_: Any) -> dict[str, Any] | None:
        return server.completions.explanation()

    @server.feature("textDocument/didShowCompletion")
    def did_show(params: Any) -> None:
        server.ledger.shown(_entry(params, "item"))

    @server.feature("textDocument/didDismissCompletion")
    def did_dismiss(params: Any) -> None:
        server.completions.dismissed(_entry(params, "item"))

    @server.feature("textDocument/didPartiallyAcceptCompletion")
    def did_accept_part(params: Any) -> None:
        server.ledger.partly_accepted(_entry(params, "item"), _entry(params, "acceptedLength"))


def _position(value: Any) -> types.Position | None:
    """Return a position of a JSON map; None where it is none."""
    line, character = _entry(value, "line"), _entry(value, "character")
    if all(type(number) is int and 0 <= number < 1 << 31 for number in (line, character)):
        return types.Position(line, character)
    return None


def _entry(value: Any, name: str) -> Any:
    """Return an entry of a JSON map; None where there is no such entry or map."""
    return value.get(name) if isinstance(value, dict) else None
