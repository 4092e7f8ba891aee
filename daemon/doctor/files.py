"""The user's files: settings, directories with their owners and permissions, room on the disk."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

from ..errors import RuntimeDirError, SettingsError
from ..paths import private_directory
from ..settings import Settings, config_path, load_settings, state_dir, steps_dir
from .finding import Finding, counted, ok, remark, wrong

LITTLE, TOO_LITTLE = 512 << 20, 32 << 20
"""Bytes free on a disk below which it is remarked, and is wrong."""


def check_settings() -> tuple[Finding, Settings | None]:
    """Read file and environment; None for settings that cannot be used."""
    path = config_path()
    try:
        settings = load_settings()
    except SettingsError as error:
        return wrong("settings", error.text), None
    if path.exists() and path.stat().st_mode & 0o022:
        return wrong("settings", f"{path} can be written by others", f"chmod go-w {path}"), settings
    place = f"{path}" if path.exists() else f"no {path}"
    return ok("settings", f"{place}; {_differences(settings)}"), settings


def _differences(settings: Settings) -> str:
    """What is set, in the file or by variables."""
    usual = Settings()
    names = [field.name for field in fields(Settings) if field.name != "runtime_dir"]
    found = [(name, value) for name in names if (value := getattr(settings, name)) != getattr(usual, name)]
    return ", ".join(f"{name} {value}" for name, value in found) or "all as by default"


def check_directories(settings: Settings) -> Iterator[Finding]:
    """Compiled steps, what the pacer learnt, sockets and log; and the disks they are on."""
    runtime = Path(settings.runtime_dir)
    looks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("steps", lambda: _directory("steps", steps_dir(), "step-*.so", "compiled step")),
        ("state", lambda: _directory("state", state_dir(), "*.json", "learnt file")),
        ("runtime", lambda: _runtime(runtime)),
        ("disk", lambda: _disk([steps_dir(), state_dir(), runtime])),
    )
    for topic, look in looks:
        try:
            yield look()
        except OSError as error:
            yield wrong(topic, f"{error.filename} cannot be looked at ({error.strerror})", "make it yours")


def _directory(topic: str, path: Path, pattern: str, what: str) -> Finding:
    """One that only we may write to, since we load or trust what lies in it."""
    if not path.exists():
        return _missing(topic, path)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        return wrong(topic, f"{path} is no directory of yours", f"remove {path}")
    if found.st_mode & 0o022:
        return wrong(topic, f"{path} can be written by others", f"chmod -R go-w {path}")
    if not os.access(path, os.W_OK | os.X_OK):
        return wrong(topic, f"{path} cannot be written to", f"chmod u+rwx {path}")
    return ok(topic, f"{path}: {counted(len(list(path.glob(pattern))), what)}")


def _missing(topic: str, path: Path) -> Finding:
    parent = _existing(path)
    if not os.access(parent, os.W_OK | os.X_OK):
        return wrong(topic, f"{path} cannot be made", f"make {parent} yours, or writable for you")
    return ok(topic, f"{path}: made when it is needed")


def _existing(path: Path) -> Path:
    """The path itself, or its nearest parent that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def _runtime(path: Path) -> Finding:
    if not path.exists():
        return _missing("runtime", path)
    try:
        private_directory(path)
    except RuntimeDirError as error:
        return wrong("runtime", error.text)
    return ok("runtime", f"{path}: yours alone")


def _disk(paths: list[Path]) -> Finding:
    """The fullest of the disks that ``paths`` are or would be on."""
    free, path = min((shutil.disk_usage(place).free, place) for place in map(_existing, paths))
    text = f"{free / 2**30:.1f} GiB free at {path}"
    if free < TOO_LITTLE:
        return wrong("disk", text, "make room: logs, compiled steps and learnt state go there")
    return remark("disk", text, "make room") if free < LITTLE else ok("disk", text)
