"""Text to tokens and back, on the ``tokenizers`` library and the bytes behind every token.

Text is encoded as it stands: special tokens written in it stay text, no space is put before it and no Unicode
form is changed, so that the bytes of the tokens joined are the bytes of the text. Both kinds of vocabulary in
use are read: byte-level BPE (each character of a token stands for a byte, as in GPT-2) and SentencePiece-like
BPE (``▁`` for a space, ``<0x0A>`` for a byte).
"""

import hashlib
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tokenizers

from .directory import CONFIG_LIMIT, inside, read_json
from .errors import CheckpointError, UnsupportedModelError

TOKENIZER_LIMIT = 64 << 20
MOST_TOKENS = 1 << 20
END_NAMES = (
    "<|endoftext|>",
    "<|end_of_text|>",
    "<｜end▁of▁sentence｜>",
    "<[end▁of▁sentence]>",
    "</s>",
    "<eos>",
    "<EOT>",
    "▁<EOT>",
    "<|EOT|>",
    "<|eot_id|>",
    "<|im_end|>",
)
_CONTROL_NAMES = {"▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>", "<s>", "</s>", "<unk>", "<pad>"}
_HTML = re.compile(
    r"</?(?:table|caption|thead|tbody|tfoot|tr|th|td|ul|ol|li|h[1-6]|blockquote|strong|em|b|i|u|sub|sup|code)>"
)
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


