"""Where chunks may come from: documents lately open and files imported, cut in windows in the background."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ....lsp.context.sources import LARGEST, MOST_DOCUMENTS, MOST_FILES, Sources
from ....lsp.text import ENCODINGS, Text

CODE = "def parse_record(line):\n    return line.split('=')\n"


class Desk:
    """Sources of a folder, with work in the background done when told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.jobs: list[Callable[[], None]] = []
        self.sources = Sources(self.jobs.append)

    def put(self, name: str, text: str) -> Path:
        """Take a document's text."""
        self.sources.put(self.root / name, Text.of(text, ENCODINGS["utf-16"]))
        return self.root / name

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file."""
        (self.root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.root / name

    def prepare(self, path: Path) -> int:
        """Prepare for a document; return how many pieces of news that was."""
        before = self.sources.news
        self.sources.prepare(path, self.root, "python")
        self.work()
        return self.sources.news - before

    def work(self) -> None:
        """Do what waits in the background."""
        while self.jobs:
            self.jobs.pop(0)()

    def texts(self, path: Path) -> list[str]:
        """The texts that may go with a document."""
        return [window.text for window in self.sources.others(path)]

    def names(self, path: Path) -> list[str]:
        """The files that may go with a document."""
        return [window.path.name for window in self.sources.others(path)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Sources of an empty folder."""
    return Desk(tmp_path)


def test_what_is_not_cut_yet_does_not_count_yet(desk: Desk) -> None:
    util, main = desk.put("util.py", CODE), desk.put("main.py", "x = 1\n")
    desk.sources.prepare(main, desk.root, "python")
    assert (desk.names(main), desk.sources.news) == ([], 0)
    desk.work()
    assert desk.names(main) == ["util.py"]
    assert desk.sources.news > 0
    assert desk.names(util) == [], "nothing in main.py says anything"


def test_a_document_does_not_go_with_itself(desk: Desk) -> None:
    util = desk.put("util.py", CODE)
    desk.prepare(util)
    assert desk.names(util) == []


def test_nothing_new_is_no_news(desk: Desk) -> None:
    desk.write("other.py", CODE)
    desk.put("util.py", CODE)
    main = desk.put("main.py", "import other\n")
    assert desk.prepare(main) > 0
    assert desk.prepare(main) == 0
    desk.put("main.py", "import other\nx = 1\n")
    assert desk.prepare(main) == 0, "what it says itself is nothing new for it"
    desk.put("util.py", CODE + "z = 1\n")
    assert desk.prepare(main) == 1


def test_a_document_that_changes_while_it_waits_is_cut_once_as_it_is_then(desk: Desk) -> None:
    main = desk.put("main.py", "x = 1\n")
    for number in range(3):
        desk.put("util.py", CODE + f"number_{number} = 1\n")
        desk.sources.prepare(main, desk.root, "python")
    desk.work()
    assert desk.sources.news == 2, "main.py and the last of util.py"
    assert desk.texts(main) == [CODE + "number_2 = 1"]


def test_documents_come_the_latest_first_and_before_imports(desk: Desk) -> None:
    desk.write("imported.py", CODE)
    main = desk.put("main.py", "import imported\n")
    for name in ("a.py", "b.py", "c.py"):
        desk.put(name, CODE)
    desk.put("a.py", CODE)
    desk.prepare(main)
    assert desk.names(main) == ["a.py", "c.py", "b.py", "imported.py"]


def test_an_open_document_stands_for_its_file(desk: Desk) -> None:
    desk.write("util.py", CODE)
    main = desk.put("main.py", "import util\n")
    desk.put("util.py", "def other_name(argument):\n    pass\n")
    desk.prepare(main)
    assert desk.names(main) == ["util.py"]
    assert "other_name" in desk.texts(main)[0]


