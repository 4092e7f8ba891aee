"""The verb ``doctor`` as a user runs it: its lines, its JSON, its exit status."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import User

TOPICS = {
    *("python", "paceline", "libraries", "command", "settings", "steps", "state", "runtime", "disk"),
    *("daemon", "compiler", "device", "pair", "memory"),
}


def topics(report: str) -> dict[str, str]:
    """State by topic of a JSON report."""
    return {finding["topic"]: finding["state"] for finding in json.loads(report)["findings"]}


def test_quick_look_at_a_sound_installation(user: User) -> None:
    done = user.run("doctor", "--quick", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert topics(done.stdout).keys() >= TOPICS
    assert report["state"] in ("ok", "remark")
    assert report["self_check"] is None


def test_text_fits_a_terminal_and_starts_no_daemon(user: User) -> None:
    before = user.daemons()
    done = user.run("doctor", "--quick")
    assert done.returncode == 0
    breakable = [row for row in done.stdout.splitlines() if not any(len(word) > 60 for word in row.split())]
    assert max(map(len, breakable)) <= 80
    assert done.stdout.splitlines()[-1].startswith("nothing wrong, ")
    assert "\x1b" not in done.stdout
    assert user.daemons() == before


def test_something_wrong_is_exit_status_1(new_user: Callable[[], User]) -> None:
    user = new_user()
    steps = user.home / "paceline" / "steps"
    steps.mkdir(parents=True)
    steps.chmod(0o777)
    done = user.run("doctor", "--quick")
    assert done.returncode == 1
    assert f"→ chmod -R go-w {steps}" in " ".join(done.stdout.split())
    assert done.stdout.splitlines()[-1].startswith("1 wrong, ")


def test_broken_settings_file_is_a_finding(new_user: Callable[[], User]) -> None:
    user = new_user()
    config = user.home / "paceline" / "config.toml"
    config.parent.mkdir()
    config.write_text("slots = 0\n")
    done = user.run("doctor", "--json")
    assert done.returncode == 1
    found = topics(done.stdout)
    assert (found["settings"], found["libraries"]) == ("wrong", "ok")
    assert "pair" not in found
    assert json.loads(done.stdout)["self_check"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--device", "toaster"), "'device'"),
        (("nowhere.py",), "nowhere.py does not exist"),
        (("--seconds", "0"), "--seconds"),
        (("--prompts", "1"), "--prompts"),
    ],
)
def test_bad_input_is_exit_status_2(user: User, arguments: tuple[str, ...], words: str) -> None:
    done = user.run("doctor", "--quick", *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


def test_file_with_too_few_places(user: User, tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("x = 1\n")
    done = user.run("doctor", str(code))
    assert done.returncode == 2
    assert "places for 24 prompts" in done.stderr


@pytest.mark.timeout(300)
def test_replay_of_prompts(user: User) -> None:
    done = user.run("doctor", "--json", "--seconds", "2", "--prompts", "3", "--dtype", "f32")
    report = json.loads(done.stdout)
    checked = report["self_check"]
    assert done.returncode == 0, report
    assert {"identity", "verdict"} <= topics(done.stdout).keys()
    assert checked["identity"]["outputs"] >= 2
    assert checked["identity"]["differences"] == []
    assert [way["name"] for way in checked["ways"]][:2] == ["plain", "auto"]
    assert all(way["ms"] > 0 for way in checked["ways"])
