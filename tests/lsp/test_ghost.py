"""Ghosts: what is answered without the daemon is the suggestion less what was typed, never stale."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ...lsp.ghost import Anchor, Ghost, Ghosts, closers
from ...lsp.place import place_at
from ...lsp.text import ENCODINGS, Text

WORDS = st.text(st.sampled_from("ab(\"'[])} \n\r\fé😀"), max_size=12)
SIDES = st.text(st.sampled_from("ab() \n"), max_size=8)


def done(text: str, prefix: str = "p", suffix: str = "s") -> Ghost:
    """A complete ghost."""
    return Ghost(prefix, suffix, text, complete=True)


@given(SIDES, SIDES, WORDS, st.data())
def test_typing_through_leaves_the_rest(prefix: str, suffix: str, text: str, data: st.DataObject) -> None:
    ghosts = Ghosts()
    ghost = done(text, prefix, suffix)
    ghosts.keep(ghost, "a")
    typed = text[: data.draw(st.integers(0, len(text)))]
    rest = text[len(typed) :]
    wanted = [(ghost, rest)] if rest or not text else []
    assert ghosts.find("a", prefix + typed, suffix) == wanted
    assert ghosts.find("b", prefix + typed, suffix) == []
    assert ghosts.find("a", prefix + typed, suffix, stamp=1) == []


@given(SIDES, SIDES, WORDS, SIDES, SIDES)
def test_an_answer_always_continues_what_is_there(p: str, s: str, text: str, now: str, after: str) -> None:
    """Whatever the text is now: prefix plus answer is prefix plus suggestion, and nothing else is between."""
    ghosts = Ghosts()
    ghosts.keep(done(text, p, s), "a")
    for prefix, suffix in ((now, after), (p + now, s), (p + now, after), (p + now, closers(now) + s)):
        for _, rest in ghosts.find("a", prefix, suffix):
            assert (p + text).startswith(prefix + rest)
            typed = prefix[len(p) :]
            assert suffix == s or suffix == closers(typed) + s
            if suffix == s:
                assert prefix + rest == p + text


@given(WORDS, WORDS, st.integers(0, 12), st.integers(0, 12))
def test_a_growing_ghost_waits_for_what_may_come(text: str, typed: str, first: int, then: int) -> None:
    ghost = Ghost("p", "s", text[:first])
    before = ghost.rest("p" + typed, "s")
    ghost.text = text[: max(first, then)]
    after = ghost.rest("p" + typed, "s")
    ghost.text, ghost.complete = text, True
    final = ghost.rest("p" + typed, "s")
    fits = text.startswith(typed)
    assert final == (text[len(typed) :] if fits else None)
    if fits:
        assert before is not None
        assert after is not None
        assert final is not None
        assert final.startswith(after)
        assert after.startswith(before)
    if before is None:
        assert after is None, "what has parted never comes together again"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("f(", ")"), ("f([{", "}])"), ('f("a', '")'), ('f("(', '")'), ("f(a)", ""), ("]", ""), ("'\"", "'")],
)
def test_closers_are_those_of_what_is_open(typed: str, wanted: str) -> None:
    assert closers(typed) == wanted


@pytest.mark.parametrize(
    ("prefix", "suffix", "rest"),
    [
        ("pf(", ")s", "a, g(b)"),
        ("pf(a", ")s", ", g(b)"),
        ("pf(a, g(", "))s", "b"),
        ("pf(a, g(", ")s", None),
        ("pf(a, g(b)", ")s", ""),
        ("pf(a, g(b))", "s", "\nmore"),
        ("pf", ")s", None),
        ("pf(", "]s", None),
    ],
)
def test_brackets_that_an_editor_closes_are_seen_through(prefix: str, suffix: str, rest: str | None) -> None:
    assert done("f(a, g(b))\nmore").rest(prefix, suffix) == rest


UTF16 = ENCODINGS["utf-16"]


@given(WORDS, WORDS, WORDS, st.tuples(st.integers(0, 24), st.integers(0, 24), WORDS))
def test_an_anchor_tells_what_was_typed_there(a: str, b: str, typed: str, edit: tuple[int, int, str]) -> None:
    """Against plain strings: typing at the place is told, any other change that leaves a mark is not."""
    assume(not (a.endswith("\r") and b.startswith("\n")))
    text = Text.of(a + b, UTF16)
    anchor = Anchor(text, 0, len(a), _unix(a), _unix(b))
    joined = any(pair.endswith("\r\n") for pair in (a[-1:] + typed[:1], (a + typed)[-1:] + b[:1]))
    assert anchor.typed_since(text.replace(len(a), len(a), typed)) == (None if joined else _unix(typed))
    now = text.replace(min(edit[0], len(text)), min(edit[1], len(text)), edit[2])
    told = anchor.typed_since(now)
    if told is not None:
        assert _unix(str(now)) == _unix(a) + told + _unix(b)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_document_passes_a_ghost_by_when_it_goes_another_way() -> None:
    text = Text.of("x = \ny\n", UTF16)
    place = place_at(text, 0, 4)
    anchor = Anchor(text, place.start, place.cursor, place.prefix, place.suffix)
    ghost = Ghost(anchor.prefix, anchor.suffix, "foo(a")
    for typed in ("", "f", "foo(", "foo()", "foo(a, b", "foo(a)"):
        assert not anchor.is_passed_by(ghost, text.replace(4, 4, typed)), typed
    others = (text.replace(4, 4, "g"), text.replace(3, 4, ""), text.replace(5, 6, "z"), Text.of("", UTF16))
    for other in others:
        assert anchor.is_passed_by(ghost, other), str(other)
    ghost.complete = True
    assert anchor.is_passed_by(ghost, text.replace(4, 4, "foo(a, b"))


def test_the_oldest_make_room() -> None:
    ghosts = Ghosts(limit=2, characters=100)
    one, two, three = done("one"), done("two"), done("three")
    assert ghosts.keep(one, "a") == ghosts.keep(two, "a") == []
    assert [ghost for ghost, _ in ghosts.find("a", "po", "s")] == [one]
    assert ghosts.keep(three, "a") == [two], "the one found is younger now"
    assert [rest for _, rest in ghosts.find("a", "p", "s")] == ["three", "one"]
    large = done("l" * 1000)
    assert ghosts.keep(large, "b") == [one, three]
    assert ghosts.find("b", "p", "s") == [(large, large.text)]
    assert ghosts.forget("b") == [large]
    assert ghosts.keep(one, "a") == []
    assert ghosts.clear() == [one]


def test_an_answer_of_nothing_holds_at_its_own_place_only() -> None:
    ghosts = Ghosts()
    nothing = done("")
    ghosts.keep(nothing, "a")
    assert ghosts.find("a", "p", "s") == [(nothing, "")]
    assert ghosts.find("a", "p1", "s") == []
