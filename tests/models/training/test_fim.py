"""Documents, splits and windows."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ....models.training import fim

TEXTS = st.text(alphabet="ab(.=)# \n", min_size=1, max_size=400)


@given(TEXTS, st.integers(16, 400), st.integers())
def test_a_split_is_a_contiguous_window_within_its_budget(text: str, tokens: int, seed: int) -> None:
    example = fim.split("a/b.py", text, tokens, random.Random(seed))
    if example is None:
        return
    assert example.middle.strip()
    assert example.prefix + example.middle + example.suffix in text
    size = len(example.prefix) + len(example.middle) + len(example.suffix)
    assert size <= tokens * fim.CHARS_PER_TOKEN


@given(TEXTS, st.integers())
def test_the_middle_lies_in_the_text(text: str, seed: int) -> None:
    start, end = fim.span(text, random.Random(seed))
    assert 0 <= start <= len(text)
    assert end <= len(text)
    assert end - start <= fim.LONGEST_MIDDLE


@given(TEXTS, st.integers())
def test_a_local_split_is_a_short_contiguous_window(text: str, seed: int) -> None:
    example = fim.local_split("a/b.py", text, random.Random(seed))
    if example is None:
        return
    assert example.middle.strip()
    assert example.prefix + example.middle + example.suffix in text
    assert len(example.prefix) + len(example.suffix) <= fim.LOCAL_TOKENS[1] * fim.CHARS_PER_TOKEN


def test_local_middles_are_short_and_end_with_a_line() -> None:
    text = "\n".join(f"    name_{i} = call({i}, other={i})" for i in range(400))
    draw = random.Random(1)
    drawn = [example for _ in range(600) if (example := fim.local_split("p.py", text, draw))]
    assert len(drawn) > 500
    ends = sum((example.middle + example.suffix + "\n") in text + "\n" for example in drawn)
    assert ends == len(drawn)
    single = [example for example in drawn if "\n" not in example.middle]
    assert 0.6 < len(single) / len(drawn) < 0.9
    assert max(example.middle.count("\n") for example in drawn) <= 5
    assert 0.1 < sum(not example.suffix for example in drawn) / len(drawn) < 0.5
    inside = [e for e in single if e.prefix[-1:].isalnum() and e.middle[:1].isalnum()]
    assert len(inside) > 30


@given(TEXTS, st.data())
def test_windows_touch_the_place_and_keep_to_line_borders(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    limit = data.draw(st.integers(0, 80))
    before = fim.window_before(text, place, limit)
    after = fim.window_after(text, place, limit)
    assert text[:place].endswith(before)
    assert text[place:].startswith(after)
    assert max(len(before), len(after)) <= limit
    if "\n" in text[max(0, place - limit) : place]:
        begin = place - len(before)
        assert begin == 0 or text[begin - 1] == "\n"
    if after and len(after) < len(text) - place:
        assert text[place + len(after)] == "\n"


def test_the_two_orders_differ_only_in_the_order() -> None:
    example = fim.Example("p.py", "left", "right", "mid")
    psm, spm = example.pieces(fim.PSM), example.pieces(fim.SPM)
    assert psm == [
        ("<|file_sep|>", "p.py\n"),
        ("<|fim_prefix|>", "left"),
        ("<|fim_suffix|>", "right"),
        ("<|fim_middle|>", ""),
    ]
    assert spm == [psm[0], psm[2], psm[1], psm[3]]


def test_most_middles_end_where_a_line_ends() -> None:
    text = "\n".join(f"    name_{i} = call({i}, other={i})" for i in range(60))
    draw = random.Random(1)
    spans = [fim.span(text, draw) for _ in range(500)]
    at_line_end = sum(end == len(text) or text[end] == "\n" for _, end in spans)
    single = sum("\n" not in text[start:end] for start, end in spans)
    assert at_line_end > 350
    assert 150 < single < 420


def test_a_notice_is_stripped_and_other_comments_stay() -> None:
    notice = "# Copyright 2020 A. Body\n# All rights reserved.\n\n"
    code = '"""Doc."""\nimport os\n'
    assert fim.strip_notice(notice + code) == code
    assert fim.strip_notice("# about parsing\n" + code) == "# about parsing\n" + code
