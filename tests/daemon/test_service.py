"""A live daemon with the scripted engine: who is answered what, and always exactly once."""

import contextlib
import threading
import time
from typing import Any

import pytest

from ...daemon.client import Client
from ...daemon.errors import DaemonLost, RequestError, RequestSuperseded, RequestTimeout
from ...daemon.link import Link
from ...daemon.protocol import (
    Cancel,
    Complete,
    Done,
    Error,
    Feedback,
    Ok,
    Partial,
    Reply,
    Superseded,
    Warm,
)
from ..harness.engine import Script
from ..harness.home import SECONDS, Home, ask, eventually

SLOW: dict[str, Any] = {"tokens": 4000, "delay": 0.01}


def replies(link: Link, *wanted: int) -> dict[int, list[Reply]]:
    """All replies to requests of a link, until each has a terminal one; then a moment for any more."""
    heard: dict[int, list[Reply]] = {number: [] for number in wanted}
    deadline = time.monotonic() + SECONDS

    def missing() -> bool:
        return not all(
            any(not isinstance(r, Partial) for r in found) for found in map(heard.__getitem__, wanted)
        )

    while missing() and (message := link.receive(deadline)) is not None:
        heard.setdefault(message[0], []).append(message[1])
    deadline = time.monotonic() + 0.05
    with contextlib.suppress(DaemonLost):
        while (message := link.receive(deadline)) is not None:
            heard.setdefault(message[0], []).append(message[1])
    return heard


def started(link: Link, request: Complete) -> int:
    """Send a streamed request and wait for its first text."""
    number = link.send(request)
    message = link.receive(time.monotonic() + SECONDS)
    assert message is not None
    assert message[0] == number
    assert isinstance(message[1], Partial)
    return number


def terminal(found: list[Reply]) -> Reply:
    """The one reply that is no partial."""
    (last,) = [reply for reply in found if not isinstance(reply, Partial)]
    assert found[-1] is last
    return last


def test_a_completion_and_its_counts(home: Home) -> None:
    with home.connect() as client:
        done = client.complete(ask(tokens=3))
    assert (done.text, done.finish, done.emitted, done.computed) == ("w0 w1 w2 ", "length", 3, 4)
    assert done.ms.queue >= 0.0
    assert done.tokens == ()


def test_pieces_come_in_order_and_make_up_the_text(home: Home) -> None:
    pieces: list[str] = []
    with home.connect() as client:
        done = client.complete(ask(tokens=200), pieces.append)
        assert client.complete(ask(tokens=2)).text == "w0 w1 "
    assert "".join(pieces) == done.text
    assert len(pieces) == 200


def test_explain_tells_origins(home: Home) -> None:
    with home.connect() as client:
        done = client.complete(Complete("a.py", "x", explain=True))
    assert [(token.text, token.origin) for token in done.tokens[:2]] == [("w0 ", "draft"), ("w1 ", "draft")]


def test_a_newer_request_supersedes_the_running_one(home: Home) -> None:
    with home.connect():
        link = home.link()
        first = started(link, ask("a.py", stream=True, **SLOW))
        second = link.send(ask("a.py", tokens=2))
        heard = replies(link, first, second)
    assert isinstance(terminal(heard[first]), Superseded)
    assert isinstance(terminal(heard[second]), Done)


def test_superseding_reaches_the_caller_as_an_error(home: Home) -> None:
    with home.connect() as client:
        seen = threading.Event()

        def overtake(_piece: str) -> None:
            if not seen.is_set():
                seen.set()
                client._link.send(ask("a.py", tokens=1))

        with pytest.raises(RequestSuperseded):
            client.complete(ask("a.py", **SLOW), overtake, timeout=SECONDS)


def test_a_visible_request_ends_a_prefetch_of_another_client(home: Home) -> None:
    with home.connect() as client:
        link = home.link()
        prefetch = started(link, ask("a.py", priority="prefetch", stream=True, **SLOW))
        assert client.complete(ask("b.py", tokens=1), timeout=SECONDS).text == "w0 "
        assert isinstance(terminal(replies(link, prefetch)[prefetch]), Superseded)


def test_a_running_request_is_cancelled_with_what_it_has(home: Home) -> None:
    with home.connect():
        link = home.link()
        number = started(link, ask(stream=True, **SLOW))
        cancel, again = link.send(Cancel(number)), link.send(Cancel(number))
        heard = replies(link, number, cancel, again)
        done = terminal(heard[number])
        assert isinstance(done, Done)
        assert done.finish == "cancelled"
        assert done.text.startswith("w0 ")
        assert heard[cancel] == [Ok(found=True)]


