"""A facility table that comes back, perhaps corrected by hand: what a correction leaves behind is put right."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

import numpy as np
import pandas as pd

from iopdir.errors import CoordinateError, LoadError
from iopdir.geography.boundaries import VINTAGES, locate_counties
from iopdir.geography.places import zip_points
from iopdir.geography.points import in_lonlat
from iopdir.intake.placing import ZIP_SOURCE
from iopdir.intake.quality import Ledger, Reason
from iopdir.schema.columns import COLUMNS
from iopdir.schema.frames import problems, typed
from iopdir.spatial.geodesy import geodesic_m
from iopdir.text import numbers

__all__ = ["put_right", "refuse_problems"]

_EXPECTED: Final = "a facility table, as Directory.to_geodataframe gives it"
_REQUIRED: Final = [
    name for name, column in COLUMNS.items() if column.required and name not in ("source", "source_row")
]
_SHOWN: Final = 3


def refuse_problems(table: pd.DataFrame, where: str) -> None:
    """Raise `LoadError` if a row says what cannot be, naming the first of them."""
    found = list(islice(problems(table), 1000))
    if found:
        shown = "; ".join(
            f"{column} {value!r} of {table.index[position]!r} (expected {expected})"
            for position, column, value, expected in found[:_SHOWN]
        )
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise LoadError(where, expected=_EXPECTED, found=f"{shown}{more}", line=found[0][0] + 1)


def put_right(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Type and check a facility table; take blank points from the ZIP, and let counties follow their points.

    Parameters
    ----------
    frame
        The table, with `facility_id` as index or column; a geometry of points stands for `lon` and `lat`.
    where
        What to call it.

    Returns
    -------
    tuple[DataFrame, DataFrame]
        The table, typed, and the issues.

    Raises
    ------
    LoadError
        If a required column is missing, or a row contradicts itself.
    """
    missing = [name for name in _REQUIRED if name not in frame and name not in frame.index.names]
    if missing:
        raise LoadError(where, expected=_EXPECTED, found=f"a table without {', '.join(missing)}")
    table = typed(_without_geometry(frame, where))
    table["source"] = table["source"].where(table["source"] != "", where)
    number = np.arange(1, len(table) + 1)
    table["source_row"] = np.where(table["source_row"] > 0, table["source_row"], number)
    table["synthetic"] |= table["name"].str.startswith("SYNTHETIC") | table.index.str.startswith("SYN-")
    ledger = Ledger(where)
    rows = pd.Series(number, index=table.index)
    _fill_points(table, rows, ledger)
    refuse_problems(table, where)
    _refuse_moved(table, where)
    _follow_counties(table, rows, ledger)
    return table, ledger.table()


def _without_geometry(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    points: Any = getattr(frame, "geometry", None)
    if points is None or not hasattr(points, "to_crs"):
        return frame
    try:
        points = in_lonlat(points)
    except CoordinateError as error:
        raise LoadError(where, expected="corrections with points on Earth", found=str(error)) from error
    lon, lat = points.x.to_numpy(), points.y.to_numpy()
    plain = pd.DataFrame(frame.drop(columns=points.name))
    if {"lon", "lat"} <= set(plain.columns):
        said = (numbers(plain[name]) for name in ("lon", "lat"))
        apart = [
            ~(np.isclose(one, other, rtol=0, atol=1e-9, equal_nan=True))
            for one, other in zip(said, (lon, lat), strict=True)
        ]
        bad = np.flatnonzero(apart[0] | apart[1])
        if bad.size:
            raise LoadError(
                where,
                expected="geometry and lon, lat that agree (drop the one that was not corrected)",
                found=f"{bad.size} rows that differ, the first {frame.index[bad[0]]!r}",
                line=int(bad[0]) + 1,
            )
    return plain.assign(lon=lon, lat=lat)


def _centres(table: pd.DataFrame) -> pd.DataFrame:
    return zip_points()[["lon", "lat"]].reindex(table["zip"]).set_axis(table.index)


def _fill_points(table: pd.DataFrame, rows: pd.Series[int], ledger: Ledger) -> None:
    centre = _centres(table)
    blank = table["lon"].isna() & table["lat"].isna() & centre["lon"].notna()
    ledger.note(Reason.COORDINATE_MALFORMED, "lon, lat", table.loc[blank, "zip"].set_axis(rows[blank]))
    table.loc[blank, ["lon", "lat"]] = centre[blank]
    table.loc[blank, "precision"] = "zip_centroid"
    table.loc[blank, "location_source"] = ZIP_SOURCE


def _refuse_moved(table: pd.DataFrame, where: str) -> None:
    """Make sure that a point which is no longer the middle of its ZIP says what it is instead."""
    centre = _centres(table)
    held = np.flatnonzero((table["precision"] == "zip_centroid") & centre["lon"].notna())
    lon, lat, zip_lon, zip_lat = (
        part[name].to_numpy("float64")[held] for part in (table, centre) for name in ("lon", "lat")
    )
    off = geodesic_m(lon, lat, zip_lon, zip_lat)
    moved = held[off > 1.0]
    if moved.size:
        first = int(moved[0])
        raise LoadError(
            where,
            expected="precision 'address' where a point was corrected, or a blank lon and lat where a ZIP was",
            found=f"{moved.size} points that say 'zip_centroid' and are not, the first {table.index[first]!r},"
            f" {off[off > 1.0][0]:,.0f} m from the middle of {table['zip'].iloc[first]}",
            line=first + 1,
        )


def _follow_counties(table: pd.DataFrame, rows: pd.Series[int], ledger: Ledger) -> None:
    current = table["vintage"].isin([0, VINTAGES[-1]])
    placed = (current & table["lon"].notna()).to_numpy()
    found = locate_counties(table["lon"].to_numpy()[placed], table["lat"].to_numpy()[placed])
    found.index = table.index[placed]
    stays = table.loc[placed, "county_fips"] == found["county_fips"]
    text = table.loc[placed, "county_fips"][~stays] + " is " + found["county_fips"][~stays]
    ledger.note(Reason.COUNTY_CORRECTED, "county_fips", text.set_axis(rows[placed][~stays]))
    for name in ("county_fips", "county_match", "vintage"):
        table.loc[placed, name] = found[name]
