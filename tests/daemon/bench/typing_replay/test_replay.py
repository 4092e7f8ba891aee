"""The replay as a whole, with the real server, a daemon and the bundled pair; and its cancels alone."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from .....daemon.bench.typing_replay.daemon import Job, probe
from .....daemon.bench.typing_replay.editor import offset
from .....daemon.bench.typing_replay.passage import Passage
from .....daemon.bench.typing_replay.replay import replay
from .....daemon.bench.typing_replay.run import Plan, run_typing
from .....daemon.bench.typing_replay.score import worth_of
from .....daemon.cli import main
from ....harness.home import Home, ask

LINES = """HOME = join("/srv", "home")
WORK = join("/srv", "work")
MAIL = join("/srv", "mail")
NEWS = join("/srv", "news")
PLAY = join("/srv", "play")
"""


def test_a_small_file_is_replayed(tmp_path: Path) -> None:
    file = tmp_path / "paths.py"
    file.write_text(LINES)
    told = []
    plan = Plan((file,), lines=1)
    replays = run_typing(plan, {"threads": 1}, lambda stage, _: told.append(stage))
    values = json.loads(json.dumps(replays.as_map()))
    figures = values["files"]["paths.py"]
    assert figures == values["all"]
    assert figures["keys"] >= figures["characters"]["written"] > 0
    assert figures["requests"] >= figures["shown"]
    assert figures["asked_of_daemon"] > 0
    assert figures["prompt_tokens"]["computed"] > 0
    assert figures["tokens"]["generated"] >= figures["tokens"]["wasted"]
    assert figures["cancel_to_idle_ms"]["count"] > 0
    assert "typing paths.py" in told
    assert "paths.py" in replays.table()


class Oracle:
    """A server that suggests what will be typed, three characters of it, and is told everything in order."""

    def __init__(self, final: str) -> None:
        self._final = final
        self.told: list[str] = []

    def tell(self, method: str, params: Any) -> None:
        """Take a notification."""
        self.told.append(method)

    def ask(self, method: str, params: Any) -> tuple[int, asyncio.Future[tuple[float, Any]]]:
        """Answer at once."""
        self.told.append(method)
        answer = asyncio.get_running_loop().create_future()
        where = params["position"]
        at = offset(self._final, where["line"], where["character"])
        item = {"insertText": self._final[at : at + 3], "range": {"start": where, "end": where}}
        answer.set_result((time.monotonic(), {"items": [item]}))
        return len(self.told), answer


class Nobody:
    """Looks at no daemon."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def watch(self) -> None:
        """Look until cancelled."""
        await asyncio.Event().wait()

    async def look(self) -> None:
        """See nothing."""


def test_suggestions_that_come_in_time_are_kept_and_judged() -> None:
    passage = Passage(Path("/a.py").absolute(), "# a\n", "one = 1\ntwo = 2", "\nend")
    server: Any = Oracle(passage.before + passage.text + passage.after)
    nobody: Any = Nobody()
    take = asyncio.run(replay(server, nobody, passage, seed=1, speed=1.0))
    shown = [asked for asked in take.asked if asked.shown]
    assert shown
    assert all(len(asked.offers) <= 1 and asked.answered >= asked.sent for asked in shown)
    whole = passage.before + passage.text
    offers = [offer for asked in shown for offer in asked.offers]
    assert worth_of(whole + passage.after, offers).right == len(offers)
    assert server.told[0] == "textDocument/didOpen"
    assert server.told[-1] == "textDocument/didClose"
    assert server.told.count("textDocument/didChange") == take.keys
    assert server.told.count("textDocument/inlineCompletion") == len(take.asked)


def test_cancelled_jobs_are_waited_for(home: Home) -> None:
    with home.connect() as client:
        requests = [ask(tokens=20, delay=0.01) for _ in range(8)]
        found = probe(home.link(), requests, seed=3)
        outcomes = client.status().outcomes
        assert 0 < len(found) <= len(requests) - 1
        assert outcomes["outcome.cancelled"] == len(found)
        assert outcomes["outcome.done"] == len(requests) - len(found)


def test_a_file_that_cannot_be_typed_is_wrong_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--typing", str(tmp_path / "missing.py")]) == 2
    assert "missing.py cannot be read" in capsys.readouterr().err


def test_a_file_that_the_project_ignores_is_told_of(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("paths.py\n")
    (tmp_path / "paths.py").write_text(LINES)
    assert main(["bench", "--typing", "--lines", "1", "--speed", "20", str(tmp_path / "paths.py")]) == 0
    printed = capsys.readouterr()
    assert "nothing was asked for in paths.py" in printed.err
    assert "paths.py" in printed.out
