"""The plugin of ``editors/nvim`` from nothing: copied and opened, without the program, started anew."""

import os
import shutil
import sys

from .conftest import Desk
from .plugin import PLUGIN, PluginNeovim, plugin_neovim
from .test_neovim import PATHS, TYPED
from .test_nvim_plugin import WHOLE, becomes, typed


def test_a_copied_plugin_starts_by_itself(desk: Desk) -> None:
    package = desk.home.folder / "nvim" / "site" / "pack" / "paceline" / "start" / "nvim"
    shutil.copytree(PLUGIN, package)
    program = desk.home.folder / "bin" / "paceline"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m paceline "$@"\n')
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    neovim = PluginNeovim(desk.executable, desk.project, desk.environment | path, clean=False)
    desk.editors.append(neovim)
    neovim.watch()
    neovim.edit(desk.file(PATHS))
    neovim.wait(lambda: neovim.word() == "ready", "the models are loaded")
    neovim.type("Go")
    neovim.write(TYPED)
    ghost = neovim.suggestion()
    neovim.type(WHOLE)
    becomes(neovim, PATHS + TYPED + ghost.text)
    neovim.call("nvim_command", "helptags ALL")
    for topic in ("paceline", ":Paceline", "<Plug>(paceline-accept)"):
        assert topic in neovim.call("nvim_call_function", "getcompletion", [topic, "help"])


def test_a_user_without_the_program_is_told_once(shared_desk: Desk) -> None:
    neovim = plugin_neovim(shared_desk, "builtin", cmd=["/nowhere/paceline", "lsp"])
    for _ in range(2):
        neovim.call("nvim_command", f"edit {shared_desk.file(PATHS)}")
    neovim.type("Goabc")
    neovim.wait(lambda: neovim.line == "abc", "what was typed")
    assert neovim.word() == "missing"
    assert len(neovim.told_user()) == 1
    assert "/nowhere/paceline" in neovim.told_user()[0]
    neovim.type("<Esc>")
    neovim.call("nvim_command", "checkhealth paceline")
    assert "ERROR" in neovim.text


def test_a_restart_brings_another_server_and_daemon(desk: Desk) -> None:
    neovim = plugin_neovim(desk, "builtin")
    typed(neovim, desk)
    before = neovim.server()
    with desk.daemon() as daemon:
        ended = daemon.hello().pid
    neovim.type("<Esc>:Paceline restart<CR>")
    neovim.wait(lambda: bool(neovim.told_user()), "the restart")
    neovim.wait(lambda: neovim.word() == "ready", "the server is back")

    def suggested() -> bool:
        neovim.type("<Esc>o")
        neovim.wait(lambda: neovim.line == "", "an empty line")
        neovim.write(TYPED)
        neovim.answered()
        return neovim.ghost is not None

    neovim.wait(suggested, "a suggestion again")
    assert neovim.server() != before
    with desk.daemon() as daemon:
        assert daemon.hello().pid != ended
