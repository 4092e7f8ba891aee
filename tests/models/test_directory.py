"""The gate: every malformed directory gives one ModelError that names the file, before any library runs."""

import json
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from ...models.checkpoint import load_model
from ...models.directory import CONFIG_LIMIT, inside, open_directory
from ...models.errors import CheckpointError, ModelError, UnsupportedModelError
from ...models.pairing import PairSpec, check_pair
from ...models.tokenizer import Tokenizer
from .conftest import Written
from .families import byte_level

CANARY = "CANARY = open(__file__ + '.ran', 'w')\n"


@pytest.fixture
def directory(checkpoint: Callable[[str], Written], tmp_path: Path) -> Path:
    """A sound sharded model directory to break, with a tokenizer."""
    path = tmp_path / "model"
    path.mkdir()
    for file in checkpoint("llama-sharded")[0].iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    byte_level(size=300).save(str(path / "tokenizer.json"))
    return path


def _config(path: Path, **changes: Any) -> None:
    _json(path / "config.json", changes)


def _json(file: Path, changes: dict[str, Any]) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def _shard(path: Path) -> Path:
    return sorted(path.glob("model-*.safetensors"))[1]


def _truncate(file: Path, size: int) -> None:
    os.truncate(file, size)


def _header(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = file.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    entries = json.loads(data[8 : 8 + size])
    change(entries)
    text = json.dumps(entries).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + size :])


