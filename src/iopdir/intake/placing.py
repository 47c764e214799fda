"""Where each row is: a point that agrees with its address, else the middle of its ZIP; and in which county."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.geography.boundaries import county_list, locate_counties, near_states, states
from iopdir.geography.places import zip_counties, zip_points
from iopdir.intake.fields import ASSOCIATED, looked_up, pairs, stated_points
from iopdir.intake.quality import Ledger, Reason
from iopdir.spatial.geodesy import geodesic_m
from iopdir.text import TEXT

__all__ = ["ZIP_SOURCE", "place_rows"]

TRUSTED_DISTANCE_M: Final = 50_000.0
"""A point in another state than its address is believed when it is this near the middle of its ZIP: border
towns are real, a point beyond it is taken for a geocoding error. A choice of this package."""

FAR_FROM_ZIP_M: Final = 100_000.0
"""A point in the right state but farther than this from the middle of its ZIP is flagged, not moved; likewise."""

PACIFIC: Final = (130.0, 175.0, 0.0, 16.0)
"""West, east, south and north of a box around the states in free association, which have no outlines here; flag M."""

ZIP_SOURCE: Final = "middle of the ZIP"

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def place_rows(rows: pd.DataFrame, source: str, ledger: Ledger) -> None:
    """Settle point, precision and county of each row, in place.

    Adds `precision`, `location_source`, `county_fips`, `county_match` and `vintage`; `lon` and `lat` become numbers.
    """
    centre = zip_points().reindex(rows["zip"].astype(TEXT))
    zip_lon, zip_lat = centre["lon"].to_numpy("float64"), centre["lat"].to_numpy("float64")
    zip_state = centre["state"].astype(TEXT).fillna("").to_numpy("str")
    judge = _Judge(rows["state"].to_numpy("str"), zip_lon, zip_lat, zip_state)
    lon, lat = stated_points(rows, ledger)
    stated = np.isfinite(lon)

    found = _counties(lon, lat)
    ok = stated & judge.fits(found, lon, lat)
    for reason, other_lon, other_lat in (
        (Reason.COORDINATE_SWAPPED, lat, lon),
        (Reason.COORDINATE_SIGN, -np.abs(lon), np.abs(lat)),
    ):
        todo = stated & ~ok & _on_earth(other_lat)
        if not todo.any():
            continue
        other = _counties(np.where(todo, other_lon, np.nan), np.where(todo, other_lat, np.nan))
        better = todo & judge.fits(other, other_lon, other_lat, strict=True)
        ledger.note(reason, "lat, lon", pairs(rows, better))
        lon, lat = np.where(better, other_lon, lon), np.where(better, other_lat, lat)
        found.loc[better] = other.loc[better]
        ok |= better
    beside = judge.beside(stated & ~ok, lon, lat)
    ledger.note(Reason.COORDINATE_NEAR_STATE, "lat, lon", pairs(rows, beside))
    ok |= beside

    elsewhere = stated & ~ok
    ledger.note(Reason.COORDINATE_ELSEWHERE, "lat, lon", pairs(rows, elsewhere))
    by_zip = ~ok & np.isfinite(zip_lon)
    lon = np.where(ok, lon, np.where(by_zip, zip_lon, np.nan))
    lat = np.where(ok, lat, np.where(by_zip, zip_lat, np.nan))
    found.loc[~ok] = _counties(np.where(by_zip, lon, np.nan), np.where(by_zip, lat, np.nan)).loc[~ok]
    unplaced = ~ok & ~by_zip
    ledger.note(Reason.ZIP_UNPLACED, "zip", rows.loc[unplaced, "zip"])
    _flag(rows, found, ok & ~beside, lon, lat, judge, ledger)
    _assign_counties(rows, found, ok, unplaced, ledger)

    rows["lon"], rows["lat"] = lon, lat
    rows["precision"] = np.select([ok, by_zip], ["address", "zip_centroid"], "unknown")
    rows["location_source"] = np.select([ok, by_zip], [source, ZIP_SOURCE], "")
    blank = (rows["state"] == "").to_numpy()
    of_point = found["state"].to_numpy("str")
    rows.loc[blank, "state"] = np.where(of_point != "", of_point, zip_state)[blank]


def _on_earth(lat: Floats) -> Bools:
    """Whether there is such a latitude; one that is not given is none."""
    there: Bools = np.abs(lat) <= 90
    return there


class _Judge:
    """Holds points against the addresses they stand beside."""

    def __init__(
        self, state: NDArray[np.str_], zip_lon: Floats, zip_lat: Floats, zip_state: NDArray[np.str_]
    ) -> None:
        self.state, self.zip_lon, self.zip_lat, self.zip_state = state, zip_lon, zip_lat, zip_state

    def from_zip_m(self, lon: Floats, lat: Floats) -> Floats:
        """How far points lie from the middle of their ZIP, `inf` where either is not known."""
        out = np.full(lon.size, np.inf)
        known = _on_earth(lat) & np.isfinite(self.zip_lon)
        out[known] = geodesic_m(lon[known], lat[known], self.zip_lon[known], self.zip_lat[known])
        return out

    def fits(self, found: pd.DataFrame, lon: Floats, lat: Floats, *, strict: bool = False) -> Bools:
        """Whether points agree with their addresses.

        They do when they lie in the state of the row or of the ZIP, or near the middle of the ZIP. Where the row has
        neither a known state nor a known ZIP, any county will do.
        """
        point_state = found["state"].to_numpy("str")
        inside = point_state != ""
        agrees = inside & ((point_state == self.state) | (point_state == self.zip_state))
        near = self.from_zip_m(lon, lat) <= TRUSTED_DISTANCE_M
        anywhere = (self.state == "") & (self.zip_state == "") & inside
        west, east, south, north = PACIFIC
        pacific = (
            np.isin(self.state, ASSOCIATED) & (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        )
        fits: Bools = agrees | (near & inside) if strict else agrees | near | anywhere | pacific
        return fits

    def beside(self, todo: Bools, lon: Floats, lat: Floats) -> Bools:
        """Which of these points lie just outside the generalised outline of their row's state."""
        result = np.zeros(lon.size, dtype=bool)
        rows = np.flatnonzero(todo & (self.state != "") & _on_earth(lat))
        result[rows] = near_states(lon[rows], lat[rows], self.state[rows])
        return result


