"""A Neovim with the plugin of ``editors/nvim``, as a user's configuration sets it up."""

from typing import Any

from ..house.tree import ROOT
from .conftest import SERVER, Desk
from .neovim import Neovim

PLUGIN = ROOT / "editors" / "nvim"
MARKS = {"builtin": "nvim.lsp.inline_completion", "own": "paceline.ghost"}

_LOAD = """
local folder, options = ...
vim.opt.runtimepath:prepend(folder)
vim.cmd.runtime('plugin/paceline.lua')
require('paceline').setup(options)
Options = options
Notified = {}
vim.notify = function(text) Notified[#Notified + 1] = text end
"""


class PluginNeovim(Neovim):
    """Its keys: the plugin's own, as Neovim's Lua interface triggers them."""

    def load(self, ghost: str, **options: Any) -> None:
        """Do what a user's configuration does: the plugin, with options."""
        self.space = MARKS[ghost]
        self.watch()
        settings = {"deadlineMs": 60_000, "leastConfidence": 0} | options.pop("settings", {})
        self.lua(_LOAD, str(PLUGIN), {"cmd": SERVER, "ghost": ghost, "settings": settings} | options)

    def word(self) -> str:
        """What the statusline says."""
        return str(self.lua("return require('paceline').statusline()"))

    def told_user(self) -> list[str]:
        """What the user was notified of."""
        return list(self.lua("return Notified"))


def plugin_neovim(desk: Desk, ghost: str, executable: str | None = None, **options: Any) -> PluginNeovim:
    """A running Neovim of the desk that has the plugin."""
    neovim = PluginNeovim(executable or desk.executable, desk.project, desk.environment)
    desk.editors.append(neovim)
    neovim.load(ghost, **options)
    return neovim
