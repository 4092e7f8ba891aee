"""Prompts at places of files, cut as they are where somebody types, in the format of any pair."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..errors import ModelError
from ..fim import FimFormat, PromptParts, layout
from ..tokenizer import Tokenizer
from ..training.corpus import Source
from ..training.fim import Example, local_split, split, strip_notice

Tokens = list[int]
LOCAL_SHARE = 0.6
HELD_OUT_EVERY = 4
FEWEST_FILES = 8
FEWEST_CHARACTERS = 20_000


class TooLittleError(ModelError):
    """The workspace has too little code to tune a draft on."""

    code: ClassVar[str] = "too_little"


@dataclass(frozen=True, slots=True)
class Shares:
    """Files by what they are for: to learn from, to watch while learning, to judge the result by."""

    learn: list[Source]
    watch: list[Source]
    judge: list[Source]

    @property
    def held_out(self) -> list[Source]:
        """What is not learnt from."""
        return self.watch + self.judge


def share_out(sources: Sequence[Source]) -> Shares:
    """Hold out every eighth file to watch and every eighth to judge, in an order that only names decide.

    Raises TooLittleError where that leaves nothing to go by.
    """
    characters = sum(len(source.text) for source in sources)
    if len(sources) < FEWEST_FILES or characters < FEWEST_CHARACTERS:
        raise TooLittleError(
            f"There is too little code to tune on: {len(sources)} files with {characters} characters, where "
            f"{FEWEST_FILES} files and {FEWEST_CHARACTERS} characters are needed; name a larger folder."
        )
    ordered = sorted(sources, key=lambda source: hashlib.sha256(source.path.encode()).digest())
    held = ordered[::HELD_OUT_EVERY]
    return Shares(
        learn=[source for place, source in enumerate(ordered) if place % HELD_OUT_EVERY],
        watch=held[::2],
        judge=held[1::2],
    )


class Places:
    """Draws prompts of at most ``room`` tokens from files; longer files are drawn from more often."""

    def __init__(self, tokenizer: Tokenizer, fim: FimFormat | None, room: int) -> None:
        self.tokenizer, self.fim, self.room = tokenizer, fim, room

    def draw(self, sources: Sequence[Source], seed: str) -> Iterator[Tokens]:
        """Prompts without end; the same ``seed`` draws the same ones from the same files."""
        texts = [strip_notice(source.text) for source in sources]
        weights = list(itertools.accumulate(map(len, texts)))
        for number in itertools.count():
            draw = random.Random(f"{seed}/{number}")
            chosen = draw.choices(range(len(texts)), cum_weights=weights)[0]
            example = self._example(sources[chosen].path, texts[chosen], draw)
            prompt = None if example is None else self.prompt(example)
            if prompt is not None and len(prompt) <= self.room:
                yield prompt

    def _example(self, path: str, text: str, draw: random.Random) -> Example | None:
        """A short window as often as most typing has one, else one of any size that fits."""
        if draw.random() < LOCAL_SHARE:
            return local_split(path, text, draw)
        return split(path, text, draw.randint(self.room // 4, self.room), draw)

    def prompt(self, example: Example) -> Tokens:
        """The prompt of a place; a token that the cursor cuts is left to the target, as in serving."""
        encode = self.tokenizer.encode
        alone, whole = encode(example.prefix), encode(example.prefix + example.middle)
        pairs = zip(alone, whole, strict=False)
        shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        parts = PromptParts(
            chunks=(), path=encode(example.path), prefix=alone[:shared], suffix=encode(example.suffix)
        )
        return layout(self.fim, parts, self.tokenizer.bos_id)
