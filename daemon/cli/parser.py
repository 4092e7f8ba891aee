"""The words of the command line: verbs, options and their help."""

import argparse
from pathlib import Path

from ... import __version__
from ..protocol import MAX_K, MAX_TOKENS
from . import doctor, draft, models, report, top
from .arguments import EPILOGUE, Parser, Verbs, add_engine_options, names, real, whole, wholes

EXAMPLES = """examples:
  paceline complete app.py:12            complete at the end of line 12
  paceline complete app.py:12:5 --json   before column 5, every count and time as JSON
  paceline complete - --at 3:1 --path app.py <app.py
  paceline complete app.py:12 --explain  who proposed each token
  paceline bench                         how fast this machine is, and other engines on it
  paceline bench --typing app.py         what a person typing app.py would get, and when
  paceline status                        pair, device, memory, acceptance, times
  paceline doctor                        what is wrong here and how to mend it
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs; ``verb`` in its result names the one chosen."""
    parser = Parser(
        prog="paceline",
        description="Local code completion by speculative decoding.",
        epilog=f"{EXAMPLES}\n{EPILOGUE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"paceline {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=Parser)
    _add_complete(verbs)
    serve = verbs.add_parser("serve", help="run the daemon in the foreground", epilog=EPILOGUE)
    add_engine_options(serve)
    stop = verbs.add_parser("stop", help="stop the daemon", epilog=EPILOGUE)
    stop.add_argument("--all", action="store_true", help="stop the daemons of all other settings too")
    add_engine_options(stop)
    status = verbs.add_parser("status", help="one screen of the daemon's state", epilog=EPILOGUE)
    status.add_argument("--json", action="store_true", help="the same as one JSON map")
    add_engine_options(status)
    top.add(verbs)
    doctor.add(verbs)
    _add_bench(verbs)
    draft.add(verbs)
    models.add(verbs)
    report.add(verbs)
    verbs.add_parser("lsp", help="the language server on stdio, for editors", epilog=EPILOGUE)
    return parser


def _add_complete(verbs: Verbs) -> None:
    verb = verbs.add_parser(
        "complete",
        help="print the completion at a place in a file",
        description="Print the completion at a place in a file. The daemon is started if it does not run.",
        epilog=EPILOGUE,
    )
    verb.add_argument(
        "place", metavar="FILE:LINE[:COL]", help="lines and columns from 1; - for text on stdin"
    )
    verb.add_argument("--at", metavar="LINE[:COL]", help="the place in the text on stdin")
    verb.add_argument("--path", metavar="NAME", help="the file name of the text on stdin, for its language")
    verb.add_argument("--no-daemon", action="store_true", help="load the models into this process instead")
    _add_output_options(verb)
    _add_generation_options(verb)
    add_engine_options(verb)


def _add_bench(verbs: Verbs) -> None:
    verb = verbs.add_parser(
        "bench",
        help="measure this machine: plain, speculative, and other engines on the same weights",
        description="Measure plain and speculative decoding on this machine, and peers on the same weights.",
        epilog=EPILOGUE,
    )
    verb.add_argument("files", nargs="*", metavar="FILE", help="code to complete (default: paceline's own)")
    verb.add_argument("--json", action="store_true", help="the report as JSON")
    verb.add_argument(
        "--only", type=names, default=(), metavar="ROWS", help="these rows, such as plain,auto,hf*"
    )
    verb.add_argument(
        "--lengths", type=wholes(1, MAX_TOKENS), default=(16, 128), metavar="N,N", help="tokens to write"
    )
    verb.add_argument(
        "--k",
        type=wholes(1, MAX_K),
        default=(1, 2, 4, 8),
        metavar="N,N",
        help="fixed drafted tokens a round",
    )
    verb.add_argument(
        "--prompts", type=whole(1, 1000), metavar="N", help="so many prompts: 30, or 3 with --synthetic"
    )
    verb.add_argument(
        "--prompt-tokens", type=whole(16, 1 << 20), default=512, metavar="N", help="tokens a prompt, at most"
    )
    verb.add_argument(
        "--repeats", type=whole(1, 1000), default=2, metavar="N", help="runs of each row on each prompt"
    )
    verb.add_argument("--seed", type=whole(0, 1 << 31), default=0, metavar="N", help="of the places in files")
    verb.add_argument(
        "--llama-server", type=Path, metavar="PATH", help="llama.cpp's server, to measure it too"
    )
    verb.add_argument(
        "--serving", action="store_true", help="instead, how soon a daemon answers, and what its socket costs"
    )
    shapes = verb.add_argument_group("synthetic", "any architecture, without its weights")
    shapes.add_argument(
        "--synthetic",
        metavar="SHAPE",
        help="random weights: llama-38m, qwen2.5-coder-7b+0.5b, A.json,B.json…",
    )
    shapes.add_argument(
        "--acceptance", type=real(0, 1), default=0.8, metavar="P", help="each drafted token's, forced"
    )
    _add_typing_options(verb)
    add_engine_options(verb)


def _add_typing_options(verb: argparse.ArgumentParser) -> None:
    options = verb.add_argument_group(
        "typing", "all that is typed and answered goes through the language server"
    )
    options.add_argument(
        "--typing", action="store_true", help="instead, type lines of each FILE again as a person would"
    )
    options.add_argument(
        "--lines", type=whole(1, 100_000), default=10, metavar="N", help="so many lines of each file"
    )
    options.add_argument("--speed", type=real(0.1, 100), default=1.0, metavar="X", help="pauses divided by X")


def _add_output_options(verb: argparse.ArgumentParser) -> None:
    output = verb.add_argument_group("output")
    forms = output.add_mutually_exclusive_group()
    forms.add_argument(
        "--json", action="store_true", help="the completion with its counts and times, as JSON"
    )
    forms.add_argument("--stream", action="store_true", help="print the text while it is made")
    output.add_argument("--explain", action="store_true", help="show who proposed each token")
    output.add_argument(
        "--n", type=whole(1, 100), default=1, metavar="N", help="so many completions (sampled)"
    )


def _add_generation_options(verb: argparse.ArgumentParser) -> None:
    options = verb.add_argument_group("generation")
    options.add_argument(
        "--max-tokens", type=whole(1, MAX_TOKENS), default=64, metavar="N", help="at most N tokens"
    )
    options.add_argument(
        "--temperature", type=real(0, 10), default=0.0, metavar="T", help="0 is greedy, the default"
    )
    options.add_argument(
        "--top-k", type=whole(0, 1 << 20), default=0, metavar="N", help="the N likeliest tokens only"
    )
    options.add_argument(
        "--top-p", type=real(1e-6, 1), default=1.0, metavar="P", help="the likeliest share P only"
    )
    options.add_argument(
        "--seed", type=whole(0, (1 << 53) - 1), default=0, metavar="N", help="of the sampling"
    )
    lines = options.add_mutually_exclusive_group()
    lines.add_argument(
        "--multiline", action="store_true", default=None, dest="multiline", help="several lines"
    )
    lines.add_argument(
        "--single-line", action="store_false", default=None, dest="multiline", help="one line only"
    )
    options.add_argument(
        "--drafter", choices=("auto", "draft", "lookup", "none"), default="auto", help="who proposes tokens"
    )
    options.add_argument("--k", type=whole(0, MAX_K), metavar="N", help="propose exactly N tokens a round")
    options.add_argument(
        "--deadline", type=real(1, 600_000), metavar="MS", help="stop after so many milliseconds"
    )
