"""What stands around the cursor, read back from the text that lookup searches."""

from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.matching import BARRIER
from ....daemon.engine.pacing import around

TOKENS = st.lists(st.integers(0, 9), min_size=1, max_size=8)


@given(st.lists(TOKENS, max_size=3), st.one_of(st.none(), TOKENS), st.one_of(st.just([]), TOKENS))
def test_the_suffix_is_the_last_part_before_the_prefix(
    chunks: list[list[int]], suffix: list[int] | None, prefix: list[int]
) -> None:
    parts = [*chunks, *([] if suffix is None else [suffix])]
    text = around([token for part in parts for token in (*part, BARRIER)] + prefix)
    assert text.before == prefix
    assert text.after == (parts[-1] if parts else [])
