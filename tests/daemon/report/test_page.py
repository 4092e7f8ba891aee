"""The page: well-formed, nothing from outside, names escaped, words by the figures, readable colours."""

import html
from dataclasses import replace

import pytest

from ....daemon.report import data
from ....daemon.report.page import headline, page
from ....daemon.report.style import DARK, LIGHT, MARKS, TEXTS
from .html_check import Page, outside
from .samples import DRAFTS, NASTY, NOW, SPEED, completion, full, nasty, of, week

COMMANDS = ("paceline complete FILE:LINE", "paceline report --measure", "paceline draft evaluate")


@pytest.mark.parametrize(
    "report", [full(), of([]), nasty(), of([completion()])], ids=["full", "empty", "nasty", "one"]
)
def test_the_page_is_well_formed_and_loads_nothing(report: data.Report) -> None:
    text = page(report)
    found = Page(text)
    assert found.faults == []
    assert outside(found) == []
    assert "script" not in found.names
    assert "default-src 'none'" in html.unescape(text)
    assert text.startswith("<!doctype html>")


def test_names_are_escaped() -> None:
    text = page(nasty())
    assert "<script" not in text
    assert NASTY in Page(text).words
    assert Page(text).words.count(NASTY) >= 6


def test_every_plot_has_a_title_a_description_and_a_table() -> None:
    found = Page(page(full()))
    plots = [drawing[0][1] for drawing in found.svgs]
    assert len(plots) == 2 * 8 + 1
    assert all(plot["role"] == "img" and plot["aria-labelledby"] for plot in plots)
    assert found.names.count("table") == found.names.count("details") == 8


def test_what_is_missing_says_what_to_run() -> None:
    found = Page(page(of([])))
    assert found.names.count("svg") == 1  # the example
    assert found.words.count("Not measured yet") == 7
    assert all(command in found.words for command in COMMANDS)
    assert "Nothing has been measured yet." in found.words


def test_a_history_that_is_switched_off_is_named() -> None:
    assert "set history = true" in Page(page(of([], history=False))).words


def test_the_reason_for_a_missing_measurement_is_told() -> None:
    words = Page(page(of([], speed_missing="There is no room for the models. Later run"))).words
    assert "There is no room for the models. Later run paceline report --measure" in words


def test_completions_without_guesses_say_so() -> None:
    words = Page(page(of([completion(drafted=0, tested=0, accepted=0, positions=())]))).words
    assert "In 1 completion nothing was guessed" in words
    assert "Guesses right – not measured yet" in words


def saved(low: float, high: float) -> data.Report:
    """A report of one point of savings."""
    return of([completion()], savings=(data.Saved(NOW, 1, (low + high) / 2, low, high),))


def test_the_headline_claims_no_more_than_was_measured() -> None:
    said = [
        headline(saved(low, high)).replace("\u00a0", " ")
        for low, high in ((1e3, 3e3), (-3e3, -1e3), (-1e3, 3e3))
    ]
    assert said == [
        "Guessing ahead has saved you 2 s of waiting so far.",
        "Guessing ahead costs time here: 2 s so far.",
        "So far, guessing ahead neither saves nor costs time for certain.",
    ]
    assert "1.47× as fast" in headline(of([], speed=SPEED))
    doubtful = replace(SPEED.points[0], tokens=(0.9, 1.2, 1.5))
    assert "not surely faster" in headline(of([], speed=replace(SPEED, points=(doubtful,))))


def test_the_words_have_the_persons_own_figures() -> None:
    report = full()
    words = Page(page(report)).words
    assert report.guessing is not None
    assert "Of 600 guesses that the large model came to judge, 67 % were right." in words
    assert "each gave 2 tokens instead of 1" in words
    assert "Fastest: 1 guess by the small model. Tokens then come 1.47× as fast" in words
    assert "You took 35 % of 40 suggestions that were shown." in words
    assert all(line in words for line in DRAFTS.words)
    assert "3 completions of other models or precisions are left out." in words
    assert "1 line of the history could not be read" in words


def test_losing_and_uncompiled_are_said_aloud() -> None:
    live = data.Live("ready", 5.0, "uncompiled: there is no compiler", "slow draft")
    words = Page(page(of(week(), live=live))).words
    assert "the small model is not much quicker than the large one" in words
    assert "without compiled steps" in words


def test_long_words_of_measurements_keep_their_warning() -> None:
    words = Page(page(of([], speed=replace(SPEED, warning="other programs used 67% of the cores")))).words
    assert "Take this with care: other programs used 67% of the cores." in words


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_from_their_ground(colours: dict[str, str]) -> None:
    for ground in ("page", "card"):
        for name in TEXTS:
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    assert contrast(colours["ink"], colours["wash"]) >= 4.5
    for name in (*MARKS, "axis"):
        assert contrast(colours[name], colours["card"]) >= 3.0, name


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
