"""Golden token ids: vocabularies with the control tokens of each family at their own ids."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...daemon.engine.prompt import build_prompt
from ...daemon.engine.records import Completion
from ...daemon.engine.window import Pieces
from ...models.fim import FimFormat, PromptParts, detect, formats, layout
from ...models.tokenizer import Tokenizer
from .families import byte_level, sentence_piece

QWEN = {
    "<|endoftext|>": 151643,
    "<|im_start|>": 151644,
    "<|im_end|>": 151645,
    "<|fim_prefix|>": 151659,
    "<|fim_middle|>": 151660,
    "<|fim_suffix|>": 151661,
    "<|fim_pad|>": 151662,
    "<|repo_name|>": 151663,
    "<|file_sep|>": 151664,
}
STARCODER = {
    "<|endoftext|>": 0,
    "<fim_prefix>": 1,
    "<fim_middle>": 2,
    "<fim_suffix>": 3,
    "<fim_pad>": 4,
    "<filename>": 5,
    "<gh_stars>": 6,
    "<reponame>": 18,
}
STARCODER2 = {
    "<|endoftext|>": 0,
    "<fim_prefix>": 1,
    "<fim_middle>": 2,
    "<fim_suffix>": 3,
    "<fim_pad>": 4,
    "<repo_name>": 5,
    "<file_sep>": 6,
}
CODEQWEN = {"<fim_prefix>": 92298, "<fim_middle>": 92299, "<fim_suffix>": 92300, "<file_sep>": 92305} | {
    "<|endoftext|>": 2,
    "<reponame>": 92304,
}
SANTACODER = {"<|endoftext|>": 49152, "<fim-prefix>": 49153, "<fim-middle>": 49154, "<fim-suffix>": 49155}
DEEPSEEK = {
    "<｜begin▁of▁sentence｜>": 32013,
    "<｜end▁of▁sentence｜>": 32014,
    "<｜fim▁hole｜>": 32015,
    "<｜fim▁begin｜>": 32016,
    "<｜fim▁end｜>": 32017,
    "<|EOT|>": 32021,
}
CODEGEMMA = {
    "<pad>": 0,
    "<eos>": 1,
    "<bos>": 2,
    "<|fim_prefix|>": 67,
    "<|fim_middle|>": 68,
    "<|fim_suffix|>": 69,
    "<|file_separator|>": 70,
}
GRANITE = {"<|end_of_text|>": 100257, "<|fim_prefix|>": 100258, "<|fim_middle|>": 100259} | {
    "<|fim_suffix|>": 100260,
    "<|fim_pad|>": 100261,
}
SEED = {
    "<[begin▁of▁sentence]>": 0,
    "<[end▁of▁sentence]>": 2,
    "<[fim-prefix]>": 124,
    "<[fim-suffix]>": 125,
    "<[fim-middle]>": 126,
}
GLM = {
    "<|endoftext|>": 151329,
    "<|code_prefix|>": 151346,
    "<|code_middle|>": 151347,
    "<|code_suffix|>": 151348,
}
SHIFT = 200  # below lies what families have at their first ids


def byte_family(specials: Mapping[str, int], bos: str = "") -> Tokenizer:
    """A byte-level vocabulary with ``specials`` where the family has them; prompts begin with ``bos``."""
    definition = json.loads(byte_level((), size=280).to_str())
    model = definition["model"]
    model["vocab"] = {token: known + SHIFT for token, known in model["vocab"].items()}
    definition["added_tokens"] = [
        {"content": content, "id": known, "special": content.startswith("<|end")}
        for content, known in specials.items()
    ]
    facts = {"bos_token": bos, "add_bos_token": True} if bos else {}
    return Tokenizer(definition, facts)


def piece_family(specials: Mapping[str, int]) -> Tokenizer:
    """A vocabulary spelled by SentencePiece, prompts begin with ``<s>``."""
    definition = json.loads(sentence_piece(()).to_str())
    definition["added_tokens"] += [
        {"content": content, "id": known, "special": True} for content, known in specials.items()
    ]
    return Tokenizer(definition)


CODELLAMA = {"▁<PRE>": 32007, "▁<SUF>": 32008, "▁<MID>": 32009, "▁<EOT>": 32010}
CODESTRAL = {"[PREFIX]": 605, "[MIDDLE]": 606, "[SUFFIX]": 607}
Golden = list[int | str]

# numbers are control tokens, text is what the vocabulary makes of it
CASES: dict[str, tuple[Tokenizer, str, str | None, Golden]] = {
    "qwen": (byte_family(QWEN), "", None, [151664, "c.py\n", 151659, "P", 151661, "S", 151660]),
    "qwen spm": (byte_family(QWEN), "", "spm", [151664, "c.py\n", 151661, "S", 151659, "P", 151660]),
    "codeqwen": (byte_family(CODEQWEN), "", None, [92305, "c.py\n", 92298, "P", 92300, "S", 92299]),
    "starcoder": (byte_family(STARCODER), "", None, [1, "P", 3, "S", 2]),
    "starcoder spm": (byte_family(STARCODER), "", "spm", [1, 3, "S", 2, "P"]),
    "santacoder": (byte_family(SANTACODER), "", None, [49153, "P", 49155, "S", 49154]),
    "santacoder spm": (byte_family(SANTACODER), "", "spm", [49153, 49155, "S", 49154, "P"]),
    "starcoder2": (byte_family(STARCODER2), "", None, [6, 1, "c.py\n", "P", 3, "S", 2]),
    "mellum": (byte_family(STARCODER), "a/Mellum-4b", None, [5, "c.py\n", 3, "S", 1, "P", 2]),
    "deepseek": (
        byte_family(DEEPSEEK, "<｜begin▁of▁sentence｜>"),
        "",
        None,
        [32013, 32016, "#", "c.py\n", "P", 32015, "S", 32017],
    ),
    "codegemma": (byte_family(CODEGEMMA, "<bos>"), "", None, [2, "c.py\n", 67, "P", 69, "S", 68]),
    "granite": (byte_family(GRANITE), "", None, [100258, "P", 100260, "S", 100259]),
    "seed": (byte_family(SEED, "<[begin▁of▁sentence]>"), "", None, [0, 125, "S", 124, "P", 126]),
    "glm": (byte_family(GLM), "", None, [151346, "P", 151348, "S", 151347]),
    "glm spm": (byte_family(GLM), "", "spm", [151348, "S", 151346, "P", 151347]),
    "codellama": (piece_family(CODELLAMA), "", None, [1, 32007, " P", 32008, "S", 32009]),
    "codellama spm": (piece_family(CODELLAMA), "", "spm", [1, 32007, 32008, "S", 32009, " P"]),
    "codestral": (piece_family(CODESTRAL), "", None, [1, 607, "S", 605, " +++++ c.py\n", "P"]),
    "codestral without pieces": (byte_family(CODESTRAL), "", None, [607, "S", 605, "+++++ ", "c.py\n", "P"]),
}
families = pytest.mark.parametrize("name", CASES)


def _format(name: str) -> tuple[Tokenizer, FimFormat]:
    tokenizer, hint, order, _ = CASES[name]
    found = detect(tokenizer, order, hint)
    assert found is not None
    return tokenizer, found


def _ids(tokenizer: Tokenizer, golden: Golden) -> list[int]:
    return [
        token for part in golden for token in ([part] if isinstance(part, int) else tokenizer.encode(part))
    ]


@families
def test_ids_of_a_prompt(name: str) -> None:
    """One file with its path, as the model's card lays it out."""
    tokenizer, fmt = _format(name)
    encode = tokenizer.encode
    parts = PromptParts(chunks=(), path=encode("c.py"), prefix=encode("P"), suffix=encode("S"))
    assert fmt.name == name.partition(" ")[0]
    assert layout(fmt, parts) == _ids(tokenizer, CASES[name][3])


