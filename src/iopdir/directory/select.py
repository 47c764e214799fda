"""Which facilities state what is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.errors import UnknownNameError
from iopdir.geography.boundaries import states
from iopdir.vocabulary.taxonomy import AgeGroup, LevelOfCare, Payment, Service

__all__ = ["chosen", "states_any"]

T = TypeVar("T", bound=StrEnum)
_LISTED: dict[str, tuple[str, type[StrEnum]]] = {
    "level_of_care": ("levels_of_care", LevelOfCare),
    "payment": ("payments", Payment),
    "age_group": ("age_groups", AgeGroup),
    "services": ("services", Service),
}


def chosen(
    table: pd.DataFrame, filters: dict[str, str | Iterable[str] | None]
) -> tuple[NDArray[np.bool_], dict[str, list[str]]]:
    """Mark the rows that state all that is asked for, and write the question down in plain values.

    Raises
    ------
    UnknownNameError
        If a value is not one of those that exist.
    """
    keep = np.ones(len(table), dtype=bool)
    asked: dict[str, list[str]] = {}
    for name, given in filters.items():
        if given is None:
            continue
        values = [given] if isinstance(given, str) else list(given)
        if name in _LISTED:
            column, kind = _LISTED[name]
            asked[name] = [str(_member(kind, value)) for value in values]
            keep &= states_any(table[column], asked[name])
        elif name == "language":
            known = {language for cell in table["languages"] for language in cell}
            asked[name] = [_known(name, value.lower(), known) for value in values]
            keep &= states_any(table["languages"], asked[name])
        elif name == "state":
            known = {*states()["state"], *table["state"]} - {""}
            asked[name] = [_known(name, value.upper(), known) for value in values]
            keep &= table["state"].isin(asked[name]).to_numpy()
        else:
            asked[name] = [_fips(value) for value in values]
            keep &= table["county_fips"].isin(asked[name]).to_numpy()
    return keep, asked


def states_any(column: pd.Series[Any], values: Iterable[str]) -> NDArray[np.bool_]:
    """Mark the cells that hold any of these values."""
    wanted = set(values)
    return np.array([not wanted.isdisjoint(cell) for cell in column], dtype=bool)


def _member(kind: type[T], value: str) -> T:
    try:
        return kind(value.lower())
    except ValueError:
        raise UnknownNameError(kind.__name__, str(value), [member.value for member in kind]) from None


def _known(kind: str, value: str, known: set[str]) -> str:
    if value not in known:
        raise UnknownNameError(kind, value, known)
    return value


def _fips(value: str) -> str:
    if not re.fullmatch(r"\d{5}", value):
        raise UnknownNameError("county code (five digits as text)", value)
    return value
