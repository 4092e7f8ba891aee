"""`python -m paceline.models.training VERB`: the recipe of the bundled pair, one verb a step."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import chain, commands
from .presets import PRESETS
from .shards import MIXES

Verb = Callable[[argparse.Namespace], None]


def parser() -> argparse.ArgumentParser:
    """The command line of the recipe."""
    top = argparse.ArgumentParser(prog="python -m paceline.models.training", description=__doc__)
    verbs = top.add_subparsers(required=True, metavar="VERB")
    one = _verb(verbs, "corpus", commands.run_corpus, "collect Python sources from this interpreter")
    one.add_argument("--roots", nargs="*", help="packages to start from (default: what paceline requires)")
    _verb(verbs, "tokenizer", commands.run_tokenizer, "train the tokenizer")
    one = _verb(verbs, "shards", commands.run_shards, "write token rows, one file an epoch")
    one.add_argument("--length", type=int, help="tokens in a row (default: the preset's)")
    one.add_argument("--epochs", type=int, default=1, help="write epochs 0 … N-1 that are missing")
    one.add_argument("--tokens", type=int, default=0, help="and further ones, until there are so many tokens")
    one.add_argument(
        "--mix", choices=sorted(MIXES), default="even", help="even for the phase stable, fill for later ones"
    )
    one = _training(_verb(verbs, "target", commands.run_target, "train the target"))
    one.add_argument(
        "--phase",
        choices=commands.PHASES,
        default="stable",
        help="each follows the checkpoint of the one before: fill has most tokens in short examples, decay "
        "takes the rate down, long has rows of full length, mend is a short one at a low rate",
    )
    one.add_argument("--length", type=int, help="tokens in a row (default: the preset's)")
    one.add_argument("--from", dest="start", type=Path, help="start from an exported directory's weights")
    one.add_argument("--average", type=Path, help="start from the average with this exported target")
    one.add_argument("--share", type=float, default=0.5, help="of the other one in it (%(default)s)")
    one = _training(_verb(verbs, "draft", commands.run_draft, "distil the draft from the exported target"))
    one.add_argument("--own", action="store_true", help="second part: on text that the target writes")
    one.add_argument("--prompts", type=int, default=12_000, help="prompts the target continues for --own")
    one.add_argument("--sharpness", type=float, default=1.0, help="factor on the teacher's logits")
    one.add_argument("--from", dest="start", type=Path, help="take over what fits of an exported draft")
    one.add_argument("--teacher", type=Path, help="exported target (default: WORK/pair/target)")
    one = _verb(verbs, "export", commands.run_export, "write Hugging Face directories")
    one.add_argument("--out", type=Path, help="where to (default: WORK/pair)")
    one.add_argument("--fim-order", choices=("psm", "spm"), default="spm", help="noted in pair.json")
    one = _verb(verbs, "evaluate", commands.run_evaluate, "measure an exported pair on held-out packages")
    one.add_argument("--pair", type=Path, help="exported pair (default: WORK/pair)")
    one.add_argument("--cases", type=int, default=200, help="prompts a measurement")
    one.add_argument("--prompt-tokens", type=int, default=900, help="longest prompt, about")
    one.add_argument("--json", action="store_true", help="print the figures as JSON")
    one = _verb(
        verbs, "all", _run_all, "everything, from the corpus to the evaluated pair, with the preset's amounts"
    )
    one.add_argument("--minutes", type=float, help="longest time of each training phase")
    one.add_argument("--cases", type=int, default=200, help="prompts a measurement")
    one.add_argument(
        "--compile", action=argparse.BooleanOptionalAction, default=True, help="use torch.compile"
    )
    return top


def _run_all(args: argparse.Namespace) -> None:
    for words in chain.steps(args):
        print(f"— {' '.join(words)}", flush=True)
        step = parser().parse_args(words)
        step.verb(step)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, verb: Verb, text: str
) -> argparse.ArgumentParser:
    one = verbs.add_parser(name, help=text, description=text)
    one.set_defaults(verb=verb)
    home = Path.home() / ".cache" / "paceline" / "training"
    one.add_argument(
        "--work", type=Path, default=home, help="folder for caches and checkpoints (%(default)s)"
    )
    one.add_argument("--preset", choices=sorted(PRESETS), default="mini", help="sizes (%(default)s)")
    one.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, …")
    return one


def _training(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    one.add_argument(
        "--tokens", type=int, required=True, help="tokens of this phase in all, earlier runs included"
    )
    one.add_argument("--minutes", type=float, help="stop earlier, after this long")
    one.add_argument(
        "--middle-weight", type=float, default=4.0, help="of a middle's tokens in the loss (%(default)s)"
    )
    one.add_argument("--rate", type=float, help="peak learning rate (default: the preset's)")
    one.add_argument("--save-seconds", type=float, default=240.0, help="between checkpoints (%(default)s)")
    one.add_argument("--seed", type=int, default=0)
    one.add_argument(
        "--compile", action=argparse.BooleanOptionalAction, default=True, help="use torch.compile"
    )
    return one


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 when it succeeded, 1 when it was stopped, 2 when something it needs is missing."""
    args = parser().parse_args(arguments)
    try:
        args.verb(args)
    except commands.Interrupted as stop:
        print(stop, file=sys.stderr)
        return 1
    except (commands.RecipeError, FileNotFoundError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
