"""What is found of Neovim and VS Code."""

from pathlib import Path

import pytest

from .... import __version__
from ....daemon.doctor.editors import check_editors


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The only folder of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv(
        "PATH", f"{folder}:/bin:/usr/bin" if not Path("/usr/bin/nvim").exists() else str(folder)
    )
    return folder


def install(folder: Path, says: str) -> None:
    """Put a program in the place of Neovim that only tells its version."""
    program = folder / "nvim"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o700)


def test_none_is_here(programs: Path, tmp_path: Path) -> None:
    [found] = check_editors(tmp_path)
    assert (found.state, "paceline lsp" in found.step) == ("remark", True)


@pytest.mark.parametrize(
    ("says", "state", "words"),
    [
        ("NVIM v0.12.1", "ok", "0.12.1"),
        ("NVIM v0.10.0-dev", "ok", "0.10.0-dev"),
        ("NVIM v0.9.5", "remark", "too old"),
        ("hello", "remark", "does not tell"),
    ],
)
def test_neovim(programs: Path, tmp_path: Path, says: str, state: str, words: str) -> None:
    install(programs, says)
    [found] = check_editors(tmp_path)
    assert (found.topic, found.state, words in found.text) == ("neovim", state, True)


def test_neovim_that_does_not_run(programs: Path, tmp_path: Path) -> None:
    (programs / "nvim").write_bytes(b"\x7fELF")
    (programs / "nvim").chmod(0o700)
    [found] = check_editors(tmp_path)
    assert (found.state, "does not run" in found.text) == ("remark", True)


@pytest.mark.parametrize(
    ("versions", "state", "words"),
    [([], "remark", "without"), (["0.0.1"], "remark", "0.0.1"), (["0.0.1", __version__], "ok", __version__)],
)
def test_extension(programs: Path, tmp_path: Path, versions: list[str], state: str, words: str) -> None:
    folder = tmp_path / ".vscode/extensions"
    for name in ("ms-python.python-2026.1", *(f"paceline.paceline-{version}" for version in versions)):
        (folder / name).mkdir(parents=True)
    [found] = check_editors(tmp_path)
    assert (found.topic, found.state, words in found.text) == ("vscode", state, True)
