"""Which windows are chosen, and in which order they stay."""

from pathlib import Path

from ....lsp.context.choice import MOST_CHUNKS, Candidate, Cursor, choose
from ....lsp.context.windows import Window, lines_of, words_of

HERE = Cursor(words_of("alpha beta gamma delta"), lines_of("alpha(beta)\ngamma(delta)"))


def window(name: str, text: str, line: int = 0) -> Window:
    """A window of a file in the project."""
    return Window(Path("/p") / name, line, text)


NEAR = window("near.py", "alpha + beta + gamma + other_thing")
FAR = window("far.py", "delta * something_else * unrelated_word * and_more_of_it")
NONE = window("none.py", "nothing_in_common with_this_place")


def names(candidates: list[Candidate], before: tuple[Window, ...] = (), budget: int = 1000) -> list[str]:
    """The files chosen."""
    chosen = choose(candidates, HERE, before, budget, lambda path: path.name != "secret.py")
    return [window.path.stem for window in chosen]


def test_the_most_similar_comes_first_and_strangers_do_not_come() -> None:
    assert names([Candidate(NONE), Candidate(FAR), Candidate(NEAR)]) == ["near", "far"]


def test_imported_definitions_and_recent_edits_count() -> None:
    defines = window("lib.py", "def needed(argument_one, argument_two):\n    long_body_of_it(argument_one)")
    assert names([Candidate(FAR), Candidate(defines)]) == ["far"]
    assert names([Candidate(FAR), Candidate(defines, frozenset({"needed"}))])[0] == "lib"
    assert names([Candidate(NEAR), Candidate(FAR, recency=1.0), Candidate(NONE, recency=1.0)])[-1] == "none"
    assert names([Candidate(FAR), Candidate(window("far2.py", FAR.text + " = 1"), recency=1.0)])[0] == "far2"


def test_what_must_not_be_sent_is_not_chosen() -> None:
    assert names([Candidate(window("secret.py", NEAR.text))]) == []


def test_what_the_model_sees_anyway_is_not_chosen() -> None:
    assert names([Candidate(window("copy.py", "    alpha(beta)\n    gamma(delta)"))]) == []


def test_a_copy_of_a_better_window_is_not_chosen() -> None:
    twin = window("twin.py", NEAR.text)
    assert names([Candidate(NEAR), Candidate(twin)]) == ["near"]
    assert names([Candidate(NEAR), Candidate(window("near.py", NEAR.text + "\nmore = 1"))]) == ["near"]


def test_the_budget_holds() -> None:
    assert names([Candidate(NEAR), Candidate(FAR)], budget=len(NEAR.text)) == ["near"]
    assert names([Candidate(NEAR), Candidate(FAR)], budget=len(FAR.text)) == ["near"]
    assert names([Candidate(NEAR), Candidate(FAR)], budget=10) == []
    many = [Candidate(window(f"{number}.py", f"alpha beta word{number}")) for number in range(40)]
    assert len(names(many)) == MOST_CHUNKS


def test_what_was_chosen_before_stays_in_its_place() -> None:
    candidates = [Candidate(NEAR), Candidate(FAR)]
    assert names(candidates, before=(FAR,)) == ["far", "near"]
    better = window("best.py", "alpha beta gamma delta")
    assert names([*candidates, Candidate(better)], before=(NEAR,)) == ["near", "best", "far"]


def test_what_is_far_worse_than_the_rest_goes() -> None:
    many = [
        Candidate(window(f"{number}.py", f"alpha beta gamma delta w{number}"))
        for number in range(MOST_CHUNKS + 1)
    ]
    assert "far" not in names([*many, Candidate(FAR)], before=(FAR,))


def test_a_window_that_changed_is_replaced_in_its_place() -> None:
    old = window("near.py", "alpha + beta + gamma", line=1)
    chosen = choose([Candidate(NEAR), Candidate(FAR)], HERE, (FAR, old), 1000, lambda _: True)
    assert chosen == (FAR, NEAR)
