"""What is known from the state directory and the daemon: whose completions count, and what is left out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ....daemon.history import NAME, OLDER, Told, append
from ....daemon.report.gather import gather
from ....daemon.report.speed import keep, path_of
from ....daemon.schema import dump
from ....daemon.settings import Settings, engine_key
from ..cli.test_status import STATUS
from .samples import ENGINE, NOW, SPEED, completion, week

OTHER = "big · cuda · float16"
FACTS = {
    "pair": "big",
    "device": "cuda",
    "target": {"dtype": "float16"},
    "step": "compiled",
    "pacer": {"loss": "slow"},
    "evaluation": "it is due",
}


def write(folder: Path, *lines: Any) -> None:
    """Put lines into the history."""
    append(folder, "".join(json.dumps(dump(line, "")) + "\n" for line in lines))


def test_an_empty_folder_is_an_empty_report(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        found = gather(Settings(), folder, None, "there is no room")
        assert (found.completions, found.engine, found.since, found.live) == (0, "", None, None)
        assert (found.guessing, found.savings, found.speed_missing) == (None, (), "there is no room")


def test_without_a_daemon_those_of_the_last_completion_count(tmp_path: Path) -> None:
    write(tmp_path, *week(4), completion(at=NOW + 5.0, engine=OTHER))
    found = gather(Settings(), tmp_path, None)
    assert (found.engine, found.completions, found.others) == (OTHER, 1, 4)
    assert found.since == found.until == NOW + 5.0


def test_those_of_a_measurement_come_before_the_last_completion(tmp_path: Path) -> None:
    write(tmp_path, *week(4), completion(at=NOW + 5.0, engine=OTHER))
    keep(path_of(tmp_path, engine_key(Settings())), SPEED)
    found = gather(Settings(), tmp_path, None)
    assert (found.engine, found.completions, found.others, found.speed) == (ENGINE, 4, 1, SPEED)


def test_those_of_the_running_daemon_come_before_all_others(tmp_path: Path) -> None:
    write(tmp_path, *week(4), completion(engine=OTHER))
    keep(path_of(tmp_path, engine_key(Settings())), SPEED)
    found = gather(Settings(), tmp_path, replace(STATUS, engine=FACTS))
    assert (found.engine, found.completions) == (OTHER, 1)
    assert found.live is not None
    assert (found.live.loss, found.live.evaluation, found.live.steps) == ("slow", "it is due", "compiled")


@pytest.mark.parametrize("facts", [{}, {"pacer": None}, {"pacer": "none"}, {"pacer": {}}])
def test_a_daemon_that_says_little_of_its_engine_is_live_all_the_same(
    tmp_path: Path, facts: dict[str, object]
) -> None:
    found = gather(Settings(), tmp_path, replace(STATUS, engine=facts))
    assert found.live is not None
    assert (found.live.state, found.live.loss, found.live.evaluation) == ("ready", None, None)


def test_a_measurement_with_other_settings_is_not_this_ones(tmp_path: Path) -> None:
    keep(path_of(tmp_path, engine_key(Settings(slots=2))), SPEED)
    assert gather(Settings(), tmp_path, None).speed is None


def test_both_files_of_the_history_count_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path, completion(at=NOW + 9.0))
    (tmp_path / NAME).rename(tmp_path / OLDER)
    write(tmp_path, completion(at=NOW + 1.0), Told(NOW, "shown", 3))
    found = gather(Settings(), tmp_path, None)
    assert (found.completions, found.since, found.until) == (2, NOW + 1.0, NOW + 9.0)
    assert found.editors is not None and found.editors.shown == 1


def test_lines_that_nobody_can_read_are_counted_and_the_rest_is_told(tmp_path: Path) -> None:
    write(tmp_path, completion())
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'\xff\xfe\n{"at": NaN}\n[]\n{"half')
    found = gather(Settings(), tmp_path, None)
    assert (found.completions, found.damaged) == (1, 4)


def test_a_switched_off_history_is_told(tmp_path: Path) -> None:
    assert gather(Settings(history=False), tmp_path, None).history is False
