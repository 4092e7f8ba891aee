"""A pair whose target has more layers that change nothing: the same text from steps that take longer.

What speculation brings depends on what a step of the target costs beside one of the draft. Added layers hold
the weights of others, but for the two matrices that write to the residual stream, which are zero: a step
reads and computes all of them, and its result stays the same to the bit.
"""

import contextlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from ...models.config import number
from ...models.directory import ModelDirectory, open_directory
from ...models.errors import UnsupportedModelError
from ...models.pairing import PairSpec, resolve
from ..engine.engine import EngineOptions
from ..engine.pacing import PRIOR
from ..errors import PacelineError

_LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)")
_WRITES = re.compile(r"(?:self_attn\.o_proj|mlp\.down_proj)\.(?:weight|bias)")
_WEIGHTS = (".safetensors", ".safetensors.index.json")


class LayersError(PacelineError):
    """The target cannot have so many layers."""

    code = "invalid_field"


@contextlib.contextmanager
def heavier(options: EngineOptions, layers: int | None) -> Iterator[EngineOptions]:
    """The same pair with a target of ``layers`` layers (None: as it is), on disk meanwhile.

    Raises as ``make_heavier`` does, and PairError.
    """
    if not layers:
        yield options
        return
    spec = resolve(options.target, options.draft, context=options.context or None, store=options.models)
    with tempfile.TemporaryDirectory(prefix="paceline-") as folder:
        target = make_heavier(spec, layers, Path(folder))
        yield replace(options, target=str(target), draft=str(spec.draft or "none"))


def make_heavier(spec: PairSpec, layers: int, directory: Path) -> Path:
    """Write the pair with a target of ``layers`` layers in all below ``directory``; returns where it is.

    The draft is not copied. Raises LayersError for fewer layers than there are, UnsupportedModelError for
    another architecture than Llama's, CheckpointError.
    """
    model = open_directory(spec.target)
    own = number(model.config, "num_hidden_layers") or 0
    if not any(_WRITES.fullmatch(found[2]) for found in map(_LAYER.fullmatch, model.tensors) if found):
        raise UnsupportedModelError(f"The layers of {spec.target.name} are not Llama's; leave out --layers.")
    if layers < own:
        raise LayersError(f"{spec.name} has {own} layers: give --layers as many or more")
    place = directory / "pair"
    target = place / "target"
    target.mkdir(parents=True)
    for path in spec.target.iterdir():
        if path.is_file() and not path.name.endswith(_WEIGHTS):
            shutil.copyfile(path, target / path.name)
    (target / "config.json").write_text(json.dumps(_config(model, own, layers)), encoding="utf-8")
    save_file(_tensors(model, own, layers), target / "model.safetensors", {"format": "pt"})
    facts = {"name": f"{spec.name} of {layers} layers", "target": "target", "fim_order": spec.fim_order}
    (place / "pair.json").write_text(json.dumps(facts | {"context": spec.context}), encoding="utf-8")
    if (spec.target.parent / PRIOR).is_file():
        shutil.copyfile(spec.target.parent / PRIOR, place / PRIOR)
    return place


def _config(model: ModelDirectory, own: int, layers: int) -> dict[str, object]:
    config = dict(model.config) | {"num_hidden_layers": layers}
    kinds = config.get("layer_types")
    if isinstance(kinds, list):
        config["layer_types"] = [kinds[index % own] for index in range(layers)]
    return config


def _tensors(model: ModelDirectory, own: int, layers: int) -> dict[str, Tensor]:
    """All tensors, those of the layers again and again."""
    found: dict[str, Tensor] = {}
    for file in sorted({stored.file for stored in model.tensors.values()}):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118  (it is no mapping)
                found |= _repeated(name, tensors.get_tensor(name), own, layers)
    return found


def _repeated(name: str, tensor: Tensor, own: int, layers: int) -> dict[str, Tensor]:
    """The tensor, and where it is a layer's the same for each added one."""
    layer = _LAYER.fullmatch(name)
    if layer is None:
        return {name: tensor}
    first, rest = int(layer[1]), layer[2]
    silent = _WRITES.fullmatch(rest) is not None
    added = {
        f"model.layers.{index}.{rest}": tensor.new_zeros(tensor.shape) if silent else tensor.clone()
        for index in range(first + own, layers, own)
    }
    return {name: tensor, **added}
