"""A real Neovim without a terminal: started, driven and looked at over msgpack-RPC on its standard streams.

What it does itself is done as a user's would: keys are typed, events fire, the built-in client speaks to the
server. Questions are asked in Lua.
"""

import itertools
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack

SECONDS = 60.0  # the most that anything here may take; on a fast machine it is far less

_SETUP = """
local server, options = ...
vim.lsp.config('paceline', {
  cmd = server, filetypes = { 'python' }, root_markers = { '.git' }, init_options = options,
})
vim.lsp.enable('paceline')
vim.lsp.inline_completion.enable()
"""

_WATCH = """
vim.o.swapfile, vim.o.hidden, vim.o.autoindent = false, true, false
vim.cmd.filetype('indent off')
Asked, Answered, Told = {}, {}, 0
vim.api.nvim_create_autocmd('LspNotify', { callback = function(event)
  if event.data.method == 'textDocument/didChange' then Told = vim.api.nvim_buf_get_changedtick(0) end
end })
vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)
  local id, request = event.data.request_id, event.data.request
  if request.method ~= 'textDocument/inlineCompletion' then return end
  if request.type == 'pending' then
    Asked[id] = State()
  elseif request.type == 'complete' then
    vim.schedule(function() Answered[Asked[id]] = true end) -- after the answer was handled
  end
end })
function State()
  local cursor = vim.api.nvim_win_get_cursor(0)
  return ('%d:%d:%d:%d'):format(
    vim.api.nvim_get_current_buf(), vim.api.nvim_buf_get_changedtick(0), cursor[1], cursor[2])
end
"""

_GHOST = """
local space = vim.api.nvim_get_namespaces()[...]
if not space then return {} end
local function text(chunks)
  return vim.iter(chunks):map(function(chunk) return chunk[1] end):join('')
end
return vim.iter(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })):map(function(mark)
  local lines = { text(mark[4].virt_text or {}) }
  for _, line in ipairs(mark[4].virt_lines or {}) do lines[#lines + 1] = text(line) end
  return { mark[2], mark[3], table.concat(lines, '\\n') }
end):totable()
"""

_SCREEN = """
vim.cmd.redraw()
local rows = {}
for row = 1, vim.o.lines do
  local cells = {}
  for column = 1, vim.o.columns do cells[column] = vim.fn.screenstring(row, column) end
  rows[row] = table.concat(cells)
end
return table.concat(rows, '\\n')
"""


@dataclass(frozen=True)
class Ghost:
    """Ghost text and where it is drawn: row from 0, column in bytes."""

    row: int
    column: int
    text: str


