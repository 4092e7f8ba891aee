"""The loop: learning, resuming, stopping."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ....models.training.network import Decoder, Shape
from ....models.training.schedule import Schedule
from ....models.training.shards import Rows
from ....models.training.trainer import Plan, Trainer

SHAPE = Shape(vocab=40, dim=16, layers=1, heads=2, kv_heads=1, head_dim=8, hidden=24)
PLAN = Plan(tokens=16 * 128, batch=128, micro=64, schedule=Schedule(warmup=256), rate=1e-2)


class Drawn:
    """Rows that count upwards from a place that depends on their number."""

    def take(self, start: int, count: int) -> Rows:
        """Rows of 17 tokens."""
        places = np.arange(start, start + count)[:, None] * 7 + np.arange(17)
        return (places % SHAPE.vocab).astype(np.uint16)


class Few(Drawn):
    """No more than 24 of them."""

    def take(self, start: int, count: int) -> Rows:
        """Rows of 17 tokens. FileNotFoundError past the last."""
        if start + count > 24:
            raise FileNotFoundError("no rows")
        return super().take(start, count)


def _trainer(folder: Path, plan: Plan = PLAN, name: str = "run.pt", rows: type[Drawn] = Drawn) -> Trainer:
    torch.manual_seed(0)
    model = Decoder(SHAPE)
    return Trainer(model, lambda rows: model.loss(rows, torch.float32), rows(), plan=plan, save=folder / name)


def test_training_learns(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path)
    first = trainer.step()
    trainer.run()
    assert trainer.step() < 0.8 * first


def test_a_resumed_run_goes_on_exactly_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = _trainer(tmp_path / "whole")
    straight = [whole.step() for _ in range(8)]
    _ = _trainer(tmp_path / "cut", replace(PLAN, tokens=4 * 128)).run()
    second = _trainer(tmp_path / "cut")
    assert second.resume()
    assert second.progress.tokens == 4 * 128
    assert [second.step() for _ in range(4)] == straight[4:]


def test_where_rows_end_nothing_is_lost(tmp_path: Path) -> None:
    whole = _trainer(tmp_path / "whole")
    straight = [whole.step() for _ in range(8)]
    with pytest.raises(FileNotFoundError):
        _trainer(tmp_path / "cut", rows=Few).run()
    second = _trainer(tmp_path / "cut")
    assert second.resume()
    assert second.progress.tokens == 3 * 128
    assert [second.step() for _ in range(5)] == straight[3:]


def test_a_first_run_has_nothing_to_resume(tmp_path: Path) -> None:
    assert not _trainer(tmp_path).resume()


def test_the_next_phase_starts_from_the_weights_and_counts_on(tmp_path: Path) -> None:
    first = _trainer(tmp_path)
    first.run()
    second = _trainer(tmp_path, name="decay.pt")
    second.start_from(tmp_path / "run.pt")
    assert second.progress.tokens == second.progress.rows == 0
    assert second.progress.total_tokens == first.progress.tokens
    for name, tensor in first.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], tensor)


def test_an_average_lies_between_the_two(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path)
    torch.manual_seed(5)
    other = Decoder(SHAPE)
    before = {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}
    trainer.average(other, 0.25)
    for name, tensor in trainer.model.state_dict().items():
        torch.testing.assert_close(tensor, 0.75 * before[name] + 0.25 * other.state_dict()[name])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_ends_the_run(tmp_path: Path, number: int) -> None:
    trainer = _trainer(tmp_path, replace(PLAN, tokens=10**9))
    step, done = trainer.step, []

    def interrupted() -> float:
        done.append(step())
        if len(done) == 3:
            os.kill(os.getpid(), number)
        return done[-1]

    trainer.step = interrupted  # type: ignore[method-assign]
    before = signal.getsignal(number)
    trainer.run()
    assert len(done) == 3
    assert signal.getsignal(number) == before
    again = _trainer(tmp_path)
    assert again.resume()
    assert again.progress.tokens == 3 * PLAN.batch


def test_status_is_one_line_without_text_of_the_corpus(tmp_path: Path) -> None:
    _trainer(tmp_path, replace(PLAN, tokens=10 * 128)).run()
    lines = (tmp_path / "STATUS").read_text().splitlines()
    assert len(lines) == 1
    assert "tokens/s" in lines[0]


def test_a_full_disk_leaves_the_checkpoint_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = _trainer(tmp_path)
    trainer.save()
    before = (tmp_path / "run.pt").read_bytes()

    def full(_state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("unexpected pos")

    monkeypatch.setattr(torch, "save", full)
    trainer.step()
    with pytest.raises(OSError, match="is the disk full"):
        trainer.save()
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
    assert (tmp_path / "run.pt").read_bytes() == before
