"""What a site is called, and what is kept of the rows that are one: two rows are, on evidence only.

Two rows are one site if their names are equal and so are street, suite and ZIP, or street, suite, city and state; or if
their names are equal and their points lie within 100 m. Rows whose points lie more than 1 km apart are never merged,
only flagged. See `joining` for how they are found.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import chain, pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.intake.joining import NEAR_M, SITE, join_rows
from iopdir.intake.quality import MERGE_COLUMNS, Ledger, Reason
from iopdir.spatial.geodesy import geodesic_m
from iopdir.text import TEXT

__all__ = ["facility_id", "fold", "merge_sites"]

_PRECISION: Final = {"address": 0, "zip_centroid": 1, "unknown": 2}
_POINT: Final = ("lon", "lat", "precision", "location_source", "county_fips", "county_match", "vintage")
_DROPPED: Final = re.compile(  # accents, Arabic vowel signs, apostrophes, full stops, what has no width
    "[\u0300-\u036f\u0640\u064b-\u0655\u0670'’ʼ`.\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
)
_ASCII: Final = {
    code: None if _DROPPED.match(chr(code)) else chr(code) if chr(code).isalnum() else " "
    for code in range(128)
}
"""The same of ASCII, in which most names are written: letters and digits stay, the rest parts words."""


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
        plain = _DROPPED.sub("", unicodedata.normalize("NFKD", plain).casefold())
    if plain.isascii():
        words = plain.translate(_ASCII)
    else:  # vowel signs, as of Hindi, are no letters, but tell words apart
        words = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in plain)
    return " ".join(words.split()) or " ".join(text.split())


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
    keys = pd.DataFrame(
        {name: list(map(fold, rows[name])) for name in (*SITE, "city")}, rows.index, dtype="object"
    )
    stated = (rows["precision"] == "address").to_numpy()
    lon, lat = (np.where(stated, rows[name].to_numpy("float64"), np.nan) for name in ("lon", "lat"))
    site = join_rows(rows, keys, lon, lat, ledger)
    merged = np.flatnonzero(site != np.arange(len(rows)))

    least: dict[int, str] = {}
    for first, one in zip(site.tolist(), _ids(rows, lon, lat, prefix), strict=True):
        least[first] = min(one, least.get(first, one))
    ids = pd.Series(least, dtype=TEXT)
    sites = rows.iloc[ids.index].copy()
    order = np.lexsort((lon[ids.index], lat[ids.index]))
    sites["facility_id"] = _unique(ids.set_axis(sites.index), order, ledger)
    table = _merge_table(rows, keys, site, merged, lon, lat)
    table.insert(3, "facility_id", sites["facility_id"].reindex(table["into_row"]).to_numpy())
    table.insert(0, "file", file)
    if merged.size:
        said = "into row " + table["into_row"].astype(TEXT) + ": " + table["evidence"]
        ledger.note(Reason.DUPLICATE, "facility_id", pd.Series(said.to_numpy(), index=table["row"]))
        _fill(sites, rows, site, merged)
    return sites, table[list(MERGE_COLUMNS)].astype({"file": TEXT, "facility_id": TEXT, "evidence": TEXT})


def _ids(rows: pd.DataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64], prefix: str) -> list[str]:
    columns = (rows[name] for name in ("name", "program", "street1", "street2", "zip", "city", "state"))
    return [
        facility_id(*parts, prefix=prefix)
        if parts[2] and parts[4]
        else facility_id(
            *parts,
            otherwise=(city, state, "" if parts[2] and city and state else _point(x, y)),
            prefix=prefix,
        )
        for (*parts, city, state), x, y in zip(zip(*columns, strict=True), lon, lat, strict=True)
    ]


def _point(lon: float, lat: float) -> str:
    return f"{lon:.5f} {lat:.5f}".replace("-", "minus ") if lon == lon else ""


def _unique(ids: pd.Series[str], order: NDArray[np.int64], ledger: Ledger) -> pd.Series[str]:
    """Give rows of one id numbers, from the south: those that nothing tells apart, or that lie too far apart."""
    again = ids.iloc[order].groupby(ids.iloc[order]).cumcount().reindex(ids.index)
    repeats = again > 0
    ledger.note(Reason.SAME_ID, "facility_id", ids[repeats])
    return ids.where(~repeats, ids + "-" + (again + 1).astype(TEXT))


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
    order = np.flatnonzero(np.isin(site, site[merged]))
    order = order[np.argsort(site[order], kind="stable")]
    begins = np.flatnonzero(np.diff(site[order], prepend=-1))
    bounds = list(pairwise([*begins.tolist(), order.size]))
    part = rows.iloc[order]
    rank = part["precision"].map(_PRECISION).to_numpy()
    best = [int(rank[begin:end].argmin()) for begin, end in bounds]
    where = sites.index.isin(rows.index[site[order[begins]]])
    for column in rows:
        listed = part[column].tolist()
        cells = [listed[begin:end] for begin, end in bounds]
        if column in _POINT:
            values = [cell[place] for cell, place in zip(cells, best, strict=True)]
        elif column in ("codes", "unmapped"):
            values = [tuple(dict.fromkeys(chain.from_iterable(cell))) for cell in cells]
        else:
            values = [next((value for value in cell if not _is_blank(value)), cell[0]) for cell in cells]
        better = sites[column].array.copy()
        better[where] = pd.Series(values, dtype=better.dtype).array
        sites[column] = better


def _is_blank(value: object) -> bool:
    return value is None or value in ("", ()) or value != value
