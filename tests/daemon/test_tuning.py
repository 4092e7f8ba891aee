"""What is tuned on, and what becomes of a tuned draft: used only where it is measured to be faster."""

import shutil
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ...daemon import tuning
from ...daemon.bench.statistics import Ratio
from ...daemon.cli.draft_tune import text
from ...daemon.drafts import BUNDLED, Shelf
from ...daemon.engine.engine import EngineOptions
from ...daemon.evaluation.evaluate import Plan
from ...daemon.evaluation.verdict import Outcome
from ...models.fingerprint import fingerprint
from ...models.tuning.card import Card, Change
from ...models.tuning.places import share_out
from ...models.tuning.tune import Job

FUNCTION = "def name(value):\n    return value\n"
OWN = BUNDLED / "mini" / "draft"


def _outcome(kind: str, directory: Path | None, ms: float) -> Outcome:
    unimportant: dict[str, Any] = {field.name: None for field in fields(Outcome)}
    where = None if directory is None else str(directory)
    known = {"name": f"{kind} {ms}", "kind": kind, "directory": where, "ms": Ratio(ms, ms, ms)}
    return Outcome(**unimportant | known)


def _change(after: float) -> Change:
    return Change(0.4, after, after / 0.4, 1.0, 1.4, 100)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    for number in range(12):
        (folder / f"module{number}.py").write_text(
            f"# {number}\n" + "def name(value):\n    return value\n" * 90
        )
    return folder


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A tuning and an evaluation that take no time, with the results in the map returned."""
    wanted: dict[str, Any] = {"after": 0.5, "ms": 0.8}

    def tune(job: Job, tell: tuning.Tell) -> tuple[Path, Card]:
        made = job.place / "draft"
        shutil.copytree(OWN, made)
        target = job.spec.target
        card = Card(
            name=job.name,
            workspace=str(job.workspace),
            made="2026-01-01",
            target=str(target),
            target_fingerprint=fingerprint(target),
            draft="/d",
            draft_fingerprint="f",
            files=len(job.sources),
            held_out=3,
            places=1000,
            tokens=2_000_000,
            minutes=1.5,
            device="cpu",
            own=_change(wanted["after"]),
            general=_change(0.4),
        )
        card.write(made)
        return made, card

    def evaluate(options: EngineOptions, plan: Plan, tell: tuning.Tell) -> Any:
        wanted["seen"] = sorted(path.name for path in plan.on.rglob("*.py"))
        tuned = Path(plan.drafts[0]).resolve()
        found = [
            _outcome("draft", OWN, 0.9),
            _outcome("draft", tuned, wanted["ms"]),
            _outcome("plain", None, 1.0),
        ]
        return SimpleNamespace(outcomes=sorted(found, key=lambda each: each.ms.value))

    monkeypatch.setattr(tuning, "tune", tune)
    monkeypatch.setattr(tuning, "evaluate", evaluate)
    return wanted


def _tune(folder: Path, shelf: Shelf) -> tuning.Result:
    options = EngineOptions(device="cpu")
    return tuning.tune_on(
        folder, "code", options, shelf, minutes=1.0, places=8, tell=lambda _words, _part: None
    )


def test_a_faster_draft_is_in_use_and_nothing_else_is_left(
    workspace: Path, tmp_path: Path, pretended: dict[str, Any]
) -> None:
    shelf = Shelf.of(tmp_path / "data", "mini")
    result = _tune(workspace, shelf)
    assert result.in_use and shelf.in_use() == shelf.path("code") == Path(result.directory or "")
    assert shelf.unfinished() == [] and [card.name for card in shelf.cards()] == ["code"]
    held = {source.path for source in share_out(tuning.sources_of(workspace)).held_out}
    assert set(pretended["seen"]) == held and 0 < len(held) < 12
    words = text(result)
    assert "0.400 → 0.500  × 1.25 (95 %: 1.00–1.40), 100 places" in words
    assert "0.900 → 0.800" in words
    assert "× 0.89 in the same ways" in words
    assert "paceline draft remove code" in words


def test_a_slower_draft_is_kept_and_not_used(
    workspace: Path, tmp_path: Path, pretended: dict[str, Any]
) -> None:
    pretended["ms"] = 0.95
    shelf = Shelf.of(tmp_path / "data", "mini")
    result = _tune(workspace, shelf)
    assert not result.in_use and shelf.in_use() is None and len(shelf.cards()) == 1
    assert "no faster here" in text(result) and "paceline draft use code" in text(result)


def test_a_draft_that_gained_nothing_is_not_kept(
    workspace: Path, tmp_path: Path, pretended: dict[str, Any]
) -> None:
    pretended["after"] = 0.4
    shelf = Shelf.of(tmp_path / "data", "mini")
    result = _tune(workspace, shelf)
    assert (result.directory, shelf.cards(), shelf.unfinished()) == (None, [], [])
    assert "nothing was kept" in text(result)


def test_an_evaluation_that_fails_leaves_the_draft_unused_and_the_work_to_go_on_with(
    workspace: Path, tmp_path: Path, pretended: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(options: EngineOptions, plan: Plan, tell: tuning.Tell) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tuning, "evaluate", fail)
        shelf = Shelf.of(tmp_path / "data", "mini")
        with pytest.raises(KeyboardInterrupt):
            _tune(workspace, shelf)
    assert shelf.in_use() is None and shelf.unfinished() == ["code"]
    assert _tune(workspace, shelf).in_use and shelf.unfinished() == []


def test_ignored_secret_generated_and_broken_files_are_not_read(workspace: Path) -> None:
    (workspace / ".git").mkdir()
    (workspace / ".gitignore").write_text("module1.py\nbuild/\n")
    (workspace / "build").mkdir()
    for name in ("build/made.py", "secrets.py", "secrets", "module_pb.py", "latin.py"):
        (workspace / name).write_text(FUNCTION * 90)
    (workspace / "module_pb.py").write_text("# Generated by a tool\n" * 90)
    (workspace / "latin.py").write_bytes(b"x = '\xe4'\n" * 90)
    found = {source.path for source in tuning.sources_of(workspace)}
    assert found == {f"module{number}.py" for number in range(12) if number != 1} | {"secrets.py"}


def test_times_need_both_drafts_and_plain() -> None:
    with pytest.raises(ValueError, match="no outcome of both drafts"):
        tuning.times_of([_outcome("plain", None, 1.0)], "/x")