def _counties(lon: Floats, lat: Floats) -> pd.DataFrame:
    """County of each point; blank where there is no usable point or no county within reach."""
    usable = _on_earth(lat)
    located = locate_counties(lon[usable], lat[usable])
    located["state"] = located["county_fips"].str[:2].map(states()["state"])
    blank: dict[str, Any] = {"county_fips": "", "county_match": "none", "state": "", "vintage": 0}
    return (
        located.set_axis(np.flatnonzero(usable))
        .reindex(range(len(lon)))
        .fillna(blank)
        .astype({"vintage": "int64"})
    )


def _flag(
    rows: pd.DataFrame,
    found: pd.DataFrame,
    ok: Bools,
    lon: Floats,
    lat: Floats,
    judge: _Judge,
    ledger: Ledger,
) -> None:
    """Note what the listing says of itself that does not hold together."""
    point_state = found["state"].to_numpy("str")
    contradicted = ok & (point_state != "") & (judge.state != "") & (point_state != judge.state)
    ledger.note(
        Reason.STATE_CONTRADICTION, "state", (rows["state"] + " (point in " + point_state + ")")[contradicted]
    )
    other = (judge.state != "") & (judge.zip_state != "") & (judge.state != judge.zip_state)
    ledger.note(
        Reason.ZIP_OF_OTHER_STATE,
        "zip",
        (rows["zip"] + " (" + judge.zip_state + ", row in " + rows["state"] + ")")[other],
    )
    from_zip = judge.from_zip_m(lon, lat)
    far = ok & np.isfinite(from_zip) & (from_zip > FAR_FROM_ZIP_M)
    ledger.note(Reason.COORDINATE_FAR_FROM_ZIP, "lat, lon", pairs(rows, far))


def _assign_counties(
    rows: pd.DataFrame, found: pd.DataFrame, ok: Bools, unplaced: Bools, ledger: Ledger
) -> None:
    for column in ("county_fips", "county_match", "vintage"):
        rows[column] = found[column].to_numpy()
    by_home = zip_counties().reindex(rows["zip"].astype(TEXT))
    from_zip = unplaced & by_home["county_fips"].notna().to_numpy()
    rows.loc[from_zip, "county_fips"] = by_home["county_fips"].to_numpy()[from_zip]
    rows.loc[from_zip, "vintage"] = by_home["vintage"].to_numpy()[from_zip]
    rows.loc[from_zip, "county_match"] = "zip"
    names, known = _county_names()
    said, is_in = rows["county"], looked_up(rows["county_fips"], names)
    differs = (said != "") & (is_in != "") & ok
    differs &= ~pd.Series(
        [_same_county(one, other) for one, other in zip(said, is_in, strict=True)], index=said.index
    )
    said, is_in, state = said[differs], is_in[differs], rows.loc[differs, "state"]
    current = (state + " " + said.map(_county_key)).isin(known)
    text = said + " (point in " + is_in + ")"
    ledger.note(Reason.COUNTY_CONTRADICTION, "county", text[current])
    ledger.note(Reason.COUNTY_OF_OTHER_VINTAGE, "county", text[~current])
    nearest = rows["county_match"] == "nearest"
    own = nearest & (rows["lat"] != "")
    ledger.note(Reason.COUNTY_NEAREST, "lat, lon", pairs(rows, own.to_numpy()))
    ledger.note(Reason.COUNTY_NEAREST, "zip", rows.loc[nearest & ~own, "zip"])
    ledger.note(Reason.NO_COUNTY_MATCH, "county_fips", rows.loc[rows["county_match"] == "none", "zip"])


@cache
def _county_names() -> tuple[dict[str, str], set[str]]:
    """Name of each county by code; and every state with a county's folded name in it."""
    table = county_list()
    known = {
        f"{state} {_county_key(name)}" for state, name in zip(table["state"], table["name"], strict=True)
    }
    return {str(code): str(name) for code, name in table["name"].items()}, known


_COUNTY_WORDS: Final = re.compile(
    r"\b(county|parish|borough|census area|municipality|municipio|city and borough|city|planning region)\b"
)


@cache
def _same_county(said: str, name: str) -> bool:
    """Whether a listing's word for a county is the county's name; a city is not the county of its name."""
    one, other = said.casefold().strip(), name.casefold()
    for city, county in ((one, other), (other, one)):
        if city.endswith(" city") and county.endswith(" county") and county != f"{city} county":
            return False
    return _county_key(said) == _county_key(name)


@cache
def _county_key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    folded = plain.casefold().replace("saint", "st").replace("ste.", "ste").replace("st.", "st")
    return re.sub(r"[^a-z0-9]", "", _COUNTY_WORDS.sub("", folded))
