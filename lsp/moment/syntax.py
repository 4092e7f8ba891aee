"""What the code at the cursor is: quoted or not, opening a block or not, and in which block."""

from dataclasses import dataclass

from tree_sitter import Node

from ..languages import Language, width_of
from ..scanner import scan, state_before_line
from .layout import Scope, Surroundings
from .trees import Parsed, leaf_before

_NOT_A_BLOCK = {"lambda", "slice", "pair", "dictionary", "subscript", "type", "typed_parameter", "set"}
_TEXT = ("string", "comment", "char_literal", "character_literal", "rune_literal", "heredoc", "template")
_CODE = ("interpolation", "template_substitution")


@dataclass(frozen=True, slots=True)
class Facts:
    """``braces``: blocks are in braces; ``opens_block``: the cursor stands right behind what opens one."""

    quoted: bool
    opens_block: bool
    braces: bool
    scope: Scope | None


def facts_by_scanning(around: Surroundings, language: Language) -> Facts:
    """Return the facts by brackets, quotes and indentation alone."""
    before, line = state_before_line(around.before, language)
    state = scan(line, language, before)
    line = line.rstrip()
    opens = line.endswith(":") and not state.stack if language.indented else line.endswith("{")
    braces = not language.indented and not language.words
    scope = around.scope()
    if scope is not None and braces:
        closing = around.after[scope.end - around.offset :].lstrip()[:1]
        scope = Scope(scope.start, scope.end, scope.indent, closing == "}")
    return Facts(bool(state.quote), opens and not state.quote, braces, scope)


def facts_by_tree(parsed: Parsed, around: Surroundings, language: Language) -> Facts:
    """Return the facts by the parse tree; where it has errors, as code in progress does, layout helps."""
    leaf = leaf_before(parsed, around.offset)
    quoted = leaf is not None and _is_quoted(parsed, leaf, around)
    if language.indented:
        return Facts(quoted, not quoted and _opens_suite(parsed, around), False, around.scope())
    opens = not quoted and around.line.rstrip().endswith("{")
    return Facts(quoted, opens, True, _braces(parsed, around) or around.scope())


def _is_quoted(parsed: Parsed, leaf: Node, around: Surroundings) -> bool:
    """Whether the cursor, which stands behind ``leaf``, is in a string or a comment."""
    byte = parsed.byte(around.offset)
    node: Node | None = leaf
    while node is not None and not node.type.startswith(_CODE):
        if node.is_named and any(word in node.type for word in _TEXT):
            inside = node.start_byte < byte < node.end_byte
            line_comment = "comment" in node.type and not _ends_comment(parsed, node)
            return inside or line_comment or (node.has_error and byte <= node.end_byte)
        node = node.parent
    return False


def _ends_comment(parsed: Parsed, node: Node) -> bool:
    """Whether a comment has an end of its own, so that what follows it on the line is code."""
    return parsed.source[node.start_byte : node.end_byte].endswith(b"*/")


def _opens_suite(parsed: Parsed, around: Surroundings) -> bool:
    """Whether the line ends in the colon of a compound statement, not of a slice, a dict or a type."""
    line = around.line.rstrip()
    if not line.endswith(":"):
        return False
    colon = leaf_before(parsed, around.offset - (len(around.line) - len(line)))
    return colon is not None and colon.parent is not None and colon.parent.type not in _NOT_A_BLOCK


def _braces(parsed: Parsed, around: Surroundings) -> Scope | None:
    """The innermost pair of braces around the cursor; None where there is none that can be trusted."""
    byte = parsed.byte(around.offset)
    node: Node | None = parsed.tree.root_node.descendant_for_byte_range(byte, byte)
    while node is not None:
        first, last = node.child(0), node.child(node.child_count - 1)
        if first is not None and last is not None and _encloses(first, last, byte):
            return _scope_of(parsed, first, last)
        node = node.parent
    return None


def _encloses(first: Node, last: Node, byte: int) -> bool:
    if first.type != "{" or last.type != "}":
        return False
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
