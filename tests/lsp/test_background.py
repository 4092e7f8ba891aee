"""Work in the background."""

import logging
import threading
from functools import partial

import pytest

from ...lsp.background import Background


def test_jobs_are_done_in_order_in_a_thread_of_their_own() -> None:
    background = Background()
    done: list[tuple[int, threading.Thread]] = []

    def note(number: int) -> None:
        done.append((number, threading.current_thread()))

    for number in range(5):
        background.run(partial(note, number))
    finished = threading.Event()
    background.run(finished.set)
    assert finished.wait(10)
    background.close()
    assert [number for number, _ in done] == [0, 1, 2, 3, 4]
    assert {thread for _, thread in done} != {threading.current_thread()}
    assert len({thread for _, thread in done}) == 1


def test_a_job_that_fails_is_logged_without_its_words_and_the_next_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background, finished = Background(), threading.Event()

    def fail() -> None:
        raise ValueError("def secret_source(): ...")

    with caplog.at_level(logging.ERROR):
        background.run(fail)
        background.run(finished.set)
        assert finished.wait(10)
    background.close()
    assert "ValueError" in caplog.text and "secret_source" not in caplog.text


def test_closing_lets_go_of_what_waits() -> None:
    background, done = Background(), []
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        assert go_on.wait(10)
        done.append("first")

    background.run(first)
    background.run(lambda: done.append("second"))
    assert begun.wait(10)
    closing = threading.Thread(target=background.close)
    closing.start()
    closing.join(0.2)
    go_on.set()
    closing.join(10)
    assert done == ["first"]
