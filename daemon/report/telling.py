"""What completions tell: guesses, savings, first text, memory, and what editors made of it, in words."""

from functools import partial

from . import plots, words
from .data import EDGES, Report
from .section import INTERVAL, Section, between, interval, unused

LISTED = 10
"""Rows of a table over time, about."""


def guesses(report: Report) -> Section:
    """How often a guess is right, by its place in the round."""
    key, asks, told = "guesses", "How often is a guess right?", report.guessing
    if told is None:
        return unused(
            report,
            key,
            asks,
            "Each guess is checked by the large model. Here is to stand how many were right.",
        )
    if not told.positions or not told.tested:
        says = (
            f"In {words.counted(report.completions, 'completion')} nothing was guessed: paceline guesses "
            "only where that is likely to save time.",
        )
        missing = "To see how the small model would do here, run"
        return Section(key, asks, says, missing=missing, run="paceline report --measure")
    first = told.positions[0].share.value
    return Section(
        key,
        asks,
        (
            f"Of {words.counted(told.tested, 'guess', 'guesses')} that the large model came to judge, "
            f"{words.percent(told.accepted / told.tested)} were right.",
            f"The first guess of a round is right in {words.percent(first)} of cases.",
        ),
        look=(
            "Each bar is a place in the row of guesses. A guess is judged only if all before it were right, "
            "so each bar stands for itself. The thin lines show where the true share lies with 95 % "
            "certainty. Bars that stay high towards the right mean that longer rows of guesses pay."
        ),
        plot=partial(plots.positions, told.positions),
        heads=("Guess", "Judged", "Right", "Share", INTERVAL),
        rows=[
            (
                words.ordinal(place),
                words.count(one.tested),
                words.count(one.accepted),
                words.percent(one.share.value),
                interval(words.percent(one.share.low), words.percent(one.share.high)),
            )
            for place, one in enumerate(told.positions, 1)
        ],
    )


def savings(report: Report) -> Section:
    """What was saved over time."""
    key, asks = "savings", "What has it saved so far?"
    would = "The time the large model alone would have taken for the same text, less the time it really took."
    if not report.completions:
        return unused(report, key, asks, would)
    if not report.savings:
        missing = (
            "Too few plain steps were timed so far to say. It comes by itself with more completions, such as"
        )
        return Section(key, asks, (would,), missing=missing, run="paceline complete FILE:LINE")
    end = report.savings[-1]
    every = -(-len(report.savings) // LISTED)
    return Section(
        key,
        asks,
        (
            f"{words.span(abs(end.ms))} {'saved' if end.ms >= 0 else 'lost'} over "
            f"{words.counted(end.completions, 'completion')}, with 95 % certainty between "
            f"{between(words.span(end.low), words.span(end.high))}.",
            "Now and then paceline times a plain step, to know what the large model alone would have taken.",
        ),
        look=(
            "The line adds up what every completion saved; it falls where guessing cost time. The shaded "
            "band is the 95 % interval: where all of it lies above zero, the saving is no accident."
        ),
        plot=partial(plots.savings, report.savings),
        heads=("When", "Completions", "Saved", INTERVAL),
        rows=[
            (
                f"{words.short_day(one.at)}, {words.clock(one.at)}",
                words.count(one.completions),
                words.span(one.ms),
                interval(words.span(one.low), words.span(one.high)),
            )
            for one in report.savings[::-1][::every][::-1]
        ],
    )


def first_text(report: Report) -> Section:
    """How long it takes until something shows."""
    key, asks, found = "first", "How soon do you see something?", report.first
    if found is None:
        return unused(report, key, asks, "The time from asking to the first text.")
    sums = [sum(found.bins[: index + 1]) for index in range(len(found.bins))]
    return Section(
        key,
        asks,
        (
            f"Half of {words.counted(found.count, 'completion')} began to show within "
            f"{words.span(found.p50)}, 95 % of them within {words.span(found.p95)}.",
            "People begin to notice a wait at about a tenth of a second.",
        ),
        look=(
            "Each bar counts completions by the time until their first text, waiting in line included. The "
            "scale is stretched: from one bar to the next the time grows by about half. The further left, "
            "the better."
        ),
        plot=partial(plots.first_text, found),
        heads=("Time", "Completions", "Up to there"),
        rows=[
            (
                _stretch(*found.edges[at : at + 2]),
                words.count(number),
                words.percent(sums[at] / found.count),
            )
            for at, number in enumerate(found.bins)
        ],
    )


def _stretch(begin: float, end: float) -> str:
    """The times that are counted between two edges; those at both ends have what lies beyond them too."""
    if begin == EDGES[0]:
        return f"up to {words.span(end)}"
    return f"over {words.span(begin)}" if end == EDGES[-1] else interval(words.span(begin), words.span(end))


def memory(report: Report) -> Section:
    """How much of prompts was remembered."""
    key, asks, found = "memory", "How much is remembered between keystrokes?", report.reuse
    if found is None:
        return unused(report, key, asks, "What a prompt shares with an earlier one is not read again.")
    part = 1 / len(found.bins)
    return Section(
        key,
        asks,
        (
            f"{words.percent(found.share)} of all prompt tokens were remembered from an earlier request. "
            f"Only the other {words.percent(1 - found.share)} had to be read.",
        ),
        look=(
            "Reading the prompt comes before everything else, so what is remembered is time you do not wait. "
            "Bars to the right are completions whose prompt was nearly all known, as when typing along; "
            "those on the left are new files, or jumps within one."
        ),
        plot=partial(plots.reuse, found),
        heads=("Remembered", "Completions"),
        rows=[
            (f"{at * part:.0%} to {(at + 1) * part:.0%}", words.count(number))
            for at, number in enumerate(found.bins)
        ],
    )


def editors(report: Report) -> Section | None:
    """What became of suggestions in editors; None where no editor told anything."""
    told = report.editors
    if told is None or not told.shown:
        return None
    taken = min(told.taken, told.shown)
    says = [
        f"You took {words.percent(taken / told.shown)} of {words.counted(told.shown, 'suggestion')} that "
        "were shown."
    ]
    rows = [("shown", words.count(told.shown)), ("taken, wholly or in part", words.count(told.taken))]
    rows += [("dismissed", words.count(told.dismissed)), ("characters taken", words.count(told.characters))]
    if told.followed:
        still = words.percent(told.retained / told.followed)
        says.append(f"Of the characters you took, {still} were still there half a minute later.")
        rows.append(("of them still there after 30 s", still))
    return Section(
        "editors",
        "What became of the suggestions?",
        says,
        look="Above, suggestions that were shown; below, characters taken, watched for half a minute.",
        plot=partial(plots.taken, told),
        heads=("", "Number"),
        rows=rows,
    )
