"""What learnt or measured state belongs to, and the name of its file."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fit:
    """A fingerprint of the pair, the device and the precision, as text."""

    pair: str
    device: str
    precision: str

    @property
    def digest(self) -> str:
        """16 hex digits that name it."""
        text = "\n".join((self.pair, self.device, self.precision))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def file(self) -> str:
        """A file name for it."""
        return f"pacer-{self.digest}.json"
