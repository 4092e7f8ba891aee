"""What a verdict says, word by word."""

import tomllib

import pytest

from ....daemon.evaluation.words import Setting, choice, judge, settings_of
from .outcomes import outcome

NOW: dict[str, Setting] = {"draft": "/models/small", "draft_dtype": "auto", "drafter": "auto", "k": None}
USUAL = "small auto, pacer"


def test_a_draft_that_pays_is_advised() -> None:
    found = [
        outcome("small int8, k 4", 1.0, promised=1.9),
        outcome("large auto, k 2", 1.25, promised=1.5),
        outcome(USUAL, 1.3),
        outcome("plain", 2.0),
    ]
    judged = judge(found, USUAL, NOW)
    assert judged.advised == "small int8, k 4"
    assert judged.advice == {"drafter": "draft", "draft_dtype": "int8", "k": 4}
    assert judged.words == [
        "Fastest here: small int8, k 4, 1.000 ms a character, "
        "2.00 (1.96–2.04) times as fast as plain decoding.",
        "Drafts by measured time, best first: small, large; the formula says the same.",
        'To have it always, set  drafter = "draft", draft_dtype = "int8", k = 4  in the settings file.',
    ]


def test_plain_decoding_may_be_the_fastest() -> None:
    found = [
        outcome("plain", 2.0, best=2.0),
        outcome("small auto, k 1", 2.5, best=2.0, promised=0.9, verify=1.7),
        outcome("large auto, k 1", 3.0, best=2.0, promised=1.1),
        outcome(USUAL, 2.6, best=2.0),
    ]
    judged = judge(found, USUAL, NOW)
    assert judged.advice == {"drafter": "none"}
    assert judged.words == [
        "Plain decoding is faster here than any drafter: 2.000 ms a character. "
        "Next comes small auto, k 1, 0.80 (0.78–0.82) times as fast.",
        "No draft pays here: the best, small auto, k 1, is 0.80 (0.78–0.82) times as fast as plain.",
        "Drafts by measured time, best first: small, large; the formula says large, small.",
        "A pass that checks 1 drafted token takes 1.7 plain steps on this device, and a draft step 0.10: "
        "only what is accepted often enough pays for that.",
        'To have it always, set  drafter = "none"  in the settings file.',
    ]


def test_what_is_as_fast_is_left_alone() -> None:
    found = [outcome("lookup, k 4", 1.0), outcome(USUAL, 1.03), outcome("plain", 1.05)]
    judged = judge(found, USUAL, NOW)
    assert (judged.advised, judged.advice) == (USUAL, {})
    assert judged.words[-1] == f"Leave the settings as they are: {USUAL} is as fast, as far as can be told."


def test_the_simplest_of_what_is_as_fast_is_advised() -> None:
    found = [outcome("big auto, pacer", 1.0), outcome("plain", 1.02), outcome(USUAL, 1.4)]
    assert choice(found, USUAL).name == "plain"
    judged = judge(found, USUAL, NOW)
    assert judged.words[-1] == (
        "plain is as fast, as far as can be told; "
        'to have it always, set  drafter = "none"  in the settings file.'
    )


def test_within_the_error_is_said() -> None:
    found = [outcome("lookup, k 4", 1.98, best=1.98), outcome("plain", 2.0, best=1.98)]
    assert judge(found, "", NOW).words[0].endswith("plain decoding, which is within the error.")


def test_plain_alone_is_a_verdict_too() -> None:
    judged = judge([outcome("plain", 2.0, best=2.0)], "plain", NOW | {"drafter": "none"})
    assert judged.words == [
        "Plain decoding is faster here than any drafter: 2.000 ms a character.",
        "Leave the settings as they are: they ask for plain.",
    ]
    assert judged.measured == judged.predicted == ()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("plain", {"drafter": "none"}),
        ("lookup, k 8", {"drafter": "lookup", "k": 8}),
        ("no draft, pacer", {"draft": "none"}),
        ("small auto, k 2", {"drafter": "draft", "k": 2}),
        ("other bf16, pacer", {"draft": "/models/other", "draft_dtype": "bf16"}),
    ],
)
def test_only_what_differs_is_to_be_set(name: str, settings: dict[str, Setting]) -> None:
    assert settings_of(outcome(name, 1.0), NOW) == settings
    assert settings_of(outcome(name, 1.0), NOW | settings) == {}


def test_a_length_that_is_set_is_taken_out_for_the_pacer() -> None:
    found = [outcome("small auto, pacer", 1.0), outcome("plain", 2.0)]
    current = NOW | {"drafter": "draft", "k": 4}
    judged = judge(found, "small auto, k 4", current)
    assert judged.advice == {"drafter": "auto", "k": None}
    assert 'set  drafter = "auto", no k  in' in judged.words[-1]


def test_settings_are_written_as_the_file_wants_them() -> None:
    found = [outcome('od"d\\name int8, k 2', 1.0), outcome("plain", 2.0)]
    line = judge(found, "plain", NOW).words[-1].split("set  ")[1].split("  in")[0]
    read = tomllib.loads(line.replace(", ", "\n"))
    assert read == {"drafter": "draft", "draft": '/models/od"d\\name', "draft_dtype": "int8", "k": 2}
