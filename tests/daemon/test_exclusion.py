"""Which files are left alone: secrets by name, and what git and the user exclude."""

import subprocess
from pathlib import Path

import pytest

from ...daemon.exclusion import Exclusions, holds_secrets, project_root

SECRET = [
    *(".env", ".env.production", "prod.env", "server.pem", "id_rsa", "id_ed25519.pub", "credentials"),
    *("credentials.json", "secrets.yaml", ".netrc", ".npmrc", "terraform.tfstate", "x.tfvars", "KEYS.KEY"),
    *(".ssh/config", ".aws/credentials", "deep/.kube/config", "service-account-prod.json"),
]
HARMLESS = ["app.py", "secrets.py", "credentials.py", "env.py", ".env.example", "keys.ts", "monkey.md"]


@pytest.mark.parametrize("name", SECRET)
def test_secrets_are_known_by_their_names(name: str) -> None:
    assert holds_secrets(Path("/p") / name)
    assert Exclusions(["!*"]).excludes(Path("/p") / name, None), "nothing brings a secret back"


@pytest.mark.parametrize("name", HARMLESS)
def test_source_with_such_words_in_its_name_is_no_secret(name: str) -> None:
    assert not holds_secrets(Path("/p") / name)


def test_a_link_to_a_secret_is_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY=1")
    (tmp_path / "notes.txt").symlink_to(tmp_path / ".env")
    assert Exclusions().excludes(tmp_path / "notes.txt", tmp_path)


IGNORES = {
    ".gitignore": "*.log\n!keep.log\n/build/\ndata/*\n!data/kept.py\n\\!odd\n# a comment\n!\n",
    "src/.gitignore": "generated.py\n!debug.log\n",
    "src/deep/.gitignore": "!generated.py\n*.tmp",
}
PATHS = [
    *("a.log", "keep.log", "x.py", "build/x.py", "src/build/x.py", "data/x.py", "data/kept.py", "!odd"),
    *("src/generated.py", "src/debug.log", "src/other.log", "src/deep/generated.py", "src/deep/a.tmp"),
    *("src/deep/keep.log", "build/keep.log"),
]


def test_gitignore_decides_as_git_does(tmp_path: Path) -> None:
    for name, lines in IGNORES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(lines)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    command = ["git", "-C", str(tmp_path), "check-ignore", "--no-index", *PATHS]
    ignored = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
    ignored = [line.strip('"').replace("\\\\", "\\") for line in ignored if line]
    exclusions = Exclusions()
    assert [path for path in PATHS if exclusions.excludes(tmp_path / path, tmp_path)] == ignored


def test_pacelineignore_comes_after_gitignore(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("vendor.py\n")
    (tmp_path / ".pacelineignore").write_text("!vendor.py\nprivate/\n")
    exclusions = Exclusions(["*.csv", "/top.py"])
    wanted = {"vendor.py": False, "private/a.py": True, "a/b.csv": True, "top.py": True, "a/top.py": False}
    assert {name: exclusions.excludes(tmp_path / name, tmp_path) for name in wanted} == wanted
    (tmp_path / ".pacelineignore").write_text("")
    assert exclusions.excludes(tmp_path / "vendor.py", tmp_path), "a changed file is read again"


def test_the_project_is_the_repository_or_the_editors_folder(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert project_root(inner / "x.py") is None
    assert project_root(inner / "x.py", [tmp_path, tmp_path / "a", tmp_path / "z"]) == tmp_path / "a"
    (tmp_path / ".git").mkdir()
    assert project_root(inner / "x.py", [inner]) == tmp_path
