"""HTML and SVG as text: elements made by one function that escapes whatever is put into them."""

import html
from collections.abc import Iterable

VOID = frozenset(("meta", "link", "br", "col"))
DRAWN = frozenset(("rect", "line", "path", "circle", "polyline"))


class Markup(str):
    """Text that is markup already; every other string is escaped when it becomes part of an element."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: object) -> Markup:
    """An element. Attributes that are None or False are left out, True ones stand alone.

    A name's trailing underscore goes (``class_``), others become hyphens (``stroke_width``).
    """
    told = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Markup(f"<{name}{told}>")
    inner = join(child for child in children if child is not None)
    if name in DRAWN and not inner:
        return Markup(f"<{name}{told}/>")
    return Markup(f"<{name}{told}>{inner}</{name}>")


def join(children: Iterable[str]) -> Markup:
    """Children one after another, text among them escaped."""
    return Markup("".join(c if isinstance(c, Markup) else html.escape(c, quote=False) for c in children))


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    text = shortest(value) if isinstance(value, float) else str(value)
    return f' {name}="{html.escape(text)}"'


def shortest(value: float) -> str:
    """A coordinate with at most two decimals and no needless zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
