"""The whole recipe as a row of verbs; what is there already is not made again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from .commands import PHASES
from .presets import PRESETS, Preset

OWN = ["--own", "--sharpness", "2", "--middle-weight", "8"]


def steps(args: argparse.Namespace) -> Iterator[list[str]]:
    """The command lines still to run, one after the other, for `args` of the verb `all`.

    A phase is left out where a later one has begun; a phase that was cut by a signal is gone on with.
    """
    preset, work = PRESETS[args.preset], args.work
    common = ["--work", str(work), "--preset", args.preset, "--device", args.device]
    training = [] if args.compile else ["--no-compile"]
    if args.minutes is not None:
        training += ["--minutes", str(args.minutes)]
    for verb, made in (("corpus", "train.jsonl"), ("tokenizer", "tokenizer.json")):
        if not (work / made).is_file():
            yield [verb, *common]
    for words in (*_target(preset, work), *_draft(preset, work)):
        yield [*words, *(training if words[0] in {"target", "draft"} else []), *common]
    yield ["export", *common]
    yield ["evaluate", "--cases", str(args.cases), *common]


def _target(preset: Preset, work: Path) -> Iterator[list[str]]:
    lengths = {"decay": preset.decay_length, "long": preset.long_length}
    for place, phase in enumerate(PHASES):
        if phase not in vars(preset.amounts) or any(
            (work / f"target-{later}.pt").is_file() for later in PHASES[place + 1 :]
        ):
            continue
        tokens = str(getattr(preset.amounts, phase))
        length = str(lengths.get(phase, preset.length))
        mix, weight = ("even", "1") if phase == "stable" else ("fill", "4")
        yield ["shards", "--mix", mix, "--length", length, "--tokens", tokens]
        yield ["target", "--phase", phase, "--tokens", tokens, "--middle-weight", weight]


def _draft(preset: Preset, work: Path) -> Iterator[list[str]]:
    yield ["export"]
    amounts = preset.amounts
    if not (work / "draft-own.pt").is_file():
        tokens = str(amounts.draft)
        yield ["shards", "--mix", "fill", "--length", str(preset.length), "--tokens", tokens]
        yield ["draft", "--tokens", tokens]
    yield ["draft", *OWN, "--prompts", str(amounts.prompts), "--tokens", str(amounts.own)]
