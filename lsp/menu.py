"""A suggestion as an item of the popup menu, for editors that have no inline completion.

Such an item goes in the place of the word at the cursor, because menus filter by that word.
"""

import re

from lsprotocol import types

from .text import Text

OPTIONS = types.CompletionOptions(trigger_characters=list(".([{,=: "))
_WORD = re.compile(r"\w*\Z")


def has_inline_completion(capabilities: types.ClientCapabilities) -> bool:
    """Tell whether a client can show ghost text."""
    document = capabilities.text_document
    return document is not None and document.inline_completion is not None


def inline_params(params: types.CompletionParams) -> types.InlineCompletionParams:
    """Return what an editor with inline completion would ask unasked at the same place."""
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    return types.InlineCompletionParams(context, params.text_document, params.position)


def menu_item(item: types.InlineCompletionItem, text: Text) -> types.CompletionItem:
    """Return an item of :class:`completion.Completions` for the menu; ``text`` is its document's."""
    if not isinstance(item.insert_text, str) or item.range is None:
        raise TypeError("an item has its text and its range")
    start, end = item.range.start, item.range.end
    cursor = text.offset(end.line, end.character)
    typed = text.slice(text.offset(start.line, start.character), cursor)
    word = _WORD.search(typed)
    length = len(word[0]) if word else 0
    whole = item.insert_text[len(typed) - length :]
    name, _, more = whole.strip().partition("\n")
    begin = types.Position(*text.position(cursor - length))
    return types.CompletionItem(
        label=name.rstrip() + (" …" if more else ""),
        detail="paceline",
        documentation=whole,
        filter_text=whole.partition("\n")[0],
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(types.Range(begin, end), whole),
        command=item.command,
    )
