"""Candidates at places: what is asked, who learns, and what is counted."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ....daemon.bench.ours import ColdEngine
from ....daemon.engine.engine import EngineOptions
from ....daemon.evaluation import evaluate
from ....daemon.evaluation.candidates import Candidate, Field, candidates, load_field
from ....daemon.evaluation.evaluate import Plan
from ....daemon.evaluation.measure import CandidateArm, arms, memory_of, prompt_tokens, reading_ms, request
from ....daemon.evaluation.places import Place
from ..engine.pairs import make_random_pair
from .test_places import CODE

PLAIN = Candidate("plain", None, "none", None)
PLACES = [Place(f"app.py:{at}", "rest of line", "app.py", CODE[:at], CODE[at:], False) for at in (300, 900)]


def silent(_stage: str, _part: float) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random pair."""
    return make_random_pair(tmp_path_factory.mktemp("measure") / "pair")


@pytest.fixture(scope="module")
def field(pair: Path) -> Field:
    """It and its draft, in all precisions."""
    options = EngineOptions(str(pair), device="cpu", target_dtype="f32", draft_dtype="f32")
    return load_field(options, (), 400, silent)


@pytest.fixture(autouse=True)
def _unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines do not learn what steps cost, which takes long."""
    monkeypatch.setattr(ColdEngine, "prepare", lambda _self: None)


def test_a_request_is_what_an_editor_would_ask_for() -> None:
    asked = request(PLACES[0], 7, Candidate("lookup", None, "lookup", 4))
    assert (asked.path, asked.prefix, asked.suffix) == ("app.py", CODE[:300], CODE[300:])
    assert (asked.max_tokens, asked.drafter, asked.k) == (7, "lookup", 4)
    assert (asked.temperature, asked.multiline, asked.deadline_ms) == (0.0, None, None)


def test_candidates_share_an_engine_and_pacers_have_their_own(field: Field) -> None:
    made = {arm.name: arm.engine for arm in arms(field, candidates(field, (2,)), [], 3, silent)}
    draft = field.drafts[0].name
    assert made["plain"] is made["lookup, k 2"] is not made["no draft, pacer"]
    assert made[f"{draft} f32, k 2"] is not made[f"{draft} f32, pacer"]
    assert made[f"{draft} f32, k 2"].pair is made[f"{draft} f32, pacer"].pair is field.drafts[0].pair
    assert len(set(map(id, made.values()))) == 2 * (1 + len(field.drafts))


def test_only_pacers_are_taught_and_each_by_every_lesson(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[tuple[str, str]] = []
    monkeypatch.setattr(
        CandidateArm, "run", lambda self, case, _count: taught.append((self.candidate.kind, case.name))
    )
    pacers = sum(one.kind == "pacer" for one in candidates(field, (2,)))
    heard: list[str] = []
    arms(field, candidates(field, (2,)), PLACES, 3, lambda stage, _part: heard.append(stage))
    assert taught == [("pacer", place.name) for place in PLACES] * pacers
    assert len(heard) == pacers and all(stage.endswith(" learns") for stage in heard)


def test_plain_and_drafted_samples_are_of_the_same_text(field: Field) -> None:
    plain, drafted = arms(field, [PLAIN, Candidate("draft", field.drafts[0], "draft", 2)], [], 6, silent)
    one, other = plain.run(PLACES[0], 6), drafted.run(PLACES[0], 6)
    assert (one.tested, one.accepted, one.passes) == (0, 0, one.emitted)
    assert (other.characters, other.emitted) == (one.characters, one.emitted)
    assert other.accepted <= other.tested and other.passes <= one.passes
    assert 0 < one.prompt <= one.ms


def test_memory_is_that_of_the_weights_and_what_the_slot_holds(field: Field) -> None:
    (arm,) = arms(field, [PLAIN], [], 2, silent)
    weights = field.plain.target.parameter_bytes
    arm.run(PLACES[0], 2)
    assert memory_of(arm.engine) - weights == arm.engine.facts()["kv_bytes"]
    both = ColdEngine(field.drafts[0].pair, 1)
    draft = field.drafts[0].pair.draft
    assert draft is not None
    assert memory_of(both) >= weights + draft.parameter_bytes


def test_prompts_leave_room_for_what_is_to_be_written(field: Field) -> None:
    short, long = (prompt_tokens(field.plain, PLACES, count) for count in (1, 150))
    assert len(short) == len(long) == len(PLACES)
    assert all(len(prompt) + 150 <= field.plain.context for prompt in long)
    assert any(len(one) > len(other) for one, other in zip(short, long, strict=True))


@pytest.mark.parametrize("prompts", [[[5]], [[5, 6, 7], [5]], [list(range(5, 400))]])
def test_prompts_of_every_length_can_be_read(field: Field, prompts: list[list[int]]) -> None:
    assert reading_ms(field.plain.target, prompts, 1) > 0.0


def test_a_draft_with_little_context_is_measured_in_what_it_has(
    pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "STEP_REPEATS", 1)
    short = Path(shutil.copytree(pair / "draft", tmp_path / "short"))
    config = json.loads((short / "config.json").read_text())
    (short / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 128}))
    options = EngineOptions(str(pair), device="cpu", target_dtype="f32", draft_dtype="f32")
    field = load_field(options, (str(short),), 400, silent)
    chosen = tuple(draft for draft in field.drafts if draft.directory == short)[:1]
    found = evaluate._steps(replace(field, drafts=chosen), PLACES, Plan(tmp_path, ks=(32,), tokens=1), silent)
    assert found[chosen[0]].read > 0.0
