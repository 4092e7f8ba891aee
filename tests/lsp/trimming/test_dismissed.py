"""Nothing is shown a second time where it was dismissed."""

from ....lsp.trimming import Dismissed
from ....lsp.trimming.dismissed import MOST

URI = "file:///a.py"


def test_the_same_text_at_the_same_place() -> None:
    dismissed = Dismissed()
    dismissed.add(URI, "a = 1\nb = ", "\nc = 3\n", "2")
    assert dismissed.holds(URI, "a = 1\nb = ", "\nc = 3\n", "2")
    assert dismissed.holds(URI, "# new\na = 1\nb = ", "\nc = 3\nd = 4\n", " 2\n"), "the lines moved"
    assert not dismissed.holds(URI, "a = 1\nb = ", "\nc = 3\n", "22")
    assert not dismissed.holds(URI, "a = 1\nb = 0 + ", "\nc = 3\n", "2"), "the user typed on"
    assert not dismissed.holds(URI, "a = 2\nb = ", "\nc = 3\n", "2")
    assert not dismissed.holds("file:///b.py", "a = 1\nb = ", "\nc = 3\n", "2")


def test_a_document_is_forgotten() -> None:
    dismissed = Dismissed()
    dismissed.add(URI, "a", "", "b")
    dismissed.add("file:///b.py", "a", "", "b")
    dismissed.forget(URI)
    assert not dismissed.holds(URI, "a", "", "b")
    assert dismissed.holds("file:///b.py", "a", "", "b")


def test_the_oldest_goes_first() -> None:
    dismissed = Dismissed()
    for number in range(MOST + 1):
        dismissed.add(URI, "a", "", str(number))
    assert not dismissed.holds(URI, "a", "", "0")
    assert dismissed.holds(URI, "a", "", "1") and dismissed.holds(URI, "a", "", str(MOST))
