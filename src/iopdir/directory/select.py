"""Which facilities state what is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.errors import UnknownNameError
from iopdir.geography.places import county_code, state_code
from iopdir.schema.columns import COLUMNS
from iopdir.vocabulary.codes import describe_code
from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
)

__all__ = ["chosen", "states_any"]

T = TypeVar("T", bound=StrEnum)
_LISTED: dict[str, tuple[str, type[StrEnum]]] = {
    "level_of_care": ("levels_of_care", LevelOfCare),
    "payment": ("payments", Payment),
    "age_group": ("age_groups", AgeGroup),
    "services": ("services", Service),
    "medication": ("medications", Medication),
    "special_population": ("special_populations", SpecialPopulation),
    "setting": ("settings", Setting),
}


def chosen(
    table: pd.DataFrame, filters: Mapping[str, Any], *, silent: bool = False
) -> tuple[NDArray[np.bool_], dict[str, bool | list[str]]]:
    """Mark the rows that state all that is asked for, and write the question down in plain values.

    Parameters
    ----------
    table
        Facilities.
    filters
        What they must state; None asks for nothing.
    silent
        Whether the listing has no column of services, so that a column that no row fills is not known.

    Raises
    ------
    UnknownNameError
        If a value is not one of those that exist, or the column is not known.
    """
    keep = np.ones(len(table), dtype=bool)
    asked: dict[str, bool | list[str]] = {}
    for name, given in filters.items():
        if given is None:
            continue
        if name == "telehealth":
            asked[name] = bool(given)
            if silent and not table[name].any():
                raise _not_stated(name, given)
            keep &= table[name].to_numpy(bool) == asked[name]
            continue
        words = [given] if isinstance(given, str) else given
        if name in _LISTED:
            column, kind = _LISTED[name]
            values = [str(_member(kind, value)) for value in words]
        elif name == "codes":
            column, values = name, [describe_code(value.upper()).code for value in words]
        elif name == "language":
            known = {language for cell in table["languages"] for language in cell}
            column, values = "languages", [_known(name, value.lower(), known) for value in words]
        elif name == "state":
            listed = {*table["state"]}  # perhaps a state in free association, which has no outline here
            column = name
            values = [v.upper() if v.upper() in listed else state_code(v) for v in words]
        else:
            column, values = "county_fips", [county_code(value) for value in words]
        asked[name] = values
        many = COLUMNS[column].many
        if silent and many and len(table) and not any(map(len, table[column])):
            raise _not_stated(name, ", ".join(values))
        keep &= states_any(table[column], values) if many else table[column].isin(values).to_numpy()
    return keep, asked


def states_any(column: pd.Series[Any], values: Iterable[str]) -> NDArray[np.bool_]:
    """Mark the cells that hold any of these values."""
    wanted = set(values)
    return np.array([not wanted.isdisjoint(cell) for cell in column], dtype=bool)


def _not_stated(name: str, given: object) -> UnknownNameError:
    what = name.replace("_", " ")
    return UnknownNameError(
        f"{what} in this listing, which has no column of services: ask for none; not", str(given)
    )


def _member(kind: type[T], value: str) -> T:
    try:
        return kind(re.sub(r"[\s-]+", "_", value.strip().lower()))
    except ValueError:
        called = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()
        raise UnknownNameError(called, str(value), [member.value for member in kind]) from None


def _known(kind: str, value: str, known: set[str]) -> str:
    if value not in known:
        raise UnknownNameError(kind, value, known)
    return value
