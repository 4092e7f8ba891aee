"""Places: files held out, prompts in the format of the pair."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ....models.pairing import check_pair, resolve
from ....models.training.corpus import Source
from ....models.training.fim import Example
from ....models.tuning.places import FEWEST_CHARACTERS, Places, TooLittleError, share_out

PAIR = check_pair(resolve("mini"))


def _sources(count: int) -> list[Source]:
    line = "def name(value):\n    return value\n"
    return [Source("p", f"p/{number}.py", f"# {number}\n" + line * 100) for number in range(count)]


def _places(room: int = 300) -> Places:
    return Places(PAIR.tokenizer, PAIR.fim, room)


@given(st.integers(8, 60), st.randoms())
def test_a_file_is_for_one_thing_whatever_the_order(count: int, draw: object) -> None:
    sources = _sources(count)
    shares = share_out(sources)
    shuffled = list(sources)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert share_out(shuffled) == shares
    every = [source.path for source in (*shares.learn, *shares.watch, *shares.judge)]
    assert sorted(every) == sorted(source.path for source in sources)
    assert shares.watch and shares.judge and len(shares.learn) >= count // 2


@pytest.mark.parametrize("sources", [_sources(7), [Source("p", f"{n}.py", "x = 1\n") for n in range(50)]])
def test_too_little_code_is_refused_with_the_numbers(sources: list[Source]) -> None:
    with pytest.raises(TooLittleError, match=f"{len(sources)} files .* {FEWEST_CHARACTERS} characters"):
        share_out(sources)


def test_the_same_seed_draws_the_same_prompts_that_fit() -> None:
    sources = _sources(3)
    first = list(itertools.islice(_places().draw(sources, "a"), 20))
    assert first == list(itertools.islice(_places().draw(sources, "a"), 20))
    assert first != list(itertools.islice(_places().draw(sources, "b"), 20))
    assert all(len(prompt) <= 300 for prompt in first)


def test_a_prompt_has_the_pairs_own_format_and_order() -> None:
    fim = PAIR.fim
    assert fim is not None
    prompt = _places().prompt(Example("a/b.py", "x = 1\n", "\nz = 3\n", "y = 2"))
    marks = [token for token in prompt if token in {fim.prefix_id, fim.suffix_id, fim.middle_id}]
    assert marks == [fim.suffix_id, fim.prefix_id, fim.middle_id]  # mini reads the suffix first
    assert PAIR.tokenizer.decode(prompt) == "a/b.py\n\nz = 3\nx = 1\n"


def test_a_token_that_the_cursor_cuts_is_left_to_the_target() -> None:
    prompt = _places().prompt(Example("a.py", "value = pri", "", "nt(value)"))
    text = PAIR.tokenizer.decode(prompt)
    assert text.startswith("a.py\nvalue =") and not text.endswith("pri")


def test_a_model_without_the_format_sees_the_prefix(tmp_path: Path) -> None:
    prompt = Places(PAIR.tokenizer, None, 300).prompt(Example("a.py", "x = 1\n", "after", "y"))
    assert PAIR.tokenizer.decode(prompt) == "x = 1\n"
