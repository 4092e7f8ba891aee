"""A small real tokenizer, trained on the spot, for tests that need tokens but no model."""

import argparse
import inspect
import json
from functools import cache
from typing import Literal

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from ....models.fim import FimFormat, detect
from ....models.tokenizer import Tokenizer

Style = Literal["runs on", "ends"]
SPECIAL = [
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|repo_name|>",
    "<|file_sep|>",
]
SOURCE = inspect.getsource(argparse)
_LINES = r"""[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""


@cache
def tokenizer(style: Style = "runs on", size: int = 700) -> Tokenizer:
    """Byte-level BPE; a newline token either runs on into the indentation after it (GPT-2) or ends there."""
    trained = tokenizers.Tokenizer(models.BPE())
    if style == "runs on":
        trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    else:
        split = pre_tokenizers.Split(tokenizers.Regex(_LINES), "isolated")
        byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        trained.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    trained.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    trained.train_from_iterator([SOURCE[:40000]], trainer)
    return Tokenizer(json.loads(trained.to_str()))


def fim(order: Literal["psm", "spm"] = "psm") -> FimFormat:
    """The format of the tiny tokenizer's own control tokens."""
    found = detect(tokenizer(), order)
    assert found is not None
    return found