def _first(entries: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(value for key, value in entries.items() if key != "__metadata__")
    return found


def _index(path: Path, file: str) -> None:
    index = path / "model.safetensors.index.json"
    weight_map = json.loads(index.read_text())["weight_map"]
    weight_map["model.norm.weight"] = file
    _json(index, {"weight_map": weight_map})


def _link_out(path: Path) -> None:
    outside = path.parent / "outside.json"
    (path / "config.json").rename(outside)
    (path / "config.json").symlink_to(outside)


def _remove_all(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()


def _no_weights(path: Path) -> None:
    for file in path.glob("model*"):
        file.unlink()


def _pickle_only(path: Path) -> None:
    _no_weights(path)
    (path / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")


def _own_code(path: Path) -> None:
    (path / "modeling_x.py").write_text(CANARY)
    _config(path, auto_map={"AutoModelForCausalLM": "modeling_x.X"}, model_type="x")


def _many(entries: dict[str, Any]) -> None:
    entries.update({f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(25_000)})


def _folder(path: Path) -> None:
    (path / "config.json").unlink()
    (path / "config.json").mkdir()


def _sparse(path: Path) -> None:
    _shard(path).write_bytes(b"\xff" * 8)
    _truncate(_shard(path), 1 << 30)


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _circle(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.name)


def _shard_outside(path: Path) -> None:
    shard, outside = _shard(path), path.parent / "outside.safetensors"
    shard.rename(outside)
    shard.symlink_to(outside)


def _twice(path: Path) -> None:
    """A header that names a tensor twice, with two shapes: JSON readers take the last."""
    file = _shard(path)
    data = file.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    name = next(key for key in json.loads(data[8 : 8 + size]) if key != "__metadata__")
    more = f', "{name}": {{"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}}}'.encode()
    text = data[8 : 8 + size].rstrip()[:-1] + more
    file.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + size :])


BREAKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty directory": (_remove_all, "config.json is missing"),
    "no config": (lambda p: (p / "config.json").unlink(), "config.json is missing"),
    "empty config": (lambda p: (p / "config.json").write_bytes(b""), "not valid JSON"),
    "truncated config": (lambda p: _truncate(p / "config.json", 100), "not valid JSON"),
    "config of bytes": (lambda p: (p / "config.json").write_bytes(b"\xff\xfe\x00"), "not valid JSON"),
    "config is a list": (lambda p: (p / "config.json").write_text("[]"), "JSON map"),
    "deep config": (lambda p: (p / "config.json").write_text("[" * 200_000), "not valid JSON"),
    "huge config": (lambda p: _truncate(p / "config.json", CONFIG_LIMIT + 1), "more than"),
    "config is a folder": (_folder, "config.json"),
    "config links outside": (_link_out, "link to a place outside"),
    "no model_type": (lambda p: _config(p, model_type=None), "model_type"),
    "negative layers": (lambda p: _config(p, num_hidden_layers=-1), "num_hidden_layers"),
    "endless layers": (lambda p: _config(p, num_hidden_layers=10**8), "num_hidden_layers"),
    "text for a size": (lambda p: _config(p, hidden_size="big"), "hidden_size"),
    "heads do not divide": (lambda p: _config(p, num_key_value_heads=5), "num_key_value_heads"),
    "other vocabulary": (lambda p: _config(p, vocab_size=95), "embed_tokens"),
    "other width": (lambda p: _config(p, intermediate_size=81), "has shape"),
    "too many layers": (lambda p: _config(p, num_hidden_layers=4), "is missing"),
    "too few layers": (lambda p: _config(p, num_hidden_layers=2), "is unknown"),
    "odd rope": (lambda p: _config(p, rope_parameters={"rope_type": "linear"}), "factor"),
    "own code": (_own_code, "auto_map"),
    "code by attention": (lambda p: _config(p, _attn_implementation_internal="a/b"), "_attn_implementation"),
    "nested code": (lambda p: _config(p, text_config={"auto_map": {"A": "b"}}), "auto_map"),
    "quantised": (lambda p: _config(p, quantization_config={"quant_method": "gptq"}), "quantised"),
    "no weights": (_no_weights, "model.safetensors is missing"),
    "pickle only": (_pickle_only, "pickle"),
    "index leads out": (lambda p: _index(p, "../x.safetensors"), "outside itself"),
    "index is absolute": (lambda p: _index(p, "/etc/x.safetensors"), "outside itself"),
    "index names pickle": (lambda p: _index(p, "pytorch_model.bin"), "not safetensors"),
    "index names no file": (lambda p: _index(p, "model-9.safetensors"), "model-9.safetensors is missing"),
    "index names wrong shard": (lambda p: _index(p, _shard(p).name), "lacks the tensor"),
    "index without map": (
        lambda p: _json(p / "model.safetensors.index.json", {"weight_map": 3}),
        "weight_map",
    ),
    "empty shard": (lambda p: _shard(p).write_bytes(b""), "empty or cut short"),
    "shard cut in header": (lambda p: _truncate(_shard(p), 20), "cut short"),
    "shard cut in data": (lambda p: _truncate(_shard(p), _shard(p).stat().st_size - 10), "cut short"),
    "sparse giant": (_sparse, "cut short"),
    "header is no JSON": (lambda p: _shard(p).write_bytes(struct.pack("<Q", 4) + b"abcd" * 9), "header"),
    "shape overflows": (lambda p: _header(_shard(p), lambda e: _first(e).update(shape=[2**62])), "badly"),
    "offsets are text": (lambda p: _header(_shard(p), lambda e: _first(e).update(data_offsets="x")), "badly"),
    "eight bits": (lambda p: _header(_shard(p), lambda e: _first(e).update(dtype="I8")), "type I8"),
    "many tensors": (lambda p: _header(_shard(p), _many), "too many"),
    "config is a pipe": (lambda p: _pipe(p / "config.json"), "is not a file"),
    "shard is a pipe": (lambda p: _pipe(_shard(p)), "is not a file"),
    "index is a circle": (lambda p: _circle(p / "model.safetensors.index.json"), "leads nowhere"),
    "shard links outside": (_shard_outside, "link to a place outside"),
    "a tensor twice": (_twice, "has shape"),
    "more layers than tensors": (lambda p: _config(p, num_hidden_layers=900), "num_hidden_layers 900"),
    "family is a list": (lambda p: _config(p, model_type=["llama"]), "model_type"),
    "no number for eps": (lambda p: _config(p, rms_norm_eps=float("nan")), "rms_norm_eps"),
    "endless context": (lambda p: _config(p, max_position_embeddings=10**30), "max_position_embeddings"),
    "number of many digits": (
        lambda p: (p / "config.json").write_text('{"hidden_size": ' + "9" * 10_000 + "}"),
        "not valid JSON",
    ),
    "odd activation": (lambda p: _config(p, hidden_act="nonesuch"), "nonesuch"),
    "code in a list": (lambda p: _config(p, parts=[{"custom_pipelines": "x"}]), "custom_pipelines"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_directory_gives_one_clear_error(
    name: str, directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what and where in one line with a next step, uses no network, prints and runs nothing."""
    change, words = BREAKS[name]
    change(directory)
    monkeypatch.setattr(socket, "socket", _no_network)
    monkeypatch.setattr("builtins.input", _no_network)
    with pytest.raises(ModelError) as caught:
        load_model(directory, device=torch.device("cpu"), dtype=torch.float32)
    text = str(caught.value)
    assert words in text
    assert "\n" not in text
    assert text.endswith(".")
    assert ";" in text
    assert capsys.readouterr().out == ""
    assert not list(directory.rglob("*.ran"))


def _no_network(*_: object, **__: object) -> None:
    raise AssertionError("a model directory must not reach for this")


FALLBACK_BREAKS: dict[str, tuple[dict[str, Any], str]] = {
    "more layers than weights": ({"num_hidden_layers": 30}, "something is missing"),
    "giant width": ({"hidden_size": 1 << 20}, "something is missing"),
    "giant inner width": ({"intermediate_size": 1 << 22}, "something is missing"),
    "giant vocabulary": ({"vocab_size": 1 << 26}, "something is missing"),
    "beyond all numbers": ({"intermediate_size": 1 << 62}, "transformers refuses it"),
    "more heads than numbers": ({"num_attention_heads": 1 << 20}, "transformers refuses it"),
    "no heads": ({"num_attention_heads": 0}, "transformers refuses it"),
    "text for a size": ({"intermediate_size": "wide"}, "transformers refuses it"),
    "odd activation": ({"hidden_act": "nonesuch"}, "transformers refuses it"),
    "layers of odd kinds": ({"layer_types": [["x"]] * 3}, "transformers refuses it"),
    "narrower than its weights": ({"intermediate_size": 40}, "missing or has another shape"),
}


@pytest.mark.parametrize("name", FALLBACK_BREAKS)
def test_a_broken_directory_for_transformers_gives_one_clear_error(
    name: str,
    checkpoint: Callable[[str], Written],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What it raises somewhere inside, and what it would take memory for, is said in one line of ours."""
    path = tmp_path / "model"
    path.mkdir()
    for file in checkpoint("starcoder2")[0].iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    changes, words = FALLBACK_BREAKS[name]
    _config(path, **changes)
    monkeypatch.setattr(socket, "socket", _no_network)
    with pytest.raises(ModelError) as caught:
        load_model(path, device=torch.device("cpu"), dtype=torch.float32)
    text = str(caught.value)
    assert words in text
    assert "\n" not in text
    assert text.endswith(".")
    assert capfd.readouterr().out == ""


def test_unknown_family(directory: Path) -> None:
    """What neither side knows is refused with both reasons, and no question on the terminal."""
    _config(directory, model_type="nonesuch")
    with pytest.raises(UnsupportedModelError, match=r"not decoded here .*nonesuch"):
        load_model(directory, device=torch.device("cpu"), dtype=torch.float32)


def test_a_family_of_the_fallback_without_its_weights(directory: Path) -> None:
    """Transformers would fill missing weights at random; that is an error here."""
    _config(directory, model_type="starcoder2")
    with pytest.raises(CheckpointError, match="missing or has another shape"):
        load_model(directory, device=torch.device("cpu"), dtype=torch.float32)


def test_layers_that_cannot_be_rewound(directory: Path) -> None:
    """Recurrent layers are refused by name before weights are read."""
    _config(directory, model_type="qwen3_next", layer_types=["linear_attention"] * 3)
    with pytest.raises(UnsupportedModelError, match="linear_attention"):
        load_model(directory, device=torch.device("cpu"), dtype=torch.float32)


def test_values_that_are_not_numbers(checkpoint: Callable[[str], Written], directory: Path) -> None:
    """Weights with NaN are found while loading, by name."""
    from safetensors.torch import load_file, save_file

    file = _shard(directory)
    tensors = load_file(file)
    name = sorted(tensors)[0]
    tensors[name].view(-1)[3] = float("nan")
    save_file(tensors, file)
    with pytest.raises(CheckpointError, match=f"{name} holds values that are not finite"):
        load_model(directory, device=torch.device("cpu"), dtype=torch.float32)


def test_not_a_directory(tmp_path: Path) -> None:
    """A missing path and a file are told apart from a broken model."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "nothing", tmp_path / "file"):
        with pytest.raises(CheckpointError, match="not a directory"):
            open_directory(path)


def test_links_of_the_hugging_face_cache_are_followed(tmp_path: Path) -> None:
    """Its snapshots link into the blobs of the same repository, and nowhere else."""
    snapshot, blobs = tmp_path / "repo" / "snapshots" / "abc", tmp_path / "repo" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    (blobs / "1").write_text("{}")
    (snapshot / "config.json").symlink_to("../../blobs/1")
    assert inside(snapshot, "config.json") == snapshot / "config.json"
    (tmp_path / "other").write_text("{}")
    (snapshot / "evil.json").symlink_to(tmp_path / "other")
    with pytest.raises(CheckpointError, match="outside"):
        inside(snapshot, "evil.json")


def test_progress_reaches_one(directory: Path) -> None:
    """Loading reports parts that grow to 1."""
    parts: list[float] = []
    load_model(directory, device=torch.device("cpu"), dtype=torch.float32, progress=parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1.0)
    assert len(parts) > 10


TOKENIZER_BREAKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda f: f.unlink(), "is missing"),
    "empty": (lambda f: f.write_bytes(b""), "not valid JSON"),
    "truncated": (lambda f: _truncate(f, 500), "not valid JSON"),
    "no model": (lambda f: _json(f, {"model": None}), "not read"),
    "no vocabulary": (
        lambda f: _json(f, {"model": {"type": "BPE", "vocab": {}, "merges": []}}),
        "vocabulary",
    ),
    "words": (lambda f: _json(f, {"model": {"type": "WordPiece", "vocab": {"a": 0}}}), "WordPiece"),
    "bad merges": (
        lambda f: _json(f, {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["q z"]}}),
        "built",
    ),
    "ids from far": (lambda f: _json(f, {"added_tokens": [{"content": "x", "id": 1 << 40}]}), "added token"),
    "no bytes": (lambda f: _json(f, {"decoder": None}), "do not stand for bytes"),
    "a pipe": (_pipe, "is not a file"),
    "a circle": (_circle, "leads nowhere"),
    "unknown splitter": (lambda f: _json(f, {"pre_tokenizer": {"type": "Nonesuch"}}), "built"),
}


@pytest.mark.parametrize("name", TOKENIZER_BREAKS)
def test_a_broken_tokenizer_gives_one_clear_error(name: str, directory: Path) -> None:
    """The pair check names the file before any weight is read."""
    change, words = TOKENIZER_BREAKS[name]
    _config(directory, vocab_size=400)
    change(directory / "tokenizer.json")
    with pytest.raises(ModelError) as caught:
        check_pair(PairSpec("x", directory))
    text = str(caught.value)
    assert words in text
    assert "tokenizer.json" in text
    assert "\n" not in text
    with pytest.raises(ModelError):
        Tokenizer.from_directory(directory)
