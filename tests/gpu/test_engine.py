"""The engine on a real device, with the bundled pair: captured steps, unchanged text, a calibrated pacer."""

from collections.abc import Callable
from typing import Literal

import pytest
import torch

from ...daemon.engine.engine import Engine, EngineOptions
from ...daemon.engine.records import Completion, Result
from ..daemon.engine.pairs import places

PROMPTS, TOKENS = 24, 48
Drafter = Literal["auto", "draft", "lookup", "none"]
WAYS: tuple[tuple[Drafter, int | None], ...] = (
    ("draft", 1),
    ("draft", 4),
    ("draft", 8),
    ("lookup", 4),
    ("auto", None),
)


def _never() -> bool:
    return False


def _engine(dtype: str) -> Engine:
    options = EngineOptions(device="cuda", target_dtype=dtype, draft_dtype=dtype, compile=True)
    return Engine.load(options)


def _text(engine: Engine, place: tuple[str, str, str], drafter: Drafter, k: int | None) -> str:
    path, prefix, suffix = place
    request = Completion(
        path, prefix[-2000:], suffix[:500], max_tokens=TOKENS, multiline=True, drafter=drafter, k=k
    )
    *_, result = engine.complete(request, _never)
    assert isinstance(result, Result)
    return result.text


@pytest.mark.timeout(400)
def test_speculation_changes_no_text_in_float32(device: torch.device) -> None:
    engine = _engine("f32")
    assert engine.facts()["step"] == "compiled, CUDA graphs"
    assert engine.facts()["device"] == device.type
    for place in places(PROMPTS):
        plain = _text(engine, place, "none", None)
        for drafter, k in WAYS:
            assert _text(engine, place, drafter, k) == plain, (drafter, k)


@pytest.mark.timeout(400)
def test_in_bfloat16_most_texts_are_those_of_plain_decoding(
    device: torch.device, record_property: Callable[[str, object], None]
) -> None:
    engine = _engine("bf16")
    assert engine.pair.target.device.type == device.type
    same = 0
    for place in places(PROMPTS):
        same += _text(engine, place, "none", None) == _text(engine, place, "draft", 4)
    record_property("same texts", f"{same} of {PROMPTS}")
    assert same > PROMPTS // 2


def test_the_pacer_learns_the_times_of_the_device(device: torch.device) -> None:
    engine = _engine("bf16")
    assert engine.pair.target.device.type == device.type
    assert engine.idle(_never)
    facts = engine.facts()["pacer"]
    assert isinstance(facts, dict)
    assert facts["calibrated"]
    assert facts["plain_ms"] > 0
