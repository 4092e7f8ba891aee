"""The C interface of ``source/paceline.cpp``; the structures mirror those of ``source/decoder.h``."""

import ctypes
from ctypes import POINTER, Structure, c_float, c_int, c_int32, c_int64, c_void_p
from pathlib import Path
from typing import Any


class Linear(Structure):
    """A weight [out, in] with a scale per row and a bias, or null."""

    _fields_ = (
        ("weight", c_void_p),
        ("scale", c_void_p),
        ("bias", c_void_p),
        ("out", c_int32),
        ("in", c_int32),
    )


class Layer(Structure):
    """Weights of a layer; ``window`` 0 sees all."""

    _fields_ = (
        ("qkv", Linear),
        ("out", Linear),
        ("gate_up", Linear),
        ("down", Linear),
        ("input_norm", c_void_p),
        ("mlp_norm", c_void_p),
        ("head_norm", c_void_p),
        ("window", c_int32),
    )


class Shape(Structure):
    """Sizes of a decoder and its weights outside the layers."""

    _fields_ = (
        *((name, c_int32) for name in ("vocab", "dim", "hidden", "layers", "heads", "kv_heads", "head_dim")),
        ("weights", c_int32),
        ("keys", c_int32),
        ("eps", c_float),
        ("head", Linear),
        ("embedding", c_void_p),
        ("embedding_scale", c_void_p),
        ("norm", c_void_p),
        ("rotary", c_void_p),
    )


class Choice(Structure):
    """A token and the natural logarithm of its probability."""

    _fields_ = (("token", c_int32), ("log_probability", c_float))


class Task(Structure):
    """What one step is asked."""

    _fields_ = (
        ("buffer", c_void_p),
        ("capacity", c_int64),
        ("tokens", POINTER(c_int32)),
        ("start", c_int32),
        ("width", c_int32),
        ("keep", c_int32),
        ("limit", c_int32),
        ("choices", POINTER(Choice)),
        ("logits", c_void_p),
    )


class Library:
    """The functions of a built library."""

    def __init__(self, path: Path) -> None:
        """Load the library at ``path``; OSError if it cannot be."""
        library = ctypes.CDLL(str(path))
        self.widest = int(library.paceline_widest())
        self.lanes = int(library.paceline_lanes())
        self.pairs = bool(library.paceline_pairs())  # of bfloat16 in caches
        self.widest_head = int(library.paceline_widest_head())
        self.most_sharing = int(library.paceline_most_sharing())
        self.new_team = _typed(library.paceline_team_new, c_void_p, c_int)
        self.free_team = _typed(library.paceline_team_free, None, c_void_p)
        self.new_decoder = _typed(
            library.paceline_decoder_new, c_void_p, POINTER(Shape), POINTER(Layer), c_void_p
        )
        self.free_decoder = _typed(library.paceline_decoder_free, None, c_void_p)
        self.step = _typed(library.paceline_step, None, c_void_p, POINTER(Task))
        self.draft = _typed(library.paceline_draft, c_int, c_void_p, POINTER(Task), c_int, c_float)


def _typed(function: Any, result: type | None, *arguments: type) -> Any:
    """Say what a function of the library takes and gives."""
    function.restype = result
    function.argtypes = arguments
    return function
