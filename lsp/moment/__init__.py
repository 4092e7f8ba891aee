"""When to ask, and how much: the last change, the rhythm of typing, the shape of the code at the cursor."""

from .activity import Activity, Watch
from .confidence import is_likely
from .rhythm import Rhythm
from .structure import Scope, Shape, Structure
from .welcome import is_welcome

__all__ = [
    "Activity",
    "Rhythm",
    "Scope",
    "Shape",
    "Structure",
    "Watch",
    "is_likely",
    "is_welcome",
]
