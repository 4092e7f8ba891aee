"""The verdict on drafts, as the evaluation writes it, on the report; damage and others are left out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ....daemon.bench.statistics import Ratio
from ....daemon.engine.pacer.fit import Fit
from ....daemon.evaluation.verdict import Outcome, Promise, Verdict, file_of, save
from ....daemon.report import data
from ....daemon.report.page import page
from ....daemon.report.verdicts import BUNDLED, newest_verdict
from ....daemon.settings import Settings
from ....models.fingerprint import fingerprint
from .html_check import Page
from .samples import of


def outcome(name: str, ms: float, kind: str = "draft") -> Outcome:
    """A candidate that takes ``ms`` a character."""
    spread = Ratio(0.9 * ms, ms, 1.2 * ms)
    faster = Ratio(1.0, 4.0 / ms, 4.4 / ms)
    promise = Promise(1.5, 1.6, 0.1, 1.2) if kind == "draft" else None
    alpha = None if kind == "plain" else 0.7
    return Outcome(name, kind, None, None, None, None, spread, faster, spread, promise, alpha, 1.5, 1 << 20)


def verdict(made: str = "2026-11-22T04:41:47+00:00", **changes: object) -> Verdict:
    """A verdict on the bundled target."""
    found = [outcome(f"draft {number}", 1.0 + number) for number in range(9)]
    found.append(outcome("plain", 4.0, "plain"))
    whole = Verdict(
        fit=Fit(fingerprint(BUNDLED / "mini" / "target"), "cpu", "bfloat16 compiled"),
        paceline="0.1.0",
        made=made,
        requests=0,
        folder="/somewhere/a folder",
        places=6,
        recent=0,
        outcomes=tuple(sorted(found, key=lambda one: one.ms.value)),
        best="draft 0",
        usual="draft 8",
        advised="draft 0",
        advice={},
        lengths={},
        measured=(),
        predicted=(),
        refused={},
        drafts=(),
        hardware={},
        others=0.5,
        warning="other programs used 50% of the cores",
        words=("Fastest here: draft 0.", "Set it."),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_the_newest_verdict_on_the_target_is_found(tmp_path: Path) -> None:
    save(tmp_path, verdict())
    save(tmp_path, verdict("2026-11-23T00:00:00+00:00", fit=Fit("another", "cpu", "bfloat16"), places=99))
    newer = Fit(verdict().fit.pair, "cpu", "float32 compiled")
    save(tmp_path, verdict("2026-11-22T05:00:00+00:00", fit=newer, places=7))
    found = newest_verdict(tmp_path, Settings())
    assert found is not None
    assert (found.places, found.folder, len(found.candidates)) == (7, "a folder", 10)
    assert found.words[-1] == "Take this with care: other programs used 50% of the cores."
    first = found.candidates[0]
    assert (first.name, first.ms, first.speed_up, first.low, first.high) == ("draft 0", 1.0, 4.0, 1.0, 4.4)
    assert first.predicted == 1.5
    assert (first.chosen, first.usual, first.plain) == (True, False, False)
    named = newest_verdict(tmp_path, Settings(target="a name that was pulled"))
    assert named is not None
    assert named.places == 99


def test_without_a_verdict_there_is_none(tmp_path: Path) -> None:
    assert newest_verdict(tmp_path / "nowhere", Settings()) is None
    save(tmp_path, verdict(fit=Fit("another", "cpu", "bfloat16")))
    assert newest_verdict(tmp_path, Settings()) is None


@pytest.mark.parametrize(
    "damage",
    ["", "[]", "null", '{"form": 2}', '{"form": 1}', "[" * 5000],
)
def test_a_damaged_verdict_is_left_out(tmp_path: Path, damage: str) -> None:
    (tmp_path / file_of(verdict().fit)).write_text(damage)
    assert newest_verdict(tmp_path, Settings()) is None


@pytest.mark.parametrize("wrong", [float("nan"), -1.0, None, "fast"])
def test_a_verdict_without_its_numbers_is_left_out(tmp_path: Path, wrong: object) -> None:
    save(tmp_path, verdict())
    path = tmp_path / file_of(verdict().fit)
    values = json.loads(path.read_text())
    values["outcomes"][0]["ms"]["value"] = wrong
    path.write_text(json.dumps(values))
    assert newest_verdict(tmp_path, Settings()) is None


def test_the_page_draws_the_fastest_and_those_that_matter(tmp_path: Path) -> None:
    save(tmp_path, verdict())
    live = data.Live("ready", 1.0, "compiled", None, "paceline was 0.0.9 when drafts were measured")
    found = Page(page(of([], drafts=newest_verdict(tmp_path, Settings()), live=live)))
    drawn = [
        told for drawing in found.svgs for tag, told in drawing if tag == "rect" and told["height"] == "15"
    ]
    assert len(drawn) == 2 * (6 + 1)
    assert "draft 0 (advised)" in found.words
    assert "draft 8 (as set)" in found.words
    assert "The table has 3 more." in found.words
    assert "Paceline was 0.0.9 when drafts were measured." in found.words
