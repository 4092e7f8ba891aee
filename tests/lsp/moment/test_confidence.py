"""Hiding what is likely wrong."""

import math

from ....lsp.moment import Confidence, is_likely


def test_sure_is_shown_and_unsure_is_hidden() -> None:
    assert is_likely(Confidence(math.log(0.9), math.log(0.5)))
    assert not is_likely(Confidence(math.log(0.2), math.log(0.1)))


def test_one_very_doubtful_token_is_enough() -> None:
    assert not is_likely(Confidence(math.log(0.9), math.log(0.001)))


def test_by_hand_or_without_a_number_all_is_shown() -> None:
    assert is_likely(Confidence(-50.0, -90.0), invoked=True)
    assert is_likely(None)


def test_the_threshold_is_the_callers() -> None:
    assert is_likely(Confidence(math.log(0.3), math.log(0.1)), least=0.25)
    assert not is_likely(Confidence(-math.inf, -math.inf))
