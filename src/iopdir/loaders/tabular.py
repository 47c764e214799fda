"""Any listing: a file or a frame, its columns found by the names people really use."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Final

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.typing import IntoFrame

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError
from iopdir.loaders.columns import EXPECTED, looks_like_header, match_columns
from iopdir.loaders.files import read_rows
from iopdir.loaders.listing import (
    build_directory,
    likeliest_edition,
    read_codes,
    source_of_file,
    split_codes,
)
from iopdir.loaders.records import rows_of_frame
from iopdir.loaders.rows import Rows
from iopdir.provenance import Source
from iopdir.schema.columns import COLUMNS
from iopdir.schema.frames import is_ours

__all__ = ["listing_of_rows", "read_facilities"]


def read_facilities(
    source: str | Path | IntoFrame,
    *,
    columns: Mapping[str, str] | None = None,
    edition: str | None = None,
    encoding: str = "utf-8",
    sheet: str | None = None,
    name: str = "",
    retrieved: date | None = None,
) -> Directory:
    """Read any listing of facilities.

    Parameters
    ----------
    source
        Path of a CSV, XLSX, JSON (records, records under one key, one a line, or GeoJSON), GeoPackage or Parquet
        file; or a frame (pandas, geopandas, Polars, Arrow). A geometry of points in any CRS is brought to WGS84. A
        facility table, as `Directory.to_geodataframe` gives it, becomes the same directory again, see
        [`Directory`][iopdir.Directory]`.from_frame`.
    columns
        Their name -> ours, as `pandas.DataFrame.rename` takes it, for columns that do not go by a usual name. Ours are
        `name`, `program`, `street1`, `street2`, `city`, `state`, `zip`, `county`, `phone`, `intake_phone`, `website`,
        `lat`, `lon`, `facility_type` and `codes`.
    edition
        Edition of the service codes in `codes`; the one that knows most of them if not given.
    encoding
        Of a text file.
    sheet
        Of a workbook, or layer of a GeoPackage; the first that holds a listing if not given.
    name
        What to call a frame.
    retrieved
        Day the table was obtained.

    Returns
    -------
    Directory
        `quality` says of every column what it was read as. Columns that mean nothing here are kept under their own
        name. Without a `codes` column no facility states a level of care.

    Raises
    ------
    LoadError
        If the file cannot be read, or has no name column, or nothing to place a facility by; or if it is of areas
        rather than points.
    UnknownNameError
        If `columns` names a column that is not there, theirs or ours, or there is no such sheet or encoding.

    Examples
    --------
    >>> import iopdir as iop, pandas as pd
    >>> table = pd.DataFrame({"Clinic": ["SYNTHETIC One"], "ZIP Code": ["60614"], "keys": ["SA OP OIT"]})
    >>> directory = iop.read_facilities(table, columns={"Clinic": "name"}, name="SYNTHETIC table")
    >>> facility, = directory
    >>> facility.location.precision, facility.levels_of_care[0].value
    ('zip_centroid', 'iop')
    >>> directory.quality.columns["read_as"].tolist()
    ['name', 'zip', 'codes']
    """
    if isinstance(source, str | Path):
        rows = read_rows(
            source, expected=EXPECTED, is_header=looks_like_header, encoding=encoding, sheet=sheet
        )
        return listing_of_rows(rows, source, columns=columns, edition=edition, retrieved=retrieved)
    frame = _pandas(source)
    called = name or "table"
    if columns is None and is_ours([*frame.columns, *frame.index.names]):
        return Directory.from_frame(frame, name=called)
    rows = rows_of_frame(frame, where=called, expected=EXPECTED)
    return listing_of_rows(rows, None, name=called, columns=columns, edition=edition, retrieved=retrieved)


def _pandas(frame: object) -> pd.DataFrame:
    native = nw.from_native(frame, pass_through=True)
    if isinstance(native, nw.LazyFrame):
        native = native.collect()
    if isinstance(native, nw.DataFrame):
        return frame if isinstance(frame, pd.DataFrame) else native.to_pandas()
    found = f"a {type(frame).__name__}"
    raise LoadError("source", expected="a path, or a frame of facilities", found=found)


def listing_of_rows(
    rows: Rows,
    path: str | Path | None,
    *,
    name: str = "",
    columns: Mapping[str, str] | None = None,
    edition: str | None = None,
    retrieved: date | None = None,
) -> Directory:
    """Turn the rows of any table into a directory; those of a facility table into the same one again."""
    where = path if path is not None else name
    if columns is None and is_ours(rows.table.columns):
        broken = rows.defects[rows.defects != ""]
        if len(broken):
            raise LoadError(where, expected="whole rows", found=broken.iloc[0], line=int(broken.index[0]))
        points = {} if rows.lon is None else {"lon": rows.lon, "lat": rows.lat}
        found = _numbers_where_all_are(rows.table) if rows.numbers is None else rows.numbers
        numbers = {str(name): found[name] for name in found if name not in COLUMNS}
        return Directory.from_frame(rows.table.assign(**points, **numbers), name=Path(where).name)
    matching = match_columns(rows.names, columns, where, points=rows.lon is not None)
    raw = rows.table[list(matching.renames)].rename(columns=matching.renames)
    if rows.lon is not None and rows.lat is not None:
        for ours, degrees in (("lon", rows.lon), ("lat", rows.lat)):
            text = [repr(float(value)) if np.isfinite(value) else "" for value in degrees]
            raw[ours] = pd.Series(text, raw.index).where(np.isfinite(degrees), raw.get(ours, ""))
    raw = raw.assign(**rows.marks)
    chosen = ""
    if "codes" in raw:
        codes = split_codes(raw.pop("codes"))
        chosen = edition or likeliest_edition(chain.from_iterable(codes))
        raw = raw.join(read_codes(codes, edition=chosen))
    extra = _numbers_where_all_are(rows.table[list(matching.extra)])
    if path is None:
        source = Source(name=name, edition=chosen, retrieved=retrieved)
    else:
        source = source_of_file(path, edition=chosen, retrieved=retrieved)
    return build_directory(raw.join(extra), matching, source=source)


_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?", re.ASCII)


def _numbers_where_all_are(table: pd.DataFrame) -> pd.DataFrame:
    """Read extra columns as numbers where all they hold are, to serve as capacities; codes stay text, in one block."""
    found = {name: _numbers(table[name]) for name in table}
    numbers = {name: values for name, values in found.items() if values}
    texts = table.drop(columns=list(numbers)).astype("object")
    return texts.join(pd.DataFrame(numbers, table.index))[list(table)]


def _numbers(values: Iterable[str]) -> list[int] | list[float]:
    """Read whole numbers, or any with gaps; nothing if there is none, or anything else."""
    texts = list(values)
    if not any(texts) or not all(map(_NUMBER.fullmatch, filter(None, texts))):
        return []
    if all(texts) and not any("." in text for text in texts):
        return [int(text) for text in texts]
    return [float(text) if text else math.nan for text in texts]
