"""Numbers in words, and escaping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.report import words
from ....daemon.report.markup import Markup, join, tag
from ....daemon.report.section import interval


def plain(text: str) -> str:
    """``text`` with ordinary spaces."""
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("ms", "says"),
    [
        (0.0, "0 ms"),
        (0.3456, "0.35 ms"),
        (4.25, "4.2 ms"),
        (84.4, "84 ms"),
        (999.4, "999 ms"),
        (999.9, "1 s"),
        (1234.0, "1.2 s"),
        (-1234.0, "−1.2 s"),
        (59_600.0, "60 s"),
        (150_000.0, "2.5 min"),
        (9_000_000.0, "2.5 h"),
    ],
)
def test_spans(ms: float, says: str) -> None:
    assert plain(words.span(ms)) == says


@given(st.floats(-1e10, 1e10))
def test_a_span_never_breaks_between_number_and_unit(ms: float) -> None:
    assert " " not in words.span(ms)
    assert len(words.span(ms)) < 16


def test_shares_are_not_rounded_to_nothing_or_all() -> None:
    said = [plain(words.percent(share)) for share in (0.0, 0.001, 0.42, 0.999, 1.0)]
    assert said == ["0 %", "under 1 %", "42 %", "over 99 %", "100 %"]


def test_counts_ordinals_and_ratios() -> None:
    assert [words.counted(number, "guess", "guesses") for number in (1, 2000)] == ["1 guess", "2,000 guesses"]
    assert [words.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th")
    ]
    assert [words.times(ratio) for ratio in (0.914, 1.5, 12.34, 250.0)] == ["0.91×", "1.50×", "12.3×", "250×"]
    assert words.few(2.0) == "2"


def test_intervals_say_their_unit_once_where_it_is_the_same() -> None:
    said = [
        interval(words.times(0.64), words.times(0.89)),
        interval(words.span(-500.0), words.span(900.0)),
        interval(words.span(500.0), words.span(1500.0)),
        interval(words.percent(0.97), words.percent(0.999)),
    ]
    assert list(map(plain, said)) == ["0.64 to 0.89×", "−500 to 900 ms", "500 ms to 1.5 s", "97 to over 99 %"]


def test_engines_are_named_for_short() -> None:
    assert words.engine("mini · cpu · bfloat16+bfloat16") == "mini · cpu · bf16"
    assert words.engine("big · cuda · float16+bfloat16") == "big · cuda · f16 + bf16"
    assert words.engine("") == ""


def test_what_is_put_into_an_element_is_escaped() -> None:
    made = tag("p", "a < b & c", tag("b", "<i>"), title='say "<hi>"', hidden=None, open=True)
    assert made == '<p title="say &quot;&lt;hi&gt;&quot;" open>a &lt; b &amp; c<b>&lt;i&gt;</b></p>'
    assert tag("rect", x=1.0, y=0.126, class_="a", aria_label="n") == (
        '<rect x="1" y="0.13" class="a" aria-label="n"/>'
    )
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert join(["<", Markup("<br>")]) == "&lt;<br>"


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    made = tag("p", text, title=text)
    assert made.count("<") == made.count(">") == 2
