"""The gate every model directory passes before any library reads it. Needs no torch.

It reads ``config.json``, the safetensors index and the headers of the weight files itself, and refuses
whatever could run code, leave the directory, or fail later with a worse message.
"""

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .config import number
from .errors import CheckpointError, UnsupportedModelError

CONFIG_LIMIT = 1 << 20
INDEX_LIMIT = 32 << 20
HEADER_LIMIT = 4 << 20
MOST_TENSORS = 20_000  # a file of the largest mixtures of experts has a few thousand
MOST_LAYERS = 1000
FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_REFUSED = ("auto_map", "trust_remote_code", "custom_pipelines")


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor as its file's header describes it; ``dtype`` is the safetensors name, like ``BF16``."""

    file: Path
    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """Numbers in it."""
        total = 1
        for size in self.shape:
            total *= size
        return total


@dataclass(frozen=True, slots=True)
class ModelDirectory:
    """A directory that passed the gate."""

    path: Path
    config: Mapping[str, Any]
    tensors: Mapping[str, Stored]

    @property
    def parameter_count(self) -> int:
        """Weights in all files."""
        return sum(tensor.count for tensor in self.tensors.values())


def open_directory(path: Path) -> ModelDirectory:
    """Check ``path`` and read its configuration and weight headers.

    Raises CheckpointError naming the file and the reason, or UnsupportedModelError for quantised weights.
    """
    config, tensors = open_configuration(path), _tensors(path)
    layers = number(config, "num_hidden_layers")
    if layers is not None and layers > len(tensors):
        raise CheckpointError(
            f"{path / 'config.json'}: num_hidden_layers {layers} is more than the {len(tensors)} tensors in "
            "all files; download the whole model again."
        )
    return ModelDirectory(path, config, tensors)


def open_configuration(path: Path) -> dict[str, Any]:
    """Check the configuration in ``path`` and read it; the weights need not be there. Raises as above."""
    if not path.is_dir():
        raise CheckpointError(f"{path} is not a directory; give the directory of a downloaded model.")
    config = read_json(path, "config.json", CONFIG_LIMIT)
    _refuse_code(path, config)
    if not isinstance(config.get("model_type"), str):
        raise CheckpointError(f"{path / 'config.json'} names no model_type; download the model again.")
    layers = number(config, "num_hidden_layers")
    if layers is not None and layers > MOST_LAYERS:
        raise CheckpointError(
            f"{path / 'config.json'}: num_hidden_layers {layers} is not sound; check the model."
        )
    return config


def read_json(directory: Path, name: str, limit: int) -> dict[str, Any]:
    """The map in a JSON file of a model directory; CheckpointError unless there is one of ``limit`` bytes."""
    path = inside(directory, name)
    try:
        size = _size(path)
        if size > limit:
            raise CheckpointError(
                f"{path} has {size} bytes, more than the {limit} allowed; check the download."
            )
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing; download the whole model directory.") from None
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror}); check its permissions.") from None
    except (ValueError, RecursionError):
        raise CheckpointError(f"{path} is not valid JSON, perhaps cut short; download it again.") from None
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} does not hold a JSON map; download it again.")
    return value


def inside(directory: Path, name: str) -> Path:
    """The path of a file of a model directory; CheckpointError if the name or a link leads out of it.

    Links into the ``blobs`` of the same repository are how the Hugging Face cache is laid out.
    """
    path = directory / name
    if "/" in name or "\\" in name or "\0" in name or name in ("", ".", ".."):
        raise CheckpointError(f"{directory} names the file {name!r}, outside itself; do not use this model.")
    try:
        real, root = path.resolve(), directory.resolve()
    except (OSError, RuntimeError):  # RuntimeError is what Python up to 3.12 says of links in a circle
        raise CheckpointError(f"{path} is a link that leads nowhere; copy the file itself there.") from None
    allowed = [root]
    if root.parent.name == "snapshots":
        allowed.append(root.parent.parent / "blobs")
    if not any(real.is_relative_to(place) for place in allowed):
        raise CheckpointError(f"{path} is a link to a place outside the model; copy the file itself there.")
    return path


