"""Stop rules: they watch the text while it is generated and end it where nothing useful can follow."""

from .rules import StopRules
from .written import Stop

__all__ = ["Stop", "StopRules"]
