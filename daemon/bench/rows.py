"""The rows of the bench by name: what can be measured for a pair, and which of it is asked for. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from ..engine.records import DrafterChoice
from ..errors import PacelineError

Precision = Literal["f16", "q8_0"]
Family = Literal["ours", "transformers", "llama"]
LOOKUP_TOKENS = 10  # prompt_lookup_num_tokens of the transformers manual
LEAST_LOOKUP = 4  # a shorter proposal by lookup saves little where a match is long
CONSTANT = {"num_assistant_tokens_schedule": "constant", "assistant_confidence_threshold": 0.0}
CAREFUL = ("--spec-draft-p-min", "0.75")
BASELINES = ("plain", "plain-eager", "hf")
FULL = "plain-full"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``name`` is what ``--only`` matches.

    Ours have ``compiled``, ``full`` (weights that are not rounded), ``drafter`` and ``k``; transformers'
    ``options`` go to ``generate`` and ``assistant`` to the assistant's own configuration; llama.cpp's
    ``precision`` is that of its weights and ``flags``, None without a draft, are given to its server.
    """

    name: str
    label: str
    family: Family
    compiled: bool = True
    full: bool = False
    drafter: DrafterChoice = "none"
    k: int | None = None
    options: dict[str, Any] = field(default_factory=dict)
    assistant: dict[str, Any] | None = None
    precision: Precision = "f16"
    flags: tuple[str, ...] | None = None

    @property
    def drafts(self) -> bool:
        """Whether it cannot be had without a draft model."""
        return self.drafter == "draft" or self.assistant is not None or self.flags is not None


def all_rows(ks: Sequence[int], *, draft: bool, compiled: bool, rounded: bool, llama: bool) -> list[Row]:
    """Every row for a pair with or without a ``draft``, those of llama.cpp only where it is given.

    Where nothing is ``compiled``, our rows are eager, and the plain one is there once. Where the target's
    weights are ``rounded``, there is a row with those that are not.
    """
    own = _own(ks) if compiled else [replace(row, compiled=False) for row in _own(ks) if row.name != "plain"]
    if rounded:
        own.insert(0, Row(FULL, "plain, full precision", "ours", compiled=compiled, full=True))
    found = [*own, *_hugging(), *(_llama() if llama else [])]
    return [row for row in found if draft or not row.drafts]


def choose(rows: Sequence[Row], patterns: Sequence[str]) -> list[Row]:
    """The rows that a pattern (``*`` and ``?`` as in a shell) names; all without patterns.

    PacelineError for a pattern that names none.
    """
    for pattern in patterns:
        if not any(fnmatchcase(row.name, pattern) for row in rows):
            known = ", ".join(row.name for row in rows)
            raise PacelineError(
                f"no row is named {pattern!r}; the rows here are {known}", code="invalid_field"
            )
    return [row for row in rows if not patterns or any(fnmatchcase(row.name, wanted) for wanted in patterns)]


def baseline(names: Sequence[str]) -> str:
    """The row that the others are compared with: plain decoding where it was measured, else the first."""
    return next((name for name in BASELINES if name in names), names[0])


def reference(names: Sequence[str]) -> str:
    """The row whose output the others' is compared with: full precision where it was measured."""
    return FULL if FULL in names else baseline(names)


def _own(ks: Sequence[int]) -> list[Row]:
    rows = [
        Row("plain-eager", "plain, eager", "ours", compiled=False),
        Row("plain", "plain, compiled", "ours"),
    ]
    rows += [Row(f"k{k}", f"draft model, k {k}", "ours", drafter="draft", k=k) for k in ks]
    lookups = [k for k in ks if k >= LEAST_LOOKUP] or [max(ks)]
    rows += [Row(f"lookup{k}", f"lookup, k {k}", "ours", drafter="lookup", k=k) for k in lookups]
    return [*rows, Row("auto", "as served (auto)", "ours", drafter="auto")]


def _hugging() -> list[Row]:
    fixed = {"num_assistant_tokens": LEAST_LOOKUP, **CONSTANT}
    lookup = {"prompt_lookup_num_tokens": LOOKUP_TOKENS}
    return [
        Row("hf", "transformers generate", "transformers"),
        Row("hf-assisted", "transformers assisted", "transformers", assistant={}),
        Row(
            f"hf-assisted-k{LEAST_LOOKUP}",
            f"transformers assisted, k {LEAST_LOOKUP}",
            "transformers",
            assistant=fixed,
        ),
        Row("hf-lookup", "transformers prompt lookup", "transformers", options=lookup),
    ]


def _llama() -> list[Row]:
    rows: list[Row] = []
    kinds: tuple[tuple[str, Precision, str], ...] = (("f16", "f16", "f16"), ("q8", "q8_0", "Q8_0"))
    for short, precision, label in kinds:
        rows += [
            Row(f"llama-{short}", f"llama.cpp {label}", "llama", precision=precision),
            Row(f"llama-{short}-draft", f"llama.cpp {label}, draft", "llama", precision=precision, flags=()),
            Row(
                f"llama-{short}-draft75",
                f"llama.cpp {label}, draft 0.75",
                "llama",
                precision=precision,
                flags=CAREFUL,
            ),
        ]
    return rows
