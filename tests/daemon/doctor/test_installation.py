"""The installation: versions within their bounds, what is missing, which command the PATH has."""

import sys
from pathlib import Path

import pytest

from ....daemon.doctor import installation
from ....daemon.doctor.finding import Finding
from ....daemon.doctor.installation import check_installation, requirement, satisfied


def findings() -> dict[str, Finding]:
    """All findings by topic."""
    return {finding.topic: finding for finding in check_installation()}


@pytest.mark.parametrize(
    ("version", "line", "holds"),
    [
        ("2.13.0+cpu", "torch<2.14,>=2.9", True),
        ("2.14.0", "torch<2.14,>=2.9", False),
        ("2.9", "torch>=2.9.0", True),
        ("2.8.9", "torch>=2.9", False),
        ("2.10", "torch>=2.9", True),
        ("1.0", "thing", True),
        ("3.0.1", "thing!=3.0.1", False),
        ("3.0", "thing==3.0.0", True),
        ("5.3.0rc1", "transformers (>=5.3)", True),
    ],
)
def test_bounds(version: str, line: str, holds: bool) -> None:
    split = requirement(line)
    assert split is not None
    assert satisfied(version, split[1]) is holds


def test_this_installation_is_sound() -> None:
    found = findings()
    assert found["libraries"].state == "ok", found["libraries"].text
    assert "torch " in found["libraries"].text
    assert found["paceline"].text.startswith("0.")


def test_what_is_missing_or_old_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installation, "_required", lambda: ["no-such-thing>=2", "msgpack<0.1", "pytest>=1"])
    found = findings()["libraries"]
    assert found.state == "wrong"
    assert "no-such-thing>=2 is missing" in found.text
    assert "<0.1 is needed" in found.text
    assert "pytest" not in found.text
    assert "pip install" in found.step


def test_command_of_another_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert findings()["command"].state == "remark"
    command = tmp_path / "paceline"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o700)
    found = findings()["command"]
    assert (found.state, str(command) in found.text) == ("remark", True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert findings()["command"].state == "ok"
