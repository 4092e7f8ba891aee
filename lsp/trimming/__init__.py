"""What of a finished completion is worth showing, told by the text around the cursor alone.

The daemon's stop rules end a generation early; these rules judge the whole text once more, also when it comes
from a cache and the cursor has moved on. Each rule is a function ``(text, Around) -> text`` of its own.
"""

from .around import Around
from .dismissed import Dismissed
from .indentation import Style, style_of
from .trim import trim

__all__ = ["Around", "Dismissed", "Style", "style_of", "trim"]
