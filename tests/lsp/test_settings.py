"""The editor's settings: what is good is taken, what is not is told and replaced."""

from typing import Any

import pytest

from ...lsp.settings import EditorSettings, read_settings, section_of


def test_nothing_said_means_the_defaults() -> None:
    assert read_settings() == read_settings(None) == read_settings({}, []) == (EditorSettings(), [])


def test_later_layers_go_over_earlier_ones() -> None:
    settings, problems = read_settings({"maxTokens": 5, "candidates": 2}, {"maxTokens": 7})
    assert (settings.max_tokens, settings.candidates, problems) == (7, 2, [])


def test_good_values_are_taken() -> None:
    values = {"maxTokens": 128, "multiline": False, "exclude": ["*.sql"], "daemon": {"slots": 2}}
    settings, problems = read_settings(values)
    assert problems == []
    assert (settings.max_tokens, settings.multiline, settings.exclude) == (128, False, ("*.sql",))
    assert settings.daemon == {"slots": 2}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"maxTokens": "many"}, "'maxTokens' must be a whole number from 1 to"),
        ({"enabled": 1}, "'enabled' must be true or false"),
        ({"temperature": float("nan")}, "'temperature' must be a number"),
        ({"exclude": [1]}, "'exclude' must be text"),
        ({"logLevel": "loud"}, "'logLevel' must be one of"),
        ({"max_tokens": 5}, "unknown setting 'max_tokens'; the settings are: enabled,"),
        ({"colour": 1}, "unknown setting 'colour'"),
        ({"daemon": {"slots": 0}}, "'slots' in the editor's settings must be a whole number"),
        ({"daemon": {"speed": 1}}, "unknown setting 'speed'"),
        ({"daemon": 3}, "'daemon' must be a map"),
    ],
)
def test_a_bad_value_is_told_and_replaced(values: dict[str, Any], words: str) -> None:
    settings, problems = read_settings({"deadlineMs": 900} | values)
    assert settings == EditorSettings(deadline_ms=900)
    assert len(problems) == 1
    assert words in problems[0]


def test_settings_must_be_a_map() -> None:
    settings, problems = read_settings({"maxTokens": 5}, [1])
    assert settings == EditorSettings(max_tokens=5)
    assert len(problems) == 1


def test_what_clients_tell_every_server_is_passed_over() -> None:
    assert read_settings({"editorInfo": {"name": "x"}}) == (EditorSettings(), [])


def test_the_section_may_have_its_name() -> None:
    assert section_of({"paceline": {"a": 1}, "other": 2}) == {"a": 1}
    assert section_of({"a": 1}) == {"a": 1}
    assert section_of(None) is None
