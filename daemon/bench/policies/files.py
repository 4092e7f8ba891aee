"""Records on disk: one JSON object a line, the measured times first, then one answer each."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...engine.pacer.round import Offer
from .world import Recorded, Times

VERSION = 2


def save(path: Path, times: Times, answers: Sequence[Recorded]) -> None:
    """Write a record; what was at ``path`` is replaced."""
    header = {
        "version": VERSION,
        "verify": list(times.verify),
        "draft": list(times.draft),
        "fill": times.fill,
    }
    lines = [json.dumps(header), *(json.dumps(_plain(answer), separators=(",", ":")) for answer in answers)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def load(path: Path) -> tuple[Times, list[Recorded]]:
    """Read a record. Raises ValueError where the file is none, or of another version."""
    with path.open(encoding="utf-8") as file:
        header = json.loads(file.readline())
        if not isinstance(header, dict) or header.get("version") != VERSION:
            raise ValueError(f"{path} is no record of version {VERSION}: record it again")
        times = Times(header["verify"], header["draft"], header["fill"])
        return times, [_answer(json.loads(line)) for line in file]


def _plain(answer: Recorded) -> dict[str, Any]:
    return {
        "language": answer.language,
        "mode": answer.mode,
        "prompt": answer.prompt,
        "limit": answer.limit,
        "healed": answer.healed,
        "ended": answer.ended,
        "tokens": list(answer.tokens),
        "kinds": list(answer.kinds),
        "drafts": [list(tokens) for tokens in answer.drafts],
        "confidences": [[round(value, 4) for value in values] for values in answer.confidences],
        "offers": [
            [[offer.source, offer.match, offer.trait, *offer.tokens] for offer in offers]
            for offers in answer.offers
        ],
    }


def _answer(saved: dict[str, Any]) -> Recorded:
    offers = [
        [Offer(source, tokens, match, trait) for source, match, trait, *tokens in here]
        for here in saved.pop("offers")
    ]
    return Recorded(offers=offers, **saved)
