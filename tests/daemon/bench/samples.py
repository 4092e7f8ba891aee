"""Reports of the bench made up for tests."""

from dataclasses import replace

from ....daemon.bench.compare import Report, Section
from ....daemon.bench.keystroke import Keystroke
from ....daemon.bench.statistics import Ratio, Spread
from .test_table import DRAFT, PLAIN

MODEL: dict[str, object] = {"parameters": 6_270_000, "bytes": 12_540_000, "dtype": "bfloat16"}
HARDWARE: dict[str, object] = {
    "cpu": "AMD EPYC",
    "cores": 2,
    "threads": 2,
    "torch": "2.13.0",
    "transformers": "5.23.0",
    "device": "cpu",
}
AUTO = replace(DRAFT, name="auto", label="as served (auto)")
SECTION = Section(16, "plain", "plain", (PLAIN, DRAFT, AUTO), {"line": Ratio(1.1, 1.2, 1.3)})
REPORT = Report(
    paceline="0.1.0",
    engine={"pair": "mini", "target": MODEL, "draft": MODEL, "step": "compiled"},
    hardware=HARDWARE,
    load_before=0.5,
    load_after=1.25,
    others=0.02,
    warning=None,
    source="9 of the files given",
    prompts=30,
    prompt_tokens=Spread(400.0, 480.0, 512.0),
    repeats=2,
    method="As it is done.",
    keystroke=Keystroke(
        30, Spread(40.0, 42.0, 44.0), Spread(9.0, 10.0, 11.0), Ratio(0.2, 0.24, 0.3), 3.0, 500.0
    ),
    lengths=(SECTION,),
)
