"""Models from the Hugging Face hub to this disk: weights in safetensors, tokenizer, configuration, no code.

Each file is written beside its place, checked against the hash that the hub names, and then renamed. A
download that ends early goes on where it stopped; ``store`` records it as complete when every file is there.
"""

import errno
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]
from huggingface_hub.utils.logging import set_verbosity_error
from huggingface_hub.utils.tqdm import disable_progress_bars

from .directory import INDEX_LIMIT, open_configuration, read_json
from .errors import PullError
from .store import Pulled, folder, is_hub_id, pin

Progress = Callable[[str, int, int], None]
"""Called with what is done (a file's name), the bytes that are there and the bytes in all."""

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
NEEDED = ("config.json", "tokenizer.json")
USEFUL = ("generation_config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
SPARE = 64 << 20  # bytes of a disk that are left free
BLOCK = 1 << 20
SMALL = 64 << 20  # bytes of the largest file that is not weights
TransportError: type[BaseException] = HfHubHTTPError.__bases__[0]
"""The base of what the hub library's own HTTP library raises, whichever that is."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a revision: ``sha256`` for large files, else ``blob`` is git's hash of it."""

    name: str
    size: int
    sha256: str | None
    blob: str | None


@dataclass(frozen=True, slots=True)
class _Source:
    """A revision on the hub: its files by name."""

    hub_id: str
    commit: str
    files: Mapping[str, _File]
    endpoint: str | None


def pull(
    store: Path,
    hub_id: str,
    *,
    revision: str | None = None,
    progress: Progress | None = None,
    endpoint: str | None = None,
) -> Pulled:
    """Download ``hub_id`` at ``revision`` (a branch, tag or commit; None: its main branch) below ``store``.

    Returns at once when it is there. ``endpoint`` None is the hub that the hub library is set to. PullError,
    always with the next step; CheckpointError or UnsupportedModelError for a model that could not be run.
    """
    if not is_hub_id(hub_id):
        raise PullError(f"{hub_id!r} is no hub id; give owner/name, such as Qwen/Qwen2.5-Coder-1.5B.")
    disable_progress_bars()
    set_verbosity_error()  # type: ignore[no-untyped-call]  # what goes wrong is told in one sentence of ours
    tell = progress or (lambda _name, _done, _total: None)
    with _explained(hub_id, revision):
        source = _find(hub_id, revision, endpoint)
        place = folder(store, hub_id) / source.commit
        place.mkdir(parents=True, exist_ok=True)
        with _alone(place.parent, hub_id):
            size = _fetch(source, place, tell)
            found = Pulled(hub_id, revision or "main", source.commit, size)
            pin(store, found)
    return found


def _find(hub_id: str, revision: str | None, endpoint: str | None) -> _Source:
    info = HfApi(endpoint=endpoint).model_info(hub_id, revision=revision, files_metadata=True)
    if info.sha is None:
        raise PullError(f"The hub names no revision of {hub_id}; try again later.")
    files = {
        file.rfilename: _File(file.rfilename, file.size, file.lfs.sha256 if file.lfs else None, file.blob_id)
        for file in info.siblings or []
        if "/" not in file.rfilename and file.size is not None
    }
    return _Source(hub_id, info.sha, files, endpoint)


def _fetch(source: _Source, place: Path, tell: Progress) -> int:
    """Bring every file needed to ``place``, small ones first so that an unusable model is refused early."""
    _refuse_unusable(source)
    small = [*NEEDED, *(name for name in (*USEFUL, INDEX) if name in source.files)]
    for name in small:
        _bring(source, place, source.files[name], lambda _: None)
    open_configuration(place)
    names = [*small, *_weights(source, place)]
    total = sum(source.files[name].size for name in names)
    _require_room(place, source, names)
    done = 0
    for name in names:
        _bring(source, place, source.files[name], partial(_tell_from, tell, name, done, total))
        done += source.files[name].size
        tell(name, done, total)
    return total


def _tell_from(tell: Progress, name: str, before: int, total: int, here: int) -> None:
    tell(name, before + here, total)


def _refuse_unusable(source: _Source) -> None:
    if INDEX not in source.files and WEIGHTS not in source.files:
        pickled = any(name.endswith((".bin", ".pt", ".pth")) for name in source.files)
        kind = "pickled weights only, which are never read" if pickled else "no weights in safetensors"
        raise PullError(f"{source.hub_id} has {kind}; choose a release of the model in safetensors.")
    for name in (*NEEDED, *USEFUL, INDEX):
        if name in source.files and source.files[name].size > SMALL:
            raise PullError(
                f"{source.hub_id}: {name} is too large to be sound; choose another release of it."
            )
    for name in NEEDED:
        if name not in source.files:
            raise PullError(f"{source.hub_id} has no {name}, which is needed; choose another release of it.")


def _weights(source: _Source, place: Path) -> list[str]:
    if INDEX not in source.files:
        return [WEIGHTS]
    weight_map = read_json(place, INDEX, INDEX_LIMIT).get("weight_map")
    named = weight_map.values() if isinstance(weight_map, dict) else ()
    names = sorted({name for name in named if isinstance(name, str)})
    if not names or not all(name in source.files and name.endswith(".safetensors") for name in names):
        raise PullError(
            f"{source.hub_id} names weights that it does not have; choose another revision of it."
        )
    return names


def _require_room(place: Path, source: _Source, names: list[str]) -> None:
    absent = [name for name in names if not _is_ready(place, source.files[name])]
    missing = sum(source.files[name].size - _there(place, name) for name in absent)
    free = shutil.disk_usage(place).free
    if missing + SPARE > free:
        raise PullError(
            f"{source.hub_id} needs {missing / 1e9:.2f} GB more on the disk of {place.parent.parent} and "
            f"{free / 1e9:.2f} GB are free; make room and run the same command again."
        )


def _there(place: Path, name: str) -> int:
    begun = _partial(place / name)
    return begun.stat().st_size if begun.is_file() else 0


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _bring(source: _Source, place: Path, file: _File, tell: Callable[[int], None]) -> None:
    """Download one file, going on with what is there of it, and check it."""
    path = place / file.name
    if _is_ready(place, file):
        return
    begun, have = _partial(path), _there(place, file.name)
    if have > file.size:
        begun.unlink()
        have = 0
    with begun.open("ab") as out:
        http_get(
            hf_hub_url(source.hub_id, file.name, revision=source.commit, endpoint=source.endpoint),
            cast(BinaryIO, _Counted(out, tell)),
            resume_size=have,
            headers={**build_hf_headers(), "Accept-Encoding": "identity"},
            expected_size=file.size,
        )
    if not _is_sound(begun, file):
        begun.unlink()
        raise PullError(
            f"{file.name} of {source.hub_id} arrived damaged and was removed; run the same command again."
        )
    begun.replace(path)


def _is_ready(place: Path, file: _File) -> bool:
    """Whether a file is there, perhaps by another revision here that has the very same."""
    path = place / file.name
    if path.is_file() and path.stat().st_size == file.size:
        return True
    for other in place.parent.glob(f"*/{file.name}"):
        if other.parent != place and other.stat().st_size == file.size and _is_sound(other, file):
            with suppress(OSError):  # a disk without hard links: it is downloaded
                path.hardlink_to(other)
                return True
    return False


class _Counted:
    """A file that tells how long it has become; it has what ``http_get`` uses of one."""

    def __init__(self, file: IO[bytes], tell: Callable[[int], None]) -> None:
        self._file, self._tell = file, tell

    def write(self, data: bytes) -> int:
        """Write ``data`` and tell."""
        count = self._file.write(data)
        self._tell(self._file.tell())
        return count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _is_sound(path: Path, file: _File) -> bool:
    if path.stat().st_size != file.size:
        return False
    if file.sha256 is None and file.blob is None:
        return True
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if file.sha256 is None:
        digest.update(f"blob {file.size}\0".encode())  # as git hashes a file
    with path.open("rb") as content:
        while block := content.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == (file.sha256 or file.blob)


@contextmanager
def _alone(place: Path, hub_id: str) -> Iterator[None]:
    """Hold the model's folder against another download of the same model."""
    with (place / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullError(f"{hub_id} is being pulled by another process; wait for it to end.") from None
        yield


AGAIN = "run the same command again, it goes on where it stopped"


@contextmanager
def _explained(hub_id: str, revision: str | None) -> Iterator[None]:
    """Turn what the hub, the network and the disk raise into one sentence with the next step."""
    try:
        yield
    except GatedRepoError:
        text = (
            f"{hub_id} is gated: accept its terms at https://huggingface.co/{hub_id}, sign in with "
            "`hf auth login`, and run the same command again."
        )
    except RevisionNotFoundError:
        text = f"{hub_id} has no revision {revision!r}; leave --revision out for its main branch."
    except (RepositoryNotFoundError, HFValidationError):
        text = f"The hub has no model {hub_id}, or only for those who may see it; check the name."
    except OfflineModeIsEnabled:
        text = (
            f"{hub_id} cannot be pulled while HF_HUB_OFFLINE is set; unset it and run the same command again."
        )
    except HfHubHTTPError as error:
        text = f"The hub answered {error.response.status_code} for {hub_id}; try again later: {AGAIN}."
    except TransportError as error:
        text = f"The hub cannot be reached ({_first_line(error)}); check the connection, then {AGAIN}."
    except OSError as error:
        text = _of_disk(hub_id, error)
    else:
        return
    raise PullError(text) from None


def _of_disk(hub_id: str, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full, {hub_id} is not all there; make room, then {AGAIN}."
    if error.filename:
        return f"{error.filename} cannot be written ({error.strerror}); check its permissions, then {AGAIN}."
    return f"{hub_id} did not arrive whole ({_first_line(error)}); {AGAIN}."


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