class Neovim:
    """One running Neovim. ``close`` it. ``space`` is the namespace of who draws its ghost text."""

    space = "nvim.lsp.inline_completion"

    def __init__(
        self, executable: str, folder: Path, environment: dict[str, str], *, clean: bool = True
    ) -> None:
        self.process = subprocess.Popen(
            [executable, *(["--clean"] if clean else []), "--embed", "--headless"],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._ids = itertools.count(1)
        self._answers: queue.Queue[Any] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.call("nvim_ui_attach", 100, 30, {"rgb": True, "ext_linegrid": True})

    # -- the wire

    def call(self, method: str, *arguments: Any) -> Any:
        """Return the result of a function of Neovim's API."""
        number = next(self._ids)
        assert self.process.stdin is not None
        self.process.stdin.write(msgpack.packb([0, number, method, arguments]))
        self.process.stdin.flush()
        answered, error, result = self._answers.get(timeout=SECONDS)
        assert answered == number
        assert error is None, error
        return result

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua, ``...`` being the arguments, and return what it returns."""
        return self.call("nvim_exec_lua", code, arguments)

    def _read(self) -> None:
        assert self.process.stdout is not None
        unpacker = msgpack.Unpacker(strict_map_key=False, unicode_errors="surrogateescape")
        while data := os.read(self.process.stdout.fileno(), 1 << 16):
            unpacker.feed(data)
            for message in unpacker:
                if message[0] == 1:
                    self._answers.put(message[1:])

    def close(self) -> None:
        """Leave as a user does; the server it started leaves with it. Again does nothing."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if self.process.stdin.closed:
            return
        try:
            self.process.stdin.write(msgpack.packb([2, "nvim_command", ["qall!"]]))
            self.process.stdin.close()
            self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            self.process.stdout.close()

    # -- what a user does

    def use(self, server: list[str], **options: Any) -> None:
        """Do what a user's configuration does: the server, with its options, and inline completion."""
        self.watch()
        self.lua(_SETUP, server, options)

    def watch(self) -> None:
        """Take note of requests and answers from now on, and have keys do what they do by default."""
        self.lua(_WATCH)

    def edit(self, path: Path) -> None:
        """Open a file and wait until the server has it."""
        self.call("nvim_command", f"edit {path}")
        self.wait(self._attached, "the server knows the file")

    def type(self, keys: str) -> None:
        """Type keys, ``<Esc>`` and the like among them."""
        self.call("nvim_input", keys)

    def write(self, text: str) -> None:
        """In insert mode, type a text as it stands and wait until it is in the buffer."""
        wanted = len(self.text) + len(text)
        self.type(text.replace("<", "<lt>").replace("\n", "<CR>"))
        self.wait(lambda: len(self.text) >= wanted, "the keys were taken in")

    def invoke(self) -> None:
        """Ask for several suggestions, which Neovim itself can do and has no command for."""
        self.lua(
            "local completors = require('vim.lsp._capability').all.inline_completion.active\n"
            "completors[vim.api.nvim_get_current_buf()]:request(1)"
        )

    def accept(self) -> bool:
        """Accept the ghost text, as the mapping in Neovim's manual does."""
        return bool(self.lua("return vim.lsp.inline_completion.get()"))

    # -- what a user sees

    @property
    def text(self) -> str:
        """The text of the buffer, lines joined by ``\\n``."""
        return str(self.lua("return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\\n')"))

    @property
    def line(self) -> str:
        """The line of the cursor."""
        return str(self.call("nvim_get_current_line"))

    @property
    def cursor(self) -> tuple[int, int]:
        """Row from 0 and column in bytes."""
        row, column = self.call("nvim_win_get_cursor", 0)
        return row - 1, column

    @property
    def ghost(self) -> Ghost | None:
        """The ghost text that is drawn now."""
        marks = self.lua(_GHOST, self.space)
        assert len(marks) <= 1
        return Ghost(*marks[0]) if marks else None

    @property
    def screen(self) -> str:
        """What stands on the screen."""
        return str(self.lua(_SCREEN))

    @property
    def messages(self) -> str:
        """What the user was told."""
        return str(self.call("nvim_exec2", "messages", {"output": True})["output"])

    def answered(self) -> None:
        """Wait until the server has answered for the text and cursor as they are now."""
        self.wait(lambda: self.lua("return Answered[State()] == true"), "an answer for the text as it is")

    def told(self) -> None:
        """Wait until the server was told of the text as it is; Neovim lets changes gather for a moment."""
        self.wait(lambda: self.lua("return Told == vim.api.nvim_buf_get_changedtick(0)"), "a notification")

    def ask_again(self) -> None:
        """Leave and enter insert mode at the end of the line, and wait for the answer."""
        self.type("<Esc>")
        self.wait(lambda: self.call("nvim_get_mode")["mode"] == "n", "normal mode")
        self.lua("Answered = {}")
        self.type("A")
        self.answered()

    def suggestion(self) -> Ghost:
        """Wait for the answer to the text as it is, and return the ghost text that it gave."""
        self.answered()
        ghost = self.ghost
        assert ghost is not None, self.text
        return ghost

    def wait(self, true: Callable[[], bool], what: str) -> None:
        """Ask again and again until it is true; fail with ``what`` where that takes too long."""
        deadline = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < deadline, f"never happened: {what}"
            time.sleep(0.02)

    def server(self) -> int:
        """The process id of the language server."""
        children = self.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())")
        assert len(children) == 1
        return int(children[0])

    def _attached(self) -> bool:
        return bool(self.lua("return #vim.lsp.get_clients({ bufnr = 0, name = 'paceline' }) > 0"))
