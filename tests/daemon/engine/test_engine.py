"""The engine on a small random pair: what a request asks for is what comes, also after interruptions."""

import itertools
import random
from dataclasses import replace
from pathlib import Path

import pytest

from ....daemon.engine.engine import Engine, EngineOptions
from ....daemon.engine.records import Chunk, Completion, Piece, Result
from ....models.errors import ModelError
from .pairs import make_random_pair, places
from .toys import never

TEXT = "import os\n\n\ndef first(path):\n    return os.listdir(path)[0]\n\n\ndef last(path):\n    return "
REQUEST = Completion(
    "tools/files.py", TEXT, "\n\n\ndef middle(path):\n    pass\n", "python", max_tokens=24, multiline=True
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_random_pair(tmp_path_factory.mktemp("engine") / "pair")


def fresh(directory: Path, **options: object) -> Engine:
    base = EngineOptions(target=str(directory), device="cpu", target_dtype="f32", draft_dtype="f32", slots=2)
    return Engine.load(replace(base, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engine(directory: Path) -> Engine:
    return fresh(directory)


def run(engine: Engine, request: Completion, patience: int | None = None) -> tuple[Result, list[str]]:
    """The Result and the pieces; with ``patience`` n it is cancelled after n questions."""
    asked = itertools.count()
    cancelled = never if patience is None else lambda: next(asked) >= patience
    *pieces, result = engine.complete(request, cancelled)
    assert isinstance(result, Result)
    return result, [piece.text for piece in pieces if isinstance(piece, Piece)]


def test_every_drafter_and_length_writes_the_same(engine: Engine) -> None:
    plain, _ = run(engine, replace(REQUEST, drafter="none"))
    assert plain.drafted == 0
    assert plain.text
    for drafter in ("draft", "lookup", "auto"):
        for k in (None, 1, 3, 8):
            made, _ = run(engine, replace(REQUEST, drafter=drafter, k=k))
            assert (made.text, made.finish) == (plain.text, plain.finish)


def test_pieces_and_explained_tokens_add_up_to_the_text(engine: Engine) -> None:
    for index, (path, prefix, suffix) in enumerate(places(25, seed=3)):
        request = Completion(
            path, prefix, suffix, "python", max_tokens=20, explain=True, temperature=0.8, seed=index
        )
        result, pieces = run(engine, request)
        assert "".join(pieces) == result.text
        assert "".join(token.text for token in result.tokens) == result.text
        assert len(result.tokens) == result.emitted <= 20


def test_tokens_are_given_only_when_asked_for(engine: Engine) -> None:
    assert run(engine, REQUEST)[0].tokens == ()


def test_a_cancel_at_every_step_leaves_the_engine_as_if_it_were_cold(directory: Path, engine: Engine) -> None:
    request = replace(REQUEST, max_tokens=10)
    typed = replace(request, prefix=TEXT + "o")
    cold, _ = run(fresh(directory), typed)
    for patience in itertools.count():
        result, pieces = run(engine, request, patience)
        assert "".join(pieces) == result.text
        after, _ = run(engine, typed)
        assert (after.text, after.finish) == (cold.text, cold.finish)
        if result.finish != "cancelled":
            break
    assert patience > 5


def test_closing_the_generator_at_every_piece(directory: Path, engine: Engine) -> None:
    typed = replace(REQUEST, prefix=TEXT + "o")
    cold, _ = run(fresh(directory), typed)
    for count in range(1, 8):
        stream = engine.complete(REQUEST, never)
        for _ in range(count):
            next(stream, None)
        stream.close()  # type: ignore[attr-defined]
        assert run(engine, typed)[0].text == cold.text


def test_a_long_session_equals_cold_engines(directory: Path) -> None:
    """Random requests, cancels and warm-ups in one engine with two slots, each checked against a cold one."""
    source = random.Random(7)
    spots = [
        Completion(path, prefix, suffix, "python", max_tokens=6) for path, prefix, suffix in places(4, seed=9)
    ]
    engine = fresh(directory)
    for _ in range(40):
        spot = source.choice(spots)
        request = replace(
            spot,
            prefix=spot.prefix[: len(spot.prefix) - source.randrange(30)],
            drafter=source.choice(["auto", "draft", "lookup", "none"]),
            k=source.randrange(1, 6),
        )
        match source.randrange(4):
            case 0:
                run(engine, request, source.randrange(12))
            case 1:
                engine.warm(request, never)
            case _:
                assert run(engine, request)[0].text == run(fresh(directory), request)[0].text


def test_warming_leaves_one_token_to_compute(directory: Path) -> None:
    engine = fresh(directory)
    engine.warm(REQUEST, never)
    assert run(engine, REQUEST)[0].computed == 1


def test_typing_on_recomputes_little(engine: Engine) -> None:
    run(engine, REQUEST)
    result, _ = run(engine, replace(REQUEST, prefix=TEXT + "os"))
    assert result.reused > result.computed


def test_a_deadline_ends_the_completion(engine: Engine) -> None:
    result, _ = run(engine, replace(REQUEST, deadline_ms=0.0))
    assert (result.finish, result.text) == ("deadline", "")


def test_max_tokens_is_the_most(engine: Engine) -> None:
    for count in (1, 2, 5):
        result, _ = run(engine, replace(REQUEST, max_tokens=count, k=8, drafter="draft"))
        assert result.emitted <= count


def test_single_line(engine: Engine) -> None:
    for seed in range(10):
        result, _ = run(engine, replace(REQUEST, multiline=False, temperature=1.0, seed=seed))
        assert "\n" not in result.text


def test_the_files_own_line_ends(engine: Engine) -> None:
    dos = replace(REQUEST, prefix=TEXT.replace("\n", "\r\n"), suffix=REQUEST.suffix.replace("\n", "\r\n"))
    for seed in range(10):
        unix, _ = run(engine, replace(REQUEST, temperature=1.2, seed=seed))
        made, _ = run(engine, replace(dos, temperature=1.2, seed=seed))
        assert made.text == unix.text.replace("\n", "\r\n")


def test_context_chunks_reach_the_lookup(engine: Engine) -> None:
    """The text before the cursor also stands in a chunk, so what follows it there is proposed."""
    request = replace(REQUEST, prefix=TEXT + "path\n", drafter="lookup", k=3, suffix="")
    chunk = Chunk("other.py", request.prefix + "unheard = of\n")
    alone, _ = run(engine, replace(request, max_tokens=2))
    helped, _ = run(engine, replace(request, max_tokens=2, chunks=(chunk,)))
    assert helped.drafted > alone.drafted


def test_without_a_draft(directory: Path, engine: Engine) -> None:
    alone = fresh(directory, draft="none")
    assert alone.facts()["draft"] is None
    assert run(alone, replace(REQUEST, drafter="draft"))[0].text == run(engine, REQUEST)[0].text


def test_facts_are_plain_values(engine: Engine) -> None:
    run(engine, REQUEST)
    facts = engine.facts()
    assert facts["pair"] == "random"
    assert facts["device"] == "cpu"
    assert isinstance(facts["kv_bytes"], int) and facts["kv_bytes"] > 0


def test_an_unknown_target_is_a_model_error() -> None:
    with pytest.raises(ModelError, match="neither a bundled pair"):
        Engine.load(EngineOptions(target="no-such-pair"))
