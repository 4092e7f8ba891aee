"""Greedy continuations by the target, many prompts at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaForCausalLM

Tokens = list[int]


def load_generator(folder: Path, device: torch.device) -> Any:
    """The exported model in `folder` through transformers, in float32 on a CPU and bfloat16 elsewhere."""
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    model: Any = LlamaForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True)
    return model.to(device).eval()


@torch.inference_mode()
def continue_batch(model: Any, prompts: list[Tokens], limit: int) -> list[Tokens]:
    """Greedy continuations of at most `limit` tokens, the end token included where it is reached."""
    end, pad = int(model.config.eos_token_id), int(model.config.pad_token_id)
    longest = max(map(len, prompts))
    padded = torch.tensor([[pad] * (longest - len(p)) + p for p in prompts], device=model.device)
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts], device=model.device)
    found = model.generate(
        padded, attention_mask=mask, do_sample=False, max_new_tokens=limit, eos_token_id=end, pad_token_id=pad
    )
    results = []
    for row in found[:, longest:].tolist():
        results.append(row[: row.index(end) + 1] if end in row else row)
    return results


def continue_all(
    model: Any, prompts: list[Tokens], limit: int, batch: int = 64
) -> Iterator[list[tuple[int, Tokens]]]:
    """Batches of (index, continuation) for all prompts; prompts of like length go together."""
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        yield list(zip(chosen, continue_batch(model, [prompts[i] for i in chosen], limit), strict=True))
