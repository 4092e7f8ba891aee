"""What recent commits of a git repository added, and files as they were then."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMMITS = 200
MOST_LINES = 60
"""Lines added in one piece; more were moved or generated, not typed."""
MOST_OUTPUT = 32 << 20  # bytes
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
# nothing that a repository's own settings name is run
_SAFE = ("--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotepath=false")
_PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv")


@dataclass(frozen=True, slots=True)
class Added:
    """Lines ``first`` to ``end`` (from 0, exclusive) of the file at ``path`` that a commit added."""

    commit: str
    path: str
    first: int
    end: int


def recent(folder: Path) -> list[Added]:
    """What the last commits added below ``folder``, newest first; nothing where there is no repository."""
    log = ("log", "-p", "-U0", "-M", "--no-merges", f"--max-count={COMMITS}", "--relative", *_PLAIN)
    prefixes = ("--src-prefix=a/", "--dst-prefix=b/", "--diff-filter=AMR", "--format=commit %H")
    output = _git(folder, *log, *prefixes, "--", ".")
    return [] if output is None else list(parse(output.decode(errors="replace")))


def content(folder: Path, added: Added) -> str | None:
    """The file of ``added`` as its commit left it; None where git does not give it or it is no UTF-8."""
    output = _git(folder, "cat-file", "blob", f"{added.commit}:./{added.path}")
    try:
        return None if output is None else output.decode()
    except UnicodeDecodeError:
        return None


def parse(log: str) -> Iterator[Added]:
    """What ``git log -p -U0`` says was added, pieces of more than ``MOST_LINES`` left out."""
    commit, path = "", ""
    lines = iter(log.split("\n"))
    for line in lines:
        if line.startswith("commit "):
            commit, path = line.removeprefix("commit "), ""
        elif line.startswith("+++ "):
            path = line.removeprefix("+++ b/").rstrip("\t") if line.startswith("+++ b/") else ""
        elif (found := _HUNK.match(line)) is not None:
            removed, first, count = (int(part) if part else 1 for part in found.groups())
            _skip(lines, removed + count)  # what was changed may look like a header
            if path and 0 < count <= MOST_LINES:
                yield Added(commit, path, first - 1, first - 1 + count)


def _skip(lines: Iterator[str], count: int) -> None:
    """Read past ``count`` changed lines and the remarks between them (no newline at the end of the file)."""
    while count and (line := next(lines, None)) is not None:
        count -= not line.startswith("\\")


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, up to ``MOST_OUTPUT``; None where it fails or is missing."""
    program = shutil.which("git")
    if program is None:
        return None
    with subprocess.Popen(
        [program, *_SAFE, "-C", str(folder), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        output = process.stdout.read(MOST_OUTPUT) if process.stdout is not None else b""
        if len(output) == MOST_OUTPUT:
            process.kill()
            return output
    return output if process.returncode == 0 else None
