"""A verdict on disk, and when a new one is due."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ....daemon.bench.statistics import Ratio
from ....daemon.engine.pacer.fit import Fit
from ....daemon.evaluation import screen
from ....daemon.evaluation.verdict import DUE_REQUESTS, Verdict, file_of, read, save, verdict_due
from .outcomes import outcome

FIT = Fit("weights", "cpu", "bfloat16 compiled")
VERDICT = Verdict(
    fit=FIT,
    paceline="1.0",
    made="2026-11-22T05:00:00+00:00",
    requests=100,
    folder="/code",
    places=24,
    recent=7,
    outcomes=(
        outcome("lookup, k 4", 1.0),
        outcome("small auto, k 4", 1.5, promised=1.3),
        outcome("a-directory-with-a-name-of-great-length/small auto, k 8", 1.6, promised=1.2),
        replace(outcome("plain", 2.0), runs=3),
    ),
    best="lookup, k 4",
    usual="small auto, pacer",
    advised="lookup, k 4",
    advice={"drafter": "lookup", "k": 4},
    lengths={"small auto": 4},
    measured=("small",),
    predicted=("small",),
    refused={"other": "It has another tokenizer."},
    drafts=("draft",),
    hardware={"cpu": "a processor", "threads": 2},
    others=0.02,
    warning=None,
    words=("Something was found.",),
)


def due(
    directory: Path, fit: Fit = FIT, *, draft: str = "draft", version: str = "1.0", requests: int = 100
) -> str | None:
    """The remark, the setting of the verdict unless told otherwise."""
    return verdict_due(directory, fit, draft=draft, version=version, requests=requests)


def test_a_verdict_comes_back_from_disk(tmp_path: Path) -> None:
    save(tmp_path / "state", VERDICT)
    found = read(tmp_path / "state" / file_of(FIT))
    assert found is not None
    assert found["advice"] == {"drafter": "lookup", "k": 4}
    assert Ratio(**found["outcomes"][0]["ms"]) == VERDICT.outcomes[0].ms
    assert (tmp_path / "state" / file_of(FIT)).stat().st_mode & 0o077 == 0
    save(tmp_path / "state", replace(VERDICT, best="plain"))
    assert [path.name for path in (tmp_path / "state").iterdir()] == [file_of(FIT)]


def test_nothing_is_due_while_nothing_changed(tmp_path: Path) -> None:
    save(tmp_path, VERDICT)
    assert due(tmp_path) is None
    assert due(tmp_path, draft="") is None
    assert due(tmp_path, requests=100 + DUE_REQUESTS - 1) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": "1.1"}, "paceline was 1.0 when drafts were measured (2026-11-22), it is 1.1 now"),
        ({"draft": "another"}, "the draft took no part when drafts were measured (2026-11-22)"),
        ({"requests": 2101}, "2001 requests were answered since drafts were measured (2026-11-22)"),
        (
            {"fit": replace(FIT, device="cuda:0")},
            "the device was cpu when drafts were measured, it is cuda:0 now",
        ),
        (
            {"fit": replace(FIT, precision="float32 compiled")},
            "the precision was bfloat16 compiled when drafts were measured, it is float32 compiled now",
        ),
        ({"fit": replace(FIT, pair="others")}, "drafts were measured for another pair, not for this one"),
    ],
)
def test_what_changed_is_named(tmp_path: Path, change: dict[str, object], words: str) -> None:
    save(tmp_path, VERDICT)
    found = due(tmp_path, **change)  # type: ignore[arg-type]
    assert found == f"{words}: measure drafts again with  paceline draft evaluate --on DIR"


def test_a_first_verdict_is_due_after_many_requests_only(tmp_path: Path) -> None:
    assert due(tmp_path / "nowhere", requests=DUE_REQUESTS - 1) is None
    found = due(tmp_path / "nowhere", requests=DUE_REQUESTS)
    assert found is not None
    assert found.startswith("2000 requests were answered and no draft was measured")


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '{"form": 0}', '{"form": 1}', '{"form": 1, "fit": {"pair": 1}}', "[" * 9999],
)
def test_a_damaged_verdict_is_as_good_as_none(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / file_of(FIT)).write_text(damage)
    assert due(tmp_path) is None
    assert "an earlier verdict on drafts is not used" in caplog.text


def test_a_verdict_with_values_of_another_type_is_not_used(tmp_path: Path) -> None:
    save(tmp_path, VERDICT)
    path = tmp_path / file_of(FIT)
    whole = json.loads(path.read_text())
    for key, value in {"requests": "many", "paceline": 1, "drafts": [1], "made": None, "fit": []}.items():
        path.write_text(json.dumps(whole | {key: value}))
        assert read(path) is None, key


def test_the_screen_fits_and_says_everything() -> None:
    shown = screen.text(VERDICT)
    assert max(map(len, shown.splitlines())) <= 120
    assert "24 places in /code, 7 of them from recent commits; a processor, 2 threads" in shown
    assert "lookup, k 4 *" in shown
    assert "plain  " in shown
    assert "\n…a-name-of-great-length/small auto, k 8 * " in shown
    assert "Something was found.\nother was not measured: It has another tokenizer.\n" in shown
