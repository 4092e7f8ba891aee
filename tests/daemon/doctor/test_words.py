"""The doctor's words: what follows from the figures, within 80 columns."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.bench.statistics import Ratio
from ....daemon.doctor.conclusions import conclude
from ....daemon.doctor.finding import ORDER, Finding, State, worst
from ....daemon.doctor.identity import Difference, Identity
from ....daemon.doctor.judge import Divergence
from ....daemon.doctor.saving import Saving
from ....daemon.doctor.selfcheck import SelfCheck
from ....daemon.doctor.verdict import Kind, Verdict, Way
from ....daemon.doctor.words import figures, line, summary
from ....daemon.settings import Settings

GAIN = Saving(Ratio(2.0, 5.0, 8.0), Ratio(0.04, 0.1, 0.16))
LOSS = Saving(Ratio(-8.0, -5.0, -2.0), Ratio(-0.16, -0.1, -0.04))
EVEN = Saving(Ratio(-1.0, 0.5, 2.0), Ratio(-0.02, 0.01, 0.04))
WAYS = (
    Way("plain", "plain", "none", None, 50.0, None, None, 1.0),
    Way("auto", "as the pacer chooses", "auto", None, 55.0, LOSS, 0.7, 2.1),
    Way("lookup4", "lookup, k 4", "lookup", 4, 45.0, GAIN, 0.8, 1.5),
)
ENGINE: dict[str, object] = {
    "pair": "mini", "device": "cpu", "step": "compiled, 2 threads", "target": {"dtype": "bfloat16"},
}  # fmt: skip
TIE = Difference("draft4", "a.py:3:4", "tie", Divergence(11, 5, 6, 0.01, 0.01, 0.3), "a", "b")
BUG = replace(TIE, kind="bug", first=Divergence(11, 5, 6, 3.5, 3.5, 0.3))


def found(kind: Kind, saved: Saving | None, over: Saving | None = None, best: str = "lookup4") -> SelfCheck:
    """A self-check with that verdict."""
    return SelfCheck(
        source="paceline's own source", prompts=24, tokens=64, runs=2, ways=WAYS, left_out=(),
        identity=Identity(100, ()), verdict=Verdict(kind, best, 12, saved, over), engine=ENGINE, others=0.0,
        warning=None,
    )  # fmt: skip


def verdict(check: SelfCheck, settings: Settings | None = None) -> Finding:
    """What is said of it."""
    return next(f for f in conclude(check, settings or Settings()) if f.topic == "verdict")


def test_speculation_that_pays() -> None:
    told = verdict(found("speculate", GAIN, EVEN))
    assert (told.state, told.step) == ("ok", "")
    assert "pays here: lookup, k 4 saves 5.0 ms (95 %: 2.0 to 8.0), 10% (4% to 16%)" in told.text


def test_pacer_that_is_worse_than_the_best() -> None:
    told = verdict(found("speculate", GAIN, GAIN))
    assert told.state == "remark"
    assert told.step.startswith('set drafter = "lookup" and k = 4')
    assert verdict(found("speculate", GAIN, GAIN), Settings(drafter="lookup", k=4)).step == ""


@pytest.mark.parametrize(
    ("kind", "saved", "words"),
    [("plain", LOSS, "plain decoding is faster here"), ("even", EVEN, "do not speculate here")],
)
def test_speculation_that_does_not_pay(kind: Kind, saved: Saving, words: str) -> None:
    told = verdict(found(kind, saved))
    assert words in told.text
    assert told.step == 'set drafter = "none": the pacer takes 5.0 ms more (95 %: 2.0 to 8.0)'
    assert verdict(found(kind, saved), Settings(drafter="none")).step == ""


def test_a_busy_machine_hides_what_little_there_may_be() -> None:
    check = replace(found("even", EVEN), warning="other programs used 50% of the cores meanwhile")
    told = verdict(check)
    assert (told.state, told.step) == ("remark", "")
    assert "busy" in told.text
    assert "pays here" in verdict(replace(check, verdict=found("speculate", GAIN).verdict)).text


def test_too_little_time() -> None:
    assert "--seconds" in verdict(found("unknown", None)).step


def test_differences_are_counted_and_told() -> None:
    check = replace(found("even", EVEN), identity=Identity(100, (TIE, BUG, TIE, TIE, TIE)))
    told = list(conclude(check, Settings()))
    assert [(f.topic, f.state) for f in told[:3]] == [
        ("identity", "remark"),
        ("identity", "wrong"),
        ("", "wrong"),
    ]
    assert "4 of 100" in told[0].text
    assert "bug at a.py:3:4, draft4, token 12: 'b' for 'a', gap 3.5" in told[2].text
    assert worst(told) == "wrong"


def test_steps_that_could_not_be_compiled_are_remarked() -> None:
    check = replace(found("even", EVEN), engine=ENGINE | {"step": "uncompiled: No C++ compiler is here."})
    assert next(conclude(check, Settings())).topic == "steps"
    assert next(conclude(check, Settings(compile="off"))).topic == "identity"


@given(
    st.sampled_from(ORDER), st.lists(st.text("abc -", max_size=60), max_size=9), st.text("abc ", max_size=99)
)
def test_a_finding_fits_the_screen(state: State, words: list[str], step: str) -> None:
    told = line(Finding("libraries", state, " ".join(words), step), lambda _state, text: text)
    assert told.endswith("\n")
    short = [row for row in told.splitlines() if not any(len(word) > 60 for word in row.split())]
    assert all(len(row) <= 80 for row in short)


def test_figures_fit_the_screen() -> None:
    shown = figures(found("speculate", GAIN))
    assert max(map(len, shown.splitlines())) <= 80
    assert "24 places" in shown
    assert "5.0 (2.0 to 8.0)" in shown


def test_summary_counts() -> None:
    findings = [Finding("a", "ok", ""), Finding("b", "remark", ""), Finding("c", "wrong", "")]
    assert summary(findings) == "1 wrong, 1 remark, 1 ok\n"
    assert summary(findings[:1]).startswith("nothing wrong")
