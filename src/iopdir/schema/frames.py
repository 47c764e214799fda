"""The facility table as a frame: brought to its declared types, checked, and written to and read from Arrow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pandas as pd

from iopdir.geography.boundaries import states
from iopdir.schema.columns import COLUMNS, SEPARATOR, Column
from iopdir.text import TEXT, numbers, texts

if TYPE_CHECKING:
    import pyarrow as pa
    from pandas.api.extensions import ExtensionArray

__all__ = ["as_lists", "as_text", "from_arrow", "is_ours", "problems", "to_arrow", "typed"]

INDEX: Final = "facility_id"
MANY: Final = tuple(name for name, column in COLUMNS.items() if column.many)
_OWN: Final = {INDEX, "name", "precision", "county_match", "levels_of_care"}
_ASSOCIATED: Final = {"FM", "MH", "PW"}
_MOST_WHOLE: Final = 2.0**53
"""Beyond it a number may stand for its neighbour; blanks and such are 0, which no row has."""

Cells: TypeAlias = np.ndarray[Any, Any]
_PATTERNS: Final = {"zip": r"\d{5}", "county_fips": r"\d{5}"}


def is_ours(columns: Iterable[object]) -> bool:
    """Whether a table with these columns (and index names) is a facility table already."""
    return {str(name) for name in columns} >= _OWN


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a facility table to its declared types.

    Parameters
    ----------
    frame
        With `facility_id` as index or column; columns that are missing are blank, others are kept behind.

    Returns
    -------
    DataFrame
        Indexed by `facility_id`, not sorted; lists are tuples.
    """
    table = frame.reset_index() if INDEX in frame.index.names else frame
    ids = pd.Index(_text(table[INDEX]), name=INDEX, dtype=TEXT)
    ours = {
        column.name: _cells(table[column.name], column)
        if column.name in table
        else _blanks(len(table), column)
        for column in COLUMNS.values()
        if column.name != INDEX
    }
    others = {name: table[name].to_numpy() for name in table if name not in COLUMNS}
    frame = pd.DataFrame(ours, index=ids)
    return frame if not others else pd.concat([frame, texts(pd.DataFrame(others, index=ids))], axis=1)


def _blanks(n: int, column: Column) -> Cells | ExtensionArray:
    return _cells(pd.Series([column.blank] * n, dtype="object"), column)


def _cells(values: pd.Series[Any], column: Column) -> Cells | ExtensionArray:
    if column.many:
        cells = np.empty(len(values), dtype=object)
        cells[:] = [value if type(value) is tuple else _many(value) for value in values]
        return cells
    if column.kind == "number":
        return numbers(values)
    if column.kind == "whole":
        whole = numbers(values)
        return np.where(np.abs(whole) < _MOST_WHOLE, whole, 0.0).astype("int64")
    if column.kind == "flag":
        return _text(values).str.lower().isin({"true", "1", "1.0", "yes"}).to_numpy()
    texts: ExtensionArray = _text(values).array
    return texts


