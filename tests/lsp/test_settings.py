"""The editor's settings: what is good is taken, what is not is told and replaced."""

from typing import Any

import pytest

from ...lsp.settings import EditorSettings, read_settings, section_of
from .client import Editor, requests
from .conftest import Desk
from .engine import Script


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


PULL = {"workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}}


def test_settings_are_fetched_from_a_client_that_has_them(desk: Desk) -> None:
    editor = desk.editor({"maxTokens": 7, "candidates": 0}, capabilities=PULL)
    editor.settings = {"maxTokens": 8}
    (registered,) = _asked_of(editor, "client/registerCapability")
    assert registered["registrations"][0]["method"] == "workspace/didChangeConfiguration"
    (asked,) = _asked_of(editor, "workspace/configuration")
    assert asked == {"items": [{"section": "paceline"}]}
    uri = desk.uri("a.py")
    editor.open(uri, Script().as_line() + "x = ")
    for pushed, has, wanted in ((None, {"maxTokens": 9, "candidates": 0}, 9), ({"maxTokens": 5}, None, 5)):
        editor.settings = has
        before = len(editor.heard("workspace/configuration"))
        editor.notify("workspace/didChangeConfiguration", {"settings": {"paceline": pushed}})
        _asked_of(editor, "workspace/configuration", before + 1)
        editor.wait(lambda wanted=wanted: _tokens(desk, editor, uri) == wanted, "what was fetched is used")
    assert len(editor.heard("window/showMessage")) == 1, "about candidates, once"


def _tokens(desk: Desk, editor: Editor, uri: str) -> int:
    """How many tokens the engine was last asked for."""
    editor.items(uri, 1, 4)
    noted = requests(desk.log)
    return int(noted[-1]["max_tokens"]) if noted else 0


def _asked_of(editor: Editor, method: str, times: int = 1) -> list[Any]:
    """Wait for the server to have asked the client so often."""
    editor.wait(lambda: len(editor.heard(method)) >= times, method)
    return editor.heard(method)
