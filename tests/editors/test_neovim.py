"""Inline completion as Neovim 0.12 itself does it, with the language server, a daemon and the bundled pair.

What is suggested is the model's affair; expected is only that it is shown, and goes into the text as shown.
"""

import os
import signal
from pathlib import Path

import pytest

from .conftest import Desk
from .neovim import Neovim

# a place where any model, however small, sees what comes next
PATHS = """import os

HOME = os.path.join("/srv", "home")
WORK = os.path.join("/srv", "work")
MAIL = os.path.join("/srv", "mail")
"""
TYPED = "NEWS = os.path.j"
LOOPS = """def total(numbers):
    result = 0
    for number in numbers:
        result += number
    return result


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


"""


def open_and_type(neovim: Neovim, path: Path, typed: str) -> None:
    """Open a file and type at its end, as a new line."""
    neovim.edit(path)
    neovim.type("G$a" if not path.read_bytes().endswith(b"\n") else "Go")
    neovim.wait(lambda: neovim.call("nvim_get_mode")["mode"] == "i", "insert mode")
    neovim.write(typed)


def test_a_suggestion_is_drawn_as_ghost_text_and_the_text_left_alone(desk_file: Path, neovim: Neovim) -> None:
    open_and_type(neovim, desk_file, TYPED)
    ghost = neovim.suggestion()
    assert ghost.text
    assert (ghost.row, ghost.column) == neovim.cursor == (5, len(TYPED))
    assert neovim.text == PATHS + TYPED
    first = (TYPED + ghost.text).split("\n")[0].rstrip()
    assert first in [line.rstrip() for line in neovim.screen.split("\n")]


def test_an_accepted_suggestion_goes_into_the_text_as_shown(
    shared_desk: Desk, desk_file: Path, neovim: Neovim
) -> None:
    open_and_type(neovim, desk_file, TYPED)
    ghost = neovim.suggestion()
    with shared_desk.daemon() as daemon:
        accepted = daemon.status().outcomes.get("feedback.accepted", 0)
        assert neovim.accept()
        neovim.wait(lambda: neovim.text != PATHS + TYPED, "the suggestion was accepted")
        assert neovim.text == PATHS + TYPED + ghost.text
        last = neovim.text.split("\n")
        assert neovim.cursor == (len(last) - 1, len(last[-1]))
        neovim.wait(
            lambda: daemon.status().outcomes.get("feedback.accepted", 0) == accepted + 1,
            "the daemon was told of it",
        )


def test_several_suggestions_can_be_cycled_through(shared_desk: Desk, neovim: Neovim) -> None:
    open_and_type(neovim, shared_desk.file(LOOPS), "def ")
    neovim.answered()
    neovim.invoke()
    neovim.wait(lambda: count_of(neovim) > 1, "several suggestions came")
    seen = [shown(neovim)]
    for _ in range(count_of(neovim)):
        neovim.lua("vim.lsp.inline_completion.select()")
        seen.append(shown(neovim))
    assert seen[0] == seen[-1].removesuffix(f" (1/{count_of(neovim)})")
    assert len(set(seen[1:])) == count_of(neovim)
    assert neovim.accept()
    neovim.wait(lambda: neovim.text != LOOPS + "def ", "the suggestion was accepted")
    assert neovim.text == LOOPS + "def " + seen[0]


