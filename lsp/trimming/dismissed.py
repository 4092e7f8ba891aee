"""Texts the user did not want, so that none is shown a second time at the same place."""

from collections import OrderedDict

MOST = 512

Key = tuple[str, str, str, str]


class Dismissed:
    """Remembers dismissed texts by document and place: the lines around the cursor, not their numbers."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[Key, str], None] = OrderedDict()

    def add(self, uri: str, prefix: str, suffix: str, text: str) -> None:
        """Take note that ``text`` was dismissed between ``prefix`` and ``suffix``."""
        entry = (_key(uri, prefix, suffix), text.strip())
        self._texts[entry] = None
        self._texts.move_to_end(entry)
        while len(self._texts) > MOST:
            self._texts.popitem(last=False)

    def holds(self, uri: str, prefix: str, suffix: str, text: str) -> bool:
        """Tell whether ``text`` was dismissed at this place."""
        return (_key(uri, prefix, suffix), text.strip()) in self._texts

    def forget(self, uri: str) -> None:
        """Forget what was dismissed in a document."""
        for entry in [entry for entry in self._texts if entry[0][0] == uri]:
            del self._texts[entry]


def _key(uri: str, prefix: str, suffix: str) -> Key:
    earlier, _, line = prefix.rpartition("\n")
    above = earlier[-2000:].rstrip().rpartition("\n")[2]
    rest, _, later = suffix.partition("\n")
    below = later[:2000].lstrip().partition("\n")[0]
    return uri, above.strip(), line, rest.rstrip() + "\n" + below.strip()
