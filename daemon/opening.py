"""From settings to a loaded engine: the one place of the daemon that imports model code, when called."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .settings import Settings, models_dir, state_dir, steps_dir
from .worker import Engine

if TYPE_CHECKING:
    from .engine.engine import EngineOptions


def open_engine(settings: Settings, progress: Callable[[str, float], None]) -> Engine:
    """Load the pair that the settings name; ``progress`` hears (stage, fraction). Raises ModelError."""
    progress("starting", 0.0)
    from .engine.engine import Engine as RealEngine  # noqa: PLC0415  (torch, so not before it is needed)
    from .evaluation.watch import WatchedEngine  # noqa: PLC0415  (as above)

    engine = RealEngine.load(engine_options(settings), progress)
    return WatchedEngine(engine, engine.pair.spec, state_dir())


def engine_options(settings: Settings) -> "EngineOptions":
    """What the engine is to load by the settings."""
    from .engine.engine import EngineOptions  # noqa: PLC0415  (as above)

    return EngineOptions(
        target=settings.target,
        draft=None if settings.draft == "auto" else settings.draft,
        device=settings.device,
        target_dtype=settings.target_dtype,
        draft_dtype=settings.draft_dtype,
        context=settings.context or 0,
        slots=settings.slots,
        threads=settings.threads or 0,
        compile=settings.compile == "auto",
        steps=steps_dir(),
        state=state_dir(),
        models=models_dir(),
    )
