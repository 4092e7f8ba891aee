"""Forced acceptance: every model runs as always, only the verdict on drafted tokens is drawn instead of read.

With random weights no draft agrees with its target, so that speculation could not be measured. Here each
drafted token is accepted with a given probability, independently, up to the first rejection; our rounds and
those of transformers are given the same verdicts.
"""

import random
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ...models.base import Choice
from ..engine.chooser import Chooser
from ..engine.drafting import Proposal
from ..engine.sampling import Sampling

BIAS = 3.0e4  # larger than any logit, within float16


class Verdicts:
    """Numbers of accepted tokens, the same sequence for the same seed."""

    def __init__(self, acceptance: float, seed: int) -> None:
        """Accept with probability ``acceptance``, 0 to 1."""
        self._acceptance = acceptance
        self._random = random.Random(seed)

    def accepted(self, drafted: int) -> int:
        """How many of ``drafted`` tokens are accepted."""
        for count in range(drafted):
            if self._random.random() >= self._acceptance:
                return count
        return drafted


class ForcedChooser(Chooser):
    """Judges greedily as ever, then keeps as many tokens as the verdict says.

    Where the target would have written the very token that the verdict rejects, it writes another one: random
    weights of both models like to repeat their input, and who learns from what came must see a rejection.
    """

    def __init__(self, verdicts: Verdicts, device: torch.device) -> None:
        """Take verdicts from ``verdicts``."""
        super().__init__(Sampling(0.0, 0, 1.0), 0, device)
        self._verdicts = verdicts

    def accept(self, proposal: Proposal, choices: list[Choice]) -> int:
        """As many as the verdict says, after judging as ever."""
        super().accept(proposal, choices)
        accepted = self._verdicts.accepted(len(proposal.tokens))
        if accepted < len(proposal.tokens) and choices[accepted].token == proposal.tokens[accepted]:
            choices[accepted] = choices[accepted]._replace(token=_other(proposal.tokens[accepted]))
        return accepted


def _other(token: int) -> int:
    return token - 1 if token else 1


class ForcedPasses:
    """A hook on transformers' target that changes logits so that its greedy test gives the verdict."""

    def __init__(self, verdicts: Verdicts, prompt: int) -> None:
        """``prompt`` tokens are read by the first pass, before any drafted one."""
        self._verdicts = verdicts
        self._read = prompt

    def hook(self, _module: Any, _positional: Any, named: Mapping[str, Any], output: Any) -> Any:
        """Change ``output.logits`` [1, n, V] of a pass that verifies drafted tokens."""
        ids: Tensor = named["input_ids"][0]
        drafted = ids.shape[0] - self._read
        self._read = 1
        if drafted > 0:
            accepted = self._verdicts.accepted(drafted)
            rows = output.logits[0, -drafted - 1 :]
            judged = torch.arange(min(accepted + 1, drafted), device=ids.device)
            change = torch.full((len(judged),), BIAS, dtype=rows.dtype, device=ids.device)
            if accepted < drafted:
                change[-1] = -BIAS
            rows[judged, ids[-drafted:][judged]] = change
        return output
