"""The settings that VS Code offers are those of the language server and the daemon, with their defaults."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from ....daemon.schema import Choice, Int, Maybe, Real, Rule
from ....daemon.settings import Settings
from ....lsp.settings import EditorSettings

MANIFEST = Path(__file__).resolve().parents[3] / "editors" / "vscode" / "package.json"
OWN = {"interpreter"}  # of the extension
OTHERWISE = {"multiline"}  # a choice of three there, a flag or nothing here


def test_every_option_of_the_server_is_offered_with_its_default_and_limits() -> None:
    offered = _settings()
    options = {_camel(option.name): option for option in fields(EditorSettings)}
    assert set(offered) - OWN == set(options)
    defaults = EditorSettings()
    for name in options.keys() - OTHERWISE:
        value = getattr(defaults, options[name].name)
        assert offered[name]["default"] == (list(value) if isinstance(value, tuple) else value), name
        _same_limits(offered[name], _rule(EditorSettings, options[name].name), name)


def test_every_setting_of_the_daemon_is_offered_with_its_limits() -> None:
    offered = _settings()["daemon"]["properties"]
    assert set(offered) == {setting.name for setting in fields(Settings)}
    for name, schema in offered.items():
        _same_limits(schema, _rule(Settings, name), name)


def test_every_setting_has_a_description() -> None:
    for name, schema in _settings().items():
        assert schema.get("description") or schema.get("markdownDescription"), name


def test_in_a_remote_window_it_runs_where_the_files_are() -> None:
    assert _manifest()["extensionKind"] == ["workspace"]


def test_an_untrusted_workspace_cannot_say_what_is_run() -> None:
    trust = _manifest()["capabilities"]["untrustedWorkspaces"]
    assert trust["supported"] == "limited"
    assert trust["description"]
    may_run_something = {f"paceline.{name}" for name in ("interpreter", "daemon")}
    assert set(trust["restrictedConfigurations"]) == may_run_something
    for name in ("interpreter", "daemon"):
        assert _settings()[name]["scope"] == "machine-overridable"


def test_every_command_of_the_palette_is_told_of() -> None:
    guide = MANIFEST.with_name("README.md").read_text(encoding="utf-8")
    keys = {"Accept Next Word", "Accept Next Line", "Dismiss Suggestion", "Show Menu"}
    titles = {command["title"] for command in _manifest()["contributes"]["commands"]}
    for title in titles - keys:
        assert title in " ".join(guide.split()), title


def _manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return found


def _settings() -> dict[str, Any]:
    properties = _manifest()["contributes"]["configuration"]["properties"]
    return {name.removeprefix("paceline."): schema for name, schema in properties.items()}


def _same_limits(schema: dict[str, Any], rule: Rule, name: str) -> None:
    if isinstance(rule, Maybe):
        assert "null" in schema["type"], name
        rule = rule.rule
    if isinstance(rule, Choice):
        assert set(schema["enum"]) == set(rule.words), name
    elif isinstance(rule, Int | Real):
        assert schema["minimum"] == rule.low, name
        assert schema.get("maximum", rule.high) == rule.high, name


def _rule(record: type, name: str) -> Rule:
    rule: Rule = get_type_hints(record, include_extras=True)[name].__metadata__[0]
    return rule


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
