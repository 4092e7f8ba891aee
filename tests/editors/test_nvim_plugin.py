"""The plugin of ``editors/nvim`` in a real Neovim 0.12, with its ghost text and with Neovim's own.

Also in an older Neovim, which has none of its own, where $NEOVIM_OLD names one.

Keys are typed, and asserted is on the buffer, on extmarks and on what the daemon counted. What is suggested
is the model's affair.
"""

import os
import re
import signal
from collections.abc import Iterator

import pytest

from .conftest import Desk
from .neovim import Ghost
from .plugin import PluginNeovim, plugin_neovim
from .test_neovim import LOOPS, PATHS, TYPED, open_and_type, shown

WHOLE, WORD, LINE, NEXT, PREVIOUS, DISMISS = "<M-l>", "<M-w>", "<M-j>", "<M-n>", "<M-p>", "<M-e>"
_PAINTED = """
local space = vim.api.nvim_get_namespaces()['paceline.explain']
return vim.iter(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })):map(function(mark)
  local text = vim.api.nvim_buf_get_text(0, mark[2], mark[3], mark[2], mark[4].end_col, {})[1]
  return { text, mark[4].hl_group }
end):totable()
"""
CLASSES = "".join(
    f"""class {name}:
    def __init__(self, name, size):
        self.name = name
        self.size = size
        self.kind = "{name}"
        self.count = 0


"""
    for name in ("Red", "Green", "Blue", "White")
)


@pytest.fixture(scope="module", params=["builtin", "own", "own in 0.10"])
def shared_plugin(shared_desk: Desk, request: pytest.FixtureRequest) -> PluginNeovim:
    """A Neovim at the shared desk with the plugin, drawing one way and the other."""
    executable = os.environ.get("NEOVIM_OLD") if request.param == "own in 0.10" else shared_desk.executable
    if executable is None:
        pytest.skip("NEOVIM_OLD names no Neovim 0.10 or 0.11: see tests/editors/setup_neovim.sh")
    return plugin_neovim(shared_desk, request.param.split()[0], executable)


@pytest.fixture
def neovim(shared_plugin: PluginNeovim) -> Iterator[PluginNeovim]:
    """The shared Neovim, to edit a file of the test's own with."""
    yield shared_plugin
    shared_plugin.type("<Esc>")
    shared_plugin.lua("Notified = {}")


def typed(neovim: PluginNeovim, desk: Desk) -> Ghost:
    """Type what any model knows how to go on with, and return the suggestion."""
    open_and_type(neovim, desk.file(PATHS), TYPED)
    return neovim.suggestion()


def becomes(neovim: PluginNeovim, text: str) -> None:
    """Wait until the buffer has this text."""
    neovim.wait(lambda: neovim.text == text, f"the text {text!r}, which is {neovim.text!r}")


def counted(desk: Desk, name: str) -> int:
    """How often the daemon counted something."""
    with desk.daemon() as daemon:
        return int(daemon.status().outcomes.get(name, 0))


def test_a_suggestion_is_drawn_at_the_cursor_and_the_text_left_alone(
    shared_desk: Desk, neovim: PluginNeovim
) -> None:
    ghost = typed(neovim, shared_desk)
    assert (ghost.row, ghost.column) == neovim.cursor == (5, len(TYPED))
    assert neovim.text == PATHS + TYPED
    assert (TYPED + ghost.text).split("\n")[0].rstrip() in [row.rstrip() for row in neovim.screen.split("\n")]
    assert neovim.word() == "ready"


def test_a_suggestion_is_accepted_as_shown_and_undone_apart(shared_desk: Desk, neovim: PluginNeovim) -> None:
    ghost = typed(neovim, shared_desk)
    accepted = counted(shared_desk, "feedback.accepted")
    neovim.type(WHOLE)
    becomes(neovim, PATHS + TYPED + ghost.text)
    assert neovim.cursor == (5, len(TYPED + ghost.text))
    neovim.wait(lambda: counted(shared_desk, "feedback.accepted") == accepted + 1, "the daemon was told")
    neovim.write("#")
    neovim.type("<Esc>u")
    becomes(neovim, PATHS + TYPED + ghost.text)
    neovim.type("u")
    becomes(neovim, PATHS + TYPED)
    neovim.type("u")
    becomes(neovim, PATHS.removesuffix("\n"))


