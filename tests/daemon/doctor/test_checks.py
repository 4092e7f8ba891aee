"""All checks together: what depends on something wrong is left out, and what runs a model is known."""

from pathlib import Path

import pytest

from ....daemon.doctor import installation
from ....daemon.doctor.checks import examine, runnable
from ....daemon.errors import SettingsError


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A runtime directory of the test's own."""
    monkeypatch.setenv("PACELINE_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("PACELINE_DEVICE", "cpu")


def test_a_sound_machine_can_run_models() -> None:
    found = list(examine({}))
    assert runnable(found)
    assert found[-1].topic == "memory"


def test_no_models_without_their_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_required", lambda: ["no-such-thing>=2"])
    found = list(examine({}))
    assert not runnable(found)
    assert {"daemon", "disk"} <= {finding.topic for finding in found}
    assert {"device", "pair"}.isdisjoint(finding.topic for finding in found)


def test_nothing_is_trusted_in_a_directory_that_others_can_enter(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    found = list(examine({}))
    assert [finding.topic for finding in found if finding.state == "wrong"] == ["runtime"]
    assert "daemon" not in {finding.topic for finding in found}
    assert runnable(found)


def test_settings_of_the_command_line_are_bad_input_and_no_finding() -> None:
    with pytest.raises(SettingsError, match="toaster"):
        list(examine({"device": "toaster"}))
