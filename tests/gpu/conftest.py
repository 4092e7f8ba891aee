"""Tests of a CUDA device; everything here is skipped where there is none."""

import pytest
import torch


@pytest.fixture(scope="session")
def device() -> torch.device:
    """The device."""
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device is here")
    return torch.device("cuda")
