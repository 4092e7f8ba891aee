"""A real llama-server, on our weights as GGUF, writes what our own plain decoding writes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ...daemon.bench.gguf_export import export_gguf
from ...daemon.bench.llama import LlamaArm, LlamaServer, PeerFailedError
from ...daemon.bench.ours import BenchEngine, OwnArm
from ...daemon.bench.prompts import cut, make_cases, own_source, read_sources
from ...daemon.bench.records import Case, Run
from ...daemon.bench.rows import Precision
from ...daemon.bench.statistics import agreement
from ...daemon.engine.engine import EngineOptions
from ...models.decoder import Decoder

PROMPTS, TOKENS, ROOM = 4, 48, 400


@pytest.fixture(scope="module")
def engine() -> Iterator[BenchEngine]:
    """The bundled pair in float32."""
    before = torch.get_num_threads()
    engine = BenchEngine.load(
        EngineOptions(device="cpu", target_dtype="f32", draft_dtype="f32", slots=1, threads=1)
    )
    yield engine
    engine.close()
    torch.set_num_threads(before)


Known = list[tuple[Case, tuple[int, ...]]]


@pytest.fixture(scope="module")
def known(engine: BenchEngine) -> Known:
    """Some prompts of our own source, and what we write for them."""
    pair = engine.pair
    cuts = cut(read_sources(own_source(), pair.tokenizer), PROMPTS, ROOM, 0)
    cases = make_cases(cuts, pair.tokenizer, pair.fim, context=pair.context, most=ROOM, length=TOKENS)
    arm = OwnArm("plain", "", lambda: engine, "none", None)
    return [(case, arm.run(case, TOKENS).tokens) for case in cases]


def ask(server: LlamaServer, known: Known) -> tuple[list[Run], float]:
    """The server's runs, and how much of what we write it writes."""
    runs = [LlamaArm("l", "", lambda: server).run(case, TOKENS) for case, _ in known]
    return runs, agreement([tokens for _, tokens in known], [run.tokens for run in runs])[0]


def export(engine: BenchEngine, folder: Path, precision: Precision) -> tuple[Path, Path]:
    """Target and draft as GGUF files."""
    pair = engine.pair
    assert isinstance(pair.target, Decoder)
    assert isinstance(pair.draft, Decoder)
    target, draft = folder / "target.gguf", folder / "draft.gguf"
    tokenizer = pair.spec.target / "tokenizer.json"
    export_gguf(pair.target, tokenizer, target, precision)
    export_gguf(pair.draft, tokenizer, draft, precision)
    return target, draft


@pytest.mark.parametrize("flags", [None, (), ("--spec-draft-p-min", "0.75")], ids=str)
def test_f16_agrees_token_by_token(
    llama_server: Path,
    engine: BenchEngine,
    known: Known,
    tmp_path: Path,
    flags: tuple[str, ...] | None,
) -> None:
    target, draft = export(engine, tmp_path, "f16")
    with LlamaServer(
        llama_server,
        target,
        threads=1,
        context=1024,
        draft=None if flags is None else draft,
        options=flags or (),
    ) as server:
        runs, share = ask(server, known)
    assert share > 0.9  # half precision may tip a near tie
    if flags is None:
        assert [run.passes for run in runs] == [TOKENS] * PROMPTS
    else:
        assert sum(run.accepted for run in runs) > 0
    assert all(0 < run.first < run.total for run in runs)


def test_q8_starts_alike(llama_server: Path, engine: BenchEngine, known: Known, tmp_path: Path) -> None:
    target, _ = export(engine, tmp_path, "q8_0")
    with LlamaServer(llama_server, target, threads=1, context=1024, draft=None, options=()) as server:
        _, share = ask(server, known)
    assert share > 0.5


def test_a_broken_file_is_told(llama_server: Path, tmp_path: Path) -> None:
    (tmp_path / "t.gguf").write_bytes(b"GGUF, or is it")
    with (
        pytest.raises(PeerFailedError, match="llama-server ended"),
        LlamaServer(llama_server, tmp_path / "t.gguf", threads=1, context=64, draft=None, options=()),
    ):
        pass
