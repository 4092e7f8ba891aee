"""Model directories that cannot be used: one sentence, exit status 2, in the daemon and without it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ...house.tree import ROOT
from .conftest import User

MINI = ROOT / "models" / "bundled" / "mini"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to complete in."""
    path = tmp_path_factory.mktemp("source") / "one.py"
    path.write_text("x = 1\n")
    return path


def refused(user: User, *arguments: str) -> str:
    """The one sentence with which ``paceline`` refuses ``arguments``."""
    done = user.run(*arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def copy(part: str, folder: Path) -> Path:
    """A copy of the bundled target or draft, to be broken."""
    return shutil.copytree(MINI / part, folder / part)


def truncate(directory: Path) -> None:
    """Leave half of the weights."""
    weights = directory / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])


def rename_family(directory: Path) -> None:
    """Claim to be of a family that nobody knows."""
    config = json.loads((directory / "config.json").read_text())
    config["model_type"], config["architectures"] = "frobnicate", ["FrobnicateForCausalLM"]
    (directory / "config.json").write_text(json.dumps(config))


def garble_config(directory: Path) -> None:
    """Break the JSON of the configuration."""
    (directory / "config.json").write_text("{")


def empty(directory: Path) -> None:
    """Leave nothing."""
    for path in directory.iterdir():
        path.unlink()


@pytest.mark.parametrize("damage", [empty, truncate, rename_family, garble_config])
@pytest.mark.parametrize("how", [(), ("--no-daemon",)], ids=["daemon", "in process"])
def test_unusable_target(
    new_user: Callable[[], User],
    source: Path,
    tmp_path: Path,
    damage: Callable[[Path], None],
    how: tuple[str, ...],
) -> None:
    target = copy("target", tmp_path)
    damage(target)
    assert target.name in refused(new_user(), "complete", f"{source}:1", "--target", str(target), *how)


def test_draft_with_another_tokenizer(new_user: Callable[[], User], source: Path, tmp_path: Path) -> None:
    draft = copy("draft", tmp_path)
    tokenizer = json.loads((draft / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    first, second = [word for word, number in vocabulary.items() if number in (300, 301)]
    vocabulary[first], vocabulary[second] = vocabulary[second], vocabulary[first]
    (draft / "tokenizer.json").write_text(json.dumps(tokenizer))
    options = ("--target", str(MINI / "target"), "--draft", str(draft))
    assert "tokenizer" in refused(new_user(), "complete", f"{source}:1", *options)


def test_name_of_no_pair(new_user: Callable[[], User], source: Path) -> None:
    assert "nosuchpair" in refused(new_user(), "complete", f"{source}:1", "--target", "nosuchpair")


def test_truncated_draft(new_user: Callable[[], User], source: Path, tmp_path: Path) -> None:
    draft = copy("draft", tmp_path)
    truncate(draft)
    options = ("--target", str(MINI / "target"), "--draft", str(draft))
    assert "draft" in refused(new_user(), "complete", f"{source}:1", *options)
