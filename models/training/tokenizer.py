"""Byte-level BPE for Python source, with the special tokens of Qwen2.5-Coder's FIM format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

END = "<|endoftext|>"
PREFIX = "<|fim_prefix|>"
SUFFIX = "<|fim_suffix|>"
MIDDLE = "<|fim_middle|>"
PAD = "<|fim_pad|>"
REPOSITORY = "<|repo_name|>"
FILE = "<|file_sep|>"
SPECIAL = (END, PREFIX, SUFFIX, MIDDLE, PAD, REPOSITORY, FILE)
VOCABULARY = 6144

# A line end takes the indentation after it along; a word takes one space or its underscores; digits stand
# alone; so the start of a line costs one token and names split at their seams.
PIECES = r"\r?\n[\r\n]*[ \t]*| ?_*\p{L}+|_+|\p{N}| ?[^\s\p{L}\p{N}_]+|[ \t]+|\s+"


def train(texts: Iterable[str], size: int = VOCABULARY) -> Tokenizer:
    """Learn a vocabulary of `size` tokens, special ones and all 256 bytes included."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=40,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def load(path: Path) -> Tokenizer:
    """Load `tokenizer.json` so that text which looks like a special token stays text."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    return tokenizer


def special_ids(tokenizer: Tokenizer) -> dict[str, int]:
    """Ids of the special tokens by their text; ValueError when one is missing."""
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL}
    missing = [token for token, number in ids.items() if number is None]
    if missing:
        raise ValueError(f"the tokenizer lacks {', '.join(missing)}: train it with this recipe")
    return {token: number for token, number in ids.items() if number is not None}


def settings(context: int) -> str:
    """Content of `tokenizer_config.json` for transformers' AutoTokenizer."""
    facts = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "bos_token": None,
        "pad_token": PAD,
        "unk_token": None,
        "additional_special_tokens": [PREFIX, SUFFIX, MIDDLE, REPOSITORY, FILE],
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": context,
    }
    return json.dumps(facts, indent=2) + "\n"
