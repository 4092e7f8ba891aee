"""What is counted as saved, against a slow and simple count."""

from hypothesis import given
from hypothesis import strategies as st

from .....daemon.bench.typing_replay.score import Offer, offer_of, worth_of

texts = st.text(alphabet="ab\n", max_size=30)
offers = st.lists(st.builds(Offer, st.integers(0, 30), st.text(alphabet="ab\n", min_size=1, max_size=8)))


def saved_places(text: str, offers: list[Offer]) -> set[int]:
    """Every place of the text that some offer would have filled in."""
    places = set()
    for offer in offers:
        for number, character in enumerate(offer.text):
            place = offer.place + number
            if place >= len(text) or text[place] != character:
                break
            places.add(place)
    return places


@given(texts, offers)
def test_each_character_is_saved_once_and_only_if_it_came_true(text: str, offers: list[Offer]) -> None:
    worth = worth_of(text, offers)
    assert worth.saved == len(saved_places(text, offers)) <= len(text)
    assert {place for start, end in worth.pieces for place in range(start, end)} == saved_places(text, offers)


@given(texts, offers, offers)
def test_more_offers_never_save_less(text: str, some: list[Offer], more: list[Offer]) -> None:
    assert worth_of(text, some).saved <= worth_of(text, some + more).saved


@given(texts, st.integers(0, 30), st.integers(1, 30))
def test_an_offer_of_what_comes_saves_all_of_itself(text: str, place: int, length: int) -> None:
    offer = Offer(place, text[place : place + length])
    worth = worth_of(text, [offer])
    assert worth.saved == len(offer.text)
    assert worth.right == 1


def test_a_first_line_is_right_only_as_a_whole() -> None:
    text = "x = one\ny = two\n"
    assert worth_of(text, [Offer(4, "one")]).right == 1
    assert worth_of(text, [Offer(4, "one\nz = two")]).right == 1
    assert worth_of(text, [Offer(7, "\ny = two")]).right == 1
    assert worth_of(text, [Offer(7, "\ny = too")]).right == 0
    assert worth_of(text, [Offer(4, "only")]).right == 0


def test_an_offer_is_judged_where_the_text_so_far_is_final() -> None:
    text = "alpha beta"
    assert offer_of(text, "alpha", "alpha beta") == Offer(5, " beta")
    assert offer_of(text, "alhpa", "alhpa beta") is None
    assert offer_of(text, "alpha", "Alpha beta") is None
    assert offer_of(text, "alpha", "alpha") is None
