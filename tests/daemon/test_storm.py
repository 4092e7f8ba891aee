"""A storm of requests and cancels: every request has exactly one terminal reply."""

import os
import random
import signal
import time
from collections import Counter

from ...daemon.protocol import Cancel, Done, Error, Hello, Partial, Superseded, Welcome
from ..harness.home import SECONDS, Home, ask

PAIRS = 2000
CLIENTS = 4
BURST = 1200  # requests: more than the 1,000 that libzmq keeps unless told otherwise
ALLOWED = (Done, Superseded, Error)


def test_every_request_of_a_cancel_storm_has_one_terminal_reply(home: Home) -> None:
    rng = random.Random(5)
    with home.connect() as client:
        links = [home.link() for _ in range(CLIENTS)]
        sent: list[set[int]] = [set() for _ in links]
        cancels: list[set[int]] = [set() for _ in links]
        terminal: list[Counter[int]] = [Counter() for _ in links]
        due: list[tuple[float, int, int]] = []

        def read(place: int, deadline: float) -> None:
            while (message := links[place].receive(deadline)) is not None:
                number, reply = message
                if isinstance(reply, Partial):
                    continue
                terminal[place][number] += 1
                assert isinstance(reply, ALLOWED) == (number in sent[place])
                assert not isinstance(reply, Error) or reply.code == "overloaded"

        def cancel_what_is_due(now: float) -> None:
            for when, place, number in [entry for entry in due if entry[0] <= now]:
                due.remove((when, place, number))
                cancels[place].add(links[place].send(Cancel(number)))

        for _ in range(PAIRS):
            place = rng.randrange(CLIENTS)
            document = rng.choice(["", "", "a", "b"])
            priority = rng.choice(["visible", "prefetch"])
            request = ask(document, priority=priority, stream=rng.random() < 0.5, tokens=5, delay=0.0005)
            number = links[place].send(request)
            sent[place].add(number)
            due.append((time.monotonic() + rng.random() * 0.02, place, number))
            cancel_what_is_due(time.monotonic())
            read(place, 0.0)
        cancel_what_is_due(float("inf"))
        deadline = time.monotonic() + SECONDS
        for place in range(CLIENTS):
            while (
                len(terminal[place]) < len(sent[place]) + len(cancels[place]) and time.monotonic() < deadline
            ):
                read(place, time.monotonic() + 0.01)
            assert terminal[place] == Counter(sent[place] | cancels[place])
        assert client.status().queued == 0
        assert client.complete(ask(tokens=1), timeout=SECONDS).text == "w0 "


def test_a_daemon_that_reads_nothing_for_a_moment_is_not_taken_for_a_dead_one(home: Home) -> None:
    with home.connect():
        link = home.link()
        os.kill(link.connection.pid, signal.SIGSTOP)
        try:
            sent = [link.send(Hello()) for _ in range(BURST)]
        finally:
            os.kill(link.connection.pid, signal.SIGCONT)
        answered: list[int] = []
        while len(answered) < BURST and (message := link.receive(time.monotonic() + SECONDS)) is not None:
            answered.append(message[0])
            assert isinstance(message[1], Welcome)
        assert answered == sent
