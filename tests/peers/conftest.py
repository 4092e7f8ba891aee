"""Other engines that a person has installed; what is not there is skipped with the reason."""

import os
from pathlib import Path

import pytest

LLAMA_SERVER = os.environ.get("PACELINE_LLAMA_SERVER")  # before the suite puts its user's settings away


@pytest.fixture(scope="session")
def llama_server() -> Path:
    """The llama-server that ``PACELINE_LLAMA_SERVER`` names."""
    if not LLAMA_SERVER:
        pytest.skip("PACELINE_LLAMA_SERVER names no llama-server")
    return Path(LLAMA_SERVER)
