"""What is kept of a tuning in progress."""

from pathlib import Path

import numpy as np
import pytest

from ....models.tuning.budget import Budget
from ....models.tuning.store import BusyError, Store, whole
from .conftest import made_up


def test_answers_come_back_as_they_were_in_their_order(tmp_path: Path) -> None:
    store, first, second = Store(tmp_path / "a"), made_up(5), made_up(3, seed=1)
    store.begin({"key": "k", "name": "n"})
    store.append("own", first)
    store.append("own", second)
    store.append("mix", second)
    again = Store(tmp_path / "a").written("own")
    for wanted, found in zip([*first, *second], again, strict=True):
        assert (found.prompt, found.answer) == (wanted.prompt, wanted.answer)
        assert np.array_equal(found.ids, wanted.ids) and np.allclose(found.scores, wanted.scores, atol=1e-2)


def test_the_same_plan_goes_on_and_another_begins_anew(tmp_path: Path) -> None:
    store = Store(tmp_path / "a")
    store.begin({"key": "k", "name": "n"})
    store.append("own", made_up(2))
    store.spend({"writing": 3.0})
    store.begin({"key": "k", "name": "n"})
    assert len(store.written("own")) == 2 and store.spent() == {"writing": 3.0}
    store.begin({"key": "other", "name": "n"})
    assert store.written("own") == [] and store.spent() == {}


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError, match="full"), whole(tmp_path / "file") as beside:
        beside.write_text("half")
        raise OSError("full")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_time_of_earlier_runs_counts_and_loading_does_not(tmp_path: Path) -> None:
    store = Store(tmp_path / "a")
    store.begin({"key": "k", "name": "n"})
    store.spend({"writing": 30.0})
    budget = Budget(store, 1.0)
    budget.skip()
    budget.add("learning", 10.0)
    assert 40 <= budget.spent() < 45 and 15 < budget.left() <= 20
    assert budget.left(0.5) < 0
    budget.charge("looking")
    assert store.spent()["writing"] == 30.0


def test_two_processes_never_share_one(tmp_path: Path) -> None:
    first, second = Store(tmp_path / "mine"), Store(tmp_path / "mine")
    busy = pytest.raises(BusyError, match="mine is being tuned by another process")
    with first.locked(), busy, second.locked():
        pass
    with second.locked():
        pass
