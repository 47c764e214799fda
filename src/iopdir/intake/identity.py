"""When two rows are one site: on evidence only. A blank equals nothing.

Two rows are one site if their names are equal and so are street, suite and ZIP, or street, suite, city and state; or if
their names are equal and their points lie within 100 m. Rows whose points lie more than 1 km apart are never merged,
only flagged.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.intake.quality import MERGE_COLUMNS, Ledger, Reason
from iopdir.spatial.geodesy import geodesic_m

__all__ = ["facility_id", "fold", "merge_sites"]

NEAR_M: Final = 100.0
"""Rows of one name this near to each other are one site; a choice of this package."""

APART_M: Final = 1_000.0
"""Rows this far apart are two, whatever their addresses say; likewise."""

_SITE: Final = ("name", "program", "street1", "street2")
_PRECISION: Final = {"address": 0, "zip_centroid": 1, "unknown": 2}
_POINT: Final = ("lon", "lat", "precision", "location_source", "county_fips", "county_match", "vintage")
_MARKS: Final = re.compile("[\u0300-\u036f'’ʼ`.]")  # accents, apostrophes, full stops: St. Mary's = St Marys
_NOT_WORDS: Final = re.compile(r"[\W_]+")


@cache
def fold(text: str) -> str:
    """Spell a name the one way under which it is compared: case, accents and punctuation do not count.

    Letters of every script do.

    Examples
    --------
    >>> fold("St. Mary's  Clínica, Inc."), fold("ST MARYS CLINICA INC")
    ('st marys clinica inc', 'st marys clinica inc')
    >>> fold("希望诊所") == fold("健康中心")
    False
    """
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).casefold()
    words = _NOT_WORDS.sub(" ", _MARKS.sub("", plain)).strip()
    return words or " ".join(text.split())


def facility_id(
    name: str,
    program: str = "",
    street1: str = "",
    street2: str = "",
    zip5: str = "",
    *,
    otherwise: Iterable[str] = (),
    prefix: str = "F",
) -> str:
    """Name a site by a digest of its names, street, suite and ZIP.

    Case, accents, punctuation and spacing do not count, so the same site has the same id in every file; another
    suite or another program at the address is another site.

    Parameters
    ----------
    name, program, street1, street2, zip5
        As the listing gives them.
    otherwise
        What else tells sites apart where street or ZIP is missing: city, state, coordinates.
    prefix
        First part of the id.

    Examples
    --------
    >>> facility_id("Example Clinic, Inc.", street1="1 Main St", zip5="62701")
    'F-5f1c48395bd8'
    >>> facility_id("EXAMPLE CLINIC INC", street1="1  Main St.", zip5="62701")
    'F-5f1c48395bd8'
    """
    parts = [fold(part) for part in (name, program, street1, street2, zip5)]
    if not (street1 and zip5):
        parts += [fold(part) for part in otherwise]
    return f"{prefix}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:12]}"


def merge_sites(
    rows: pd.DataFrame, *, prefix: str, file: str, ledger: Ledger
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every row an id, and keep one row a site, with the better of each value.

    Parameters
    ----------
    rows
        Placed rows, see `INPUTS` and `place_rows`.
    prefix
        First part of the ids.
    file
        What to call the file in the table of merges.
    ledger
        Takes one line a merge, and one for each pair that is left apart.

    Returns
    -------
    tuple[DataFrame, DataFrame]
        Sites with `facility_id`, in the order of the file; and the merges, with `MERGE_COLUMNS`.
    """
    keys = pd.DataFrame({name: rows[name].map(fold) for name in (*_SITE, "city")})
    stated = (rows["precision"] == "address").to_numpy()
    lon, lat = (np.where(stated, rows[name].to_numpy("float64"), np.nan) for name in ("lon", "lat"))
    site = _settle(_joined(rows, keys, lon, lat), lon, lat, rows, ledger)
    merged = np.flatnonzero(site != np.arange(len(rows)))

    ids = _ids(rows, prefix)
    for position in merged:
        ids[site[position]] = min(ids[site[position]], ids[position])
    kept = np.flatnonzero(site == np.arange(len(rows)))
    sites = rows.iloc[kept].copy()
    sites["facility_id"] = _unique([ids[position] for position in kept], sites.index, ledger)
    table = _merge_table(rows, keys, site, merged, lon, lat)
    table.insert(3, "facility_id", sites["facility_id"].reindex(table["into_row"]).to_numpy())
    table.insert(0, "file", file)
    if merged.size:
        said = "into row " + table["into_row"].astype("str") + ": " + table["evidence"]
        ledger.note(Reason.DUPLICATE, "facility_id", pd.Series(said.to_numpy(), index=table["row"]))
        _fill(sites, rows, site, merged)
    return sites, table[list(MERGE_COLUMNS)].astype({"file": "str", "facility_id": "str", "evidence": "str"})


def _ids(rows: pd.DataFrame, prefix: str) -> list[str]:
    names = ("name", "program", "street1", "street2", "zip", "city", "state", "lat_text", "lon_text")
    columns = (rows[name] for name in names)
    return [
        facility_id(*parts, otherwise=others, prefix=prefix)
        for *parts, others in (
            (*row[:5], row[5:7] if row[2] and row[5] and row[6] else row[5:])
            for row in zip(*columns, strict=True)
        )
    ]


def _unique(ids: list[str], index: pd.Index[Any], ledger: Ledger) -> pd.Series[str]:
    """Give rows that nothing tells apart and nothing joins ids of their own, by number."""
    values = pd.Series(ids, index=index, dtype="str")
    again = values.groupby(values).cumcount()
    repeats = again > 0
    ledger.note(Reason.SAME_ID, "facility_id", values[repeats])
    values[repeats] = values[repeats] + "-" + (again[repeats] + 1).astype("str")
    return values


