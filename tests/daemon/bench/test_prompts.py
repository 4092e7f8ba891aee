"""Prompts are places in the files given, the same for the same seed, in the tokens the engine would make."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ....daemon.bench import prompts
from ....daemon.bench.prompts import (
    KINDS,
    Cut,
    NoPromptsError,
    Source,
    cut,
    find_files,
    inside,
    make_cases,
    own_source,
    read_sources,
    request,
    source,
    text_around,
)
from ....daemon.engine.prompt import build_prompt
from ....daemon.engine.window import Pieces
from ..engine.tiny import SOURCE, fim, tokenizer

LINE = st.sampled_from(
    ["", "    x = call(value)\n", "def function(a, b):\n", "\n", "y = [1, 2, 3, 4]\n", "a\n"]
)


def sources(text: str = SOURCE) -> list[Source]:
    return [source("one.py", text[: len(text) // 2], tokenizer()), source("two.py", text, tokenizer())]


def removed(place: Cut) -> str:
    """What is to be written there: from the cursor to where text follows again, its last line end left."""
    lines = place.source.lines
    whole = "".join(lines[place.line : place.resume])
    return whole[place.column :].removesuffix("\n")


@pytest.mark.parametrize("seed", range(3))
def test_places_are_the_same_for_the_same_seed(seed: int) -> None:
    first, again, other = (cut(sources(), 12, 200, number) for number in (seed, seed, seed + 1))
    assert [(p.source.name, p.line, p.column) for p in first] == [
        (p.source.name, p.line, p.column) for p in again
    ]
    assert [(p.line, p.column) for p in first] != [(p.line, p.column) for p in other]


def test_kinds_take_turns_and_no_place_comes_twice() -> None:
    found = cut(sources(), 30, 200, 0)
    assert [place.kind for place in found] == [KINDS[index % 3] for index in range(30)]
    assert len({(place.source.name, place.line) for place in found}) == 30


def test_what_the_cursor_stands_in_is_told() -> None:
    text = 'def f():\n    """Says what it\n    does."""\n    return 1  # one\n'
    one = source("one.py", text, tokenizer())
    at = [(0, 4), (1, 10), (2, 6), (3, 8), (3, 17)]
    assert [inside(Cut(one, "rest of line", line, column, line + 1)) for line, column in at] == [
        *("code", "string", "string", "code", "comment")
    ]


@settings(max_examples=20)
@given(st.integers(0, 50), st.integers(40, 400))
def test_text_around_is_the_file_without_what_is_to_be_written(seed: int, most: int) -> None:
    for place in cut(sources(), 6, most, seed):
        prefix, suffix = text_around(place, most)
        text = "".join(place.source.lines)
        assert prefix + removed(place) + suffix in text
        assert removed(place).strip()
        assert len(tokenizer().encode(suffix)) <= most


@given(st.lists(LINE, min_size=3, max_size=60), st.integers(0, 5))
def test_any_text_gives_places_or_says_that_it_has_none(lines: list[str], seed: int) -> None:
    only = [source("x.py", "".join(lines), tokenizer())]
    try:
        found = cut(only, 2, 64, seed)
    except NoPromptsError:
        return
    assert all(place.column < len(only[0].lines[place.line]) for place in found)


def test_long_prompts_are_taken_where_they_can_be_had() -> None:
    text = sources()[1]
    for place in cut(sources(), 9, 400, 0):
        assert place.source.before[place.line] >= 300
    short = source("short.py", "".join(text.lines[:30]), tokenizer())
    assert len(cut([short], 3, 4000, 0)) == 3


def test_cases_have_the_tokens_of_the_engine() -> None:
    cuts = cut(sources(), 6, 150, 1)
    cases = make_cases(cuts, tokenizer(), fim("spm"), context=512, most=150, length=64)
    for case in cases:
        for count in (4, 64):
            made = build_prompt(
                request(case, count), tokenizer(), fim("spm"), context=512, pieces=Pieces(tokenizer())
            )
            assert tuple(made.tokens) == case.tokens
        assert len(case.tokens) <= 150 + 40
    for case, place in zip(cases, cuts, strict=True):
        assert removed(place).startswith(case.key)


def test_own_source_is_real_code_without_tests_or_data() -> None:
    found = {path.relative_to(prompts.PACKAGE).as_posix() for path in own_source()}
    assert {"daemon/service.py", "models/decoder.py", "lsp/server.py"} <= found
    assert not any(name.startswith("tests/") or "bundled" in name for name in found)


def test_files_and_folders_are_read_and_others_left_out(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.py").write_text("value = 1\n")
    (tmp_path / "inner" / "latin.py").write_bytes(b"name = '\xe9'\n")
    (tmp_path / "inner" / "notes.md").write_text("text\n")
    (tmp_path / "b.txt").write_text("\n".join(f"line number {n}\f" for n in range(5)))
    found = find_files([tmp_path / "inner", tmp_path / "b.txt"])
    assert [path.name for path in found] == ["a.py", "latin.py", "b.txt"]
    read = read_sources(found, tokenizer())
    assert [text.name for text in read] == ["a.py", "b.txt"]
    assert len(read[1].lines) == 5


def test_a_missing_file_is_an_error() -> None:
    with pytest.raises(NoPromptsError, match="no file"):
        find_files([Path("nowhere.py")])


def test_too_few_places_are_an_error() -> None:
    with pytest.raises(NoPromptsError, match="fewer --prompts"):
        cut(
            [source("x.py", "a = 1\nvalue = other\n", tokenizer()), source("e.py", "", tokenizer())], 5, 64, 0
        )