def test_a_waiting_request_is_cancelled_at_once(home: Home) -> None:
    with home.connect():
        link = home.link()
        started(link, ask(stream=True, **SLOW))
        waiting = link.send(ask())
        cancel, unknown = link.send(Cancel(waiting)), link.send(Cancel(999))
        heard = replies(link, waiting, cancel, unknown)
        done = terminal(heard[waiting])
        assert isinstance(done, Done)
        assert (done.finish, done.text, done.passes) == ("cancelled", "", 0)
        assert terminal(heard[cancel]) == Ok(found=True)
        assert terminal(heard[unknown]) == Ok(found=False)


def test_too_many_waiting_requests_are_refused(home: Home) -> None:
    with home.connect():
        link = home.link()
        running = started(link, ask(stream=True, **SLOW))
        numbers = [link.send(ask()) for _ in range(70)]
        refused = [n for n, found in replies(link, *numbers[-6:]).items() if n != running and found]
        assert refused == numbers[-6:]
        for number in [*numbers, running]:
            link.send(Cancel(number))
        heard = replies(link, *numbers[:-6], running)
        assert all(
            len([r for r in found if isinstance(r, Done)]) == 1 for n, found in heard.items() if n in numbers
        )


def test_one_id_twice_is_refused_once(home: Home) -> None:
    with home.connect():
        link = home.link()
        number = started(link, ask(stream=True, tokens=30, delay=0.01))
        link._ids = iter([number, number + 1])  # type: ignore[assignment]
        link.send(ask())
        found = [reply for reply in replies(link, number)[number] if not isinstance(reply, Partial)]
        while len(found) < 2:
            found += [r for r in replies(link, number)[number] if not isinstance(r, Partial)]
    assert [type(reply) for reply in found] == [Error, Done]
    assert isinstance(found[0], Error)
    assert found[0].code == "duplicate_id"


@pytest.mark.parametrize(("fault", "code"), [("raise", "engine_failed"), ("oom", "overloaded")])
def test_a_fault_of_the_engine_is_one_error_and_the_next_request_works(
    home: Home, fault: str, code: str
) -> None:
    with home.connect() as client:
        pieces: list[str] = []
        with pytest.raises(RequestError) as caught:
            client.complete(ask(fault=fault), pieces.append)
        assert caught.value.code == code
        assert pieces == ["w0 "]
        assert client.complete(ask()).emitted == 4
        assert client.status().outcomes[f"error.{code}"] == 1


def test_a_lost_device_is_answered_and_the_next_request_gets_a_new_process(home: Home) -> None:
    with home.connect() as client:
        before = client.hello().pid
        with pytest.raises(RequestError) as caught:
            client.complete(ask(fault="device"))
        assert caught.value.code == "engine_lost"
        eventually(lambda: not client._link.check(), "the daemon ended")
        assert client.complete(ask()).emitted == 4
        assert client.hello().pid != before


def test_an_engine_thread_that_dies_takes_the_daemon_along(home: Home) -> None:
    with home.connect() as client:
        before = client.hello().pid
        with pytest.raises(RequestError) as caught:
            client.complete(ask(fault="thread"), timeout=SECONDS)
        assert caught.value.code == "stopping"
        eventually(lambda: not client._link.check(), "the daemon ended")
        assert client.complete(ask(tokens=1)).text == "w0 "
        assert client.hello().pid != before


def test_a_deadline_that_passed_in_the_queue_costs_no_work(home: Home) -> None:
    with home.connect():
        link = home.link()
        running = started(link, ask(stream=True, **SLOW))
        late = link.send(Complete("a.py", "x", deadline_ms=1.0))
        time.sleep(0.05)
        link.send(Cancel(running))
        done = terminal(replies(link, late)[late])
        assert isinstance(done, Done)
        assert (done.finish, done.passes) == ("deadline", 0)


def test_a_timeout_cancels(home: Home) -> None:
    with home.connect() as client:
        with pytest.raises(RequestTimeout):
            client.complete(ask(**SLOW), timeout=0.1)
        eventually(lambda: "outcome.cancelled" in client.status().outcomes, "the request was cancelled")


def test_an_error_of_the_caller_cancels(home: Home) -> None:
    def refuse(piece: str) -> None:
        raise LookupError(piece)

    with home.connect() as client:
        with pytest.raises(LookupError):
            client.complete(ask(**SLOW), refuse)
        assert client.complete(ask(tokens=1), timeout=SECONDS).text == "w0 "


def test_a_request_that_cannot_be_sent_is_an_error_here(home: Home) -> None:
    with home.connect() as client:
        for request in (Complete("a.py", "x" * 300_000), Complete("a.py", "\ud83d")):
            with pytest.raises(RequestError) as caught:
                client.complete(request)
            assert caught.value.code == "invalid_field"
        assert client.complete(ask()).emitted == 4


