"""``draft tune`` and the verbs beside it as processes: killed, stopped, gone on with, removed."""

import json
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ....daemon.drafts import Shelf
from .conftest import SECONDS, User

MODELS = Path(__file__).resolve().parents[3] / "models"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with enough code."""
    folder = tmp_path / "code"
    folder.mkdir()
    for path in MODELS.glob("*.py"):
        shutil.copyfile(path, folder / path.name)
    return folder


def _wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def test_killed_it_goes_on_and_stopped_it_says_how(new_user: Callable[[], User], code: Path) -> None:
    user = new_user()
    work = Shelf.of(user.home / "paceline", "mini").work("code")

    def written() -> int:
        return len(list(work.glob("own-*.npz")))

    with user.start("draft", "tune", str(code), "--minutes", "5") as process:
        _wait(lambda: written() > 0)
        process.send_signal(signal.SIGKILL)
    kept = written()
    assert "code  unfinished" in user.run("draft", "list").stdout
    with user.start("draft", "tune", str(code), "--minutes", "5") as process:
        _wait(lambda: written() > kept)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert said.endswith("paceline: stopped; nothing is lost, the same command goes on from here\n")
    assert [path.name for path in work.glob("*.new")] == []
    assert user.run("draft", "remove", "code").returncode == 0
    assert not work.exists() and json.loads(user.run("draft", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("tune", "no-such-folder"), "no-such-folder is no folder"),
        (("tune", ".", "--name", "../x"), "is no name for a draft"),
        (("tune", "EMPTY"), "There is too little code to tune on: 0 files"),
        (("use", "nobody"), "no tuned draft has the name 'nobody'"),
        (("remove", "nobody"), "no tuned draft has the name 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    user: User, arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = user.run("draft", *(str(tmp_path) if word == "EMPTY" else word for word in arguments))
    assert done.returncode == 2
    assert done.stderr.startswith("paceline: ") and says in done.stderr and done.stderr.count("\n") == 1


def test_own_is_always_a_choice(user: User) -> None:
    assert user.run("draft", "use", "own").returncode == 0
    assert user.run("draft", "list").stdout == "none yet:  paceline draft tune DIR  makes one\n"
