"""llama-server as a peer, with a program in its place that answers as the real one was seen to."""

import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from ....daemon.bench.llama import LlamaArm, LlamaServer, PeerFailedError, command, note
from ....daemon.bench.records import Case

CASE = Case("x", "line", "", "", "", (1, 2, 3))
OPTIONS: dict[str, Any] = {"threads": 1, "context": 64, "draft": None, "options": ()}
ANSWERING = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def do_GET(self):
        self.answer({"status": "ok"})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert asked["temperature"] == 0 and asked["ignore_eos"] and not asked["cache_prompt"], asked
        times = {"prompt_ms": 1.0, "predicted_ms": 0.5, "draft_n": 6, "draft_n_accepted": 2}
        self.answer({"tokens": asked["prompt"][:1] * asked["n_predict"], "timings": times})
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""


def program(folder: Path, text: str) -> Path:
    """An executable Python program."""
    path = folder / "llama-server"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_command_has_one_slot_and_no_cache_across_prompts() -> None:
    line = command(
        Path("s"),
        Path("t.gguf"),
        5,
        threads=2,
        context=99,
        draft=Path("d.gguf"),
        options=("--spec-draft-p-min", "0.75"),
    )
    for pair in (
        ("-m", "t.gguf"),
        ("-md", "d.gguf"),
        ("-np", "1"),
        ("-t", "2"),
        ("-c", "99"),
        ("--cache-ram", "0"),
    ):
        assert line[line.index(pair[0]) + 1] == pair[1]
    assert line[-2:] == ["--spec-draft-p-min", "0.75"]
    assert "--spec-type" not in command(Path("s"), Path("t"), 5, **OPTIONS)


def test_a_server_is_asked_and_ended(tmp_path: Path) -> None:
    with LlamaServer(program(tmp_path, ANSWERING), tmp_path / "t.gguf", **OPTIONS) as server:
        run = LlamaArm("l", "", lambda: server).run(CASE, 5)
        process = server._process
    assert run.tokens == (1,) * 5
    assert (run.drafted, run.tested, run.accepted, run.passes) == (6, None, 2, 3)
    assert run.total - run.first == pytest.approx(0.5)
    assert process is not None
    assert process.returncode is not None


def test_a_server_that_ends_is_quoted(tmp_path: Path) -> None:
    path = program(tmp_path, "print('no such model')\nraise SystemExit(3)")
    with (
        pytest.raises(PeerFailedError, match="ended with 3: no such model"),
        LlamaServer(path, tmp_path / "t.gguf", **OPTIONS),
    ):
        pass


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(PeerFailedError, match="cannot be run"),
        LlamaServer(tmp_path / "nothing", tmp_path / "t.gguf", **OPTIONS),
    ):
        pass


@pytest.mark.parametrize(
    "answer",
    [
        {"tokens": [1, 2], "timings": {"predicted_ms": 1.0}},
        {"tokens": [1, 2, 3], "timings": {"predicted_ms": 1.0, "cache_n": 7}},
    ],
)
def test_a_short_or_cached_answer_is_no_measurement(answer: dict[str, object]) -> None:
    with pytest.raises(PeerFailedError, match=r"2 of 3|3 of 3"):
        note(answer, 5.0, 3)