def _text(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype(TEXT).fillna("")


def _many(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        if value[:2] in ("['", '["', "[]"):  # a list as `DataFrame.to_csv` writes it
            with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
                listed = ast.literal_eval(value)
                if isinstance(listed, list) and repr(listed) == value:
                    return tuple(map(str, listed))
        return tuple(part for part in value.split(SEPARATOR) if part)
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(map(str, value))
    return ()


def as_lists(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a table for its reader: cells of several values become lists of its own."""
    table = frame.copy()
    for name in MANY:
        cells = np.empty(len(table), dtype=object)
        cells[:] = [list(cell) for cell in table[name]]
        table[name] = cells
    return table


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a table for a format without lists: cells of several values become text."""
    joined = {name: pd.Series(map(SEPARATOR.join, frame[name]), frame.index, dtype=TEXT) for name in MANY}
    return frame.assign(**joined)


# --- checks ------------------------------------------------------------------------------------------------


def problems(table: pd.DataFrame) -> Iterator[tuple[int, str, object, str]]:
    """List what a typed table must not say: position of the row, column, value, what was expected."""
    ids = table.index.to_series()
    yield from _bad(table, ids.duplicated().to_numpy(), INDEX, "an id that no other row has")
    yield from _bad(table, (ids == "").to_numpy(), INDEX, "an id")
    yield from _bad(table, (table["name"] == "").to_numpy(), "name", "a name")
    known = {*states()["state"], *_ASSOCIATED, ""}
    yield from _bad(table, ~table["state"].isin(known).to_numpy(), "state", "a postal abbreviation")
    for name, pattern in _PATTERNS.items():
        fits = table[name].str.fullmatch(pattern) | (table[name] == "")
        yield from _bad(table, ~fits.to_numpy(bool), name, "five digits")
    for name, column in COLUMNS.items():
        if column.values and column.many:
            known = set(column.values)
            wrong = np.array([not known.issuperset(cell) for cell in table[name]], dtype=bool)
            yield from _bad(table, wrong, name, f"some of {', '.join(column.values)}")
        elif column.many:
            wrong = np.array(
                [any(SEPARATOR in word or not word for word in cell) for cell in table[name]], bool
            )
            yield from _bad(table, wrong, name, f"values without {SEPARATOR!r}, which stands between them")
        elif column.values:
            yield from _bad(
                table, ~table[name].isin(column.values).to_numpy(), name, " or ".join(column.values)
            )
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    unknown = (table["precision"] == "unknown").to_numpy()
    off = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    expected = "degrees on Earth, or precision 'unknown' and no point"
    yield from _bad(table, np.where(unknown, np.isfinite(lon) | np.isfinite(lat), off), "lon", expected)
    days = np.array([not _is_day(text) for text in table["retrieved"]], dtype=bool)
    yield from _bad(table, days, "retrieved", "a day such as 2026-11-24")


def _bad(
    table: pd.DataFrame, wrong: np.ndarray[Any, Any], column: str, expected: str
) -> Iterator[tuple[int, str, object, str]]:
    values = (table.index if column == INDEX else table[column]).tolist()
    for position in np.flatnonzero(wrong).tolist():
        yield position, column, values[position], expected


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text == ""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


# --- Arrow -------------------------------------------------------------------------------------------------


def to_arrow(table: pd.DataFrame) -> pa.Table:
    """Write a table as Arrow, lists as lists; columns beyond the declared ones keep their own types."""
    import pyarrow as pa

    kinds = {
        "text": pa.string(),
        "number": pa.float64(),
        "whole": pa.int64(),
        "flag": pa.bool_(),
        "day": pa.string(),
    }
    columns = {INDEX: pa.array(table.index.to_numpy(object), pa.string())}
    for name in map(str, table):
        declared = COLUMNS.get(name)
        if declared is None:
            columns[name] = pa.Array.from_pandas(table[name])
        elif declared.many:
            columns[name] = pa.array(list(table[name]), pa.list_(pa.string()))
        else:
            columns[name] = pa.array(table[name].to_numpy(), kinds[declared.kind], from_pandas=False)
    return pa.table(columns)


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """Read what `to_arrow` wrote; equal lists share one tuple."""
    import pyarrow as pa

    lists = [name for name in MANY if name in table.column_names and pa.types.is_list(table[name].type)]
    frame: pd.DataFrame = table.drop_columns(lists).to_pandas()
    for name in lists:
        cells = table[name].combine_chunks()
        words = cells.flatten().dictionary_encode()
        values = words.dictionary.to_numpy(zero_copy_only=False)[words.indices.to_numpy(zero_copy_only=False)]
        ends, listed = np.asarray(cells.offsets), values.tolist()
        frame[name] = pd.Series(
            [tuple(listed[begin:end]) for begin, end in pairwise((ends - ends[0]).tolist())],
            index=frame.index,
            dtype="object",
        )
    return frame
