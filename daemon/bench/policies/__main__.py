"""The laboratory by hand: record real answers, compare policies on a record, make the prior of a pair.

python -m paceline.daemon.bench.policies record answers.jsonl --count 200 FILES
python -m paceline.daemon.bench.policies compare answers.jsonl
python -m paceline.daemon.bench.policies prior answers.jsonl models/bundled/mini/pacer.json
python -m paceline.daemon.bench.policies live --layers 32
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from ...engine.pacer.state import save_prior
from .comparing import Row, best_fixed, calibrated, compare
from .files import load, save
from .ours import Paced
from .playing import play

PROMPT = 700
"""Tokens of prefix and suffix around a place."""
LENGTHS = (8, 32, 64, 128)
"""Most tokens of an answer, drawn for each place."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the verbs."""
    asked = _parser().parse_args(arguments)
    if asked.verb == "record":
        _record(asked)
    elif asked.verb == "compare":
        times, answers = load(asked.record)
        sys.stdout.write(table(compare(answers, times, asked.prior)))
    elif asked.verb == "live":
        _live(asked)
    else:
        times, answers = load(asked.record)
        paced = Paced(calibrated(times))
        play(paced, answers, times)
        save_prior(asked.out, paced.pacer)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m paceline.daemon.bench.policies")
    verbs = parser.add_subparsers(dest="verb", required=True)
    record = verbs.add_parser("record", help="record a pair's answers at places in code")
    record.add_argument("out", type=Path)
    record.add_argument("files", type=Path, nargs="+")
    record.add_argument("--count", type=int, default=200)
    record.add_argument("--seed", type=int, default=1)
    record.add_argument("--target", default="mini")
    record.add_argument("--no-compile", dest="compile", action="store_false")
    compared = verbs.add_parser("compare", help="play every policy on a record")
    compared.add_argument("record", type=Path)
    compared.add_argument("--prior", type=Path, help="what paceline's pacer knows before, made by `prior`")
    prior = verbs.add_parser("prior", help="write what the pacer learns from a record")
    prior.add_argument("record", type=Path)
    prior.add_argument("out", type=Path)
    live = verbs.add_parser("live", help="spoil and mend the draft model while the pair is in use")
    live.add_argument("--target", default="mini")
    live.add_argument("--layers", type=int, help="of the target, those added change nothing but its time")
    live.add_argument("--tokens", type=int, default=32, help="an answer has")
    live.add_argument("--answers", type=int, default=24, help="in each phase")
    live.add_argument("--no-compile", dest="compile", action="store_false")
    return parser


def _live(asked: argparse.Namespace) -> None:
    from ...engine.engine import EngineOptions  # noqa: PLC0415  (the other verbs do without torch)
    from ...settings import steps_dir  # noqa: PLC0415
    from .live import run, text  # noqa: PLC0415

    options = EngineOptions(target=asked.target, compile=asked.compile, steps=steps_dir())
    phases = run(
        options,
        layers=asked.layers,
        tokens=asked.tokens,
        answers=asked.answers,
        tell=lambda name: sys.stderr.write(f"{name}\n"),
    )
    sys.stdout.write(text(phases))


def _record(asked: argparse.Namespace) -> None:
    from ...engine.engine import EngineOptions  # noqa: PLC0415  (the other verbs do without torch)
    from ...engine.records import Completion  # noqa: PLC0415
    from ..ours import BenchEngine  # noqa: PLC0415
    from ..prompts import cut, find_files, read_sources, text_around  # noqa: PLC0415
    from .recorder import Recorder  # noqa: PLC0415

    engine = BenchEngine.load(EngineOptions(target=asked.target, compile=asked.compile))
    engine.wait_compiled()
    chance = random.Random(asked.seed)
    requests = []
    for place in cut(
        read_sources(find_files(asked.files), engine.pair.tokenizer), asked.count, PROMPT, asked.seed
    ):
        prefix, suffix = text_around(place, PROMPT)
        requests.append(
            Completion(
                path=place.source.name, prefix=prefix, suffix=suffix, max_tokens=chance.choice(LENGTHS)
            )
        )
    recorder = Recorder(engine.pair)
    answers = recorder.record(requests, lambda done: sys.stderr.write(f"\r{done}/{asked.count}"))
    save(asked.out, recorder.times(PROMPT), answers)


def table(rows: Sequence[Row]) -> str:
    """The comparison as text; times are over the best fixed length."""
    best, oracle = best_fixed(rows), rows[-1]
    lines = [f"{'policy':32}  speed   time  to oracle  drafted  accepted  plain"]
    for row in rows:
        way = (best.per_token - row.per_token) / (best.per_token - oracle.per_token)
        lines.append(
            f"{row.name:32}  {row.speedup:5.2f}  {row.per_token / best.per_token:5.3f}  {way:9.2f}"
            f"  {row.drafted:7.2f}  {row.accepted:8.2f}  {row.plain:5.2f}"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
