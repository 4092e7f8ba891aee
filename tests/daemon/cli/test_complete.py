"""``paceline complete`` with the bundled pair and a warm daemon: the same text in every form of output."""

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from ....daemon.protocol import Done, Times
from .conftest import User

SOURCE = '''import os


def read_lines(path):
    """Return the lines of a file."""
    with open(path) as file:
        return file.read().splitlines()


def count_lines(path):
    """Return how many lines a file has."""
    lines = read_lines(path)
    return len(


def main():
    print(count_lines("a.txt"))
'''
LINE = "13"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that lacks an expression on ``LINE``."""
    path = tmp_path_factory.mktemp("source") / "lines.py"
    path.write_text(SOURCE)
    return path


def text(user: User, *arguments: str, stdin: bytes = b"") -> str:
    """What ``paceline`` prints on stdout."""
    done = user.run(*arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(user: User, *arguments: str) -> dict[str, Any]:
    """The done map that ``paceline complete --json`` prints."""
    lines = text(user, "complete", "--json", *arguments).splitlines()
    assert len(lines) == 1
    found: dict[str, Any] = json.loads(lines[0])
    return found


def without_times(found: dict[str, Any]) -> dict[str, Any]:
    """The part of a done map that two equal requests share."""
    return {name: found[name] for name in ("text", "finish", "emitted")}


def test_json_is_the_done_map(user: User, source: Path) -> None:
    found = answer(user, f"{source}:{LINE}")
    assert set(found) == {field.name for field in fields(Done)}
    assert set(found["ms"]) == {field.name for field in fields(Times)}
    assert found["accepted"] <= found["tested"] <= found["drafted"]
    assert found["passes"] > 0
    assert 0 < found["emitted"] <= 64


def test_plain_output_is_the_text_and_its_counts(user: User, source: Path) -> None:
    done = user.run("complete", f"{source}:{LINE}")
    assert done.stdout == answer(user, f"{source}:{LINE}")["text"] + "\n"
    assert re.search(r"\d+ tokens? in \d+ pass.* · drafted \d+, tested \d+, accepted \d+", done.stderr)
    assert "mini on cpu" in done.stderr


def test_explained_tokens_are_the_text(user: User, source: Path) -> None:
    arguments = (f"{source}:{LINE}", "--multiline")
    *listed, legend = text(user, "complete", "--explain", *arguments).splitlines()
    tokens = [line.split(" ", 1) for line in listed]
    assert "".join(json.loads(token) for _, token in tokens) == answer(user, *arguments)["text"]
    counts = dict(re.findall(r"(\w+) +(\d+)", legend))
    origins = [origin for origin, _ in tokens]
    assert {name: int(count) for name, count in counts.items()} == {
        name: origins.count(name) for name in ("draft", "lookup", "replay", "target")
    }


def test_streamed_pieces_are_the_text(user: User, source: Path) -> None:
    arguments = (f"{source}:{LINE}", "--multiline")
    assert text(user, "complete", "--stream", *arguments) == answer(user, *arguments)["text"] + "\n"


def test_stdin_is_like_the_file(user: User, source: Path) -> None:
    streamed = text(user, "complete", "-", "--at", LINE, "--path", source.name, stdin=source.read_bytes())
    assert streamed == text(user, "complete", f"{source}:{LINE}")


def test_line_ends_do_not_matter(user: User, source: Path) -> None:
    windows = b"\xef\xbb\xbf" + source.read_bytes().replace(b"\n", b"\r\n")
    streamed = text(user, "complete", "-", "--at", LINE, "--path", source.name, stdin=windows)
    assert streamed == text(user, "complete", f"{source}:{LINE}")


@pytest.mark.parametrize(
    "options", [("--drafter", "none"), ("--drafter", "lookup"), ("--k", "0"), ("--k", "7")]
)
def test_drafting_does_not_change_the_text(user: User, source: Path, options: tuple[str, ...]) -> None:
    place = (f"{source}:{LINE}", "--multiline", "--dtype", "f32")
    assert without_times(answer(user, *place, *options)) == without_times(answer(user, *place))


def test_no_drafter_drafts_nothing(user: User, source: Path) -> None:
    found = answer(user, f"{source}:{LINE}", "--drafter", "none")
    assert (found["drafted"], found["tested"], found["accepted"]) == (0, 0, 0)


def test_process_without_daemon_answers_the_same(user: User, source: Path) -> None:
    place = (f"{source}:{LINE}", "--multiline", "--dtype", "f32")
    assert without_times(answer(user, *place, "--no-daemon")) == without_times(answer(user, *place))


def test_several_completions_are_as_many_requests(user: User, source: Path) -> None:
    options = (f"{source}:{LINE}", "--temperature", "0.8", "--json")
    several = [json.loads(line) for line in text(user, "complete", *options, "--n", "3").splitlines()]
    alone = [json.loads(text(user, "complete", *options, "--seed", str(seed))) for seed in range(3)]
    assert [without_times(found) for found in several] == [without_times(found) for found in alone]


def test_limits_hold(user: User, source: Path) -> None:
    assert answer(user, f"{source}:{LINE}", "--max-tokens", "1")["emitted"] == 1
    assert "\n" not in answer(user, f"{source}:{LINE}", "--single-line")["text"]


def on_terminal(user: User, *arguments: str, **environment: str) -> str:
    """What ``paceline`` prints where stdout is a terminal."""
    screen, stdout = pty.openpty()
    command = [sys.executable, "-m", "paceline", *arguments]
    variables = {name: value for name, value in user.environment.items() if name != "NO_COLOR"}
    done = subprocess.run(
        command,
        env=variables | {"TERM": "xterm"} | environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=True,
    )
    os.close(stdout)
    assert b"Traceback" not in done.stderr
    shown = b""
    while piece := _read(screen):
        shown += piece
    os.close(screen)
    return shown.decode().replace("\r\n", "\n")


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 1 << 16)
    except OSError:  # Linux tells so that the other end is closed
        return b""


def test_terminal_shows_the_completion_in_its_place(user: User, source: Path) -> None:
    made = answer(user, f"{source}:{LINE}")["text"]
    shown = on_terminal(user, "complete", f"{source}:{LINE}", NO_COLOR="1")
    assert shown.endswith(f"    lines = read_lines(path)\n    return len({made}\n")
    coloured = on_terminal(user, "complete", f"{source}:{LINE}")
    assert "\x1b[" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == shown


def test_terminal_explains_in_colours(user: User, source: Path) -> None:
    made = answer(user, f"{source}:{LINE}")["text"]
    shown = on_terminal(user, "complete", "--explain", f"{source}:{LINE}")
    assert f"    return len({made}\n" in re.sub("\x1b\\[[0-9;]*m", "", shown)
    assert re.search("\x1b\\[30;4[236]m", shown)


def test_output_that_nobody_reads_is_no_error(user: User, source: Path) -> None:
    with user.start("complete", f"{source}:{LINE}", "--stream", "--multiline") as process:
        assert process.stdout
        process.stdout.close()
        _, stderr = process.communicate(timeout=60)
    assert "Traceback" not in stderr
    assert "Exception ignored" not in stderr


CLIENT = """
import sys
from paceline.daemon.cli import main
status = main(["complete", "--json", sys.argv[1]])
print(status, *sorted({"torch", "transformers", "tokenizers", "safetensors", "numpy"} & set(sys.modules)))
"""


def test_client_of_a_warm_daemon_brings_no_model_code(user: User, source: Path) -> None:
    answer(user, f"{source}:{LINE}")
    command = [sys.executable, "-c", CLIENT, f"{source}:{LINE}"]
    done = subprocess.run(command, env=user.environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0"
