"""Hiding what is likely wrong."""

import math

from ....lsp.moment import is_likely


def test_sure_is_shown_and_unsure_is_hidden() -> None:
    assert is_likely((math.log(0.9), math.log(0.001)), 0.5)
    assert not is_likely((math.log(0.2), math.log(0.1)), 0.5)
    assert is_likely((math.log(0.2), math.log(0.1)), 0.1)


def test_without_a_number_or_a_threshold_all_is_shown() -> None:
    assert is_likely(None, 1.0)
    assert is_likely((-50.0, -90.0), 0.0)
    assert not is_likely((-math.inf, -math.inf), 0.2)