class Tokenizer:
    """One model's vocabulary. ``special`` maps the text of each control token to its id."""

    def __init__(self, definition: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> None:
        """Build from the map of a ``tokenizer.json``; ``facts`` are keys of the files beside it.

        Raises UnsupportedModelError for a vocabulary of another kind, CheckpointError for a broken one.
        """
        facts = facts or {}
        vocab = _vocabulary(definition)
        added = _added(definition)
        table = {**vocab, **{content: token for content, (token, _) in added.items()}}
        self.special = _special(vocab, added)
        self.vocab_size = max(table.values()) + 1
        self._merges = _merges(definition)
        self._table = table
        spell = _speller(definition)
        self._bytes = [b""] * self.vocab_size
        for content, token in table.items():
            if content not in self.special:
                self._bytes[token] = content.encode() if content in added else spell(content)
        self._sorted = sorted((data, token) for token, data in enumerate(self._bytes) if data)
        self._keys = [data for data, _ in self._sorted]
        self._encoder = _plain_encoder(definition, self.special)
        self.bos_id = _bos(definition, facts, table)
        self.end_ids = _ends(facts, table, self.special)

    @classmethod
    def from_directory(cls, path: Path) -> "Tokenizer":
        """Read ``tokenizer.json``, and what the files beside it say about ends; CheckpointError if broken."""
        definition = read_json(path, "tokenizer.json", TOKENIZER_LIMIT)
        facts: dict[str, Any] = {}
        for name in ("config.json", "generation_config.json", "tokenizer_config.json"):
            if inside(path, name).is_file():
                found = read_json(path, name, TOKENIZER_LIMIT if name.startswith("tok") else CONFIG_LIMIT)
                ends = [*facts.get("ends", []), found.get("eos_token_id"), found.get("eos_token")]
                facts |= {"bos_token": found.get("bos_token"), "add_bos_token": found.get("add_bos_token")}
                facts["ends"] = ends
        try:
            return cls(definition, facts)
        except CheckpointError as error:
            raise CheckpointError(f"{path / 'tokenizer.json'}: {error}") from None
        except UnsupportedModelError as error:
            raise UnsupportedModelError(f"{path / 'tokenizer.json'}: {error}") from None

    def encode(self, text: str) -> list[int]:
        """Tokens of ``text`` as plain text; a lone surrogate becomes a question mark."""
        clean = text.encode("utf-8", "replace").decode()
        ids: list[int] = self._encoder.encode(clean, add_special_tokens=False).ids
        return ids

    def bytes_of(self, token: int) -> bytes:
        """The bytes ``token`` stands for; empty for control tokens and for ids outside the vocabulary."""
        return self._bytes[token] if 0 <= token < self.vocab_size else b""

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the tokens; bytes that are not UTF-8 become replacement characters."""
        return b"".join(map(self.bytes_of, ids)).decode("utf-8", "replace")

    def fingerprint(self) -> str:
        """SHA-256 of vocabulary, control tokens and merges: equal for tokenizers that mean the same ids."""
        facts = (sorted(self._table.items()), sorted(self.special.items()), self._merges)
        return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode()).hexdigest()

    def extensions(self, prefix: bytes) -> Sequence[int]:
        """Ids whose bytes start with ``prefix``, those equal to it included, in the order of their bytes."""
        size = len(prefix)
        first = bisect_left(self._keys, prefix)
        last = bisect_right(self._keys, prefix, lo=first, key=lambda data: data[:size])
        return [token for _, token in self._sorted[first:last]]

    def prefixes(self, data: bytes) -> Sequence[int]:
        """Ids whose bytes are a non-empty proper prefix of ``data``, shortest first."""
        return [token for size in range(1, len(data)) for token in self._exact(data[:size])]

    def vocabulary(self) -> Mapping[str, int]:
        """Every token, as the tokenizer's file spells it, with its id."""
        return self._table

    def _exact(self, data: bytes) -> Iterator[int]:
        place = bisect_left(self._keys, data)
        while place < len(self._keys) and self._keys[place] == data:
            yield self._sorted[place][1]
            place += 1


def _vocabulary(definition: Mapping[str, Any]) -> dict[str, int]:
    model = definition.get("model")
    kind = model.get("type") if isinstance(model, Mapping) else None
    if not isinstance(model, Mapping) or kind not in ("BPE", None):
        raise UnsupportedModelError(f"a tokenizer of type {kind!r} is not read; use a model with a BPE one.")
    vocab = model.get("vocab")
    if not isinstance(vocab, dict) or not vocab or not all(map(_is_id, vocab.values())):
        raise CheckpointError("it holds no vocabulary; download it again.")
    return vocab


def _added(definition: Mapping[str, Any]) -> dict[str, tuple[int, bool]]:
    """Content of each added token with its id and whether it is a control token.

    Files are careless with the ``special`` flag (Qwen's FIM tokens lack it), so every added token counts as
    one but runs of white space and Gemma's elements of HTML, which are text.
    """
    found: dict[str, tuple[int, bool]] = {}
    for entry in definition.get("added_tokens") or []:
        match entry:
            case {"content": str(content), "id": int(token)} if content and _is_id(token):
                text = not content.strip(" \t\n\r▁") or _HTML.fullmatch(content) is not None
                found[content] = (token, not text or entry.get("special") is True)
            case _:
                raise CheckpointError("an added token is badly described; download it again.")
    return found


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value < MOST_TOKENS


def _special(vocab: Mapping[str, int], added: Mapping[str, tuple[int, bool]]) -> dict[str, int]:
    named = {content: vocab[content] for content in _CONTROL_NAMES & vocab.keys()}
    return named | {content: token for content, (token, control) in added.items() if control}


def _merges(definition: Mapping[str, Any]) -> list[str]:
    """Merges in one spelling; files hold ``"a b"`` or ``["a", "b"]``."""
    merges = definition["model"].get("merges")
    if not isinstance(merges, list):
        raise CheckpointError("it holds no merges; download it again.")
    return [merge if isinstance(merge, str) else " ".join(map(str, merge)) for merge in merges]


def _parts(node: object, inner: str) -> Iterator[Mapping[str, Any]]:
    """The components of a normalizer, pre-tokenizer, decoder or post-processor, sequences flattened."""
    if not isinstance(node, Mapping):
        return
    if node.get("type") == "Sequence":
        for part in node.get(inner) or []:
            yield from _parts(part, inner)
    else:
        yield node


def _speller(definition: Mapping[str, Any]) -> Any:
    """The function from a token's spelling to its bytes."""
    kinds = {part.get("type") for part in _parts(definition.get("decoder"), "decoders")}
    if "ByteLevel" in kinds:
        return _spell_byte_level
    if "ByteFallback" in kinds:
        return _spell_pieces
    raise UnsupportedModelError("its tokens do not stand for bytes; use a model with a byte-level tokenizer.")


def _byte_alphabet() -> dict[str, int]:
    """GPT-2's characters for bytes: printable ones for themselves, the others from U+0100 on."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = sorted(set(range(256)) - set(plain))
    return {chr(byte): byte for byte in plain} | {chr(256 + i): byte for i, byte in enumerate(others)}


_ALPHABET = _byte_alphabet()


def _spell_byte_level(content: str) -> bytes:
    try:
        return bytes(_ALPHABET[character] for character in content)
    except KeyError:
        return content.encode("utf-8", "replace")


def _spell_pieces(content: str) -> bytes:
    byte = _BYTE.fullmatch(content)
    return bytes([int(byte[1], 16)]) if byte else content.replace("▁", " ").encode("utf-8", "replace")


def _plain_encoder(definition: Mapping[str, Any], special: Mapping[str, int]) -> tokenizers.Tokenizer:
    """The library's tokenizer without control tokens, leading space, Unicode forms or limits on length."""
    replaces = [
        part for part in _parts(definition.get("normalizer"), "normalizers") if part.get("type") == "Replace"
    ]
    splits = [
        {key: _PLAIN.get(key, value) if key in part else value for key, value in part.items()}
        for part in _parts(definition.get("pre_tokenizer"), "pretokenizers")
    ]
    kept = [entry for entry in definition.get("added_tokens") or [] if entry["content"] not in special]
    # The library numbers added tokens by itself unless the model's vocabulary has them.
    vocab = {**definition["model"]["vocab"], **{entry["content"]: entry["id"] for entry in kept}}
    plain = {
        **definition,
        "model": {**definition["model"], "vocab": vocab},
        "added_tokens": kept,
        "normalizer": {"type": "Sequence", "normalizers": replaces} if replaces else None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": splits} if splits else None,
        "post_processor": None,
        "truncation": None,
        "padding": None,
    }
    try:
        encoder = tokenizers.Tokenizer.from_str(json.dumps(plain))
    except Exception as error:  # noqa: BLE001  the library raises Exception itself
        raise CheckpointError(f"it cannot be built ({str(error).rstrip('.')}); download it again.") from None
    return encoder


_PLAIN = {"add_prefix_space": False, "prepend_scheme": "never"}


def _bos(definition: Mapping[str, Any], facts: Mapping[str, Any], table: Mapping[str, int]) -> int | None:
    """The token that prompts begin with, by the post-processor or by ``add_bos_token``."""
    for part in _parts(definition.get("post_processor"), "processors"):
        match part:
            case {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": str(name)}}, *_]}:
                return table.get(name)
    return table.get(_content(facts.get("bos_token"))) if facts.get("add_bos_token") is True else None


def _content(token: object) -> str:
    """The text of a token that is given as text or as a map."""
    if isinstance(token, Mapping):
        token = token.get("content")
    return token if isinstance(token, str) else ""


def _ends(facts: Mapping[str, Any], table: Mapping[str, int], special: Mapping[str, int]) -> frozenset[int]:
    found = {special[name] for name in END_NAMES if name in special}
    for value in facts.get("ends") or []:
        for end in value if isinstance(value, list) else [value]:
            token = end if _is_id(end) else table.get(_content(end))
            if token is not None:
                found.add(token)
    return frozenset(found)
