"""What is compared: every precision that differs, every length, names that differ, and refusals."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.engine import EngineOptions
from ....daemon.evaluation import candidates as module
from ....daemon.evaluation.candidates import Candidate, Draft, Field, candidates, load_field, precisions
from ....models import device as devices
from ....models.device import pick_dtype
from ....models.errors import ModelError
from ....models.pair import LoadedPair, PairPlan, plan_of
from ....models.precision import is_rounding
from ...house.tree import ROOT
from ..cli.store import put
from ..engine.pairs import make_random_pair, open_pair

CPU = torch.device("cpu")
MINI = ROOT / "models" / "bundled" / "mini"
CATALOG = "qwen2.5-coder-1.5b"
FULL = EngineOptions(device="cpu", target_dtype="f32", draft_dtype="f32")
paths = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4), min_size=1, max_size=5, unique_by=tuple
)


def load(options: EngineOptions, *others: str) -> Field:
    """All that takes part, in 256 tokens of context."""
    return load_field(options, others, 256, lambda _stage, _part: None)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random pair."""
    return make_random_pair(tmp_path_factory.mktemp("field") / "pair")


@pytest.fixture(scope="module")
def loaded(pair: Path) -> LoadedPair:
    """The same in memory."""
    return open_pair(pair)


@pytest.mark.parametrize("has_bf16", [True, False])
@pytest.mark.parametrize("wanted", ["auto", "f32", "bf16", "f16", "int8", "int4"])
def test_no_two_precisions_are_the_same_and_the_one_that_is_set_comes_first(
    wanted: str, has_bf16: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "cpu_has_bf16", lambda: has_bf16)
    found = precisions(wanted, CPU)
    held = [(pick_dtype(name, CPU), name if is_rounding(name) else None) for name in found]
    assert len(set(held)) == len(held)
    assert found[0] == wanted
    assert "int8" in found
    assert torch.bfloat16 in {dtype for dtype, rounding in held if rounding is None}


def test_a_precision_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ModelError, match="'f64' is unknown"):
        precisions("f64", CPU)


@given(st.lists(st.integers(1, 32), min_size=1, max_size=5, unique=True), st.integers(0, 3))
def test_every_length_of_every_draft_takes_part_and_plain_and_the_pacer(ks: list[int], drafts: int) -> None:
    pair: LoadedPair = None  # type: ignore[assignment]
    given_ = tuple(Draft(f"x/{number}", Path(), "f32", False, pair) for number in range(drafts))
    found = candidates(Field(pair, given_, (), "uncompiled"), ks)
    names = [one.name for one in found]
    assert names[0] == "plain" and len(set(names)) == len(names)
    assert names.count("no draft, pacer") == 1
    for draft in given_:
        assert [one.k for one in found if one.draft is draft] == [*ks, None]
    lookups = [one.k for one in found if one.kind == "lookup"]
    assert lookups and set(lookups) <= set(ks)
    assert all(k is not None and k >= module.LEAST_LOOKUP for k in lookups) or lookups == [max(ks)]


def test_a_candidate_is_named_after_its_draft_precision_and_length() -> None:
    draft = Draft("a/b", Path(), "int8", False, None)  # type: ignore[arg-type]
    found = [Candidate("draft", draft, "draft", 4), Candidate("pacer", draft, "auto", None)]
    assert [one.name for one in found] == ["a/b int8, k 4", "a/b int8, pacer"]


@given(paths)
def test_names_of_drafts_are_ends_of_their_paths_and_tell_them_apart(parts: list[list[str]]) -> None:
    folders = [Path("/", *each) for each in parts]
    names = module._names(folders)
    assert len(set(names)) == len(folders)
    for folder, name in zip(folders, names, strict=True):
        assert str(folder).endswith(name) and "//" not in name


def test_the_draft_that_is_set_is_the_usual_one_in_its_precision(pair: Path) -> None:
    found = load(replace(FULL, target=str(pair)), str(pair / "draft"), str(pair / "target"))
    assert [(draft.name, draft.precision, draft.usual) for draft in found.drafts] == [
        ("pair/draft", "f32", True),
        *(("pair/draft", precision, False) for precision in precisions("f32", CPU)[1:]),
        *(("pair/target", precision, False) for precision in precisions("f32", CPU)),
    ]
    assert found.plain.draft is None and found.refused == ()
    assert {id(draft.pair.target) for draft in found.drafts} == {id(found.plain.target)}


def test_where_none_is_set_the_pairs_own_takes_part_and_none_is_usual(pair: Path) -> None:
    found = load(replace(FULL, target=str(pair), draft="none"))
    assert {draft.name for draft in found.drafts} == {"pair/draft"}
    assert not any(draft.usual for draft in found.drafts)


@pytest.mark.parametrize("draft", ["none", str(MINI / "draft")])
def test_the_pairs_own_draft_is_refused_where_it_is_not_here_and_the_rest_goes_on(
    tmp_path: Path, draft: str
) -> None:
    put(tmp_path, "Qwen/Qwen2.5-Coder-1.5B")
    found = load(replace(FULL, target=CATALOG, draft=draft, models=tmp_path))
    assert {one.directory for one in found.drafts} == ({MINI / "draft"} if draft != "none" else set())
    (refused,) = found.refused
    assert "models pull" in refused.reason


def test_a_draft_without_room_is_refused_in_every_precision(
    pair: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tight(*arguments: Any) -> PairPlan:
        return replace(plan_of(*arguments), free=1000)

    monkeypatch.setattr(module, "plan_of", tight)
    found = load(replace(FULL, target=str(pair)))
    assert found.drafts == ()
    assert [one.name for one in found.refused] == [f"pair/draft {name}" for name in precisions("f32", CPU)]
    assert "choose a smaller one" in found.refused[0].reason


def test_a_draft_with_less_context_bounds_its_own_pair_alone(pair: Path, tmp_path: Path) -> None:
    short = Path(shutil.copytree(pair / "draft", tmp_path / "short"))
    config = json.loads((short / "config.json").read_text())
    (short / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 128}))
    found = load(replace(FULL, target=str(pair)), str(short))
    contexts = {draft.directory: draft.pair.context for draft in found.drafts}
    assert contexts == {pair / "draft": 256, short: 128}
    assert found.plain.context == 256
