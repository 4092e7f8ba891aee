"""The price of a token, the length of answers, and what may be spent on finding out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.ledger import (
    ANSWERS,
    MODES,
    MOST_CREDIT,
    PLAIN_EVERY,
    PROBE_GAP,
    PROBE_SHARE,
    USUAL_TOKENS,
    Lengths,
    Price,
    Probes,
)

STEPS = st.floats(0.0, 100.0)


def earned(plain_steps: float) -> Probes:
    """Probes that may cost so many plain steps."""
    probes = Probes()
    probes.credit = plain_steps
    return probes


@given(st.lists(st.tuples(STEPS, st.integers(1, 9)), max_size=50))
def test_a_token_never_costs_more_than_a_plain_step(rounds: list[tuple[float, int]]) -> None:
    price = Price()
    for cost, tokens in rounds:
        price.add(cost, tokens)
        assert 0.0 < price.ratio <= 1.0


def test_the_price_of_a_token_follows_the_last_rounds() -> None:
    price = Price()
    assert price.ratio == 1.0
    for cost, tokens in ((2.0, 4), (3.0, 3), (3.0, 12)):
        for _ in range(2000):
            price.add(cost, tokens)
        assert price.ratio == pytest.approx(cost / tokens, rel=1e-3)


def test_one_lucky_round_proves_little() -> None:
    price = Price()
    price.add(1.0, 5)
    assert price.ratio > 0.7


@pytest.mark.parametrize("mode", MODES)
def test_answers_are_taken_to_be_as_long_as_usual_before_any_came(mode: str) -> None:
    assert Lengths().usual(mode) == USUAL_TOKENS[mode]


def test_modes_have_lengths_of_their_own() -> None:
    lengths = Lengths()
    lengths.add("line", 100, ended=True)
    assert lengths.usual("line") > USUAL_TOKENS["line"]
    assert lengths.usual("block") == USUAL_TOKENS["block"]


@pytest.mark.parametrize("tokens", [1, 7, 250])
def test_the_usual_length_is_the_mean_of_the_last_answers(tokens: int) -> None:
    lengths = Lengths()
    for _ in range(int(10 * ANSWERS)):
        lengths.add("line", tokens, ended=True)
    assert lengths.usual("line") == pytest.approx(tokens, rel=1e-3)


def test_an_answer_that_was_cut_short_would_have_gone_on() -> None:
    cut, ended = Lengths(), Lengths()
    for _ in range(20):
        cut.add("line", 9, ended=False)
        ended.add("line", 9, ended=True)
    assert cut.usual("line") > ended.usual("line")
    assert cut.live("line") > ended.live("line")


@pytest.mark.parametrize("seen", [[0.0, 0.0], [0.0, 50.0], [5e-324, 1e300]])
def test_where_no_answer_ever_ended_the_length_is_still_a_number(seen: list[float]) -> None:
    lengths = Lengths()
    lengths.seen["block"] = seen
    assert math.isfinite(lengths.usual("block"))
    assert 0.0 < lengths.live("block") <= 1.0
    lengths.add("block", 40, ended=True)
    assert math.isfinite(lengths.usual("block"))


@given(st.lists(st.tuples(st.integers(1, 500), st.booleans()), max_size=50))
def test_no_answer_is_ever_certain_to_go_on_or_to_end(answers: list[tuple[int, bool]]) -> None:
    lengths = Lengths()
    for tokens, ended in answers:
        lengths.add("line", tokens, ended=ended)
    assert 0.0 < lengths.live("line") < 1.0


def test_a_probe_may_cost_just_what_is_there() -> None:
    assert earned(2.0).affordable(2.0)
    assert not earned(2.0).affordable(2.0 + 1e-9)
    assert Probes().affordable(0.0)


@given(st.lists(st.floats(0.0, 500.0), max_size=200), st.floats(0.1, 10.0))
def test_probes_cost_no_more_than_their_part_of_the_time(rounds: list[float], price: float) -> None:
    probes, spent = Probes(), 0.0
    for steps in rounds:
        probes.earn(steps)
        if probes.affordable(price):
            probes.charge(price)
            spent += price
        probes.round(plain=False)
    assert spent <= PROBE_SHARE * sum(rounds) + 1e-9


def test_between_two_probes_that_failed_there_are_other_rounds() -> None:
    probes, made = earned(MOST_CREDIT), []
    for number in range(3 * PROBE_GAP):
        if probes.affordable(1.0):
            probes.charge(1.0)
            made.append(number)
        probes.round(plain=False)
    assert made == [0, PROBE_GAP, 2 * PROBE_GAP]


def test_a_probe_that_succeeds_pays_for_the_next_one_at_once() -> None:
    probes = earned(1.0)
    probes.charge(-1.5)
    assert probes.affordable(2.5)


def test_no_more_is_saved_up_than_a_draft_that_reads_a_prompt_takes() -> None:
    probes = Probes()
    probes.earn(1e9)
    assert probes.credit == MOST_CREDIT
    probes.charge(-1e9)
    assert probes.credit == MOST_CREDIT


def test_a_drafter_in_use_saves_nothing_up_for_probes() -> None:
    probes = earned(5.0)
    probes.needless()
    assert not probes.affordable(1e-9)


def test_a_plain_round_is_due_after_just_so_many_others() -> None:
    probes, due = Probes(), []
    for number in range(3 * PLAIN_EVERY + 3):
        if probes.plain_due:
            due.append(number)
        probes.round(plain=probes.plain_due)
    assert due == [PLAIN_EVERY, 2 * PLAIN_EVERY + 1, 3 * PLAIN_EVERY + 2]


def test_a_probe_that_cost_nothing_beyond_a_plain_step_has_no_gap_behind_it() -> None:
    probes = earned(1.0)
    probes.charge(0.0)
    assert probes.affordable(1.0)
