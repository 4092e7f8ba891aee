"""Speculation changes nothing: greedy output is plain greedy output, token for token, in float32."""

import pytest

from ....daemon.engine.slots import Slot
from ....models.pair import LoadedPair
from .pairs import make_random_pair, open_pair, places
from .toys import tokens_of

PROMPTS, TOKENS, LENGTH = 200, 6, 64


@pytest.fixture(scope="module", params=["mini", "random"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LoadedPair:
    if request.param == "mini":
        return open_pair("mini")
    return open_pair(make_random_pair(tmp_path_factory.mktemp("pair") / "random"))


@pytest.fixture(scope="module")
def prompts(pair: LoadedPair) -> list[list[int]]:
    encode = pair.tokenizer.encode
    return [encode(prefix[-6 * LENGTH :])[-LENGTH:] for _, prefix, _ in places(PROMPTS)]


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
    assert accepted > PROMPTS // 4  # the test means something only where drafts are accepted
