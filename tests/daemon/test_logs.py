"""The daemon's log: what reaches the file, how large it gets, and what is told of an error."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ...daemon import logs
from ...daemon.logs import LOGGER, outline, start_log

CANARY = "s3cret_canary"
INSIDE = f"{LOGGER}.daemon.worker"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the package's logger as it was."""
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    logger = logging.getLogger(LOGGER)
    before = (logger.level, logger.propagate, list(logger.handlers))
    yield
    for handler in logger.handlers:
        if handler not in before[2]:
            handler.close()
    logger.level, logger.propagate, logger.handlers = before
    logger.setLevel(before[0])


def test_the_log_of_every_module_of_the_package_is_in_the_file(tmp_path: Path) -> None:
    start_log(tmp_path / "log", "info", console=False)
    logging.getLogger(INSIDE).warning("it is %s", "so")
    logging.getLogger("zmq").warning("of another package")
    (line,) = (tmp_path / "log").read_text().splitlines()
    assert line.endswith("it is so")
    assert " WARNING " in line


@pytest.mark.parametrize(("level", "lines"), [("debug", 3), ("info", 2), ("error", 1)])
def test_only_what_the_level_asks_for_is_written(tmp_path: Path, level: str, lines: int) -> None:
    start_log(tmp_path / "log", level, console=False)
    for number in (logging.DEBUG, logging.INFO, logging.ERROR):
        logging.getLogger(INSIDE).log(number, "x")
    assert len((tmp_path / "log").read_text().splitlines()) == lines


@pytest.mark.parametrize("console", [True, False])
def test_standard_error_has_it_too_where_somebody_watches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], console: bool
) -> None:
    start_log(tmp_path / "log", "info", console=console)
    logging.getLogger(INSIDE).info("x")
    assert capsys.readouterr().err == ((tmp_path / "log").read_text() if console else "")


@pytest.mark.parametrize(("said", "read"), [("naïve 😀", "naïve 😀"), ("a\udcff.json", "a\\udcff.json")])
def test_no_file_name_is_too_strange_to_be_logged(tmp_path: Path, said: str, read: str) -> None:
    """A name whose bytes are no UTF-8 comes with half of a surrogate pair."""
    start_log(tmp_path / "log", "info", console=False)
    logging.getLogger(INSIDE).info(said)
    assert (tmp_path / "log").read_text(encoding="utf-8").endswith(f"{read}\n")


def test_the_log_stays_small_and_its_end_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOG_BYTES", 1000)
    start_log(tmp_path / "log", "info", console=False)
    for number in range(200):
        logging.getLogger(INSIDE).info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["log", "log.1"]
    assert all(0 < file.stat().st_size <= 1000 for file in files)
    assert files[0].read_text().endswith("line 199\n")


def test_what_was_logged_before_a_restart_is_kept(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before\n")
    start_log(tmp_path / "log", "info", console=False)
    logging.getLogger(INSIDE).info("after")
    assert (tmp_path / "log").read_text().startswith("before\n")


def _fail(text: str) -> None:
    raise KeyError(text)


def _wrap(text: str) -> None:
    try:
        _fail(text)
    except KeyError as error:
        raise ValueError(text) from error


def test_an_outline_names_the_error_and_the_places_it_passed_from_the_innermost() -> None:
    with pytest.raises(KeyError) as caught:
        _fail(CANARY)
    kind, inner, outer = outline(caught.value).split(" < ")
    assert kind == "KeyError"
    assert [place.partition(":")[0] for place in (inner, outer)] == [Path(__file__).name] * 2
    assert int(inner.partition(":")[2]) == _fail.__code__.co_firstlineno + 1


def test_an_outline_has_nothing_of_what_the_error_says() -> None:
    with pytest.raises(ValueError, match=CANARY) as caught:
        _wrap(CANARY)
    caught.value.add_note(CANARY)
    assert CANARY not in outline(caught.value)


def test_an_error_that_was_never_raised_has_an_outline_too() -> None:
    assert outline(MemoryError(CANARY)) == "MemoryError"


def test_code_without_a_file_has_an_outline_too() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        eval(compile("1 / 0", "<string>", "eval"))  # noqa: S307
    assert outline(caught.value).startswith("ZeroDivisionError < <string>:1 < ")
