"""A finding: one line of what was looked at, how it stands, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "remark", "wrong"]
ORDER: tuple[State, ...] = ("ok", "remark", "wrong")


@dataclass(frozen=True, slots=True)
class Finding:
    """``topic`` is one word, ``text`` how it stands, ``step`` what to do if the text does not say."""

    topic: str
    state: State
    text: str
    step: str = ""


def ok(topic: str, text: str) -> Finding:
    """All is well."""
    return Finding(topic, "ok", text)


def remark(topic: str, text: str, step: str = "") -> Finding:
    """It works, and could be better."""
    return Finding(topic, "remark", text, step)


def wrong(topic: str, text: str, step: str = "") -> Finding:
    """It keeps paceline, or a part of it, from working."""
    return Finding(topic, "wrong", text, step)


def worst(findings: Iterable[Finding]) -> State:
    """The worst state among ``findings``; ok without any."""
    return max((finding.state for finding in findings), key=ORDER.index, default="ok")


def counted(count: int, what: str) -> str:
    """A number of things, in words."""
    return f"{count} {what}" + ("" if count == 1 else "s")
