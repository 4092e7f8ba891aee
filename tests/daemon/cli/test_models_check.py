"""``paceline models check``: what it says of a pair by the catalog, with more or less memory free."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ....daemon.cli import main
from ....daemon.settings import models_dir
from ....models import pair
from ....models.catalog.table import PAIRS, CatalogPair
from .store import MINI, put

TARGET, DRAFT = "Qwen/Qwen2.5-Coder-1.5B", "Qwen/Qwen2.5-Coder-0.5B"
Checked = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Run the verb in this process on a processor with so many bytes free (None: not known)."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def run(*arguments: str, free: int | None = 1 << 40) -> tuple[int, str, str]:
        monkeypatch.setattr(pair, "free_bytes", lambda _device: free)
        return main(["models", "check", *arguments, "--device", "cpu"]), *capsys.readouterr()

    return run


def found(answer: tuple[int, str, str], status: int = 0) -> dict[str, Any]:
    """The map that came with ``--json``."""
    assert (answer[0], answer[2]) == (status, "")
    values: dict[str, Any] = json.loads(answer[1])
    return values


def words(text: str) -> list[str]:
    """Its lines, with one blank between words."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_what_does_not_fit_is_one_map_with_advice_and_status_1(check: Checked) -> None:
    values = found(check("mini", "--json", free=1000), 1)
    assert (values["memory"]["fits"], values["memory"]["free"]) == (False, 1000)
    assert values["memory"]["advice"] in check("mini", free=1000)[1]


def test_where_free_memory_is_not_known_it_is_taken_to_fit_and_said(check: Checked) -> None:
    assert found(check("mini", "--json", free=None))["memory"]["free"] is None
    assert "free not known" in words(check("mini", free=None)[1])


@pytest.mark.parametrize("one", [one for one in PAIRS if one.target.config], ids=lambda one: one.name)
def test_every_pair_of_the_catalog_has_a_plan_and_its_remark(check: Checked, one: CatalogPair) -> None:
    status, out, err = check(one.name, "--dtype", "bf16")
    assert (status, err) == (0, "")
    assert "by the catalog" in out and words(out)[-1] == "verdict it fits"
    assert one.remark in out
    values = found(check(one.name, "--dtype", "bf16", "--json"))
    assert values["pulled"] is False
    assert ("draft weights" in values["memory"]["parts"]) == (one.draft is not None)
    assert values["remarks"] == ([one.remark] if one.remark else [])


def test_more_slots_and_a_longer_context_need_more(check: Checked) -> None:
    asked = [(), ("--slots", "9"), ("--slots", "9", "--context", "64")]
    plain, many, short = (found(check("mini", "--json", *more))["memory"]["needed"] for more in asked)
    assert short < many > plain


def test_a_context_is_no_longer_than_the_models(check: Checked) -> None:
    assert "context 32768 tokens" in words(check("qwen2.5-coder-7b", "--context", "999999")[1])
    assert found(check("qwen2.5-coder-7b", "--context", "64", "--json"))["context"] == 64


def test_a_pair_that_is_here_in_part_is_still_told_by_the_catalog(check: Checked) -> None:
    put(models_dir(), TARGET)
    assert found(check("qwen2.5-coder-1.5b", "--json"))["pulled"] is False
    assert found(check("qwen2.5-coder-1.5b", "none", "--json"))["pulled"] is True
    put(models_dir(), DRAFT, "draft")
    assert found(check("qwen2.5-coder-1.5b", "--json"))["pulled"] is True


def test_without_a_draft_nothing_is_said_of_one(check: Checked) -> None:
    _, out, _ = check(str(MINI / "target"), "none")
    assert "draft none" in words(out)
    assert "the draft is 1/" not in out and "logits" not in out
