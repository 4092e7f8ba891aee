"""Inline completion as VS Code itself does it, with the packaged extension, a daemon and the bundled pair.

What is suggested is the model's affair; expected is only that it is shown, and goes into the text as shown.
"""

import os
import signal
import time

from .conftest import Desk

# a place where any model, however small, sees what comes next
PATHS = """import os

HOME = os.path.join("/srv", "home")
WORK = os.path.join("/srv", "work")
MAIL = os.path.join("/srv", "mail")
"""
TYPED = "NEWS = os.path.j"

TERMINALS = "document.querySelector('.panel')?.innerText ?? ''"
PAINTED = "document.querySelectorAll('.editor-instance .view-overlays .cdr[class*=ced-]').length"


def test_a_suggestion_is_drawn_as_ghost_text_and_the_text_left_alone(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    assert desk.code.suggestion()
    assert desk.code.text(path) == PATHS + TYPED
    desk.code.wait(lambda: desk.count("feedback.shown") > 0, "the daemon was told that it is seen")
    desk.code.wait(lambda: desk.code.status == "paceline", "the status bar says that all is well")


def test_tab_accepts_the_suggestion_as_shown(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    ghost = desk.code.suggestion()
    accepted = desk.count("feedback.accepted")
    desk.code.press("Tab")
    desk.code.wait(lambda: desk.code.ghost != ghost, "the suggestion was accepted")
    assert desk.code.text(path) == PATHS + TYPED + ghost
    desk.code.wait(lambda: desk.count("feedback.accepted") == accepted + 1, "the daemon was told of it")


def test_the_next_word_is_accepted_alone(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    ghost = desk.code.suggestion()
    partly, whole = desk.count("feedback.partly_accepted"), desk.count("feedback.accepted")
    desk.code.press("Control+ArrowRight")
    desk.code.wait(lambda: desk.code.ghost != ghost, "a word was accepted")
    taken = desk.code.text(path).removeprefix(PATHS + TYPED)
    assert 0 < len(taken) < len(ghost)
    assert ghost.startswith(taken)
    desk.code.wait(lambda: desk.count("feedback.partly_accepted") == partly + 1, "the daemon was told of it")
    assert desk.code.suggestion().startswith(ghost[len(taken) :])
    assert desk.count("feedback.accepted") == whole


def test_typing_what_is_suggested_leaves_the_rest_standing_in_every_frame(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    ghost = desk.code.suggestion()
    desk.code.watch()
    desk.code.type(ghost[:4])
    desk.code.wait(lambda: desk.code.ghost.startswith(ghost[4:]), "the rest is shown")
    lines = {line for _, line in desk.code.watched()}
    assert lines
    assert all(line.startswith(TYPED + ghost) for line in lines), lines
    assert desk.code.text(path) == PATHS + TYPED + ghost[:4]


def test_escape_dismisses_the_suggestion(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    desk.code.suggestion()
    dismissed = desk.count("feedback.dismissed")
    desk.code.press("Escape")
    desk.code.wait(lambda: desk.code.ghost == "", "the suggestion is gone")
    desk.code.wait(lambda: desk.count("feedback.dismissed") == dismissed + 1, "the daemon was told of it")
    assert desk.code.text(path) == PATHS + TYPED


def test_several_suggestions_can_be_cycled_through(desk: Desk) -> None:
    desk.configure(temperature=2.0, candidates=5)
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    first = desk.code.suggestion()
    desk.code.press("Alt+BracketRight")
    desk.code.wait(lambda: desk.code.ghost not in ("", first), "another suggestion is shown")
    other = desk.code.ghost
    desk.code.press("Alt+BracketLeft")
    desk.code.wait(lambda: desk.code.ghost not in ("", other), "the first is shown again")


def test_switched_off_nothing_is_asked(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type("NEWS")
    desk.code.run("Toggle Suggestions")
    desk.code.wait(lambda: desk.code.status == "paceline: off", "the status bar says off")
    before = settled_requests(desk)
    desk.code.type(" = os.path.j")
    time.sleep(2)
    assert desk.code.ghost == ""
    assert desk.code.text(path) == PATHS + TYPED
    assert requests(desk) == before
    desk.code.run("Toggle Suggestions")
    desk.code.wait(lambda: desk.code.status != "paceline: off", "the status bar says on")
    desk.code.type("o")
    assert desk.code.suggestion()
    assert requests(desk) > before


def test_a_language_is_switched_off_alone(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.run("Toggle Suggestions for This Language")
    desk.code.wait(lambda: desk.code.status == "paceline: off here", "the status bar says off here")
    before = settled_requests(desk)
    desk.code.type(TYPED)
    time.sleep(2)
    assert desk.code.ghost == ""
    assert requests(desk) == before
    desk.code.run("Toggle Suggestions for This Language")
    desk.code.wait(lambda: not desk.code.status.endswith("off here"), "the status bar says on")


def test_a_killed_daemon_is_told_of_and_replaced(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    desk.code.suggestion()
    with desk.daemon() as daemon:
        killed = daemon.hello().pid
    desk.configure(deadlineMs=1000)  # too short for models to load
    desk.code.watch()
    os.kill(killed, signal.SIGKILL)
    desk.code.type("oin(HOME)\nPLAY = os.path.j")
    desk.code.wait(
        lambda: "paceline: restarting" in [status for status, _ in desk.code.watched()],
        "the status bar says so",
    )
    time.sleep(1.2)  # nobody waits for an answer any more
    desk.configure()
    desk.code.wait(lambda: desk.code.status == "paceline", "all is well again")
    assert desk.code.suggestion()  # without another key
    assert desk.code.text(path) == (PATHS + TYPED + "oin(HOME)\nPLAY = os.path.j")
    assert desk.code.messages == []
    with desk.daemon() as daemon:
        assert daemon.hello().pid != killed


def test_a_command_restarts_the_daemon_and_loading_is_shown(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    desk.code.suggestion()
    with desk.daemon() as daemon:
        before = daemon.hello().pid
    desk.code.watch()
    desk.code.run("Restart Daemon")
    desk.code.wait(
        lambda: any(status.startswith("paceline: loading") for status, _ in desk.code.watched()),
        "the status bar says so",
    )
    desk.code.wait(lambda: desk.code.status == "paceline", "all is well again")
    with desk.daemon() as daemon:
        assert daemon.hello().pid != before
    assert desk.code.messages == []


def test_what_was_typed_before_the_server_answers_is_suggested_for(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.configure(interpreter=str(desk.interpreter("sleep 4")))
    desk.code.wait(lambda: desk.code.status == "paceline: starting", "the server starts")
    desk.code.type(TYPED)
    assert desk.code.status == "paceline: starting"
    assert desk.code.suggestion()
    assert desk.code.text(path) == PATHS + TYPED


def test_the_doctor_is_run_by_the_interpreter_of_the_server(desk: Desk) -> None:
    seen = desk.home.folder / "seen"
    desk.configure(interpreter=str(desk.interpreter(f'echo "$*" >>{seen}')))
    desk.code.wait(lambda: seen.exists() and "lsp" in seen.read_text(), "the server is started")
    desk.code.wait(lambda: desk.code.status == "paceline", "all is well")
    desk.code.run("Run Doctor")
    desk.code.wait(lambda: "-P -m paceline doctor" in seen.read_text().split("\n"), "the doctor is run")
    desk.code.wait(lambda: "paceline doctor" in desk.code.look(TERMINALS), "its terminal is shown")
    desk.code.press("Control+j")


def test_the_last_suggestion_is_explained_in_colours(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    ghost = desk.code.suggestion()
    desk.code.run("Explain Last Suggestion")
    desk.code.wait(lambda: "drafted" in desk.code.page, "the explanation")
    page = desk.code.page
    assert ghost.partition("\n")[0] in page
    assert all(f" {origin} " in page for origin in ("draft", "lookup", "replay", "target"))
    assert "first text" in page
    desk.code.wait(lambda: desk.code.look(PAINTED) > 4, "the colours")
    desk.code.press("Control+F4")


def test_the_hover_of_the_status_bar_has_the_figures(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    desk.code.suggestion()
    desk.code.run("Show Status")  # reads the figures anew
    desk.code.call("hover", desk.code.STATUS)
    desk.code.wait(lambda: "mini on cpu" in desk.code.tip, "the pair")
    tip = desk.code.tip
    assert all(name in tip for name in ("α", "τ", "first text", "p50"))
    desk.code.press("Control+j")


def test_typing_goes_on_while_the_daemon_stands_still(desk: Desk) -> None:
    path = desk.file(PATHS)
    desk.code.edit(path)
    desk.code.type(TYPED)
    desk.code.suggestion()
    with desk.daemon() as daemon:
        stopped = daemon.hello().pid
    os.kill(stopped, signal.SIGSTOP)
    try:
        desk.code.type("oin(WORK)\nPLAY = os.path.j")
        assert desk.code.text(path) == PATHS + TYPED + "oin(WORK)\nPLAY = os.path.j"
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert desk.code.suggestion()


def test_a_missing_interpreter_is_told_once_with_what_to_do(desk: Desk) -> None:
    desk.configure(interpreter="/nowhere/python")
    desk.code.wait(lambda: desk.code.status == "paceline: not installed", "the status bar says so")
    desk.code.wait(lambda: len(desk.code.messages) > 0, "a message")
    assert len(desk.code.messages) == 1
    assert "/nowhere/python" in desk.code.messages[0]
    assert desk.code.buttons == ["Choose Interpreter", "How to Install"]
    desk.configure()
    desk.code.wait(lambda: desk.code.status == "paceline", "paceline was found again")


def requests(desk: Desk) -> int:
    """How many completions the daemon was asked for."""
    with desk.daemon() as daemon:
        outcomes = daemon.status().outcomes
    return sum(count for name, count in outcomes.items() if name.startswith("outcome."))


def settled_requests(desk: Desk) -> int:
    """The same, once all that was under way has ended."""
    seen = [-1, requests(desk)]
    while seen[-2] != seen[-1]:
        time.sleep(1)
        seen.append(requests(desk))
    return seen[-1]
