"""What things cost, in words: the speed by the number of guesses, time by part, the choice of draft."""

from collections.abc import Sequence
from functools import partial

from . import plots_of_speed, words
from .data import Candidate, Report
from .markup import Markup, join, tag
from .section import INTERVAL, Row, Section, between, interval, maybe, unused
from .speed import Point, Speed

DRAWN = 6
"""The fastest candidates that are drawn; the table has all."""


def speed(report: Report) -> Section:
    """How much faster it is, with how many guesses."""
    key, asks, found = "speed", "How much faster is it, and with how many guesses?", report.speed
    if found is None:
        says = "A short measurement writes the same text with and without guesses, in turns."
        return Section(
            key, asks, (says,), missing=report.speed_missing or "Run", run="paceline report --measure"
        )
    doubt = f"Take this with care: {found.warning}." if found.warning else ""
    return Section(
        key,
        asks,
        (_fastest(found), _served(found), doubt),
        look=_look(found),
        plot=partial(plots_of_speed.speed, found),
        heads=("Way to guess", "A token", INTERVAL, "Whole", "Right", "Per check", "Formula"),
        rows=[_row(found, point) for point in found.points],
    )


def _fastest(found: Speed) -> str:
    best = max(found.points, key=lambda point: point.tokens[1], default=None)
    if best is None or best.tokens[1] <= 1:
        return "On this machine no way to guess was faster than the large model alone."
    low, value, high = best.tokens
    sure = f"with 95 % certainty between {between(words.times(low), words.times(high))}"
    doubt = " That may still be an accident, as the range begins below 1×." if low <= 1 else ""
    return f"Fastest: {_way(best)}. Tokens then come {words.times(value)} as fast, {sure}.{doubt}"


def _served(found: Speed) -> str:
    served = found.best("auto")
    if served is None:
        return ""
    return (
        f"As paceline serves you, choosing anew each round, it was {words.times(served.tokens[1])}; that is "
        "with prompts it had never seen and having learnt nothing before."
    )


def _way(point: Point) -> str:
    if point.kind == "auto":
        return "as served"
    number = words.counted(point.k, "guess", "guesses")
    return f"{number} looked up in the file" if point.kind == "lookup" else f"{number} by the small model"


def _look(found: Speed) -> Markup:
    """Where and how it was measured, and the formula."""
    where = (
        f"Measured on {words.day(found.at)} ({found.machine}): {found.prompts} prompts, {found.tokens} "
        "tokens each, all ways in turns. The dotted line is the large model alone, "
        f"{words.span(found.plain)} a token; what lies above it saves time. The thin lines are 95 % "
        "intervals."
    )
    if not found.costs or found.acceptance is None:
        return join((words.bound(where),))
    tokens = tag("span", "τ = (1 − α", tag("sup", "k+1"), ") / (1 − α)", class_="formula")
    time = tag("span", "k·c + v(k)", class_="formula")
    alpha = tag("span", f"α = {words.percent(found.acceptance)}", class_="formula")
    return join(
        (
            words.bound(where)
            + " The dashed line is what theory expects: if each of k guesses is right with ",
            *(alpha, ", a check brings ", tokens, " tokens; that is divided by ", time),
            ", the time of k guesses and of their check, measured here. Each further guess is less likely to "
            "count, and takes as long. Theory leaves out the work around the models, which weighs most on "
            "small ones.",
        )
    )


def _row(found: Speed, point: Point) -> Row:
    formula = {cost.k: cost.predicted for cost in found.costs} if point.kind == "draft" else {}
    low, value, high = point.tokens
    return (
        _way(point),
        words.times(value),
        interval(words.times(low), words.times(high)),
        words.times(point.whole[1]),
        maybe(point.acceptance, words.percent),
        maybe(point.per_pass, words.few),
        maybe(formula.get(point.k), words.times),
    )


def parts(report: Report) -> Section:
    """Where the time of a completion goes."""
    key, asks, found = "parts", "Where does the time go?", report.parts
    if found is None:
        return unused(report, key, asks, "Reading the prompt, guessing, checking, and the rest.")
    sizes, names = plots_of_speed.sizes(found), [name for _, name in plots_of_speed.PARTS]
    whole = sum(sizes) or 1.0
    most = sizes.index(max(sizes))
    rounds = (None, found.draft, found.verify, found.host)
    return Section(
        key,
        asks,
        (
            f"{words.percent(sizes[most] / whole)} of a completion's time goes to {names[most]}.",
            f"A completion takes {words.few(found.rounds)} rounds on average; each guesses, then checks.",
        ),
        look=(
            "Above, an average completion: the prompt is read once, together with the first check, then come "
            "the other rounds. Below, one of these alone. Guessing pays while it stays small beside checking."
        ),
        plot=partial(plots_of_speed.parts, found),
        heads=("Part", "A completion", "Share", "A round"),
        rows=[
            (name, words.span(size), words.percent(size / whole), maybe(each, words.span))
            for name, size, each in zip(names, sizes, rounds, strict=True)
        ],
    )


def drafts(report: Report) -> Section:
    """Which way to guess is the fastest on the person's own code."""
    key, asks, found = "drafts", "Is there a better way to guess?", report.drafts
    due = report.live.evaluation if report.live is not None and report.live.evaluation else ""
    if found is None:
        says = (
            "Ways to guess are tried at places of your own code, and ranked by the time they take in the end."
        )
        return Section(key, asks, (says, _sentence(due)), missing="Run", run="paceline draft evaluate")
    where = f"Tried at {words.counted(found.places, 'place')} of {found.folder} on {words.day(found.at)}."
    shown = _shown(found.candidates)
    left = len(found.candidates) - len(shown)
    more = f" The table has {words.count(left)} more." if left else ""
    return Section(
        key,
        asks,
        (*found.words, where, _sentence(due)),
        look=(
            "Longer is better: how many times as fast as the large model alone (the dotted line) whole "
            "completions came, their prompts included. The thin lines are 95 % intervals: a way whose line "
            f"crosses the dotted one may be no faster.{more}"
        ),
        plot=partial(plots_of_speed.drafts, shown),
        heads=("Way to guess", "Speed", INTERVAL, "A character", "Formula", "Right"),
        rows=[
            (
                one.name,
                words.times(one.speed_up),
                interval(words.times(one.low), words.times(one.high)),
                words.span(one.ms),
                maybe(one.predicted, words.times),
                maybe(one.acceptance, words.percent),
            )
            for one in found.candidates
        ],
    )


def _sentence(remark: str) -> str:
    """A remark of the daemon with a capital and a full stop."""
    return f"{remark[:1].upper()}{remark[1:]}." if remark else ""


def _shown(found: Sequence[Candidate]) -> list[Candidate]:
    """The fastest ways, and those that are advised, set or plain wherever they stand."""
    return [one for place, one in enumerate(found) if place < DRAWN or one.chosen or one.usual or one.plain]
