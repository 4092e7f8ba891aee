"""What the code at the cursor is: quoted or not, opening a block or not, and in which block."""

import re
from dataclasses import dataclass, replace

from tree_sitter import Node

from ..languages import Language, width_of
from ..place import unix
from ..scanner import scan, state_before_line
from .layout import Scope, Surroundings
from .trees import Parsed, leaf_before

_TEXT = re.compile(r"(?!concatenated)\w*(?:string|comment|char_literal|character_literal|rune_literal)")
_CODE = ("interpolation", "template_substitution")
_CLAUSES = 16  # children of a node among which its opening brace is looked for


@dataclass(frozen=True, slots=True)
class Facts:
    """``braces``: blocks are in braces; ``opens_block``: the cursor stands right behind what opens one."""

    quoted: bool
    opens_block: bool
    braces: bool
    scope: Scope | None


def facts_by_scanning(around: Surroundings, language: Language) -> Facts:
    """Return the facts by brackets, quotes and indentation alone."""
    before, line = state_before_line(unix(around.before), language)
    state = scan(line, language, before)
    braces = not language.indented and not language.words
    scope = around.scope(language.comments)
    if scope is not None and braces:
        closing = around.after[scope.end - around.offset :].lstrip()[:1]
        scope = Scope(scope.start, scope.end, scope.indent, closing == "}")
    opens = not state.quote and language.opens_block(line)
    in_brackets = language.indented and bool(state.stack)
    return Facts(bool(state.quote), opens and not in_brackets, braces, scope)


def facts_by_tree(parsed: Parsed, around: Surroundings, language: Language) -> Facts:
    """Return the facts by the parse tree.

    Code in progress has errors for a parser, which then cannot tell strings; there the scanner does.
    """
    facts = facts_by_scanning(around, language)
    if not parsed.tree.root_node.has_error:
        facts = replace(facts, quoted=_is_quoted(parsed, around))
    if not facts.braces:
        return facts
    return replace(facts, scope=_braces(parsed, around) or facts.scope)


def _is_quoted(parsed: Parsed, around: Surroundings) -> bool:
    """Whether the cursor is in a string or a comment."""
    byte = parsed.byte(around.offset)
    node = leaf_before(parsed, byte)
    while node is not None and not (node.type.startswith(_CODE) and byte < node.end_byte):
        if node.is_named and _TEXT.match(node.type) and _holds(parsed, node, byte):
            return True
        node = node.parent
    return False


def _holds(parsed: Parsed, node: Node, byte: int) -> bool:
    """Whether what stands at ``byte`` belongs to a string or comment; a comment may go on at its end."""
    if not node.start_byte < byte <= node.end_byte:
        return False
    if byte < node.end_byte:
        return True
    text = parsed.source[node.start_byte : byte]
    ended = text.endswith(b"\n") or (text.startswith(b"/*") and text.endswith(b"*/"))
    return "comment" in node.type and not ended


def _braces(parsed: Parsed, around: Surroundings) -> Scope | None:
    """The innermost pair of braces around the cursor; None where there is none that can be trusted."""
    byte = parsed.byte(around.offset)
    node: Node | None = parsed.tree.root_node.descendant_for_byte_range(byte, byte)
    while node is not None:
        first, last = _pair(node)
        if first is not None and last is not None and _encloses(first, last, byte):
            return _scope_of(parsed, first, last)
        node = node.parent
    return None


def _pair(node: Node) -> tuple[Node | None, Node | None]:
    """The braces of a node, which end it; the first may stand behind a keyword or a clause (Go)."""
    count = node.child_count
    last = node.child(count - 1) if count else None
    if last is None or last.type != "}":
        return None, None
    children = map(node.child, range(1 if node.is_error else min(count, _CLAUSES)))
    return next((child for child in children if child is not None and child.type == "{"), None), last


def _encloses(first: Node, last: Node, byte: int) -> bool:
    return first.end_byte <= byte and (last.is_missing or byte <= last.start_byte)


def _scope_of(parsed: Parsed, first: Node, last: Node) -> Scope:
    indent = _indent_at(parsed, first)
    own = first.start_point.row == last.start_point.row or _indent_at(parsed, last) == indent
    start, end = parsed.character(first.end_byte), parsed.character(last.start_byte)
    return Scope(start, end, indent, closed=own and not last.is_missing)


def _indent_at(parsed: Parsed, node: Node) -> int:
    """Columns of indentation of the line that ``node`` begins on."""
    start = parsed.source.rfind(b"\n", 0, node.start_byte) + 1
    return width_of(parsed.source[start : node.start_byte + 1].decode(errors="replace"))
