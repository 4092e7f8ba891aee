"""What the user is told: loading, trouble with what to do, recovery; and settings that cannot be used."""

import itertools
import os
import signal
from typing import Any

from .client import LSP, Editor, at, requests
from .conftest import Desk
from .engine import Script


def statuses(editor: Editor) -> list[tuple[bool, str]]:
    """(busy, kind) of every status told."""
    return [(status["busy"], status["kind"]) for status in editor.heard("didChangeStatus")]


def messages(editor: Editor) -> list[str]:
    """What popped up before the user."""
    return [message["message"] for message in editor.heard("window/showMessage")]


def test_loading_is_shown_as_progress(desk: Desk) -> None:
    desk.loads(seconds=2.5)
    editor = desk.editor()
    uri = desk.uri("a.py")
    editor.open(uri, Script().as_line())
    assert len(editor.items(uri, 1, 0)) == 1
    editor.wait(
        lambda: editor.heard("$/progress")[-1:] and kinds(editor)[-1] == "end", "the end of the progress"
    )
    assert kinds(editor)[0] == "begin"
    assert set(kinds(editor)[1:-1]) <= {"report"}
    shown = [told["value"]["percentage"] for told in editor.heard("$/progress")[:-1]]
    assert shown == sorted(shown)
    assert len({told["token"] for told in editor.heard("$/progress")}) == 1
    assert statuses(editor) == [(True, "Normal"), (False, "Normal")]
    assert messages(editor) == []


def kinds(editor: Editor) -> list[str]:
    """What each progress message was."""
    return [told["value"]["kind"] for told in editor.heard("$/progress")]


def test_models_that_cannot_be_loaded_are_told_once(desk: Desk) -> None:
    desk.loads(fault="the model directory is empty: put a model there")
    editor = desk.editor()
    uri = desk.uri("a.py")
    editor.open(uri, Script().as_line())
    assert [editor.items(uri, 1, 0) for _ in range(5)] == [[]] * 5
    assert messages(editor) == ["paceline: the model directory is empty: put a model there"]
    assert statuses(editor)[-1] == (False, "Error")
    desk.loads()
    editor.wait(lambda: editor.items(uri, 1, 0), "completions, the models being there now")
    assert statuses(editor)[-1] == (False, "Normal")
    assert len(messages(editor)) == 1


def test_a_killed_daemon_is_replaced(desk: Desk) -> None:
    editor = desk.editor()
    uri, slow = desk.uri("a.py"), desk.uri("slow.py")
    editor.open(uri, Script().as_line())
    editor.open(slow, Script(text="w " * 2000, delay=0.01).as_line())
    assert len(editor.items(uri, 1, 0)) == 1
    for pending in (True, False):
        request = editor.ask(LSP, at(slow, 1, 0)) if pending else None
        if pending:
            editor.wait(
                lambda: any(r["path"] == "slow.py" for r in requests(desk.log)), "the engine was asked"
            )
        (victim,) = desk.daemons()
        os.kill(victim, signal.SIGKILL)
        if request is not None:
            assert editor.answer(request)["result"]["items"] == []
        editor.wait(lambda: written_anew(editor, uri), "completions of a new daemon")
        assert desk.daemons() != [victim]
    assert (True, "Warning") in statuses(editor)
    assert statuses(editor)[-1] == (False, "Normal")
    assert messages(editor) == []


numbers = itertools.count(1)


def written_anew(editor: Editor, uri: str) -> list[Any]:
    """The completions of a text that nobody saw before."""
    editor.open(uri, Script().as_line() + "#" * next(numbers) + "\n")
    return editor.items(uri, 2, 0)


def test_a_fault_of_the_engine_is_told_and_passes(desk: Desk) -> None:
    editor = desk.editor()
    bad, good = desk.uri("bad.py"), desk.uri("good.py")
    editor.open(bad, Script(fault="secret words").as_line())
    editor.open(good, Script().as_line())
    assert [editor.items(bad, 1, 0) for _ in range(3)] == [[]] * 3
    assert statuses(editor)[-1] == (False, "Error")
    assert len(messages(editor)) == 1
    assert "secret" not in messages(editor)[0] + editor.errors.decode()
    assert len(editor.items(good, 1, 0)) == 1
    assert statuses(editor)[-1] == (False, "Normal")


def configure(editor: Editor, settings: Any) -> None:
    """Tell settings as editors do."""
    editor.notify("workspace/didChangeConfiguration", {"settings": settings})


def test_settings_that_cannot_be_used_are_told_once(desk: Desk) -> None:
    editor = desk.editor({"maxTokens": "many", "editorInfo": {"name": "x"}})
    uri = desk.uri("a.py")
    editor.open(uri, Script().as_line())
    for _ in range(3):
        configure(editor, {"paceline": {"maxTokens": "many"}})
    assert len(editor.items(uri, 1, 0)) == 1
    (told,) = messages(editor)
    assert "'maxTokens' must be a whole number" in told
    assert requests(desk.log)[0]["max_tokens"] == 64, "its default"
    configure(editor, {"paceline": {"maxTokens": 9, "colour": 3, "daemon": {"slots": -1}}})
    assert len(editor.items(uri, 1, 0)) == 1
    assert len(messages(editor)) == 3
    assert requests(desk.log)[-1]["max_tokens"] == 9
    configure(editor, {"paceline": {"disabledLanguages": ["python"]}})
    assert editor.items(uri, 1, 0, invoked=True) == []
    configure(editor, {"paceline": {"automatic": False, "candidates": 1}})
    assert (editor.items(uri, 1, 0), len(editor.items(uri, 1, 0, invoked=True))) == ([], 1)
    configure(editor, {"paceline": {"enabled": False}})
    assert editor.items(uri, 1, 0, invoked=True) == []
    assert statuses(editor)[-1] == (False, "Inactive")
    configure(editor, {"paceline": {"daemon": {"slots": 2}}})
    assert len(editor.items(uri, 1, 0)) == 1
    assert len(desk.daemons()) == 2, "other settings, another daemon"
