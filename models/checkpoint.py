"""Weights from a Hugging Face directory to a device, tensor by tensor."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from .base import LanguageModel
from .config import DecoderConfig, NotNativeError, parse_config
from .decoder import Decoder
from .directory import ModelDirectory, Stored, open_directory
from .errors import CheckpointError
from .naming import Place, ignorable, places

Progress = Callable[[float], None]


def load_model(
    directory: Path, *, device: torch.device, dtype: torch.dtype, progress: Progress | None = None
) -> LanguageModel:
    """Load the model in ``directory``: natively if its family is known, else through transformers.

    ``progress`` is called with the part done, 0 to 1. Raises CheckpointError or UnsupportedModelError.
    """
    source = open_directory(directory)
    try:
        config = parse_config(source.config)
    except NotNativeError as reason:
        from .fallback import load_fallback  # noqa: PLC0415  importing transformers takes seconds

        return load_fallback(source, str(reason), device=device, dtype=dtype, progress=progress)
    return load_decoder(source, config, device=device, dtype=dtype, progress=progress)


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
    wanted = places(decoder)
    try:
        _fill(wanted, source.tensors, progress)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{source.path}: the weights cannot be read ({error}); download the model again."
        ) from None
    return decoder.eval()


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


def _fill(wanted: Mapping[str, Place], tensors: Mapping[str, Stored], progress: Progress | None) -> None:
    total = sum(tensors[name].count for name in wanted)
    done = 0
    sound: dict[str, torch.Tensor] = {}
    with ExitStack() as stack:
        files = {
            path: stack.enter_context(safe_open(path, framework="pt")) for path in _files(wanted, tensors)
        }
        for name, place in wanted.items():
            stored = tensors[name]
            place.view.copy_(files[stored.file].get_tensor(name))
            sound[name] = torch.isfinite(place.view).all()
            done += stored.count
            if progress is not None:
                progress(done / total)
    for name, flag in sound.items():
        if not bool(flag):
            raise CheckpointError(
                f"{tensors[name].file}: {name} holds values that are not finite in this precision; "
                "download it again or choose f32."
            )


def _files(wanted: Mapping[str, Place], tensors: Mapping[str, Stored]) -> list[Path]:
    return sorted({tensors[name].file for name in wanted})
