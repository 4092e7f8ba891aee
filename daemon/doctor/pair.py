"""The models: which device and number types would be taken, is the pair sound, does it fit. Needs torch."""

import shutil
from collections.abc import Iterator

import torch

from ...models.device import free_bytes, pick_device, pick_dtype
from ...models.errors import ModelError
from ...models.pair import plan_memory
from ...models.pairing import PairReport, PairSpec, check_pair, resolve
from ..settings import Settings, models_dir
from .finding import Finding, ok, remark, wrong


def check_models(settings: Settings) -> Iterator[Finding]:
    """Device, precision, pair, memory; what depends on something wrong is left out."""
    try:
        device = pick_device(settings.device)
    except ModelError as error:
        yield wrong("device", str(error))
        return
    yield _device(device, settings)
    try:
        report = check_pair(_spec(settings))
    except ModelError as error:
        yield wrong("pair", str(error))
        return
    yield _pair(report)
    yield _memory(report, device, settings)


def _device(device: torch.device, settings: Settings) -> Finding:
    precisions = settings.target_dtype, settings.draft_dtype
    names = " and ".join(dict.fromkeys(_precision(name, device) for name in precisions))
    text = f"{device} in {names}, {settings.threads or torch.get_num_threads()} threads"
    if device.type == "cpu" and shutil.which("nvidia-smi") and torch.version.cuda is None:
        return remark("device", f"{text}; this PyTorch was built without CUDA", "see https://pytorch.org")
    return ok("device", text)


def _precision(name: str, device: torch.device) -> str:
    return name if name != "auto" else str(pick_dtype(name, device)).removeprefix("torch.")


def _spec(settings: Settings) -> PairSpec:
    draft = None if settings.draft == "auto" else settings.draft
    return resolve(settings.target, draft, context=settings.context, store=models_dir())


def _pair(report: PairReport) -> Finding:
    target = f"{report.target.parameter_count / 1e6:.1f} M weights"
    draft = "no draft" if report.ratio is None else f"draft 1/{1 / report.ratio:.0f} of it"
    text = f"{report.spec.name}: {target}, {draft}, context {report.context} tokens"
    return remark("pair", f"{text}; {'; '.join(report.remarks)}") if report.remarks else ok("pair", text)


def _memory(report: PairReport, device: torch.device, settings: Settings) -> Finding:
    precisions = settings.target_dtype, settings.draft_dtype
    try:
        needed = plan_memory(report, device, precisions, settings.slots)
    except ModelError as error:
        return wrong("memory", str(error))
    free = free_bytes(device)
    room = "unknown" if free is None else f"{free / 2**30:.2f} GiB"
    text = f"{needed / 2**30:.2f} GiB for the models with {settings.slots} slots; free on {device}: {room}"
    return ok("memory", text)
