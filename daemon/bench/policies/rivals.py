"""Policies of other engines, written anew from their descriptions, to compare with.

Each is capped at the number of tokens the record holds. None of them but the bandit looks at time.
"""

import random
from collections.abc import Sequence
from math import ceil

import numpy as np

from .playing import Outcome, View
from .world import MOST, Recorded


class _Stateless:
    """A policy that learns nothing."""

    def begin(self, answer: Recorded) -> None:
        """Nothing to do."""

    def learn(self, outcome: Outcome) -> None:
        """Nothing to do."""

    def end(self, answer: Recorded) -> None:
        """Nothing to do."""


class Fixed(_Stateless):
    """The draft model with the same length every round; 0 is plain decoding."""

    def __init__(self, length: int) -> None:
        self._length = length

    def propose(self, view: View) -> Sequence[int]:
        """Always ``length`` tokens."""
        return view.draft(self._length)[0] if self._length else []


class Lookup(_Stateless):
    """Lookup with a fixed length; where it has nothing, the draft model with a length of its own."""

    def __init__(self, length: int, draft: int, least: int = 2) -> None:
        self._length = length
        self._draft = draft
        self._least = least

    def propose(self, view: View) -> Sequence[int]:
        """What lookup has wins whenever it has anything, as in llama.cpp."""
        for offer in view.offers:
            if offer.source == "lookup" and offer.match >= self._least:
                return offer.tokens[: self._length]
        return view.draft(self._draft)[0] if self._draft else []


class Heuristic(_Stateless):
    """transformers, schedule "heuristic": two more when all matched, else one less, never below one."""

    def __init__(self, start: int = 5) -> None:
        self._length = float(start)

    def propose(self, view: View) -> Sequence[int]:
        """As many as the schedule says."""
        return view.draft(int(self._length))[0]

    def learn(self, outcome: Outcome) -> None:
        """Move the length."""
        if not outcome.kept:
            return
        self._length += 2 if outcome.accepted == outcome.kept else -1
        self._length = min(float(MOST), max(1.0, self._length))


class Threshold(_Stateless):
    """transformers, default schedule: draft until a token's probability falls below a threshold.

    The token below it is verified too. The threshold begins at 0.4 and is set anew every round to the one
    with the least FPR + 3 FNR over all tokens tested so far, once both classes were seen (``tuned``).
    """

    def __init__(self, *, tuned: bool, threshold: float = 0.4) -> None:
        self._threshold = threshold
        self._tuned = tuned
        self._confidences: list[float] = []
        self._matches: list[bool] = []
        self._last: list[float] = []

    def propose(self, view: View) -> Sequence[int]:
        """Token by token."""
        self._last = []
        while True:
            tokens, confidences = view.draft(1)
            self._last += confidences
            if not tokens or confidences[0] < self._threshold:
                return list(view.drafted)

    def learn(self, outcome: Outcome) -> None:
        """Keep the tested tokens and tune."""
        tested = min(outcome.kept, outcome.accepted + 1)
        self._confidences += self._last[:tested]
        self._matches += [position < outcome.accepted for position in range(tested)]
        if self._tuned and len(self._matches) > 5 and any(self._matches) and not all(self._matches):
            self._threshold = _least_cost(np.array(self._confidences), np.array(self._matches))


def _least_cost(confidences: np.ndarray, matches: np.ndarray) -> float:
    """The threshold with the least FPR + 3 FNR, where a token at or above it counts as predicted to match."""
    order = np.argsort(-confidences, kind="stable")
    confidences, matches = confidences[order], matches[order]
    last = np.append(confidences[1:] != confidences[:-1], True)
    true, false = matches.cumsum()[last], (~matches).cumsum()[last]
    cost = false / (~matches).sum() + 3.0 * (1.0 - true / matches.sum())
    return float(confidences[last][cost.argmin()])


