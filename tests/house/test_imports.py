"""Who may import whom: the rooms of the house, read from the source itself."""

import ast
import sys

import pytest

from .tree import Import, Module, imports, modules

ROOMS = {"paceline", "daemon", "models", "lsp", "editors", "tests"}


def offences(room: str, forbidden: set[str], *, inside: bool) -> list[str]:
    """Imports of ``forbidden`` (rooms of ours if ``inside``, else other packages) anywhere in ``room``."""
    return [
        f"{module.path}:{found.line} imports {'.'.join(found.target)}"
        for module in modules()
        if module.within(room)
        for found in imports(module)
        if found.relative is inside and any(_is_in(found, name) for name in forbidden)
    ]


def _is_in(found: Import, name: str) -> bool:
    parts = tuple(name.split("/"))
    return found.target[: len(parts)] == parts


def test_project_imports_are_relative() -> None:
    absolute = [
        f"{module.path}:{found.line} imports {'.'.join(found.target)}"
        for module in modules()
        for found in imports(module)
        if not found.relative and found.target[0] in ROOMS
    ]
    assert absolute == []


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("models", {"daemon", "lsp", "tests"}),
        ("daemon", {"tests"}),
        (
            "daemon/engine",
            {
                *("daemon/protocol", "daemon/service", "daemon/client", "daemon/settings", "daemon/cli"),
                "daemon/bench",
            },
        ),
        ("lsp", {"models", "daemon/engine", "daemon/service", "daemon/bench", "tests"}),
        ("daemon/service", {"daemon/bench"}),
        ("daemon/worker", {"daemon/bench"}),
        ("daemon/cli", {"models/decoder", "models/training", "daemon/engine/engine"}),
        ("daemon/protocol", {"models", "daemon/cli", "daemon/settings", "daemon/service", "daemon/client"}),
    ],
)
def test_a_room_does_not_reach_into(room: str, forbidden: set[str]) -> None:
    assert offences(room, forbidden, inside=True) == []


def test_the_daemon_knows_the_language_server_by_its_verb_only() -> None:
    found = offences("daemon", {"lsp"}, inside=True)
    assert {line.split(":")[0] for line in found} == {"daemon/cli/language_server.py"}


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("models", {"zmq", "msgpack"}),
        ("daemon/engine", {"zmq", "msgpack", "pygls", "lsprotocol"}),
        ("lsp", {"torch", "transformers", "tokenizers"}),
        ("daemon/cli", {"torch", "transformers", "tokenizers"}),
    ],
)
def test_a_room_does_without(room: str, forbidden: set[str]) -> None:
    assert offences(room, forbidden, inside=False) == []


def test_protocol_needs_the_standard_library_and_msgpack_only() -> None:
    protocol = next(module for module in modules() if module.path == "daemon/protocol.py")
    outside = {found.target[0] for found in imports(protocol) if not found.relative}
    assert outside - set(sys.stdlib_module_names) <= {"msgpack"}


ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv"}


def _reads_environment(module: Module) -> list[int]:
    """Lines that touch the process environment through ``os``."""
    lines = [
        node.lineno
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and _is_os(node.value)
    ]
    named = [
        found.line for found in imports(module) if found.target[0] == "os" and found.target[-1] in ENVIRONMENT
    ]
    return lines + named


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def test_only_settings_reads_the_environment() -> None:
    readers = {module.path for module in modules() if not module.is_test and _reads_environment(module)}
    assert readers <= {"daemon/settings.py"}


def test_no_assert_guards_input() -> None:
    asserts = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if not module.is_test
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assert)
    ]
    assert asserts == []
