"""What the self-check found, as findings: identity, the verdict, and how far it can be trusted. No torch."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..settings import Settings
from .finding import Finding, ok, remark, wrong

if TYPE_CHECKING:
    from .identity import Difference, Identity
    from .saving import Saving
    from .selfcheck import SelfCheck
    from .verdict import Way

SHOWN = 3
"""Differences told one by one; JSON has all."""
MINUS = "\N{MINUS SIGN}"
REPORT = "report it with these lines"


def conclude(found: "SelfCheck", settings: Settings) -> Iterator[Finding]:
    """Findings in the order they are told; ``settings`` are those in effect."""
    step = str(found.engine["step"])
    if settings.compile == "auto" and step.startswith("uncompiled:"):
        yield remark("steps", step)
    yield from _identity(found.identity)
    yield _verdict(found, settings)
    if found.warning is not None:
        yield remark("quiet", found.warning)
    if found.left_out:
        yield remark("time", f"not measured: {', '.join(found.left_out)}", "give more --seconds")


def _identity(found: "Identity") -> Iterator[Finding]:
    bugs, ties = found.count("bug"), found.count("tie")
    if not bugs and not ties:
        yield ok("identity", f"all {found.outputs} outputs are plain decoding's, token for token")
    if ties:
        text = f"{ties} of {found.outputs} outputs: plain decoding's but for a tie in low precision"
        yield remark("identity", text, "compiled steps, or --dtype f32, have none")
    if bugs:
        text = f"{bugs} of {found.outputs} outputs: not plain decoding's, and it is no tie"
        yield wrong("identity", text, REPORT)
    for difference in sorted(found.differences, key=lambda difference: difference.kind)[:SHOWN]:
        yield _difference(difference)


def _difference(found: "Difference") -> Finding:
    first = found.first
    text = (
        f"{found.kind} at {found.place}, {found.way}, token {first.at + 1}: {found.other!r} for "
        f"{found.plain!r}, gap {first.gap:.4g}, rounding {first.noise:.2g}"
    )
    return wrong("", text) if found.kind == "bug" else remark("", text)


def _verdict(found: "SelfCheck", settings: Settings) -> Finding:
    verdict = found.verdict
    ways = {way.name: way for way in found.ways}
    best = ways[verdict.best]
    if verdict.saved is None:
        return remark("verdict", "there was no time for enough prompts to tell", "give more --seconds")
    figures = f"{best.label} saves {amount(verdict.saved)}"
    if verdict.kind == "speculate":
        return _told(f"speculation pays here: {figures}", _better(found, best, settings))
    if verdict.kind == "even" and found.warning is not None:
        return remark("verdict", f"not to be told on a busy machine. At best, {figures}")
    if verdict.kind == "even":
        text = f"do not speculate here: no gain shows. At best, {figures}"
    else:
        text = f"plain decoding is faster here. At best, {figures}"
    return _told(text, _plainer(ways.get("auto"), settings))


def _told(text: str, step: str) -> Finding:
    return remark("verdict", text, step) if step else ok("verdict", text)


def _better(found: "SelfCheck", best: "Way", settings: Settings) -> str:
    """What to set where the pacer is measurably worse than the best."""
    over = found.verdict.over_served
    if over is None or not over.gains or (settings.drafter, settings.k) == (best.drafter, best.k):
        return ""
    return f'set drafter = "{best.drafter}" and k = {best.k}: {amount(over)} less than the pacer takes'


def _plainer(served: "Way | None", settings: Settings) -> str:
    """What to set where speculation as it is set costs time."""
    if settings.drafter == "none" or served is None or served.saved is None or not served.saved.loses:
        return ""
    ms = served.saved.ms
    cost = f"{-ms.value:.1f} ms more (95 %: {-ms.high:.1f} to {-ms.low:.1f})"
    return f'set drafter = "none": the pacer takes {cost}'


def amount(saved: "Saving") -> str:
    """Milliseconds and percent, each with its 95 % interval."""
    ms, part = saved.ms, saved.part
    text = (
        f"{ms.value:.1f} ms (95 %: {ms.low:.1f} to {ms.high:.1f}), "
        f"{part.value:.0%} ({part.low:.0%} to {part.high:.0%})"
    )
    return text.replace("-", MINUS)
