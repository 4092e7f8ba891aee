"""How good the pair is on packages it has never seen.

Three measurements: held-out loss, exact match of single lines filled in, and acceptance at temperature 0 by
replaying rounds on the target's own greedy output.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from .corpus import Source
from .fim import PSM, SPM, Example, line_end, split, strip_notice, window_after, window_before
from .generate import Tokens, continue_all, load_generator
from .network import Decoder
from .shards import encode
from .tokenizer import FILE, special_ids

AHEAD = 4


@dataclass(frozen=True)
class Loss:
    """Held-out loss of one model: nats a token, bits a byte, tokens scored."""

    nats: float
    bits_per_byte: float
    tokens: int


@dataclass(frozen=True)
class Match:
    """Single-line exact match in one FIM order: from inside a line to its end, and whole lines."""

    order: str
    tail: float
    line: float
    cases: int


@dataclass(frozen=True)
class Acceptance:
    """Replayed rounds in one FIM order: α = accepted / tested, τ = emitted / rounds."""

    order: str
    alpha: float
    tau: float
    accepted: int
    tested: int
    emitted: int
    rounds: int


def held_out_loss(
    model: Decoder,
    sources: list[Source],
    tokenizer: Tokenizer,
    *,
    length: int,
    most: int,
    draw: random.Random,
) -> Loss:
    """Loss over `most` pieces of at most `length` tokens of plain documents, each after its file header."""
    ids = special_ids(tokenizer)
    pieces: list[tuple[Tokens, Tokens]] = []
    for source in sources:
        header = [ids[FILE], *tokenizer.encode(source.path + "\n").ids]
        body = tokenizer.encode(strip_notice(source.text)).ids
        room = length - len(header)
        pieces += [(header, body[i : i + room]) for i in range(0, len(body), room)]
    draw.shuffle(pieces)
    nats, tokens, size = 0.0, 0, 0
    for header, body in pieces[:most]:
        row = torch.tensor([header + body], device=model.embed_tokens.weight.device)
        with torch.no_grad():
            scores = torch.log_softmax(model.logits(row)[0, len(header) - 1 : -1], dim=-1)
        nats -= float(scores.gather(1, row[0, len(header) :].unsqueeze(1)).sum())
        tokens += len(body)
        size += len(tokenizer.decode(body).encode())
    return Loss(nats / tokens, nats / math.log(2) / size, tokens)


def line_case(source: Source, whole: bool, budget: int, draw: random.Random) -> Example | None:
    """A split whose middle is a line of code from its first character (`whole`) or from a place inside it."""
    text = strip_notice(source.text)
    first = text.rfind("\n", 0, draw.randrange(max(1, len(text)))) + 1
    end = line_end(text, first)
    line = text[first:end]
    start = first + len(line) - len(line.lstrip())
    if end - start < 4 or text[start] in "#\"'":
        return None
    if not whole:
        start = draw.randint(start + 1, end - 2)
    chars = budget * 3
    before, after = window_before(text, start, chars * 2 // 3), window_after(text, end, chars // 4)
    return Example(source.path, before, after, text[start:end])


def draw_cases(
    sources: list[Source], count: int, budget: int, kind: str, draw: random.Random
) -> list[Example]:
    """`count` examples of a kind (`tail`, `line` or `any`), a package as likely as another."""
    packages: dict[str, list[Source]] = {}
    for source in sources:
        packages.setdefault(source.package, []).append(source)
    names = sorted(packages)
    found: list[Example] = []
    while len(found) < count:
        source = draw.choice(packages[draw.choice(names)])
        if kind == "any":
            example = split(source.path, strip_notice(source.text), budget, draw)
        else:
            example = line_case(source, kind == "line", budget, draw)
        if example is not None and example.middle.strip():
            found.append(example)
    return found


def answers(
    folder: Path, tokenizer: Tokenizer, cases: list[Example], *, order: str, limit: int, device: torch.device
) -> tuple[list[Tokens], list[Tokens]]:
    """Prompts for `cases` and the target's greedy continuations, in the order of `cases`."""
    ids = special_ids(tokenizer)
    asked = [encode(tokenizer, ids, case, order)[0] for case in cases]
    given: list[Tokens] = [[] for _ in cases]
    for batch in continue_all(load_generator(folder, device), asked, limit, batch=32):
        for index, answer in batch:
            given[index] = answer
    return asked, given


