"""Checkpoints are written once a session."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from ...models.base import LanguageModel
from ...models.checkpoint import load_model
from .families import write

Written = tuple[Path, Any]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Small products are slower on more threads, and the machine may be busy."""
    torch.set_num_threads(1)
    logging: Any = transformers.utils.logging
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Written]:
    """The directory and the transformers module of a family, by its name."""
    written: dict[str, Written] = {}

    def get(name: str) -> Written:
        if name not in written:
            path = tmp_path_factory.mktemp(name)
            written[name] = (path, write(path, name))
        return written[name]

    return get


@pytest.fixture(scope="session")
def loaded(checkpoint: Callable[[str], Written]) -> Callable[[str], LanguageModel]:
    """Our model of a family in float32 on the CPU, by its name."""
    models: dict[str, LanguageModel] = {}

    def get(name: str) -> LanguageModel:
        if name not in models:
            models[name] = load_model(checkpoint(name)[0], device=torch.device("cpu"), dtype=torch.float32)
        return models[name]

    return get
