"""The compiler, the device, the pair and its memory, as the settings name them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ....daemon.doctor.compiler import check_compiler
from ....daemon.doctor.finding import Finding
from ....daemon.doctor.pair import check_models
from ....daemon.settings import Settings, steps_dir
from ....models import pair as pairs
from ....models.kernel.build import COMPILERS, library_path
from ..engine.pairs import make_random_pair

SETTINGS = Settings(device="cpu")


def findings(settings: Settings) -> dict[str, Finding]:
    """What is found of device, pair and memory, by topic."""
    return {finding.topic: finding for finding in check_models(settings)}


def test_bundled_pair_is_sound() -> None:
    found = findings(SETTINGS)
    assert found.keys() == {"device", "pair", "memory"}
    assert {finding.state for finding in found.values()} == {"ok"}
    assert "mini" in found["pair"].text
    assert findings(replace(SETTINGS, draft="none"))["pair"].text.count("no draft") == 1
    assert (
        "int8 and f32" in findings(replace(SETTINGS, target_dtype="int8", draft_dtype="f32"))["device"].text
    )


def test_pair_with_a_large_draft_is_remarked(tmp_path: Path) -> None:
    found = findings(replace(SETTINGS, target=str(make_random_pair(tmp_path / "random"))))["pair"]
    assert (found.state, "larger than 1/10" in found.text) == ("remark", True)


def test_no_such_pair_ends_it() -> None:
    found = findings(replace(SETTINGS, target="no-such-pair"))
    assert found.keys() == {"device", "pair"}
    assert found["pair"].state == "wrong"


@pytest.mark.skipif(torch.cuda.is_available(), reason="it is here")
def test_no_such_device_ends_it() -> None:
    found = findings(replace(SETTINGS, device="cuda:0"))
    assert [(topic, finding.state) for topic, finding in found.items()] == [("device", "wrong")]


def test_memory_that_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "free_bytes", lambda _device: 1 << 20)
    found = findings(SETTINGS)["memory"]
    assert (found.state, "needs" in found.text) == ("wrong", True)


def test_compiler_that_is_not_wanted_or_not_needed() -> None:
    assert check_compiler(replace(SETTINGS, compile="off")).state == "remark"
    for device, steps in (("cuda", "captured"), ("cuda:1", "captured"), ("mps", "uncompiled")):
        found = check_compiler(replace(SETTINGS, device=device))
        assert (found.state, steps in found.text) == ("ok", True)


def test_compiler_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = check_compiler(SETTINGS)
    assert (found.state, "install g++ or clang++" in found.text) == ("remark", True)


def test_steps_that_are_compiled_and_that_are_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not any(map(shutil.which, COMPILERS)):
        pytest.skip("no C++ compiler is here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert "next start" in check_compiler(SETTINGS).text
    steps_dir().mkdir(parents=True)
    library_path(steps_dir()).write_bytes(b"")
    assert "are compiled" in check_compiler(SETTINGS).text
