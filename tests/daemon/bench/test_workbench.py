"""The workbench: each engine, module and server is made once, when first needed, and ended with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ....daemon.bench import workbench
from ....daemon.bench.hugging import HuggingArm
from ....daemon.bench.ours import BenchEngine, OwnArm
from ....daemon.bench.rows import all_rows
from ....daemon.bench.workbench import Workbench
from ....daemon.engine.engine import EngineOptions
from ....daemon.errors import PacelineError
from ....models.errors import UnsupportedModelError
from ..engine.pairs import make_random_pair

ROWS = {row.name: row for row in all_rows((2,), draft=True, compiled=True, rounded=True, llama=True)}


class Server:
    """In the place of a llama-server: notes what it was started with, and that it was ended."""

    started: list["Server"]

    def __init__(self, _path: Path, model: Path, *, draft: Path | None, options: tuple[str, ...], **_: int):
        self.model, self.draft, self.options, self.ended = model, draft, options, False
        self.started.append(self)

    def __enter__(self) -> "Server":
        assert self.model.exists()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random pair."""
    return make_random_pair(tmp_path_factory.mktemp("bench") / "pair")


@pytest.fixture(autouse=True)
def _unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines do not learn what steps cost, which takes long."""
    monkeypatch.setattr(BenchEngine, "prepare", lambda _self: None)


@pytest.fixture
def told() -> list[str]:
    """What is heard of loading."""
    return []


@pytest.fixture
def options(pair: Path, tmp_path: Path) -> Iterator[EngineOptions]:
    """Its options, with int8 weights, several slots, and a place for what a pacer learns."""
    before = torch.get_num_threads()
    state = tmp_path / "state"
    yield EngineOptions(
        str(pair), device="cpu", target_dtype="int8", draft_dtype="f32", threads=1, slots=3, state=state
    )
    torch.set_num_threads(before)


@pytest.fixture
def bench(options: EngineOptions, told: list[str]) -> Iterator[Workbench]:
    """A workbench on the pair."""
    with Workbench(options, None, lambda stage, _part: told.append(stage)) as found:
        yield found


def test_nothing_is_loaded_before_it_is_needed(bench: Workbench, told: list[str]) -> None:
    arms = [bench.arm(row) for row in ROWS.values()]
    assert [arm.name for arm in arms] == list(ROWS)
    assert told == []


def test_rows_that_differ_in_their_drafter_share_an_engine(bench: Workbench, told: list[str]) -> None:
    plain, drafted, lookup = (bench.arm(ROWS[name]) for name in ("plain-eager", "k2", "lookup2"))
    assert isinstance(plain, OwnArm) and isinstance(drafted, OwnArm) and isinstance(lookup, OwnArm)
    assert drafted.engine() is lookup.engine() is not plain.engine()
    assert (drafted.k, lookup.drafter, plain.drafter) == (2, "lookup", "none")
    assert told.count("compiling") == 2


def test_what_is_served_learns_by_itself_on_the_same_weights(bench: Workbench) -> None:
    served = bench.arm(ROWS["auto"])
    assert isinstance(served, OwnArm)
    engine = served.engine()
    assert engine is served.engine() is not bench.engine()
    assert engine.pair is bench.engine().pair


def test_peers_get_weights_that_are_not_rounded(bench: Workbench) -> None:
    peer = bench.arm(ROWS["hf"])
    assert isinstance(peer, HuggingArm)
    assert bench.engine().facts()["target"]["dtype"] == "int8"  # type: ignore[index]
    assert bench.pair is bench.engine(full=True).pair is not bench.engine().pair
    target, draft = peer.modules()
    assert target.dtype == bench.pair.target.dtype and draft is not None
    assert peer.modules() is not None and peer.modules()[0] is target


def test_nothing_that_a_pacer_learnt_is_read_or_kept(options: EngineOptions) -> None:
    with Workbench(options, None, lambda _stage, _part: None) as bench:
        assert bench.engine().facts()["slots"] == 1
    assert options.state is not None and not options.state.exists()


def test_without_a_server_its_rows_say_which_option_is_missing(bench: Workbench) -> None:
    with pytest.raises(PacelineError, match="--llama-server PATH"):
        bench._llama("f16", None)


def test_servers_are_started_once_for_each_draft_and_ended_with_their_files(
    options: EngineOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("gguf")
    Server.started = []
    monkeypatch.setattr(workbench, "LlamaServer", Server)
    with Workbench(options, Path("server"), lambda _stage, _part: None) as bench:
        alone, drafted, same = (bench._llama("f16", flags) for flags in (None, ("-x",), ("-x",)))
        assert drafted is same is not alone
    first, second = Server.started
    assert (first.draft, first.options) == (None, ())
    assert second.draft is not None and second.options == ("-x",)
    assert second.model == first.model and not first.model.exists()
    assert first.ended and second.ended


def test_what_is_no_decoder_of_ours_is_not_exported(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    with pytest.raises(UnsupportedModelError, match="leave out --llama-server"):
        workbench._export(object(), tmp_path, tmp_path / "out", "f16")


def test_a_pair_without_a_draft_gives_peers_none(pair: Path) -> None:
    alone = EngineOptions(str(pair / "target"), "none", "cpu", "f32", "f32")
    with Workbench(alone, None, lambda _stage, _part: None) as bench:
        target, draft = bench._hugging()
    assert target is not None and draft is None
