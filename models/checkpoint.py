"""Weights from a Hugging Face directory to a device, tensor by tensor."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from .base import LanguageModel
from .config import DecoderConfig, NotNativeError, parse_config
from .decoder import Decoder
from .directory import ModelDirectory, Stored, open_directory
from .errors import CheckpointError, UnsupportedModelError
from .naming import Place, end_places, ignorable, layer_places, places
from .precision import Rounding

Progress = Callable[[float], None]
AT_ONCE = 1 << 22  # weights copied at a time


def load_model(
    directory: Path,
    *,
    device: torch.device,
    dtype: torch.dtype,
    rounded: Rounding | None = None,
    progress: Progress | None = None,
) -> LanguageModel:
    """Load the model in ``directory``: natively if its family is known, else through transformers.

    ``rounded``: what its matrices are rounded to, which those of transformers' models cannot be. ``progress``
    is called with the part done, 0 to 1. Raises CheckpointError or UnsupportedModelError.
    """
    source = open_directory(directory)
    try:
        config = parse_config(source.config)
    except NotNativeError as reason:
        if rounded:
            raise not_rounded(directory.name, rounded) from None
        from .fallback import load_fallback  # noqa: PLC0415  importing transformers takes seconds

        return load_fallback(source, str(reason), device=device, dtype=dtype, progress=progress)
    if rounded:
        return load_rounded(source, config, rounded, device=device, dtype=dtype, progress=progress)
    return load_decoder(source, config, device=device, dtype=dtype, progress=progress)


def not_rounded(name: str, precision: Rounding) -> UnsupportedModelError:
    """What is said of a model that is to be held in integers and cannot be."""
    return UnsupportedModelError(
        f"{name} runs through transformers here and cannot be rounded to {precision}; use bf16 or f32."
    )


def load_decoder(
    source: ModelDirectory,
    config: DecoderConfig,
    *,
    device: torch.device,
    dtype: torch.dtype,
    progress: Progress | None = None,
) -> Decoder:
    """Fill a native decoder; every tensor must be there with its shape, and no unknown one."""
    check_shapes(source, config)
    decoder = Decoder(config, device=device, dtype=dtype)
    with _readable(source):
        _fill(places(decoder), source.tensors, _Told(config, progress))
    return decoder.eval()


def load_rounded(
    source: ModelDirectory,
    config: DecoderConfig,
    precision: Rounding,
    *,
    device: torch.device,
    dtype: torch.dtype,
    progress: Progress | None = None,
) -> Decoder:
    """The same, rounded part by part: never more than one is there in ``dtype`` that does not stay so."""
    check_shapes(source, config)
    decoder = Decoder(config, device=torch.device("meta"), dtype=dtype)
    told = _Told(config, progress)
    with _readable(source):
        decoder.take_ends(device)
        _fill(end_places(decoder), source.tensors, told)
        decoder.quantise_ends(precision)
        for index, layer in enumerate(decoder.plan):
            layer.to_empty(device=device)
            _fill(layer_places(decoder, index), source.tensors, told)
            layer.quantise(precision)
    return decoder.eval()


class _Told:
    """Tells the part of the weights that is there."""

    def __init__(self, config: DecoderConfig, progress: Progress | None) -> None:
        self._total, self._done = config.parameter_count(), 0
        self._progress = progress or (lambda _: None)

    def __call__(self, count: int) -> None:
        """So many more are there."""
        self._done += count
        self._progress(self._done / self._total)


@contextmanager
def _readable(source: ModelDirectory) -> Iterator[None]:
    try:
        yield
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{source.path}: the weights cannot be read ({error}); download the model again."
        ) from None


def check_shapes(source: ModelDirectory, config: DecoderConfig) -> None:
    """Compare names and shapes of the files with what ``config`` asks for, before memory is taken."""
    skeleton = Decoder(config, device=torch.device("meta"), dtype=torch.float32)
    wanted = places(skeleton)
    where = source.path
    for name, place in wanted.items():
        stored = source.tensors.get(name)
        if stored is None:
            raise CheckpointError(f"{where}: the tensor {name} is missing; download the whole model again.")
        if stored.shape != place.shape:
            raise CheckpointError(
                f"{stored.file}: {name} has shape {list(stored.shape)}, config.json makes it "
                f"{list(place.shape)}; download weights and configuration of the same model."
            )
    for name, stored in source.tensors.items():
        if name not in wanted and not ignorable(name, config.tied):
            raise CheckpointError(
                f"{stored.file}: the tensor {name} is unknown to a {config.family} model; "
                "download weights and configuration of the same model."
            )


def _fill(wanted: Mapping[str, Place], tensors: Mapping[str, Stored], told: Callable[[int], None]) -> None:
    sound: dict[str, torch.Tensor] = {}
    with ExitStack() as stack:
        files = {
            path: stack.enter_context(safe_open(path, framework="pt")) for path in _files(wanted, tensors)
        }
        for name, place in wanted.items():
            stored = tensors[name]
            sound[name] = _copy(files[stored.file], name, place)
            told(stored.count)
    for name, flag in sound.items():
        if not bool(flag):
            raise CheckpointError(
                f"{tensors[name].file}: {name} holds values that are not finite in this precision; "
                "download it again or choose f32."
            )


def _copy(file: Any, name: str, place: Place) -> torch.Tensor:
    """Fill a place some rows at a time, so that no copy of a large tensor is made; whether all is finite."""
    if len(place.shape) < 2 or tuple(place.view.shape) != place.shape:
        place.view.copy_(file.get_tensor(name))
        return torch.isfinite(place.view).all()
    rows = file.get_slice(name)
    step = max(1, AT_ONCE // place.shape[1])
    sound = torch.ones((), dtype=torch.bool, device=place.view.device)
    for start in range(0, place.shape[0], step):
        part = place.view[start : start + step]
        part.copy_(rows[start : start + step])
        sound &= torch.isfinite(part).all()
    return sound


def _files(wanted: Mapping[str, Place], tensors: Mapping[str, Stored]) -> list[Path]:
    return sorted({tensors[name].file for name in wanted})
