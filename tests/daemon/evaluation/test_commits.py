"""What commits added, read from real repositories and from the text of a log."""

from pathlib import Path

from ....daemon.evaluation import commits
from ....daemon.evaluation.commits import Added, content, parse, recent
from .repository import commit, git


def test_the_newest_additions_come_first_and_files_are_as_they_were(tmp_path: Path) -> None:
    commit(tmp_path, app="one = 1\n")
    commit(tmp_path, app="one = 1\ntwo = 2\nthree = 3\n")
    commit(tmp_path, app="zero = 0\none = 1\ntwo = 2\nthree = 3\n", other="new = True\n")
    found = recent(tmp_path)
    assert [(added.path, added.first, added.end) for added in found] == [
        ("app.py", 0, 1),
        ("other.py", 0, 1),
        ("app.py", 1, 3),
        ("app.py", 0, 1),
    ]
    assert content(tmp_path, found[2]) == "one = 1\ntwo = 2\nthree = 3\n"
    assert content(tmp_path, found[3]) == "one = 1\n"


def test_a_folder_of_a_repository_has_its_own_files_only(tmp_path: Path) -> None:
    commit(tmp_path, app="a = 1\n", src__deep__app="b = 2\n")
    (found,) = recent(tmp_path / "src")
    assert found.path == "deep/app.py"
    assert content(tmp_path / "src", found) == "b = 2\n"


def test_settings_of_a_repository_run_nothing_and_change_nothing(tmp_path: Path) -> None:
    commit(tmp_path, app="a = 1\n")
    trace = tmp_path / "trace"
    for setting in ("diff.external", "diff.python.textconv", "core.fsmonitor"):
        git(tmp_path, "config", setting, f"touch {trace}; true")
    git(tmp_path, "config", "diff.noprefix", "true")
    git(tmp_path, "config", "color.ui", "always")
    (tmp_path / ".gitattributes").write_text("*.py diff=python\n")
    (found,) = recent(tmp_path)
    assert found.path == "app.py"
    assert content(tmp_path, found) == "a = 1\n"
    assert not trace.exists()


def test_a_folder_without_a_repository_has_no_history(tmp_path: Path) -> None:
    assert recent(tmp_path / "nowhere") == []
    assert content(tmp_path / "nowhere", Added("0" * 40, "app.py", 0, 1)) is None


LOG = """\
commit c1

diff --git a/app.py b/app.py
--- a/app.py
+++ b/app.py
@@ -3 +3,2 @@ def f():
-gone
\\ No newline at end of file
+++ b/not-a-file.py
+@@ -1 +1 @@
@@ -9,0 +11 @@
+new
diff --git "a/\\tab.py" "b/\\tab.py"
--- "a/\\tab.py"
+++ "b/\\tab.py"
@@ -0,0 +1 @@
+x
commit c2

--- a/big.py
+++ b/big.py
@@ -0,0 +1,{many} @@
{lines}
@@ -1,2 +90,0 @@
-x
-y
"""


def test_text_that_looks_like_a_header_is_text() -> None:
    many = commits.MOST_LINES + 1
    log = LOG.format(many=many, lines="\n".join(["+x"] * many))
    assert list(parse(log)) == [Added("c1", "app.py", 2, 4), Added("c1", "app.py", 10, 11)]
