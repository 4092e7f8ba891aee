"""What of the rest of a project helps to complete a file: pieces of other files, chosen and kept in order."""

from .context import Context

__all__ = ["Context"]
