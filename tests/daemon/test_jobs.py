"""The job table: latest wins, visible first, and every job is closed exactly once."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ...daemon.jobs import Job, JobTable, Rank, rank_of
from ...daemon.protocol import Complete, Priority, Warm

ME, YOU = b"me", b"you"


def job(number: int, document: str = "", *, client: bytes = ME, rank: Rank = Rank.VISIBLE) -> Job:
    """A job of a rank."""
    if rank is Rank.WARM:
        return Job(client, number, Warm("a.py", "x", document=document))
    priority: Priority = "visible" if rank is Rank.VISIBLE else "prefetch"
    return Job(client, number, Complete("a.py", "x", document=document, priority=priority))


def submit(table: JobTable, new: Job) -> list[Job]:
    """Add a job as the service does; returns what it replaced."""
    replaced = table.replaced_by(new)
    assert table.add(new)
    return replaced


def test_visible_goes_before_prefetch_before_warming() -> None:
    table = JobTable()
    ranks = [Rank.WARM, Rank.PREFETCH, Rank.VISIBLE, Rank.WARM, Rank.VISIBLE]
    for number, rank in enumerate(ranks):
        submit(table, job(number, rank=rank))
    order = []
    while (started := table.next()) is not None:
        order.append(started.request_id)
        assert table.next() is None  # one runs at a time
        assert table.finish(started)
    assert order == [2, 4, 1, 0, 3]


def test_a_newer_request_replaces_the_older_of_its_document() -> None:
    table = JobTable()
    older, other, stranger = job(1, "a"), job(2, "b"), job(3, "a", client=YOU)
    for waiting in (older, other, stranger):
        assert submit(table, waiting) == []
    assert submit(table, job(4, "a")) == [older]
    assert older.cancelled.is_set()
    assert not table.is_open(ME, 1)
    assert table.queued == 3


def test_requests_without_a_document_replace_nothing() -> None:
    table = JobTable()
    submit(table, job(1))
    assert submit(table, job(2)) == []


def test_a_prefetch_does_not_replace_what_is_visible() -> None:
    table = JobTable()
    submit(table, job(1, "a"))
    assert submit(table, job(2, "a", rank=Rank.PREFETCH)) == []
    assert [older.request_id for older in submit(table, job(3, "a"))] == [1, 2]


@pytest.mark.parametrize("rank", [Rank.PREFETCH, Rank.WARM])
def test_a_visible_request_ends_a_running_lesser_one(rank: Rank) -> None:
    table = JobTable()
    lesser = job(1, "a", client=YOU, rank=rank)
    submit(table, lesser)
    assert table.next() is lesser
    assert submit(table, job(2, "b")) == [lesser]
    assert lesser.cancelled.is_set()
    assert table.next() is None  # until the engine gave it back
    assert table.finish(lesser) is False
    started = table.next()
    assert started is not None
    assert started.request_id == 2


def test_a_running_job_stays_open_through_its_cancel() -> None:
    table = JobTable()
    running = job(1)
    submit(table, running)
    table.next()
    assert table.cancel(ME, 1) is running
    assert running.cancelled.is_set()
    assert table.is_open(ME, 1)
    assert table.finish(running) is True
    assert table.cancel(ME, 1) is None


def test_only_its_own_client_cancels_a_request() -> None:
    table = JobTable()
    submit(table, job(1))
    assert table.cancel(YOU, 1) is None


def test_a_full_table_takes_no_more() -> None:
    table = JobTable(limit=2)
    submit(table, job(1))
    submit(table, job(2))
    assert table.add(job(3)) is False
    assert not table.is_open(ME, 3)


def test_a_client_that_is_gone_leaves_no_job() -> None:
    table = JobTable()
    jobs = [job(1), job(2), job(3, client=YOU)]
    for new in jobs:
        submit(table, new)
    table.next()
    assert table.drop(ME) == jobs[:2]
    assert table.queued == 1


class Table(RuleBasedStateMachine):
    """Any order of events closes every job exactly once."""

    def __init__(self) -> None:
        super().__init__()
        self.table = JobTable(limit=5)
        self.open: dict[tuple[bytes, int], Job] = {}
        self.number = 0

    def closed(self, *jobs: Job) -> None:
        """Take note; fails where one was closed before."""
        for each in jobs:
            assert self.open.pop((each.client, each.request_id)) is each

    @rule(
        client=st.sampled_from([ME, YOU]),
        document=st.sampled_from(["", "a", "b"]),
        rank=st.sampled_from(Rank),
    )
    def request(self, client: bytes, document: str, rank: Rank) -> None:
        """A request comes."""
        self.number += 1
        new = job(self.number, document, client=client, rank=rank)
        assert rank_of(new.request) is rank
        self.closed(*self.table.replaced_by(new))
        if self.table.add(new):
            self.open[client, self.number] = new

    @rule()
    def start(self) -> None:
        """The engine is free."""
        started = self.table.next()
        assert started is None or (started.client, started.request_id) in self.open

    @precondition(lambda self: self.table.running is not None)
    @rule()
    def finish(self) -> None:
        """The engine gives a job back."""
        running = self.table.running
        assert running is not None
        if self.table.finish(running):
            self.closed(running)

    @rule(client=st.sampled_from([ME, YOU]), number=st.integers(1, 12))
    def cancel(self, client: bytes, number: int) -> None:
        """A cancel comes."""
        found = self.table.cancel(client, number)
        assert (found is not None) == ((client, number) in self.open)
        if found is not None and not self.table.is_open(client, number):
            self.closed(found)

    @rule(client=st.sampled_from([ME, YOU]))
    def leave(self, client: bytes) -> None:
        """A client is gone."""
        self.closed(*self.table.drop(client))
        assert all(key[0] != client for key in self.open)

    @rule()
    def fail_loading(self) -> None:
        """All that waits is answered."""
        self.closed(*self.table.drop_queued())
        assert self.table.queued == 0

    @invariant()
    def agrees(self) -> None:
        """Open here is open there."""
        assert all(self.table.is_open(*key) for key in self.open)
        running = self.table.running
        busy = running is not None and (running.client, running.request_id) in self.open
        assert self.table.queued == len(self.open) - busy


TestTable = Table.TestCase
TestTable.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
