"""What the target writes is its greedy text, with what it thought of."""

from collections.abc import Callable

import numpy as np
import torch

from ....models.base import LanguageModel
from ....models.tuning.writing import LONGEST_ANSWER, TOP, Writer
from ..families import VOCAB

PROMPTS = ([5, 7, 11], [60, 3, 9, 40, 2], [1] * 30)


def test_answers_are_greedy_and_the_likeliest_tokens_are_theirs(
    loaded: Callable[[str], LanguageModel],
) -> None:
    model = loaded("llama")
    writer = Writer(model, {VOCAB + 1}, VOCAB, 64)
    for prompt in PROMPTS:
        written = writer.write(prompt)
        assert written.prompt == prompt and len(written.answer) == LONGEST_ANSWER
        cache = model.new_cache(len(prompt) + LONGEST_ANSWER)
        logits = model.forward(torch.tensor(prompt + written.answer[:-1]), cache, LONGEST_ANSWER)
        assert logits.argmax(-1).tolist() == written.answer == written.ids[:, 0].tolist()
        expected = torch.log_softmax(logits, -1).topk(TOP, -1)
        assert np.allclose(written.scores, expected.values.numpy(), atol=1e-4)


def test_an_end_token_ends_the_answer_and_belongs_to_it(loaded: Callable[[str], LanguageModel]) -> None:
    model = loaded("llama")
    free = Writer(model, set(), VOCAB, 64).write(PROMPTS[0]).answer
    stop = free[5]
    answer = Writer(model, {stop}, VOCAB, 64).write(PROMPTS[0]).answer
    assert answer == free[: free.index(stop) + 1]


def test_ids_that_stand_for_no_token_are_never_written(loaded: Callable[[str], LanguageModel]) -> None:
    written = Writer(loaded("llama"), set(), 10, 64).write(PROMPTS[0])
    assert max(written.answer) < 10 and written.ids.max() < 10
