"""One document as the editor in front of the server has it: keys in; changes and requests out."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from .client import Server
from .typist import Stroke

LANGUAGES = {
    ".py": "python",
    ".js": "javascript",
    ".ts": "typescript",
    ".go": "go",
    ".rs": "rust",
    ".c": "c",
    ".h": "c",
    ".cpp": "cpp",
    ".hpp": "cpp",
    ".java": "java",
    ".lua": "lua",
}


@dataclass(slots=True)
class Document:
    """A text with a cursor in it, open in a server. Columns count characters."""

    server: Server
    uri: str
    before: str
    after: str
    version: int = 1

    def open(self) -> None:
        """Tell the server of it."""
        suffix = PurePath(self.uri).suffix
        language = LANGUAGES.get(suffix, suffix.removeprefix(".") or "plaintext")
        document = {"uri": self.uri, "languageId": language, "version": 1, "text": self.before + self.after}
        self.server.tell("textDocument/didOpen", {"textDocument": document})

    def close(self) -> None:
        """Tell the server that it is no longer open."""
        self.server.tell("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def press(self, stroke: Stroke) -> bool:
        """Let a key do what it does; False where it moves the cursor only."""
        whole = self.before + self.after
        start, end = len(self.before) - stroke.left, len(self.before) + stroke.right
        self.before, self.after = stroke.apply(self.before, self.after)
        text = stroke.text + stroke.closing
        if start == end and not text:
            return False
        self.version += 1
        change = {"range": {"start": position(whole, start), "end": position(whole, end)}, "text": text}
        params = {"textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": [change]}
        self.server.tell("textDocument/didChange", params)
        return True

    def question(self) -> dict[str, Any]:
        """Return the parameters that ask for a completion at the cursor, unasked by the user."""
        return {
            "textDocument": {"uri": self.uri},
            "position": position(self.before, len(self.before)),
            "context": {"triggerKind": 2},
        }


def accepted(before: str, after: str, item: Any) -> str | None:
    """Return what stands before the cursor once ``item`` is accepted; None for an item of another shape.

    What the item takes away behind the cursor makes no difference to that.
    """
    match item:
        case {"insertText": str(text), "range": {"start": {"line": int(line), "character": int(column)}}}:
            start = offset(before + after, line, column)
        case {"insertText": str(text)}:
            start = len(before)
        case _:
            return None
    return before[:start] + text


def position(text: str, place: int) -> dict[str, int]:
    """Return the line and column, from 0, of an offset into ``text``."""
    line_start = text.rfind("\n", 0, place) + 1
    return {"line": text.count("\n", 0, place), "character": place - line_start}


def offset(text: str, line: int, column: int) -> int:
    """Return the offset of a line and column; what lies outside of the text is moved to its end."""
    start = 0
    for _ in range(line):
        end = text.find("\n", start)
        if end < 0:
            return len(text)
        start = end + 1
    return min(len(text), start + column)
