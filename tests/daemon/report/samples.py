"""Reports to draw: of a busy week, of nothing, and with names that would be markup."""

import random
from dataclasses import replace

from ....daemon.history import Completed, Told
from ....daemon.report import data
from ....daemon.report.speed import Cost, Point, Speed

NOW = 1_795_321_157.0
ENGINE = "mini · cpu · bfloat16+bfloat16"
NASTY = "<script>alert('1')</script>&\"quote\""


def completion(**changes: object) -> Completed:
    """One completion of two rounds, changed as told."""
    line = Completed(
        at=NOW,
        run=NOW - 60.0,
        engine=ENGINE,
        priority="visible",
        finish="line",
        first=12.0,
        total=20.0,
        prompt=10.0,
        draft=1.0,
        verify=2.0,
        host=0.5,
        drafted=4,
        tested=3,
        accepted=2,
        emitted=4,
        passes=2,
        reused=90,
        computed=10,
        positions=((2, 2), (1, 0)),
    )
    return replace(line, **changes)  # type: ignore[arg-type]


def week(count: int = 200, seed: int = 0) -> list[Completed]:
    """Completions of seven days, an engine's run a day."""
    draw = random.Random(seed)
    lines: list[Completed] = []
    saved = 0.0
    for number in range(count):
        run = NOW - 86_400.0 * (7 - 7 * number // count)
        saved = draw.gauss(3.0, 4.0) + (saved if lines and lines[-1].run == run else 0.0)
        reused = draw.choice((0, 0, 600, 850))
        prompt = 2.0 + 0.05 * (900 - reused)
        lines.append(
            completion(
                at=run + 30.0 * (number % 29),
                run=run,
                first=prompt + draw.expovariate(0.2),
                prompt=prompt,
                reused=reused,
                computed=900 - reused,
                saved_run=(saved, saved - 5.0, saved + 5.0),
            )
        )
    return lines


SPEED = Speed(
    at=NOW,
    engine=ENGINE,
    machine="a machine",
    prompts=12,
    tokens=64,
    plain=0.27,
    acceptance=0.7,
    points=(
        Point("draft", 1, (1.26, 1.47, 1.6), (1.1, 1.3, 1.4), 0.7, 1.7),
        Point("draft", 4, (0.9, 1.31, 1.5), (0.9, 1.1, 1.2), 0.7, 2.7),
        Point("lookup", 4, (1.05, 1.36, 1.9), (1.0, 1.2, 1.5), 0.8, 1.4),
        Point("auto", 0, (1.1, 1.42, 1.6), (1.0, 1.2, 1.4), 0.9, 1.9),
    ),
    costs=tuple(Cost(k, 0.1, 1 + 0.1 * k, 1.4 - 0.05 * k) for k in range(1, 9)),
)
DRAFTS = data.Drafts(
    NOW,
    48,
    "a folder",
    ("The bundled draft is the fastest.", "Leave the settings as they are."),
    (
        data.Candidate("bundled draft", 3.1, 1.31, 1.2, 1.4, 1.4, 0.7, chosen=True, usual=True),
        data.Candidate("no guessing", 4.1, 1.0, 1.0, 1.0, None, None, plain=True),
    ),
)
TOLD = [Told(NOW, "shown", 9)] * 40 + [Told(NOW, "accepted", 20)] * 14 + [Told(NOW, "retained", 15, 20)] * 14


def of(lines: list[Completed], **changes: object) -> data.Report:
    """The report of some completions, changed as told."""
    report = data.Report(
        version="1.2.3",
        made=NOW,
        engine=ENGINE,
        history=True,
        completions=len(lines),
        since=lines[0].at if lines else None,
        until=lines[-1].at if lines else None,
        guessing=data.guessing(lines),
        parts=data.parts(lines),
        first=data.first_text(lines),
        savings=data.savings(lines),
        reuse=data.reuse(lines),
    )
    return replace(report, **changes)  # type: ignore[arg-type]


def full() -> data.Report:
    """A report with everything on it."""
    return of(week(), speed=SPEED, drafts=DRAFTS, editors=data.editors(TOLD), others=3, damaged=1)


def nasty() -> data.Report:
    """A report whose names are hostile."""
    speed = replace(SPEED, machine=NASTY, warning=NASTY)
    candidate = replace(DRAFTS.candidates[0], name=NASTY)
    live = data.Live("ready", 5.0, "compiled", NASTY)
    drafts = data.Drafts(NOW, 1, NASTY, (NASTY,), (candidate,))
    return of(week(), engine=NASTY, speed=speed, drafts=drafts, live=live, version=NASTY)
