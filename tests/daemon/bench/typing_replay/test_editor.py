"""The editor's side: positions, changes, and where an accepted item goes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from .....daemon.bench.typing_replay.editor import Document, accepted, offset, position
from .....daemon.bench.typing_replay.typist import Habits, Typist

texts = st.text(alphabet="ab(\n 🐍", max_size=40)


class Server:
    """Applies the changes it is told of, as a server does."""

    def __init__(self) -> None:
        self.text = ""
        self.version = 0

    def tell(self, method: str, params: Any) -> None:
        """Take a notification."""
        if method == "textDocument/didOpen":
            self.text = params["textDocument"]["text"]
            return
        assert params["textDocument"]["version"] > self.version
        self.version = params["textDocument"]["version"]
        for change in params["contentChanges"]:
            ends = [change["range"][end] for end in ("start", "end")]
            start, end = (offset(self.text, place["line"], place["character"]) for place in ends)
            self.text = self.text[:start] + change["text"] + self.text[end:]


@given(texts, st.integers(0, 40))
def test_positions_and_offsets_are_each_others_inverse(text: str, place: int) -> None:
    place = min(place, len(text))
    where = position(text, place)
    assert offset(text, where["line"], where["character"]) == place
    assert text.split("\n")[where["line"]][: where["character"]] == text[:place].rpartition("\n")[2]


@given(texts, st.integers(0, 100))
def test_the_server_is_told_every_change(text: str, seed: int) -> None:
    server: Any = Server()
    document = Document(server, "file:///a.py", "🐍\n", "\nend")
    document.open()
    for stroke in Typist(text, seed=seed, habits=Habits(slip=0.5)).strokes():
        before = document.before + document.after
        changed = document.press(stroke)
        assert server.text == document.before + document.after
        assert changed or server.text == before
    assert (document.before, document.after) == ("🐍\n" + text, "\nend")


def test_an_accepted_item_takes_the_place_of_its_range() -> None:
    before, after = "a = 1\n    ret", "urn)\n"
    where = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 7}}
    assert accepted(before, after, {"insertText": "return x", "range": where}) == "a = 1\n    return x"
    assert accepted(before, after, {"insertText": "urn x"}) == "a = 1\n    return x"
    assert accepted(before, after, {"insertText": {"kind": "snippet"}}) is None
