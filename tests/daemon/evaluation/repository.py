"""A git repository made for a test."""

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    """Run git in ``folder`` as nobody in particular, whatever this machine's settings are."""
    who = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, "-C", str(folder), *arguments], check=True, capture_output=True)


def commit(folder: Path, **files: str) -> None:
    """Write files (``__`` in a name stands for a slash, their ending is .py) and commit everything."""
    folder.mkdir(exist_ok=True)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=work")
