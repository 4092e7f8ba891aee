"""Settings: the one reader of the environment and of the settings file.

From weakest to strongest: defaults, ``$XDG_CONFIG_HOME/paceline/config.toml``, ``PACELINE_*`` variables, what
the caller passes (flags). The result is frozen and complete, paths are absolute, and :func:`engine_key` names
the daemon that serves it.
"""

import functools
import hashlib
import json
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from .. import __version__
from ..models.store import directory_of
from .drafts import Shelf
from .errors import SettingsError
from .protocol import MAX_K, PROTOCOL_VERSION
from .schema import Choice, Flag, Int, Maybe, ProtocolError, Real, Rule, Text

PREFIX = "PACELINE_"
_DTYPES = Choice(("auto", "f32", "bf16", "f16", "int8", "int4"))
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
# what may differ between two callers of one daemon: how long it lives and what it logs, not what it answers
_SHARED = ("idle_minutes", "exit_minutes", "start_timeout", "log_level", "runtime_dir", "history")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. ``runtime_dir`` "" means the default of :func:`load_settings`, else an absolute path.

    ``target`` a pair name or a model directory, ``draft`` "auto" (the pair's own), "none" or a directory;
    ``context`` and ``threads`` None leave the choice to the engine; ``compile`` "auto" compiles steps in the
    background where there is a C++ compiler; ``drafter`` and ``k`` apply to requests
    that do not choose; ``idle_minutes`` until the models are unloaded, ``exit_minutes`` until the daemon
    ends (0: never); ``start_timeout`` seconds for a new daemon to answer; ``history`` keeps counts and times
    of completions for ``paceline report``.
    """

    target: Annotated[str, Text(4096)] = "mini"
    draft: Annotated[str, Text(4096)] = "auto"
    device: Annotated[str, Text(32)] = "auto"
    target_dtype: Annotated[str, _DTYPES] = "auto"
    draft_dtype: Annotated[str, _DTYPES] = "auto"
    context: Annotated[int | None, Maybe(Int(64, 1 << 20))] = None
    slots: Annotated[int, Int(1, 64)] = 4
    drafter: Annotated[str, Choice(("auto", "draft", "lookup", "none"))] = "auto"
    k: Annotated[int | None, Maybe(Int(0, MAX_K))] = None
    threads: Annotated[int | None, Maybe(Int(1, 1024))] = None
    compile: Annotated[str, Choice(("auto", "off"))] = "auto"
    transport: Annotated[str, Choice(("auto", "ipc", "tcp"))] = "auto"
    idle_minutes: Annotated[float, Real(0.0, 1e6)] = 15.0
    exit_minutes: Annotated[float, Real(0.0, 1e6)] = 60.0
    start_timeout: Annotated[float, Real(0.1, 3600.0)] = 30.0
    log_level: Annotated[str, Choice(("debug", "info", "warning", "error"))] = "info"
    history: Annotated[bool, Flag()] = True
    runtime_dir: Annotated[str, Text(4096)] = ""

    def as_map(self) -> dict[str, Any]:
        """Return all settings as a plain map, which :func:`settings_of` takes back."""
        return asdict(self)


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read file and environment, put ``overrides`` on top (None: not given), check, make paths absolute.

    Raises SettingsError naming the key, where it came from, and what it may be.
    """
    values: dict[str, Any] = {}
    config = config_path()
    for source, layer in (
        (str(config), _read_file(config)),
        ("the environment", _read_environment()),
        ("the command line", {k: v for k, v in (overrides or {}).items() if v is not None}),
    ):
        values |= {key: _checked(key, value, source) for key, value in layer.items()}
    values["runtime_dir"] = str(
        Path(values.get("runtime_dir") or _default_runtime_dir()).expanduser().absolute()
    )
    for key in ("target", "draft"):
        if key in values:
            values[key] = _model_name(values[key])
    return _with_tuned(Settings(**values))


def _with_tuned(settings: Settings) -> Settings:
    """Name the tuned draft that is in use in the place of the pair's own: so it has a daemon of its own."""
    found = Shelf.of(data_dir(), settings.target).in_use() if settings.draft == "auto" else None
    return settings if found is None else replace(settings, draft=str(found))


def settings_of(values: Mapping[str, Any], source: str = "the starter") -> Settings:
    """Return the settings in a map such as ``as_map`` makes, checked. Raises SettingsError."""
    return Settings(**{key: _checked(key, value, source) for key, value in values.items()})


def engine_key(settings: Settings) -> str:
    """Return 16 hex digits that differ wherever two callers must not share a daemon.

    Covers the settings that change answers or the way to the daemon, the package's version and place, the
    interpreter and the protocol version.
    """
    shared = {key: value for key, value in settings.as_map().items() if key not in _SHARED}
    package = Path(__file__).resolve().parent.parent
    identity = [shared, __version__, str(package), sys.executable, PROTOCOL_VERSION]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def config_path() -> Path:
    """Return where the settings file is looked for; it need not exist."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "paceline" / "config.toml"


def steps_dir() -> Path:
    """Return where compiled steps are kept for later starts; it need not exist."""
    return _xdg("XDG_CACHE_HOME", ".cache") / "paceline" / "steps"


def models_dir() -> Path:
    """Return where pulled models are kept; it need not exist."""
    return _xdg("XDG_CACHE_HOME", ".cache") / "paceline" / "models"


def data_dir() -> Path:
    """Return where tuned drafts are kept; it need not exist."""
    return _xdg("XDG_DATA_HOME", ".local/share") / "paceline"


def state_dir() -> Path:
    """Return where what the pacer learns and the history are kept; it need not exist."""
    return _xdg("XDG_STATE_HOME", ".local/state") / "paceline"


def sleep_while_waiting() -> None:
    """Have OpenMP's threads of this process sleep where they wait, before torch is imported; see below."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def child_environment() -> dict[str, str]:
    """Return the environment for a daemon: ours, with the model hub switched off (nothing is fetched).

    OpenMP's threads sleep where they wait for each other, unless the user wants it otherwise: spinning, they
    make a prompt of 1600 tokens some tens of milliseconds faster on an idle machine, and take seconds for it
    where other programs want the cores too.
    """
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    return {"OMP_WAIT_POLICY": "PASSIVE"} | dict(os.environ) | offline


def colour_wanted() -> bool:
    """Tell whether terminals may be coloured: NO_COLOR is not set (no-color.org), TERM is not "dumb"."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _xdg(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable, "")
    return Path(value) if os.path.isabs(value) else Path.home() / fallback


def _default_runtime_dir() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and os.path.isdir(runtime):
        return Path(runtime) / "paceline"
    return _xdg("XDG_CACHE_HOME", ".cache") / "paceline" / "run"


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        text = f"the settings file {path} cannot be read ({error}): mend or remove it"
        raise SettingsError(text) from error


def _read_environment() -> dict[str, Any]:
    found = {name[len(PREFIX) :].lower(): name for name in os.environ if name.startswith(PREFIX)}
    return {key: _from_text(key, os.environ[name]) for key, name in found.items()}


@functools.cache
def _rules() -> dict[str, Rule]:
    hints = get_type_hints(Settings, include_extras=True)
    return {f.name: hints[f.name].__metadata__[0] for f in fields(Settings)}


def _from_text(key: str, text: str) -> Any:
    """Return what a variable's text means for the type of its setting; text that is no number stays text."""
    rule = _rules().get(key)
    if isinstance(rule, Maybe):
        if not text:
            return None
        rule = rule.rule
    if isinstance(rule, Flag):
        return _FLAGS.get(text.lower(), text)
    try:
        if isinstance(rule, Int):
            return int(text)
        return float(text) if isinstance(rule, Real) else text
    except ValueError:
        return text


def _checked(key: str, value: Any, source: str) -> Any:
    rule = _rules().get(key)
    if rule is None:
        known = ", ".join(_rules())
        raise SettingsError(f"unknown setting {key!r} in {source}; the settings are: {known}")
    try:
        checked = rule.dump(value, key)
    except ProtocolError as error:
        wanted = error.text.partition(" must be ")[2]
        raise SettingsError(f"setting {key!r} in {source} must be {wanted}, not {value!r}") from error
    if key == "device":
        _check_device(checked, source)
    return checked


def _check_device(device: str, source: str) -> None:
    base, _, number = device.partition(":")
    if base not in ("auto", "cpu", "cuda", "mps") or (
        ":" in device and not (base == "cuda" and number.isdigit())
    ):
        text = f"setting 'device' in {source} must be auto, cpu, mps, cuda or cuda:N, not {device!r}"
        raise SettingsError(text)


def _model_name(name: str) -> str:
    """Return an absolute path where ``name`` looks like one, else the name as it is (a pair, "auto"…)."""
    if not name.startswith(("/", "~", ".")) and not (os.sep in name and directory_of(name)):
        return name
    try:
        return str(Path(name).expanduser().resolve())
    except (OSError, RuntimeError):  # nobody's home, a circle of links: whoever opens it says so
        return name
