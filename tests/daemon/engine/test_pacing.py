"""The pacer inside the engine: the same text whatever it chooses, what it learns, keeps and reports."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ....daemon.engine import pacing
from ....daemon.engine.engine import Engine, EngineOptions
from ....daemon.engine.pacer.costs import Costs
from ....daemon.engine.pacer.gate import Gate
from ....daemon.engine.pacer.proof import Account
from ....daemon.engine.pacer.state import save_prior
from ....daemon.engine.pacing import MOST, Pacing, fingerprint, rules_of
from ....daemon.engine.records import Completion, Result
from ....models.pair import resolve
from .pairs import make_random_pair, places, ruin_draft
from .toys import never

SPOTS = [
    Completion(path, prefix, suffix, "python", max_tokens=24, multiline=True)
    for path, prefix, suffix in places(6, seed=11)
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_random_pair(tmp_path_factory.mktemp("pacing") / "pair")


# Of a forced length of 3: nothing is drafted while the prompt is read, and the last three rounds before the
# limit have room for 2, 1 and 0.
SHORT_PASSES = 4


@pytest.fixture(autouse=True)
def speculating(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts are looked for in every answer, however little a busy machine lets them save."""
    monkeypatch.setattr(Gate, "way", lambda *_: "drafts")


def fresh(directory: Path, state: Path | None = None, dtype: str = "f32") -> Engine:
    options = EngineOptions(target=str(directory), device="cpu", target_dtype=dtype, draft_dtype="f32")
    return Engine.load(replace(options, state=state))


def run(engine: Engine, request: Completion) -> Result:
    *_, result = engine.complete(request, never)
    assert isinstance(result, Result)
    return result


def pacer_facts(engine: Engine) -> dict[str, object]:
    facts = engine.facts()["pacer"]
    assert isinstance(facts, dict)
    return facts


def test_whatever_is_chosen_the_text_is_the_plain_one(directory: Path) -> None:
    """Also typed on, deleted and asked again, so that replay has something to say."""
    plain, paced = fresh(directory), fresh(directory)
    assert paced.idle(never)
    drafted = 0
    for spot in SPOTS:
        first = run(paced, spot)
        for typed in ("", first.text[:3], first.text[:7] + "x"):
            request = replace(spot, prefix=spot.prefix + typed)
            expected = run(plain, replace(request, drafter="none"))
            made = run(paced, request)
            assert (made.text, made.finish) == (expected.text, expected.finish)
            drafted += made.drafted
        shorter = replace(spot, prefix=spot.prefix[:-9])
        assert run(paced, shorter).text == run(plain, replace(shorter, drafter="none")).text
    assert drafted > 0


def test_asking_again_replays_the_answer(directory: Path) -> None:
    engine = fresh(directory)
    engine.idle(never)
    for spot in SPOTS:
        run(engine, spot)
    again = [run(engine, replace(spot, explain=True)) for spot in SPOTS]
    assert any(token.origin == "replay" for result in again for token in result.tokens)
    emitted, passes = sum(result.emitted for result in again), sum(result.passes for result in again)
    assert passes < emitted


def test_times_are_learnt_in_a_quiet_moment_and_savings_told(directory: Path) -> None:
    engine = fresh(directory)
    assert run(engine, SPOTS[0]).saved_ms is None or pacer_facts(engine)["calibrated"] is False
    assert not engine.idle(lambda: True)
    assert engine.idle(never)
    for spot in SPOTS:
        result = run(engine, spot)
    assert result.saved_ms is not None
    ms, low, high = result.saved_ms
    assert low <= ms <= high
    facts = pacer_facts(engine)
    assert facts["calibrated"] is True
    json.dumps(facts)


def test_what_was_learnt_survives_a_restart(directory: Path, tmp_path: Path) -> None:
    engine = fresh(directory, tmp_path)
    engine.idle(never)
    run(engine, SPOTS[0])
    engine.close()
    (kept,) = tmp_path.iterdir()
    assert json.loads(kept.read_text())["costs"]["verify"]
    again = fresh(directory, tmp_path)
    assert again.idle(lambda: True)  # nothing to measure: it comes from disk
    assert pacer_facts(again)["calibrated"] is True


def test_rounded_weights_have_times_of_their_own(directory: Path, tmp_path: Path) -> None:
    """Though activations have the same type beside them."""
    for files, dtype in enumerate(("f32", "int8", "int4"), 1):
        engine = fresh(directory, tmp_path, dtype)
        engine.idle(never)
        run(engine, SPOTS[0])
        held = engine.facts()["target"]
        engine.close()
        assert isinstance(held, dict)
        assert held["dtype"] == {"f32": "float32"}.get(dtype, dtype)
        assert len(list(tmp_path.iterdir())) == files


