"""Settings: who overrides whom, what is refused and how, and which settings share a daemon."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...daemon import settings as module
from ...daemon.errors import SettingsError
from ...daemon.settings import (
    Settings,
    child_environment,
    config_path,
    engine_key,
    load_settings,
    settings_of,
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file of a user whose configuration lies in ``tmp_path``."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = config_path()
    path.parent.mkdir()
    return path


def test_flags_beat_environment_beats_file_beats_defaults(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text('slots = 2\nthreads = 2\nlog_level = "debug"\n')
    monkeypatch.setenv("PACELINE_SLOTS", "3")
    monkeypatch.setenv("PACELINE_THREADS", "3")
    found = load_settings({"threads": 4, "k": None})
    assert (found.slots, found.threads, found.log_level, found.k) == (3, 4, "debug", None)


def test_variables_take_the_type_of_their_setting(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACELINE_IDLE_MINUTES", "2.5")
    monkeypatch.setenv("PACELINE_CONTEXT", "")
    monkeypatch.setenv("PACELINE_K", "0")
    found = load_settings()
    assert (found.idle_minutes, found.context, found.k) == (2.5, None, 0)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("slot", 4, "unknown setting 'slot'"),
        ("slots", 0, "from 1 to 64"),
        ("slots", "many", "from 1 to 64"),
        ("slots", True, "from 1 to 64"),
        ("idle_minutes", float("nan"), "from 0 to"),
        ("device", "tpu", "cuda:N"),
        ("device", "cpu:0", "cuda:N"),
        ("device", "cuda:", "cuda:N"),
        ("target_dtype", "f64", "one of auto, f32"),
        ("transport", "udp", "one of auto, ipc, tcp"),
        ("target", "\ud800", "surrogate"),
    ],
)
def test_a_bad_setting_is_named(config: Path, key: str, value: Any, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        load_settings({key: value})
    assert caught.value.code == "settings"


def test_a_bad_variable_is_named_with_its_source(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACELINE_SLOTS", "four")
    with pytest.raises(SettingsError, match=r"'slots' in the environment.*not 'four'"):
        load_settings()


@pytest.mark.parametrize("content", [b"slots = ", b"\xff", b'slots = "4"', b"[daemon]\nslots = 4\n"])
def test_a_bad_file_is_named(config: Path, content: bytes) -> None:
    config.write_bytes(content)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        load_settings()


def test_paths_are_absolute_and_names_stay(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "big").mkdir(parents=True)
    found = load_settings({"target": "models/big", "draft": "./small", "runtime_dir": "run"})
    assert found.target == str(tmp_path / "models" / "big")
    assert found.draft == str(tmp_path / "small")
    assert found.runtime_dir == str(tmp_path / "run")
    assert load_settings({"target": "vendor/model", "draft": "none"}).target == "vendor/model"


def test_the_runtime_directory_follows_the_system(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert load_settings().runtime_dir == str(tmp_path / "paceline")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert load_settings().runtime_dir == str(tmp_path / "cache" / "paceline" / "run")


def test_a_daemon_gets_the_settings_of_its_starter() -> None:
    settings = load_settings({"slots": 7, "k": 3, "device": "cuda:1"})
    assert settings_of(settings.as_map()) == settings
    with pytest.raises(SettingsError, match="unknown"):
        settings_of({"colour": "red"})


CHANGES: dict[str, Any] = {
    "target": "other",
    "draft": "none",
    "device": "cpu",
    "target_dtype": "f16",
    "draft_dtype": "bf16",
    "context": 512,
    "slots": 9,
    "drafter": "lookup",
    "k": 2,
    "threads": 1,
    "compile": "off",
    "transport": "tcp",
}
SHARED = {"idle_minutes", "exit_minutes", "start_timeout", "log_level", "runtime_dir", "history"}


def test_every_setting_is_either_shared_or_not() -> None:
    assert {f.name for f in fields(Settings)} == SHARED | set(CHANGES)


@given(st.dictionaries(st.sampled_from(sorted(CHANGES)), st.none()))
def test_settings_that_change_answers_never_share_a_daemon(changed: dict[str, None]) -> None:
    other = replace(Settings(), **{name: CHANGES[name] for name in changed})
    assert (engine_key(other) == engine_key(Settings())) == (not changed)


def test_lifetime_and_log_do_not_split_daemons() -> None:
    other = Settings(idle_minutes=1.0, exit_minutes=2.0, start_timeout=3.0, log_level="debug", history=False)
    assert engine_key(other) == engine_key(Settings())


@pytest.mark.parametrize("name", ["__version__", "PROTOCOL_VERSION"])
def test_another_version_is_another_daemon(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = engine_key(Settings())
    monkeypatch.setattr(module, name, "0.0.0")
    assert engine_key(Settings()) != before


def test_a_daemon_fetches_nothing_and_yields_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    assert child_environment().items() >= {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}.items()
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert child_environment()["OMP_WAIT_POLICY"] == "ACTIVE"
