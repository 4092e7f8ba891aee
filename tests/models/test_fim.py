"""Golden layouts: for each family, the exact tokens around the user's text."""

import json

import pytest

from ...models.errors import PairError
from ...models.fim import PromptParts, detect, layout
from ...models.tokenizer import Tokenizer
from .families import QWEN_TOKENS, byte_level, sentence_piece

STAR = (
    "<|endoftext|>",
    "<fim_prefix>",
    "<fim_middle>",
    "<fim_suffix>",
    "<fim_pad>",
    "<filename>",
    "<reponame>",
)
STAR2 = ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<file_sep>", "<repo_name>")
DEEPSEEK = (
    "<｜begin▁of▁sentence｜>",
    "<｜fim▁begin｜>",
    "<｜fim▁hole｜>",
    "<｜fim▁end｜>",
    "<｜end▁of▁sentence｜>",
)
CODEGEMMA = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>", "<eos>")
CODEQWEN = ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<file_sep>", "<reponame>")

GOLDEN = [
    (
        QWEN_TOKENS,
        "",
        None,
        "<|repo_name|>R\n<|file_sep|>a.py\nA<|file_sep|>c.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        "<|file_sep|>c.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    ),
    (
        QWEN_TOKENS,
        "",
        "spm",
        "<|repo_name|>R\n<|file_sep|>a.py\nA<|file_sep|>c.py\n<|fim_suffix|>S<|fim_prefix|>P<|fim_middle|>",
        "<|file_sep|>c.py\n<|fim_suffix|>S<|fim_prefix|>P<|fim_middle|>",
    ),
    (
        STAR2,
        "",
        None,
        "<repo_name>R<file_sep>a.py\nA<file_sep><fim_prefix>c.py\nP<fim_suffix>S<fim_middle>",
        "<file_sep><fim_prefix>c.py\nP<fim_suffix>S<fim_middle>",
    ),
    (STAR, "", None, "<fim_prefix>P<fim_suffix>S<fim_middle>", "<fim_prefix>P<fim_suffix>S<fim_middle>"),
    (
        STAR,
        "JetBrains/Mellum-4b-base",
        None,
        "<filename>a.py\nA<filename>c.py\n<fim_suffix>S<fim_prefix>P<fim_middle>",
        "<filename>c.py\n<fim_suffix>S<fim_prefix>P<fim_middle>",
    ),
    (
        CODEQWEN,
        "",
        None,
        "<reponame>R<file_sep>a.py\nA<file_sep>c.py\n<fim_prefix>P<fim_suffix>S<fim_middle>",
        "<file_sep>c.py\n<fim_prefix>P<fim_suffix>S<fim_middle>",
    ),
    (
        DEEPSEEK,
        "",
        None,
        "<｜fim▁begin｜>#a.py\nA#c.py\nP<｜fim▁hole｜>S<｜fim▁end｜>",
        "<｜fim▁begin｜>#c.py\nP<｜fim▁hole｜>S<｜fim▁end｜>",
    ),
    (
        CODEGEMMA,
        "",
        None,
        "a.py\nA<|file_separator|>c.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        "c.py\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    ),
    (
        QWEN_TOKENS[:5],
        "granite-4",
        None,
        "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    ),
    (
        ("<fim-prefix>", "<fim-suffix>", "<fim-middle>", "<|endoftext|>"),
        "",
        None,
        "<fim-prefix>P<fim-suffix>S<fim-middle>",
        "<fim-prefix>P<fim-suffix>S<fim-middle>",
    ),
    (
        ("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", "<[end▁of▁sentence]>"),
        "",
        None,
        "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>",
        "<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>",
    ),
    (
        ("[PREFIX]", "[SUFFIX]", "[MIDDLE]"),
        "",
        None,
        "[SUFFIX]S[PREFIX]+++++ a.py\nA+++++ c.py\nP",
        "[SUFFIX]S[PREFIX]+++++ c.py\nP",
    ),
    (
        ("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),
        "",
        None,
        "<|code_prefix|>P<|code_suffix|>S<|code_middle|>",
        "<|code_prefix|>P<|code_suffix|>S<|code_middle|>",
    ),
]


def _tokenizer(specials: tuple[str, ...]) -> Tokenizer:
    return Tokenizer(json.loads(byte_level(specials).to_str()))


def _text(tokenizer: Tokenizer, ids: list[int]) -> str:
    """Ids with their special tokens written out."""
    names = {token: name for name, token in tokenizer.special.items()}
    return "".join(names.get(token) or tokenizer.bytes_of(token).decode() for token in ids)


def _parts(tokenizer: Tokenizer, full: bool) -> PromptParts:
    encode = tokenizer.encode
    return PromptParts(
        chunks=((encode("a.py"), encode("A")),) if full else (),
        path=encode("c.py"),
        prefix=encode("P"),
        suffix=encode("S"),
        repository=encode("R") if full else None,
    )


@pytest.mark.parametrize(("specials", "hint", "order", "full", "bare"), GOLDEN)
def test_layout(specials: tuple[str, ...], hint: str, order: str | None, full: str, bare: str) -> None:
    """With repository and another file, and with the path alone."""
    tokenizer = _tokenizer(specials)
    fmt = detect(tokenizer, order, hint)
    assert fmt is not None
    assert _text(tokenizer, layout(fmt, _parts(tokenizer, True))) == full
    assert _text(tokenizer, layout(fmt, _parts(tokenizer, False))) == bare


def test_codellama_begins_with_its_bos() -> None:
    """Its tokens are spelled with ▁ and are not always listed as added."""
    tokenizer = Tokenizer(json.loads(sentence_piece().to_str()))
    fmt = detect(tokenizer)
    assert fmt is not None
    found = _text(tokenizer, layout(fmt, _parts(tokenizer, True)))
    assert found == "<s>▁<PRE> P▁<SUF>S▁<MID>"
    assert tokenizer.special["▁<EOT>"] in fmt.stop_ids


def test_every_control_token_stops() -> None:
    """A completion is text; whatever control token comes ends it, and so do the model's end tokens."""
    tokenizer = _tokenizer(QWEN_TOKENS)
    fmt = detect(tokenizer)
    assert fmt is not None
    assert fmt.stop_ids == set(tokenizer.special.values()) | tokenizer.end_ids
    assert fmt.file_sep_id == tokenizer.special["<|file_sep|>"]


def test_without_a_format_the_model_sees_the_prefix() -> None:
    """SmolLM and chat models: begin token, other files' text, prefix."""
    tokenizer = _tokenizer(("<|endoftext|>",))
    assert detect(tokenizer) is None
    assert _text(tokenizer, layout(None, _parts(tokenizer, True), bos_id=5)) == tokenizer.decode([5]) + "AP"
    assert _text(tokenizer, layout(None, _parts(tokenizer, False))) == "P"


def test_text_never_becomes_a_marker() -> None:
    """A file that contains the marker of its own model."""
    tokenizer = _tokenizer(QWEN_TOKENS)
    encode = tokenizer.encode
    parts = PromptParts(chunks=(), path=encode("<|file_sep|>"), prefix=encode("<|fim_middle|>"), suffix=[])
    ids = layout(detect(tokenizer), parts)
    assert ids.count(tokenizer.special["<|fim_middle|>"]) == 1
    assert ids.count(tokenizer.special["<|file_sep|>"]) == 1


def test_an_order_the_family_lacks() -> None:
    """Asked for by name, it is refused by name."""
    with pytest.raises(PairError, match=r"deepseek.*'spm'"):
        detect(_tokenizer(DEEPSEEK), "spm")
