"""How messages are checked: the rules a field may follow, and bytes to checked values and back.

The classes of :mod:`protocol` annotate every field with one of these rules. Decoding trusts nothing: the
frame, its containers and every field have a limit, an unknown field is an error, and only
:class:`ProtocolError` leaves this module. Encoding checks by the same rules, so a bad message fails where it
was made. Imports the standard library and msgpack only.
"""

import math
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_type_hints

import msgpack

MAX_FRAME = 1 << 20  # bytes
WIRE_FRAME = MAX_FRAME + 1024  # bytes on the wire: CURVE adds a few to each frame
MAX_ITEMS = 1 << 14  # values in all containers of one frame, against 60-fold growth by empty containers
MAX_ARRAY = 4096
MAX_MAP = 256
MAX_TEXT = 1 << 18  # characters of a prefix, a suffix or an answer
MAX_ID = (1 << 53) - 1


class ProtocolError(ValueError):
    """A frame or message that breaks the protocol. ``request_id`` is 0 where the frame names none."""

    def __init__(self, code: str, text: str, request_id: int = 0) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.request_id = request_id


def _invalid(where: str, wanted: str) -> ProtocolError:
    return ProtocolError("invalid_field", f"field {where!r} must be {wanted}")


class Rule:
    """What a field may hold. ``load`` checks a decoded value, ``dump`` a value about to be encoded."""

    def load(self, value: Any, where: str) -> Any:
        """Return the checked value; raise ProtocolError naming ``where``."""
        raise NotImplementedError

    def dump(self, value: Any, where: str) -> Any:
        """Return the value as msgpack takes it; the same check."""
        return self.load(value, where)


@dataclass(frozen=True, slots=True)
class Text(Rule):
    """A string of at most ``limit`` characters that UTF-8 can carry."""

    limit: int = MAX_TEXT

    def load(self, value: Any, where: str) -> str:
        """Check a value that came off the wire."""
        if type(value) is not str or len(value) > self.limit:
            raise _invalid(where, f"text of at most {self.limit} characters")
        return value

    def dump(self, value: Any, where: str) -> str:
        """Check a value that is to go on the wire."""
        checked = self.load(value, where)
        try:
            checked.encode()
        except UnicodeEncodeError as error:
            raise _invalid(where, "text that UTF-8 can carry (it holds half of a surrogate pair)") from error
        return checked


@dataclass(frozen=True, slots=True)
class Int(Rule):
    """A whole number in ``low``..``high``; a bool is none."""

    low: int = 0
    high: int = MAX_ID

    def load(self, value: Any, where: str) -> int:
        """Check a value that came off the wire."""
        if type(value) is not int or not self.low <= value <= self.high:
            raise _invalid(where, f"a whole number from {self.low} to {self.high}")
        return value


@dataclass(frozen=True, slots=True)
class Real(Rule):
    """A finite number in ``low``..``high``; whole numbers are taken too."""

    low: float = 0.0
    high: float = 1e15

    def load(self, value: Any, where: str) -> float:
        """Check a value that came off the wire."""
        if type(value) not in (int, float) or not self.low <= value <= self.high:  # NaN compares false
            raise _invalid(where, f"a number from {self.low:g} to {self.high:g}")
        return float(value)


@dataclass(frozen=True, slots=True)
class Flag(Rule):
    """True or false."""

    def load(self, value: Any, where: str) -> bool:
        """Check a value that came off the wire."""
        if type(value) is not bool:
            raise _invalid(where, "true or false")
        return value


@dataclass(frozen=True, slots=True)
class Choice(Rule):
    """One of a few words."""

    words: tuple[str, ...]

    def load(self, value: Any, where: str) -> str:
        """Check a value that came off the wire."""
        if type(value) is not str or value not in self.words:
            raise _invalid(where, "one of " + ", ".join(self.words))
        return value


@dataclass(frozen=True, slots=True)
class Maybe(Rule):
    """Nothing, or what ``rule`` allows."""

    rule: Rule

    def load(self, value: Any, where: str) -> Any:
        """Check a value that came off the wire."""
        return None if value is None else self.rule.load(value, where)

    def dump(self, value: Any, where: str) -> Any:
        """Check a value that is to go on the wire."""
        return None if value is None else self.rule.dump(value, where)


@dataclass(frozen=True, slots=True)
class Items(Rule):
    """A list of at most ``limit`` values (exactly as many with ``exact``), a tuple in Python."""

    rule: Rule
    limit: int
    exact: bool = False

    def load(self, value: Any, where: str) -> tuple[Any, ...]:
        """Check a value that came off the wire."""
        return tuple(self.rule.load(item, where) for item in self._sized(value, where))

    def dump(self, value: Any, where: str) -> list[Any]:
        """Check a value that is to go on the wire."""
        return [self.rule.dump(item, where) for item in self._sized(value, where)]

    def _sized(self, value: Any, where: str) -> list[Any] | tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.limit:
            raise _invalid(where, f"a list of at most {self.limit} entries")
        if self.exact and len(value) != self.limit:
            raise _invalid(where, f"a list of {self.limit} entries")
        return value


