"""The daemons that run, fail, died, or belong to others."""

import os
import signal
import time
from dataclasses import replace

import pytest

from .... import __version__
from ....daemon.doctor.finding import Finding
from ....daemon.doctor.running import check_daemons, condition, due
from ....daemon.protocol import Rates, Status
from ....daemon.spawn import BREAKER_CRASHES, record_crash
from ...harness.home import Home, eventually, is_free

STATUS = Status(
    package=__version__, key="k", pid=7, state="ready", uptime_s=60.0, rss_bytes=1, queued=0, rates=Rates()
)


def findings(home: Home) -> dict[str, Finding]:
    """What is found of the daemons of a home, by topic."""
    return {finding.topic: finding for finding in check_daemons(home.settings())}


def test_none_runs(home: Home) -> None:
    assert findings(home)["daemon"].state == "ok"
    assert not home.runtime.exists()


def test_one_runs(home: Home) -> None:
    home.connect().close()
    found = findings(home)
    assert found.keys() == {"daemon", "socket", "log"}
    assert {finding.state for finding in found.values()} == {"ok"}
    assert f"process {home.connection().pid}" in found["daemon"].text


def test_models_that_cannot_be_loaded(home: Home) -> None:
    home.loads(fault="model")
    with home.connect() as client:
        eventually(lambda: client.status().state == "failed", "loading failed")
    found = findings(home)["daemon"]
    assert (found.state, "failed: " in found.text) == ("wrong", True)


def test_one_that_was_killed(home: Home) -> None:
    home.connect().close()
    os.kill(home.connection().pid, signal.SIGKILL)
    eventually(lambda: is_free(home.places()), "it is gone")
    found = findings(home)["daemon"]
    assert (found.state, found.step) == ("remark", f"read {home.places().log}")
    assert "died" in found.text


def test_those_of_other_settings(home: Home) -> None:
    home.connect(slots=2).close()
    home.connect(slots=3).close()
    found = findings(home)
    assert (found["daemon"].state, found["others"].state) == ("ok", "ok")
    assert found["others"].text == f"2 more for other settings, paceline {__version__}"


def test_one_of_other_settings_that_was_killed(home: Home) -> None:
    home.connect(slots=2).close()
    home.connect().close()
    where = home.places(slots=2)
    os.kill(int(where.connection.read_text().split('"pid": ')[1].split(",")[0]), signal.SIGKILL)
    eventually(lambda: is_free(where), "it is gone")
    found = findings(home)
    assert "others" not in found
    assert found["stale"].step == f"rm {where.directory / where.key}.*"


def test_a_loop_of_crashes(home: Home) -> None:
    for number in range(BREAKER_CRASHES):
        record_crash(home.places(), f"crash {number}")
    found = findings(home)["crashes"]
    assert (found.state, f"crash {BREAKER_CRASHES - 1}" in found.text) == ("wrong", True)


def test_errors_in_the_log(home: Home) -> None:
    home.connect().close()
    with home.places().log.open("a") as log:
        log.write("2026-01-01 10:00:00,000 ERROR 7 the engine failed\n2026-01-01 10:00:01,000 INFO 7 done\n")
    found = findings(home)["log"]
    assert found.state == "remark"
    assert "1 error, the last at 2026-01-01 10:00:00,000: the engine failed" in found.text


def test_connection_file_open_to_others(home: Home) -> None:
    home.connect().close()
    home.places().connection.chmod(0o644)
    found = findings(home)["daemon"]
    home.places().connection.chmod(0o600)
    assert (found.state, "chmod 600" in found.text) == ("wrong", True)


def test_log_and_lock_open_to_others(home: Home) -> None:
    home.connect(slots=2).close()
    home.connect().close()
    exposed = (home.places().log, home.places(slots=2).lock)
    for path in exposed:
        path.chmod(0o644)
    told = [finding.text for finding in check_daemons(home.settings()) if finding.state == "wrong"]
    for path in exposed:
        path.chmod(0o600)
    assert len(told) == 2
    assert all(f"chmod 600 {path}" in text for path, text in zip(exposed, told, strict=True))


@pytest.mark.parametrize(
    ("status", "age", "state", "words"),
    [
        (STATUS, 3600.0, "ok", "ready"),
        (replace(STATUS, package="0.0.1"), 3600.0, "wrong", "0.0.1"),
        (replace(STATUS, state="failed", reason="too large"), 3600.0, "wrong", "too large"),
        (STATUS, 10.0, "remark", "older than the program"),
        (replace(STATUS, engine={"pacer": {"loss": "slow draft"}}), 3600.0, "remark", "slow draft"),
    ],
)
def test_condition(status: Status, age: float, state: str, words: str) -> None:
    """``age`` is how many seconds ago the program was changed."""
    found = condition(status, time.time() - age)
    assert (found.state, words in found.text) == (state, True)


def test_a_verdict_on_drafts_that_is_due_is_a_remark() -> None:
    (found,) = due(replace(STATUS, engine={"evaluation": "the draft took no part: measure drafts again"}))
    assert (found.state, found.text) == ("remark", "the draft took no part")
    assert not list(due(replace(STATUS, engine={"evaluation": None})))
    assert not list(due(STATUS))
