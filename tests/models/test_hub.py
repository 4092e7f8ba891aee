"""Downloads: whole, resumed, checked, pinned; and one sentence for everything that can go wrong."""

import errno
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from ...models import hub as hub_module
from ...models.errors import CheckpointError, ModelError, PullError
from ...models.hub import pull
from ...models.store import Pulled, all_pulled, folder, pulled, snapshot
from .conftest import Written
from .families import byte_level
from .hub_server import COMMIT, Hub

ID = "Owner/Small-1b"


@pytest.fixture(scope="module")
def files(checkpoint: Callable[[str], Written]) -> dict[str, bytes]:
    """What a hub holds of a model: sharded weights, and more than anybody needs."""
    found = {path.name: path.read_bytes() for path in checkpoint("llama-sharded")[0].iterdir()}
    found["tokenizer.json"] = byte_level(size=300).to_str().encode()
    others = ("modeling_x.py", "pytorch_model.bin", "consolidated.safetensors", "README.md", "onnx/m.onnx")
    return found | dict.fromkeys(others, b"unwanted")


@pytest.fixture
def hub(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one model; what the environment says of hubs is put aside, retries do not wait."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 4096)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    with Hub({ID: dict(files)}).serve() as server:
        yield server


def _pull(hub: Hub, store: Path, **options: Any) -> Pulled:
    return pull(store, options.pop("hub_id", ID), endpoint=hub.url, **options)


def _refused(hub: Hub, store: Path, **options: Any) -> str:
    with pytest.raises(PullError) as caught:
        _pull(hub, store, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert ";" in text or ":" in text
    return text


def test_what_is_needed_and_nothing_else(hub: Hub, tmp_path: Path, files: dict[str, bytes]) -> None:
    """Weights that the index names, tokenizer, configuration; no code, no pickles; the commit is recorded."""
    told: list[tuple[str, int, int]] = []
    found = _pull(hub, tmp_path, progress=lambda *each: told.append(each))
    place = snapshot(tmp_path, found)
    there = {path.name: path.read_bytes() for path in place.iterdir()}
    assert there == {name: data for name, data in files.items() if name in there}
    assert {"config.json", "tokenizer.json", "model.safetensors.index.json"} <= there.keys()
    assert len([name for name in there if name.startswith("model-")]) > 2
    assert not there.keys() & {"modeling_x.py", "pytorch_model.bin", "consolidated.safetensors", "README.md"}
    assert found == Pulled(ID, "main", COMMIT, sum(map(len, there.values())))
    assert pulled(tmp_path, ID) == pulled(tmp_path, ID.upper()) == found
    assert all_pulled(tmp_path) == [found]
    done = [each[1] for each in told]
    assert done == sorted(done)
    assert done[-1] == told[-1][2] == found.size


def test_again_is_nothing_to_do(hub: Hub, tmp_path: Path) -> None:
    """Files that are there are not asked for again; a commit may be named."""
    first = _pull(hub, tmp_path)
    hub.asked.clear()
    assert _pull(hub, tmp_path, revision=COMMIT) == Pulled(ID, COMMIT, COMMIT, first.size)
    assert [path for path in hub.asked if "/resolve/" in path] == []


def test_another_revision_takes_the_place(hub: Hub, tmp_path: Path) -> None:
    """The newer commit is in use, the older files stay, and those that did not change do not come again."""
    first = snapshot(tmp_path, _pull(hub, tmp_path))
    hub.commit = "beef" + "0" * 36
    changed = {**hub.models[ID], "generation_config.json": b'{"eos_token_id": 3}'}
    hub.models = {ID: changed}
    hub.asked.clear()
    second = _pull(hub, tmp_path)
    assert second.commit == hub.commit
    assert pulled(tmp_path, ID) == second
    assert (first / "config.json").is_file()
    asked = [path for path in hub.asked if "/resolve/" in path]
    assert [path.rpartition("/")[2] for path in asked] == ["generation_config.json"]
    there = {path.name: path.read_bytes() for path in snapshot(tmp_path, second).iterdir()}
    assert there.items() <= changed.items()


@pytest.mark.parametrize("whole", [False, True], ids=["ranges", "without ranges"])
def test_a_download_that_broke_off_goes_on(hub: Hub, tmp_path: Path, whole: bool) -> None:
    """What is there is kept, also where the server does not know ranges and all has to come again."""
    hub.cut = 5 * 4096
    hub.whole = whole
    assert "goes on where it stopped" in _refused(hub, tmp_path)
    assert pulled(tmp_path, ID) is None
    (begun,) = (tmp_path / "Owner--Small-1b" / COMMIT).glob("*.partial")
    assert begun.stat().st_size == 5 * 4096
    hub.cut, hub.status = None, 0
    hub.ranges.clear()
    found = _pull(hub, tmp_path)
    assert f"bytes={5 * 4096}-" in hub.ranges
    assert pulled(tmp_path, ID) == found
    assert list((tmp_path / "Owner--Small-1b" / COMMIT).glob("*.partial")) == []


def test_damage_is_found_and_removed(hub: Hub, tmp_path: Path) -> None:
    """By the hash that the hub names, of large and of small files."""
    hub.damaged = "tokenizer.json"
    assert "tokenizer.json of Owner/Small-1b arrived damaged" in _refused(hub, tmp_path)
    assert not list(tmp_path.rglob("tokenizer.json*"))
    hub.damaged = sorted(name for name in hub.models[ID] if name.startswith("model-"))[1]
    assert f"{hub.damaged} of Owner/Small-1b arrived damaged" in _refused(hub, tmp_path)
    hub.damaged = ""
    _pull(hub, tmp_path)


def test_names_that_the_hub_does_not_know(hub: Hub, tmp_path: Path) -> None:
    """Model and revision are told apart; what is no id is not asked for."""
    assert "no model Owner/Other" in _refused(hub, tmp_path, hub_id="Owner/Other")
    assert "no revision 'v9'" in _refused(hub, tmp_path, revision="v9")
    hub.asked.clear()
    for name in ("small", "../../etc", "a/b/c", "owner/..", "/etc/passwd", "a b/c"):
        assert "no hub id" in _refused(hub, tmp_path, hub_id=name)
    assert hub.asked == []


def test_a_gated_model_says_what_to_do(hub: Hub, tmp_path: Path) -> None:
    """Its facts are public, its files are not."""
    hub.gated = True
    text = _refused(hub, tmp_path)
    assert "gated" in text
    assert f"https://huggingface.co/{ID}" in text
    assert "hf auth login" in text


def test_a_hub_that_is_not_there(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer, a wrong answer, and told to stay offline."""
    with pytest.raises(PullError, match="cannot be reached"):
        pull(tmp_path, ID, endpoint="http://127.0.0.1:9")
    hub.status = 501
    assert "answered 501" in _refused(hub, tmp_path)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in _refused(hub, tmp_path)


def test_a_disk_too_small_is_found_beforehand(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No weights are asked for; what is there already is not counted again."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=hub_module.SPARE + 1000))
    text = _refused(hub, tmp_path)
    assert "GB more on the disk" in text
    assert "make room" in text
    assert not any(path.endswith(".safetensors") for path in hub.asked)


def test_a_disk_that_fills_up_meanwhile(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is kept for the next time."""
    written = 0

    def write(self: Any, data: bytes) -> int:
        nonlocal written
        if written > 30_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        written += len(data)
        return int(self._file.write(data))

    with monkeypatch.context() as patch:
        patch.setattr(hub_module._Counted, "write", write)
        assert "disk is full" in _refused(hub, tmp_path)
    _pull(hub, tmp_path)


def test_a_folder_that_cannot_be_written(hub: Hub, tmp_path: Path) -> None:
    """A file where the store should be; permissions are no matter where the tests run as root."""
    (tmp_path / "store").write_text("")
    assert "store" in _refused(hub, tmp_path / "store")


def _without(*ends: str) -> Callable[[dict[str, bytes]], None]:
    def change(found: dict[str, bytes]) -> None:
        for name in [name for name in found if name.endswith(ends)]:
            del found[name]

    return change


def _with(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda found: found.update({name: content})


INDEX = "model.safetensors.index.json"
CODE = b'{"model_type": "x", "auto_map": {"A": "b.C"}}'
BITS = b'{"model_type": "x", "quantization_config": {"bits": 4}}'


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without("config.json"), "no config.json"),
        (_without("tokenizer.json"), "no tokenizer.json"),
        (_without(".safetensors", INDEX), "pickled"),
        (_without(".safetensors", INDEX, ".bin"), "no weights"),
        (_with(INDEX, b"{"), "not valid JSON"),
        (_with(INDEX, b'{"weight_map": {"a": "../x"}}'), "names weights"),
        (_with(INDEX, b'{"weight_map": {"a": [1]}}'), "names weights"),
        (_with("config.json", CODE), "asks for code"),
        (_with("tokenizer_config.json", bytes(hub_module.SMALL + 1)), "too large"),
        (_with("config.json", BITS), "quantised"),
    ],
)
def test_an_unusable_model_is_refused_before_its_weights(
    hub: Hub, tmp_path: Path, change: Callable[[dict[str, bytes]], object], words: str
) -> None:
    """By its list of files or by its configuration; nothing large was asked for."""
    changed = dict(hub.models[ID])
    change(changed)
    hub.models = {ID: changed}
    with pytest.raises(ModelError, match=words):
        _pull(hub, tmp_path)
    assert not any(path.endswith(".safetensors") for path in hub.asked)
    assert pulled(tmp_path, ID) is None


def test_two_at_once(hub: Hub, tmp_path: Path) -> None:
    """The second is told to wait; the first comes to its end."""
    hub.slow = 25_000
    ends: list[Pulled] = []
    first = threading.Thread(target=lambda: ends.append(_pull(hub, tmp_path)))
    first.start()
    assert hub.waiting.wait(30)
    assert "by another process" in _refused(hub, tmp_path)
    hub.go_on.set()
    first.join()
    assert ends == [pulled(tmp_path, ID)]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"hub_id": "a/b", "revision": "x", "commit": "..", "size": 1}']
)
def test_a_broken_record(tmp_path: Path, text: str) -> None:
    """Is no download; it says to pull again."""
    place = folder(tmp_path, ID)
    place.mkdir()
    (place / "pulled.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"pulled\.json"):
        pulled(tmp_path, ID)