def test_every_format_has_a_golden_prompt() -> None:
    """None can be added without one."""
    assert {name.partition(" ")[0] for name in CASES} == set(formats())


@families
def test_text_of_a_user_never_becomes_a_control_token(name: str) -> None:
    """A file made of its own model's markers, through the engine's own prompt."""
    tokenizer, fmt = _format(name)
    plain = Completion(path="c.py", prefix="P", suffix="S", max_tokens=8)
    noisy = "".join(tokenizer.special) + "<s></s>"
    hostile = Completion(
        path=noisy + ".py", prefix=noisy + "\n" + noisy + "P", suffix=noisy, repository=noisy, max_tokens=8
    )
    counts = [_controls(tokenizer, fmt, request) for request in (plain, hostile)]
    extra = {fmt.repo_id} if fmt.repo_id is not None else set()
    assert set(counts[1]) - extra == set(counts[0])
    assert all(counts[1][token] == 1 for token in counts[1])


def _controls(tokenizer: Tokenizer, fmt: FimFormat, request: Completion) -> dict[int, int]:
    prompt = build_prompt(request, tokenizer, fmt, context=2048, pieces=Pieces(tokenizer))
    controls = set(tokenizer.special.values())
    return {token: prompt.tokens.count(token) for token in prompt.tokens if token in controls}


LINES = st.lists(st.sampled_from(["def f", "x", " x", "", "é", "def", "  def", "\t"])).map("\n".join)


@given(text=LINES)
def test_a_space_comes_before_the_prefix_and_nothing_else_changes(text: str) -> None:
    """What SentencePiece makes of the text with the space that it puts there; nothing before no text."""
    tokenizer, fmt = _format("codellama")
    assert fmt.spaced is not None
    found = fmt.spaced(tokenizer.encode(text))
    assert found == (tokenizer.encode(" " + text) if text else [])


def test_a_first_line_cut_inside_a_character() -> None:
    """A window may begin in the middle of one; its bytes stay as they are."""
    tokenizer, fmt = _format("codellama")
    assert fmt.spaced is not None
    half = tokenizer.encode("é")[1:]
    assert fmt.spaced(half) == [*tokenizer.encode(" "), *half]


def test_elements_of_html_are_text() -> None:
    """Gemma's vocabulary has some as added tokens; a completion of a web page must not end at one."""
    names = ("<table>", "</h1>", "<unused7>")
    tokenizer = Tokenizer(json.loads(byte_level(names, size=280).to_str()))
    table, _, unused = (tokenizer.vocabulary()[name] for name in names)
    assert tokenizer.special == {"<unused7>": unused}
    text = "<table>a</h1><unused7>"
    assert tokenizer.encode(text)[0] == table
    assert unused not in tokenizer.encode(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text
