"""Compiled steps: the engine serves uncompiled until they are bound, and goes on so if they cannot be."""

import contextlib
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...models.base import LanguageModel
from ...models.captured.binding import capture_steps
from ...models.errors import KernelError
from ...models.kernel.binding import bind_steps


class Compiling:
    """Builds and binds the compiled steps of ``models`` in a thread of its own; on CUDA, captures them.

    The first of ``models`` is the target.

    The library is kept in ``directory``, or for this process alone where that is None. What is captured needs
    no compiler and is there at once. ``state`` says in words how it stands.
    """

    def __init__(
        self, models: Sequence[LanguageModel], directory: Path | None, threads: int, context: int
    ) -> None:
        self.state = "compiling; steps run uncompiled until then"
        self._over = threading.Event()
        self._succeeded = False
        self._models, self._directory, self._threads, self._context = models, directory, threads, context
        if models[0].device.type == "cuda":
            self._run()  # a moment's work, which no other work on the device may interrupt
        else:
            threading.Thread(target=self._run, name="compile", daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether it has succeeded or failed."""
        return self._over.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over, at most ``timeout`` seconds; whether compiled steps are in use."""
        return self._over.wait(timeout) and self._succeeded

    def _run(self) -> None:
        try:
            bound = self._bind()
        except KernelError as reason:
            self.state = f"uncompiled: {reason}"
        else:
            self._succeeded = True
            self.state = f"compiled, {bound}"
        finally:
            self._over.set()

    def _bind(self) -> str:
        """Bind the steps; what they are, in words."""
        if self._models[0].device.type == "cuda":
            capture_steps(self._models)
            return "CUDA graphs" + self._but()
        with self._place() as directory:
            threads = bind_steps(self._models, directory, self._threads, self._context)
        return f"{threads} thread{'s' if threads > 1 else ''}" + self._but()

    def _but(self) -> str:
        """Which models have no compiled step, in words, where another has one."""
        without = [index for index, model in enumerate(self._models) if not getattr(model, "compiled", None)]
        if not without:
            return ""
        return ", but not the target" if 0 in without else ", but not the draft"

    def _place(self) -> contextlib.AbstractContextManager[Path]:
        if self._directory is not None:
            return contextlib.nullcontext(self._directory)
        return _temporary_directory()


@contextlib.contextmanager
def _temporary_directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="paceline-") as folder:
        yield Path(folder)
