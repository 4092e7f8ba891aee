"""The catalog's facts agree with each other and with transformers; what is proposed fits."""

import re
from typing import Any

import pytest
import torch
import transformers

from ....models.catalog.lookup import find_model, find_pair, similar
from ....models.catalog.suggestion import CONTEXT, fits, memory, needs, suggest
from ....models.catalog.table import PAIRS, Model
from ....models.fim import formats
from ....models.machine import Machine
from ....models.plan import size_of
from ....models.store import is_hub_id

MODELS = {model.name: model for pair in PAIRS for model in (pair.target, pair.draft) if model is not None}
GIB = 1 << 30


def _transformers_count(model: Model) -> int:
    """Weights of the module that transformers builds of the configuration."""
    facts = dict(model.config or {})
    auto: Any = transformers.AutoConfig
    causal: Any = transformers.AutoModelForCausalLM
    config = auto.for_model(**{**facts, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0})
    with torch.device("meta"):
        module = causal.from_config(config)
    return sum(weight.numel() for weight in module.parameters())


@pytest.mark.parametrize("model", [model for model in MODELS.values() if model.config], ids=lambda m: m.name)
def test_weights_are_those_of_the_configuration(model: Model) -> None:
    """By transformers and, where we decode it ourselves, by our own count."""
    size = size_of(model.config or {}, model.weights)
    assert model.weights == size.weights == _transformers_count(model)
    assert size.kv
    assert model.exact
    assert (model.config or {}).get("max_position_embeddings", model.context) == model.context


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda m: m.name)
def test_facts_have_their_form(model: Model) -> None:
    """Names are lower case, ids are ids, the size in the name is that of the weights, formats exist."""
    assert model.name == model.name.lower()
    assert is_hub_id(model.hub_id)
    billions = re.search(r"([\d.]+)b\b", model.name)
    assert billions
    assert model.weights / 1e9 == pytest.approx(float(billions[1]), rel=0.26)
    assert model.licence
    assert model.fim is None or model.fim in formats()


def test_every_pair_asked_for_is_there() -> None:
    """With the draft it is to have."""
    drafts = {pair.name: pair.draft and pair.draft.name for pair in PAIRS}
    qwen = {f"qwen2.5-coder-{size}": "qwen2.5-coder-0.5b" for size in ("14b", "7b", "3b", "1.5b")}
    star = {f"starcoder2-{size}": "starcoder2-3b" for size in ("15b", "7b")}
    deep = {f"deepseek-coder-{size}": "deepseek-coder-1.3b" for size in ("33b", "6.7b")}
    wanted = {
        **qwen,
        **star,
        **deep,
        "qwen2.5-coder-32b": "qwen2.5-coder-1.5b",
        "codegemma-7b": "codegemma-2b",
    }
    assert wanted.items() <= drafts.items()
    others = {"codellama-34b", "codellama-13b", "codellama-7b", "granite-8b-code", "seed-coder-8b"}
    assert others | {"mellum-4b", "codestral-22b"} <= drafts.keys()
    assert len(drafts) == len(PAIRS)


def test_look_up() -> None:
    """By name or hub id, in any case; a draft alone is a model but no pair."""
    found = find_pair("Qwen/Qwen2.5-coder-7B")
    assert found is not None
    assert found is find_pair("QWEN2.5-CODER-7B")
    assert found.draft is find_model("qwen2.5-coder-0.5b")
    assert find_pair("qwen2.5-coder-0.5b") is None
    assert find_model("nothing") is None
    assert similar("starcoder-7b") == "starcoder2-7b"
    assert similar("zzz") is None


@pytest.mark.parametrize(
    ("device", "gib", "name"),
    [
        ("cuda", 80, "qwen2.5-coder-32b"),
        ("cuda", 48, "qwen2.5-coder-14b"),
        ("cuda", 24, "qwen2.5-coder-7b"),
        ("cuda", 6, "qwen2.5-coder-1.5b"),
        ("cpu", 256, "qwen2.5-coder-1.5b"),
        ("cpu", 8, "qwen2.5-coder-1.5b"),
        ("mps", 30, "qwen2.5-coder-7b"),
        ("cuda", 12, "qwen2.5-coder-1.5b"),
        ("cuda", 2, None),
    ],
)
def test_suggestion(device: Any, gib: int, name: str | None) -> None:
    """The largest that fits with a licence for any use; a processor gets one it can read fast enough."""
    chosen = suggest(Machine(device, "x", gib * GIB, gib * GIB))
    assert (chosen and chosen.pair.name) == name
    if chosen and chosen.needed:
        assert chosen.needed <= gib * GIB
        assert chosen.pair.target.free


def test_what_fits_is_what_it_needs() -> None:
    """In the best precision that does; unknown memory fits nothing."""
    for fit in fits(Machine("cuda", "x", 40 * GIB, 0)):
        if fit.precision is None:
            assert needs(fit.pair, "bf16", "cuda") > 40 * GIB
        else:
            assert fit.needed == needs(fit.pair, fit.precision, "cuda")
    assert {fit.precision for fit in fits(Machine("cpu", "x", None, None))} == {None}
    assert suggest(Machine("cpu", "x", None, None)) is None
    assert needs(PAIRS[0], "bf16", "cuda") < needs(PAIRS[0], "bf16", "cuda", 2 * CONTEXT)


def test_memory_by_precision() -> None:
    """Four bytes, two, one and a bit; half and a bit but for embedding and output, a seventh of this one."""
    found = memory(MODELS["qwen2.5-coder-7b"])
    weights = MODELS["qwen2.5-coder-7b"].weights
    assert found["f32"] == 2 * found["bf16"] == 4 * weights
    assert weights < found["int8"] < 1.01 * weights
    ends = 2 * 152_064 * 3584
    assert 2 * ends + (weights - ends) / 2 < found["int4"] < 2 * ends + 0.57 * (weights - ends)
    assert memory(MODELS["mellum-4b"])["bf16"] == 8_000_000_000
