"""An evaluation from beginning to end, on a small random pair: every candidate runs, the verdict is kept."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from .... import __version__
from ....daemon.bench.prompts import NoPromptsError
from ....daemon.engine.engine import EngineOptions
from ....daemon.evaluation.evaluate import Plan, evaluate
from ....daemon.evaluation.verdict import Verdict, file_of, read, verdict_due
from ....models.fingerprint import fingerprint
from ..engine.pairs import make_random_pair
from .test_places import CODE


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with code, a pair, and a draft with another tokenizer."""
    home = tmp_path_factory.mktemp("home")
    (home / "code").mkdir()
    (home / "code/app.py").write_text(CODE)
    pair = make_random_pair(home / "pair")
    shutil.copytree(pair / "draft", home / "stranger")
    definition = json.loads((home / "stranger/tokenizer.json").read_text())
    vocabulary = definition["model"]["vocab"]
    first, second = list(vocabulary)[300:302]
    vocabulary[first], vocabulary[second] = vocabulary[second], vocabulary[first]
    (home / "stranger/tokenizer.json").write_text(json.dumps(definition))
    return home


def options(home: Path) -> EngineOptions:
    """The pair in full precision, where the text of all candidates is the same."""
    return EngineOptions(
        target=str(home / "pair"),
        device="cpu",
        target_dtype="f32",
        draft_dtype="f32",
        threads=1,
        state=home / "state",
    )


@pytest.fixture(scope="module")
def verdict(home: Path) -> Verdict:
    """What is found with the pair's own draft, the target as a draft, the stranger, and nothing at all."""
    before = torch.get_num_threads()
    drafts = tuple(str(home / name) for name in ("pair/target", "stranger", "nowhere"))
    plan = Plan(home / "code", drafts, ks=(2,), places=6, most=60, tokens=4, repeats=2)
    try:
        return evaluate(options(home), plan, lambda _stage, _part: None)
    finally:
        torch.set_num_threads(before)


def test_every_candidate_is_measured(verdict: Verdict) -> None:
    names = {outcome.name for outcome in verdict.outcomes}
    wanted = {"plain", "lookup, k 2", "no draft, pacer"}
    for draft in ("pair/draft", "pair/target"):
        for precision in ("f32", "int8"):
            wanted |= {f"{draft} {precision}, k 2", f"{draft} {precision}, pacer"}
    assert wanted <= names
    assert [outcome.ms.value for outcome in verdict.outcomes] == sorted(
        outcome.ms.value for outcome in verdict.outcomes
    )
    assert verdict.places == 6
    assert verdict.usual == "pair/draft f32, pacer"
    assert {"pair/draft", "pair/target"} == set(verdict.measured) == set(verdict.predicted)


def test_figures_are_those_of_what_ran(verdict: Verdict) -> None:
    by_name = {outcome.name: outcome for outcome in verdict.outcomes}
    plain, same = by_name["plain"], by_name["pair/target f32, k 2"]
    assert (plain.faster.low, plain.faster.value, plain.faster.high) == (1.0, 1.0, 1.0)
    assert plain.acceptance is None
    assert same.acceptance == 1.0  # the target agrees with itself
    assert same.promise is not None
    assert same.promise.whole > 0
    assert same.memory > plain.memory
    assert by_name["pair/target int8, k 2"].memory < same.memory
    assert verdict.outcomes[0].behind.value == 1.0
    assert verdict.lengths["pair/draft f32"] == 2


def test_a_draft_that_does_not_fit_is_refused_in_a_sentence(verdict: Verdict) -> None:
    stranger = next(reason for name, reason in verdict.refused.items() if name.endswith("stranger"))
    assert "tokenizer" in stranger
    nowhere = next(reason for name, reason in verdict.refused.items() if name.endswith("nowhere"))
    assert all(len(reason.splitlines()) == 1 for reason in (stranger, nowhere))


def test_the_verdict_is_kept_and_holds_until_something_changes(home: Path, verdict: Verdict) -> None:
    kept = read(home / "state" / file_of(verdict.fit))
    assert kept is not None
    assert kept["best"] == verdict.outcomes[0].name
    draft = fingerprint(home / "pair/draft")

    def due(version: str) -> str | None:
        return verdict_due(home / "state", verdict.fit, draft=draft, version=version, requests=0)

    assert due(__version__) is None
    assert due("0.0.1") is not None


def test_no_text_of_the_code_is_kept(home: Path, verdict: Verdict) -> None:
    kept = (home / "state" / file_of(verdict.fit)).read_text()
    assert "function_" not in kept
    assert "total" not in kept


def test_a_folder_without_code_is_refused(home: Path) -> None:
    with pytest.raises(NoPromptsError, match="has 0 places"):
        evaluate(options(home), Plan(home / "state", places=6), lambda _stage, _part: None)
