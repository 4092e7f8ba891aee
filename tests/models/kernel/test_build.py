"""Building: once for a machine, never from another user's hands, and a clear word where it cannot be."""

import os
import time
from pathlib import Path

import pytest

from ....models.errors import KernelError
from ....models.kernel import build as module
from ...harness.steps import library


def test_a_library_is_built_once_and_stale_ones_go(tmp_path: Path) -> None:
    library()  # skips where there is no compiler
    steps = tmp_path / "steps"
    steps.mkdir(mode=0o700)
    old, young = steps / "step-00.so", steps / "step-01.so"
    for left in (old, young):
        left.touch()
    os.utime(old, (0, time.time() - 86_400 * (module.STALE_DAYS + 1)))
    first = module.build(steps)
    built = first.stat().st_ino
    os.utime(first, (0, 0))
    assert module.build(steps) == first
    assert first.stat().st_ino == built
    assert first.stat().st_mtime > time.time() - 60  # it is in use
    assert {path.name for path in steps.iterdir()} == {first.name, young.name}
    assert steps.stat().st_mode & 0o077 == 0


def test_no_compiler_is_said_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KernelError, match="install g"):
        module.build(tmp_path)


def test_a_compiler_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tmp_path / "c++"
    wrong.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "out of luck" >&2\nexit 1\n')
    wrong.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    steps = tmp_path / "steps"
    with pytest.raises(KernelError, match="out of luck"):
        module.build(steps)
    assert not list(steps.iterdir())


def test_what_others_can_write_is_not_loaded(tmp_path: Path) -> None:
    library()
    tmp_path.chmod(0o777)
    with pytest.raises(KernelError, match="not yours alone"):
        module.build(tmp_path)