def test_words_are_accepted_one_by_one_and_the_rest_stays(shared_desk: Desk, neovim: PluginNeovim) -> None:
    ghost = typed(neovim, shared_desk)
    parts = counted(shared_desk, "feedback.partly_accepted")
    words = re.findall(r"\s*(?:\w+|[^\w\s]+)", ghost.text)
    assert len(words) > 2
    for count in (1, 2):
        neovim.type(WORD)
        becomes(neovim, PATHS + TYPED + "".join(words[:count]))
        neovim.wait(lambda count=count: shown(neovim).startswith("".join(words[count:])), "the rest is shown")  # type: ignore[misc]
    neovim.wait(lambda: counted(shared_desk, "feedback.partly_accepted") > parts, "the daemon was told")
    before, rest = neovim.text, shown(neovim)
    neovim.type(WHOLE)
    becomes(neovim, before + rest)


@pytest.mark.parametrize("ghost", ["builtin", "own"])
def test_lines_are_accepted_one_by_one_and_the_rest_stays(shared_desk: Desk, ghost: str) -> None:
    neovim = plugin_neovim(shared_desk, ghost, settings={"multiline": True, "showAfterMs": 60_000})
    open_and_type(neovim, shared_desk.file(CLASSES), "class Black:\n    ")
    lines = neovim.suggestion().text.split("\n")
    assert len(lines) > 1, lines
    before = neovim.text
    neovim.type(LINE)
    becomes(neovim, before + lines[0])
    neovim.wait(lambda: shown(neovim).startswith("\n" + "\n".join(lines[1:])), "the rest is shown")
    neovim.type(WHOLE)
    neovim.wait(lambda: neovim.text.startswith(before + "\n".join(lines)), "all is accepted")
    neovim.type("<Esc>u")
    becomes(neovim, before + lines[0])


