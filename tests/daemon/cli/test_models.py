"""The verb ``models`` as a user meets it: list, show, check, pull from a hub on this machine."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ....daemon.cli import main
from ....models.catalog.table import PAIRS
from ...house.tree import ROOT
from ...models.hub_server import COMMIT, Hub
from .conftest import User

MINI = ROOT / "models" / "bundled" / "mini"
TARGET, DRAFT = "Qwen/Qwen2.5-Coder-1.5B", "Qwen/Qwen2.5-Coder-0.5B"
CHUNK = 10 << 20  # bytes that the hub library writes at once


@dataclass(frozen=True)
class HubUser(User):
    """A user whose hub is ``url``."""

    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Without what the environment of the tests says of hubs."""
        ours = {name: value for name, value in super().environment.items() if not name.startswith("HF_")}
        return ours | {"HF_ENDPOINT": self.url, "HF_HOME": str(self.home / "hf")}


def _files(part: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (MINI / part).iterdir()}


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub where the bundled models pass for a pair of the catalog."""
    with Hub({TARGET: _files("target"), DRAFT: _files("draft")}).serve() as server:
        yield server


@pytest.fixture
def user(new_user: Callable[[], User], hub: Hub) -> HubUser:
    """A user of that hub with nothing on disk."""
    return HubUser(new_user().home, hub.url)


def _json(user: User, *arguments: str, status: int = 0) -> Any:
    done = user.run("models", *arguments, "--json")
    assert (done.returncode, done.stderr) == (status, "")
    return json.loads(done.stdout)


def _refused(user: User, *arguments: str, status: int = 2) -> str:
    done = user.run(*arguments)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@dataclass(frozen=True)
class Here:
    """Runs the command line in this process, which is faster where nothing is started or downloaded."""

    captured: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, output, errors."""
        status = main(["models", *arguments])
        return status, *self.captured.readouterr()

    def json(self, *arguments: str, status: int = 0) -> Any:
        """What comes with ``--json``."""
        found, out, err = self.run(*arguments, "--json")
        assert (found, err) == (status, "")
        return json.loads(out)

    def refused(self, *arguments: str) -> str:
        """The one sentence of an error in what was given."""
        status, out, err = self.run(*arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        return err


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Here:
    """The command line in this process, with an empty store."""
    return Here(capsys)


def test_list(here: Here) -> None:
    """Every pair with its figures, and one suggestion at most; the same as JSON."""
    status, out, err = here.run("list")
    assert (status, err) == (0, "")
    assert all(pair.name in out for pair in PAIRS)
    assert max(map(len, out.splitlines())) < 140
    found = here.json("list")
    assert [each["name"] for each in found["pairs"]] == [pair.name for pair in PAIRS]
    assert found["suggestion"] is None or f"models pull {found['suggestion']}" in out
    assert {each["fits_in"] for each in found["pairs"]} <= {"bf16", "int8", None}
    assert found["machine"]["total"] > 0


def test_show(here: Here) -> None:
    """A pair of the catalog, a directory, the bundled pair; what nobody knows is refused."""
    found = here.json("show", "qwen2.5-coder-7b")
    assert [model["name"] for model in found["models"]] == ["qwen2.5-coder-7b", "qwen2.5-coder-0.5b"]
    assert found["models"][0]["licence"] == "Apache-2.0"
    assert here.json("show", str(MINI / "draft"))["directory"]["draft"] is None
    bundled = here.json("show", "mini")["directory"]
    assert (bundled["family"], bundled["fim"], bundled["native"]) == ("llama", "qwen", True)
    assert "not known" in here.run("show", "mellum-4b")[1]
    assert "did you mean starcoder2-7b" in here.refused("show", "starcoder-7b")
    assert "models pull some/model" in here.refused("show", "some/model")


@pytest.mark.parametrize(
    "name", ["", "~nobody-at-all/x", "Qwen/", "/etc/passwd", "x" * 5000, "ä/ö", "-", "none"]
)
def test_names_of_nothing(here: Here, name: str) -> None:
    """One sentence each, whatever the system says of such a path."""
    for action in ("show", "check", "pull"):
        assert "models list" in here.refused(action, name)


def test_check(here: Here, tmp_path: Path) -> None:
    """Facts and memory of a pair; what does not fit is told by the exit status, another draft refused."""
    found = here.json("check", "mini")
    assert (found["pair"], found["fim"], found["memory"]["fits"]) == ("mini", "qwen", True)
    parts = found["memory"]["parts"]
    assert found["memory"]["needed"] >= sum(parts.values())
    alone = here.json("check", str(MINI / "target"), "none", "--slots", "1", "--dtype", "int8")
    assert "draft weights" not in alone["memory"]["parts"]
    assert alone["memory"]["parts"]["target weights"] < 0.6 * parts["target weights"]
    status, out, _ = here.run("check", "qwen2.5-coder-32b", "--dtype", "f32", "--device", "cpu")
    assert status == 1 or "it fits" in out
    assert "it does not fit; " in out or status == 0
    assert "not pulled" in out
    broken = shutil.copytree(MINI / "draft", tmp_path / "other")
    tokenizer = json.loads((broken / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["!"], vocabulary["#"] = vocabulary["#"], vocabulary["!"]
    (broken / "tokenizer.json").write_text(json.dumps(tokenizer))
    assert "another tokenizer" in here.refused("check", "mini", str(broken))
    assert "runs through transformers" in here.refused("check", "starcoder2-7b", "--dtype", "int8")


def test_pull_a_pair_and_use_it(user: User, tmp_path: Path) -> None:
    """Target and draft come, are checked against each other and serve by the pair's name and by hub id."""
    source = tmp_path / "one.py"
    source.write_text("import os\n\n\ndef main() -> None:\n    path = os.\n")
    place = (f"{source}:5", "--no-daemon", "--single-line", "--dtype", "f32", "--max-tokens", "8")
    unknown = _refused(user, "complete", *place, "--target", "qwen2.5-coder-1.5b")
    assert "models pull qwen2.5-coder-1.5b" in unknown
    found = _json(user, "pull", "qwen2.5-coder-1.5b")["pulled"]
    assert [each["hub_id"] for each in found] == [TARGET, DRAFT]
    assert {each["commit"] for each in found} == {COMMIT}
    shown = _json(user, "show", "qwen2.5-coder-1.5b")
    assert shown["models"][0]["pulled"]["commit"] == COMMIT
    assert shown["directory"]["draft"] == found[1]["path"]
    assert _json(user, "check", "qwen2.5-coder-1.5b")["pulled"] is True
    assert "✓" in user.run("models", "list").stdout
    texts = {
        user.run("complete", *place, *options).stdout
        for options in (
            ("--target", "qwen2.5-coder-1.5b"),
            ("--target", TARGET.lower(), "--draft", DRAFT),
            ("--target", str(MINI / "target"), "--draft", str(MINI / "draft")),
        )
    }
    assert len(texts) == 1
    assert texts != {""}


def test_a_daemon_serves_what_was_pulled(user: User, tmp_path: Path) -> None:
    """It has no network; the settings name a hub id."""
    source = tmp_path / "one.py"
    source.write_text("x = 1\n")
    _json(user, "pull", TARGET)
    done = user.run("complete", f"{source}:1", "--target", TARGET, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(user.run("status", "--target", TARGET, "--json").stdout)["engine"]["pair"] == TARGET


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_download_that_is_ended_goes_on(user: User, hub: Hub, sent: signal.Signals) -> None:
    """Killed or interrupted in the middle of a file; the rest alone comes the next time."""
    weights = hub.models[TARGET]["model.safetensors"]
    grown = dict(hub.models[TARGET])
    grown["model.safetensors"] = weights + bytes(2 * CHUNK)  # beyond the last tensor: nobody reads it
    hub.models = {TARGET: grown}
    hub.slow = CHUNK + 1000
    with user.start("models", "pull", TARGET) as process:
        assert hub.waiting.wait(60)
        partial = user.home / "paceline" / "models" / TARGET.replace("/", "--") / COMMIT
        _until(lambda: (partial / "model.safetensors.partial").stat().st_size >= CHUNK)
        process.send_signal(sent)
        _, told = process.communicate(timeout=60)
    if sent == signal.SIGINT:
        assert process.returncode == 130
        assert "goes on where it stopped" in told
        assert "Traceback" not in told
    assert "models pull" in _refused(user, "models", "check", TARGET, TARGET)
    assert _json(user, "check", TARGET)["pulled"] is False
    hub.slow = None
    hub.go_on.set()
    hub.ranges.clear()
    _json(user, "pull", TARGET)
    assert hub.ranges == [f"bytes={CHUNK}-"]
    assert (partial / "model.safetensors").read_bytes() == grown["model.safetensors"]


def _until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to be")


def test_what_cannot_be_pulled(user: User, hub: Hub) -> None:
    """One sentence each, and exit status 1, or 2 where the name is no name."""
    assert "no model some/other" in _refused(user, "models", "pull", "some/other", status=1)
    assert "no revision" in _refused(user, "models", "pull", TARGET, "--revision", "v9", status=1)
    assert "no pair of the catalog" in _refused(user, "models", "pull", "nonesuch")
    hub.gated = True
    assert "hf auth login" in _refused(user, "models", "pull", TARGET, status=1)
    offline = {**user.environment, "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "paceline", "models", "pull", TARGET]
    done = subprocess.run(command, env=offline, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "HF_HUB_OFFLINE" in done.stderr
    gone = HubUser(user.home, "http://127.0.0.1:9")
    assert "cannot be reached" in _refused(gone, "models", "pull", TARGET, status=1)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk(user: User) -> None:
    """The place of the weights is a device that takes nothing; what was there stays, the sentence is one."""
    place = user.home / "paceline" / "models" / TARGET.replace("/", "--") / COMMIT
    place.mkdir(parents=True)
    (place / "model.safetensors.partial").symlink_to("/dev/full")
    assert "disk is full" in _refused(user, "models", "pull", TARGET, status=1)
    (place / "model.safetensors.partial").unlink()
    _json(user, "pull", TARGET)
