"""Building the compiled step with the C++ compiler of this machine, once per source, compiler and processor.

The library is made for the very processor it is built on (`-march=native`), so it is not shipped.
It is kept in a private directory and loaded again by later starts.
"""

import contextlib
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..errors import KernelError

SOURCE = Path(__file__).parent / "source"
COMPILERS = ("c++", "g++", "clang++")
FLAGS = (
    "-std=c++20",
    "-O3",
    "-fno-math-errno",
    "-ffp-contract=fast",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
)
SECONDS = 600
STALE_DAYS = 30
"""How long a library that no start asks for is kept."""


def build(directory: Path) -> Path:
    """Return the library for this machine in ``directory``, building it if it is not there yet.

    Takes some ten seconds of one core, at low priority, and up to ``SECONDS`` on a busy machine. What other
    versions of source, compiler or processor left there goes once it is stale. Raises KernelError, saying
    what to do, where there is no compiler or it fails.
    """
    command = _command()
    library = directory / _name(command)
    _prepare(directory)
    if library.exists():
        _check_own(library)
        with contextlib.suppress(OSError):  # it can be loaded where nothing can be written
            os.utime(library)
        return library
    _remove_stale(directory)
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        fresh = Path(folder) / library.name
        _run([*_politely(), *command, "-w", "-o", str(fresh), str(SOURCE / "paceline.cpp")])
        fresh.chmod(0o700)
        fresh.replace(library)
    return library


def _remove_stale(directory: Path) -> None:
    before = time.time() - 86_400 * STALE_DAYS
    for library in directory.glob("step-*.so"):
        with contextlib.suppress(OSError):  # another start was faster
            if library.lstat().st_mtime < before:
                library.unlink()


def library_path(directory: Path) -> Path:
    """Where ``build`` puts the library for this machine, or has put it. KernelError without a compiler."""
    return directory / _name(_command())


def _command() -> list[str]:
    return [_compiler(), *FLAGS, _native_flag(), "-pthread"]


def _name(command: list[str]) -> str:
    return f"step-{_fingerprint(command)}.so"


def _compiler() -> str:
    for name in COMPILERS:
        found = shutil.which(name)
        if found:
            return found
    raise KernelError("No C++ compiler is here; install g++ or clang++ for faster steps.")


def _native_flag() -> str:
    return "-march=native" if platform.machine() in ("x86_64", "AMD64", "i686") else "-mcpu=native"


def _politely() -> list[str]:
    nice = shutil.which("nice")
    return [nice, "-n", "10"] if nice else []


def _fingerprint(command: list[str]) -> str:
    """16 hex digits of all that the library depends on."""
    digest = hashlib.sha256(" ".join(command).encode())
    for path in sorted(SOURCE.iterdir()):
        digest.update(path.read_bytes())
    digest.update(_run([command[0], "--version"]).encode())
    for line in _processor():
        digest.update(line.encode())
    return digest.hexdigest()[:16]


def _processor() -> Iterator[str]:
    """Lines that name the processor and what it can do."""
    yield platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        yield platform.processor()
        return
    kinds = ("model name", "flags", "Features", "CPU part")
    yield from dict.fromkeys(line for line in lines if line.startswith(kinds))


def _prepare(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KernelError(f"{directory} cannot be made ({error.strerror}).") from None
    _check_own(directory)


def _check_own(path: Path) -> None:
    """Refuse to load or build what another user could have put there."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise KernelError(f"{path} is not yours alone; remove it.")


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KernelError(f"{command[0]} did not run ({type(error).__name__}).") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise KernelError(f"The C++ compiler failed ({said[:200]}).")
    return done.stdout
