"""``paceline models list`` on machines of all sizes, with a store of its own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ....daemon.cli import main, models_list
from ....daemon.settings import models_dir
from ....models.catalog.lookup import find_pair
from ....models.catalog.table import PAIRS
from ....models.machine import Machine
from .store import COMMIT, put

SMALL, LARGE = Machine("cpu", "a laptop", 1 << 30, None), Machine("cuda", "a card", 80 << 30, 79 << 30)
Listed = Callable[..., str]


@pytest.fixture
def listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., str]:
    """What the verb prints on a machine."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def run(machine: Machine, *arguments: str) -> str:
        monkeypatch.setattr(models_list, "this_machine", lambda: machine)
        assert main(["models", "list", *arguments]) == 0
        return capsys.readouterr().out

    return run


def row(text: str, name: str) -> str:
    """The line of the table that begins with a pair's name, after its marks."""
    (found,) = [line for line in text.splitlines() if line.lstrip("→✓ ").startswith(f"{name} ")]
    return found


def test_on_a_machine_for_none_of_them_the_bundled_pair_is_named(listed: Listed) -> None:
    text = listed(SMALL)
    assert "a laptop (cpu), 1.00 GiB of memory\n" in text
    assert text.endswith("No pair of the catalog fits this machine; the bundled pair mini does.\n")
    assert "→" not in text.replace("→ suggested", "")
    assert {pair["fits_in"] for pair in json.loads(listed(SMALL, "--json"))["pairs"]} == {None}


def test_where_memory_is_not_known_nothing_is_said_to_fit_or_not_to_fit(listed: Listed) -> None:
    text = listed(Machine("cpu", "a box", None, None))
    assert "a box (cpu), memory not known\n" in text
    assert "fits this machine; " not in text
    assert "models check" in text.splitlines()[-1]


def test_a_card_gets_one_suggestion_that_says_what_to_do(listed: Listed) -> None:
    text, found = listed(LARGE), json.loads(listed(LARGE, "--json"))
    name = found["suggestion"]
    assert row(text, name).startswith("→")
    assert f"Next: `paceline models pull {name}`, then `--target {name}`" in text
    assert "a processor reads" not in text
    assert "80.0 GiB of memory, 79.0 GiB of it free now" in text


def test_a_pair_that_is_here_is_marked_and_needs_no_pull(listed: Listed) -> None:
    pair = find_pair(json.loads(listed(LARGE, "--json"))["suggestion"])
    assert pair is not None and pair.draft is not None
    put(models_dir(), pair.target.hub_id)
    assert "✓" not in row(listed(LARGE), pair.name)
    put(models_dir(), pair.draft.hub_id, "draft")
    text = listed(LARGE)
    assert row(text, pair.name).startswith("→✓")
    assert f"Next: `--target {pair.name}`" in text


def test_models_that_the_catalog_does_not_know_are_listed_below(listed: Listed) -> None:
    put(models_dir(), "someone/else")
    assert "also pulled:  someone/else (3.00 GB)\n" in listed(SMALL)
    (found,) = json.loads(listed(SMALL, "--json"))["also_pulled"]
    assert (found["hub_id"], found["commit"]) == ("someone/else", COMMIT)


def test_each_remark_stands_once_with_all_pairs_that_it_is_made_of(listed: Listed) -> None:
    text = listed(LARGE)
    for remark in {pair.remark for pair in PAIRS if pair.remark}:
        (line,) = [line for line in text.splitlines() if line.endswith(f": {remark}.")]
        names = [pair.name for pair in PAIRS if pair.remark == remark]
        assert line == f"{', '.join(names)}: {remark}."


def test_columns_stand_under_their_heads_with_pairs_suggested_and_pulled(listed: Listed) -> None:
    put(models_dir(), "Qwen/Qwen2.5-Coder-1.5B")
    put(models_dir(), "Qwen/Qwen2.5-Coder-0.5B", "draft")
    text = listed(LARGE)
    head = next(line for line in text.splitlines() if line.split()[:2] == ["pair", "weights"])
    for pair in PAIRS:
        assert row(text, pair.name).index(pair.name) == head.index("pair")
