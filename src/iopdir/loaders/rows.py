"""A table as its file writes it: text under the file's own names, with line numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iopdir.errors import LoadError

__all__ = ["Rows", "cell", "refuse_half_letters", "said"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """A table as its file writes it.

    Parameters
    ----------
    table
        Text, blank where the file is blank, under the file's own column names; the index is the 1-based line or
        record on which a row begins.
    defects
        What is wrong with a row that cannot be read, blank for nearly all.
    short
        What is missing at the end of a row that has fewer fields than the header; None where no row can have.
    numbers
        Columns that the file itself holds as numbers or flags, as they are; None where it cannot tell them from text.
    lon, lat
        Points of a geometry, degrees, NaN where there is none; None if the table has no geometry.
    """

    table: pd.DataFrame
    defects: pd.Series[Any]
    short: pd.Series[Any] | None = None
    numbers: pd.DataFrame | None = None
    lon: np.ndarray[Any, Any] | None = None
    lat: np.ndarray[Any, Any] | None = None

    @property
    def marks(self) -> dict[str, pd.Series[Any]]:
        """What intake must know of each row besides its cells."""
        return {"defect": self.defects} | ({} if self.short is None else {"short": self.short})

    @property
    def names(self) -> list[str]:
        """Column names of the file."""
        return [str(name) for name in self.table]


def cell(value: object) -> str:
    """Write a value as text; whole numbers without a fraction."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def said(value: object) -> str:
    """Name what stands where something else should."""
    if isinstance(value, dict):
        return f"the keys {', '.join(map(repr, list(value)[:6]))}"
    return f"a {type(value).__name__}" if value != [] else "an empty list"


def refuse_half_letters(text: str, where: str | Path, *, expected: str) -> None:
    """Refuse text with one half of a UTF-16 pair, which no file in UTF-8 can hold.

    Raises
    ------
    LoadError
        If there is one.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        found = (
            f"half a letter, {text[error.start]!r}, after {text[max(0, error.start - 20) : error.start]!r}"
        )
        raise LoadError(where, expected=expected, found=found) from error
