"""The project's own files, as the house tests see them."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"build", "dist", "node_modules", "__pycache__"}  # and hidden folders but .ci


@dataclass(frozen=True)
class Module:
    """One Python file: its path in the project, as parts of a dotted name, and its parsed text."""

    path: str
    parts: tuple[str, ...]
    text: str
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        """Whether the file belongs to the tests room."""
        return self.parts[:1] == ("tests",)

    def within(self, room: str) -> bool:
        """Whether the file is in ``room`` (a path such as ``daemon/engine``) or below it."""
        return self.path.startswith(room + "/") or self.path == room + ".py"


def files(pattern: str = "*") -> list[Path]:
    """Every file of the project that is kept under version control or will be, sorted."""
    return sorted(path for path in ROOT.rglob(pattern) if path.is_file() and not _is_skipped(path))


def _is_skipped(path: Path) -> bool:
    folders = path.relative_to(ROOT).parts[:-1]
    return any(part in SKIPPED or part.endswith(".egg-info") or _is_hidden(part) for part in folders)


def _is_hidden(folder: str) -> bool:
    return folder.startswith(".") and folder != ".ci"


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of the project, parsed."""
    return tuple(_parse(path) for path in files("*.py"))


def _parse(path: Path) -> Module:
    relative = path.relative_to(ROOT)
    text = path.read_text(encoding="utf-8")
    parts = relative.with_suffix("").parts
    return Module(relative.as_posix(), parts, text, ast.parse(text, str(relative)))


@dataclass(frozen=True)
class Import:
    """One import statement: the dotted parts it names, from the project's root if it is relative."""

    line: int
    target: tuple[str, ...]
    relative: bool


def imports(module: Module) -> list[Import]:
    """Every import of ``module``, at any depth, with relative ones resolved against the project's root."""
    found: list[Import] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found += [Import(node.lineno, tuple(alias.name.split(".")), False) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += _from_imports(module, node)
    return found


def _from_imports(module: Module, node: ast.ImportFrom) -> list[Import]:
    base = tuple(node.module.split(".")) if node.module else ()
    if node.level:
        base = module.parts[: len(module.parts) - node.level] + base
    return [Import(node.lineno, (*base, alias.name), bool(node.level)) for alias in node.names]
