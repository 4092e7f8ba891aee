"""Learning: it learns, goes on exactly, keeps its best, and stops where nothing is gained."""

from pathlib import Path

import pytest
import torch

from ....models.tuning.acceptance import alpha, counts
from ....models.tuning.batches import epoch
from ....models.tuning.distil import PATIENCE, Distillation
from ....models.tuning.stream import Texts
from ....models.tuning.student import Student
from .conftest import made_up


def _texts() -> Texts:
    return Texts(
        own=made_up(60), mix=made_up(60, 1), watch=made_up(20, 2), mind=made_up(20, 3), judge=[], general=[]
    )


def test_a_student_learns_what_the_target_writes(student: Student, tmp_path: Path) -> None:
    work = Distillation(student, _texts(), tmp_path / "state.pt")
    work.begin()
    for _ in range(40):
        work.step(5e-3)
    work.look()
    assert work.course.best > work.course.first + 0.3
    student.model.load_state_dict(work.best)
    assert alpha(counts(student, _texts().watch)) == pytest.approx(work.course.best)


def test_a_run_cut_off_goes_on_as_if_it_had_not_been(student: Student, tmp_path: Path) -> None:
    whole = Distillation(student, _texts(), tmp_path / "whole.pt")
    whole.begin()
    for _ in range(6):
        whole.step(1e-3)
    wanted = {name: tensor.clone() for name, tensor in student.model.state_dict().items()}
    student.read(student.source.path)
    cut = Distillation(student, _texts(), tmp_path / "cut.pt")
    cut.begin()
    for _ in range(3):
        cut.step(1e-3)
    cut.save()
    student.read(student.source.path)
    again = Distillation(student, _texts(), tmp_path / "cut.pt")
    again.begin()
    for _ in range(3):
        again.step(1e-3)
    assert again.course == whole.course
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in student.model.state_dict().items())


def test_a_state_that_forgot_general_code_is_not_kept(student: Student, tmp_path: Path) -> None:
    work = Distillation(student, _texts(), tmp_path / "state.pt")
    work.begin()
    work.course.best, work.course.first_mind = -1.0, 2.0
    work.look()
    assert work.course.best == -1.0 and work.course.misses == 1


def test_it_ends_where_nothing_is_gained_and_when_it_is_asked(student: Student, tmp_path: Path) -> None:
    work = Distillation(student, _texts(), tmp_path / "state.pt")
    work.begin()
    work.course.best, work.course.misses = 1.0, PATIENCE
    work.run(3600.0, lambda _tokens: None, lambda: False)
    assert work.course.tokens == 0
    work.course.misses = 0
    asked: list[int] = []
    work.run(3600.0, asked.append, lambda: len(asked) == 2)
    assert len(asked) == 2 and (tmp_path / "state.pt").is_file()


def test_a_pass_takes_every_answer_once_in_batches_that_fit() -> None:
    written = made_up(100)
    batches = epoch(written, 60, "0")
    assert sorted(number for batch in batches for number in batch) == list(range(100))
    longest = [max(len(written[n].prompt) + len(written[n].answer) for n in batch) for batch in batches]
    assert all(size * len(batch) <= 60 for size, batch in zip(longest, batches, strict=True))
    assert batches != epoch(written, 60, "1")
