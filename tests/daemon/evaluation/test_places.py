"""Places in folders and repositories: what is read, what is not, and how text is cut."""

from collections import Counter
from pathlib import Path

import pytest

from ....daemon.bench.prompts import NoPromptsError
from ....daemon.evaluation.cutting import KINDS
from ....daemon.evaluation.places import Place, find_places
from ..engine.tiny import tokenizer
from .repository import commit

CODE = "".join(
    f"def function_{n}(value):\n    total = value.count + {n}\n    return total.result\n\n\n"
    for n in range(30)
)


def places(folder: Path, count: int = 12, seed: int = 0, most: int = 200) -> list[Place]:
    """Places below ``folder``."""
    return find_places(
        folder, tokenizer(), count=count, most=most, seed=seed, tell=lambda _stage, _part: None
    )


def test_kinds_take_turns_and_a_seed_draws_the_same(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CODE)
    found = places(tmp_path)
    assert Counter(place.kind for place in found) == dict.fromkeys(KINDS, 4)
    assert len({place.name for place in found}) == 12
    assert found == places(tmp_path)
    assert found != places(tmp_path, seed=1)
    assert not any(place.recent for place in found)


def test_text_around_a_place_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CODE)
    for place in places(tmp_path):
        assert place.prefix in CODE
        assert place.suffix.removeprefix("\n") in CODE
        assert len(tokenizer().encode(place.prefix)) < 200
        line = place.prefix.rsplit("\n", 1)[1]
        assert line.endswith(".") if place.kind == "after a dot" else True
        assert not line.strip() if place.kind == "empty line" else line.strip()


def test_what_is_excluded_or_secret_or_no_code_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("built/\n")
    (tmp_path / ".pacelineignore").write_text("private.py\n")
    (tmp_path / "app.py").write_text(CODE)
    names = ["built/a.py", "private.py", ".hidden/a.py", "node_modules/a.py", ".ssh/key.py", "data.csv"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CODE.replace("function", "secret"))
    (tmp_path / "latin.py").write_bytes(b"\xe9\xe8" * 500)
    assert {place.path for place in places(tmp_path, 30)} == {"app.py"}


def test_recent_commits_come_first_with_the_file_as_it_was(tmp_path: Path) -> None:
    commit(tmp_path, app=CODE)
    half = CODE.index("def function_15")
    added = "def added(value):\n    first = value.first\n    second = value.second\n    return second\n\n\n"
    commit(tmp_path, app=CODE[:half] + added + CODE[half:])
    commit(tmp_path, app=CODE)  # the lines are gone again
    found = places(tmp_path, 20)
    recent = [place for place in found if place.recent]
    assert recent
    for place in recent:
        assert "def added" in place.prefix
        assert "second" not in place.suffix  # written after the cursor, or together with it
    assert {place.path for place in found} == {"app.py"}


def test_history_of_excluded_files_is_not_read(tmp_path: Path) -> None:
    commit(tmp_path, app=CODE, secret="password = 'hunter two'\n" * 20)
    (tmp_path / ".pacelineignore").write_text("secret.py\n")
    (tmp_path / "secret.py").unlink()
    assert {place.path for place in places(tmp_path, 20)} == {"app.py"}


@pytest.mark.parametrize("text", ["", "x = 1\n"])
def test_too_little_code_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "app.py").write_text(text)
    with pytest.raises(NoPromptsError, match="has 0 places"):
        places(tmp_path)
    with pytest.raises(NoPromptsError, match="is no folder"):
        places(tmp_path / "nowhere")
