"""Counting what the daemon does: outcomes, tokens, times, and the rates drawn from them. It keeps no text."""

import math
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace

from .engine.records import Result
from .figures import Suggestions
from .jobs import Job
from .protocol import Complete, Done, Feedback, Outcome, Rates, Recent, op_of

KEPT_TIMES = 512
KEPT_REQUESTS = 32
_SUMMED = ("drafted", "tested", "accepted", "emitted", "passes", "reused", "computed")


class Meter:
    """Counters since the start, and the times of the last requests. Used by the service's thread only."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.counters: Counter[str] = Counter()
        self._busy_ms = 0.0
        self._first: deque[float] = deque(maxlen=KEPT_TIMES)
        self._queue: deque[float] = deque(maxlen=KEPT_TIMES)
        self._answers: deque[float] = deque(maxlen=KEPT_TIMES)
        self._waits: deque[float] = deque(maxlen=KEPT_TIMES)
        self._recent: deque[tuple[float, Recent]] = deque(maxlen=KEPT_REQUESTS)

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def count(self, what: str, amount: int = 1) -> None:
        """Add to a counter."""
        self.counters[what] += amount

    def close(self, job: Job, outcome: Outcome, done: Done | None = None) -> None:
        """Count a job's end, with ``done`` where that is how it was answered."""
        self.count(f"outcome.{outcome}")
        self._queue.append(job.queue_ms)
        recent = Recent(0.0, op_of(job.request), outcome, queue=job.queue_ms)
        if done is not None:
            self.count(f"finish.{done.finish}")
            recent = _recent(job, outcome, done)
        if recent.first is not None:
            self._first.append(recent.first)
        self._recent.append((time.monotonic(), recent))

    def work(self, job: Job, result: Result) -> None:
        """Count what the engine did for a job, whether it is still to be answered or not."""
        for name in _SUMMED:
            self.count(name, getattr(result, name))
        self._busy_ms += result.ms.total
        if job.cancelled.is_set():
            self.count("emitted.cancelled", result.emitted)
        elif isinstance(job.request, Complete) and job.request.priority == "prefetch":
            self.count("emitted.prefetched", result.emitted)

    def feedback(self, told: Feedback) -> None:
        """Count what an editor did with a completion."""
        self.count(f"feedback.{told.action}")
        self.count(f"feedback.{told.action}.characters", told.characters)
        if told.action in ("accepted", "partly_accepted") and not told.again:
            self.count("feedback.taken")
        if told.action == "retained":
            self.count("feedback.retained.of", told.of)
        if told.action == "answered":
            self.count(f"feedback.answered.{told.source}")
            self.count("emitted.prefetched.used", told.tokens)
            self._answers.append(max(0.0, told.ms - told.waited))
            self._waits.append(told.waited)

    def suggestions(self) -> Suggestions:
        """Return what editors did with completions."""
        c = self.counters
        shown = c["feedback.shown"]
        sources = {name: c[f"feedback.answered.{name}"] for name in ("carried", "cache", "prefetch")}
        unused = max(0, c["emitted.prefetched"] - c["emitted.prefetched.used"])
        wasted = c["emitted.cancelled"] + unused
        characters = c["feedback.accepted.characters"] + c["feedback.partly_accepted.characters"]
        return Suggestions(
            answered=c["feedback.answered"],
            shown=shown,
            accepted=c["feedback.accepted"],
            partly_accepted=c["feedback.partly_accepted"],
            dismissed=c["feedback.dismissed"],
            accepted_characters=characters,
            acceptance=_share(c["feedback.taken"], shown),
            retained=_share(c["feedback.retained.characters"], c["feedback.retained.of"]),
            answer_p50=percentile(self._answers, 0.50),
            answer_p95=percentile(self._answers, 0.95),
            waited_p50=percentile(self._waits, 0.50),
            known=_share(sum(sources.values()), c["feedback.answered"]),
            from_cache=sources["cache"],
            from_prefetch=sources["prefetch"],
            carried=sources["carried"],
            wasted_tokens=wasted,
            wasted=_share(wasted, c["emitted"]),
        )

    def outcomes(self) -> dict[str, int]:
        """Return how many jobs ended in which way, and how long answers ended by which stop rule."""
        kept = ("outcome.", "finish.", "feedback.", "error.")
        return {name: count for name, count in self.counters.items() if name.startswith(kept)}

    def recent(self) -> tuple[Recent, ...]:
        """Return the last requests, newest first."""
        now = time.monotonic()
        return tuple(_aged(recent, now - when) for when, recent in reversed(self._recent))

    def rates(self) -> Rates:
        """Return what the counters amount to."""
        c = self.counters
        alpha, k_mean = _ratio(c["accepted"], c["tested"]), _ratio(c["drafted"], c["passes"])
        return Rates(
            alpha=alpha,
            draft_efficiency=_ratio(c["accepted"], c["drafted"]),
            k_mean=k_mean,
            tau=_ratio(c["emitted"], c["passes"]),
            tau_model=None if alpha is None or k_mean is None else expected_tokens(alpha, k_mean),
            tokens_per_second=_ratio(c["emitted"] * 1000, self._busy_ms),
            first_p50=percentile(self._first, 0.50),
            first_p95=percentile(self._first, 0.95),
            queue_p50=percentile(self._queue, 0.50),
            queue_p95=percentile(self._queue, 0.95),
        )


def _recent(job: Job, outcome: Outcome, done: Done) -> Recent:
    return Recent(
        0.0,
        op_of(job.request),
        outcome,
        finish=done.finish,
        queue=done.ms.queue,
        first=done.ms.queue + done.ms.first if done.text else None,
        total=done.ms.queue + done.ms.total,
        **{name: getattr(done, name) for name in _SUMMED},
    )


def expected_tokens(alpha: float, k: float) -> float:
    """Return τ = (1 − α^(k+1)) / (1 − α), the tokens per pass if each drafted token is accepted with α.

    ``k`` tokens are drafted per pass. Source: Leviathan et al. 2023, eq. 1.
    """
    return k + 1 if alpha == 1 else (1 - alpha ** (k + 1)) / (1 - alpha)


def percentile(values: Sequence[float] | deque[float], share: float) -> float | None:
    """Return the nearest-rank percentile: the least value that ``share`` of the values do not pass."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _share(part: float, whole: float) -> float | None:
    """Return part / whole, at most 1: counts of two kinds come in at different moments."""
    return min(1.0, part / whole) if whole else None


def _aged(recent: Recent, age: float) -> Recent:
    return replace(recent, age_s=age)
