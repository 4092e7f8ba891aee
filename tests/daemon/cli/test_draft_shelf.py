"""``paceline draft list``, ``use`` and ``remove`` as they are typed."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ....daemon.cli import main
from ....daemon.drafts import BUNDLED, Shelf
from ....daemon.settings import data_dir, load_settings
from ....models.fingerprint import fingerprint
from ....models.tuning.card import Card
from ..test_drafts import CHANGE

MINI = BUNDLED / "mini" / "target"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def draft(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Run the verb ``draft`` in this process, with shelves that are empty at first."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["draft", *arguments])
        return status, *capsys.readouterr()

    return run


def put(name: str, target: Path = MINI, setting: str = "mini", **changes: Any) -> Path:
    """Put a tuned draft on the shelf of a pair; the models themselves do not matter here."""
    place = Shelf.of(data_dir(), setting).path(name)
    place.mkdir(parents=True)
    facts: dict[str, Any] = {
        "name": name,
        "workspace": "/code/app",
        "made": "2026-01-02T03:04:05+00:00",
        "device": "cpu",
        "target": str(target),
        "target_fingerprint": fingerprint(target),
        "draft": "/d",
        "draft_fingerprint": "f",
        "files": 9,
        "held_out": 3,
        "places": 10,
        "tokens": 11,
        "minutes": 1.5,
        "own": CHANGE,
        "general": CHANGE,
    }
    Card(**facts | changes).write(place)
    return place


def refused(found: tuple[int, str, str], status: int = 2) -> str:
    """The one sentence of an error."""
    assert found[:2] == (status, "")
    assert found[2].startswith("paceline: ") and found[2].count("\n") == 1
    return found[2]


def test_an_empty_shelf_says_how_to_fill_it(draft: Run) -> None:
    assert draft("list") == (0, "none yet:  paceline draft tune DIR  makes one\n", "")
    assert draft("list", "--json") == (0, "[]\n", "")


def test_each_draft_has_its_line_and_the_one_in_use_its_mark(draft: Run) -> None:
    put("app")
    put("zoo", workspace="/code/動物園")
    assert draft("use", "zoo") == (0, "", "")
    _, out, _ = draft("list")
    assert out.splitlines() == [
        "app  2026-01-02  /code/app  α 0.400 → 0.500",
        "zoo  2026-01-02  /code/動物園  α 0.400 → 0.500  in use",
    ]
    found = json.loads(draft("list", "--json")[1])
    assert [(card["name"], card["in_use"], card["own"]["after"]) for card in found] == [
        ("app", False, 0.5),
        ("zoo", True, 0.5),
    ]


def test_a_tuning_that_was_begun_is_listed_although_nothing_is_done(draft: Run) -> None:
    Shelf.of(data_dir(), "mini").work("app").mkdir(parents=True)
    _, out, _ = draft("list")
    assert out == "app  unfinished: the command that began it goes on with it\n"


def test_a_folder_name_cannot_steer_the_terminal(draft: Run) -> None:
    put("app", workspace="/code/\x1b[2J\nzoo")
    _, out, _ = draft("list")
    assert "\x1b" not in out and out.count("\n") == 1


def test_the_pairs_own_draft_can_be_had_again(draft: Run) -> None:
    place = put("app")
    draft("use", "app")
    assert load_settings().draft == str(place)
    assert draft("use", "own") == (0, "", "")
    assert load_settings().draft == "auto"


@pytest.mark.parametrize("name", ["gone", "../..", "", "in use"])
def test_a_name_that_no_draft_has_is_refused(draft: Run, name: str) -> None:
    put("app")
    refused(draft("use", name))
    assert "app" in refused(draft("remove", name)) or name != "gone"
    assert draft("list")[1].startswith("app  ")


def test_a_draft_of_a_target_that_has_changed_is_refused_and_not_ignored(draft: Run, tmp_path: Path) -> None:
    target = Path(shutil.copytree(MINI, tmp_path / "target"))
    put("app", target, str(target))
    (target / "config.json").write_text("{}")
    assert "tune" in refused(draft("use", "app", "--target", str(target)))
    assert draft("use", "own", "--target", str(target))[0] == 0


def test_a_target_in_this_folder_has_the_shelf_that_it_was_tuned_for(
    draft: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Path(shutil.copytree(MINI, tmp_path / "models" / "target"))
    put("app", target, str(target))
    for folder, name in ((tmp_path, "models/target"), (tmp_path / "models", "target"), (target, ".")):
        monkeypatch.chdir(folder)
        assert draft("list", "--target", name)[1].startswith("app  ")


@pytest.mark.parametrize("action", ["use", "remove"])
def test_a_disk_that_refuses_is_told_in_a_sentence(
    draft: Run, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    place = put("app")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(shutil, "rmtree", refuse)
    assert str(place.parent) in refused(draft(action, "app"), 1)
    assert place.exists()


def test_a_draft_that_is_a_link_can_be_removed_and_what_it_leads_to_stays(draft: Run, tmp_path: Path) -> None:
    place = put("app")
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    assert draft("remove", "app") == (0, "", "")
    assert (tmp_path / "elsewhere" / "card.json").exists() and not place.is_symlink()


def test_a_draft_in_use_that_is_removed_gives_way_to_the_pairs_own(draft: Run) -> None:
    put("app")
    draft("use", "app")
    assert draft("remove", "app") == (0, "", "")
    assert load_settings().draft == "auto"


def test_a_new_draft_cannot_be_called_as_the_pairs_own_is(draft: Run, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    for words in ((str(tmp_path / "own"),), (str(tmp_path), "--name", "own")):
        assert "--name" in refused(draft("tune", *words))
