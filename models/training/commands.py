"""What each verb of `python -m paceline.models.training` does."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from torch import Tensor

from . import corpus, evaluate, export, shards, tokenizer
from .draft import Cycle, distillation, inherit_embedding, inherit_matching, write_generated
from .loss import Emphasis
from .network import Decoder
from .platform import compiled, keep_memory, pick_device
from .presets import PRESETS, Preset
from .schedule import Schedule
from .trainer import Plan, Progress, Trainer

Arguments = argparse.Namespace
PHASES = ("stable", "fill", "decay", "long", "mend")
LONG_RATE = 0.15


class Interrupted(Exception):  # noqa: N818 - a wish of the user's, no error
    """A signal asked to stop while training; all is saved."""


class RecipeError(Exception):
    """A step that lacks what an earlier one makes; the text says which."""


def _need(path: Path, verb: str) -> Path:
    if not path.exists():
        raise RecipeError(f"{path} is missing: run the verb `{verb}` first, with the same --work")
    return path


def _preset(args: Arguments) -> Preset:
    return PRESETS[args.preset]


def run_corpus(args: Arguments) -> None:
    """Collect the sources; prints one line a package."""
    roots = args.roots or corpus.project_roots()
    if not roots:
        raise RecipeError(
            "paceline's requirements are not known here: install it or name packages with --roots"
        )
    report = corpus.build(args.work, roots, _preset(args).cap, _preset(args).files)
    for entry in report.entries:
        mark = "held out" if entry.held_out else ""
        print(f"{entry.package:24} {entry.version:12} {entry.files:5} files {entry.bytes:9} bytes {mark}")
    print(f"{sum(entry.bytes for entry in report.entries):,} bytes in all")


def run_tokenizer(args: Arguments) -> None:
    """Train the tokenizer on every third file and say how many bytes a token holds on held-out text."""
    sources = corpus.load(_need(args.work / "train.jsonl", "corpus"))
    made = tokenizer.train((source.text for source in sources[::3]), _preset(args).target.vocab)
    made.save(str(args.work / "tokenizer.json"))
    held = corpus.load(args.work / "held.jsonl")[:50]
    tokens = sum(len(made.encode(source.text).ids) for source in held)
    size = sum(len(source.text.encode()) for source in held)
    held_out = f", {size / tokens:.2f} bytes a token on held-out text" if tokens else ""
    print(f"{made.get_vocab_size()} tokens{held_out}")


def run_shards(args: Arguments) -> None:
    """Write the rows of the epochs that are not there yet."""
    sources = corpus.load(_need(args.work / "train.jsonl", "corpus"))
    pieces = tokenizer.load(_need(args.work / "tokenizer.json", "tokenizer"))
    length = args.length or _preset(args).length
    mix, written, epoch = shards.MIXES[args.mix], 0, 0
    while epoch < args.epochs or written < args.tokens:
        path = shards.shard_path(args.work, args.mix, length, epoch)
        if not path.is_file():
            seed = epoch * 100_003 + length
            rows = shards.write_epoch(path, sources, pieces, length=length, seed=seed, mix=mix)
            print(f"{path.name}: {rows.size / 1e6:.1f} M tokens in {len(rows)} rows", flush=True)
        rows_written = len(shards.read_rows(path))
        if not rows_written:
            raise RecipeError(f"the corpus in {args.work} is too small for one row of {length} tokens")
        written += rows_written * length
        epoch += 1


def _plan(args: Arguments, batch: int, micro: int, rate: float, schedule: Schedule) -> Plan:
    return Plan(
        tokens=args.tokens,
        batch=batch,
        micro=min(batch, micro),
        schedule=schedule,
        rate=args.rate or rate,
        minutes=args.minutes,
        save_seconds=args.save_seconds,
    )


def _run(
    trainer: Trainer, started_from: Path | None, average: tuple[Decoder, float] | None = None
) -> Progress:
    """Resume the phase, or start it from the checkpoint of the phase before, and train.

    A start may be averaged with another model that takes the given share.
    """
    if not trainer.resume() and started_from is not None:
        trainer.start_from(started_from)
        if average is not None:
            trainer.average(*average)
    progress = trainer.run()
    print(
        f"{progress.tokens / 1e6:.2f} M tokens in this phase, {progress.total_tokens / 1e6:.2f} M in all, "
        f"{progress.total_seconds / 60:.1f} minutes in all, mean loss {progress.loss:.3f}"
    )
    if trainer.interrupted:
        raise Interrupted("stopped and saved: the same command goes on from here")
    return progress


def _phase(args: Arguments, preset: Preset) -> tuple[int, float, Schedule]:
    """Row length, peak rate and schedule of a phase of the target."""
    phases = {
        "stable": (preset.length, preset.rate, Schedule(warmup=preset.warmup)),
        "fill": (preset.length, preset.rate, Schedule()),
        "decay": (preset.decay_length, preset.rate, Schedule(decay=args.tokens)),
        "long": (preset.long_length, preset.rate * LONG_RATE, Schedule(decay=args.tokens)),
        "mend": (preset.length, preset.rate * LONG_RATE, Schedule(decay=args.tokens)),
    }
    return phases[args.phase]


def _before(args: Arguments) -> Path | None:
    """The checkpoint that a phase of the target starts from; None for the first phase."""
    place = PHASES.index(args.phase)
    if not place:
        return None
    before = PHASES[place - 1]
    return _need(args.work / f"target-{before}.pt", f"target --phase {before}")


def _emphasis(args: Arguments) -> Emphasis:
    """The weights of the loss, with the ids of the tokenizer at work."""
    pieces = tokenizer.load(_need(args.work / "tokenizer.json", "tokenizer"))
    ids = tokenizer.special_ids(pieces)
    return Emphasis(ids[tokenizer.MIDDLE], ids[tokenizer.FILE], ids[tokenizer.END], args.middle_weight)


def run_target(args: Arguments) -> None:
    """Train the target in one of its phases."""
    preset, device = _preset(args), pick_device(args.device)
    keep_memory(device)
    torch.manual_seed(args.seed)
    length, rate, schedule = _phase(args, preset)
    start, emphasis = _before(args), _emphasis(args)
    model = (export.read(args.start) if args.start else Decoder(preset.target)).to(device)

    def loss(rows: Tensor) -> Tensor:
        return model.loss(rows, emphasis=emphasis)

    mix = "even" if args.phase == "stable" else "fill"
    rows = shards.RowSource(args.work, mix, args.length or length)
    plan, save = (
        _plan(args, preset.batch, preset.micro, rate, schedule),
        args.work / f"target-{args.phase}.pt",
    )
    average = (export.read(args.average).to(device), args.share) if args.average else None
    _run(Trainer(model, compiled(loss, args.compile), rows, plan=plan, save=save), start, average)


def run_draft(args: Arguments) -> None:
    """Distil the draft: on corpus rows, or with --own on text the target writes."""
    preset, device = _preset(args), pick_device(args.device)
    keep_memory(device)
    torch.manual_seed(args.seed)
    teacher_folder = args.teacher or args.work / "pair" / "target"
    teacher = export.read(_need(teacher_folder / "config.json", "export").parent).to(device).eval()
    student = Decoder(preset.draft).to(device)
    inherit_embedding(student, teacher)
    if args.start:
        inherit_matching(student, export.read(args.start))
    first = args.work / "draft-corpus.pt"
    schedule = Schedule(warmup=preset.warmup // 4, decay=args.tokens)
    rows: Cycle | shards.RowSource
    if args.own:
        rows, save, start = (
            Cycle(_own_rows(args, teacher_folder)),
            args.work / "draft-own.pt",
            _need(first, "draft"),
        )
        schedule = Schedule(decay=args.tokens)
    else:
        rows, save, start = shards.RowSource(args.work, "fill", preset.length), first, None
    loss = distillation(student, teacher, args.sharpness, _emphasis(args))
    rate = preset.draft_rate * (0.5 if args.own else 1.0)
    plan = _plan(args, preset.draft_batch, preset.micro, rate, schedule)
    _run(Trainer(student, compiled(loss, args.compile), rows, plan=plan, save=save), start)


def _own_rows(args: Arguments, teacher_folder: Path) -> shards.Rows:
    """Rows of the target's own continuations, written by the first call."""
    path = args.work / "shards" / "own.npy"
    if path.is_file():
        return shards.read_rows(path)
    sources = corpus.load(_need(args.work / "train.jsonl", "corpus"))
    pieces = tokenizer.load(_need(args.work / "tokenizer.json", "tokenizer"))
    device, length = pick_device(args.device), _preset(args).decay_length
    return write_generated(
        path,
        teacher_folder,
        sources,
        pieces,
        count=args.prompts,
        length=length,
        device=device,
        seed=args.seed,
    )


