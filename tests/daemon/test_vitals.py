"""Facts about this process."""

import resource
import sys
from pathlib import Path

import pytest

from ... import __version__
from ...daemon import vitals
from ...daemon.vitals import process_facts

MIB = 1 << 20


@pytest.fixture(params=["of now", "highest"])
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Where the system tells what is resident now, and where it only tells the most there ever was."""
    if request.param == "highest":
        monkeypatch.setattr(vitals, "_STATM", tmp_path / "none")
    return str(request.param)


def test_the_version_is_that_of_the_package(source: str) -> None:
    assert process_facts().package == __version__


def test_resident_memory_is_told_in_bytes(source: str) -> None:
    """An interpreter with the tests' libraries takes megabytes, and no terabyte."""
    assert 10 * MIB < process_facts().rss_bytes < MIB * MIB


@pytest.mark.skipif(not vitals._STATM.exists(), reason="what was held before may have been more")
def test_what_is_held_is_counted() -> None:
    before = process_facts().rss_bytes
    held = b"x" * (256 * MIB)  # beside it, what else is given back meanwhile counts little
    assert process_facts().rss_bytes - before > 0.8 * len(held)


@pytest.mark.parametrize(("platform", "unit"), [("linux", 1024), ("darwin", 1)])
def test_each_system_has_its_own_unit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, unit: int
) -> None:
    class Usage:
        ru_maxrss = 5 * MIB

    monkeypatch.setattr(vitals, "_STATM", tmp_path / "none")
    monkeypatch.setattr(resource, "getrusage", lambda _who: Usage)
    monkeypatch.setattr(sys, "platform", platform)
    assert process_facts().rss_bytes == 5 * MIB * unit


def test_a_process_that_may_open_no_more_files_tells_its_facts_too() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        facts = process_facts()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert facts.rss_bytes > 10 * MIB
