"""What ``pip install .`` brings: every module, the bundled pair, the typing marker, and no tests."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from .tree import ROOT, files

BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names inside a wheel built from a copy of the project, without an index."""
    source, out = tmp_path_factory.mktemp("source") / "checkout", tmp_path_factory.mktemp("wheel")
    for path in files():
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(out)], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(out.glob("*.whl"))) as archive:
        return set(archive.namelist())


def _in_package(path: Path) -> str:
    return f"paceline/{path.relative_to(ROOT).as_posix()}"


def test_every_module_is_in_the_wheel(wheel: set[str]) -> None:
    ours = {_in_package(path) for path in files("*.py")}
    assert {name for name in ours if not name.startswith("paceline/tests/")} <= wheel


def test_bundled_pair_and_marker_are_in_the_wheel(wheel: set[str]) -> None:
    bundled = {_in_package(path) for path in files() if path.is_relative_to(ROOT / "models" / "bundled")}
    assert any(name.endswith(".safetensors") for name in bundled)
    assert bundled | {"paceline/py.typed"} <= wheel


def test_tests_stay_out_of_the_wheel(wheel: set[str]) -> None:
    assert {name for name in wheel if "/tests/" in name or "/.ci/" in name} == set()


def test_command_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"paceline": "paceline.daemon.cli:main"}


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f'__version__ = "{project["version"]}"' in (ROOT / "__init__.py").read_text(encoding="utf-8")
