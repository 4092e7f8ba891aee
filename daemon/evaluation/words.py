"""A verdict in words: what is fastest here, how drafts rank, why, and what to set. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..bench.table import ratio
from .outcomes import orders
from .ranking import differ
from .verdict import Outcome

DEAR_VERIFY = 1.5
"""Plain steps that a verify of drafted tokens may take before they are said not to be free."""
MARGIN = 0.02
"""What is behind the fastest by surely no more than this part counts as being as fast."""
SIMPLEST = ("plain", "lookup", "pacer", "draft")
"""Of what is as fast, the kind that is advised: the first, unless the settings ask for another one."""
Setting = str | int | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from outcomes; see ``verdict.Verdict``."""

    usual: str
    advised: str
    advice: dict[str, Setting]
    measured: tuple[str, ...]
    predicted: tuple[str, ...]
    words: list[str]


def judge(found: Sequence[Outcome], usual: str, current: Mapping[str, Setting]) -> Judgement:
    """``found`` is fastest first and has plain; ``current`` are the settings that advice may change."""
    measured, predicted = orders(found)
    best = choice(found, usual)
    settings = {} if best.name == usual else settings_of(best, current)
    words = [_fastest(found), *_drafts(found, measured, predicted), *_why(found)]
    words.append(_change(best, settings, fastest=best is found[0]))
    return Judgement(usual, best.name, settings, measured, predicted, words)


def choice(found: Sequence[Outcome], usual: str) -> Outcome:
    """What to use: of all that is as fast as the first of ``found``, the ``usual`` or else the simplest.

    The fastest of many owes some of its place to luck, so that little is not worth a change.
    """
    near = [one for one in found if one.behind.low <= 1.0 + MARGIN]
    return min(near, key=lambda one: (one.name != usual, SIMPLEST.index(one.kind), one.memory))


def settings_of(best: Outcome, current: Mapping[str, Setting]) -> dict[str, Setting]:
    """The settings that make ``best`` the usual way, but those that are so already; None: take it out."""
    wanted: dict[str, Setting] = {"drafter": {"plain": "none", "pacer": "auto"}.get(best.kind, best.kind)}
    if best.kind == "pacer" and best.draft is None:
        wanted["draft"] = "none"
    if best.directory is not None and best.precision is not None:
        wanted |= {"draft": best.directory, "draft_dtype": best.precision}
    if best.k is not None:
        wanted["k"] = best.k
    elif current.get("k") is not None and best.kind == "pacer":
        wanted["k"] = None
    return {key: value for key, value in wanted.items() if current.get(key) != value}


def _fastest(found: Sequence[Outcome]) -> str:
    best = found[0]
    if best.kind != "plain":
        gain = f"{ratio(best.faster)} times as fast as plain decoding"
        doubt = "" if differ(best.faster) else ", which is within the error"
        return f"Fastest here: {best.name}, {best.ms.value:.3f} ms a character, {gain}{doubt}."
    words = f"Plain decoding is faster here than any drafter: {best.ms.value:.3f} ms a character"
    if len(found) == 1:
        return f"{words}."
    return f"{words}. Next comes {found[1].name}, {ratio(found[1].faster)} times as fast."


def _drafts(found: Sequence[Outcome], measured: Sequence[str], predicted: Sequence[str]) -> list[str]:
    """How the drafts rank, by the clock and by the formula."""
    best = next((one for one in found if one.kind == "draft"), None)
    if best is None:
        return []
    words = []
    if best.faster.high < 1.0:
        words.append(
            f"No draft pays here: the best, {best.name}, is {ratio(best.faster)} times as fast as plain."
        )
    if len(measured) > 1:
        order = f"Drafts by measured time, best first: {', '.join(measured)}"
        same = tuple(measured) == tuple(predicted)
        words.append(f"{order}; the formula says {'the same' if same else ', '.join(predicted)}.")
    return words


def _why(found: Sequence[Outcome]) -> list[str]:
    """What speaks against drafting on this machine, if something does."""
    best = next((one for one in found if one.kind == "draft"), None)
    if best is None or best.promise is None or best.promise.verify <= DEAR_VERIFY:
        return []
    tokens = "1 drafted token" if best.k == 1 else f"{best.k} drafted tokens"
    return [
        f"A pass that checks {tokens} takes {best.promise.verify:.1f} plain steps on this device, and a "
        f"draft step {best.promise.draft_step:.2f}: only what is accepted often enough pays for that."
    ]


def _change(best: Outcome, settings: Mapping[str, Setting], *, fastest: bool) -> str:
    """What to do, in a sentence."""
    near = "" if fastest else f"{best.name} is as fast, as far as can be told"
    if not settings:
        return f"Leave the settings as they are: {near or f'they ask for {best.name}'}."
    lines = ", ".join(
        f"no {key}" if value is None else f"{key} = {_toml(value)}" for key, value in settings.items()
    )
    return f"{near + '; to' if near else 'To'} have it always, set  {lines}  in the settings file."


def _toml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
