"""The editors: Neovim by its own word, VS Code by what lies in its folders of extensions."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ... import __version__
from .finding import Finding, ok, remark

LEAST_NEOVIM = (0, 10)
SECONDS = 5
EXTENSION = "paceline.paceline-"
VSCODE = (
    *(".vscode", ".vscode-insiders", ".vscode-oss", ".vscode-server", ".vscode-server-insiders"),
    *(".cursor", ".windsurf", ".local/share/code-server"),
)


def check_editors(home: Path) -> Iterator[Finding]:
    """What is found of each; ``home`` is the user's directory."""
    neovim = shutil.which("nvim")
    folders = [folder for name in VSCODE if (folder := home / name / "extensions").is_dir()]
    if neovim is not None:
        yield check_neovim(neovim)
    yield from (check_extensions(folder) for folder in folders)
    if neovim is None and not folders:
        yield remark("editors", "neither Neovim nor VS Code is here", "have yours start `paceline lsp`")


def check_neovim(program: str) -> Finding:
    """Whether the Neovim at ``program`` runs and is new enough."""
    try:
        done = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return remark("neovim", f"{program} does not run ({type(error).__name__})", "install it again")
    match = re.search(r"NVIM v((\d+)\.(\d+)\S*)", done.stdout)
    if match is None:
        return remark("neovim", f"{program} does not tell its version", "install Neovim 0.10 or newer")
    if (int(match[2]), int(match[3])) < LEAST_NEOVIM:
        return remark("neovim", f"{match[1]} is too old for the plugin", "install Neovim 0.10 or newer")
    return ok("neovim", f"{match[1]}; `:checkhealth paceline` looks at the plugin")


def check_extensions(folder: Path) -> Finding:
    """Whether paceline's extension lies in a folder of extensions, in our version."""
    place = folder.parent.name
    found = sorted(path.name.removeprefix(EXTENSION) for path in folder.glob(f"{EXTENSION}*"))
    if not found:
        return remark(
            "vscode", f"{place} is here without paceline's extension", "see editors/vscode/README.md"
        )
    if __version__ not in found:
        text = f"{place} has the extension {found[-1]}, and paceline is {__version__}"
        return remark("vscode", text, "install the extension of this version")
    return ok("vscode", f"{place} has the extension {__version__}")