def exact(tokenizer: Tokenizer, given: Iterable[Tokens], cases: Iterable[Example]) -> float:
    """Share of answers whose first line equals the middle, blanks at the end left out."""
    hits = [
        tokenizer.decode(answer).split("\n")[0].rstrip() == case.middle.rstrip()
        for answer, case in zip(given, cases, strict=True)
    ]
    return sum(hits) / len(hits)


def replay(agrees: list[bool], ahead: int = AHEAD) -> tuple[int, int, int]:
    """(accepted, tested, rounds) when the draft proposes `ahead` tokens a round.

    `agrees[i]` says whether the draft's argmax is the target's token i, given the target's own text before.
    A round tests up to and including the first disagreement, and emits one token of the target's after what
    it accepts.
    """
    accepted = tested = rounds = place = 0
    while place < len(agrees):
        proposed = agrees[place : place + ahead]
        kept = proposed.index(False) if False in proposed else len(proposed)
        accepted += kept
        tested += min(kept + 1, len(proposed))
        rounds += 1
        place += kept + 1
    return accepted, tested, rounds


@torch.no_grad()
def acceptance(draft: Decoder, asked: list[Tokens], given: list[Tokens], order: str) -> Acceptance:
    """Replay rounds of `AHEAD` on the target's continuations `given` of the prompts `asked`."""
    accepted = tested = rounds = emitted = 0
    for prompt, answer in zip(asked, given, strict=True):
        row = torch.tensor([prompt + answer], device=draft.embed_tokens.weight.device)
        guesses = draft.logits(row)[0, len(prompt) - 1 : -1].argmax(-1).tolist()
        counts = replay([guess == token for guess, token in zip(guesses, answer, strict=True)])
        accepted, tested, rounds = accepted + counts[0], tested + counts[1], rounds + counts[2]
        emitted += len(answer)
    return Acceptance(order, accepted / tested, emitted / rounds, accepted, tested, emitted, rounds)


def evaluate(
    folder: Path,
    target: Decoder,
    draft: Decoder,
    tokenizer: Tokenizer,
    sources: list[Source],
    *,
    cases: int,
    budget: int,
    device: torch.device,
    seed: int = 0,
) -> dict[str, Any]:
    """All measurements for the pair exported in `folder` on held-out `sources`, ready for JSON."""
    losses = {
        name: asdict(
            held_out_loss(model, sources, tokenizer, length=1024, most=cases, draw=random.Random(seed))
        )
        for name, model in (("target", target), ("draft", draft))
    }
    matches, accepts = [], []
    for order in (PSM, SPM):
        shares = []
        for kind in ("tail", "line"):
            drawn = draw_cases(sources, cases, budget, kind, random.Random(seed))
            _, given = answers(folder / "target", tokenizer, drawn, order=order, limit=48, device=device)
            shares.append(exact(tokenizer, given, drawn))
        matches.append(asdict(Match(order, shares[0], shares[1], cases)))
        drawn = draw_cases(sources, cases, budget, "any", random.Random(seed + 1))
        asked, given = answers(folder / "target", tokenizer, drawn, order=order, limit=64, device=device)
        accepts.append(asdict(acceptance(draft, asked, given, order)))
    means = [m["tail"] + m["line"] for m in matches]
    return {
        "held_out_packages": sorted({source.package for source in sources}),
        "loss": losses,
        "exact_match": matches,
        "acceptance": accepts,
        "better_order": SPM if means[1] >= means[0] else PSM,
        "cases": cases,
        "prompt_tokens": budget,
        "ahead": AHEAD,
    }


def table(facts: dict[str, Any]) -> str:
    """The figures of `evaluate` as text."""
    lines = [f"held-out packages: {', '.join(facts['held_out_packages'])}"]
    for name, loss in facts["loss"].items():
        lines.append(
            f"{name:7} {loss['nats']:.3f} nats/token  {loss['bits_per_byte']:.3f} bits/byte  "
            f"({loss['tokens']} tokens)"
        )
    lines.append("order   rest of line   whole line   α at temperature 0      τ")
    for match, accept in zip(facts["exact_match"], facts["acceptance"], strict=True):
        counts = f"({accept['accepted']}/{accept['tested']})"
        lines.append(
            f"{match['order']:7} {match['tail']:12.1%} {match['line']:12.1%}   {accept['alpha']:.3f} "
            f"{counts:15} {accept['tau']:.2f}"
        )
    lines.append(f"{facts['cases']} prompts a measurement, {facts['ahead']} tokens ahead a round; ")
    return "\n".join([*lines[:-1], lines[-1] + f"better order: {facts['better_order']}"])
