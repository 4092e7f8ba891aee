"""Every family of the catalog, small and random, with its own control tokens: checked, loaded, completed."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import torch

from ....daemon.engine.engine import Engine, EngineOptions
from ....daemon.engine.prompt import Prompt, build_prompt
from ....daemon.engine.records import Completion, DrafterChoice, Result
from ....daemon.engine.window import Pieces
from ....models.pairing import PairReport, PairSpec, check_pair
from ...models.families import FAMILIES, QWEN_TOKENS, byte_level, sentence_piece, write

STAR = ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<filename>", "<reponame>")
STAR2 = ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<file_sep>", "<repo_name>")
DEEPSEEK = ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜end▁of▁sentence｜>")
GEMMA = ("<eos>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>")
SEED = ("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>", "<[end▁of▁sentence]>")


@dataclass(frozen=True)
class Case:
    """Control tokens of a family, the format they must be found to be, and the marker that comes last."""

    specials: tuple[str, ...]
    fim: str | None
    last: str = ""
    pieces: bool = False
    folder: str = "model"

    def tokenizer(self) -> tokenizers.Tokenizer:
        """A small tokenizer of the family's kind."""
        if not self.pieces:
            return byte_level(self.specials)
        made = sentence_piece(self.specials)
        made.add_special_tokens([name for name in self.specials if not name.startswith("▁")])
        return made


CASES = {
    "qwen2": Case(QWEN_TOKENS, "qwen", "<|fim_middle|>"),
    "starcoder2": Case(STAR2, "starcoder2", "<fim_middle>"),
    "deepseek-coder": Case(DEEPSEEK, "deepseek", "<｜fim▁end｜>"),
    "codellama": Case(("▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"), "codellama", "▁<MID>", pieces=True),
    "granite-code": Case(STAR, "starcoder", "<fim_middle>"),
    "granite-code-20b": Case(STAR, "starcoder", "<fim_middle>"),
    "granite": Case(QWEN_TOKENS[:5], "granite", "<|fim_middle|>"),
    "seed-coder": Case(SEED, "seed", "<[fim-middle]>"),
    "mellum": Case(STAR, "mellum", "<fim_middle>", folder="JetBrains--Mellum-4b-base"),
    "gemma": Case(GEMMA, "codegemma", "<|fim_middle|>"),
    "codestral": Case(("[PREFIX]", "[SUFFIX]"), "codestral", pieces=True),
    "smollm": Case(("<|endoftext|>",), None),
}
REQUEST = Completion(
    path="a.py",
    prefix="def f(x):\n    return x +",
    suffix="\n\nprint(f(1))\n",
    multiline=True,
    max_tokens=12,
    k=3,
)


@dataclass(frozen=True)
class Made:
    """A checkpoint on disk, what the pair check found, transformers' own module."""

    path: Path
    report: PairReport
    module: Any

    def prompt(self) -> Prompt:
        """What the engine makes of ``REQUEST``."""
        tokenizer = self.report.tokenizer
        return build_prompt(REQUEST, tokenizer, self.report.fim, context=256, pieces=Pieces(tokenizer))

    def continued(self, tokens: list[int], count: int) -> str:
        """The text that transformers' module writes after ``tokens``, of ids that the tokenizer has."""
        written: list[int] = []
        while len(written) < count:
            with torch.inference_mode():
                logits = self.module(torch.tensor([[*tokens, *written]])).logits[0, -1, : self.report.vocab]
            written.append(int(logits.argmax()))
        return self.report.tokenizer.decode(written)


@pytest.fixture(scope="module", params=CASES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A random model of a family, its vocabulary padded."""
    case = CASES[request.param]
    path = tmp_path_factory.mktemp("family") / case.folder
    tokenizer = case.tokenizer()
    module = write(path, request.param, vocab_size=tokenizer.get_vocab_size() + 9)
    tokenizer.save(str(path / "tokenizer.json"))
    return Made(path, check_pair(PairSpec(request.param, path, path)), module)


def _case(made: Made) -> Case:
    return CASES[made.report.spec.name]


def test_the_format_is_found(made: Made) -> None:
    """By the control tokens; a model without any says that it completes from the prefix."""
    case, fim = _case(made), made.report.fim
    assert (fim and fim.name) == case.fim
    assert any("only the text before the cursor" in each for each in made.report.remarks) is (fim is None)
    prompt = made.prompt()
    special = made.report.tokenizer.special
    assert prompt.fim is (fim is not None)
    if case.last:
        assert prompt.tokens[-1] == special[case.last]
    if fim is not None:
        assert {fim.prefix_id, fim.suffix_id} <= set(prompt.tokens)
        assert special[case.specials[0]] in fim.stop_ids


def test_what_the_engine_writes_is_what_transformers_writes(made: Made) -> None:
    """Plain, and with the model as its own draft, which is always right."""
    options = EngineOptions(str(made.path), str(made.path), "cpu", "f32", "f32", slots=1)
    engine = Engine.load(options)
    prompt = made.prompt()
    assert prompt.heal == b""
    wanted = made.continued(prompt.tokens, REQUEST.max_tokens)
    texts = set()
    for drafter in ("none", "draft"):
        *_, result = engine.complete(_with(drafter), lambda: False)
        assert isinstance(result, Result)
        assert wanted.startswith(result.text)
        assert result.tested == result.accepted
        texts.add(result.text)
    assert len(texts) == 1
    facts = engine.facts()
    assert facts["target"]["native"] is FAMILIES[made.report.spec.name].native  # type: ignore[index]
    engine.close()


def _with(drafter: DrafterChoice) -> Completion:
    return replace(REQUEST, drafter=drafter)
