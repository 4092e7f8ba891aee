"""Source text reaches no file, whatever goes wrong; and a full disk does not stop the daemon."""

import os
import signal

import pytest

from ...daemon import spawn
from ...daemon.errors import DaemonLost, PacelineError
from ...daemon.protocol import Chunk, Complete, Warm
from ...daemon.settings import load_settings
from ..harness.engine import Script
from ..harness.home import Home, ask, eventually, is_free

CANARY = "s3cret_canary"


def telling(**script: object) -> Complete:
    """A request that is full of the canary."""
    return Complete(
        f"{CANARY}.py",
        CANARY,
        suffix=CANARY,
        document=CANARY,
        language=CANARY,
        chunks=(Chunk(CANARY, CANARY),),
        repository=Script(**script).as_text(),  # type: ignore[arg-type]
    )


def test_no_source_text_reaches_a_file(home: Home) -> None:
    with home.connect(log_level="debug") as client:
        client.complete(telling())
        client.warm(Warm(CANARY, CANARY, document=CANARY))
        for fault in ("raise", "oom"):
            with pytest.raises(PacelineError) as caught:
                client.complete(telling(fault=fault))
            assert CANARY not in caught.value.text
        assert CANARY not in repr(client.status()) + repr(client.metrics())
        os.kill(client.hello().pid, signal.SIGABRT)  # a crash writes a trace
        with pytest.raises(DaemonLost):
            client._link.receive(None)
    where = home.places()
    eventually(lambda: is_free(where), "the daemon died")
    assert "engine.py" in where.log.read_text()  # the fault itself is on record
    assert "Abort" in where.output.read_text()
    for path in home.runtime.iterdir():
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path


def test_a_log_that_cannot_be_written_does_not_stop_the_daemon(home: Home) -> None:
    where = home.places()
    where.log.symlink_to("/dev/full")
    with home.connect() as client:
        assert client.complete(ask(tokens=1)).text == "w0 "


def test_settings_of_the_tests_do_not_touch_the_user(home: Home) -> None:
    assert load_settings({"runtime_dir": str(home.runtime)}).target == "mini"


def test_a_bug_of_the_service_is_logged_without_what_it_says(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawn, "DAEMON_MODULE", "paceline.tests.harness.buggy")
    with home.connect() as client:
        with pytest.raises(DaemonLost):
            client.complete(telling())
        where = home.places()
        eventually(lambda: is_free(where), "the daemon ended")
    assert "the service failed: LookupError < buggy.py" in where.log.read_text()
    assert not where.connection.exists()
    assert CANARY not in where.log.read_text() + where.output.read_text()
