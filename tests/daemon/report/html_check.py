"""Reading a page strictly: elements closed where they were opened, references there, nothing from outside."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "col"}
OUTSIDE = re.compile(r"https?:|//[a-z]|url\(|@import|javascript:", re.IGNORECASE)


class Page(HTMLParser):
    """A parsed page. ``faults`` is empty where it is in order; ``words`` is what a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.names: list[str] = []
        self.ids: list[str] = []
        self.referred: set[str] = set()
        self.svgs: list[list[tuple[str, dict[str, str | None]]]] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"{name} is not closed" for name in self._open]
        self.faults += [f"id {name} is there twice" for name in set(self.ids) if self.ids.count(name) > 1]
        self.faults += [f"there is no id {name}" for name in self.referred - set(self.ids)]

    @property
    def words(self) -> str:
        """The text, with ordinary spaces."""
        return " ".join("".join(self._words).replace("\u00a0", " ").split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self._words.append(data + " ")
        elif OUTSIDE.search(data):
            self.faults.append("the style sheet loads something")

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.names.append(tag)
        if len(told) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        if "id" in told:
            self.ids.append(str(told["id"]))
        self.referred |= set(str(told.get("aria-labelledby") or "").split())
        self.faults += [
            f"{tag} refers to {value}" for value in told.values() if value and OUTSIDE.search(value)
        ]
        if any(name.startswith("on") or name == "src" for name in told):
            self.faults.append(f"{tag} runs or loads something")
        if tag == "svg":
            self.svgs.append([])
        if self.svgs and (tag == "svg" or "svg" in self._open):
            self.svgs[-1].append((tag, told))


def outside(page: Page) -> list[str]:
    """What of the drawings lies outside their frames."""
    return [
        f"{tag} {name} {value}"
        for drawing in page.svgs
        for tag, told in drawing
        for name, value, most in _places(tag, told, _size(drawing))
        if not -0.51 <= value <= most + 0.51
    ]


def _size(drawing: list[tuple[str, dict[str, str | None]]]) -> tuple[float, float]:
    _, _, width, height = map(float, str(drawing[0][1]["viewbox"]).split())
    return width, height


def _places(
    tag: str, told: dict[str, str | None], size: tuple[float, float]
) -> list[tuple[str, float, float]]:
    """The coordinates of an element: name, value, and the most that is inside."""
    found = [
        (name, float(value), size[name.startswith(("y", "cy"))])
        for name, value in told.items()
        if value and name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy")
    ]
    if tag == "rect":
        across, down = float(told["x"] or 0), float(told["y"] or 0)
        found.append(("right", across + float(told["width"] or 0), size[0]))
        found.append(("low", down + float(told["height"] or 0), size[1]))
    for pair in str(told.get("points") or "").split():
        x, y = pair.split(",")
        found += [("x", float(x), size[0]), ("y", float(y), size[1])]
    return found
