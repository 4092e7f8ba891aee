"""What the rows run on: engines, transformers' modules and servers, each made when a row first needs it."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import torch

from ...models.decoder import Decoder
from ...models.directory import open_directory
from ...models.errors import UnsupportedModelError
from ...models.pair import LoadedPair
from ...models.precision import is_rounding
from ..engine.engine import EngineOptions
from ..errors import PacelineError
from .hugging import HuggingArm, module_of
from .llama import LlamaArm, LlamaServer
from .ours import BenchEngine, OwnArm
from .records import Arm
from .rows import Precision, Row

Role = Literal["target", "draft"]


class Workbench:
    """Arms for rows, over one pair; a context manager that ends what it started."""

    def __init__(
        self, options: EngineOptions, server: Path | None, tell: Callable[[str, float], None]
    ) -> None:
        """``options`` name the pair, ``server`` is a llama-server; ``tell`` hears of loading.

        What the pacer learnt of this machine before is not used, and what it learns is not kept.
        """
        self._options = replace(options, slots=1, state=None)
        self._server = server
        self._tell = tell
        self._stack = ExitStack()
        self._engines: dict[tuple[bool, str], BenchEngine] = {}
        self._served_engines: dict[str, BenchEngine] = {}
        self._modules: tuple[Any, Any] | None = None
        self._files: dict[tuple[Role, Precision], Path] = {}
        self._servers: dict[tuple[Precision, tuple[str, ...] | None], LlamaServer] = {}

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End servers, drop engines."""
        self._stack.close()

    def compiles(self) -> bool:
        """Whether steps can be compiled here; waits until they are. Raises ModelError."""
        return self.engine().wait_compiled()

    def engine(self, *, compiled: bool = True, full: bool = False) -> BenchEngine:
        """Our engine, its steps compiled if that is wanted and can be, with ``full`` weights not rounded.

        Raises ModelError.
        """
        options = replace(self._options, compile=compiled)
        if full:
            options = replace(
                options, target_dtype=_full(options.target_dtype), draft_dtype=_full(options.draft_dtype)
            )
        key = compiled, options.target_dtype + options.draft_dtype
        if key not in self._engines:
            engine = BenchEngine.load(options, self._tell)
            self._stack.callback(engine.close)
            self._tell("compiling", 0.0)
            engine.prepare()
            self._engines[key] = engine
        return self._engines[key]

    def _served(self, row: Row) -> BenchEngine:
        """An engine whose pacer has learnt from its own requests alone."""
        if row.name not in self._served_engines:
            engine = self.engine(compiled=row.compiled).sibling()
            self._stack.callback(engine.close)
            engine.prepare()
            self._served_engines[row.name] = engine
        return self._served_engines[row.name]

    @property
    def pair(self) -> LoadedPair:
        """The pair whose weights peers are given: never rounded."""
        return self.engine(full=True).pair

    def arm(self, row: Row) -> Arm:
        """The arm that measures ``row``."""
        if row.family == "ours":
            return OwnArm(row.name, row.label, self._engine_of(row), row.drafter, row.k)
        if row.family == "transformers":
            return HuggingArm(row.name, row.label, self._hugging, row.options, row.assistant)
        return LlamaArm(row.name, row.label, partial(self._llama, row.precision, row.flags))

    def _engine_of(self, row: Row) -> Callable[[], BenchEngine]:
        if row.drafter == "auto":
            return partial(self._served, row)
        return partial(self.engine, compiled=row.compiled, full=row.full)

    def _hugging(self) -> tuple[Any, Any]:
        """transformers' modules of target and draft (None without one)."""
        if self._modules is None:
            pair = self.pair
            target = module_of(pair.target, open_directory(pair.spec.target).config)
            draft = None
            if pair.draft is not None and pair.spec.draft is not None:
                draft = module_of(pair.draft, open_directory(pair.spec.draft).config)
            self._modules = target, draft
        return self._modules

    def _llama(self, precision: Precision, flags: tuple[str, ...] | None) -> LlamaServer:
        """A running server with the pair in ``precision``, its draft only where there are ``flags``."""
        if self._server is None:
            raise PacelineError("no llama-server was given: use --llama-server PATH", code="invalid_field")
        key = precision, flags
        if key not in self._servers:
            drafting = flags is not None and self.pair.draft is not None
            server = LlamaServer(
                self._server,
                self._gguf("target", precision),
                threads=torch.get_num_threads(),
                context=self.pair.context,
                draft=self._gguf("draft", precision) if drafting else None,
                options=flags or (),
            )
            self._servers[key] = self._stack.enter_context(server)
        return self._servers[key]

    def _gguf(self, role: Role, precision: Precision) -> Path:
        """The file of one of the pair's models, exported once."""
        if (role, precision) not in self._files:
            self._tell(f"exporting the {role} as {precision}", 0.0)
            pair, folder = self.pair, Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
            model = pair.target if role == "target" else pair.draft
            tokenizer = pair.spec.target / "tokenizer.json"
            self._files[role, precision] = _export(model, tokenizer, folder / f"{role}.gguf", precision)
        return self._files[role, precision]


def _full(precision: str) -> str:
    return "auto" if is_rounding(precision) else precision


def _export(model: object, tokenizer: Path, out: Path, precision: Precision) -> Path:
    try:
        from .gguf_export import export_gguf  # noqa: PLC0415  (its library is optional)
    except ImportError as error:
        raise PacelineError(
            "the package gguf is missing: pip install 'paceline[bench]', or leave out --llama-server",
            code="invalid_field",
        ) from error
    if not isinstance(model, Decoder):
        raise UnsupportedModelError(
            "Only models of the native decoder are exported; leave out --llama-server."
        )
    export_gguf(model, tokenizer, out, precision)
    return out
