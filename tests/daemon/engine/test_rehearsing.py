"""The draft model reads answers afterwards: what it learns from them, and that it leaves everything valid."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ....daemon.engine import rehearsing
from ....daemon.engine.engine import Engine, EngineOptions
from ....daemon.engine.pacer.gate import Gate
from ....daemon.engine.records import Completion, Result
from .pairs import make_random_pair, places, ruin_draft
from .toys import never

SPOTS = [
    Completion(path, prefix[-800:], suffix[:300], "python", max_tokens=32, multiline=True)
    for path, prefix, suffix in places(8, seed=3)
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_random_pair(tmp_path_factory.mktemp("rehearsing") / "pair", noise=0.02)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "SHARE", 100.0)
    monkeypatch.setattr(Gate, "way", lambda *_: "drafts")


def fresh(directory: Path, *, dear: bool = True) -> Engine:
    """An engine with known times, whose draft model is too ``dear`` to be used in an answer."""
    engine = Engine.load(
        EngineOptions(target=str(directory), device="cpu", target_dtype="f32", draft_dtype="f32")
    )
    assert engine.idle(never)
    pacer = engine._pacing.pacer
    for _ in range(40):
        for steps in pacer.calls:
            pacer.costs.drafted(steps, 200, (50.0 if dear else 0.001) * steps)
    return engine


def run(engine: Engine, request: Completion) -> Result:
    *_, result = engine.complete(request, never)
    assert isinstance(result, Result)
    return result


def _after(looks: int) -> Callable[[], bool]:
    """Something that says no so many times, then yes."""
    left = iter(range(looks))
    return lambda: next(left, None) is None


def test_a_draft_model_that_is_right_is_found_out_without_being_used(directory: Path, tmp_path: Path) -> None:
    poor = make_random_pair(tmp_path / "poor")
    ruin_draft(poor)
    good, bad = fresh(directory), fresh(poor)
    before = good._pacing.pacer.acceptance.curve("draft")
    for spot in SPOTS:
        for engine in (good, bad):
            assert not any(
                token.origin == "draft" for token in run(engine, replace(spot, explain=True)).tokens
            )
            assert engine.idle(never)
    learnt = [engine._pacing.pacer.acceptance for engine in (good, bad)]
    assert learnt[0].curve("draft") != before
    assert learnt[0].drifts["draft"].shift > learnt[1].drifts["draft"].shift
    chances = [
        max(acceptance.chance("draft", signal, 0, 0, -1) for signal in range(6)) for acceptance in learnt
    ]
    assert chances[0] > 2 * chances[1]


def test_it_has_read_the_prompt_and_its_steps_are_timed_anew(directory: Path) -> None:
    engine = fresh(directory)
    run(engine, SPOTS[0])
    (slot,) = engine._slots._slots
    assert slot.draft is not None
    assert slot.draft.length < len(slot.tokens) // 2
    costs = engine._pacing.pacer.costs
    dear = [costs.draft.row(len(slot.tokens))[steps] for steps in engine._pacing.pacer.calls]
    assert engine.idle(never)
    assert slot.draft.length == len(slot.tokens) - 1
    slot.check()
    known = [costs.draft.row(len(slot.tokens))[steps] for steps in engine._pacing.pacer.calls]
    assert all(now < 0.5 * before for now, before in zip(known, dear, strict=True)), (known, dear, costs.pace)


def test_whatever_was_rehearsed_the_text_is_the_plain_one(directory: Path) -> None:
    plain, rehearsed = fresh(directory), fresh(directory, dear=False)
    for spot in SPOTS:
        for typed in ("", "x", "x = "):
            request = replace(spot, prefix=spot.prefix + typed)
            assert run(rehearsed, request).text == run(plain, replace(request, drafter="none")).text
            assert rehearsed.idle(never)


def test_a_request_ends_it_and_finds_everything_valid(directory: Path) -> None:
    engine, plain = fresh(directory), fresh(directory)
    for looks in range(6):
        run(engine, SPOTS[looks])
        engine.idle(_after(looks))
        for slot in engine._slots._slots:
            slot.check()
        again = replace(SPOTS[looks], prefix=SPOTS[looks].prefix + "y")
        assert run(engine, again).text == run(plain, replace(again, drafter="none")).text


def test_without_time_for_it_nothing_is_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "SHARE", 0.0)
    engine = fresh(directory)
    run(engine, SPOTS[0])
    (slot,) = engine._slots._slots
    assert slot.draft is not None
    before = slot.draft.length
    assert engine.idle(never)
    assert slot.draft.length == before


def test_another_request_in_the_slot_makes_it_void(directory: Path) -> None:
    engine = fresh(directory)
    run(engine, SPOTS[0])
    (slot,) = engine._slots._slots
    slot.begin(slot.tokens[:20])
    assert engine.idle(never)
    slot.check()
    assert slot.draft is not None
    assert slot.draft.length < 20
