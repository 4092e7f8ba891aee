"""Learnt state on disk: it comes back, it is ignored where it does not fit, and writing leaves no wreck."""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer import state
from .....daemon.engine.pacer.costs import Costs
from .....daemon.engine.pacer.decision import Pacer
from .....daemon.engine.pacer.fit import Fit

FIT = Fit("mini abc", "cpu AMD", "bfloat16/bfloat16")


def pacer() -> Pacer:
    return Pacer(8, Costs(8))


def taught() -> Pacer:
    learnt = pacer()
    context = learnt.acceptance.context("python", 2)
    for index in range(300):
        learnt.acceptance.learn("draft", 3, 0, 0, context, accepted=index % 10 > 0)
        learnt.signals.add(0, 3, 0)
        learnt.costs.verified(1, 100, 2.0)
        learnt.costs.verified(5, 100, 3.0)
        learnt.costs.drafted(1, 100, 0.2)
    learnt.lengths.add("line", 30, ended=True)
    for _ in range(20):
        learnt.gate.add("block", 64, 1.0, 1.5)
    return learnt


def chance(of: Pacer) -> float:
    return of.acceptance.chance("draft", 3, 0, 0, of.acceptance.context("python", 2))


def test_what_was_learnt_comes_back(tmp_path: Path) -> None:
    learnt, other = taught(), pacer()
    state.save(tmp_path, FIT, learnt)
    assert state.restore(tmp_path, FIT, other)
    assert chance(other) == pytest.approx(chance(learnt), abs=0.08)
    assert other.costs.verify.row(100)[5] == pytest.approx(3.0, rel=0.05)
    assert other.lengths.usual("line") == learnt.lengths.usual("line")
    assert other.gate.way("block", 64) == "plain"
    assert [path.name for path in tmp_path.iterdir()] == [FIT.file]


def test_nothing_there_is_no_matter_for_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert not state.restore(tmp_path, FIT, pacer())
    assert caplog.records == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": 99},
        {"fit": {"pair": "other", "device": "cpu", "precision": "x"}},
        {"costs": {}},
        {"costs": {"verify": {"1/0": -1.0}, "draft": {}, "fill": None}},
        {"acceptance": {"languages": [], "cells": {"9/9": [1, 1]}}},
        {"acceptance": {"languages": [], "cells": {"0/3": [1]}}},
        {"signals": {"alone": [], "accompanied": []}},
        {"lengths": {}},
        {"gate": {"line/short": [0.0]}},
        {"gate": {"line/short": [0.0, 99]}},
    ],
)
def test_what_does_not_fit_is_ignored_with_a_line_in_the_log(
    tmp_path: Path, change: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    state.save(tmp_path, FIT, taught())
    path = tmp_path / FIT.file
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    fresh = pacer()
    before = chance(fresh)
    assert not state.restore(tmp_path, FIT, fresh)
    assert len(caplog.records) == 1
    assert chance(fresh) == before
    assert not fresh.costs.known


@given(st.binary(max_size=200))
def test_garbage_is_ignored(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    directory = tmp_path_factory.mktemp("state")
    (directory / FIT.file).write_bytes(data)
    assert not state.restore(directory, FIT, pacer())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state.save(tmp_path, FIT, taught())
    before = (tmp_path / FIT.file).read_bytes()

    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        state.save(tmp_path, FIT, pacer())
    assert (tmp_path / FIT.file).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FIT.file]


def test_a_prior_brings_chances_and_no_times(tmp_path: Path) -> None:
    path, learnt, other = tmp_path / "prior.json", taught(), pacer()
    state.save_prior(path, learnt)
    state.prior(path, other)
    assert chance(other) > chance(pacer()) + 0.2
    assert not other.costs.known
    path.write_text("[]")
    with pytest.raises(ValueError, match="no state"):
        state.prior(path, pacer())


def test_each_pair_device_and_precision_has_its_own_file() -> None:
    fits = [FIT, Fit("mini abd", FIT.device, FIT.precision), Fit(FIT.pair, "cuda", FIT.precision)]
    assert len({fit.file for fit in fits}) == 3
