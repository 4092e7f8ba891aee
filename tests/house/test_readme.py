"""README says what is true: its commands, verbs, files and tests exist."""

import re
import subprocess
import sys
from dataclasses import fields

from ...daemon.settings import Settings
from .tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def _help(*verb: str) -> str:
    command = [sys.executable, "-m", "paceline", *verb, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _verbs_of_help() -> set[str]:
    return set(re.search(r"\{([a-z,]+)\}", _help()).group(1).split(","))  # type: ignore[union-attr]


def test_verbs_of_readme_are_those_of_help() -> None:
    assert set(re.findall(r"^\| `paceline ([a-z]+)", README, re.MULTILINE)) == _verbs_of_help()


def _help_of_all() -> str:
    """The help of every verb, and of the verbs that some of them have."""
    texts = [_help()]
    for verb in _verbs_of_help():
        texts.append(_help(verb))
        own = re.search(r"\{([a-z,]+)\}\s+\.\.\.", texts[-1])
        texts += [_help(verb, inner) for inner in (own.group(1).split(",") if own else ())]
    return " ".join(texts)


def test_options_of_readme_are_those_of_help() -> None:
    known = set(re.findall(r"--[a-z-]+", _help_of_all()))
    shown = {
        option
        for line in README.splitlines()
        if "paceline" in line and "pip" not in line and ".tests" not in line
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)
    }
    assert shown <= known


def test_settings_of_readme_are_all_settings() -> None:
    table = README.split("## Settings")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(field.name for field in fields(Settings))


def test_paths_of_readme_exist() -> None:
    named = {path for path in re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", README) if not path.startswith("~")}
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_links_of_readme_exist() -> None:
    links = {link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link}
    assert {link for link in links if link and not (ROOT / link).exists()} == set()


def test_every_invariant_names_a_test_that_exists() -> None:
    table = README.split("## Invariants")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    named = [re.findall(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", row) for row in rows]
    assert rows
    assert all(named)
    for path, function in (test for row in named for test in row):
        source = (ROOT / path).read_text(encoding="utf-8")
        assert not function or f"def {function}(" in source, f"{path}::{function}"


def test_readme_has_two_commands_to_copy() -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert "paceline complete" in blocks[0]
    assert "-m paceline.tests" in blocks[1]
