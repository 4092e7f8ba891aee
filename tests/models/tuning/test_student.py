"""A draft of any native family can be trained and written back in its own form."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError

from ....models.checkpoint import load_model
from ....models.directory import open_directory
from ....models.errors import UnsupportedModelError
from ....models.tuning.batches import padded
from ....models.tuning.student import Student
from ..families import FAMILIES
from .conftest import made_up

NATIVE = [name for name, family in FAMILIES.items() if family.native]
Checkpoint = Callable[[str], tuple[Path, object]]


@pytest.mark.parametrize("name", NATIVE)
def test_what_is_written_is_what_was_learnt(name: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    source = checkpoint(name)[0]
    student = Student.load(source, torch.device("cpu"))
    with torch.no_grad():
        for parameter in student.model.parameters():
            parameter.add_(0.01)
    batch = padded(made_up(1), [0])
    wanted = student.logits(batch.tokens, batch.asked)
    student.write(tmp_path)
    assert open_directory(tmp_path).tensors.keys() == open_directory(source).tensors.keys()
    model = load_model(tmp_path, device=torch.device("cpu"), dtype=torch.float32)
    found = model.forward(batch.tokens[0], model.new_cache(64), int(batch.asked.sum()))
    assert torch.allclose(found, wanted, atol=1e-3, rtol=1e-3)


def test_padding_changes_nothing(student: Student) -> None:
    written = made_up(6)
    together = padded(written, range(6))
    logits = student.logits(together.tokens, together.asked)
    alone = [padded(written, [number]) for number in range(6)]
    assert torch.allclose(logits, torch.cat([student.logits(b.tokens, b.asked) for b in alone]), atol=1e-4)


def test_another_family_is_refused_before_it_is_loaded(checkpoint: Checkpoint) -> None:
    with pytest.raises(UnsupportedModelError, match=r"cannot be tuned.*gemma"):
        Student.load(checkpoint("gemma")[0], torch.device("cpu"))


def test_a_full_disk_is_an_os_error(
    student: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object, **_named: object) -> None:
        raise SafetensorError("no space left")

    monkeypatch.setattr("safetensors.torch.serialize_file", full)
    with pytest.raises(OSError, match="the draft cannot be written: no space left"):
        student.write(tmp_path)
