"""Random sessions at one document: whatever was typed, deleted, edited or moved, no answer is a stale one.

The model here is a function of what stands before and behind the cursor. An answer is right if the model
would have written it, asked at the cursor or where what was typed along its answer began.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from ...daemon.protocol import Complete, Done, Times
from ...lsp import question as question_module
from ...lsp import suggesting as suggesting_module
from ...lsp.completion import Completions
from ...lsp.documents import Documents
from ...lsp.feedback import Ledger
from ...lsp.settings import EditorSettings
from ...lsp.suggesting import Suggesting

URI = "untitled:a"
NOTHING = Times(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def written(prefix: str, suffix: str) -> str:
    """What the model writes between two texts: up to ten characters of few kinds."""
    digest = hashlib.sha256(f"{prefix}\0{suffix}".encode()).digest()
    return "".join("ab\n"[byte % 3] for byte in digest[: digest[-1] % 11])


class Model:
    """A backend that writes a character each time the loop comes round."""

    ready = True

    def __init__(self) -> None:
        self.begun = self.ended = 0

    async def complete(
        self, request: Complete, until: float, on_text: Callable[[str], None] | None = None, *, urgent: bool
    ) -> Done | None:
        """Write, piece by piece."""
        self.begun += 1
        text = written(request.prefix, request.suffix)
        try:
            for letter in text:
                await asyncio.sleep(0)
                if on_text is not None:
                    on_text(letter)
            await asyncio.sleep(0)
        finally:
            self.ended += 1
        return Done(text, "end", 0, 0, 0, 1, 1, 0, 1, NOTHING)


class Session:
    """One document with a cursor, and the answers to the requests made in it."""

    def __init__(self) -> None:
        self.documents, self.model = Documents(), Model()
        self.suggesting = Suggesting(self.documents, self.model)  # type: ignore[arg-type]
        self.completions = Completions(self.documents, self.suggesting, Ledger(lambda _: None, self.open))
        self.completions.use(EditorSettings(candidates=1))
        self.text, self.cursor, self.version = "", 0, 1
        self.known: set[tuple[str, str]] = set()
        self.asked: list[asyncio.Task[Any]] = []
        self.documents.open(types.TextDocumentItem(URI, "plaintext", 1, ""))
        self.completions.opened(URI)

    def open(self) -> Documents:
        """The documents."""
        return self.documents

    def change(self, start: int, end: int, text: str) -> None:
        """Replace a part of the text."""
        self.version += 1
        span = types.Range(self.position(start), self.position(end))
        self.documents.change(URI, self.version, [types.TextDocumentContentChangePartial(span, text)])
        self.text = self.text[:start] + text + self.text[end:]
        self.completions.changed(URI, 1)

    def position(self, offset: int) -> types.Position:
        """Where an offset is."""
        before = self.text[:offset]
        return types.Position(before.count("\n"), len(before.rpartition("\n")[2]))

    def type(self, text: str) -> None:
        """Type at the cursor."""
        self.change(self.cursor, self.cursor, text)
        self.cursor += len(text)

    def ask(self) -> None:
        """Ask at the cursor."""
        self.asked.append(asyncio.ensure_future(self.check(self.cursor, self.version)))

    async def check(self, cursor: int, version: int) -> None:
        """Judge an answer by the text as it was, which it still is unless the answer is empty."""
        context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Invoked)
        identifier = types.TextDocumentIdentifier(URI)
        before, after = self.text[:cursor], self.text[cursor:]
        params = types.InlineCompletionParams(context, identifier, self.position(cursor))
        for item in await self.completions.answer(params):
            assert self.version == version, "an answer about a text that is gone"
            line = before.rpartition("\n")[2].lstrip(" \t")
            assert isinstance(item.insert_text, str)
            assert item.insert_text.startswith(line)
            rest = item.insert_text[len(line) :]
            assert any(written(before[:at], after) == before[at:] + rest for at in range(len(before) + 1)), (
                "nothing the model would write here"
            )

    async def end(self) -> None:
        """Wait for all that runs."""
        await asyncio.gather(*self.asked)
        while self.model.begun > self.model.ended:
            await asyncio.sleep(0)
        self.suggesting.attention.close()


STEPS = st.one_of(
    st.tuples(st.just("type"), st.sampled_from(["a", "b", "\n", "ab"])),
    st.tuples(st.just("along"), st.integers(1, 4)),
    st.tuples(st.just("delete"), st.integers(1, 3)),
    st.tuples(st.just("edit"), st.integers(0, 30)),
    st.tuples(st.just("move"), st.integers(0, 30)),
    st.tuples(st.just("ask"), st.integers(0, 6)),
    st.tuples(st.just("ask"), st.integers(10, 30)),
)


async def play(steps: list[tuple[str, Any]]) -> None:
    """Do the steps."""
    session = Session()
    for kind, value in steps:
        cursor, text = session.cursor, session.text
        if kind == "type":
            session.type(value)
        elif kind == "along":
            session.type(written(text[:cursor], text[cursor:])[:value])
        elif kind == "delete" and cursor >= value:
            session.change(cursor - value, cursor, "")
            session.cursor -= value
        elif kind == "edit" and value < len(text):
            session.change(value, value + 1, "c")
        elif kind == "move":
            session.cursor = min(value, len(text))
        elif kind == "ask":
            session.ask()
            for _ in range(1 + value):  # the server hears nothing else before a request has begun
                await asyncio.sleep(0)
    await session.end()


@settings(max_examples=400)
@given(st.lists(STEPS, min_size=8, max_size=40))
def test_no_answer_is_stale(steps: list[tuple[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module in (suggesting_module, question_module):
            patch.setattr(module, "trim", lambda text, _: text)
        asyncio.run(play(steps))


async def answered_across(settings: EditorSettings) -> int:
    """How many items come where the settings change while the answer is written."""
    session = Session()
    session.type("ab")
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    params = types.InlineCompletionParams(context, types.TextDocumentIdentifier(URI), session.position(2))
    answer = asyncio.ensure_future(session.completions.answer(params))
    while not session.model.begun:
        await asyncio.sleep(0)
    session.completions.use(settings)
    items = await answer
    await session.end()
    return len(items)


def test_an_answer_under_way_outlives_settings_that_do_not_change_it() -> None:
    assert asyncio.run(answered_across(EditorSettings(candidates=1, deadline_ms=900))) == 1
    assert asyncio.run(answered_across(EditorSettings(candidates=1, max_tokens=5))) == 0


async def written_ahead_at(turns: int) -> tuple[int, str]:
    """How often the model was asked, and the text, each suggestion accepted so many turns after it came."""
    session = Session()
    session.completions.use(EditorSettings(candidates=1, prefetch=True))
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    for _ in range(2):
        place = session.position(session.cursor)
        params = types.InlineCompletionParams(context, types.TextDocumentIdentifier(URI), place)
        (item,) = await session.completions.answer(params)
        for _ in range(turns):
            await asyncio.sleep(0)
        session.type(str(item.insert_text)[session.cursor :])
    while session.model.begun > session.model.ended:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    await session.end()
    return session.model.begun, session.text


def test_whenever_a_suggestion_is_accepted_the_one_after_the_next_is_written_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Suggesting._follow, "__defaults__", (0.0,))  # no time to read it
    for module in (suggesting_module, question_module):
        monkeypatch.setattr(module, "trim", lambda text, _: text)
    monkeypatch.setitem(globals(), "written", lambda *_: "abc")
    for turns in range(30):
        assert asyncio.run(written_ahead_at(turns)) == (3, "abcabc"), turns