@dataclass(frozen=True, slots=True)
class Record(Rule):
    """A map that holds the fields of ``kind``, one of the dataclasses of this module."""

    kind: type

    def load(self, value: Any, where: str) -> Any:
        """Check a value that came off the wire."""
        if type(value) is not dict:
            raise _invalid(where, "a map")
        return load(self.kind, value, f"{where}.")

    def dump(self, value: Any, where: str) -> dict[str, Any]:
        """Check a value that is to go on the wire."""
        if type(value) is not self.kind:
            raise _invalid(where, f"a {self.kind.__name__}")
        return dump(value, f"{where}.")


@dataclass(frozen=True, slots=True)
class Plain(Rule):
    """A map of short text keys to numbers, texts, bools, nothing, lists and maps, at most ``depth`` deep."""

    depth: int = 3

    def load(self, value: Any, where: str) -> dict[str, Any]:
        """Check a value that came off the wire."""
        if not isinstance(value, dict) or len(value) > MAX_MAP or self.depth < 0:
            raise _invalid(where, f"a map of at most {MAX_MAP} entries, nested little")
        return {_KEY.dump(key, where): self._value(item, where) for key, item in value.items()}

    def _value(self, value: Any, where: str) -> Any:
        if value is None or type(value) is bool:
            return value
        if type(value) is int:
            return _INTEGER.load(value, where)
        if type(value) is float and math.isfinite(value):
            return value
        if type(value) is str:
            return _WORDS.dump(value, where)
        inner = Plain(self.depth - 1)
        if isinstance(value, list | tuple) and len(value) <= MAX_MAP and self.depth > 0:
            return [inner._value(item, where) for item in value]
        return inner.load(value, where)


_KEY = Text(64)
_WORDS = Text(4096)
_INTEGER = Int(-(1 << 63), (1 << 63) - 1)


_Spec = dict[str, tuple[Rule, bool]]
_specs: dict[type, _Spec] = {}


def _spec(kind: type[Any]) -> _Spec:
    """Return, per field of a message class, its rule and whether it must be there."""
    if kind not in _specs:
        hints = get_type_hints(kind, include_extras=True)
        _specs[kind] = {
            f.name: (hints[f.name].__metadata__[0], f.default is MISSING and f.default_factory is MISSING)
            for f in fields(kind)
        }
    return _specs[kind]


def load(kind: type[Any], values: dict[str, Any], where: str) -> Any:
    """Return the message class ``kind`` filled from a map. ``where`` goes before field names in errors."""
    spec = _spec(kind)
    unknown = next((name for name in values if name not in spec), None)
    if unknown is not None:
        raise ProtocolError("invalid_field", f"unknown field {where + unknown[:64]!r}")
    loaded = {}
    for name, (rule, required) in spec.items():
        if name in values:
            loaded[name] = rule.load(values[name], where + name)
        elif required:
            raise ProtocolError("invalid_field", f"field {where + name!r} is missing")
    return kind(**loaded)


def dump(message: Any, where: str) -> dict[str, Any]:
    """Return the map of a message, checked field by field."""
    rules = _spec(type(message))
    return {name: rule.dump(getattr(message, name), where + name) for name, (rule, _) in rules.items()}


def pack(values: dict[str, Any]) -> bytes:
    """Return one frame. Raises ProtocolError where it would pass MAX_FRAME bytes."""
    frame: bytes = msgpack.packb(values)
    if len(frame) > MAX_FRAME:
        raise ProtocolError("too_large", f"the message has {len(frame)} bytes; the most is {MAX_FRAME}")
    return frame


class _Budget:
    """Counts the values of one frame while it is unpacked, and refuses maps that name a key twice."""

    def __init__(self) -> None:
        self.left = MAX_ITEMS

    def spend(self, count: int) -> None:
        """Count a container of ``count`` values; raise ProtocolError past the limit."""
        self.left -= count + 1
        if self.left < 0:
            raise ProtocolError("too_large", f"a message may hold at most {MAX_ITEMS} values")

    def of_list(self, items: list[Any]) -> list[Any]:
        """Count a list."""
        self.spend(len(items))
        return items

    def of_map(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        """Count a map and build it."""
        self.spend(len(pairs))
        values = dict(pairs)
        if len(values) != len(pairs):
            raise ProtocolError("malformed", "a map names a key twice")
        return values


def _no_ext(code: int, _data: bytes) -> Any:
    raise ProtocolError("malformed", f"extension type {code} is not part of the protocol")


def unpack(frame: bytes) -> dict[str, Any]:
    """Return the map in a frame, within all limits but not yet checked field by field."""
    if len(frame) > MAX_FRAME:
        raise ProtocolError("too_large", f"the frame has {len(frame)} bytes; at most {MAX_FRAME} are read")
    budget = _Budget()
    try:
        values = msgpack.unpackb(
            frame,
            strict_map_key=True,
            max_array_len=MAX_ARRAY,
            max_map_len=MAX_MAP,
            max_bin_len=0,
            max_ext_len=16,
            ext_hook=_no_ext,
            list_hook=budget.of_list,
            object_pairs_hook=budget.of_map,
        )
    except ProtocolError:
        raise
    except (ValueError, OverflowError) as error:  # msgpack's own errors are ValueErrors
        raise ProtocolError("malformed", f"the frame is no valid msgpack ({type(error).__name__})") from error
    if type(values) is not dict or not all(type(key) is str for key in values):
        raise ProtocolError("malformed", "a message is a map with text keys")
    return values
