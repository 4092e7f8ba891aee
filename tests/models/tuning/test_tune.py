"""A tuning from beginning to end on the bundled pair, stopped on its way by a signal."""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from ....models.checkpoint import load_model
from ....models.errors import MemoryPlanError, PairError
from ....models.fingerprint import fingerprint
from ....models.pairing import PairSpec, check_pair, resolve
from ....models.training.corpus import Source, refusal
from ....models.tuning import stream, tune
from ....models.tuning.card import read_card
from ....models.tuning.places import TooLittleError
from ....models.tuning.store import Store

PACKAGE = Path(__file__).resolve().parents[3]
SOURCES = [
    Source("models", path.name, path.read_text())
    for path in sorted((PACKAGE / "models").glob("*.py"))
    if refusal(path.read_text()) is None
]


def _job(place: Path, minutes: float = 0.2, **more: Any) -> tune.Job:
    facts: dict[str, Any] = {"spec": resolve("mini"), "sources": SOURCES, "workspace": PACKAGE}
    return tune.Job(name="own", place=place / "work", minutes=minutes, device="cpu", **facts | more)


def test_it_goes_on_where_a_signal_stopped_it_and_leaves_a_draft_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune, "FEWEST", 1)
    monkeypatch.setattr(stream, "ROUND", ("watch", "judge", "mind", "general", "own", "own", "mix"))
    told: list[str] = []

    def stop(words: str, part: float) -> None:
        told.append(words)
        if len([words for words in told if words.startswith("the target writes:")]) == 15:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(tune.StoppedError, match="the same command goes on"):
        tune.tune(_job(tmp_path, minutes=10), stop)
    store = Store(tmp_path / "work")
    kept, minutes = len(store.written("own")), sum(store.spent().values()) / 60 + 0.3
    assert kept >= 3 and not any(words.startswith("learning") for words in told)
    stages: list[str] = []
    folder, card = tune.tune(_job(tmp_path, minutes), lambda words, _part: stages.append(words))
    assert any("tokens/s, held-out α 0." in words and words.endswith(" left") for words in stages)
    assert len(store.written("own")) >= kept
    assert read_card(folder) == card
    assert card.files + card.held_out == len(SOURCES) and card.places >= kept and card.tokens > 0
    spec = resolve("mini")
    assert card.target_fingerprint == fingerprint(spec.target)
    report = check_pair(PairSpec("mini", spec.target, folder))
    assert report.ratio == check_pair(spec).ratio
    tuned = load_model(folder, device=torch.device("cpu"), dtype=torch.float32)
    assert tuned.parameter_count == 614_800


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"spec": PairSpec("alone", resolve("mini").target)}, PairError, "no draft to tune"),
        ({"sources": SOURCES[:3]}, TooLittleError, "3 files"),
    ],
)
def test_what_cannot_be_tuned_is_said_at_once(
    more: dict[str, Any], error: type[Exception], says: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=says):
        tune.tune(_job(tmp_path, **more), lambda _words, _part: None)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("name", "says"), [("free_bytes", r"GiB on cpu and 0\.0 are free"), ("disk", "make room")]
)
def test_too_little_memory_or_disk_is_said_before_anything_is_learnt(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "disk":
        usage = shutil._ntuple_diskusage(10, 10, 0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage)
    else:
        monkeypatch.setattr(tune, name, lambda _device: 1000)
    with pytest.raises(MemoryPlanError, match=says):
        tune.tune(_job(tmp_path), lambda _words, _part: None)


def test_general_code_is_always_the_same_and_none_of_the_workspace() -> None:
    general = tune.general_sources([])
    assert len(general) == tune.GENERAL_FILES and general == tune.general_sources([])
    without = tune.general_sources(general[:5])
    assert not {source.path for source in general[:5]} & {source.path for source in without}


def test_time_that_is_too_short_is_said_and_more_of_it_goes_on(tmp_path: Path) -> None:
    with pytest.raises(TooLittleError, match="more --minutes"):
        tune.tune(_job(tmp_path, minutes=0.005), lambda _words, _part: None)
    assert (tmp_path / "work" / "plan.json").is_file()