def _latest(work: Path, *names: str) -> Path:
    for name in names:
        if (work / name).is_file():
            return work / name
    raise RecipeError(f"none of {', '.join(names)} is in {work}: train first")


def run_export(args: Arguments) -> None:
    """Write target and, once it is trained, draft as Hugging Face directories below --out."""
    out, preset = args.out or args.work / "pair", _preset(args)
    models = [
        ("target", preset.target, _latest(args.work, *(f"target-{phase}.pt" for phase in reversed(PHASES))))
    ]
    if (args.work / "draft-corpus.pt").is_file():
        models.append(("draft", preset.draft, _latest(args.work, "draft-own.pt", "draft-corpus.pt")))
    for name, shape, path in models:
        model = Decoder(shape)
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["model"])
        export.write(out / name, model, args.work / "tokenizer.json")
        print(f"{out / name}: {model.size():,} parameters from {path.name}")
    shutil.copyfile(args.work / "corpus.json", out / "corpus.json")
    export.write_pair_facts(out, args.preset, args.fim_order, preset.target.context)


def run_evaluate(args: Arguments) -> None:
    """Measure an exported pair on the held-out packages."""
    pair, device = args.pair or args.work / "pair", pick_device(args.device)
    _need(pair / "draft" / "config.json", "export")
    target, draft = (export.read(pair / name).to(device).eval() for name in ("target", "draft"))
    pieces = tokenizer.load(pair / "target" / "tokenizer.json")
    sources = corpus.load(_need(args.work / "held.jsonl", "corpus"))
    facts = evaluate.evaluate(
        pair, target, draft, pieces, sources, cases=args.cases, budget=args.prompt_tokens, device=device
    )
    print(json.dumps(facts, indent=1) if args.json else evaluate.table(facts))