# --- who is joined -----------------------------------------------------------------------------------------


def _joined(
    rows: pd.DataFrame, keys: pd.DataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> list[int]:
    """Position of the first row that each row is joined to, directly or through others."""
    parent = list(range(len(rows)))

    def top(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    def join(one: int, other: int) -> None:
        first, second = sorted((top(one), top(other)))
        parent[second] = first

    for place in ([rows["zip"]], [keys["city"], rows["state"]]):
        seen: dict[tuple[str, ...], int] = {}
        for position, parts in enumerate(zip(*(keys[name] for name in _SITE), *place, strict=True)):
            if parts[2] and all(parts[4:]):
                join(seen.setdefault(parts, position), position)
    for one, other in _near(keys, lon, lat):
        join(one, other)
    return [top(position) for position in range(len(rows))]


def _near(
    keys: pd.DataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> Iterator[tuple[int, int]]:
    """Pairs of rows with equal names whose points lie within `NEAR_M`.

    Rows are swept along their latitude within each name: the k-th neighbours of all rows at once, until no k-th
    neighbour is near enough in latitude alone.
    """
    name = keys.groupby(["name", "program"], sort=False).ngroup().to_numpy()
    order = np.lexsort((lon, lat, name))
    order = order[np.isfinite(lon[order])]
    same = np.zeros(
        order.size, dtype=bool
    )  # rows on the very spot of the one before are joined to it at once
    same[1:] = (np.diff(name[order]) == 0) & (np.diff(lon[order]) == 0) & (np.diff(lat[order]) == 0)
    yield from zip(order[:-1][same[1:]].tolist(), order[1:][same[1:]].tolist(), strict=True)
    order = order[~same]
    reach_deg = NEAR_M / 110_000
    for step in range(1, order.size):
        one, other = order[:-step], order[step:]
        near = (name[one] == name[other]) & (lat[other] - lat[one] <= reach_deg)
        if not near.any():
            return
        one, other = one[near], other[near]
        close = geodesic_m(lon[one], lat[one], lon[other], lat[other]) <= NEAR_M
        yield from zip(one[close].tolist(), other[close].tolist(), strict=True)


def _settle(
    top: list[int], lon: NDArray[np.float64], lat: NDArray[np.float64], rows: pd.DataFrame, ledger: Ledger
) -> NDArray[np.int64]:
    """Part what lies too far from the row it would go into."""
    site = np.array(top, dtype=np.int64)
    for first in np.unique(site[site != np.arange(site.size)]).tolist():
        members = np.flatnonzero(site == first)
        placed, home = members[np.isfinite(lon[members])], first
        while placed.size:
            leader = np.full(placed.size, placed[0])
            apart_m = geodesic_m(lon[placed], lat[placed], lon[leader], lat[leader])
            site[placed[apart_m <= APART_M]] = home
            placed, apart_m = placed[apart_m > APART_M], apart_m[apart_m > APART_M]
            if placed.size:
                home = int(placed[0])
                text = f"{apart_m[0]:,.0f} m from row {rows.index[leader[0]]}"
                ledger.note(Reason.SAME_SITE_FAR_APART, "lat, lon", pd.Series(text, index=rows.index[[home]]))
    return site


# --- what is kept ------------------------------------------------------------------------------------------


def _merge_table(
    rows: pd.DataFrame,
    keys: pd.DataFrame,
    site: NDArray[np.int64],
    merged: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
) -> pd.DataFrame:
    into = site[merged]
    distance = np.full(merged.size, np.nan)
    both = np.isfinite(lon[merged]) & np.isfinite(lon[into])
    one, other = merged[both], into[both]
    distance[both] = geodesic_m(lon[one], lat[one], lon[other], lat[other])

    def equal(table: pd.DataFrame, *names: str) -> NDArray[np.bool_]:
        parts = (table[name].to_numpy(object) for name in names)
        alike: NDArray[np.bool_] = np.logical_and.reduce([part[merged] == part[into] for part in parts])
        return alike

    street = equal(keys, "street1", "street2") & (keys["street1"].to_numpy(object)[merged] != "")
    by_zip = street & equal(rows, "zip") & (rows["zip"].to_numpy(object)[merged] != "")
    evidence = np.select(
        [by_zip, street & equal(keys, "city") & equal(rows, "state"), distance <= NEAR_M],
        [
            "same names, street and ZIP",
            "same names, street, city and state",
            "same names, points within 100 m",
        ],
        "same names, joined through a third row",
    )
    return pd.DataFrame(
        {
            "row": rows.index[merged].astype("int64"),
            "into_row": rows.index[into].astype("int64"),
            "evidence": evidence,
            "distance_m": distance,
        }
    )


def _fill(
    sites: pd.DataFrame, rows: pd.DataFrame, site: NDArray[np.int64], merged: NDArray[np.int64]
) -> None:
    """Fill blanks from the rows merged into each site, join codes, and take the best point as a whole."""
    firsts = np.unique(site[merged])
    groups = [rows.iloc[np.flatnonzero(site == first)] for first in firsts]
    best = [int(group["precision"].map(_PRECISION).to_numpy().argmin()) for group in groups]
    for column in rows:
        cells = [list(group[column]) for group in groups]
        if column in _POINT:
            values = [cell[place] for cell, place in zip(cells, best, strict=True)]
        elif column in ("codes", "unmapped"):
            values = [tuple(dict.fromkeys(code for part in cell for code in part)) for cell in cells]
        else:
            values = [next((value for value in cell if value not in ("", ())), cell[0]) for cell in cells]
        better = pd.Series(values, index=rows.index[firsts], dtype=sites[column].dtype)
        sites[column] = better.reindex(sites.index).where(sites.index.isin(better.index), sites[column])
