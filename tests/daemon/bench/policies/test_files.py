"""Records on disk, the comparison's table, and the verbs that need no model."""

from pathlib import Path

import pytest

from .....daemon.bench.policies import files, simulator
from .....daemon.bench.policies.__main__ import main
from .....daemon.bench.policies.comparing import best_fixed, compare
from .....daemon.bench.policies.world import MOST, Recorded
from .....daemon.engine.pacer.costs import Costs
from .....daemon.engine.pacer.decision import Pacer
from .....daemon.engine.pacer.round import Offer
from .....daemon.engine.pacer.state import prior

TIMES = simulator.times(0.1, widening=0.1)


def with_lookup(count: int) -> list[Recorded]:
    """Answers where lookup is right in the first half."""
    length = 64
    offers = [
        [Offer("lookup", list(range(at, at + MOST)) if at < length // 2 else [0] * MOST, 3, 1)]
        for at in range(length)
    ]
    return simulator.answers(0.6, count=count, length=length, knowing=0.5, offers=offers)


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    answers = with_lookup(3)
    files.save(tmp_path / "r.jsonl", TIMES, answers)
    times, loaded = files.load(tmp_path / "r.jsonl")
    assert times.verify == TIMES.verify
    assert [answer.reach for answer in loaded] == [answer.reach for answer in answers]
    assert loaded[0].offers[5] == answers[0].offers[5]
    assert loaded[0].confidences[3] == pytest.approx(answers[0].confidences[3], abs=1e-4)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"version": 0}\n')
    with pytest.raises(ValueError, match="record it again"):
        files.load(tmp_path / "r.jsonl")


def test_ours_beats_every_other_policy_where_two_drafters_take_turns() -> None:
    rows = {row.name: row for row in compare(with_lookup(40), TIMES)}
    ours = rows.pop("paceline")
    oracle = rows.pop("oracle")
    del rows["oracle, draft only"], rows["paceline, draft only"]
    assert all(ours.per_token <= 0.97 * row.per_token for row in rows.values())
    best = best_fixed([*rows.values()])
    assert best.per_token - ours.per_token >= (best.per_token - oracle.per_token) / 3


def test_verbs_on_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, made = tmp_path / "r.jsonl", tmp_path / "pacer.json"
    files.save(record, TIMES, with_lookup(4))
    assert main(["compare", str(record)]) == 0
    assert "ik_llama.cpp bandit" in capsys.readouterr().out
    assert main(["prior", str(record), str(made)]) == 0
    pacer = Pacer(MOST, Costs(MOST))
    before = pacer.acceptance.curve("lookup")
    prior(made, pacer)
    assert pacer.acceptance.curve("lookup") != before


def test_what_was_learnt_from_other_answers_helps_at_once(tmp_path: Path) -> None:
    record, made = tmp_path / "r.jsonl", tmp_path / "pacer.json"
    files.save(record, TIMES, with_lookup(40))
    main(["prior", str(record), str(made)])
    new = with_lookup(4)
    alone, told = (
        next(row for row in compare(new, TIMES, known) if row.name == "paceline") for known in (None, made)
    )
    assert told.per_token < 0.99 * alone.per_token
