"""``paceline complete``: what is asked of whoever answers, and what is printed where it breaks off."""

import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ....daemon.cli import complete, main
from ....daemon.errors import DaemonLost, RequestSuperseded
from ....daemon.protocol import Complete, Done, Times, Token, encode

TIMES = Times(queue=0.0, prompt=1.0, first=2.0, total=3.0, draft=0.0, verify=1.0, host=0.0)
TOKENS = (Token("über", "draft"), Token("\x1b[2J", "target"))
DONE = Done("".join(token.text for token in TOKENS), "line", 1, 1, 1, 2, 1, 0, 9, ms=TIMES, tokens=TOKENS)


class Answerer:
    """Answers everything with the same text, or breaks off after its first piece."""

    def __init__(self) -> None:
        self.asked: list[Complete] = []
        self.fault: BaseException | None = None
        self.closed = 0

    def complete(self, request: Complete, on_partial: Callable[[str], None] | None = None) -> Done:
        """Note the request, tell the pieces of the text."""
        self.asked.append(request)
        for place, token in enumerate(TOKENS):
            if on_partial is not None:
                on_partial(token.text)
            if self.fault is not None and not place:
                raise self.fault
        return DONE

    def facts(self) -> Mapping[str, Any]:
        """Nothing is known."""
        return {}

    def close(self) -> None:
        """Count it."""
        self.closed += 1


@pytest.fixture
def answerer(monkeypatch: pytest.MonkeyPatch) -> Answerer:
    """In the place of daemon and engine."""
    found = Answerer()
    monkeypatch.setattr(complete, "_answerer", lambda _settings, **_: found)
    return found


@pytest.fixture
def place(tmp_path: Path) -> str:
    """The end of the first line of a file in a repository."""
    (tmp_path / "app" / ".git").mkdir(parents=True)
    (tmp_path / "app" / "one.py").write_text("x = \ny = 2\n")
    return f"{tmp_path / 'app' / 'one.py'}:1"


def test_a_request_says_all_that_was_typed(answerer: Answerer, place: str) -> None:
    options = ("--max-tokens", "7", "--top-k", "5", "--top-p", "0.5", "--seed", "3", "--temperature", "0.6")
    assert main(["complete", place, *options, "--k", "0", "--deadline", "50", "--multiline", "--json"]) == 0
    (asked,) = answerer.asked
    assert (asked.path, asked.repository, asked.prefix, asked.suffix) == (
        "one.py",
        "app",
        "x = ",
        "\ny = 2\n",
    )
    assert (asked.max_tokens, asked.top_k, asked.top_p, asked.seed) == (7, 5, 0.5, 3)
    assert (asked.temperature, asked.k, asked.deadline_ms, asked.multiline) == (0.6, 0, 50.0, True)


@pytest.mark.parametrize(("option", "lines"), [((), None), (("--single-line",), False)])
def test_how_many_lines_are_wanted_is_left_open_unless_it_is_said(
    answerer: Answerer, place: str, option: tuple[str, ...], lines: bool | None
) -> None:
    main(["complete", place, *option])
    assert answerer.asked[0].multiline is lines


@pytest.mark.parametrize("seed", [0, 41, (1 << 53) - 1])
def test_several_completions_have_seeds_of_their_own_that_can_be_sent(
    answerer: Answerer, place: str, seed: int
) -> None:
    assert main(["complete", place, "--n", "3", "--temperature", "0.6", "--seed", str(seed)]) == 0
    assert answerer.asked[0].seed == seed
    assert len({asked.seed for asked in answerer.asked}) == 3
    assert all(encode(asked, 1) for asked in answerer.asked)


def test_several_completions_as_json_are_a_line_each_and_nothing_else(
    answerer: Answerer, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["complete", place, "--n", "2", "--temperature", "0.6", "--json"])
    out, err = capsys.readouterr()
    assert [json.loads(line)["text"] for line in out.splitlines()] == [DONE.text] * 2
    assert err == ""


def test_several_completions_for_a_person_are_told_apart(
    answerer: Answerer, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["complete", place, "--n", "2", "--temperature", "0.6"])
    out, err = capsys.readouterr()
    assert out == f"--- 1 of 2 ---\n{DONE.text}\n--- 2 of 2 ---\n{DONE.text}\n"
    assert err.count("2 tokens in 1 pass (τ 2.0)") == 2


def test_explained_json_has_who_proposed_each_token(
    answerer: Answerer, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["complete", place, "--json", "--explain"])
    assert answerer.asked[0].explain
    tokens = json.loads(capsys.readouterr().out)["tokens"]
    assert [token["origin"] for token in tokens] == ["draft", "target"]


@pytest.mark.parametrize("form", [(), ("--json",), ("--stream",), ("--explain",)])
@pytest.mark.parametrize("fault", [DaemonLost("it went away"), RequestSuperseded(), KeyboardInterrupt()])
def test_an_answer_that_breaks_off_is_a_sentence_and_nobody_is_left_waiting(
    answerer: Answerer,
    place: str,
    capsys: pytest.CaptureFixture[str],
    form: tuple[str, ...],
    fault: BaseException,
) -> None:
    answerer.fault = fault
    assert main(["complete", place, *form]) == (130 if isinstance(fault, KeyboardInterrupt) else 1)
    out, err = capsys.readouterr()
    assert out == (TOKENS[0].text if form == ("--stream",) else "")
    assert err.startswith("paceline: ") and err.count("\n") == 1
    assert answerer.closed == 1


def test_the_second_of_several_may_break_off_and_the_first_stays(
    answerer: Answerer, place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = complete._answer

    def once(*arguments: Any) -> None:
        first(*arguments)
        answerer.fault = DaemonLost("it went away")

    monkeypatch.setattr(complete, "_answer", once)
    assert main(["complete", place, "--n", "2", "--temperature", "0.6", "--json"]) == 1
    out, err = capsys.readouterr()
    assert (out.count("\n"), err.count("\n")) == (1, 1)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_text_on_stdin_is_named_by_path_alone(
    answerer: Answerer, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    text = f"größe = 1{end}größe{end}".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["complete", "-", "--at", "2:4", "--path", "lib/größe.py"]) == 0
    (asked,) = answerer.asked
    assert (asked.path, asked.repository) == ("lib/größe.py", "")
    assert (asked.prefix, asked.suffix) == ("größe = 1\ngrö", "ße\n")


def test_a_stdin_that_is_closed_is_told_in_a_sentence(
    answerer: Answerer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["complete", "-", "--at", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), answerer.asked) == ("", 1, [])
