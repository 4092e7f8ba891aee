"""A target and a draft that may be used together: found and checked before any weight is read; no torch."""

from dataclasses import dataclass
from pathlib import Path

from .catalog.lookup import find_model, find_pair, similar
from .config import NotNativeError, number, parse_config
from .directory import ModelDirectory, open_directory, read_json
from .errors import CheckpointError, PairError
from .fim import FimFormat, detect
from .store import directory_of, is_hub_id, pulled, snapshot
from .tokenizer import Tokenizer

BUNDLED = Path(__file__).parent / "bundled"
LARGEST_RATIO, SMALLEST_RATIO = 1 / 10, 1 / 50
PAIR_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True)
class PairSpec:
    """A pair by its directories; ``fim_order`` and ``context`` None leave the choice to the model."""

    name: str
    target: Path
    draft: Path | None = None
    fim_order: str | None = None
    context: int | None = None


@dataclass(frozen=True, slots=True)
class PairReport:
    """What the check found: ``vocab`` ids that both models score, ``ratio`` of weights draft / target."""

    spec: PairSpec
    target: ModelDirectory
    draft: ModelDirectory | None
    tokenizer: Tokenizer
    fim: FimFormat | None
    vocab: int
    context: int
    ratio: float | None
    remarks: tuple[str, ...]


def resolve(
    target: str, draft: str | None = None, *, context: int | None = None, store: Path | None = None
) -> PairSpec:
    """The pair meant by the name of a bundled or catalog pair, or by directory or hub id of a model.

    ``draft`` None takes the pair's own, which a model by itself has not; "none" leaves it out. A directory
    with a ``pair.json`` is a pair. ``store`` holds the models that were pulled (None: none were). PairError
    when there is no such pair here, CheckpointError when its ``pair.json`` is broken.
    """
    path = BUNDLED / target if target in _bundled_names() else directory_of(target)
    if path is not None and (path / "pair.json").is_file():
        return _from_file(path, draft, context, store)
    own = None if path is not None or is_hub_id(target) else find_pair(target)
    place = path or _model_place(target, store)
    if draft is None and own is not None and own.draft is not None:
        draft = own.draft.hub_id
    name = target if path is None else path.name
    return PairSpec(name, place, _draft_place(draft, store), None, context)


def _draft_place(draft: str | None, store: Path | None) -> Path | None:
    return None if draft in (None, "", "none") else _model_place(str(draft), store)


def _model_place(name: str, store: Path | None) -> Path:
    """The directory of a model: given as it is, or pulled under a catalog name or hub id."""
    path = directory_of(name)
    if path is not None:
        return path
    model = find_model(name)
    hub_id = model.hub_id if model else name
    if not is_hub_id(hub_id):
        raise PairError(_unknown(name))
    found = pulled(store, hub_id) if store else None
    if store is None or found is None:
        raise PairError(f"{name} is neither a directory here nor pulled; run `paceline models pull {name}`.")
    return snapshot(store, found)


def _unknown(name: str) -> str:
    names = ", ".join(_bundled_names()) or "none"
    near = similar(name)
    meant = f"; did you mean {near}? See `paceline models list`." if near else "; see `paceline models list`."
    return f"{name!r} is neither a bundled pair ({names}), nor one of the catalog, nor a directory{meant}"


def _bundled_names() -> list[str]:
    return sorted(path.parent.name for path in BUNDLED.glob("*/pair.json"))


def _from_file(path: Path, draft: str | None, context: int | None, store: Path | None) -> PairSpec:
    facts = read_json(path, "pair.json", PAIR_LIMIT)
    match facts:
        case {"target": str(target)}:
            pass
        case _:
            raise CheckpointError(f"{path / 'pair.json'} names no target directory; install paceline again.")
    own = facts.get("draft")
    order, room = facts.get("fim_order"), facts.get("context")
    known = isinstance(own, str | None) and isinstance(order, str | None) and isinstance(room, int | None)
    if not known or ".." in Path(target).parts or ".." in Path(own or "").parts:
        raise CheckpointError(f"{path / 'pair.json'} is not a description of a pair; install paceline again.")
    chosen = _draft_place(draft, store) if draft else (path / own if own else None)
    return PairSpec(str(facts.get("name", path.name)), path / target, chosen, order, context or room)


def check_pair(spec: PairSpec) -> PairReport:
    """Check directories, tokenizers and sizes without reading a weight.

    Raises CheckpointError or UnsupportedModelError for a directory, PairError when draft and target differ in
    their tokens.
    """
    target = open_directory(spec.target)
    tokenizer = Tokenizer.from_directory(spec.target)
    fim = detect(
        tokenizer, spec.fim_order, f"{spec.target.resolve()} {target.config.get('_name_or_path', '')}"
    )
    vocab, context = _vocab(target, tokenizer), _context(target)
    draft, ratio, remarks = None, None, []
    if fim is None:
        remarks.append("no fill-in-the-middle tokens: completions see only the text before the cursor")
    if spec.draft is not None:
        draft = open_directory(spec.draft)
        other = Tokenizer.from_directory(spec.draft)
        _same_tokens(spec, tokenizer, other)
        vocab, context = min(vocab, _vocab(draft, other)), min(context, _context(draft))
        ratio = draft.parameter_count / target.parameter_count
        remarks += _size_remarks(ratio)
    context = min(context, spec.context or context)
    return PairReport(spec, target, draft, tokenizer, fim, vocab, context, ratio, tuple(remarks))


def _number(source: ModelDirectory, key: str) -> int:
    value = number(source.config, key)
    if value is None:
        raise CheckpointError(f"{source.path / 'config.json'} has no sound {key}; download the model again.")
    return value


def _context(source: ModelDirectory) -> int:
    try:
        return parse_config(source.config).context
    except NotNativeError:
        return _number(source, "max_position_embeddings")


def _vocab(source: ModelDirectory, tokenizer: Tokenizer) -> int:
    """Ids that exist in the tokenizer and have a logit; a model pads its vocabulary, never cuts it."""
    size = _number(source, "vocab_size")
    if tokenizer.vocab_size > size:
        raise PairError(
            f"{source.path} scores {size} tokens, its tokenizer has {tokenizer.vocab_size}; "
            "download weights and tokenizer of the same model."
        )
    return tokenizer.vocab_size


def _same_tokens(spec: PairSpec, target: Tokenizer, draft: Tokenizer) -> None:
    """Refuse a draft in which a token of the target is another one; tokens only it has are never used."""
    if target.fingerprint() == draft.fingerprint():
        return
    theirs = draft.vocabulary()
    for token, known in sorted(target.vocabulary().items(), key=lambda item: item[1]):
        if theirs.get(token) != known:
            raise PairError(
                f"The draft {spec.draft} has another tokenizer than the target {spec.target} (first at token "
                f"{known}, {token!r}); choose a draft of the same family."
            )


def _size_remarks(ratio: float) -> list[str]:
    if ratio > LARGEST_RATIO:
        return [
            f"the draft is 1/{1 / ratio:.1f} of the target, larger than 1/10: it may cost more than it saves"
        ]
    if ratio < SMALLEST_RATIO:
        return [
            f"the draft is 1/{1 / ratio:.0f} of the target, smaller than 1/50: few proposals may be accepted"
        ]
    return []
