"""Chunks of a project on disk, as an editor works in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ....daemon.exclusion import Exclusions
from ....daemon.protocol import Complete, encode
from ....lsp.context import Context
from ....lsp.context.context import PAUSE, REGION
from ....lsp.documents import Snapshot
from ....lsp.text import ENCODINGS, Text

STORE = "class Store:\n    def load_record(self, key):\n        return self.table[key]\n"
UTIL = "def parse_record(line):\n    key, value = line.split('=')\n    return key, value\n"
MAIN = (
    "from .store import Store\n\n\ndef run(path):\n    store = Store()\n    for line in open(path):\n"
    "        key, value = parse_record(line)\n        store.load_record(key)\n" + "\n" * 300 + "end = 1\n"
)


class Desk:
    """A context, with work in the background done when told, and a clock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.jobs: list[Callable[[], None]] = []
        self.now = 0.0
        self.context = Context(self.jobs.append, clock=lambda: self.now)
        self.context.folders = [root]
        self.exclusions = Exclusions()

    def work(self) -> None:
        """Do what waits in the background."""
        while self.jobs:
            self.jobs.pop(0)()

    def write(self, name: str, content: str) -> Path:
        """Write a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def open(self, name: str, content: str, language: str = "python") -> Snapshot:
        """Open a document."""
        text = Text.of(content, ENCODINGS["utf-16"])
        document = Snapshot(self.write(name, content).as_uri(), language, 1, text)
        self.context.opened(document)
        return document

    def type(self, document: Snapshot, offset: int, new: str) -> Snapshot:
        """Write into a document."""
        text = document.text.replace(offset, offset, new)
        document = replace(document, version=document.version + 1, text=text)
        self.context.changed(document)
        return document

    def allowed(self, path: Path) -> bool:
        """What the language server would say."""
        return not self.exclusions.excludes(path, self.root)

    def chunks(self, document: Snapshot, offset: int) -> list[tuple[str, str]]:
        """Paths and texts of chunks."""
        return [(chunk.path, chunk.text) for chunk in self.context.chunks(document, offset, self.allowed)]

    def paths(self, document: Snapshot, offset: int = 150) -> list[str]:
        """Paths of chunks."""
        return [path for path, _ in self.chunks(document, offset)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A project with a repository."""
    (tmp_path / "project" / ".git").mkdir(parents=True)
    return Desk(tmp_path / "project")


def test_imported_files_and_open_documents_come_along(desk: Desk) -> None:
    desk.write("app/store.py", STORE)
    desk.open("app/util.py", UTIL)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert dict(desk.chunks(main, 150)) == {"app/store.py": STORE.rstrip(), "app/util.py": UTIL.rstrip()}


def test_they_make_a_request(desk: Desk) -> None:
    desk.open("app/util.py", UTIL)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    chunks = desk.context.chunks(main, 150, desk.allowed)
    assert b"parse_record" in encode(Complete(path="app/main.py", prefix="x", chunks=chunks), 1)


def test_what_the_open_document_says_counts_not_the_file(desk: Desk) -> None:
    desk.write("app/store.py", STORE)
    store = desk.open("app/store.py", STORE)
    main = desk.open("app/main.py", MAIN)
    desk.type(store, 0, "RECORD_LIMIT = 7\n")
    desk.work()
    assert "RECORD_LIMIT" in dict(desk.chunks(main, 150))["app/store.py"]


@pytest.mark.parametrize("name", ["app/.env", "ignored/util.py", "mine/util.py"])
def test_excluded_files_do_not(desk: Desk, name: str) -> None:
    desk.write(".gitignore", "ignored/\n")
    desk.write(".pacelineignore", "mine/\n")
    desk.open(name, UTIL)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert desk.paths(main) == []


def test_a_detour_in_a_path_does_not_help(desk: Desk) -> None:
    desk.write(".gitignore", "ignored/\n")
    util = desk.open("ignored/util.py", UTIL)
    desk.context.closed(util.uri)
    desk.context.opened(replace(util, uri=util.uri.replace("ignored/", "app/../ignored/")))
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert desk.paths(main) == []


def test_a_file_excluded_later_goes_at_once(desk: Desk) -> None:
    desk.open("app/util.py", UTIL)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert desk.paths(main) == ["app/util.py"]
    desk.write(".gitignore", "util.py\n")
    assert desk.paths(main) == []


def test_from_key_to_key_the_chunks_stay_as_they_are(desk: Desk) -> None:
    desk.write("app/store.py", STORE)
    util = desk.open("app/util.py", UTIL)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    first = desk.chunks(main, 150)
    for number, key in enumerate("other_names = completely_different(things)"):
        main = desk.type(main, 150 + number, key)
        util = desk.type(util, 0, "#")
        desk.work()
        desk.now += 0.1
        assert desk.chunks(main, 151 + number) == first


