"""Open documents: versions rise, snapshots stay as they were."""

import logging

import pytest
from lsprotocol import types

from ...lsp.documents import Change, Documents

URI = "file:///a.py"


def put(line: int, column: int, text: str, *, until: tuple[int, int] | None = None) -> Change:
    """A change in place."""
    start = types.Position(line, column)
    return types.TextDocumentContentChangePartial(
        types.Range(start, types.Position(*until or (line, column))), text
    )


def whole(text: str) -> Change:
    """A change that brings everything."""
    return types.TextDocumentContentChangeWholeDocument(text)


@pytest.fixture
def documents() -> Documents:
    """One open document at version 3."""
    documents = Documents("utf-16")
    documents.open(types.TextDocumentItem(URI, "python", 3, "one\ntwo\n"))
    return documents


def text_of(documents: Documents) -> str:
    """The text now."""
    snapshot = documents.get(URI)
    assert snapshot is not None
    return str(snapshot.text)


def test_changes_apply_in_order_to_what_the_one_before_left(documents: Documents) -> None:
    before = documents.get(URI)
    assert documents.change(URI, 4, [put(0, 0, "zero\n"), put(1, 3, "!"), put(2, 0, "", until=(3, 0))])
    assert text_of(documents) == "zero\none!\n"
    assert before is not None
    assert (before.version, str(before.text)) == (3, "one\ntwo\n")


def test_versions_may_skip_but_not_go_back(documents: Documents, caplog: pytest.LogCaptureFixture) -> None:
    assert documents.change(URI, 9, [put(0, 0, "a")])
    with caplog.at_level(logging.WARNING):
        assert not documents.change(URI, 8, [put(0, 0, "STALE")])
        assert not documents.change(URI, 9, [put(0, 0, "STALE")])
    assert text_of(documents) == "aone\ntwo\n"
    assert len(caplog.records) == 2
    assert "STALE" not in caplog.text


def test_a_whole_text_brings_a_document_back_into_step(documents: Documents) -> None:
    assert documents.change(URI, 2, [put(0, 0, "STALE"), whole("new\n"), put(0, 3, "er")])
    assert text_of(documents) == "newer\n"
    snapshot = documents.get(URI)
    assert snapshot is not None
    assert snapshot.version == 2


def test_only_open_documents_change(documents: Documents) -> None:
    documents.close(URI)
    documents.close(URI)
    assert documents.get(URI) is None
    assert not documents.change(URI, 4, [whole("x")])
    documents.open(types.TextDocumentItem(URI, "python", 1, "again"))
    assert text_of(documents) == "again"
