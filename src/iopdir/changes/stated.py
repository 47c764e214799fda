"""What linked facilities state in one listing and not in the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from iopdir.schema.columns import COLUMNS
from iopdir.text import TEXT

__all__ = ["COMPARED", "silent_columns", "stated_changes"]

COMPARED: Final = (
    "levels_of_care", "settings", "payments", "age_groups", "services", "medications", "special_populations",
    "telehealth", "languages",
)  # fmt: skip
"""Columns of what a facility states about itself."""


def silent_columns(a: pd.DataFrame, b: pd.DataFrame) -> tuple[str, ...]:
    """Name the columns that one of two listings does not state for any facility, so that nothing can be compared."""
    return tuple(name for name in COMPARED if not (_spoken(a, name) and _spoken(b, name)))


def _spoken(table: pd.DataFrame, name: str) -> bool:
    cells = table[name]
    return bool(cells.map(len).any()) if COLUMNS[name].many else bool(cells.any())


def stated_changes(pairs: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """List every value that a linked facility states in one listing only.

    Parameters
    ----------
    pairs
        `a_id` and `b_id`.
    a, b
        The facility tables.

    Returns
    -------
    DataFrame
        `a_id, b_id, column, value`, `change` (``"gained"`` or ``"lost"``) and `convention`: whether no facility at
        all of the other listing states the value, so that the listing changed rather than the facility.
    """
    silent = silent_columns(a, b)
    rows: list[tuple[Any, ...]] = []
    for name in COMPARED:
        if name in silent:
            continue
        before, after = (_values(table, name) for table in (a, b))
        known = (set().union(*before.values()), set().union(*after.values()))
        rows += _compared(pairs, name, before, after, known)
    columns = ["a_id", "b_id", "column", "value", "change", "convention"]
    return pd.DataFrame(rows, columns=columns).astype(
        dict.fromkeys(columns[:-1], TEXT) | {"convention": bool}
    )


def _values(table: pd.DataFrame, name: str) -> dict[str, set[str]]:
    cells = table[name] if COLUMNS[name].many else table[name].map({True: ("stated",), False: ()})
    return {str(one): set(cell) for one, cell in zip(table.index, cells, strict=True)}


def _compared(
    pairs: pd.DataFrame,
    name: str,
    before: dict[str, set[str]],
    after: dict[str, set[str]],
    known: tuple[set[str], set[str]],
) -> Iterator[tuple[Any, ...]]:
    for one, other in zip(pairs["a_id"], pairs["b_id"], strict=True):
        for value in sorted(before[one] ^ after[other]):
            lost = value in before[one]
            yield one, other, name, value, "lost" if lost else "gained", value not in known[lost]
