"""Where a daemon's files lie, and whether they are safe: directory, lock, socket, connection file, log.

Every file of a daemon carries its key (:func:`settings.engine_key`). The directory is 0700 and ours, checked
by both sides before anything in it is trusted; the connection file is 0600 and holds the CURVE key.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import RuntimeDirError
from .settings import Settings, engine_key

SOCKET_PATH_LIMIT = 107  # bytes, sockaddr_un without its terminating zero
CONNECTION_FILE_LIMIT = 4096  # bytes


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a running daemon: what its connection file says. ``server_key`` is CURVE, Z85."""

    key: str
    pid: int
    endpoint: str
    server_key: str


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one daemon. ``socket`` may lie in another directory where the path is too long."""

    key: str
    directory: Path
    socket: Path

    @property
    def lock(self) -> Path:
        """Locked by the daemon for all its life; never removed."""
        return self.directory / f"{self.key}.lock"

    @property
    def spawn_lock(self) -> Path:
        """Locked by the client that is starting a daemon; never removed."""
        return self.directory / f"{self.key}.spawn"

    @property
    def connection(self) -> Path:
        """The connection file."""
        return self.directory / f"{self.key}.json"

    @property
    def log(self) -> Path:
        """The rotated log."""
        return self.directory / f"{self.key}.log"

    @property
    def output(self) -> Path:
        """Standard output and error of the daemon process, and crash traces."""
        return self.directory / f"{self.key}.out"

    @property
    def crashes(self) -> Path:
        """When and why starts failed, for the breaker."""
        return self.directory / f"{self.key}.crashes"


def places(settings: Settings) -> Places:
    """Make the runtime directory where it is missing, check it, and name the files of these settings' daemon.

    Raises RuntimeDirError with the command that mends it.
    """
    directory = Path(settings.runtime_dir)
    private_directory(directory)
    key = engine_key(settings)
    return Places(key, directory, _socket_path(directory, key))


def _socket_path(directory: Path, key: str) -> Path:
    """Return the socket's path, in a short private directory where the usual one is too long for a socket."""
    usual = directory / f"{key}.sock"
    if len(os.fsencode(usual)) <= SOCKET_PATH_LIMIT:
        return usual
    import tempfile  # noqa: PLC0415  (rarely needed, and slow to import)

    short = hashlib.sha256(os.fsencode(directory)).hexdigest()[:8]
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108  (the directory is made 0700 and checked)
        fallback = Path(base) / f"paceline-{os.getuid()}-{short}"
        if len(os.fsencode(fallback / usual.name)) <= SOCKET_PATH_LIMIT:
            private_directory(fallback)
            return fallback / usual.name
    text = f"the path {usual} is too long for a socket: set runtime_dir to a shorter directory"
    raise RuntimeDirError(text)


def private_directory(path: Path) -> None:
    """Make sure that ``path`` is a directory of ours that nobody else may enter (0700, no link).

    One that is missing is made; a wrong one is refused, never changed. Raises RuntimeDirError.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
    except OSError as error:
        text = f"the runtime directory {path} cannot be made ({error.strerror}): set runtime_dir to another"
        raise RuntimeDirError(text) from error
    if not stat.S_ISDIR(found.st_mode):
        raise RuntimeDirError(
            f"{path} is no directory (links are not followed): remove it or set runtime_dir"
        )
    if found.st_uid != os.geteuid():
        raise RuntimeDirError(f"{path} belongs to another user: set runtime_dir to a directory of your own")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise RuntimeDirError(f"{path} is open to other users: run  chmod 700 {path}")


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours that nobody else may touch, making it 0600 if ``flags`` say so; links are refused.

    Returns a descriptor. Raises FileNotFoundError, or RuntimeDirError for any other trouble.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RuntimeDirError(f"{path} cannot be opened ({error.strerror}): remove it") from error
    found = os.fstat(descriptor)
    if (
        stat.S_ISREG(found.st_mode)
        and found.st_uid == os.geteuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    ):
        return descriptor
    os.close(descriptor)
    raise RuntimeDirError(f"{path} is not a private file of yours: run  chmod 600 {path}  or remove it")


def take_lock(path: Path) -> int | None:
    """Lock ``path`` without waiting. Returns the descriptor that holds the lock, None where another does."""
    descriptor = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextlib.contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Hold the lock of ``path`` inside the block if it is free; tells whether it is held."""
    descriptor = take_lock(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Put ``content`` into a 0600 file in one step: readers see the old file or the new one, whole."""
    fresh = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def write_connection(where: Places, connection: Connection) -> None:
    """Publish how to reach the daemon."""
    write_private(where.connection, json.dumps(asdict(connection)).encode())


def read_connection(where: Places) -> Connection | None:
    """Return what the connection file says; None where there is none or it is no connection file.

    Raises RuntimeDirError where the file is not private.
    """
    try:
        descriptor = open_private(where.connection, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(CONNECTION_FILE_LIMIT)
    try:
        connection = Connection(**json.loads(content))
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (connection.key, connection.endpoint, connection.server_key)
    if not all(type(text) is str for text in texts) or type(connection.pid) is not int:
        return None
    return connection if connection.key == where.key and len(connection.server_key) == 40 else None


def remove_own(where: Places) -> None:
    """Remove socket and connection file at the end of the daemon that holds the lock."""
    for path in (where.socket, where.connection):
        with contextlib.suppress(OSError):
            path.unlink()
