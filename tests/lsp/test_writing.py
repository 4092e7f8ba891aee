"""Running requests: who waits for one gets an answer, whatever becomes of it."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from ...daemon.protocol import Done, Times
from ...lsp.ghost import Anchor, Ghost
from ...lsp.text import ENCODINGS, Text
from ...lsp.writing import Writing, Writings, whole_lines

TEXT = Text.of("ps", ENCODINGS["utf-16"])
DONE = Done("one\ntwo", "end", 0, 0, 0, 1, 1, 0, 1, Times(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))


def writing(ahead: str = "") -> Writing:
    """One for the place between "p" and "s"."""
    return Writing(Ghost("p" + ahead, "s"), Anchor(TEXT, 0, 1, "p", "s"), ahead)


async def quick(on_text: Callable[[str], None]) -> Done | None:
    """Write at once."""
    on_text("one\n")
    await asyncio.sleep(0)
    on_text("two")
    return DONE


async def stuck(on_text: Callable[[str], None]) -> Done | None:
    """Write a line and no more."""
    on_text("one\ntw")
    await asyncio.sleep(3600)
    return DONE


async def failing(_: Callable[[str], None]) -> Done | None:
    """Fail."""
    await asyncio.sleep(0)
    raise ValueError


def complete(writing: Writing, done: Done | None) -> None:
    """Take the completion as it is."""
    writing.ghost.complete = done is not None


def spoilt(writing: Writing, _: Done | None) -> None:
    """Fail to take it."""
    raise ValueError


@pytest.mark.parametrize(
    ("ask", "at_end", "wanted", "faults"),
    [(quick, complete, "one\ntwo", 0), (failing, complete, None, 1), (quick, spoilt, None, 1)],
)
def test_a_wait_ends_with_the_writing(ask: Any, at_end: Any, wanted: str | None, faults: int) -> None:
    async def run() -> list[Any]:
        noted: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: noted.append(context))
        one = writing()
        one.start(ask, at_end)
        assert await one.rest("p", "s", math.inf) == wanted
        return noted

    assert len(asyncio.run(run())) == faults


def test_a_cancelled_one_gives_nothing_and_whole_lines_come_when_patience_is_over() -> None:
    async def run() -> None:
        one = writing()
        one.start(stuck, complete)
        assert await one.rest("p", "s", 0.0) == "one"
        one.cancel()
        assert await one.rest("p", "s", math.inf) is None

    asyncio.run(run())


def test_a_place_it_turns_out_not_to_reach_waits_no_longer() -> None:
    async def run() -> None:
        one = writing()
        one.start(stuck, complete)
        assert await one.rest("ponx", "s", math.inf) is None
        assert await one.rest("p", "t", math.inf) is None
        one.cancel()

    asyncio.run(run())


def test_of_each_document_one_is_written_and_one_ahead() -> None:
    async def run() -> None:
        writings = Writings()
        first, second, ahead, other = writing(), writing(), writing("more"), writing()
        for uri, one in (("a", first), ("a", ahead), ("b", other), ("a", second)):
            writings.start(uri, one, stuck, complete)
            await asyncio.sleep(0)
        assert list(writings) == [second, ahead, other]
        assert await first.rest("p", "s", math.inf) is None
        assert writings.fitting("a", "p", "s") is second
        assert writings.fitting("a", "pmore", "s") is ahead
        writings.moved("a", "", "s")
        writings.changed("b", TEXT.replace(0, 1, ""))
        await asyncio.sleep(0.01)
        assert list(writings) == [ahead]
        writings.end("a")
        await asyncio.sleep(0.01)
        assert list(writings) == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "lines"), [("", ""), ("a", ""), ("a\n", "a"), ("a\nb", "a"), ("\n \nb", ""), ("a\n\n\nb", "a")]
)
def test_whole_lines_are_those_that_have_ended(text: str, lines: str) -> None:
    assert whole_lines(text) == lines