def test_typing_what_is_suggested_leaves_the_rest_standing(desk_file: Path, neovim: Neovim) -> None:
    open_and_type(neovim, desk_file, TYPED)
    ghost = neovim.suggestion()
    for count in (1, 2, 4):
        neovim.write(ghost.text[:count][count // 2 :])
        assert shown(neovim) == ghost.text[count:]  # at once, by the editor itself
        assert neovim.suggestion().text.startswith(ghost.text[count:])
    before, rest = neovim.text, shown(neovim)
    assert neovim.accept()
    neovim.wait(lambda: neovim.text != before, "the rest was accepted")
    assert neovim.text == before + rest
    assert neovim.text.startswith(PATHS + TYPED + ghost.text)


def test_typing_something_else_brings_another_suggestion_or_none(desk_file: Path, neovim: Neovim) -> None:
    open_and_type(neovim, desk_file, TYPED)
    ghost = neovim.suggestion()
    other = "x" if not ghost.text.startswith("x") else "y"
    neovim.write(other)
    neovim.answered()
    assert neovim.text == PATHS + TYPED + other
    now = neovim.ghost
    assert now is None or (now.row, now.column) == neovim.cursor


def test_nothing_is_drawn_inside_a_word_or_outside_insert_mode(desk_file: Path, neovim: Neovim) -> None:
    open_and_type(neovim, desk_file, TYPED)
    neovim.suggestion()
    neovim.type("<Esc>")
    neovim.wait(lambda: neovim.ghost is None, "the ghost text went away")
    neovim.type("i")
    neovim.answered()
    assert neovim.cursor == (5, len(TYPED) - 1)
    assert neovim.ghost is None


def test_lines_that_come_in_above_move_the_suggestion(desk_file: Path, neovim: Neovim) -> None:
    open_and_type(neovim, desk_file, TYPED)
    neovim.suggestion()
    neovim.lua("vim.api.nvim_buf_set_lines(0, 1, 1, true, { 'import sys', 'import re' })")
    neovim.told()
    neovim.write("o")
    ghost = neovim.suggestion()
    assert (ghost.row, ghost.column) == neovim.cursor == (7, len(TYPED) + 1)
    before = neovim.text
    assert neovim.accept()
    neovim.wait(lambda: neovim.text != before, "the suggestion was accepted")
    assert neovim.text == before + ghost.text
    assert before == PATHS.replace("\n\n", "\nimport sys\nimport re\n\n") + TYPED + "o"


def test_an_edit_of_the_line_before_the_cursor_is_known_to_the_server(
    desk_file: Path, neovim: Neovim
) -> None:
    open_and_type(neovim, desk_file, TYPED)
    neovim.suggestion()
    neovim.lua("vim.api.nvim_buf_set_text(0, 5, 0, 5, 4, { 'SPORTS' })")
    neovim.told()
    neovim.write("o")
    ghost = neovim.suggestion()
    assert (ghost.row, ghost.column) == neovim.cursor
    before = neovim.text
    assert neovim.accept()
    neovim.wait(lambda: neovim.text != before, "the suggestion was accepted")
    assert neovim.text == PATHS + "SPORTS = os.path.jo" + ghost.text


@pytest.mark.parametrize("name", ["emoji", "combining", "two planes"])
def test_characters_of_every_width_stand_before_the_suggestion(
    shared_desk: Desk, neovim: Neovim, name: str
) -> None:
    odd = {"emoji": "🐍👩‍🔬", "combining": "e\u0301\u0332", "two planes": "𝔘é界"}[name]
    text = PATHS.replace("/srv", f"/{odd}")
    typed = f'print("{odd}") or os.path.j'
    open_and_type(neovim, shared_desk.file(text), typed)
    ghost = neovim.suggestion()
    assert (ghost.row, ghost.column) == neovim.cursor == (5, len(typed.encode()))
    neovim.lua("vim.api.nvim_buf_set_text(0, 2, 0, 2, 4, { ... })", odd)
    neovim.told()
    neovim.write("o")
    ghost = neovim.suggestion()
    assert neovim.accept()
    neovim.wait(lambda: neovim.ghost != ghost and neovim.line != typed + "o", "the suggestion was accepted")
    assert neovim.text == text.replace("HOME", odd) + typed + "o" + ghost.text


def test_a_file_with_windows_line_ends_keeps_them(shared_desk: Desk, neovim: Neovim) -> None:
    path = shared_desk.file(PATHS.replace("\n", "\r\n"))
    open_and_type(neovim, path, TYPED)
    ghost = neovim.suggestion()
    assert "\r" not in ghost.text
    assert neovim.accept()
    neovim.wait(lambda: neovim.text != PATHS + TYPED, "the suggestion was accepted")
    neovim.type("<Esc>")
    neovim.call("nvim_command", "write")
    expected = (PATHS + TYPED + ghost.text + "\n").replace("\n", "\r\n")
    assert path.read_bytes() == expected.encode()


def test_two_neovims_share_a_daemon_and_nothing_else(
    shared_desk: Desk, desk_file: Path, neovim: Neovim
) -> None:
    other = shared_desk.neovim()
    open_and_type(neovim, desk_file, TYPED)
    open_and_type(other, shared_desk.file(LOOPS), "def square(numbers):\n    result = 0\n    for nu")
    first, second = neovim.suggestion(), other.suggestion()
    assert neovim.server() != other.server()
    for editor, ghost in ((neovim, first), (other, second)):
        before = editor.text
        assert editor.accept()
        editor.wait(lambda editor=editor, before=before: editor.text != before, "it was accepted")  # type: ignore[misc]
        assert editor.text == before + ghost.text
    assert len(list(shared_desk.home.runtime.glob("*.lock"))) == 1


def test_a_killed_daemon_is_replaced_and_the_editor_not_troubled(desk: Desk) -> None:
    neovim = desk.neovim()
    open_and_type(neovim, desk.file(PATHS), TYPED)
    neovim.suggestion()
    with desk.daemon() as daemon:
        killed = daemon.hello().pid
    os.kill(killed, signal.SIGKILL)
    neovim.write("oin(HOME)\nPLAY = os.path.j")

    def suggested() -> bool:
        neovim.ask_again()
        return neovim.ghost is not None

    neovim.wait(suggested, "a suggestion came again")
    assert neovim.text == PATHS + TYPED + "oin(HOME)\nPLAY = os.path.j"
    assert "paceline" not in neovim.messages
    with desk.daemon() as daemon:
        assert daemon.hello().pid != killed


def test_the_server_leaves_with_its_editor(desk: Desk) -> None:
    neovim = desk.neovim()
    open_and_type(neovim, desk.file(PATHS), TYPED)
    neovim.suggestion()
    server = neovim.server()
    neovim.close()
    neovim.wait(lambda: not Path(f"/proc/{server}").exists(), "the server ended")
    with desk.daemon() as daemon:
        assert daemon.hello().state == "ready"


@pytest.fixture
def desk_file(shared_desk: Desk) -> Path:
    """A file that ends where the next line is plain to see."""
    return shared_desk.file(PATHS)


def shown(neovim: Neovim) -> str:
    """The ghost text as it is drawn."""
    ghost = neovim.ghost
    assert ghost is not None, neovim.text
    return ghost.text


def count_of(neovim: Neovim) -> int:
    """How many suggestions there are to choose from."""
    return int(
        neovim.lua(
            "local completors = require('vim.lsp._capability').all.inline_completion.active\n"
            "return completors[vim.api.nvim_get_current_buf()]:count_items()"
        )
    )
