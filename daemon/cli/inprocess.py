"""Completions without a daemon: the engine in this process, asked and answering as the daemon is."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from ..engine.records import Result
from ..opening import open_engine
from ..protocol import Complete, Done
from ..service import done_of
from ..settings import Settings
from ..worker import completion_of
from .terminal import LoadingBar


class EngineAnswerer:
    """Completions by an engine of one's own."""

    def __init__(self, settings: Settings) -> None:
        """Load the models of ``settings``, with a bar on stderr. Raises ModelError."""
        self._settings = settings
        bar = LoadingBar(sys.stderr)
        try:
            self._engine = open_engine(settings, bar)
        finally:
            bar.clear()

    def complete(self, request: Complete, on_partial: Callable[[str], None] | None = None) -> Done:
        """Return the completion, having told ``on_partial`` its pieces. Raises ModelError."""
        for item in self._engine.complete(completion_of(request, self._settings, 0.0), lambda: False):
            if isinstance(item, Result):
                return done_of(item, 0.0)
            if on_partial is not None:
                on_partial(item.text)
        raise RuntimeError("the engine ended without a result")

    def facts(self) -> Mapping[str, Any]:
        """Return what the engine says of itself."""
        return self._engine.facts()

    def close(self) -> None:
        """Give the models' memory back."""
        self._engine.close()
