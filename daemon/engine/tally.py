"""Counting what a completion cost and gained."""

from dataclasses import dataclass, field

from .rounds import Round


@dataclass(slots=True)
class Tally:
    """Counts over the rounds of one completion, in the words of DESIGN §1; times in seconds."""

    drafted: int = 0
    tested: int = 0
    accepted: int = 0
    passes: int = 0
    draft_time: float = 0.0
    verify_time: float = 0.0
    by_position: list[list[int]] = field(default_factory=list)

    def add(self, done: Round) -> None:
        """Count one round."""
        drafted, accepted = len(done.proposal.tokens), done.accepted
        tested = min(drafted, accepted + 1)
        self.drafted += drafted
        self.tested += tested
        self.accepted += accepted
        self.passes += 1
        self.draft_time += done.draft_time
        self.verify_time += done.verify_time
        self.by_position.extend([0, 0] for _ in range(tested - len(self.by_position)))
        for position in range(tested):
            self.by_position[position][0] += 1
            self.by_position[position][1] += position < accepted
