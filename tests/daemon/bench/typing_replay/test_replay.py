"""The replay as a whole, with the real server, a daemon and the bundled pair; and its cancels alone."""

import json
from pathlib import Path

from .....daemon.bench.typing_replay.daemon import probe
from .....daemon.bench.typing_replay.run import Plan, run_typing
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
    plan = Plan((file,), lines=2, speed=3.0)
    replays = run_typing(plan, {"threads": 1}, lambda stage, _: told.append(stage))
    values = json.loads(json.dumps(replays.as_map()))
    figures = values["files"]["paths.py"]
    assert figures == values["all"]
    assert figures["keys"] >= figures["characters"]["written"] > 0
    assert figures["requests"] >= figures["shown"] > 0
    assert figures["prompt_tokens"]["computed"] > 0
    assert figures["tokens"]["generated"] >= figures["tokens"]["wasted"]
    assert figures["characters"]["saved"] > 0  # the lines are all alike
    assert "typing paths.py" in told
    assert "paths.py" in replays.table()


def test_cancelled_jobs_are_waited_for(home: Home) -> None:
    with home.connect() as client:
        requests = [ask(tokens=20, delay=0.01) for _ in range(8)]
        found = probe(home.link(), requests, seed=3)
        outcomes = client.status().outcomes
        assert 0 < len(found) <= len(requests) - 1
        assert outcomes["outcome.cancelled"] == len(found)
        assert outcomes["outcome.done"] == len(requests) - len(found)