def test_news_is_taken_up_on_a_new_line_or_after_a_pause(desk: Desk) -> None:
    main = desk.open("app/main.py", MAIN)
    assert desk.paths(main) == []
    desk.open("app/util.py", UTIL)
    desk.work()
    desk.now += 0.1
    assert desk.paths(main) == []
    desk.now += PAUSE + 1
    assert desk.paths(main) == ["app/util.py"]
    desk.write("app/store.py", STORE)
    desk.context.opened(main)
    desk.work()
    assert desk.paths(main) == ["app/util.py"]
    assert desk.paths(main, 100) == ["app/util.py", "app/store.py"], "on another line, behind what was there"


def test_in_another_region_they_are_chosen_anew(desk: Desk) -> None:
    desk.open("app/util.py", UTIL)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert desk.paths(main) == ["app/util.py"]
    assert main.text.line_of(len(main.text)) > REGION + 10
    far = desk.type(main, len(main.text), "\n" * 400 + "one_more_thing = 1\n" * 300)
    assert desk.paths(far, len(far.text)) == []


def test_recent_edits_come_along_also_when_the_document_is_closed(desk: Desk) -> None:
    other = desk.open("lib/other.py", "def unrelated_function():\n    pass\n" * 30)
    desk.type(other, 0, "def brand_new(argument):\n    return argument\n\n\n")
    desk.context.closed(other.uri)
    main = desk.open("app/main.py", "x = 1\n")
    desk.work()
    ((path, text),) = desk.chunks(main, 5)[:1]
    assert path == "lib/other.py" and "brand_new" in text


def test_edits_far_away_in_the_same_file_come_along(desk: Desk) -> None:
    content = "".join(f"statement_number_{number} = {number}\n" for number in range(2000))
    main = desk.open("app/main.py", content)
    main = desk.type(main, 10, "def changed_just_now(argument):\n    return argument\n")
    desk.work()
    assert [(path, "changed_just_now" in text) for path, text in desk.chunks(main, len(main.text))] == [
        ("app/main.py", True)
    ]
    near = desk.open("app/near.py", str(main.text))
    desk.context.closed(main.uri)
    assert desk.chunks(near, 30) == [], "the model sees those lines anyway"


def test_files_of_other_projects_do_not_come_along_unless_their_folder_is_open(
    desk: Desk, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    (other / "util.py").write_text(UTIL)
    text = Text.of(UTIL, ENCODINGS["utf-16"])
    desk.context.opened(Snapshot((other / "util.py").as_uri(), "python", 1, text))
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert [c.path for c in desk.context.chunks(main, 150, lambda _: True)] == []
    desk.context.folders = [desk.root, other]
    desk.context.closed(main.uri)
    desk.context.opened(main)
    assert [c.path for c in desk.context.chunks(main, 150, lambda _: True)] == ["other/util.py"]


def test_without_a_project_files_beside_it_come_along(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.context.folders = []
    desk.open("one/util.py", UTIL)
    desk.open("two/util.py", UTIL.replace("parse", "read"))
    main = desk.open("one/main.py", MAIN)
    desk.work()
    assert [c.path for c in desk.context.chunks(main, 150, lambda _: True)] == ["util.py"]


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "vscode-notebook-cell:/a/b.ipynb#c1",
        "file:",
        "file://[",
        "file:///a%00",
        "file:///a\ud83d",
        "x",
        "",
    ],
)
def test_what_is_no_file_gets_none_and_gives_none(desk: Desk, uri: str) -> None:
    note = Snapshot(uri, "python", 1, Text.of(UTIL, ENCODINGS["utf-16"]))
    desk.context.opened(note)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert desk.context.chunks(note, 0, lambda _: True) == ()
    assert desk.paths(main) == []
    desk.context.changed(replace(note, text=main.text))
    desk.context.closed(uri)


def test_a_file_that_changes_or_goes_on_disk(desk: Desk) -> None:
    store = desk.write("app/store.py", STORE)
    main = desk.open("app/main.py", MAIN)
    desk.work()
    assert dict(desk.chunks(main, 150)) == {"app/store.py": STORE.rstrip()}
    store.write_text(STORE + "\n\nRECORD_LIMIT = 7\n")
    desk.context.opened(main)
    desk.work()
    assert "RECORD_LIMIT" in dict(desk.chunks(main, 20))["app/store.py"]
    store.unlink()
    desk.context.opened(main)
    desk.work()
    assert desk.chunks(main, 150) == []
