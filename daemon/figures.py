"""What editors made of completions, in figures: the record that status and metrics carry."""

from dataclasses import dataclass
from typing import Annotated

from .schema import Int, Maybe, Real

Count = Annotated[int, Int()]
Share = Annotated[float | None, Maybe(Real(0.0, 1.0))]
Milliseconds = Annotated[float | None, Maybe(Real())]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What editors did with completions, since the start of the daemon; None where nothing was counted yet.

    ``acceptance`` is the share of shown ones that were accepted, wholly or in part; ``retained`` the share of
    accepted characters still there half a minute later. ``answer`` percentiles are milliseconds from an
    editor's request to its answer, whatever was waited on purpose left out; ``known`` is the share of answers
    that needed no new request. ``wasted`` is the share of emitted tokens that no editor asked for in the end:
    those of cancelled, superseded and unused prefetched requests.
    """

    answered: Count = 0
    shown: Count = 0
    accepted: Count = 0
    partly_accepted: Count = 0
    dismissed: Count = 0
    accepted_characters: Count = 0
    acceptance: Share = None
    retained: Share = None
    answer_p50: Milliseconds = None
    answer_p95: Milliseconds = None
    waited_p50: Milliseconds = None
    known: Share = None
    from_cache: Count = 0
    from_prefetch: Count = 0
    carried: Count = 0
    wasted_tokens: Count = 0
    wasted: Share = None