class MovingAverage(_Stateless):
    """ExLlamaV3: a moving average of accepted tokens in an answer, off below 0.3, probed every 16 rounds."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._average = float(most)
        self._skipped = 0

    def begin(self, answer: Recorded) -> None:  # noqa: ARG002
        """State dies with the answer."""
        self._average, self._skipped = float(self._most), 0

    def propose(self, view: View) -> Sequence[int]:
        """A window of the average, rounded up."""
        if self._average >= 0.3:
            return view.draft(min(self._most, max(1, ceil(self._average))))[0]
        self._skipped += 1
        if self._skipped % 16:
            return []
        return view.draft(2)[0]

    def learn(self, outcome: Outcome) -> None:
        """Overshoot upward, follow slowly downward; a window fully accepted counts one more."""
        if not outcome.kept:
            return
        count = outcome.accepted + (outcome.accepted == outcome.kept)
        weight = 1.3 if count > self._average else 0.65
        self._average += weight * (count - self._average)


class Tiers(_Stateless):
    """SGLang: lengths 1, 3 and 7, chosen by a moving average of accepted tokens every five rounds."""

    LENGTHS = (1, 3, 7)

    def __init__(self) -> None:
        self._tier = 1
        self._average = 2.0
        self._rounds = 0

    def propose(self, view: View) -> Sequence[int]:
        """The tier's length."""
        return view.draft(self.LENGTHS[self._tier])[0]

    def learn(self, outcome: Outcome) -> None:
        """Warm up for ten rounds; go up at the middle between two tiers, down a quarter below it."""
        if not outcome.kept:
            return
        self._rounds += 1
        self._average += 0.2 * (outcome.accepted - self._average)
        if self._rounds < 10 or self._rounds % 5:
            return
        target = self._average + 1
        lengths, tier = self.LENGTHS, self._tier
        if tier + 1 < len(lengths) and target >= (lengths[tier] + lengths[tier + 1]) / 2:
            self._tier += 1
        elif tier and target < (lengths[tier - 1] + lengths[tier]) / 2 - 0.25:
            self._tier -= 1


class _Arms:
    """An epsilon-greedy bandit over some values."""

    def __init__(self, values: Sequence[float], chance: random.Random, epsilon: float) -> None:
        self._values = values
        self._chance = chance
        self._epsilon = epsilon
        self.reset()

    def reset(self) -> None:
        """Forget all rewards."""
        self._sums = [0.0] * len(self._values)
        self._counts = [0] * len(self._values)

    def draw(self) -> float:
        """An arm: one never tried, a random one, or the best."""
        untried = [arm for arm, count in enumerate(self._counts) if not count]
        if untried:
            self.arm = self._chance.choice(untried)
        elif self._chance.random() < self._epsilon:
            self.arm = self._chance.randrange(len(self._values))
        else:
            self.arm = max(range(len(self._values)), key=lambda arm: self._sums[arm] / self._counts[arm])
        return self._values[self.arm]

    def reward(self, value: float) -> None:
        """What the arm drawn last brought."""
        self._sums[self.arm] += value
        self._counts[self.arm] += 1


class Bandit(_Stateless):
    """ik_llama.cpp: a bandit for the length and one for the least probability, rewarded by tokens a second.

    Exploration begins anew when the reward falls far below its average several times running.
    """

    def __init__(self, *, off: bool = False, epsilon: float = 0.1, seed: int = 0) -> None:
        chance = random.Random(seed)
        self._lengths = _Arms(range(0 if off else 1, MOST + 1), chance, epsilon)
        self._least = _Arms([step * 0.095 for step in range(11)], chance, epsilon)
        self._average = 0.0
        self._bad = 0

    def propose(self, view: View) -> Sequence[int]:
        """Draft to the length drawn, or to the first token below the probability drawn, which is left out."""
        length, least = int(self._lengths.draw()), self._least.draw()
        kept = 0
        while kept < length:
            tokens, confidences = view.draft(1)
            if not tokens or confidences[0] < least:
                break
            kept += 1
        return view.drafted[:kept]

    def learn(self, outcome: Outcome) -> None:
        """Reward both arms with the speed of the round."""
        speed = len(outcome.emitted) / outcome.ms
        self._lengths.reward(speed)
        self._least.reward(speed)
        self._bad = self._bad + 1 if speed < 0.5 * self._average else 0
        self._average = speed if not self._average else 0.95 * self._average + 0.05 * speed
        if self._bad >= 6:
            self._lengths.reset()
            self._least.reset()
            self._bad = 0
