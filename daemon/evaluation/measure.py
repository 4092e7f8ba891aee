"""Candidates as arms that complete at places, as a request is served, each prompt read anew."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ...models.base import LanguageModel
from ...models.pair import LoadedPair
from ..bench.ours import ColdEngine
from ..bench.statistics import median
from ..engine.prefill import prefill
from ..engine.prompt import build_prompt
from ..engine.records import Completion, Result
from ..engine.window import Pieces
from .candidates import Candidate, Field, Tell
from .places import Place


@dataclass(frozen=True, slots=True)
class Sample:
    """One completion: milliseconds of all of it, its characters and counts.

    ``prompt`` and ``host`` are the engine's own parts of the time (``records.Times``).
    """

    ms: float
    characters: int
    tested: int
    accepted: int
    emitted: int
    passes: int
    prompt: float
    host: float


@dataclass(frozen=True, slots=True)
class CandidateArm:
    """A candidate on an engine with one slot."""

    candidate: Candidate
    engine: ColdEngine

    @property
    def name(self) -> str:
        """The candidate's."""
        return self.candidate.name

    @property
    def label(self) -> str:
        """The candidate's."""
        return self.candidate.name

    def run(self, case: Place, count: int) -> Sample:
        """Complete at a place, at most ``count`` tokens; the engine's own stop rules end it."""
        self.engine.forget()
        asked = request(case, count, self.candidate)
        started = time.perf_counter()
        result = next(item for item in self.engine.complete(asked, lambda: False) if isinstance(item, Result))
        return Sample(
            ms=1000.0 * (time.perf_counter() - started),
            characters=len(result.text),
            tested=result.tested,
            accepted=result.accepted,
            emitted=result.emitted,
            passes=result.passes,
            prompt=result.ms.prompt,
            host=result.ms.host,
        )


def request(place: Place, count: int, candidate: Candidate) -> Completion:
    """What an editor would ask for at ``place``."""
    return Completion(
        path=place.path,
        prefix=place.prefix,
        suffix=place.suffix,
        max_tokens=count,
        drafter=candidate.drafter,
        k=candidate.k,
    )


def arms(
    field: Field, wanted: Sequence[Candidate], lessons: Sequence[Place], count: int, tell: Tell
) -> list[CandidateArm]:
    """Each candidate on an engine; pacers on one of their own, which has learnt from ``lessons`` before."""
    shared = {
        id(pair): ColdEngine(pair, 1) for pair in (field.plain, *(draft.pair for draft in field.drafts))
    }
    found = []
    for place, candidate in enumerate(wanted):
        engine = shared[id(candidate.draft.pair if candidate.draft else field.plain)]
        if candidate.kind == "pacer":
            tell(f"{candidate.name} learns", place / len(wanted))
            engine = engine.sibling()
            engine.prepare()
        arm = CandidateArm(candidate, engine)
        for lesson in lessons if candidate.kind == "pacer" else ():
            arm.run(lesson, count)
        found.append(arm)
    return found


def memory_of(engine: ColdEngine) -> int:
    """Bytes of weights and of the slots in use."""
    pair, slots = engine.pair, engine.facts()["kv_bytes"]
    weights = sum(model.parameter_bytes for model in (pair.target, pair.draft) if model is not None)
    return weights + (slots if isinstance(slots, int) else 0)


def prompt_tokens(pair: LoadedPair, places: Sequence[Place], count: int) -> list[list[int]]:
    """The prompt of each place as the models of ``pair`` read it, with room for ``count`` tokens after it."""
    build = partial(
        build_prompt,
        tokenizer=pair.tokenizer,
        fim=pair.fim,
        context=pair.context,
        pieces=Pieces(pair.tokenizer),
    )
    plain = Candidate("plain", None, "none", None)
    return [build(request(place, count, plain)).tokens for place in places]


def reading_ms(model: LanguageModel, prompts: Sequence[Sequence[int]], repeats: int) -> float:
    """Milliseconds that ``model`` takes to read all ``prompts``, each from an empty cache."""
    cache = model.new_cache(max(map(len, prompts)))
    total = 0.0
    for place, prompt in enumerate(prompts):
        taken = []
        for _ in range(repeats + (place == 0)):
            cache.rewind(0)
            started = time.perf_counter()
            prefill(model, cache, prompt, lambda: False, leave=1)
            model.choose(prompt[-1:], cache, 1, model.vocab_size)  # its answer is waited for
            taken.append(time.perf_counter() - started)
        total += median(taken[-repeats:])
    return 1000.0 * total
