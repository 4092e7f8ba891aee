"""Where things lie: tests mirror the rooms, and files and functions keep the sizes the house allows."""

import ast
import re
from statistics import median

import pytest

from .tree import ROOT, Module, files, modules

EXTRA_TEST_ROOMS = {"house", "editors", "peers", "gpu"}  # DESIGN §2: not mirrors of a room
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 10


def test_every_test_folder_mirrors_a_room() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in files("test_*.py")}
    strangers = {
        folder.as_posix()
        for folder in folders
        if folder.parts and folder.parts[0] not in EXTRA_TEST_ROOMS and not (ROOT / folder).is_dir()
    }
    assert strangers == set()


def test_every_folder_with_python_is_a_package() -> None:
    folders = {path.parent for path in files("*.py") if "editors" not in path.relative_to(ROOT).parts}
    assert {folder for folder in folders if not (folder / "__init__.py").is_file()} == set()


def test_files_stay_short() -> None:
    long = {module.path: lines for module in modules() if (lines := module.text.count("\n")) > LONGEST_FILE}
    assert long == {}


def functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of ``module``."""
    return [
        node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the last line of the body."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_functions_fit_a_screen() -> None:
    long = {
        f"{module.path}:{function.name}": length(function)
        for module in modules()
        for function in functions(module)
        if length(function) > LONGEST_FUNCTION
    }
    assert long == {}


def test_the_usual_function_is_short() -> None:
    lengths = [
        length(function) for module in modules() if not module.is_test for function in functions(module)
    ]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_every_module_says_what_it_is() -> None:
    silent = [
        module.path
        for module in modules()
        if module.text.strip() and module.path != "tests/__init__.py" and not ast.get_docstring(module.tree)
    ]
    assert silent == []


TORCH_CONTRACT = {"forward", "backward"}  # their meaning is torch's


def _undocumented(module: Module) -> list[str]:
    """Public functions and classes of ``module`` (top level or methods) that have no docstring."""
    found: list[str] = []
    for node in module.tree.body:
        members = node.body if isinstance(node, ast.ClassDef) else []
        found += [
            f"{module.path}:{item.lineno} {item.name}"
            for item in [node, *members]
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not item.name.startswith("_")
            and item.name not in TORCH_CONTRACT
            and not ast.get_docstring(item)
        ]
    return found


def test_public_names_are_documented() -> None:
    assert [name for module in modules() if not module.is_test for name in _undocumented(module)] == []


MARKS = {
    "unfinished work": re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b"),
    "a path of one machine": re.compile(r"(?<![\w.])/(ro" r"ot|wo" r"rk|Us" r"ers|ho" r"me/\w+)/"),
    "a conflict marker": re.compile(r"^(<{7}|>{7}) ", re.MULTILINE),
}
TEXT = {".py", ".md", ".toml", ".json", ".txt", ".sh", ".yml", ".yaml", ""}


@pytest.mark.parametrize("meaning", MARKS)
def test_no_file_carries(meaning: str) -> None:
    marked = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files()
        if path.suffix in TEXT and path.stat().st_size < 1 << 20
        for match in MARKS[meaning].finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert marked == []
