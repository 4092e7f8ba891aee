"""Tuned drafts on their shelf: listed, used where the target is still the same, removed."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ...daemon.drafts import BUNDLED, DraftsError, Shelf, default_name
from ...daemon.settings import data_dir, engine_key, load_settings
from ...models.fingerprint import fingerprint
from ...models.tuning.card import Card, Change, read_card

CHANGE = Change(0.4, 0.5, 1.25, 1.1, 1.4, 100)


def _made(folder: Path, name: str, target: Path) -> Path:
    """A directory as a tuning leaves it; the models themselves do not matter here."""
    made = folder / "made"
    shutil.copytree(BUNDLED / "mini" / "draft", made)
    facts = {"target": str(target), "target_fingerprint": fingerprint(target)}
    card = Card(
        **{"name": name, "workspace": "/w", "made": "2026-01-01T00:00:00+00:00", **facts},
        draft="/d",
        draft_fingerprint="f",
        files=9,
        held_out=3,
        places=10,
        tokens=11,
        minutes=1.5,
        device="cpu",
        own=CHANGE,
        general=CHANGE,
    )
    card.write(made)
    return made


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return Shelf.of(data_dir(), "mini")


def _put(shelf: Shelf, name: str, tmp_path: Path, target: Path = BUNDLED / "mini" / "target") -> Path:
    return shelf.take(name, _made(tmp_path, name, target))


def test_nothing_is_there_at_first(shelf: Shelf) -> None:
    assert (shelf.cards(), shelf.unfinished(), shelf.in_use()) == ([], [], None)
    assert load_settings().draft == "auto"


def test_a_draft_in_use_is_that_of_the_settings_with_its_own_daemon(shelf: Shelf, tmp_path: Path) -> None:
    before = engine_key(load_settings())
    place = _put(shelf, "work", tmp_path)
    assert load_settings().draft == "auto"
    shelf.use("work")
    assert load_settings().draft == str(place)
    assert engine_key(load_settings()) != before
    assert load_settings({"draft": "none"}).draft == "none"
    shelf.use(None)
    assert engine_key(load_settings()) == before


def test_a_draft_of_a_target_that_has_changed_is_not_used(shelf: Shelf, tmp_path: Path) -> None:
    target = tmp_path / "target"
    shutil.copytree(BUNDLED / "mini" / "target", target)
    _put(shelf, "work", tmp_path, target)
    shelf.use("work")
    assert shelf.in_use() is not None
    (target / "config.json").write_text("{}")
    assert shelf.in_use() is None and load_settings().draft == "auto"
    shutil.rmtree(target)
    assert shelf.in_use() is None


def test_a_new_draft_takes_the_place_of_one_of_its_name(shelf: Shelf, tmp_path: Path) -> None:
    place = _put(shelf, "work", tmp_path)
    (place / "mark").write_text("old")
    assert _put(shelf, "work", tmp_path) == place
    assert not (place / "mark").exists() and [card.name for card in shelf.cards()] == ["work"]
    assert shelf.unfinished() == []


def test_removing_gives_way_to_the_pairs_own(shelf: Shelf, tmp_path: Path) -> None:
    place = _put(shelf, "work", tmp_path)
    shelf.work("other").mkdir(parents=True)
    shelf.use("work")
    shelf.remove("work")
    shelf.remove("other")
    assert not place.exists() and shelf.in_use() is None and shelf.unfinished() == []
    with pytest.raises(DraftsError, match="no tuned draft has the name 'work'; those there: none"):
        shelf.remove("work")


@pytest.mark.parametrize("name", ["", "..", ".tuning", "a/b", "in use", "x" * 65])
def test_a_name_cannot_leave_the_shelf(shelf: Shelf, name: str) -> None:
    with pytest.raises(DraftsError):
        shelf.path(name)


@pytest.mark.parametrize("content", ["", "[]", '{"name": 3}', '{"name": "../.."}', '{"name": "gone"}'])
def test_a_broken_choice_is_none(shelf: Shelf, content: str) -> None:
    shelf.folder.mkdir(parents=True)
    (shelf.folder / "in-use.json").write_text(content)
    assert shelf.in_use() is None and load_settings().draft == "auto"


def test_pairs_have_shelves_of_their_own(tmp_path: Path) -> None:
    folders = {Shelf.of(tmp_path, name).folder for name in ("mini", "/a/model", "/b/model", "qwen")}
    assert len(folders) == 4


def test_a_broken_card_is_no_draft(shelf: Shelf, tmp_path: Path) -> None:
    place = _put(shelf, "work", tmp_path)
    card = read_card(place)
    assert card is not None and card.own == CHANGE
    facts = json.loads((place / "card.json").read_text())
    del facts["own"]["low"]
    (place / "card.json").write_text(json.dumps(facts))
    assert read_card(place) is None and shelf.cards() == []
    replace(card, name="another").write(place)
    assert shelf.cards() == []


@pytest.mark.parametrize(("folder", "name"), [("my app", "my-app"), ("...", "draft"), ("jinja2", "jinja2")])
def test_a_name_comes_from_the_folder(folder: str, name: str) -> None:
    assert default_name(Path("/x") / folder) == name
