"""From requests and jobs to figures."""

import json

from .....daemon.bench.typing_replay.daemon import Job
from .....daemon.bench.typing_replay.replay import Asked, Take
from .....daemon.bench.typing_replay.report import Figures, as_map, figures_of, job_of, table
from .....daemon.bench.typing_replay.score import Offer, worth_of

TEXT = "return value"
COUNTERS = {
    "reused": 90,
    "computed": 10,
    "emitted": 8,
    "emitted.cancelled": 3,
    "emitted.prefetched": 4,
    "emitted.prefetched.used": 2,
    "feedback.answered.cache": 1,
}


def made() -> Figures:
    """Four requests: known before, written by the daemon, cancelled, nothing to show."""
    asked = [
        Asked(1.0, 1.002, shown=True, offers=[Offer(0, "return x")]),
        Asked(2.0, 2.3, shown=True, offers=[Offer(3, "urn value")]),
        Asked(3.0, 3.1, cancelled=True),
        Asked(4.0, 4.1),
    ]
    jobs = [
        Job(0.5, 0.9, "done"),
        Job(2.1, 2.29, "done"),
        Job(3.05, 3.2, "cancelled"),
        Job(4.05, 4.1, "done"),
    ]
    worth = worth_of(TEXT, [offer for one in asked for offer in one.offers])
    take = Take(20, 5.0, asked, jobs)
    return figures_of(take, worth, counters=COUNTERS, idle=[12.0], kept=3, written=len(TEXT))


def test_requests_are_sorted_by_what_became_of_them() -> None:
    values = as_map(made())
    assert (values["requests"], values["cancelled"], values["shown"]) == (4, 1, 2)
    assert values["known_before"] == {"cache": 1, "carried": 0, "prefetch": 0}
    assert values["first_text_ms"] == {"count": 1, "p50": 200.0, "p95": 200.0}
    assert values["answer_ms"]["count"] == 2
    assert values["prompt_tokens"]["reused_share"] == 0.9
    assert values["tokens"] == {"generated": 8, "wasted": 5, "wasted_share": 0.625, "saved": 3}
    assert values["characters"]["saved"] == len(TEXT)
    assert json.loads(json.dumps(values)) == values


def test_a_job_belongs_to_a_request_that_it_came_during() -> None:
    jobs = [Job(1.1, 1.2, "cancelled"), Job(1.3, 1.4, "done"), Job(1.6, 1.7, "done")]
    assert job_of(Asked(1.0, 1.5), jobs) is jobs[1]
    assert job_of(Asked(1.45, 1.55), jobs) is None
    assert job_of(Asked(1.0), jobs) is jobs[2]  # never answered: all that came since


def test_figures_of_two_files_add_up() -> None:
    one, both = made(), made() + made()
    assert both.requests == 2 * one.requests
    assert both.first == one.first * 2
    assert as_map(both)["prompt_tokens"] == {"reused": 180, "computed": 20, "reused_share": 0.9}


def test_the_table_has_a_column_for_each_file_and_says_where_nothing_was_measured() -> None:
    nothing = figures_of(Take(0, 0.0, [], []), worth_of("", []), counters={}, idle=[], kept=0, written=0)
    lines = table({"a.py": made(), "b.py": nothing}).splitlines()
    assert lines[0].split() == ["a.py", "b.py"]
    assert len({len(line) for line in lines}) == 1
    [first] = [line for line in lines if line.startswith("first text")]
    assert first.split()[-4:] == ["200", "·", "200", "–"]
