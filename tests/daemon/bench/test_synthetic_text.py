"""The report on a shape for a person: every step where its head says, within 120 columns."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ....daemon.bench.statistics import Spread
from ....daemon.bench.steps import Step, Steps
from ....daemon.bench.synthetic import SyntheticReport, SyntheticSection
from ....daemon.bench.synthetic_text import text
from .samples import HARDWARE, MODEL
from .test_table import DRAFT, PLAIN


def step(width: int, ms: float, ratio: float) -> Step:
    """A step that reads ten gigabytes a second."""
    return Step(width, Spread(ms, ms, ms), ratio, 10e9)


STEPS = Steps((step(1, 2.0, 1.0), step(5, 3.0, 1.5)), (step(4, 1.0, 0.125),))
REPORT = SyntheticReport(
    paceline="0.1.0",
    shape="llama-38m",
    target=MODEL,
    draft=MODEL,
    step="compiled",
    hardware=HARDWARE,
    others=None,
    warning=None,
    acceptance=0.8,
    prompt_tokens=512,
    copy_bandwidth=20e9,
    steps=STEPS,
    lengths=(SyntheticSection(16, "plain", (PLAIN, DRAFT), {"k4": 1.6785}),),
    method="As it is done.",
)


def columns(line: str) -> list[str]:
    """Its cells."""
    return line.split()


def test_a_pass_of_the_draft_is_one_of_its_steps_and_a_verify_a_whole_call() -> None:
    lines = text(REPORT).splitlines()
    at = next(place for place, line in enumerate(lines) if line.lstrip().startswith("verify"))
    assert columns(lines[at + 2]) == ["5", "3.000", "3.000", "1.500", "10.0", "50%"]
    assert columns(lines[at + 4]) == ["4", "1.000", "0.250", "0.125", "10.0", "50%"]


def test_what_was_predicted_stands_in_the_row_it_is_about() -> None:
    lines = text(REPORT).splitlines()
    (head,) = [line for line in lines if line.endswith("predicted ×")]
    rows = lines[lines.index(head) + 2 :]
    assert rows[0].startswith("plain") and rows[0].endswith("–")
    assert rows[1].startswith("draft model, k 4") and rows[1].endswith("1.68")


def test_on_a_card_the_card_is_named_and_not_the_processor() -> None:
    told = text(replace(REPORT, hardware=HARDWARE | {"gpu": "a card"}))
    assert "a card, 2 cores" in told and "EPYC" not in told


def test_a_warning_comes_last() -> None:
    told = text(replace(REPORT, warning="the machine was busy"))
    assert told.endswith("As it is done.\nwarning: the machine was busy\n")


@given(st.floats(1e-4, 99_999.0), st.floats(1e-3, 999.0), st.floats(0.0, 1.0))
def test_steps_of_any_speed_keep_to_their_columns(ms: float, ratio: float, acceptance: float) -> None:
    steps = Steps((step(1, ms, 1.0), step(33, ms, ratio)), (step(32, ms, ratio),))
    told = text(replace(REPORT, steps=steps, acceptance=acceptance)).splitlines()
    at = next(place for place, line in enumerate(told) if line.lstrip().startswith("verify"))
    assert {len(line) for line in told[at : at + 5]} == {len(told[at])}
    assert max(map(len, told)) <= 120
