"""Errors a user of models can meet.

    ModelError
    ├── CheckpointError        a model directory is missing something, broken or refused
    ├── UnsupportedModelError  a sound directory of a model that cannot be run here
    ├── PairError              a target and a draft that do not belong together
    ├── MemoryPlanError        the weights or caches do not fit
    ├── PullError              a model cannot be downloaded, or not to its end
    └── ContextFullError       a cache has no room for the tokens to append

The text of each is one sentence for the user that ends in the next step; ``code`` is stable.
"""

from typing import ClassVar


class ModelError(Exception):
    """Base of all errors of this room; its text may be shown to the user as it is."""

    code: ClassVar[str] = "model"


class CheckpointError(ModelError):
    """A model directory that cannot be used: missing, truncated, malformed or refused for safety."""

    code: ClassVar[str] = "checkpoint"


class UnsupportedModelError(ModelError):
    """A model whose family or options neither the native decoder nor the fallback can run."""

    code: ClassVar[str] = "unsupported_model"


class PairError(ModelError):
    """A target and a draft that may not be used together."""

    code: ClassVar[str] = "pair"


class MemoryPlanError(ModelError):
    """Weights and caches need more memory than is free."""

    code: ClassVar[str] = "memory"


class PullError(ModelError):
    """A download that cannot begin or did not come to its end; what is there of it is kept."""

    code: ClassVar[str] = "pull"


class ContextFullError(ModelError):
    """Appending tokens would pass the capacity of a cache."""

    code: ClassVar[str] = "context_full"


class KernelError(ModelError):
    """The compiled step cannot be built or used here; decoding goes on without it."""

    code: ClassVar[str] = "kernel"
