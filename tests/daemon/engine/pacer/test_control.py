"""Which rounds of an answer are a control."""

import pytest

from .....daemon.engine.pacer.control import Control


@pytest.mark.parametrize("first", [True, False])
def test_as_many_rounds_are_plain_as_are_compared_with_them(first: bool) -> None:
    control = Control(3, first)
    plain = []
    while not control.over:
        plain.append(control.begin())
    assert plain == [first] * 3 + [not first] * 3
