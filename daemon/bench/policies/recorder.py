"""Recording: the target's greedy answers, and what each drafter would propose at every token of them."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median

import torch

from ....models.pair import LoadedPair
from ...engine.matching import History
from ...engine.pacer.calibration import IN_A_ROW
from ...engine.pacer.position import Position, language_of
from ...engine.pacer.round import Offer
from ...engine.pacer.signals import trait_of
from ...engine.prompt import Prompt, build_prompt
from ...engine.records import Completion
from ...engine.text import TextStream
from ...engine.window import Pieces
from ...engine.writer import Writer
from .world import MOST, Recorded, Times

LEAST_MATCH = 1
REPEATS = 15


class Recorder:
    """Records answers of a pair, which must have a draft model."""

    def __init__(self, pair: LoadedPair) -> None:
        if pair.draft is None:
            raise ValueError("a pair without a draft model has nothing to record")
        self._pair = pair
        self._draft = pair.draft
        self._pieces = Pieces(pair.tokenizer)
        self._target_cache = pair.target.new_cache(pair.context)
        self._draft_cache = pair.draft.new_cache(pair.context)

    def record(
        self, requests: Iterable[Completion], progress: Callable[[int], object] | None = None
    ) -> list[Recorded]:
        """One answer for each request, in order; ``progress`` gets the number done."""
        answers = []
        for count, request in enumerate(requests, 1):
            answers.append(self._answer(request))
            if progress is not None:
                progress(count)
        return answers

    def _answer(self, request: Completion) -> Recorded:
        pair = self._pair
        prompt = build_prompt(request, pair.tokenizer, pair.fim, context=pair.context, pieces=self._pieces)
        tokens, healed, ended = self._write(request, prompt)
        drafts, confidences = self._drafts(prompt, tokens)
        return Recorded(
            language=language_of(request.language, request.path),
            mode="block" if prompt.multiline else "line",
            prompt=len(prompt.tokens),
            limit=request.max_tokens,
            healed=healed,
            ended=ended,
            tokens=tokens,
            kinds=self._kinds(prompt, tokens),
            drafts=drafts,
            confidences=confidences,
            offers=_offers(prompt, tokens),
        )

    def _write(self, request: Completion, prompt: Prompt) -> tuple[list[int], int, bool]:
        """The target's own tokens, the first ones that were constrained, and whether it ended by itself."""
        writer = Writer(request, prompt, self._pair.tokenizer)
        cache = self._target_cache
        cache.rewind(0)
        feed: Sequence[int] = prompt.tokens
        tokens: list[int] = []
        healed = 0
        while len(tokens) < request.max_tokens and cache.length + len(feed) <= cache.capacity:
            allowed = writer.allowed()
            healed += allowed is not None
            token = self._next(feed, allowed)
            tokens.append(token)
            if writer.write(token, "target") is not None:
                return tokens, healed, True
            feed = [token]
        return tokens, healed, False

    def _next(self, feed: Sequence[int], allowed: list[int] | None) -> int:
        target, cache = self._pair.target, self._target_cache
        if allowed is None:
            return target.choose(feed, cache, 1, self._pair.vocab)[0].token
        logits = target.forward(torch.tensor(feed, dtype=torch.long, device=target.device), cache)[0]
        return max(allowed, key=lambda token: float(logits[token]))

    def _drafts(self, prompt: Prompt, tokens: Sequence[int]) -> tuple[list[list[int]], list[list[float]]]:
        """What the draft model proposes before each token, and its probabilities of it.

        Where its last proposal began rightly, the rest of that is how the next one begins.
        """
        cache = self._draft_cache
        cache.rewind(0)
        drafts: list[list[int]] = []
        confidences: list[list[float]] = []
        for position in range(len(tokens)):
            right = bool(drafts) and drafts[-1][:1] == [tokens[position - 1]]
            begun, sure = (drafts[-1][1:], confidences[-1][1:]) if right else ([], [])
            known = [*prompt.tokens, *tokens[:position], *begun]
            cache.rewind(min(cache.length, len(known) - 1))
            steps = min(MOST - len(begun), cache.capacity - len(known))
            choices = self._draft.draft(known[cache.length :], cache, steps, self._pair.vocab)
            drafts.append([*begun, *(choice.token for choice in choices)])
            confidences.append([*sure, *(math.exp(choice.log_probability) for choice in choices)])
        return drafts, confidences

    def _kinds(self, prompt: Prompt, tokens: Sequence[int]) -> list[int]:
        position, stream = Position(prompt.place), TextStream()
        kinds = []
        for token in tokens:
            kinds.append(position.kind)
            position.feed(stream.feed(self._pair.tokenizer.bytes_of(token)))
        return kinds

    def times(self, length: int, clock: Callable[[], float] = time.perf_counter) -> Times:
        """Median times with about ``length`` tokens of context."""
        pair = self._pair
        tokens = [1 + index % 500 for index in range(length)]
        for model, cache in ((pair.target, self._target_cache), (self._draft, self._draft_cache)):
            cache.rewind(0)
            model.choose(tokens, cache, 1, pair.vocab)
        verify, draft = self._steps(tokens, clock)
        self._draft_cache.rewind(0)
        started = clock()
        self._draft.choose(tokens, self._draft_cache, 1, pair.vocab)
        return Times(verify, draft, 1000.0 * (clock() - started) / length)

    def _steps(self, tokens: Sequence[int], clock: Callable[[], float]) -> tuple[list[float], list[float]]:
        """Target passes by width and calls of the draft loop by steps, which take turns: a machine that
        changes its speed meanwhile changes that of all.
        """
        pair = self._pair
        verify: list[list[float]] = [[] for _ in range(MOST + 2)]
        draft: list[list[float]] = [[] for _ in range(MOST + 1)]

        def judge(width: int) -> None:
            pair.target.choose(tokens[:width], self._target_cache, width, pair.vocab)

        def guess(steps: int) -> None:
            self._draft.draft(tokens[:1], self._draft_cache, steps, pair.vocab)

        for _ in range(REPEATS):
            for found, step in ((verify, judge), (draft, guess)):
                for size in range(1, len(found)):
                    found[size].append(self._timed(step, size, len(tokens), clock))
        return [0.0, *map(median, verify[1:])], [0.0, *map(median, draft[1:])]

    def _timed(
        self, step: Callable[[int], object], size: int, length: int, clock: Callable[[], float]
    ) -> float:
        """Milliseconds of the last of some steps in a row, both caches cut back to ``length`` before each."""
        started = 0.0
        for _ in range(IN_A_ROW):
            self._target_cache.rewind(length)
            self._draft_cache.rewind(length)
            started = clock()
            step(size)
        return 1000.0 * (clock() - started)


def _offers(prompt: Prompt, tokens: Sequence[int]) -> list[list[Offer]]:
    """What lookup proposes before each token."""
    history = History(prompt.lookup)
    begin = history.length
    offers = []
    for token in tokens:
        match = history.match()
        found = history.following(match.start, MOST) if match.length >= LEAST_MATCH else []
        trait = trait_of(match.support, own=match.start > begin)
        offers.append([Offer("lookup", found, match.length, trait)] if found else [])
        history.append([token])
    return offers
