"""Speculation changes nothing: greedy output is plain greedy output, token for token.

Uncompiled and captured in float32; in every precision where steps are compiled for a processor.
"""

from pathlib import Path

import pytest

from ....daemon.engine.slots import Slot
from ....models.captured.binding import capture_steps
from ....models.kernel.step import CompiledStep
from ....models.pair import LoadedPair
from ...harness.tape import TapeRecorder
from .pairs import make_random_pair, open_pair, places
from .toys import tokens_of

PROMPTS, TOKENS, LENGTH = 200, 8, 64
UNCOMPILED = 40  # prompts; the machinery is the same, and these steps are slow


WAYS = {
    "mini": ("f32", False),
    "random": ("f32", False),
    "random captured": ("f32", False),
    "mini compiled": ("f32", True),
    "random compiled": ("f32", True),
    "mini compiled bf16": ("bf16", True),
    "mini compiled int8": ("int8", True),
}


@pytest.fixture(scope="module", params=WAYS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LoadedPair:
    dtype, compiled = WAYS[request.param]
    name: str | Path = "mini"
    if request.param.startswith("random"):
        name = make_random_pair(tmp_path_factory.mktemp("pair") / "random")
    pair = open_pair(name, dtype, compiled=compiled)
    if request.param.endswith("captured"):
        assert pair.draft is not None
        capture_steps([pair.target, pair.draft], TapeRecorder())
    return pair


@pytest.fixture(scope="module")
def prompts(pair: LoadedPair) -> list[list[int]]:
    encode = pair.tokenizer.encode
    compiled = isinstance(getattr(pair.target, "compiled", None), CompiledStep)
    count = PROMPTS if compiled else UNCOMPILED
    return [encode(prefix[-6 * LENGTH :])[-LENGTH:] for _, prefix, _ in places(count)]


@pytest.fixture(scope="module")
def plain(pair: LoadedPair, prompts: list[list[int]]) -> list[list[int]]:
    slot = fresh_slot(pair)
    return [generated(pair, slot, prompt, "lookup", 0)[0] for prompt in prompts]


def fresh_slot(pair: LoadedPair) -> Slot:
    capacity = LENGTH + TOKENS + 16
    return Slot(pair.target.new_cache(capacity), pair.draft.new_cache(capacity) if pair.draft else None)


def generated(pair: LoadedPair, slot: Slot, prompt: list[int], drafter: str, k: int) -> tuple[list[int], int]:
    made, result = tokens_of(
        slot, prompt, pair.target, pair.draft, drafter=drafter, k=k, count=TOKENS, vocab=pair.vocab
    )
    return made, result.accepted


@pytest.mark.timeout(400)
@pytest.mark.parametrize("drafter", ["draft", "lookup"])
def test_greedy_equals_plain_for_every_k(
    pair: LoadedPair, prompts: list[list[int]], plain: list[list[int]], drafter: str
) -> None:
    slot = fresh_slot(pair)
    accepted = 0
    for prompt, expected in zip(prompts, plain, strict=True):
        for k in range(1, 9):
            made, kept = generated(pair, slot, prompt, drafter, k)
            assert made == expected, (k, prompt[-10:])
            accepted += kept
    assert accepted > len(prompts) // 10  # the test means something only where drafts are accepted
