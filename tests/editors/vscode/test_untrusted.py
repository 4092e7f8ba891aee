"""A window whose workspace is not trusted: nothing that the workspace names is run."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Desk, desk_of

TRUST = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}


@pytest.fixture
def untrusted(tools: Path) -> Iterator[Desk]:
    """A desk whose project brings an interpreter of its own, by its settings and as a virtual environment."""
    with desk_of(tools, prepare, TRUST) as desk:
        yield desk


def prepare(desk: Desk) -> None:
    """Put traps into the project."""
    project = desk.code.project
    trap = f'#!/bin/sh\necho "$*" >>{desk.home.folder / "caught"}\nexec "{sys.executable}" "$@"\n'
    for place in (project / ".venv" / "bin" / "python", project / "python"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(trap)
        place.chmod(0o755)
    settings = {
        "paceline.interpreter": str(project / "python"),
        "paceline.daemon": {"runtime_dir": str(project / "elsewhere")},
    }
    (project / ".vscode").mkdir()
    (project / ".vscode" / "settings.json").write_text(json.dumps(settings))


def test_the_workspace_does_not_choose_what_is_run(untrusted: Desk) -> None:
    path = untrusted.file('import os\n\nHOME = os.path.join("/srv", "home")\n')
    untrusted.code.edit(path)
    untrusted.code.type("WORK = os.path.j")
    assert untrusted.code.suggestion()
    assert not (untrusted.home.folder / "caught").exists()
    assert not (untrusted.code.project / "elsewhere").exists()
    assert untrusted.code.status == "paceline"
