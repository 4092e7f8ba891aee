"""The table fits 120 columns and shows every figure where its head says."""

from dataclasses import replace
from pathlib import Path

from ....daemon.bench.statistics import Ratio, Spread
from ....daemon.bench.summary import Figures
from ....daemon.bench.table import same, table

PLAIN = Figures(
    name="plain",
    label="plain, compiled",
    first=Spread(40.0, 42.25, 47.0),
    per_token=Spread(1.0, 1.24, 1.3),
    per_second=806.0,
    total=Spread(190.0, 200.5, 210.0),
    acceptance=None,
    efficiency=None,
    per_pass=1.0,
    faster=Ratio(1.0, 1.0, 1.0),
    faster_token=Ratio(1.0, 1.0, 1.0),
    host=0.05,
    equal=1.0,
    whole=30,
    prompts=30,
    steady=True,
)
DRAFT = replace(
    PLAIN,
    label="draft model, k 4",
    name="k4",
    acceptance=0.8123,
    per_pass=3.25,
    faster=Ratio(1.31, 1.42, 1.55),
    faster_token=Ratio(1.5, 1.7, 1.9),
    equal=0.995,
    whole=29,
)
BARE = replace(
    DRAFT,
    label="a label that is much longer than its column",
    per_token=None,
    per_second=None,
    host=None,
    faster_token=None,
    acceptance=None,
    per_pass=None,
)
GOLDEN = (Path(__file__).parent / "table.txt").read_text(encoding="utf-8")


def test_table_is_as_it_was() -> None:
    rows = [PLAIN, replace(DRAFT), BARE]
    last = {"plain": same(PLAIN), "k4": same(DRAFT)}
    assert table(rows, ("same as plain", last)) == GOLDEN


def test_table_fits_120_columns() -> None:
    wide = replace(
        DRAFT,
        first=Spread(1e5, 123456.7, 1e6),
        total=Spread(1e5, 1234567.8, 1e6),
        faster=Ratio(99.99, 100.0, 123.45),
    )
    assert max(map(len, table([PLAIN, wide], ("same as plain", {"k4": same(wide)})).splitlines())) <= 120


def test_the_last_column_may_be_another() -> None:
    lines = table([PLAIN, DRAFT], ("predicted ×", {"k4": "1.50"})).splitlines()
    assert lines[0].endswith("predicted ×")
    assert lines[2].endswith("–")
    assert lines[3].endswith("1.50")
