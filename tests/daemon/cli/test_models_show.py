"""``paceline models show`` where a pair is here in part, and of models by themselves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ....daemon.cli import main
from ....daemon.settings import models_dir
from .store import COMMIT, MINI, put

TARGET, DRAFT = "Qwen/Qwen2.5-Coder-1.5B", "Qwen/Qwen2.5-Coder-0.5B"
Shown = Callable[[str], tuple[dict[str, Any], str]]


@pytest.fixture
def shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[[str], tuple[dict[str, Any], str]]:
    """What the verb prints as JSON, and for a person."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def run(name: str) -> tuple[dict[str, Any], str]:
        assert main(["models", "show", name, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert main(["models", "show", name]) == 0
        return found, capsys.readouterr().out

    return run


def test_a_pair_that_is_not_here_is_told_by_the_catalog(shown: Shown) -> None:
    found, text = shown("qwen2.5-coder-1.5b")
    assert "directory" not in found
    assert [model["pulled"] for model in found["models"]] == [None, None]
    assert text.count("pulled           no\n") == 2


@pytest.mark.parametrize("here", [TARGET, DRAFT])
def test_a_pair_that_is_here_in_part_is_told_by_the_catalog_too(shown: Shown, here: str) -> None:
    put(models_dir(), here)
    found, text = shown("qwen2.5-coder-1.5b")
    assert "directory" not in found
    assert [model["hub_id"] for model in found["models"] if model["pulled"]] == [here]
    assert f"{COMMIT} (main), 3.00 GB" in text


def test_a_pair_that_is_here_is_told_with_what_its_directories_hold(shown: Shown) -> None:
    places = put(models_dir(), TARGET), put(models_dir(), DRAFT, "draft")
    found, text = shown("qwen2.5-coder-1.5b")
    assert (found["directory"]["target"], found["directory"]["draft"]) == tuple(map(str, places))
    assert text.count("holds") == 2


@pytest.mark.parametrize("name", [TARGET, TARGET.upper(), DRAFT, "qwen2.5-coder-0.5b"])
def test_a_model_by_itself_needs_no_other_to_be_shown(shown: Shown, name: str) -> None:
    hub_id = TARGET if "1.5" in name else DRAFT
    place = put(models_dir(), hub_id)
    found, _ = shown(name)
    assert (found["directory"]["target"], found["directory"]["draft"]) == (str(place), None)


def test_a_directory_is_told_by_what_it_holds_alone(shown: Shown) -> None:
    found, text = shown(str(MINI / "target"))
    assert found["models"] == []
    assert f"directory  {MINI / 'target'}\n" in text
    assert "weights in" in text and "· native\n" in text
