"""Names of the precisions that weights are rounded to when they are loaded. No torch."""

from typing import Literal, TypeGuard

Rounding = Literal["int8", "int4"]
GROUPS = (64, 32)
"""Weights that share a scale and a zero in 4 bits: as many as the inputs of a matrix can be divided into."""
ROWS = 16  # what the outputs of a matrix in 4 bits must be a multiple of


def is_rounding(precision: str) -> TypeGuard[Rounding]:
    """Tell whether weights of this precision are rounded to integers, each with its scale."""
    return precision in ("int8", "int4")


def group_of(rows: int, columns: int) -> int | None:
    """The group of a matrix [rows, columns] in 4 bits; None for a shape that stays in 8."""
    return next((group for group in GROUPS if columns % group == 0 and rows % ROWS == 0), None)
