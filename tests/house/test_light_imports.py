"""What must start fast: the client and every verb without a model import neither torch nor transformers."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "tokenizers", "safetensors", "numpy")
SCRIPT = """
import importlib, sys
for name in sys.argv[2].split():
    importlib.import_module(name)
if len(sys.argv) > 3:
    try:
        importlib.import_module("paceline.daemon.cli").main(sys.argv[3:])
    except SystemExit:
        pass
print("HEAVY", *[name for name in sys.argv[1].split() if name in sys.modules])
"""


def heavy_modules(modules: str, *arguments: str) -> list[str]:
    """Which of ``HEAVY`` a fresh process holds after importing ``modules`` and running a verb."""
    command = [sys.executable, "-c", SCRIPT, " ".join(HEAVY), modules, *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return answer.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "module",
    ["client", "aclient", "protocol", "settings", "errors", "cli", "doctor.checks", "evaluation.verdict"],
)
def test_import_is_light(module: str) -> None:
    assert heavy_modules(f"paceline.daemon.{module}") == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("complete", "--help"),
        ("complete", "no-such-file.py:1"),
        ("serve", "--help"),
        ("status",),
        ("status", "--json"),
        ("stop",),
        ("top",),
        ("doctor", "--help"),
        ("lsp", "--help"),
        ("bench", "--help"),
        ("draft", "evaluate", "--help"),
        ("models", "list"),
        ("models", "show", "qwen2.5-coder-7b"),
        ("models", "pull", "no-such-pair"),
    ],
    ids=" ".join,
)
def test_verb_without_a_model_is_light(arguments: tuple[str, ...]) -> None:
    assert heavy_modules("paceline.daemon.cli", *arguments) == []
