"""transformers as a peer: its own modules on our very weights, through ``generate`` as its manual says."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
import transformers
from torch import Tensor

from ...models.base import LanguageModel
from ...models.decoder import Decoder
from ...models.fallback import TransformersModel
from ...models.naming import Place, places
from .records import Case, Run

_CONFIG: Any = transformers.GenerationConfig
_LOGGING: Any = transformers.utils.logging


def module_of(model: LanguageModel, config: Mapping[str, Any]) -> Any:
    """transformers' module for ``config`` (a parsed config.json), on the memory of ``model``'s weights."""
    if isinstance(model, TransformersModel):
        return model.module
    if not isinstance(model, Decoder):
        raise TypeError(f"{type(model).__name__} holds no weights that can be shared")
    options = {
        key: value for key, value in config.items() if key not in ("model_type", "dtype", "torch_dtype")
    }
    known = transformers.AutoConfig.for_model(config["model_type"], **options)
    with torch.device("meta"):
        auto: Any = transformers.AutoModelForCausalLM
        module = auto.from_config(known, dtype=model.dtype)
    weights = {name: _tensor(place) for name, place in places(model).items()}
    if model.config.tied:
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    module.load_state_dict(weights, assign=True)
    rotary = module.model.rotary_emb
    module.model.rotary_emb = type(rotary)(config=known).to(model.device)
    module.generation_config = _CONFIG()
    return module.eval()


def _tensor(place: Place) -> Tensor:
    """A weight in the shape its name has in a checkpoint; a weight kept once for each head is given once."""
    view = place.view
    while view.dim() > len(place.shape):
        view = view[0]
    return view


class Notes:
    """Follows one ``generate`` call: when tokens came, and how wide each pass of the target was.

    It is the ``streamer`` of the call and a hook of the target's module.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Use ``clock``, in seconds."""
        self._clock = clock
        self.arrivals: list[tuple[float, int]] = []
        self.widths: list[int] = []
        self._prompt_seen = False

    def put(self, value: Tensor) -> None:
        """Take the prompt first, then the tokens of each round."""
        if self._prompt_seen:
            self.arrivals.append((self._clock(), value.numel()))
        self._prompt_seen = True

    def end(self) -> None:
        """All tokens came."""

    def hook(self, _module: Any, _positional: Any, named: Mapping[str, Any]) -> None:
        """Note the width of a pass."""
        self.widths.append(int(named["input_ids"].shape[1]))

    def counts(self, prompt: int) -> tuple[int, int, int]:
        """Drafted, tested and accepted tokens of the call; the first pass read the ``prompt`` tokens too."""
        drafted = [width - 1 for width in self.widths]
        drafted[0] = self.widths[0] - prompt
        accepted = [emitted - 1 for _, emitted in self.arrivals]
        tested = (min(d, a + 1) for d, a in zip(drafted, accepted, strict=True))
        return sum(drafted), sum(tested), sum(accepted)


@dataclass(frozen=True, slots=True)
class HuggingArm:
    """``generate`` of transformers with some options, greedy; ``modules`` gives target and draft when needed.

    ``assistant`` are options for the assistant's own configuration; None runs without an assistant.
    """

    name: str
    label: str
    modules: Callable[[], tuple[Any, Any]]
    options: Mapping[str, Any] = field(default_factory=dict)
    assistant: Mapping[str, Any] | None = None

    def run(self, case: Case, count: int) -> Run:
        """Generate exactly ``count`` tokens with a new cache."""
        target, draft = self.modules()
        feed = torch.tensor([case.tokens], dtype=torch.long, device=target.device)
        if self.assistant is None:
            return generate(target, None, feed, count, self.options)
        draft.generation_config = _CONFIG(**self.assistant)
        return generate(target, draft, feed, count, self.options)


def constant_drafts(k: int) -> Any:
    """The configuration of an assistant that always drafts ``k`` tokens."""
    return _CONFIG(
        num_assistant_tokens=k, num_assistant_tokens_schedule="constant", assistant_confidence_threshold=0.0
    )


def generate(target: Any, assistant: Any, feed: Tensor, count: int, options: Mapping[str, Any]) -> Run:
    """One timed ``generate`` of ``count`` tokens after ``feed`` [1, n]; RuntimeError if it ended early."""
    _LOGGING.set_verbosity_error()
    config = _CONFIG(
        max_new_tokens=count, do_sample=False, use_cache=True, eos_token_id=None, pad_token_id=0, **options
    )
    notes = Notes()
    handle = target.register_forward_pre_hook(notes.hook, with_kwargs=True)
    try:
        started = time.perf_counter()
        ids = target.generate(
            feed,
            attention_mask=torch.ones_like(feed),
            generation_config=config,
            streamer=notes,
            assistant_model=assistant,
        )[0, feed.shape[1] :].tolist()
        total = time.perf_counter() - started
    finally:
        handle.remove()
    if len(ids) != count:
        raise RuntimeError(f"transformers wrote {len(ids)} of {count} tokens")
    first, at_first = notes.arrivals[0]
    drafted, tested, accepted = notes.counts(feed.shape[1])
    return Run(
        tokens=tuple(ids),
        first=1000.0 * (first - started),
        total=1000.0 * total,
        at_first=at_first,
        drafted=drafted,
        tested=tested,
        accepted=accepted,
        passes=len(notes.widths),
    )
