"""A draft that can be trained: loaded in float32, and written back in the form of its directory."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn

from ..config import NotNativeError, parse_config
from ..directory import ModelDirectory, open_directory
from ..errors import UnsupportedModelError
from ..naming import ignorable

KEPT = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")
KEPT_TOO = ("special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "LICENSE")
TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


class Student:
    """A draft with float32 masters, which transformers runs and differentiates."""

    def __init__(self, source: ModelDirectory, module: Any, device: torch.device) -> None:
        self.source, self.module, self.device = source, module, device

    @classmethod
    def load(cls, directory: Path, device: torch.device) -> Student:
        """Load a draft of a family that the native decoder knows.

        Raises CheckpointError for a directory that is not sound, UnsupportedModelError for another family.
        """
        source = open_directory(directory)
        try:
            parse_config(source.config)
        except NotNativeError as reason:
            raise UnsupportedModelError(
                f"The draft {directory} cannot be tuned, for its {reason} is unknown; choose another draft."
            ) from None
        return cls(source, _module(directory).to(device), device)

    def read(self, directory: Path) -> None:
        """Be what a directory of the same draft holds."""
        self.module.load_state_dict(_module(directory).state_dict())

    @property
    def model(self) -> nn.Module:
        """What holds the parameters."""
        module: nn.Module = self.module
        return module

    @property
    def vocab(self) -> int:
        """Width of the logits."""
        return int(self.module.config.vocab_size)

    def logits(self, tokens: Tensor, asked: Tensor) -> Tensor:
        """Float32 logits [n, vocab] where ``asked`` [batch, length] is true of ``tokens`` [batch, length]."""
        with self._precision():
            hidden = self.module.model(input_ids=tokens, use_cache=False).last_hidden_state
            found: Tensor = self.module.lm_head(hidden[asked])
        return found.float()

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        """Products in bfloat16 on a GPU; on a CPU in float32, which is as fast for small drafts."""
        if self.device.type == "cuda":
            return torch.autocast("cuda", dtype=torch.bfloat16)
        return contextlib.nullcontext()

    def write(self, folder: Path) -> None:
        """Write weights in their former names and types, and the other files as they were, to ``folder``.

        Raises OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        try:
            save_file(dict(self._tensors()), folder / "model.safetensors", metadata={"format": "pt"})
        except SafetensorError as error:
            raise OSError(errno.EIO, f"the draft cannot be written: {error}", str(folder)) from error
        (folder / "model.safetensors").chmod(0o644)
        for name in (*KEPT, *KEPT_TOO):
            if (self.source.path / name).is_file():
                shutil.copyfile(self.source.path / name, folder / name)

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        held = self.module.state_dict()
        tied = bool(self.source.config.get("tie_word_embeddings"))
        for name, stored in self.source.tensors.items():
            if not ignorable(name, tied):
                yield name, held[name].detach().cpu().to(TYPES[stored.dtype]).contiguous()


def _module(directory: Path) -> Any:
    from transformers import AutoModelForCausalLM  # noqa: PLC0415  importing it takes seconds
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return AutoModelForCausalLM.from_pretrained(
        directory,
        dtype=torch.float32,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    ).train()
