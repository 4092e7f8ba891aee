"""What the daemon is asked about a file, and of which files it is asked nothing."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...daemon.protocol import Chunk, encode
from ...lsp.asking import Asking, Names
from ...lsp.documents import Snapshot
from ...lsp.settings import EditorSettings
from ...lsp.text import ENCODINGS, Text

EMPTY = Text.of("", ENCODINGS["utf-16"])


def document(uri: str, language: str = "python") -> Snapshot:
    """An empty document."""
    return Snapshot(uri, language, 1, EMPTY)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a repository."""
    (tmp_path / "project" / ".git").mkdir(parents=True)
    return tmp_path / "project"


def test_a_file_is_called_by_its_path_in_the_project(project: Path) -> None:
    asking = Asking()
    assert asking.names(document((project / "a" / "b c.py").as_uri())) == Names("a/b c.py", "project")
    assert asking.names(document((project / "a/../é.py").as_uri())) == Names("é.py", "project")


def test_without_a_repository_the_innermost_open_folder_is_the_project(tmp_path: Path) -> None:
    asking, file = Asking(), document((tmp_path / "one" / "two" / "a.py").as_uri())
    assert asking.names(file) == Names("a.py")
    asking.folders = [tmp_path, tmp_path / "one", tmp_path / "other"]
    assert asking.names(file) == Names("two/a.py", "one")


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("untitled:Untitled-1", "Untitled-1"),
        ("untitled:", "untitled"),
        ("", "untitled"),
        ("file:", "untitled"),
        ("file://[", "untitled"),
        ("file:///", "untitled"),
        ("file:///%00", "untitled"),
        ("x%00y", "xy"),
    ],
)
def test_what_is_no_file_has_a_name_nevertheless(uri: str, name: str) -> None:
    assert Asking().names(document(uri)) == Names(name)


@pytest.mark.parametrize("uri", ["oil://{0}", "oil://{0}/", "file://{0}"])
@pytest.mark.parametrize("repository", [False, True])
def test_a_folder_that_is_shown_as_a_document_is_asked_about_too(
    tmp_path: Path, uri: str, repository: bool
) -> None:
    (tmp_path / "top" / (".git" if repository else "src")).mkdir(parents=True)
    asking = Asking()
    asking.folders = [tmp_path / "top"]
    assert asking.names(document(uri.format(tmp_path / "top"))) == Names("top")


@pytest.mark.parametrize("name", [".env", "%2Eenv", "keys/id_rsa", "a/../.env", "ignored/a.py", "mine.py"])
@pytest.mark.parametrize(
    "scheme", ["file://{0}", "vscode-notebook-cell:{0}#c1", "git:{0}?HEAD", "FILE://{0}"]
)
def test_an_excluded_file_is_not_asked_about_under_any_scheme(project: Path, name: str, scheme: str) -> None:
    (project / ".gitignore").write_text("ignored/\n")
    asking = Asking()
    asking.use(EditorSettings(exclude=("mine.py",)))
    uri = scheme.format(f"{project}/{name}")
    assert asking.names(document(uri)) is None
    assert asking.names(document(uri.replace("%2E", ".").replace(name, "good.py"))) is not None or "%" in name


def test_an_unsaved_file_with_the_name_of_a_secret_is_excluded() -> None:
    assert Asking().names(document("untitled:.env")) is None
    assert Asking().names(document("untitled:%2Eenv")) is None


def test_pieces_of_a_file_go_along_where_the_file_itself_may(project: Path) -> None:
    asking = Asking()
    assert asking.allows(project / "a.py")
    assert not asking.allows(project / ".env")
    asking.use(EditorSettings(exclude=("*.py",)))
    assert not asking.allows(project / "a.py")
    asking.use(EditorSettings())
    assert asking.allows(project / "a.py")


def test_nothing_is_asked_where_that_is_switched_off() -> None:
    asking, file = Asking(), document("untitled:a.py")
    asking.use(EditorSettings(disabled_languages=("python", "c")))
    assert asking.names(file) is None
    assert asking.names(replace(file, language="go")) == Names("a.py")
    asking.use(EditorSettings(enabled=False))
    assert asking.names(replace(file, language="go")) is None


def test_a_request_says_what_the_settings_say() -> None:
    asking = Asking()
    asking.use(EditorSettings(max_tokens=7, multiline=False))
    chunks = (Chunk("b.py", "y"),)
    request = asking.request(document("untitled:a", "go"), Names("a.go", "top"), "x", "z", chunks)
    assert (request.path, request.repository, request.language) == ("a.go", "top", "go")
    assert (request.prefix, request.suffix, request.chunks) == ("x", "z", chunks)
    assert (request.max_tokens, request.multiline, request.document) == (7, False, "untitled:a")


NAMES = st.text(st.sampled_from("a./%:#?[]\\é😀 \0\n\ud83d"), max_size=12)
SCHEMES = st.sampled_from(["file://", "file:///", "FILE:///", "untitled:", "git:/", "", "//", "http://h/"])


@given(SCHEMES, NAMES, NAMES, st.sampled_from([1, 300]))
def test_whatever_a_document_is_called_the_daemon_can_read_the_request(
    scheme: str, name: str, language: str, times: int
) -> None:
    asking, file = Asking(), document(scheme + name, language * times)
    asking.folders = [Path("/"), Path("/a")]
    names = asking.names(file)
    if names is not None:
        assert names.path
        assert encode(asking.request(file, names, "", ""), 1)


def test_a_name_that_is_too_long_keeps_its_end() -> None:
    uri = "untitled:" + "é" * 5000 + "/end.py"
    asking, file = Asking(), document(uri)
    names = asking.names(file)
    assert names is not None
    request = asking.request(file, names, "", "")
    assert request.path.endswith("é/end.py") and request.document.endswith("é/end.py")
    assert encode(request, 1)


def test_a_file_that_is_a_link_to_an_excluded_one_is_excluded(project: Path) -> None:
    (project / ".env").write_text("")
    os.symlink(project / ".env", project / "plain.py")
    assert Asking().names(document((project / "plain.py").as_uri())) is None
