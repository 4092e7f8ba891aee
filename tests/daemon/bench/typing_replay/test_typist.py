"""The typist writes exactly what is to be written, whatever the editor adds and the fingers miss."""

from hypothesis import given
from hypothesis import strategies as st

from .....daemon.bench.typing_replay.typist import CLOSING, Habits, Stroke, Typist, matching

CLUMSY = Habits(slip=0.5)
# what editors and typists care for, in all combinations
texts = st.text(alphabet="ab(){}[]:\n\t ,é", max_size=60)
seeds = st.integers(0, 1000)
CODE = """def read(path, *, mode="r"):
    \"\"\"Return what (or not.\"\"\"
    with open(
        path,
        mode,
    ) as file:
        return [
            line for line in file]


    # done (:
class Empty:
    pass
"""


def typed(strokes: list[Stroke], before: str = "", after: str = "") -> list[tuple[str, str]]:
    """The texts before and behind the cursor after each key."""
    states = [(before, after)]
    for stroke in strokes:
        states.append(stroke.apply(*states[-1]))
    return states


@given(texts, seeds)
def test_the_text_is_written_whatever_happens_on_the_way(text: str, seed: int) -> None:
    strokes = list(Typist(text, seed=seed, habits=CLUMSY).strokes())
    assert typed(strokes, "above\n", "\nbelow")[-1] == ("above\n" + text, "\nbelow")


@given(texts, seeds)
def test_what_stands_around_the_text_is_never_touched(text: str, seed: int) -> None:
    strokes = list(Typist(text, seed=seed, habits=CLUMSY).strokes())
    for before, after in typed(strokes, "above\n", "\nbelow"):
        assert before.startswith("above\n")
        assert after.endswith("\nbelow")


@given(texts, seeds)
def test_a_seed_gives_the_same_keys_and_pauses(text: str, seed: int) -> None:
    first, second = (list(Typist(text, seed=seed).strokes()) for _ in range(2))
    assert first == second
    assert all(stroke.pause > 0 for stroke in first)


def test_code_is_written_with_the_keys_of_a_person() -> None:
    strokes = list(Typist(CODE, seed=1, habits=CLUMSY).strokes())
    assert typed(strokes)[-1] == (CODE, "")
    assert any(stroke.closing for stroke in strokes), "the editor closes brackets"
    assert any(stroke.right and stroke.text in CLOSING.values() for stroke in strokes), "they are typed over"
    assert any(stroke.move for stroke in strokes), "the cursor goes down to a bracket on a line of its own"
    assert any(stroke.left == 1 and not stroke.text for stroke in strokes), "slips are taken back"
    assert any(stroke.text.startswith("\n    ") for stroke in strokes), "the editor indents"


def test_without_slips_and_brackets_every_letter_is_one_key() -> None:
    strokes = list(Typist("one two\nthree", habits=Habits(slip=0)).strokes())
    assert "".join(stroke.text for stroke in strokes) == "one two\nthree"
    assert len(strokes) == len("one two\nthree")


def test_words_and_lines_begin_after_longer_pauses() -> None:
    habits = Habits(slip=0, spread=0)
    strokes = list(Typist("ab cd\nef", habits=habits).strokes())
    letter, word, line = strokes[1].pause, strokes[3].pause, strokes[6].pause
    assert letter == habits.key
    assert word == habits.key * habits.word
    assert line >= habits.key + habits.thought


@given(texts)
def test_matching_brackets_are_partners_of_one_kind_and_nest(text: str) -> None:
    found = matching(text)
    for place, partner in found.items():
        assert found[partner] == place
        first, last = sorted((place, partner))
        assert CLOSING[text[first]] == text[last]
        inside = [found[other] for other in range(first + 1, last) if other in found]
        assert all(first < other < last for other in inside)