def test_typing_what_is_suggested_leaves_the_rest_standing(shared_desk: Desk, neovim: PluginNeovim) -> None:
    ghost = typed(neovim, shared_desk)
    for count in (1, 2, 4):
        neovim.write(ghost.text[:count][count // 2 :])
        assert shown(neovim) == ghost.text[count:]  # at once, without an answer
    neovim.type(WHOLE)
    becomes(neovim, PATHS + TYPED + ghost.text)


def test_typing_something_else_hides_it_at_once(shared_desk: Desk, neovim: PluginNeovim) -> None:
    ghost = typed(neovim, shared_desk)
    neovim.lua("Answered = {}")
    neovim.write("#" if not ghost.text.startswith("#") else "!")
    now = neovim.ghost
    assert now is None or neovim.lua("return next(Answered) ~= nil")


def test_a_dismissed_suggestion_comes_again_only_by_hand(shared_desk: Desk, neovim: PluginNeovim) -> None:
    ghost = typed(neovim, shared_desk)
    dismissed = counted(shared_desk, "feedback.dismissed")
    neovim.type(DISMISS)
    neovim.wait(lambda: neovim.ghost is None, "it went away")
    neovim.wait(lambda: counted(shared_desk, "feedback.dismissed") > dismissed, "the daemon was told")
    neovim.ask_again()
    assert neovim.ghost is None
    neovim.type(NEXT)
    neovim.wait(lambda: neovim.ghost is not None, "it came by hand")
    assert shown(neovim).startswith(ghost.text)
    assert neovim.text == PATHS + TYPED


def test_several_suggestions_are_looked_at_in_turn(shared_desk: Desk, neovim: PluginNeovim) -> None:
    open_and_type(neovim, shared_desk.file(LOOPS), "def ")
    neovim.answered()

    def press(key: str, number: str) -> str:
        neovim.type(key)
        neovim.wait(
            lambda: bool(re.search(rf" \({number}/\d\)$", (neovim.ghost or Ghost(0, 0, "")).text)), number
        )
        return shown(neovim)

    if "(2/" in press(NEXT, "[12]"):  # the first, where none was shown before
        press(PREVIOUS, "1")
    seen = [press(NEXT, "2"), press(PREVIOUS, "1"), press(NEXT, "2")]
    assert seen[0] == seen[2] != seen[1]
    neovim.type(WHOLE)
    becomes(neovim, LOOPS + "def " + re.sub(r" \(\d/\d\)$", "", seen[2]))


def test_nothing_is_asked_while_switched_off(shared_desk: Desk, neovim: PluginNeovim) -> None:
    typed(neovim, shared_desk)
    for words in ("toggle", "toggle python"):
        neovim.call("nvim_command", f"Paceline {words}")
        assert neovim.ghost is None
        assert neovim.word() == "off"
        neovim.lua("Asked = {}")
        with shared_desk.daemon() as daemon:
            before = daemon.status().outcomes
            neovim.write("oin")
            neovim.lua("vim.wait(400)")  # longer than an editor may wait before it asks
            assert neovim.ghost is None
            assert neovim.lua("return vim.tbl_count(Asked)") == 0
            made = {name: count for name, count in before.items() if name.startswith("outcome.")}
            after = daemon.status().outcomes
            assert {name: after[name] for name in made} == made
        neovim.call("nvim_command", f"Paceline {words}")
        neovim.ask_again()
        neovim.wait(lambda: neovim.word() == "ready", "an answer")
    assert [text.rsplit(" ", 1)[1] for text in neovim.told_user()] == ["off", "on"] * 2


def test_the_other_window_of_a_buffer_keeps_its_cursor(shared_desk: Desk, neovim: PluginNeovim) -> None:
    neovim.edit(shared_desk.file(PATHS))
    neovim.type("gg<C-w>vGo")
    neovim.write(TYPED)
    ghost = neovim.suggestion()
    neovim.type(WHOLE)
    becomes(neovim, PATHS + TYPED + ghost.text)
    assert neovim.cursor == (5, len(TYPED + ghost.text))
    neovim.type("<Esc><C-w>p")
    neovim.wait(lambda: neovim.cursor == (0, 0), "the cursor of the other window")
    assert neovim.ghost is None
    neovim.type("<C-w>o")


@pytest.mark.parametrize("odd", ["🐍👩‍🔬", "e\u0301\u0332", "𝔘é界"])
def test_characters_of_every_width_stand_before_the_suggestion(
    shared_desk: Desk, neovim: PluginNeovim, odd: str
) -> None:
    text, line = PATHS.replace("/srv", f"/{odd}"), f'print("{odd}") or os.path.j'
    open_and_type(neovim, shared_desk.file(text), line)
    ghost = neovim.suggestion()
    assert (ghost.row, ghost.column) == neovim.cursor == (5, len(line.encode()))
    neovim.type(WORD)
    neovim.wait(lambda: neovim.line != line, "a word was accepted")
    assert (line + ghost.text).startswith(neovim.line)
    rest = shown(neovim)
    neovim.type(WHOLE)
    becomes(neovim, text + neovim.line.removesuffix(rest) + rest)


def test_a_file_with_windows_line_ends_keeps_them(shared_desk: Desk, neovim: PluginNeovim) -> None:
    path = shared_desk.file(PATHS.replace("\n", "\r\n"))
    open_and_type(neovim, path, TYPED)
    ghost = neovim.suggestion()
    neovim.type(WHOLE)
    becomes(neovim, PATHS + TYPED + ghost.text)
    neovim.type("<Esc>:write<CR>")
    expected = (PATHS + TYPED + ghost.text + "\n").replace("\n", "\r\n").encode()
    neovim.wait(lambda: path.read_bytes() == expected, "the file was written with its line ends")


def test_a_key_without_a_suggestion_leaves_insert_mode_as_it_is(
    shared_desk: Desk, neovim: PluginNeovim
) -> None:
    open_and_type(neovim, shared_desk.file(PATHS), "x;")
    neovim.answered()
    assert neovim.ghost is None
    neovim.type(WHOLE + WORD + LINE + DISMISS + "y")
    neovim.wait(lambda: neovim.line == "x;y", "still typing")


def test_a_popup_menu_has_the_place_and_the_keys(shared_desk: Desk, neovim: PluginNeovim) -> None:
    neovim.lua("vim.o.completeopt = 'menuone,noselect'")
    typed(neovim, shared_desk)
    neovim.type("<C-x><C-n>")
    neovim.wait(lambda: bool(neovim.call("nvim_call_function", "pumvisible", [])), "a popup menu")
    neovim.wait(lambda: neovim.ghost is None, "the menu has the place")
    assert neovim.lua("return require('paceline').available()") is False
    neovim.type("<C-e>")
    neovim.wait(lambda: not neovim.call("nvim_call_function", "pumvisible", []), "no popup menu")
    assert neovim.text == PATHS + TYPED


def test_the_help_of_health_has_nothing_to_complain_of(shared_desk: Desk, neovim: PluginNeovim) -> None:
    typed(neovim, shared_desk)
    neovim.type("<Esc>")
    neovim.call("nvim_command", "checkhealth paceline")
    report = neovim.text
    neovim.call("nvim_command", "bwipeout")
    assert "the language server runs for" in report
    assert "the daemon runs" in report
    assert f"accept: {WHOLE}" in report
    assert "ERROR" not in report
    assert "WARNING" not in report


def test_the_commands_show_what_the_command_line_does(shared_desk: Desk, neovim: PluginNeovim) -> None:
    typed(neovim, shared_desk)
    neovim.type("<Esc>:Paceline status<CR>")
    neovim.wait(lambda: "requests" in neovim.text, "the state of the daemon")
    assert re.search(r"^pair +mini", neovim.text, re.MULTILINE)
    neovim.type("q")
    neovim.wait(lambda: neovim.text == PATHS + TYPED, "the window is closed")


def test_the_last_suggestion_is_explained_in_colours(shared_desk: Desk, neovim: PluginNeovim) -> None:
    ghost = typed(neovim, shared_desk)
    neovim.type("<Esc>:Paceline explain<CR>")
    neovim.wait(lambda: "drafted" in neovim.text, "where each token came from")
    assert neovim.text.startswith(ghost.text)
    assert re.search(r"^first text \d+ ms, total \d+ ms$", neovim.text, re.MULTILINE)
    marks = neovim.lua(_PAINTED)
    legend = {
        name: group for text, group in marks if (name := text) in ("draft", "lookup", "replay", "target")
    }
    assert legend == {name: f"Paceline{name.title()}" for name in ("draft", "lookup", "replay", "target")}
    painted = "".join(text for text, _ in marks[: len(marks) - len(legend)])
    assert painted.startswith(ghost.text.replace("\n", ""))
    neovim.type("q")
    neovim.wait(lambda: neovim.text == PATHS + TYPED, "the window is closed")


def test_a_named_key_does_what_it_did_where_nothing_is_suggested(shared_desk: Desk) -> None:
    neovim = plugin_neovim(shared_desk, "builtin", keys={"accept": "<Tab>", "accept_word": False})
    ghost = typed(neovim, shared_desk)
    neovim.type("<Tab>")
    becomes(neovim, PATHS + TYPED + ghost.text)
    neovim.type("<Esc>:Paceline toggle<CR>o<Tab>x")
    becomes(neovim, PATHS + TYPED + ghost.text + "\n    x")  # as files of Python are indented


@pytest.mark.parametrize(
    ("before", "result"),
    [
        ("", ""),
        ("vim.keymap.set('i', '<C-t>', 'text')", "text"),
        (
            "vim.keymap.set('i', '<C-t>', '<Plug>(a)'); vim.keymap.set('i', '<Plug>(a)', 'remapped')",
            "remapped",
        ),
        ("vim.keymap.set('i', '<C-t>', function() vim.api.nvim_put({ 'put' }, 'c', false, true) end)", "put"),
        ("vim.keymap.set('i', '<C-t>', function() return 'ac<Left>b' end, { expr = true })", "abc"),
        ("vim.cmd('inoremap <expr> <C-t> 1 + 1')", "2"),
    ],
)
def test_a_key_that_was_mapped_before_still_does_that(neovim: PluginNeovim, before: str, result: str) -> None:
    neovim.lua("vim.cmd('enew!')\nvim.keymap.set('i', '<C-t>', '')\n" + before)
    try:
        neovim.lua("require('paceline.config').options.keys = { accept = '<C-t>' }")
        neovim.lua("require('paceline.keys').use({ accept = '<C-t>' })")
        neovim.type("i<C-t>!")
        neovim.wait(lambda: neovim.line.endswith("!") or "b!" in neovim.line, "what was typed")
        assert neovim.line.replace("!", "") == result
    finally:
        neovim.lua("require('paceline').setup(Options)")
    neovim.type("<Esc>")
    assert neovim.lua("return vim.fn.maparg('<C-t>', 'i', false, true).desc") is None


def test_a_wrong_option_is_named(shared_plugin: PluginNeovim) -> None:
    for option, name in (
        ({"ghots": "own"}, "ghots"),
        ({"ghost": "x"}, "ghost"),
        ({"keys": {"a": "b"}}, "'a'"),
    ):
        code = "local done, error = pcall(require('paceline.config').use, ...); return { done, error }"
        done, error = shared_plugin.lua(code, option)
        assert not done
        assert name in error


def test_a_stopped_daemon_blocks_no_key(shared_desk: Desk, neovim: PluginNeovim) -> None:
    typed(neovim, shared_desk)
    with shared_desk.daemon() as daemon:
        stopped = daemon.hello().pid
    os.kill(stopped, signal.SIGSTOP)
    try:
        neovim.write("# still here")
        assert neovim.line == TYPED + "# still here"
        neovim.wait(lambda: neovim.word() == "working", "a request that waits")
    finally:
        os.kill(stopped, signal.SIGCONT)
