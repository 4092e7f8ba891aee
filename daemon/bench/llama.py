"""llama-server as a peer: started on a loopback port with our weights as GGUF, asked over its own HTTP."""

import contextlib
import http.client
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import PacelineError
from .records import Case, Run

START_SECONDS = 120.0
ANSWER_SECONDS = 600.0
LAST_LINES = 3


class PeerFailedError(PacelineError):
    """A peer did not start or did not answer as it should."""

    code = "peer_failed"


def command(
    server: Path,
    model: Path,
    port: int,
    *,
    threads: int,
    context: int,
    draft: Path | None,
    options: Sequence[str],
) -> list[str]:
    """The command line of a llama-server with one slot and no cache across prompts."""
    line = [str(server), "-m", str(model), "--host", "127.0.0.1", "--port", str(port), "--offline"]
    line += ["-t", str(threads), "-c", str(context), "-np", "1", "--cache-ram", "0"]
    if draft is not None:
        line += ["-md", str(draft), "--spec-type", "draft-simple"]
    return [*line, *options]


class LlamaServer:
    """A running llama-server; a context manager that ends it."""

    def __init__(self, server: Path, model: Path, **options: Any) -> None:
        """Remember how to start it; ``options`` as for ``command``."""
        self._make: Callable[[int], list[str]] = partial(command, server, model, **options)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed on exit)
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        """Start it and wait until it answers. Raises PeerFailedError."""
        with contextlib.ExitStack() as undo:
            undo.push(self.__exit__)
            self._process = self._started()
            self._wait(self._process)
            undo.pop_all()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End it and wait for that."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    def _started(self) -> "subprocess.Popen[bytes]":
        self._port = _free_port()
        line = self._make(self._port)
        try:
            return subprocess.Popen(
                line, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise PeerFailedError(
                f"{line[0]} cannot be run ({error.strerror}): give --llama-server"
            ) from error

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise PeerFailedError(f"llama-server ended with {process.returncode}: {self._said()}")
            try:
                if self._ask("GET", "/health", None, 1.0)[0] == http.client.OK:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise PeerFailedError(f"llama-server did not answer for {START_SECONDS:g} seconds: {self._said()}")

    def _said(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return " / ".join(lines[-LAST_LINES:]) or "it said nothing"

    def _ask(self, method: str, path: str, body: str | None, seconds: float) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=seconds)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def complete(self, tokens: Sequence[int], count: int) -> dict[str, Any]:
        """What ``/completion`` answers for a prompt of ids, greedily, without its cache, past every end."""
        body = {
            "prompt": list(tokens),
            "n_predict": count,
            "temperature": 0,
            "samplers": ["temperature"],
            "ignore_eos": True,
            "cache_prompt": False,
            "return_tokens": True,
            "stream": False,
        }
        status, answer = self._ask("POST", "/completion", json.dumps(body), ANSWER_SECONDS)
        if status != http.client.OK:
            raise PeerFailedError(
                f"llama-server answered {status}: {answer.decode('utf-8', 'replace')[:200]}"
            )
        found: dict[str, Any] = json.loads(answer)
        return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class LlamaArm:
    """A llama-server with its settings; ``server`` is started when it is first needed.

    The whole time is the client's, the time after the first token the server's own (``predicted_ms``): its
    answer comes in one piece, so that no message of each token is in it.
    """

    name: str
    label: str
    server: Callable[[], LlamaServer]

    def run(self, case: Case, count: int) -> Run:
        """Ask for exactly ``count`` tokens."""
        server = self.server()
        started = time.perf_counter()
        answer = server.complete(case.tokens, count)
        return note(answer, 1000.0 * (time.perf_counter() - started), count)


def note(answer: dict[str, Any], total: float, count: int) -> Run:
    """An answer of ``/completion`` that took ``total`` ms, as a run. PeerFailedError if it is cut short."""
    tokens, times = answer.get("tokens", []), answer.get("timings", {})
    if len(tokens) != count or times.get("cache_n", 0):
        raise PeerFailedError(f"llama-server wrote {len(tokens)} of {count} tokens, or used its cache")
    accepted = int(times.get("draft_n_accepted", 0))
    return Run(
        tokens=tuple(tokens),
        first=total - times["predicted_ms"],
        total=total,
        drafted=int(times.get("draft_n", 0)),
        tested=None if times.get("draft_n") else 0,
        accepted=accepted,
        passes=count - accepted,
    )