def test_what_an_answer_taught_is_learnt_after_it(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not while somebody waits for it, but before the next one begins."""
    learnt: list[str] = []
    monkeypatch.setattr(Pacing, "wrote", lambda _, request, *__: learnt.append(request.path))
    engine = fresh(directory)
    run(engine, SPOTS[0])
    assert learnt == []
    run(engine, SPOTS[1])
    assert learnt == [SPOTS[0].path]
    engine.idle(never)
    assert learnt == [SPOTS[0].path, SPOTS[1].path]
    engine.idle(never)
    assert len(learnt) == 2


def test_other_steps_have_other_times(directory: Path) -> None:
    """What was lost with slow steps says nothing of fast ones."""
    engine = fresh(directory)
    engine.idle(never)
    pacer = engine._pacing.pacer
    for _ in range(20):
        pacer.gate.add("line", 64, 1.0, 1.5)
        pacer.proof.baseline.beside(0.5, first=pacer.proof.baseline.wants_first)
    assert engine._pacing.ready("compiled", never)
    assert len({part for part, _ in pacer.gate.export().values()}) <= 1  # at most what looking takes
    assert pacer.proof.baseline.ratio > 0.7


def test_another_draft_is_another_pair(directory: Path, tmp_path: Path) -> None:
    other = make_random_pair(tmp_path / "pair")
    before = fingerprint(resolve(str(other)))
    assert fingerprint(resolve(str(directory))) == before
    ruin_draft(other)
    assert fingerprint(resolve(str(other))) != before


def test_a_prior_beside_the_pair_is_taken(directory: Path, tmp_path: Path) -> None:
    pair = make_random_pair(tmp_path / "pair")
    teacher = fresh(pair)
    pacer = teacher._pacing.pacer
    for _ in range(200):
        pacer.acceptance.learn("draft", 1, 0, 0, 0, accepted=True)
    save_prior(pair / "pacer.json", pacer)
    assert fresh(pair)._pacing.pacer.acceptance.curve("draft")[1] > 0.7
    (pair / "pacer.json").write_text("{}")
    assert fresh(pair)._pacing.pacer.acceptance.curve("draft")[1] < 0.4


def test_a_forced_length_is_used_and_off_is_off(directory: Path) -> None:
    engine = fresh(directory)
    engine.idle(never)
    for cut in SPOTS:
        line = cut.prefix.rpartition("\n")[0]
        spot = replace(cut, prefix=f"{line}\n")  # no token is cut here, and none is healed without drafts
        forced = run(engine, replace(spot, drafter="draft", k=3))
        assert forced.drafted >= 3 * (forced.passes - SHORT_PASSES)
        assert run(engine, replace(spot, drafter="none")).drafted == 0
        assert run(engine, replace(spot, k=0)).drafted == 0
        assert run(engine, replace(spot, drafter="draft", k=2 * MOST)).drafted > MOST


def test_sampled_text_depends_on_the_seed_and_not_on_what_was_learnt(directory: Path) -> None:
    new, old = fresh(directory), fresh(directory)
    old.idle(never)
    for spot in SPOTS:
        run(old, spot)
    for seed, spot in enumerate(SPOTS):
        request = replace(spot, temperature=0.9, seed=seed)
        assert run(new, request).text == run(old, request).text


def test_a_loss_is_told_once(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = fresh(directory)
    engine.idle(never)
    proof = engine._pacing.pacer.proof
    for _ in range(20):
        proof.baseline.beside(1.0, first=proof.baseline.wants_first)
        proof.close(Account(answers=1, tokens=30, plain=30.0, actual=60.0, tested=20, accepted=1))
    engine.idle(never)
    engine.idle(never)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(pacer_facts(engine)["loss"]) in caplog.text


@pytest.mark.parametrize(
    ("step", "asked", "ratio"), [(0.05, ["plain"] * 4 + ["control"], 0.56), (5.0, ["control"] * 5, 0.99)]
)
def test_where_looking_is_dear_beside_a_step_drafts_have_to_show_first_that_they_pay(
    directory: Path, monkeypatch: pytest.MonkeyPatch, step: float, asked: list[str], ratio: float
) -> None:
    monkeypatch.undo()

    def measured(_models: object, costs: Costs, *_: object) -> bool:
        costs.verified(1, 300, step)
        return True

    monkeypatch.setattr(pacing, "measure", measured)
    engine = fresh(directory)
    assert engine.idle(never)
    pacer = engine._pacing.pacer
    assert [pacer.gate.way("block", 64) for _ in asked] == asked
    assert pacer.proof.baseline.ratio == pytest.approx(ratio, abs=0.01)


def test_rules() -> None:
    request = SPOTS[0]
    assert rules_of(request, greedy=True).free
    assert not rules_of(replace(request, drafter="none"), greedy=True).free
    assert not rules_of(request, greedy=False).free
    assert not rules_of(replace(request, k=2), greedy=True).free
    assert rules_of(replace(request, drafter="none"), greedy=True).sources == frozenset()
