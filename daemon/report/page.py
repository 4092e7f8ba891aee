"""The page: a headline, four figures, what this is about, the sections, and where it all comes from."""

from . import costs, plots_of_speed, telling, words
from .data import Report
from .figure import NARROW
from .markup import Markup, tag
from .section import card
from .style import sheet

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
SECTIONS = (
    *(telling.guesses, costs.speed, telling.savings, telling.first_text),
    *(costs.parts, telling.memory, costs.drafts, telling.editors),
)
REASONS = {
    "busy device": "other programs keep this machine busy",
    "short answers": "completions are so short that guesses hardly have time to pay",
    "slow draft": "the small model is not much quicker than the large one",
    "pair mismatch": "too few of the small model's guesses are right",
    "overhead": "the work around the models takes longer than they save",
}


def page(report: Report) -> str:
    """The whole document. It loads nothing from anywhere, and its policy forbids that too."""
    title = "paceline report" + (f": {report.engine}" if report.engine else "")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", title),
        tag("style", Markup(sheet())),
    )
    body = tag("body", tag("div", _top(report), _main(report), _footer(report), class_="sheet"))
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _top(report: Report) -> Markup:
    brand = tag("span", "pace", tag("i", "line"), class_="brand")
    return tag(
        "header",
        brand,
        tag("span", words.engine(report.engine) or "no model yet"),
        tag("span", words.day(report.made)),
        class_="top",
    )


def _main(report: Report) -> Markup:
    cards = [card(section) for make in SECTIONS if (section := make(report)) is not None]
    return tag(
        "main",
        tag("h1", headline(report)),
        tag("p", words.bound(_lead(report)), class_="lead"),
        _tiles(report),
        *_notes(report),
        _intro(report),
        *cards,
    )


def headline(report: Report) -> str:
    """The page in one sentence, never more than what was measured allows."""
    if report.savings:
        end = report.savings[-1]
        if end.low > 0:
            return f"Guessing ahead has saved you {words.span(end.ms)} of waiting so far."
        if end.high < 0:
            return f"Guessing ahead costs time here: {words.span(-end.ms)} so far."
        return "So far, guessing ahead neither saves nor costs time for certain."
    best = report.speed.best("draft") or report.speed.best("lookup") if report.speed else None
    if best is not None and best.tokens[0] > 1:
        return f"Guessing ahead makes this machine write {words.times(best.tokens[1])} as fast."
    if best is not None:
        return "On this machine, guessing ahead is not surely faster."
    return "Nothing has been measured yet."


def _lead(report: Report) -> str:
    if not report.completions or report.since is None or report.until is None:
        return "No completion has been kept yet. Use paceline for a while, then look here again."
    period = words.since(report.since, report.until)
    told = f"{words.counted(report.completions, 'completion')} {period}."
    if report.savings:
        end = report.savings[-1]
        told += (
            f" Compared with the large model alone, the difference lies with 95 % certainty between "
            f"{words.span(end.low)} and {words.span(end.high)}. The text is the same either way."
        )
    return told


def _tiles(report: Report) -> Markup:
    first, told, kept = report.first, report.guessing, report.reuse
    alpha = told.alpha if told else None
    tiles = (
        ("First text", words.span(first.p50) if first else None, "after asking, in half of all cases"),
        (
            "Guesses right",
            None if alpha is None else words.percent(alpha),
            "of those the large model came to judge",
        ),
        ("Tokens a check", words.few(told.tau) if told else None, "the large model alone writes 1"),
        ("Remembered", words.percent(kept.share) if kept else None, "of the prompt, so it is not read again"),
    )
    return tag("ul", *(_tile(*tile) for tile in tiles), class_="tiles")


def _tile(name: str, value: str | None, means: str) -> Markup:
    figure = tag("b", "–" if value is None else value, class_="none" if value is None else None)
    return tag(
        "li",
        tag("span", name, class_="name"),
        figure,
        tag("span", "not measured yet" if value is None else means, class_="means"),
    )


def _notes(report: Report) -> list[Markup]:
    notes = []
    if report.live is not None and report.live.loss:
        reason = REASONS.get(report.live.loss, report.live.loss)
        notes.append(f"Over the last completions guessing has cost time. The likely reason: {reason}.")
    if report.live is not None and report.live.steps.startswith("uncompiled"):
        notes.append(
            "The models run without compiled steps, several times slower than they could; paceline status "
            "says why."
        )
    return [tag("p", note, class_="note") for note in notes]


def _intro(report: Report) -> Markup:
    told = report.guessing
    lines = [
        "A language model writes code in tokens: words, or pieces of words. A large model writes good ones, "
        "but for each it has to go through all of its weights, and that takes time.",
        "So paceline guesses a few tokens ahead, with a small, quick model or by looking up how the same "
        "words went on before, and the large model checks all guesses at once. Those that are what it would "
        "have written are kept; in place of the first that is not comes its own. What you get is what the "
        "large model alone would have written, sooner.",
    ]
    if told is not None and told.positions:
        rounds = told.positions[0].tested
        lines.append(
            f"In your {words.counted(report.completions, 'completion')} a row of guesses had "
            f"{words.few(told.drafted / rounds)} tokens on average, of which "
            f"{words.few(told.accepted / rounds)} were right. Counting every check, those without guesses "
            f"too, each gave {words.few(told.tau)} tokens instead of 1."
        )
    heading = tag("h2", "What this is about")
    side = tag("div", heading, *(tag("p", words.bound(line)) for line in lines), class_="words")
    drawn = tag(
        "figure",
        plots_of_speed.example(NARROW + 60),
        tag("figcaption", "An example: three guesses right, so one check gives four tokens."),
    )
    return tag("section", side, drawn, class_="card intro", id="about")


def _footer(report: Report) -> Markup:
    lines = [
        f"Made by paceline {report.version}, {words.day(report.made)}, {words.clock(report.made)}, on this "
        "machine, from counts and times of completions; no text of yours is kept or shown, and nothing is "
        "sent anywhere. The setting history = false keeps nothing from then on.",
    ]
    if report.others:
        lines.append(
            f"{words.counted(report.others, 'completion')} of other models or precisions are left out."
        )
    if report.damaged:
        lines.append(
            f"{words.counted(report.damaged, 'line')} of the history could not be read and are left out."
        )
    paragraphs = [tag("p", words.bound(line)) for line in lines]
    same = tag("p", "The same figures for programs: ", tag("code", "paceline report --json"))
    return tag("footer", *paragraphs, same)
