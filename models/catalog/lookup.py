"""Models and pairs of the catalog by their names, however they are written."""

from difflib import get_close_matches

from .table import PAIRS, CatalogPair, Model

_MODELS = {model.name: model for pair in PAIRS for model in (pair.target, pair.draft) if model is not None}


def find_model(name: str) -> Model | None:
    """The model with that name or hub id, in whatever case."""
    wanted = name.lower()
    for model in _MODELS.values():
        if wanted in (model.name, model.hub_id.lower()):
            return model
    return None


def find_pair(name: str) -> CatalogPair | None:
    """The pair whose target has that name or hub id, in whatever case."""
    model = find_model(name)
    return next((pair for pair in PAIRS if pair.target is model), None) if model else None


def similar(name: str) -> str | None:
    """The name in the catalog that looks most like ``name``, if any does."""
    return next(iter(get_close_matches(name.lower(), _MODELS, n=1)), None)
