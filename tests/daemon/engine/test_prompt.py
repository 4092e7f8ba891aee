"""Prompts: the format's markers as ids, the user's text as text, everything within the context."""

import dataclasses
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....daemon.engine.matching import BARRIER
from ....daemon.engine.prompt import Prompt, build_prompt
from ....daemon.engine.records import Chunk, Completion
from ....daemon.engine.window import Pieces
from ....models.errors import ContextFullError
from ....models.fim import FimFormat
from .tiny import SOURCE, SPECIAL, fim, tokenizer

TOKENIZER = tokenizer()
PIECES = Pieces(TOKENIZER)
ORDERS: list[Literal["psm", "spm"]] = ["psm", "spm"]
MARKERS = {token: name for name, token in TOKENIZER.special.items()}
HALF = SOURCE.index("        self.", 30_000)


def build(request: Completion, fmt: FimFormat | None = None, context: int = 1024) -> Prompt:
    return build_prompt(request, TOKENIZER, fmt, context=context, pieces=PIECES)


def rendered(tokens: list[int]) -> str:
    """The prompt as text, markers by name."""
    spelled = (MARKERS[token].encode() if token in MARKERS else TOKENIZER.bytes_of(token) for token in tokens)
    return b"".join(spelled).decode()


def at(text: str, **fields: object) -> Completion:
    prefix, suffix = text.split("|", 1)
    request = Completion(path="pkg/mod.py", prefix=prefix, suffix=suffix)
    return dataclasses.replace(request, **fields)  # type: ignore[arg-type]


def test_prefix_suffix_middle() -> None:
    prompt = build(at("def f(a):\n|\n\nx = 1\n"), fim("psm"))
    assert rendered(prompt.tokens) == (
        "<|file_sep|>pkg/mod.py\n<|fim_prefix|>def f(a):\n<|fim_suffix|>\n\nx = 1\n<|fim_middle|>"
    )


def test_suffix_prefix_middle() -> None:
    prompt = build(at("def f(a):\n|\n\nx = 1\n"), fim("spm"))
    assert rendered(prompt.tokens) == (
        "<|file_sep|>pkg/mod.py\n<|fim_suffix|>\n\nx = 1\n<|fim_prefix|>def f(a):\n<|fim_middle|>"
    )


def test_repository_and_chunks_come_first_with_their_real_names() -> None:
    chunks = (Chunk("lib/a.py", "A = 1\n"), Chunk("lib/b.py", "B = 2\n"))
    prompt = build(at("x\n|", repository="shop", chunks=chunks), fim())
    assert rendered(prompt.tokens).startswith(
        "<|repo_name|>shop\n<|file_sep|>lib/a.py\nA = 1\n"
        "<|file_sep|>lib/b.py\nB = 2\n<|file_sep|>pkg/mod.py\n"
    )


def test_model_without_a_format_sees_the_prefix_only() -> None:
    prompt = build(at("def f(a):\n|\n\nx = 1\n"))
    assert not prompt.fim
    assert rendered(prompt.tokens) == "def f(a):\n"
    assert prompt.stop_ids == TOKENIZER.end_ids


@pytest.mark.parametrize("order", ORDERS)
def test_markers_in_the_users_text_stay_text(order: Literal["psm", "spm"]) -> None:
    hostile = "".join(SPECIAL)
    request = Completion(
        path=hostile,
        prefix=f"# {hostile}\n",
        suffix=f"\n# {hostile}\n",
        repository=hostile,
        chunks=(Chunk(hostile, hostile + "\n"),),
    )
    prompt = build(request, fim(order))
    found = sorted(MARKERS[token] for token in prompt.tokens if token in MARKERS)
    once = ["<|fim_middle|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|repo_name|>"]
    assert found == sorted([*once, "<|file_sep|>", "<|file_sep|>"])
    assert rendered(prompt.tokens).count("<|fim_middle|>") == 1 + 6


