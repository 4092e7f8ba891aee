"""The installation: Python, paceline itself, the libraries it needs, its command. Imports nothing heavy."""

import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from itertools import zip_longest
from pathlib import Path

from ... import __version__
from .finding import Finding, ok, remark, wrong

NAME = "paceline"
PACKAGE = Path(__file__).resolve().parents[2]
SHOWN = ("torch", "transformers")
_REQUIREMENT = re.compile(r"([\w.-]+)\s*\(?([^;)]*)\)?(.*)")
_BOUND = re.compile(r"(>=|<=|==|!=|<|>)\s*([\d.]+)")
INSTALL = f"{sys.executable} -m pip install --upgrade {NAME}"


def check_installation() -> Iterator[Finding]:
    """Python, package, libraries, command."""
    yield ok("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield _package()
    yield _libraries()
    yield _command()


def _package() -> Finding:
    try:
        installed = metadata.version(NAME)
    except metadata.PackageNotFoundError:
        text = f"{__version__} in {PACKAGE}, not installed"
        return remark(NAME, text, f"{sys.executable} -m pip install {PACKAGE}")
    if installed != __version__:
        return remark(NAME, f"{__version__} in {PACKAGE}, installed as {installed}", INSTALL)
    return ok(NAME, f"{__version__} in {PACKAGE}")


def _libraries() -> Finding:
    """Whether what paceline requires is installed, in the versions it requires."""
    wanted = [split for line in _required() if "extra ==" not in line and (split := requirement(line))]
    faults = [fault for name, bounds in wanted if (fault := _fault(name, bounds))]
    if faults:
        return wrong("libraries", "; ".join(faults), INSTALL)
    if not wanted:
        return remark("libraries", "not checked, as paceline is not installed")
    shown = ", ".join(f"{name} {metadata.version(name)}" for name, _ in wanted if name in SHOWN)
    return ok("libraries", f"{shown}; all {len(wanted)} are as required")


def _required() -> list[str]:
    """Requirements: those of the checkout, where this is one, since it may be newer than its installation."""
    project = PACKAGE / "pyproject.toml"
    if project.is_file():
        found: list[str] = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
        return found
    try:
        return metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:
        return []


def _fault(name: str, bounds: list[tuple[str, str]]) -> str | None:
    asked = ",".join(sign + version for sign, version in bounds)
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name}{asked} is missing"
    return None if satisfied(found, bounds) else f"{name} is {found}, and {asked} is needed"


def requirement(line: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Name and bounds of a requirement such as "torch<2.14,>=2.9" (PEP 508, numbered releases only)."""
    match = _REQUIREMENT.match(line)
    return (match[1], _BOUND.findall(match[2])) if match else None


def satisfied(version: str, bounds: list[tuple[str, str]]) -> bool:
    """Whether the numbers a ``version`` starts with are within all ``bounds``."""
    return all(_holds(_compare(version, limit), sign) for sign, limit in bounds)


def _holds(order: int, sign: str) -> bool:
    by_sign = {">=": order >= 0, "<=": order <= 0, "==": order == 0}
    return (by_sign | {"!=": order != 0, "<": order < 0, ">": order > 0})[sign]


def _compare(left: str, right: str) -> int:
    """-1, 0 or 1: ``left`` is the lower, equal, the higher release."""
    for a, b in zip_longest(_numbers(left), _numbers(right), fillvalue=0):
        if a != b:
            return 1 if a > b else -1
    return 0


def _numbers(version: str) -> list[int]:
    match = re.match(r"\d+(\.\d+)*", version)
    return [int(part) for part in match[0].split(".")] if match else []


def _command() -> Finding:
    """Whether a shell, and so an editor, starts this installation as ``paceline``."""
    found, ours = shutil.which(NAME), Path(sys.executable).parent
    if found is None:
        return remark("command", f"{NAME} is not on the PATH; editors may not find it", f"add {ours} to it")
    if Path(found).parent.resolve() != ours.resolve():
        return remark("command", f"the PATH has {found}, and this is {ours / NAME}", "remove one of them")
    return ok("command", found)
