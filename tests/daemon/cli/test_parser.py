"""The verbs: each is reachable, says what it takes, and brings no other verb's modules with it."""

import subprocess
import sys

import pytest

from ....daemon.cli.parser import VERBS

SHARED = {"top": {"status"}}  # it shows the same screen
PROBE = """
import sys
from paceline.daemon.cli.parser import parse
try:
    parse(sys.argv[1:])
except SystemExit:
    pass
prefix = "paceline.daemon.cli."
print(*sorted(name.removeprefix(prefix) for name in sys.modules if name.startswith(prefix)))
"""


def _said(*words: str) -> str:
    done = subprocess.run([sys.executable, "-c", PROBE, *words], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_brings_its_own_module_and_no_other(verb: str) -> None:
    *usage, loaded = _said(verb, "--help").splitlines()
    module = VERBS[verb][0]
    assert usage[0].startswith(f"usage: paceline {verb}")
    others = {name for name, _ in VERBS.values()} - {module} - SHARED.get(module, set())
    assert module in loaded.split()
    assert not others & set(loaded.split())


def test_all_verbs_are_listed_without_any_of_their_modules() -> None:
    *text, loaded = _said("--help").splitlines()
    for verb, (module, purpose) in VERBS.items():
        assert any(line.strip().startswith(verb) for line in text)
        assert module not in loaded.split()
        assert purpose.split()[0] in "\n".join(text)
