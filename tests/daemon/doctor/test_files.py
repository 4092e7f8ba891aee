"""Settings file, directories and their permissions, room on the disk."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from ....daemon.doctor.files import check_directories, check_settings
from ....daemon.doctor.finding import Finding
from ....daemon.settings import Settings, config_path, state_dir, steps_dir

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files of a user who has none."""
    for kind in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    monkeypatch.delenv("PACELINE_COMPILE", raising=False)


def directories(runtime: Path) -> dict[str, Finding]:
    """Findings about directories by topic."""
    return {finding.topic: finding for finding in check_directories(Settings(runtime_dir=str(runtime)))}


def configure(text: str) -> Path:
    """Write the settings file."""
    path = config_path()
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_no_settings_file_is_well() -> None:
    found, settings = check_settings()
    assert (found.state, settings is not None) == ("ok", True)
    assert "by default" in found.text


def test_settings_that_differ_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    configure("slots = 2\n")
    monkeypatch.setenv("PACELINE_DEVICE", "cpu")
    found, _ = check_settings()
    assert found.text.endswith("device cpu, slots 2")


@pytest.mark.parametrize("text", ["slots = [", "slots = 0", "speed = 11"])
def test_settings_file_that_cannot_be_used(text: str) -> None:
    path = configure(text)
    found, settings = check_settings()
    assert (found.state, settings) == ("wrong", None)
    assert str(path) in found.text


def test_settings_file_that_others_can_write() -> None:
    path = configure("slots = 2\n")
    path.chmod(0o666)
    found, settings = check_settings()
    assert (found.state, found.step) == ("wrong", f"chmod go-w {path}")
    assert settings is not None


def test_directories_that_are_not_there_yet(tmp_path: Path) -> None:
    found = directories(tmp_path / "run")
    assert {finding.state for finding in found.values()} == {"ok"}
    assert not (tmp_path / "run").exists()
    assert not steps_dir().exists()


@pytest.mark.parametrize(("topic", "place"), [("steps", steps_dir), ("state", state_dir)])
def test_directory_that_others_can_write(tmp_path: Path, topic: str, place: "type[Path]") -> None:
    path = place()
    path.mkdir(parents=True)
    path.chmod(0o777)
    found = directories(tmp_path / "run")[topic]
    assert (found.state, found.step) == ("wrong", f"chmod -R go-w {path}")


def test_file_in_the_place_of_a_directory(tmp_path: Path) -> None:
    steps_dir().parent.mkdir(parents=True)
    steps_dir().write_text("")
    assert directories(tmp_path / "run")["steps"].state == "wrong"


def test_runtime_directory_that_others_can_enter(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    found = directories(tmp_path / "run")["runtime"]
    assert found.state == "wrong"
    assert f"chmod 700 {tmp_path / 'run'}" in found.text


@pytest.mark.parametrize(("free", "state"), [(10 << 20, "wrong"), (100 << 20, "remark"), (10 << 30, "ok")])
def test_room_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, free))
    assert directories(tmp_path / "run")["disk"].state == state


def test_what_cannot_be_looked_at_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(path: Path) -> Usage:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    found = directories(tmp_path / "run")["disk"]
    assert (found.state, "Permission denied" in found.text) == ("wrong", True)
