"""Which lines are typed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .....daemon.bench.typing_replay.passage import PassageError, passage_of


@given(st.data())
def test_a_passage_and_what_surrounds_it_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.sampled_from(["", "  ", "x = 1", "    y"]), min_size=1, max_size=20))
    lines, seed = data.draw(st.integers(1, 25)), data.draw(st.integers(0, 50))
    path = tmp_path_factory.mktemp("passage") / "a.py"
    path.write_text("\n".join(rows))
    if not any(row.strip() for row in rows):
        with pytest.raises(PassageError):
            passage_of(path, lines, seed)
        return
    passage = passage_of(path, lines, seed)
    assert passage.before + passage.text + passage.after == "\n".join(rows)
    assert passage.before == "" or passage.before.endswith("\n")
    assert passage.text.count("\n") < lines or passage.before == ""
    assert passage_of(path, lines, seed) == passage


def test_what_cannot_be_typed_is_told(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").write_text("\n\n")
    for name, reason in (("missing", "No such file"), ("binary", "UTF-8"), ("empty", "nothing to type")):
        with pytest.raises(PassageError, match=reason):
            passage_of(tmp_path / name, 5, 0)