def test_the_least_recent_documents_make_room(desk: Desk) -> None:
    main = desk.put("main.py", "x = 1\n")
    for number in range(MOST_DOCUMENTS + 3):
        desk.put(f"d{number}.py", CODE)
        desk.sources.put(main, Text.of("x = 1\n", ENCODINGS["utf-16"]))
    desk.prepare(main)
    names = desk.names(main)
    assert len(names) == MOST_DOCUMENTS - 1
    assert (names[0], names[-1]) == (f"d{MOST_DOCUMENTS + 2}.py", "d4.py")


def test_a_document_that_grew_too_large_is_not_offered_as_it_was(desk: Desk) -> None:
    main = desk.put("main.py", "x = 1\n")
    desk.put("util.py", CODE)
    desk.prepare(main)
    assert desk.names(main) == ["util.py"]
    desk.put("util.py", "y = 1\n" * (LARGEST // 6 + 1))
    desk.prepare(main)
    assert desk.names(main) == []
    desk.put("util.py", CODE)
    desk.prepare(main)
    assert desk.names(main) == ["util.py"]


def test_a_file_that_grew_too_large_is_not_offered_as_it_was(desk: Desk) -> None:
    desk.write("util.py", CODE)
    main = desk.put("main.py", "import util\n")
    desk.prepare(main)
    assert desk.names(main) == ["util.py"]
    desk.write("util.py", "y = 1\n" * (LARGEST // 6 + 1))
    assert desk.prepare(main) == 1
    assert desk.names(main) == []
    assert desk.prepare(main) == 0


def test_a_file_that_is_in_use_stays_while_others_make_room(desk: Desk) -> None:
    desk.write("used.py", CODE)
    main = desk.put("main.py", "import used\n")
    desk.prepare(main)
    for number in range(MOST_FILES + 2):
        desk.write(f"f{number}.py", CODE)
        desk.prepare(desk.put("other.py", f"import f{number}\n"))
        assert desk.prepare(main) <= 1, "the cut of other.py, but never the file again"
        assert "used.py" in desk.names(main)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_windows_have_one_kind_of_line_end(desk: Desk, line_end: str) -> None:
    desk.write("file.py", CODE.replace("\n", line_end))
    desk.put("document.py", CODE.replace("\n", line_end))
    main = desk.put("main.py", "x = 1\nimport file\n".replace("\n", line_end))
    desk.prepare(main)
    assert desk.texts(main) == [CODE.rstrip()] * 2


def test_a_mark_of_the_byte_order_is_no_text(desk: Desk) -> None:
    desk.write("file.py", b"\xef\xbb\xbf" + CODE.encode())
    main = desk.put("main.py", "import file\n")
    desk.prepare(main)
    assert desk.texts(main) == [CODE.rstrip()]


def test_a_file_of_other_bytes_can_go_into_a_request(desk: Desk) -> None:
    desk.write("file.py", b"caf\xe9_record = 1\n\xed\xa0\xbd\n")
    main = desk.put("main.py", "import file\n")
    desk.prepare(main)
    (text,) = desk.texts(main)
    assert "_record = 1" in text
    assert text.encode().decode() == text


@pytest.mark.parametrize("content", ["", "\n\n", "\r", "x", "=" * 500, "😀" * 10])
def test_a_file_that_says_nothing_gives_nothing(desk: Desk, content: str) -> None:
    desk.write("file.py", content)
    desk.put("document.py", content)
    main = desk.put("main.py", "import file\n")
    desk.prepare(main)
    assert desk.names(main) == []


def test_a_document_nobody_told_of_imports_nothing(desk: Desk) -> None:
    desk.put("util.py", CODE)
    assert desk.prepare(desk.root / "unknown.py") == 1
    assert desk.sources.imports(desk.root / "unknown.py") == {}
    assert desk.names(desk.root / "unknown.py") == ["util.py"]


def test_an_import_that_is_taken_out_takes_its_file_along(desk: Desk) -> None:
    desk.write("util.py", CODE)
    main = desk.put("main.py", "import util\n")
    desk.prepare(main)
    desk.put("main.py", "x = 1\n")
    assert desk.prepare(main) == 1
    assert desk.names(main) == []