def _size(path: Path) -> int:
    """Bytes of a regular file; a pipe or device would keep its reader waiting. OSError, CheckpointError."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise CheckpointError(f"{path} is not a file; download the whole model directory.")
    return status.st_size


def _refuse_code(path: Path, config: Mapping[str, Any]) -> None:
    """Refuse keys that make a library load code or a format we do not read, at any depth."""
    waiting: list[Any] = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        if not isinstance(value, Mapping):
            continue
        for key, inner in value.items():
            if inner and (key in _REFUSED or "attn_implementation" in key):
                raise CheckpointError(
                    f"{path / 'config.json'} asks for code to be loaded ({key}), which is never done; "
                    "use a model that needs none."
                )
            if inner and key == "quantization_config":
                raise UnsupportedModelError(
                    f"{path} holds quantised weights, which are not read; use the f32, f16 or bf16 release."
                )
            waiting.append(inner)


def _tensors(path: Path) -> dict[str, Stored]:
    if not inside(path, "model.safetensors.index.json").is_file():
        return _header(path, "model.safetensors")
    weight_map = read_json(path, "model.safetensors.index.json", INDEX_LIMIT).get("weight_map")
    index = path / "model.safetensors.index.json"
    if not isinstance(weight_map, dict) or not weight_map:
        raise CheckpointError(f"{index} has no weight_map; download it again.")
    if not all(isinstance(file, str) and file.endswith(".safetensors") for file in weight_map.values()):
        raise CheckpointError(f"{index} names a file that is not safetensors; use a safetensors release.")
    found: dict[str, Stored] = {}
    for file in sorted(set(weight_map.values())):
        found |= _header(path, file)
    missing = sorted(name for name, file in weight_map.items() if _file_of(found, name) != file)
    if missing:
        raise CheckpointError(
            f"{path / weight_map[missing[0]]} lacks the tensor {missing[0]}; download it again."
        )
    return found


def _file_of(found: Mapping[str, Stored], name: str) -> str | None:
    return found[name].file.name if name in found else None


def _header(directory: Path, name: str) -> dict[str, Stored]:
    """The tensors of one safetensors file by its header: a length in 8 bytes, then JSON."""
    path = inside(directory, name)
    try:
        size = _size(path)
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or not 2 <= length <= min(HEADER_LIMIT, size - 8):
                raise CheckpointError(f"{path} is empty or cut short; download it again.")
            entries = json.loads(file.read(length))
    except FileNotFoundError:
        raise CheckpointError(_no_weights(directory, name)) from None
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror}); check its permissions.") from None
    except (ValueError, RecursionError):
        raise CheckpointError(f"{path} has no valid safetensors header; download it again.") from None
    if not isinstance(entries, dict):
        raise CheckpointError(f"{path} has no valid safetensors header; download it again.")
    entries.pop("__metadata__", None)
    if len(entries) > MOST_TENSORS:
        raise CheckpointError(f"{path} lists {len(entries)} tensors, too many to be sound; check the model.")
    room = size - 8 - length
    return {tensor: _stored(path, tensor, entry, room) for tensor, entry in entries.items()}


def _stored(path: Path, name: str, entry: object, room: int) -> Stored:
    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(start), int(end)]} if all(
            type(size) is int and size >= 0 for size in shape
        ):
            pass
        case _:
            raise CheckpointError(f"{path}: the tensor {name} is badly described; download it again.")
    if dtype not in FLOATS:
        raise UnsupportedModelError(
            f"{path}: {name} has type {dtype}, which is not read; use the f32, f16 or bf16 release."
        )
    stored = Stored(path, dtype, tuple(shape))
    if not 0 <= start <= end or end - start != stored.count * FLOATS[dtype]:
        raise CheckpointError(f"{path}: the tensor {name} is badly described; download it again.")
    if end > room:
        raise CheckpointError(f"{path} is cut short, {name} is not all there; download it again.")
    return stored


def _no_weights(directory: Path, name: str) -> str:
    if name == "model.safetensors" and (directory / "pytorch_model.bin").exists():
        return f"{directory} has pickle weights only, which are never read; use the safetensors release."
    return f"{directory / name} is missing; download the whole model directory."
