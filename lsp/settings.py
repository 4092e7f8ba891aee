"""What an editor can set: ``initializationOptions`` and ``workspace/didChangeConfiguration``.

Names are written in camel case there. A value that cannot be used is told in one sentence and replaced by its
default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Annotated, Any, get_type_hints

from ..daemon.errors import SettingsError
from ..daemon.protocol import MAX_TOKENS
from ..daemon.schema import Choice, Flag, Int, Items, Maybe, Plain, ProtocolError, Real, Rule, Text
from ..daemon.settings import settings_of

SECTION = "paceline"
_TIMING = ("deadline_ms", "show_after_ms", "log_level")  # these change no suggestion
_FOREIGN = {"editorInfo", "editorPluginInfo"}  # what clients made for other servers tell every server


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """Settings of the language server. ``daemon`` overrides the daemon's own, by their names.

    ``enabled``: suggest at all; ``automatic``: also unasked; ``candidates`` for a request by hand, all but
    the first sampled at ``temperature``; ``multiline`` None decides by position; ``prefetch``: write ahead
    what follows a suggestion; ``deadline_ms`` for an answer; after ``show_after_ms`` whole lines are shown
    while more is being written; unasked, what the model itself finds less probable than ``least_confidence``
    (geometric mean over its tokens) is not shown; ``disabled_languages`` are language ids; ``exclude`` are
    patterns as in .gitignore.
    """

    enabled: Annotated[bool, Flag()] = True
    automatic: Annotated[bool, Flag()] = True
    candidates: Annotated[int, Int(1, 10)] = 3
    temperature: Annotated[float, Real(0.01, 2.0)] = 0.6
    max_tokens: Annotated[int, Int(1, MAX_TOKENS)] = 64
    multiline: Annotated[bool | None, Maybe(Flag())] = None
    prefetch: Annotated[bool, Flag()] = True
    deadline_ms: Annotated[int, Int(50, 60_000)] = 2000
    show_after_ms: Annotated[int, Int(0, 60_000)] = 300
    least_confidence: Annotated[float, Real(0.0, 1.0)] = 0.05
    disabled_languages: Annotated[tuple[str, ...], Items(Text(64), 256)] = ()
    exclude: Annotated[tuple[str, ...], Items(Text(1024), 256)] = ()
    log_level: Annotated[str, Choice(("debug", "info", "warning", "error"))] = "warning"
    daemon: Annotated[Mapping[str, Any], Plain()] = field(default_factory=dict)


def alike(one: EditorSettings, other: EditorSettings) -> bool:
    """Whether two settings make the same suggestions and differ at most in when these come."""
    return replace(one, **{name: getattr(other, name) for name in _TIMING}) == other


def read_settings(*layers: Any) -> tuple[EditorSettings, list[str]]:
    """Return the settings in JSON values, later over earlier ones, and a sentence for each unusable one."""
    values: dict[str, Any] = {}
    problems = []
    for layer in layers:
        if isinstance(layer, Mapping):
            values |= layer
        elif layer:  # an empty list is how Lua writes an empty map
            problems.append("the settings must be a map of names and values; they are left out")
    good: dict[str, Any] = {}
    for key in values.keys() - _FOREIGN:
        try:
            good[_name(key)] = _checked(key, values[key])
        except SettingsError as error:
            problems.append(error.text)
    return EditorSettings(**good), problems


def section_of(settings: Any) -> Any:
    """Return the part of ``didChangeConfiguration`` that is ours, where the client sends it with its name."""
    if isinstance(settings, Mapping) and SECTION in settings:
        return settings[SECTION]
    return settings


def _checked(key: str, value: Any) -> Any:
    """Return the value of a setting. Raises SettingsError with what it may be."""
    name = _name(key)
    rule = _rules().get(name)
    if rule is None or key != _camel(name):
        known = ", ".join(map(_camel, _rules()))
        raise SettingsError(f"unknown setting {key!r}; the settings are: {known}")
    try:
        checked = rule.load(value, key)
    except ProtocolError as error:
        wanted = error.text.partition(" must be ")[2]
        raise SettingsError(f"setting {key!r} must be {wanted}; its default is used") from error
    if name == "daemon":
        return _daemon_overrides(checked)
    return checked


def _daemon_overrides(values: dict[str, Any]) -> dict[str, Any]:
    try:
        settings_of(values, "the editor's settings")
    except SettingsError as error:
        raise SettingsError(f"the setting 'daemon' is left out: {error.text}") from error
    return values


@cache
def _rules() -> dict[str, Rule]:
    hints = get_type_hints(EditorSettings, include_extras=True)
    return {f.name: hints[f.name].__metadata__[0] for f in fields(EditorSettings)}


def _name(key: str) -> str:
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), key)


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)
