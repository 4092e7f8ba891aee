"""The daemon's log: small, rotated, private, and never with a word of anybody's source text."""

import logging
import sys
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 1 << 20
LOGGER = (__package__ or "daemon").partition(".")[0]


def start_log(path: Path, level: str, *, console: bool) -> logging.Logger:
    """Send the package's log to ``path`` (one older file is kept), and to standard error with ``console``."""
    logging.raiseExceptions = False  # a full disk must not break a request
    logger = logging.getLogger(LOGGER)
    logger.setLevel(level.upper())
    logger.propagate = False
    file = RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
    )
    handlers: list[logging.Handler] = [file]
    if console:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(process)d %(message)s"))
        logger.addHandler(handler)
    return logger


def outline(error: BaseException) -> str:
    """Return an error's type and the places it passed, without its message, which may quote source text."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(
        [type(error).__name__, *(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))]
    )
