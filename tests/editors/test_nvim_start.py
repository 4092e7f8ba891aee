"""The plugin of ``editors/nvim`` from nothing: copied and opened, without the program, started anew."""

import os
import shutil
import subprocess
import sys

import pytest

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


def test_the_page_leads_to_an_accepted_suggestion_in_two_steps(desk: Desk) -> None:
    clone, home = desk.home.folder / "clone", desk.home.folder
    shutil.copytree(PLUGIN, clone / "editors" / "nvim")
    program = clone / ".venv" / "bin" / "paceline"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m paceline "$@"\n')
    program.chmod(0o755)
    places = {"HOME": str(home), "XDG_DATA_HOME": str(home / ".local" / "share")}
    page = (clone / "editors" / "nvim" / "README.md").read_text(encoding="utf-8")
    install = page.partition("```sh\n")[2].partition("```")[0]
    command = ["bash", "-euo", "pipefail", "-c", install]
    subprocess.run(command, cwd=clone, env=os.environ | desk.environment | places, check=True, timeout=60)
    neovim = PluginNeovim(desk.executable, desk.project, desk.environment | places, clean=False)
    desk.editors.append(neovim)
    neovim.watch()
    neovim.edit(desk.file(PATHS))
    neovim.type("Go")
    neovim.write(TYPED)
    neovim.wait(lambda: neovim.ghost is not None, "a suggestion")
    neovim.type(WHOLE)
    neovim.wait(lambda: neovim.text.startswith(PATHS + TYPED) and neovim.line != TYPED, "it was accepted")


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


@pytest.mark.parametrize("ghost", ["builtin", "own"])
def test_what_was_typed_before_the_server_answers_is_suggested_for(desk: Desk, ghost: str) -> None:
    slow = desk.home.folder / "slow"
    slow.write_text(f'#!/bin/sh\nsleep 3\nexec "{sys.executable}" -m paceline "$@"\n')
    slow.chmod(0o755)
    neovim = plugin_neovim(desk, ghost, cmd=[str(slow), "lsp"])
    neovim.call("nvim_command", f"edit {desk.file(PATHS)}")
    neovim.type("Go")
    neovim.write(TYPED)
    assert neovim.word() != "ready"
    neovim.wait(lambda: neovim.ghost is not None, "a suggestion without another key")
    assert neovim.text == PATHS + TYPED


@pytest.mark.parametrize("ghost", ["builtin", "own"])
def test_what_was_typed_while_models_load_is_suggested_for(desk: Desk, ghost: str) -> None:
    neovim = plugin_neovim(desk, ghost, settings={"deadlineMs": 1500})  # too short for models to load
    neovim.edit(desk.file(PATHS))
    neovim.type("Go")
    neovim.write(TYPED)
    neovim.lua("vim.wait(2000)")  # nobody waits for an answer any more
    neovim.lua("require('paceline.config').options.settings.deadlineMs = 60000")
    neovim.lua("require('paceline.server').push_settings()")
    neovim.wait(lambda: neovim.ghost is not None, "a suggestion without another key")
    assert neovim.text == PATHS + TYPED


def test_nothing_of_an_excluded_file_is_explained(shared_desk: Desk) -> None:
    neovim = plugin_neovim(shared_desk, "builtin")
    path = shared_desk.project / "credentials.txt"
    path.write_text(PATHS)
    neovim.lua("vim.filetype.add({ extension = { txt = 'python' } })")
    neovim.edit(path)
    neovim.type("Go")
    neovim.write(TYPED)
    neovim.answered()
    neovim.type("<Esc>:Paceline explain<CR>")
    neovim.wait(lambda: bool(neovim.told_user()), "a message")
    assert "nothing was suggested" in neovim.told_user()[0]


def test_the_doctor_is_run_by_the_program_of_the_server(shared_desk: Desk) -> None:
    seen, program = shared_desk.home.folder / "seen", shared_desk.home.folder / "program"
    program.write_text(f'#!/bin/sh\necho "$*" >>{seen}\nexec "{sys.executable}" -m paceline "$@"\n')
    program.chmod(0o755)
    neovim = plugin_neovim(shared_desk, "builtin", cmd=[str(program), "lsp"])
    neovim.edit(shared_desk.file(PATHS))
    neovim.type(":Paceline doctor<CR>")
    neovim.wait(lambda: seen.exists() and "doctor" in seen.read_text().split("\n"), "the doctor is run")
    neovim.wait(lambda: "pair" in neovim.text, "what it says")
    assert neovim.call("nvim_get_option_value", "buftype", {}) == "terminal"
    neovim.type("q")
    neovim.wait(lambda: neovim.text == PATHS.removesuffix("\n"), "its window is closed")
