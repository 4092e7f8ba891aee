"""The verb ``complete``: one place, one request or several, and the answer in the form asked for."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Protocol

from ..client import Client
from ..lifecycle import is_running
from ..paths import places
from ..protocol import MAX_K, MAX_TOKENS, Complete, Done, as_map
from ..settings import Settings, colour_wanted, load_settings, models_dir
from .arguments import Parser, add_engine_options, real, whole
from .options import overrides
from .place import InputError, Place, file_place, stream_place
from .terminal import (
    STRONG,
    LoadingBar,
    Screen,
    completed,
    counts_line,
    describe_engine,
    explained,
    surroundings,
)

SEEDS = 1 << 53  # as many as a request may carry


def add(verb: Parser) -> None:
    """Add what the verb takes."""
    verb.description = "Print the completion at a place in a file. The daemon is started if it does not run."
    verb.add_argument(
        "place", metavar="FILE:LINE[:COL]", help="lines and columns from 1; - for text on stdin"
    )
    verb.add_argument("--at", metavar="LINE[:COL]", help="the place in the text on stdin")
    verb.add_argument("--path", metavar="NAME", help="the file name of the text on stdin, for its language")
    verb.add_argument("--no-daemon", action="store_true", help="load the models into this process instead")
    _add_output_options(verb)
    _add_generation_options(verb)
    add_engine_options(verb)


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
    options.add_argument("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of the sampling")
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


class Answerer(Protocol):
    """What completes: the client of a daemon, or the engine in this process."""

    def complete(self, request: Complete, on_partial: Callable[[str], None] | None = None) -> Done:
        """Return the completion, having told ``on_partial`` each piece of it when it was final."""

    def facts(self) -> Mapping[str, Any]:
        """Return what the engine says of itself: pair, device, dtypes."""

    def close(self) -> None:
        """Let go of the daemon or of the models."""


class DaemonAnswerer:
    """Completions by the daemon of these settings, which is started if it does not run."""

    def __init__(self, settings: Settings) -> None:
        """Connect, with a bar on stderr while models load. Raises PacelineError, ModelError."""
        if not is_running(places(settings)):
            check_models(settings)
        bar = LoadingBar(sys.stderr)
        try:
            self._client = Client.connect(settings, progress=bar)
        finally:
            bar.clear()

    def complete(self, request: Complete, on_partial: Callable[[str], None] | None = None) -> Done:
        """Ask the daemon. Raises PacelineError."""
        return self._client.complete(request, on_partial=on_partial)

    def facts(self) -> Mapping[str, Any]:
        """Return what the daemon's engine says of itself."""
        return self._client.status().engine

    def close(self) -> None:
        """Hang up; the daemon stays."""
        self._client.close()


def run(arguments: argparse.Namespace) -> int:
    """Complete as ``arguments`` say. Raises InputError, PacelineError or ModelError."""
    if arguments.n > 1 and not arguments.temperature:
        raise InputError("--n asks for different completions: give --temperature too, such as 0.6")
    if arguments.stream and arguments.explain:
        raise InputError("--explain needs the whole completion: leave --stream out")
    place = _place(arguments)
    settings = load_settings(overrides(arguments))
    with closing(_answerer(settings, in_process=arguments.no_daemon)) as answerer:
        for number in range(arguments.n):
            request = _request(arguments, place, (arguments.seed + number) % SEEDS)
            _answer(arguments, place, answerer, request, number)
    return 0


def check_models(settings: Settings) -> None:
    """Look at the models before a process is started for them. Raises ModelError."""
    from ...models.pairing import check_pair, resolve  # noqa: PLC0415  (only where a daemon is to be started)

    draft = None if settings.draft == "auto" else settings.draft
    check_pair(resolve(settings.target, draft, context=settings.context, store=models_dir()))


def _place(arguments: argparse.Namespace) -> Place:
    if arguments.place != "-":
        if arguments.at or arguments.path:
            raise InputError("--at and --path belong to text on stdin: give - in place of the file")
        return file_place(arguments.place)
    if not arguments.at:
        raise InputError("text on stdin needs a place: give --at LINE or --at LINE:COL")
    if sys.stdin is None:  # how Python says that it was closed
        raise InputError("stdin is closed: name a file, or give its text on stdin")
    return stream_place(sys.stdin.buffer.read(), arguments.at, arguments.path or "")


def _answerer(settings: Settings, *, in_process: bool) -> Answerer:
    if not in_process:
        return DaemonAnswerer(settings)
    from .inprocess import EngineAnswerer  # noqa: PLC0415  (brings torch, which the client must not)

    return EngineAnswerer(settings)


def _request(arguments: argparse.Namespace, place: Place, seed: int) -> Complete:
    return Complete(
        path=place.path,
        prefix=place.prefix,
        suffix=place.suffix,
        repository=place.repository,
        stream=arguments.stream,
        max_tokens=arguments.max_tokens,
        multiline=arguments.multiline,
        temperature=arguments.temperature,
        top_k=arguments.top_k,
        top_p=arguments.top_p,
        seed=seed,
        drafter=arguments.drafter,
        k=arguments.k,
        deadline_ms=arguments.deadline,
        explain=arguments.explain,
    )


def _answer(
    arguments: argparse.Namespace, place: Place, answerer: Answerer, request: Complete, number: int
) -> None:
    """Ask for one completion and print it."""
    out = Screen(sys.stdout, colour=colour_wanted())
    if arguments.json:
        done = answerer.complete(request)
        out.write(json.dumps(as_map(done), ensure_ascii=False) + "\n")
        return
    if arguments.n > 1:
        out.write(f"--- {number + 1} of {arguments.n} ---\n")
    if arguments.stream:
        done = _streamed(out, place, answerer, request)
    else:
        done = answerer.complete(request)
        out.write(explained(out, place, done) if arguments.explain else completed(out, place, done))
    sys.stderr.write(counts_line(done, describe_engine(answerer.facts())) + "\n")


def _streamed(out: Screen, place: Place, answerer: Answerer, request: Complete) -> Done:
    """Print the pieces of a completion as they come."""
    before, after = surroundings(out, place)
    out.write(before)
    done = answerer.complete(request, lambda piece: out.write(out.paint(piece, STRONG)))
    out.write(after + "\n")
    return done
