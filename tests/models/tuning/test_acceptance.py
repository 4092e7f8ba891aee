"""α of a student: the same as the recipe's own evaluation, with an interval."""

import itertools

import pytest
import torch

from ....models.pairing import BUNDLED, check_pair, resolve
from ....models.training import evaluate, export
from ....models.training.corpus import Source
from ....models.tuning.acceptance import Counts, alpha, change, counts
from ....models.tuning.places import Places
from ....models.tuning.student import Student
from ....models.tuning.writing import Written
from .conftest import made_up


def test_it_agrees_with_the_recipes_evaluation() -> None:
    report = check_pair(resolve("mini"))
    source = Source("p", "p.py", "def value(name):\n    return name.value\n\n\n" * 40)
    prompts = list(itertools.islice(Places(report.tokenizer, report.fim, 200).draw([source], "s"), 12))
    template = made_up(1)[0]
    written = [
        Written(prompt, [(7 * i + len(prompt)) % 6000 + 7 for i in range(9)], template.ids, template.scores)
        for prompt in prompts
    ]
    draft = BUNDLED / "mini" / "draft"
    found = counts(Student.load(draft, torch.device("cpu")), written)
    own = evaluate.acceptance(
        export.read(draft), [each.prompt for each in written], [each.answer for each in written], "spm"
    )
    assert sum(each.tested for each in found) == own.tested
    assert sum(each.accepted for each in found) == own.accepted


def test_every_place_is_counted_once_in_its_order(student: Student) -> None:
    written = made_up(30)
    assert counts(student, written) == [counts(student, [each])[0] for each in written]


def test_a_change_has_an_interval_around_it() -> None:
    before = [Counts(n % 3, 4) for n in range(90)]
    after = [Counts(each.accepted + 1, 4) for each in before]
    found = change(before, after)
    assert (found.before, found.after) == pytest.approx((0.25, 0.5))
    assert found.ratio == pytest.approx(2.0)
    assert 1.5 < found.low < 2.0 < found.high
    same = change(before, before)
    assert same.low == same.high == 1.0


def test_nothing_tested_is_no_acceptance() -> None:
    assert alpha([]) == 0.0
