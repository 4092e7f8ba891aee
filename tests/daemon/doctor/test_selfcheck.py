"""The self-check from end to end: real engines, a verify that is right, and one that is not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ....daemon.doctor.conclusions import conclude
from ....daemon.doctor.finding import worst
from ....daemon.doctor.selfcheck import SelfCheck, Task, self_check
from ....daemon.engine import chooser, pacing
from ....daemon.engine.engine import EngineOptions
from ....daemon.engine.pacer.state import restore
from ....daemon.errors import PacelineError
from ....daemon.settings import Settings
from ..engine.pairs import make_random_pair


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> EngineOptions:
    """A small random pair in float32, whose draft is right often enough."""
    target = make_random_pair(tmp_path_factory.mktemp("pair") / "random", noise=0.02)
    return EngineOptions(str(target), device="cpu", target_dtype="f32", draft_dtype="f32", threads=1)


def check(options: EngineOptions, **task: object) -> SelfCheck:
    """A short self-check."""
    small = {"prompts": 2, "seconds": 1.0, "most": 60, **task}
    return self_check(options, Task(**small), lambda _stage, _fraction: None)  # type: ignore[arg-type]


def careless(drafted: Sequence[int], _chosen: Sequence[int]) -> int:
    """A verify that takes every proposal."""
    return len(drafted)


def test_sound_speculation_is_identical(options: EngineOptions) -> None:
    found = check(options)
    assert found.prompts == 2
    assert found.identity.outputs >= 2 * (len(found.ways) - 1)
    assert found.identity.differences == ()
    assert found.ways[0].name == "plain"
    assert found.verdict.kind == "unknown"  # two prompts tell nothing
    findings = list(conclude(found, Settings()))
    assert (findings[0].topic, findings[0].state) == ("identity", "ok")
    assert worst(findings) != "wrong"


def test_wrong_verify_is_found_to_be_a_bug(options: EngineOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chooser, "accept_greedy", careless)
    found = check(options, seconds=5.0)
    bugs = [difference for difference in found.identity.differences if difference.kind == "bug"]
    assert bugs
    assert all(difference.first.behind > difference.first.noise for difference in bugs)
    findings = list(conclude(found, Settings()))
    assert (findings[0].topic, worst(findings)) == ("identity", "wrong")
    assert any("bug at " in finding.text and "gap " in finding.text for finding in findings)


def test_pacer_starts_from_what_it_learnt_and_leaves_that_alone(
    options: EngineOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt = {"pacer-0.json": "{}", "other.json": "[]"}
    for name, text in learnt.items():
        (tmp_path / name).write_text(text)
    seen: list[set[str]] = []

    def watched(directory: Path, *rest: Any) -> bool:
        seen.append({path.name for path in directory.iterdir()})
        return restore(directory, *rest)

    monkeypatch.setattr(pacing, "restore", watched)
    check(replace(options, state=tmp_path))
    assert seen == [set(learnt)]
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == learnt


def test_pair_without_a_draft_has_no_ways_that_need_one(options: EngineOptions) -> None:
    found = check(replace(options, draft="none"))
    assert not [way for way in found.ways if way.drafter == "draft"]
    assert found.engine["draft"] is None


def test_files_given_are_completed(options: EngineOptions, tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("".join(f"def function_{n}(value):\n    return value + {n}\n\n\n" for n in range(40)))
    assert check(options, files=(code,)).source == "the files given"
    code.write_text("x\n")
    with pytest.raises(PacelineError, match="places for 2 prompts"):
        check(options, files=(code,))
