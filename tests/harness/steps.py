"""The compiled step for tests, built once a run."""

import functools
import shutil
import tempfile
from pathlib import Path

import pytest

from ...models.kernel.build import COMPILERS, build
from ...models.kernel.library import Library
from ...models.kernel.step import Team


@functools.cache
def library() -> Library:
    """The library, built in a folder that is removed again; skips the test where there is no compiler."""
    if not any(map(shutil.which, COMPILERS)):
        pytest.skip("no C++ compiler is here")
    with tempfile.TemporaryDirectory() as folder:
        return Library(build(Path(folder)))


@functools.cache
def team(size: int = 1) -> Team:
    """A team that lives as long as the run."""
    return Team(library(), size)
