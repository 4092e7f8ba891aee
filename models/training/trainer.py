"""The training loop shared by target and draft: steps, checkpoints, progress, a clean stop."""

from __future__ import annotations

import errno
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from .schedule import Schedule
from .shards import Rows


class RowsLike(Protocol):
    """Where rows come from: `shards.RowSource` or the generated texts of `draft`."""

    def take(self, start: int, count: int) -> Rows:
        """Rows start … start + count - 1, each one token longer than the training length."""
        ...


@dataclass(frozen=True)
class Plan:
    """How one phase of training runs. Token counts are those of this phase."""

    tokens: int
    batch: int
    micro: int
    schedule: Schedule
    rate: float = 3e-3
    weight_decay: float = 0.1
    save_seconds: float = 240.0
    minutes: float | None = None


@dataclass
class Progress:
    """What is kept of a run besides weights: rows consumed, tokens and seconds in this phase and in all."""

    rows: int = 0
    tokens: int = 0
    total_tokens: int = 0
    seconds: float = 0.0
    total_seconds: float = 0.0
    loss: float = 0.0


def optimizers(model: nn.Module, plan: Plan) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers (Jordan 2024, scaled as in 2502.16982), AdamW for the rest."""
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and "layers." in n]
    embeddings = [p for n, p in model.named_parameters() if p.dim() == 2 and "layers." not in n]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    muon = torch.optim.Muon(
        matrices, lr=plan.rate, weight_decay=plan.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    groups: list[dict[str, Any]] = [
        {"params": embeddings, "weight_decay": plan.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return [muon, torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.95), fused=True)]


class Stopper:
    """Turns SIGINT and SIGTERM into a wish that the loop sees between steps."""

    def __init__(self) -> None:
        self.wanted = False
        self._previous: dict[int, Any] = {}

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.wanted = True

    def __enter__(self) -> Stopper:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)


def save_state(
    path: Path, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], extra: dict[str, Any]
) -> None:
    """Write model, optimisers and `extra` beside `path` and move them there. Raises OSError."""
    beside = path.with_suffix(".tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], **extra}
    try:
        torch.save(state, beside)
        beside.rename(path)
    except RuntimeError as error:  # how torch reports whatever the file system says
        raise OSError(errno.EIO, "no checkpoint can be written: is the disk full?", str(path)) from error
    finally:
        beside.unlink(missing_ok=True)


def load_state(
    path: Path, model: nn.Module, optimizers: Sequence[torch.optim.Optimizer], device: torch.device
) -> dict[str, Any]:
    """Read what `save_state` wrote into model and optimisers, and return all of it."""
    state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    model.load_state_dict(state["model"])
    for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    return state


class Trainer:
    """Runs one phase of `plan` on `model`; the file `save` holds all that an exact resume needs."""

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[[Tensor], Tensor],
        rows: RowsLike,
        *,
        plan: Plan,
        save: Path,
    ) -> None:
        self.model, self.loss, self.rows, self.plan = model, loss, rows, plan
        self.save_path, self.status = save, save.with_name("STATUS")
        self.device = next(model.parameters()).device
        self.optimizers = optimizers(model, plan)
        self.progress = Progress()
        self.interrupted = False
        self._recent: list[float] = []

    def save(self) -> None:
        """Write the checkpoint beside its place and move it there."""
        save_state(self.save_path, self.model, self.optimizers, {"progress": vars(self.progress)})

    def resume(self) -> bool:
        """Continue from the checkpoint when there is one; returns whether there was."""
        if not self.save_path.is_file():
            return False
        state = load_state(self.save_path, self.model, self.optimizers, self.device)
        self.progress = Progress(**state["progress"])
        return True

    def start_from(self, path: Path) -> None:
        """Begin this phase with the weights and optimiser state that another phase left in `path`."""
        state = load_state(path, self.model, self.optimizers, self.device)
        before = Progress(**state["progress"])
        self.progress = Progress(total_tokens=before.total_tokens, total_seconds=before.total_seconds)

    @torch.no_grad()
    def average(self, other: nn.Module, share: float) -> None:
        """Move the weights to the average with a model of the same origin, which takes `share` of it.

        Two runs from one checkpoint lie in one valley; their average is often better than both (2203.05482).
        """
        theirs = other.state_dict()
        for name, tensor in self.model.state_dict().items():
            tensor.lerp_(theirs[name], share)

    def step(self) -> float:
        """One optimiser step over `plan.batch` tokens; returns its mean loss in nats."""
        length = self.rows.take(self.progress.rows, 1).shape[1] - 1
        count = max(1, self.plan.batch // length)
        rows = torch.from_numpy(self.rows.take(self.progress.rows, count).astype("int64")).to(self.device)
        parts = torch.split(rows, max(1, self.plan.micro // length))
        total = 0.0
        for part in parts:
            loss = self.loss(part)
            (loss * (len(part) / count)).backward()
            total += loss.item() * len(part) / count
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        factor = self.plan.schedule.factor(self.progress.tokens)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.plan.rate * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
        self.progress.rows += count
        self.progress.tokens += count * length
        self.progress.total_tokens += count * length
        return total

    def run(self) -> Progress:
        """Train until the tokens or the minutes are used up or a signal asks to stop, then save.

        `interrupted` tells whether it was a signal. Where rows end too soon all is saved before their error.
        """
        with Stopper() as stopper:
            try:
                self._steps(stopper)
            except FileNotFoundError:  # raised before a step changes anything
                self.save()
                raise
            self.save()
            self.interrupted = stopper.wanted
        return self.progress

    def _steps(self, stopper: Stopper) -> None:
        begun = saved = time.monotonic()
        while self.progress.tokens < self.plan.tokens and not stopper.wanted:
            started = time.monotonic()
            self._note(self.step(), time.monotonic() - started)
            if time.monotonic() - saved > self.plan.save_seconds:
                self.save()
                saved = time.monotonic()
            if self.plan.minutes is not None and time.monotonic() - begun > 60 * self.plan.minutes:
                return

    def _note(self, loss: float, seconds: float) -> None:
        """Keep the running loss and speed, and say so every ten steps."""
        p = self.progress
        p.seconds += seconds
        p.total_seconds += seconds
        p.loss = loss if not p.loss else 0.98 * p.loss + 0.02 * loss
        self._recent = [*self._recent[-19:], seconds]
        steps = p.tokens // self.plan.batch
        if steps % 10:
            return
        speed = self.plan.batch * len(self._recent) / sum(self._recent)
        left = timedelta(seconds=round((self.plan.tokens - p.tokens) / speed))
        line = (
            f"{datetime.now(UTC):%H:%M:%S} {p.tokens / 1e6:.2f} M tokens "
            f"({p.total_tokens / 1e6:.2f} M in all), "
            f"loss {loss:.3f}, mean {p.loss:.3f}, {speed:,.0f} tokens/s, {left} left"
        )
        print(line, flush=True)
        self.status.write_text(line + "\n")
