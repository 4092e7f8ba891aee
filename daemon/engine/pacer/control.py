"""A control: some rounds of an answer are plain, and as many beside them are not."""

from dataclasses import dataclass


@dataclass(slots=True)
class Control:
    """Which rounds are plain: the first ``rounds``, or as many after the first ``rounds`` that are not."""

    rounds: int
    first: bool
    _begun: int = 0

    @property
    def over(self) -> bool:
        """Whether all rounds to be compared have been made."""
        return self._begun >= 2 * self.rounds

    def begin(self) -> bool:
        """A round begins; whether it is to be plain."""
        early = self._begun < self.rounds
        self._begun += 1
        return early == self.first
