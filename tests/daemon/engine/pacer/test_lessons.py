"""What a round teaches: times, and the fate of each proposal, made or only looked at."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.engine.pacer.acceptance import Acceptance
from .....daemon.engine.pacer.costs import Costs
from .....daemon.engine.pacer.decision import Pacer
from .....daemon.engine.pacer.lessons import LEAST_FILL, Drafted, Lesson, teach
from .....daemon.engine.pacer.outlook import Signals
from .....daemon.engine.pacer.round import Done, Offer
from .....daemon.engine.pacer.signals import Source, match_bin

MOST, LENGTH, CONTEXT = 8, 100, 5
TOKENS = st.lists(st.integers(0, 2), max_size=6)
Judged = tuple[str, int, int, int, bool]


class Listener(Acceptance):
    """Notes (source, signal, extra, position, accepted) of all it learns."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Judged] = []

    def learn(
        self, source: Source, signal: int, extra: int, position: int, context: int, *, accepted: bool
    ) -> None:
        assert context == CONTEXT
        self.heard.append((source, signal, extra, position, accepted))


class Signs(Signals):
    """Notes (position, signal, extra) of all it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, int, int]] = []

    def add(self, position: int, signal: int, extra: int) -> None:
        self.seen.append((position, signal, extra))


def drafted(tokens: Sequence[int]) -> list[Drafted]:
    """Tokens of the draft model with signals 3, 4, … and nothing beside them."""
    return [(token, 3 + index, 0, 0.5) for index, token in enumerate(tokens)]


def done(emitted: Sequence[int], verify: float | None = 1.0, **more: object) -> Done:
    return Done((), 0, 0, emitted, len(emitted), verify, **more)  # type: ignore[arg-type]


def taught(
    end: Done, draft: Sequence[int] = (), offers: Sequence[tuple[Offer, int]] = ()
) -> tuple[Pacer, Listener, Signs]:
    """A new pacer after one round, and what it heard."""
    heard, seen = Listener(), Signs()
    pacer = Pacer(MOST, Costs(MOST), acceptance=heard, signals=seen)
    teach(pacer, Lesson(LENGTH, CONTEXT, list(offers), drafted(draft), end))
    return pacer, heard, seen


def test_drafted_tokens_are_judged_to_the_first_that_is_wrong() -> None:
    _, heard, seen = taught(done([1, 2, 9]), [1, 2, 3, 4])
    assert heard.heard == [("draft", 3, 0, 0, True), ("draft", 4, 0, 1, True), ("draft", 5, 0, 2, False)]
    assert seen.seen == [(0, 3, 0), (1, 4, 0), (2, 5, 0), (3, 6, 0)]


def test_a_token_that_was_drafted_but_not_verified_is_judged_by_what_came_instead() -> None:
    """Of two drafted tokens one went through the target, which then said the second one itself."""
    _, heard, _ = taught(done([1, 2]), [1, 2, 3])
    assert [accepted for *_, accepted in heard.heard] == [True, True]


@given(TOKENS, TOKENS, TOKENS)
def test_no_verdict_follows_a_wrong_token_and_every_verdict_is_true(
    draft: list[int], offered: list[int], emitted: list[int]
) -> None:
    _, heard, seen = taught(done(emitted), draft, [(Offer("lookup", offered, 3), 0)])
    for source, tokens in (("draft", draft), ("lookup", offered)):
        verdicts = [
            (position, accepted) for origin, _, _, position, accepted in heard.heard if origin == source
        ]
        right = [(place, own == came) for place, (own, came) in enumerate(zip(tokens, emitted, strict=False))]
        wrong = next((place for place, accepted in right if not accepted), len(right))
        assert verdicts == right[: wrong + 1]
    assert len(seen.seen) == len(draft)


def test_each_further_token_of_a_match_has_a_longer_one_before_it() -> None:
    _, heard, _ = taught(done([1, 2, 3]), offers=[(Offer("replay", [1, 2, 3], 4), 2)])
    assert heard.heard == [("replay", match_bin(4 + at), 2, at, True) for at in range(3)]


def test_every_offer_is_judged_whichever_was_taken() -> None:
    offers = [(Offer("lookup", [5], 3), 1), (Offer("replay", [1], 3), 0), (Offer("replay", [], 3), 0)]
    _, heard, _ = taught(done([1]), offers=offers)
    assert [(source, accepted) for source, *_, accepted in heard.heard] == [
        ("lookup", False),
        ("replay", True),
    ]


def test_a_round_without_the_draft_model_makes_it_less_certain() -> None:
    pacer, heard, _ = taught(done([1]))
    assert heard.heard == []
    assert pacer.acceptance.drifts["draft"].variance > Acceptance().drifts["draft"].variance
    pacer, _, _ = taught(done([1]), [1])
    assert pacer.acceptance.drifts["draft"].variance == Acceptance().drifts["draft"].variance


def test_times_of_passes_and_calls_are_learnt() -> None:
    end = done([1], 3.0, calls=[(2, 0.5), (1, 0.25)])._replace(kept=2)
    pacer, _, _ = taught(end)
    assert pacer.costs.verify.last(3, LENGTH) == pytest.approx(3.0)
    assert pacer.costs.draft.last(2, LENGTH) == pytest.approx(0.5)
    assert pacer.costs.draft.last(1, LENGTH) == pytest.approx(0.25)


def test_a_pass_that_read_the_prompt_is_no_measure_of_a_step() -> None:
    assert not taught(done([1], None))[0].costs.known


@pytest.mark.parametrize(("tokens", "known"), [(LEAST_FILL - 1, False), (LEAST_FILL, True)])
def test_only_a_long_backlog_says_what_reading_takes(tokens: int, known: bool) -> None:
    pacer, _, _ = taught(done([1], fill=(tokens, 0.5 * tokens)))
    assert pacer.costs.fill(10) == (pytest.approx(5.0) if known else 0.0)