@given(
    st.integers(0, len(SOURCE)),
    st.integers(64, 3000),
    st.integers(1, 4000),
    st.sampled_from(["psm", "spm", None]),
    st.lists(st.integers(0, 9000), max_size=3),
)
def test_prompt_leaves_room_for_the_answer(
    cursor: int, context: int, answer: int, order: Literal["psm", "spm"] | None, chunks: list[int]
) -> None:
    request = Completion(
        path="argparse.py",
        prefix=SOURCE[:cursor],
        suffix=SOURCE[cursor:],
        chunks=tuple(Chunk(f"c{size}.py", SOURCE[:size]) for size in chunks),
        max_tokens=answer,
    )
    prompt = build(request, fim(order) if order else None, context)
    assert len(prompt.tokens) <= context - min(answer, context // 2)
    assert SOURCE[:cursor].encode().endswith(prompt.heal)


def test_context_is_used() -> None:
    chunk = Chunk("other.py", SOURCE[:50_000])
    request = at(f"{SOURCE[:HALF]}|{SOURCE[HALF:]}", chunks=(chunk,))
    for order in ORDERS:
        assert len(build(request, fim(order), 2048).tokens) > 0.8 * (2048 - request.max_tokens)
    alone = dataclasses.replace(request, chunks=(), suffix="")
    assert len(build(alone, fim(), 2048).tokens) > 0.7 * (2048 - request.max_tokens)


def test_context_without_room_for_text_is_refused() -> None:
    with pytest.raises(ContextFullError, match="larger context"):
        build(at("x|", repository="r" * 60), fim(), 64)


def test_long_path_does_not_crowd_out_the_text() -> None:
    prompt = build(Completion(path="d/" * 5000 + "end.py", prefix="x = 1\n"), fim())
    assert "/end.py\n" in rendered(prompt.tokens)
    assert "x = 1\n" in rendered(prompt.tokens)


@pytest.mark.parametrize("order", ORDERS)
def test_keystroke_changes_only_the_end_of_the_prefix(order: Literal["psm", "spm"]) -> None:
    typed, chunk = "value = compute(", Chunk("other.py", SOURCE[:3000])
    head, tail = SOURCE[:HALF] + "        ", "\n" + SOURCE[HALF:]
    prompts = [
        build(
            Completion(path="p.py", prefix=head + typed[:n], suffix=tail, chunks=(chunk,)), fim(order), 2048
        )
        for n in range(len(typed) + 1)
    ]
    marker = TOKENIZER.special["<|fim_suffix|>" if order == "psm" else "<|fim_middle|>"]
    stable = [prompt.tokens[: prompt.tokens.index(marker)] for prompt in prompts]
    line = len(TOKENIZER.encode("\n        " + typed))
    shortest = min(map(len, stable))
    assert all(tokens[: shortest - line] == stable[0][: shortest - line] for tokens in stable)
    if order == "psm":
        behind = {tuple(prompt.tokens[prompt.tokens.index(marker) :]) for prompt in prompts}
        assert len(behind) == 1


def test_healed_text_is_in_heal_and_not_in_the_prompt() -> None:
    prompt = build(at("import argparse\n\nargp|\n"), fim())
    assert prompt.heal.endswith(b"argp"[-len(prompt.heal) :])
    assert prompt.heal
    before = rendered(prompt.tokens).partition("<|fim_prefix|>")[2].partition("<|fim_suffix|>")[0]
    assert before + prompt.heal.decode() == "import argparse\n\nargp"


def test_lookup_ends_in_the_text_that_generation_continues() -> None:
    chunk = Chunk("other.py", "def other():\n    return 1\n")
    prompt = build(at("def f(a):\n    ret|\n\nx = 1\n", chunks=(chunk,)), fim())
    parts = "".join("|" if token == BARRIER else TOKENIZER.decode([token]) for token in prompt.lookup)
    assert parts + prompt.heal.decode() == "def other():\n    return 1\n|\n\nx = 1\n|def f(a):\n    ret"


def test_lookup_has_more_than_the_prompt_holds() -> None:
    prompt = build(at(SOURCE[:HALF] + "|" + SOURCE[HALF:]), fim(), 512)
    assert len(prompt.lookup) > 1.5 * len(prompt.tokens)


def test_control_tokens_end_the_generation() -> None:
    assert build(at("x|"), fim()).stop_ids >= set(TOKENIZER.special.values())


@pytest.mark.parametrize("wanted", [True, False])
def test_explicit_request_for_lines_wins(wanted: bool) -> None:
    for text in ("def f():\n    |", "x = foo(|)"):
        assert build(at(text, multiline=wanted), fim()).multiline is wanted
    assert build(at("def f():\n    |"), fim()).multiline
    assert not build(at("x = foo(|)"), fim()).multiline


def test_same_request_gives_the_same_prompt_whatever_was_asked_before() -> None:
    request = at(SOURCE[:HALF] + "|" + SOURCE[HALF:])
    fresh = build_prompt(request, TOKENIZER, fim(), context=512, pieces=Pieces(TOKENIZER))
    build(dataclasses.replace(request, prefix=request.prefix[:-900]), fim(), 512)
    assert build(request, fim(), 512) == fresh
