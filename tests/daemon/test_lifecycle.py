"""Starting, dying, coming back: races, kills, stale files, crash loops, idleness, clean ends."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from ...daemon import spawn
from ...daemon.client import Client
from ...daemon.errors import (
    DaemonFailed,
    DaemonLost,
    DaemonNotRunning,
    DaemonUnresponsive,
    PacelineError,
    RequestTimeout,
    RuntimeDirError,
)
from ...daemon.lifecycle import is_running
from ...daemon.paths import Connection, write_connection
from ..harness.home import SECONDS, Home, ask, eventually, is_free

CLIENTS = 16
KEY = "k" * 40


def asking(home: Home) -> "subprocess.Popen[str]":
    """A client process that asks once it reads a line."""
    command = [sys.executable, "-m", "paceline.tests.harness.asking", str(home.runtime), str(home.script)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_many_clients_at_once_start_one_daemon(home: Home) -> None:
    home.loads(steps=2, delay=0.05)
    clients = [asking(home) for _ in range(CLIENTS)]
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.flush()
    answers = [client.communicate(timeout=90)[0].split() for client in clients]
    assert [words[1:] for words in answers] == [["w0", "w1", "w2", "w3"]] * CLIENTS
    assert len(Counter(words[0] for words in answers)) == 1
    assert [path.suffix for path in home.runtime.glob("*.crashes")] == []


def test_a_daemon_killed_in_a_request_is_noticed_and_replaced(home: Home) -> None:
    with home.connect() as client:
        victim = client.hello().pid
        with pytest.raises(DaemonLost):  # a client that noticed nothing would time out instead
            client.complete(
                ask(tokens=1000, delay=0.01), lambda _: os.kill(victim, signal.SIGKILL), timeout=SECONDS
            )
        assert client.complete(ask(tokens=1)).text == "w0 "
        assert client.hello().pid != victim


def test_a_daemon_killed_while_it_loads_is_noticed_and_replaced(home: Home) -> None:
    home.loads(steps=100, delay=0.1)
    with home.connect() as client:
        victim = client.hello().pid
        home.loads()
        with pytest.raises(DaemonLost):
            client.wait_ready(lambda *_: os.kill(victim, signal.SIGKILL))
        assert client.complete(ask(tokens=1)).text == "w0 "


def test_a_daemon_killed_between_requests_is_replaced_without_a_word(home: Home) -> None:
    with home.connect() as client:
        victim = client.hello().pid
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: not client._link.check(), "the loss was seen")
        assert client.complete(ask(tokens=1)).text == "w0 "


def test_a_stopped_process_is_noticed_by_its_heartbeat_and_never_doubled(home: Home) -> None:
    with home.connect() as client:
        sleeper = client.hello().pid
        try:
            with pytest.raises(DaemonLost):
                client.complete(
                    ask(tokens=1000, delay=0.01), lambda _: os.kill(sleeper, signal.SIGSTOP), timeout=SECONDS
                )
            with pytest.raises(DaemonUnresponsive, match=str(sleeper)):
                Client.connect(home.settings(start_timeout=0.5))
            with pytest.raises(DaemonUnresponsive, match=str(sleeper)):
                Client.connect(home.settings(), spawn=False)
        finally:
            os.kill(sleeper, signal.SIGCONT)
        assert client.complete(ask(tokens=1), timeout=SECONDS).text == "w0 "
        assert client.hello().pid == sleeper


def test_files_of_a_dead_daemon_do_not_matter(home: Home) -> None:
    where = home.places()
    where.socket.touch()
    where.lock.touch(mode=0o600)
    where.spawn_lock.touch(mode=0o600)
    write_connection(where, Connection(where.key, 1, f"ipc://{where.socket}", KEY))
    with home.connect() as client:
        assert client.complete(ask(tokens=1)).text == "w0 "


@pytest.mark.parametrize("content", [b"", b"{", b"\xff" * 99])
def test_broken_files_do_not_matter(home: Home, content: bytes) -> None:
    where = home.places()
    for path in (where.connection, where.crashes, where.output):
        path.write_bytes(content)
        path.chmod(0o600)
    with home.connect() as client:
        assert client.complete(ask(tokens=1)).text == "w0 "


def test_nobody_starts_a_daemon_unasked(home: Home) -> None:
    with pytest.raises(DaemonNotRunning, match="paceline serve"):
        Client.connect(home.settings(), spawn=False)
    assert is_free(home.places())


def test_an_open_runtime_directory_is_refused_by_the_client(home: Home) -> None:
    home.runtime.mkdir(mode=0o755)
    with pytest.raises(RuntimeDirError, match="chmod 700"):
        home.connect()


def test_all_a_daemon_makes_is_private(home: Home) -> None:
    home.connect().close()
    modes = {path.name: path.lstat().st_mode & 0o777 for path in home.runtime.iterdir()}
    assert {Path(name).suffix for name in modes} >= {".sock", ".lock", ".json", ".log"}
    assert all(mode == 0o600 for mode in modes.values()), modes


def test_other_settings_are_another_daemon(home: Home) -> None:
    with home.connect() as one, home.connect(slots=9) as other, home.connect(log_level="debug") as same:
        assert one.hello().pid == same.hello().pid != other.hello().pid
        assert other.status().settings["slots"] == 9


def test_tcp_is_there_for_who_asks(home: Home) -> None:
    with home.connect(transport="tcp") as client:
        assert client.complete(ask(tokens=1)).text == "w0 "
        where = home.places(transport="tcp")
        assert '"tcp://127.0.0.1:' in where.connection.read_text()
        assert not where.socket.exists()


def test_a_daemon_that_dies_while_it_loads_trips_the_breaker(home: Home) -> None:
    home.loads(steps=1, delay=0.05, fault="exit")
    tries = 0
    with pytest.raises(DaemonFailed, match=r"5 times within 3 minutes.*paceline serve") as caught:
        while tries <= spawn.BREAKER_CRASHES:  # one connect may see several daemons die
            tries += 1
            with home.connect() as client, contextlib.suppress(DaemonLost):
                client._link.receive(None)
    assert caught.value.code == "crash_loop"
    home.loads()
    with home.connect(slots=5) as other:  # other settings have their own breaker
        assert other.complete(ask(tokens=1)).text == "w0 "


def test_a_daemon_that_cannot_start_tells_why_until_the_breaker_trips(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawn, "DAEMON_MODULE", "paceline.no_such_module")
    for _ in range(spawn.BREAKER_CRASHES):
        with pytest.raises(DaemonFailed, match=r"did not start: .*no_such_module") as caught:
            home.connect()
        assert caught.value.code == "start_failed"
    with pytest.raises(DaemonFailed, match=r"no_such_module.*\.log") as caught:
        home.connect()
    assert caught.value.code == "crash_loop"


def test_old_crashes_are_forgotten(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    where = home.places()
    for _ in range(spawn.BREAKER_CRASHES):
        spawn.record_crash(where, "reason")
    with pytest.raises(DaemonFailed):
        spawn.check_breaker(where)
    monkeypatch.setattr(spawn, "BREAKER_SECONDS", 0.0)
    spawn.check_breaker(where)


def test_a_daemon_that_cannot_have_its_directory_says_so(home: Home) -> None:
    where = home.places()
    where.lock.touch()
    where.lock.chmod(0o644)
    with pytest.raises(PacelineError, match="chmod 600"):
        home.connect()
    where.lock.chmod(0o600)


def test_idle_models_are_unloaded_and_woken(home: Home) -> None:
    with home.connect(idle_minutes=0.002) as client:
        client.complete(ask(tokens=1))
        eventually(lambda: client.hello().state == "unloaded", "the models were unloaded")
        assert client.status().engine == {}
        assert client.complete(ask(tokens=1)).text == "w0 "
        assert client.hello().state == "ready"
        eventually(lambda: client.hello().state == "unloaded", "the models were unloaded again")
        client.wait_ready(lambda *_: None)
        assert client.status().engine["pair"] == "fake"


def test_an_idle_daemon_ends_and_leaves_only_locks_and_logs(home: Home) -> None:
    where = home.places()
    with home.connect(exit_minutes=0.002) as client:
        client.complete(ask(tokens=1))
        eventually(lambda: is_free(where), "the daemon ended")
    assert {path.suffix for path in home.runtime.iterdir()} <= {".lock", ".spawn", ".log", ".out"}


def test_a_stop_returns_when_the_daemon_is_gone(home: Home) -> None:
    client = home.connect()
    client.stop()
    client.close()
    assert not is_running(home.places())
    with home.connect() as again:
        again.stop()


def test_a_stop_does_not_wait_for_a_load(home: Home) -> None:
    home.loads(steps=2000, delay=0.01)
    with home.connect() as client:
        assert client.hello().state == "loading"
        client.stop()


def test_an_engine_that_hangs_cannot_keep_the_daemon(home: Home) -> None:
    with home.connect() as client:
        with pytest.raises(RequestTimeout):
            client.complete(ask(fault="hang"), timeout=0.2)
        client.stop()


@pytest.mark.parametrize("loss", ["connection", "socket", "directory"])
def test_a_daemon_that_lost_its_files_ends(home: Home, loss: str) -> None:
    with home.connect() as client:
        pid = client.hello().pid
        where = home.places()
        lock = os.open(where.lock, os.O_RDWR)
        if loss == "directory":
            home.runtime.rename(home.folder / "gone")
        else:
            getattr(where, loss).unlink()
        eventually(lambda: not client._link.check(), "the daemon ended")
        os.close(lock)
        assert client.complete(ask(tokens=1)).text == "w0 "
        assert client.hello().pid != pid


def test_serving_twice_is_refused_in_the_foreground(home: Home) -> None:
    home.connect().close()
    command = [sys.executable, "-m", "paceline.tests.harness.daemon", str(home.runtime), str(home.script)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (second.returncode, second.stdout) == (2, "already_running\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_foreground_daemon_cleanly(home: Home, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "paceline.tests.harness.daemon", str(home.runtime), str(home.script)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as serving:
        eventually(home.places().connection.exists, "the daemon listens")
        with Client.connect(home.settings(), spawn=False) as client:
            assert client.complete(ask(tokens=1)).text == "w0 "
            assert client.hello().pid == serving.pid
        serving.send_signal(number)
        _, log = serving.communicate(timeout=SECONDS)
    assert serving.returncode == 0
    assert re.search(r"INFO .* stopped with code 0", log)
    assert not home.places().socket.exists()
