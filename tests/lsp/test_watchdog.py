"""Whether the client's process is still there."""

import asyncio
import os
import subprocess
import sys

import pytest

from ...lsp import watchdog
from ...lsp.watchdog import is_alive, wait_for_end_of


def test_a_process_is_alive_until_it_was_waited_for() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_alive(process.pid)
        process.kill()
        process.wait()
        assert not is_alive(process.pid)


@pytest.mark.parametrize("number", [2**22 + 1, 2**31 - 1, 2**31, 2**40, 2**70])
def test_a_number_that_is_no_process_is_not_alive(number: int) -> None:
    assert not is_alive(number)


def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(_: int, signal: int) -> None:
        assert signal == 0, "nothing is done to it"
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert is_alive(1)


def test_the_wait_ends_with_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([True, True, False])
    monkeypatch.setattr(watchdog, "SECONDS", 0.0)
    monkeypatch.setattr(watchdog, "is_alive", lambda number: number == 7 and next(looks))
    asyncio.run(asyncio.wait_for(wait_for_end_of(7), 10))
    assert list(looks) == []
