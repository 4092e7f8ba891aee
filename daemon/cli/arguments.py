"""What the parsers of all verbs are made of: types of arguments, and the options that name the models."""

import argparse
from collections.abc import Callable
from typing import NoReturn, TypeAlias, TypeVar

from .place import InputError

EPILOGUE = "exit status: 0 done, 1 it failed, 2 the input or the settings are wrong"

Number = TypeVar("Number", int, float)


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one sentence like all others."""

    def error(self, message: str) -> NoReturn:
        """Raise InputError instead of printing the usage."""
        raise InputError(f"{message}; see {self.prog} --help")


Verbs: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_engine_options(verb: argparse.ArgumentParser) -> None:
    """Add the options that name target, draft, device and precision."""
    engine = verb.add_argument_group("models", "each combination has a daemon of its own")
    engine.add_argument(
        "--target", metavar="DIR", help="directory or hub id of the target model, or the name of a pair"
    )
    engine.add_argument("--draft", metavar="DIR", help="directory or hub id of the draft model, or none")
    engine.add_argument("--device", metavar="NAME", help="auto, cuda, mps or cpu")
    engine.add_argument("--dtype", metavar="NAME", help="auto, f32, bf16, f16, int8 or int4")


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return an argument type: a whole number from ``low`` to ``high``."""

    def convert(text: str) -> int:
        return _within(int, text, low, high, f"a whole number from {low} to {high}")

    return convert


def real(low: float, high: float) -> Callable[[str], float]:
    """Return an argument type: a number from ``low`` to ``high``."""

    def convert(text: str) -> float:
        return _within(float, text, low, high, f"a number from {low:g} to {high:g}")

    return convert


def wholes(low: int, high: int) -> Callable[[str], tuple[int, ...]]:
    """Return an argument type: whole numbers from ``low`` to ``high`` with commas between them."""
    one = whole(low, high)
    return lambda text: tuple(dict.fromkeys(one(part) for part in text.split(",")))


def names(text: str) -> tuple[str, ...]:
    """Return the names in ``text``, which commas divide."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _within(kind: Callable[[str], Number], text: str, low: float, high: float, wanted: str) -> Number:
    """Return ``text`` as a number; NaN is within no limits."""
    try:
        value = kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}") from None
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}")
    return value
