"""Spoiling and mending a draft model: what it does to the model, and that every phase is reported."""

import time
from pathlib import Path

import pytest
import torch

from .....daemon.bench.policies import live
from .....daemon.bench.policies.__main__ import main
from .....daemon.bench.policies.live import Compared, Phase
from .....daemon.bench.policies.spoilt import Spoilt
from .....daemon.bench.statistics import Ratio
from .....models.decoder import Decoder
from ...engine.pairs import make_random_pair, open_pair

TOKENS = [6, 17, 300, 41, 5]


def choices(model: Spoilt) -> list[int]:
    cache = model.new_cache(64)
    return [choice.token for choice in model.draft(TOKENS, cache, 12, 6000)]


def test_a_ruined_draft_is_another_one_until_it_is_mended(tmp_path: Path) -> None:
    model = open_pair(make_random_pair(tmp_path / "pair")).draft
    assert isinstance(model, Decoder)
    draft = Spoilt(model)
    good = choices(draft)
    draft.ruin()
    assert choices(draft) != good
    draft.mend()
    assert choices(draft) == good
    assert draft.calls == 3


def test_a_slow_draft_takes_its_time_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = open_pair(make_random_pair(tmp_path / "pair")).draft
    assert isinstance(model, Decoder)
    draft = Spoilt(model)
    draft.least = 7.0
    now = [0.0]

    def clock() -> float:
        now[0] += 0.001
        return now[0]

    monkeypatch.setattr(time, "perf_counter", clock)
    draft.draft(TOKENS, draft.new_cache(64), 4, 6000)
    assert now[0] == pytest.approx(0.028, abs=0.003)


def test_every_phase_is_run_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = make_random_pair(tmp_path / "pair")
    monkeypatch.setattr(live, "SETTLED", 4)
    before = torch.get_num_threads()
    arguments = ["live", "--target", str(pair), "--layers", "3", "--tokens", "6", "--answers", "3"]
    assert main([*arguments, "--no-compile"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        *("good", "random weights", "good again", "as slow as the target", "good again")
    ]
    assert [line[:22].strip() for line in said.out.splitlines()[1:]] == said.err.splitlines()
    assert torch.get_num_threads() == before


def test_in_use_again_is_told_by_the_calls_of_an_answer() -> None:
    answers = [
        Compared(1.0, 1.0, 30, calls, before) for calls, before in ((2, 0), (9, 30), (20, 60), (1, 90))
    ]
    assert live._back(answers, 1.0) == 60
    assert live._back(answers[:2], 1.0) is None
    table = live.text([Phase("good again", 4, 120, Ratio(1.1, 1.2, 1.3), 0.5, 60)])
    assert "1.20 (1.10–1.30)" in table
    assert "60 rounds" in table
