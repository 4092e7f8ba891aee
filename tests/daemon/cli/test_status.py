"""The status screen: every line is told, whether models are loaded or not."""

from dataclasses import replace

from ....daemon.cli.status import screen
from ....daemon.protocol import Rates, Status

MODEL = {"family": "llama", "parameters": 3_100_000, "bytes": 12 << 20, "dtype": "float32", "native": True}
ENGINE = {
    "pair": "mini", "device": "cpu", "threads": 2, "context": 2048, "fim": "qwen, spm", "slots": 4,
    "draft": MODEL | {"parameters": 300_000, "dtype": "bfloat16", "native": False},
    "target": MODEL, "kv_bytes": 8 << 20,
}  # fmt: skip
RATES = Rates(
    alpha=0.6832, draft_efficiency=0.52, tau=2.71, tau_model=2.64, tokens_per_second=132.4, first_p50=38.0,
    first_p95=61.0, queue_p50=0.0, queue_p95=3.0,
)  # fmt: skip
OUTCOMES = {"outcome.done": 12, "finish.line": 9, "finish.block": 3, "outcome.cancelled": 1, "error.busy": 1}
STATUS = Status(
    package="0.1.0", key="k", pid=7, state="ready", uptime_s=4000.0, rss_bytes=3 << 30, queued=2, rates=RATES,
    engine=ENGINE, settings={"target": "mini"}, outcomes=OUTCOMES, log="run/k.log",
)  # fmt: skip

READY = """\
daemon      ready · process 7 · up 1.1 h
pair        mini on cpu · 4 slots of 2048 tokens
target      llama · 3.1 M parameters · f32
draft       llama · 0.3 M parameters · bf16 · by transformers
memory      3.00 GiB resident · weights 24 MiB · slots 8 MiB
requests    12 done · 1 cancelled · 2 waiting
ended by    9 line · 3 block
drafting    α 0.68 · draft efficiency 0.52
τ           2.71 measured · 2.64 from α and k by the formula
speed       132 tokens/s
first text  p50 38 ms · p95 61 ms · of it waiting p50 0 ms · p95 3 ms
log         run/k.log
"""


def test_screen_of_a_daemon_that_is_ready() -> None:
    assert screen(STATUS) == READY


def test_screen_without_a_draft() -> None:
    shown = screen(replace(STATUS, engine=ENGINE | {"draft": None}))
    assert "draft  " not in shown
    assert "weights 12 MiB" in shown


def test_screen_of_a_daemon_that_has_counted_nothing() -> None:
    status = replace(
        STATUS, state="loading", stage="target", fraction=0.4, engine={}, rates=Rates(), outcomes={}
    )
    shown = screen(status)
    assert shown.startswith("daemon      loading, 40% target · ")
    assert "pair        mini (not loaded)\n" in shown
    assert "drafting    α – · draft efficiency –\n" in shown


def test_screen_of_a_daemon_that_failed() -> None:
    status = replace(STATUS, state="failed", code="memory", reason="it does not fit", engine={})
    assert screen(status).startswith("daemon      failed: it does not fit · ")
