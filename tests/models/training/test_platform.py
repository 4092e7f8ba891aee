"""What depends on the machine: which device, and a compiler where one is needed."""

from __future__ import annotations

import ctypes
import shutil
import sys

import pytest
import torch

from ....models.training.platform import compiled, keep_memory, pick_device


def double(value: int) -> int:
    """Something to compile."""
    return 2 * value


@pytest.fixture(params=[True, False], ids=["card", "no card"])
def card(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether there is a graphics card."""
    there: bool = request.param
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    return there


def test_auto_is_the_card_where_there_is_one(card: bool) -> None:
    assert pick_device("auto").type == ("cuda" if card else "cpu")


def test_a_device_that_is_named_is_taken_at_its_word(card: bool) -> None:
    assert [str(pick_device(name)) for name in ("cpu", "cuda:1")] == ["cpu", "cuda:1"]


def test_what_is_no_device_is_an_error() -> None:
    with pytest.raises(RuntimeError):
        pick_device("toaster")


def test_what_is_not_to_be_compiled_is_the_function_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert compiled(double, wanted=False) is double


def test_without_a_compiler_a_processor_says_what_to_do(card: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(torch, "compile", lambda function: function)
    if card:
        assert compiled(double, wanted=True)(4) == 8
        return
    with pytest.raises(RuntimeError, match="install one or pass --no-compile"):
        compiled(double, wanted=True)


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_either_compiler_will_do(compiler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/it" if name == compiler else None)
    monkeypatch.setattr(torch, "compile", lambda _function: str)
    assert compiled(double, wanted=True)(4) == "4"  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(("system", "device"), [("linux", "cuda"), ("darwin", "cpu")])
def test_memory_is_left_to_itself_but_on_a_processor_under_linux(
    system: str, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched(_name: object) -> None:
        raise AssertionError("the C library was asked")

    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", touched)
    keep_memory(torch.device(device))


@pytest.mark.parametrize("has", [True, False])
def test_a_c_library_without_the_call_is_no_error(has: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    class Library:
        if has:

            def mallopt(self, option: int, value: int) -> None:
                asked.append((option, value))

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: Library())
    keep_memory(torch.device("cpu"))
    assert [value for _, value in asked] == ([0, 2**31 - 1] if has else [])