def test_an_answer_too_large_to_send_is_an_error(home: Home) -> None:
    with home.connect() as client:
        with pytest.raises(RequestError, match="fewer tokens") as caught:
            client.complete(ask(tokens=200, fill=4096))
        assert caught.value.code == "bad_answer"


def test_a_client_that_leaves_takes_its_stream_with_it(home: Home) -> None:
    with home.connect() as client:
        link = home.link()
        started(link, ask(stream=True, **SLOW))
        link.close()
        assert client.complete(ask(tokens=1), timeout=SECONDS).text == "w0 "
        assert client.metrics().counters["client_gone"] == 1


def test_warming_prefills_and_feedback_counts(home: Home) -> None:
    with home.connect() as client:
        client.warm(Warm("a.py", "x = ", document="a.py"))
        client.feedback(Feedback("shown"))
        client.feedback(Feedback("partly_accepted", 12))
        counters = client.metrics().counters
    assert counters["outcome.done"] == 1
    assert counters["feedback.shown"] == 1
    assert counters["feedback.partly_accepted.characters"] == 12


def test_status_tells_state_facts_and_rates(home: Home) -> None:
    with home.connect() as client:
        client.complete(ask(tokens=4))
        status = client.status()
        metrics = client.metrics()
    assert (status.state, status.engine["pair"], status.settings["slots"]) == ("ready", "fake", 4)
    assert (status.rates.alpha, status.rates.draft_efficiency, status.rates.tau) == (0.5, 0.25, 2.0)
    assert status.rss_bytes > 1 << 20
    assert [recent.outcome for recent in status.recent] == ["done"]
    assert metrics.counters["emitted"] == 4
    assert metrics.rates.alpha == 0.5


def test_what_the_engine_did_in_quiet_moments_is_told_without_a_request(home: Home) -> None:
    with home.connect() as client:
        client.complete(ask(tokens=1))
        eventually(lambda: client.status().engine["settled"] is True, "the engine has settled")


def test_requests_wait_for_the_models_and_progress_is_told(home: Home) -> None:
    home.loads(steps=4, delay=0.15)
    heard: list[tuple[str, float]] = []
    with Client.connect(home.settings()) as early:
        assert early.hello().state == "loading"
        link = home.link()
        waiting = link.send(ask())
        with Client.connect(home.settings(), progress=lambda *told: heard.append(told)) as client:
            assert client.hello().state == "ready"
        assert isinstance(terminal(replies(link, waiting)[waiting]), Done)
    assert heard
    assert {stage for stage, _ in heard} <= {"", "target"}
    assert [fraction for _, fraction in heard] == sorted(fraction for _, fraction in heard)


@pytest.mark.parametrize(("fault", "code"), [("model", "checkpoint"), ("crash", "load_failed")])
def test_a_load_that_fails_answers_all_and_is_tried_again(home: Home, fault: str, code: str) -> None:
    home.loads(steps=2, delay=0.1, fault=fault)
    with home.connect() as client:
        link = home.link()
        numbers = [link.send(ask()), link.send(Warm())]
        for number, found in replies(link, *numbers).items():
            assert isinstance(terminal(found), Error), number
        with pytest.raises(RequestError) as caught:
            client.wait_ready(lambda *_: None)
        assert caught.value.code == code
        welcome = client.hello()
        assert (welcome.state, welcome.code) == ("failed", code)
        assert welcome.reason == caught.value.text
        home.loads()
        assert client.complete(ask()).emitted == 4
        assert client.hello().state == "ready"


def test_a_stop_answers_what_is_open(home: Home) -> None:
    with home.connect() as client:
        link = home.link()
        running = started(link, ask(stream=True, **SLOW))
        waiting = link.send(ask())
        eventually(lambda: client.status().queued == 1, "the second request waits")
        client.stop()
        for number, found in replies(link, running, waiting).items():
            last = terminal(found)
            assert isinstance(last, Error), number
            assert last.code == "stopping"


@pytest.mark.parametrize("priority", ["visible", "prefetch"])
def test_settings_fill_what_a_request_leaves_open(priority: Any) -> None:
    from ...daemon.settings import Settings
    from ...daemon.worker import completion_of

    settings = Settings(drafter="lookup", k=3)
    filled = completion_of(Complete("a.py", "x", priority=priority, deadline_ms=50.0), settings, 20.0)
    assert (filled.drafter, filled.k, filled.deadline_ms) == ("lookup", 3, 30.0)
    chosen = completion_of(Complete("a.py", "x", drafter="none", k=0), settings, 20.0)
    assert (chosen.drafter, chosen.k, chosen.deadline_ms) == ("none", 0, None)
    assert completion_of(Warm("a.py", "x"), settings, 0.0).prefix == "x"


def test_the_script_of_a_request_is_its_repository() -> None:
    assert ask(tokens=2).repository == Script(tokens=2).as_text()
