"""Places people name: a ZIP, a pair of coordinates, a city and state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from iopdir.datasets import open_pack
from iopdir.errors import CoordinateError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Place", "find_place", "zip_counties", "zip_points"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A place with a point.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326.
    label
        How to call it.
    kind
        ``"zip"``, ``"point"`` or ``"city"``.
    source
        Where the point comes from.
    """

    lon: float
    lat: float
    label: str
    kind: str
    source: str


_POINT: Final = re.compile(r"\s*([+-]?\d+(?:\.\d*)?)\s*,\s*([+-]?\d+(?:\.\d*)?)\s*")
_CITY: Final = re.compile(r"\s*([^,]+?)\s*,\s*([A-Za-z]{2})\.?\s*")


def find_place(text: str) -> Place:
    """Find a place by the words people use.

    Parameters
    ----------
    text
        A ZIP (``"60614"``), latitude and longitude (``"41.92, -87.65"``, latitude first as maps print it), or
        a city with its state (``"Chicago, IL"``).

    Returns
    -------
    Place
        A ZIP is its Census internal point; a city is the people-weighted middle of the ZIPs whose main post
        office has its name.

    Raises
    ------
    UnknownNameError
        If there is no such ZIP or city; similar names are suggested.
    CoordinateError
        If the coordinates are impossible.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.find_place("60614").label
    'Chicago, IL 60614'
    >>> iop.find_place("Springfield, IL").kind
    'city'
    """
    if match := _POINT.fullmatch(text):
        lat, lon = float(match[1]), float(match[2])
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            swapped = " (latitude comes first)" if abs(lon) <= 90 and abs(lat) <= 180 else ""
            raise CoordinateError(f"no such place on Earth: latitude {lat:g}, longitude {lon:g}{swapped}")
        return Place(lon=lon, lat=lat, label=f"{lat:g}, {lon:g}", kind="point", source="as given")
    if re.fullmatch(r"\s*\d{5}(?:-\d{4})?\s*", text):
        code = text.strip()[:5]
        table = _zip_points()
        if code not in table.index:
            raise UnknownNameError("ZIP", code)
        row = table.loc[code]
        label = f"{row['city']}, {row['state']} {code}"
        source = f"zip_points ({row['point_source']})"
        lon, lat = table.loc[[code], ["lon", "lat"]].to_numpy("float64")[0]
        return Place(lon=float(lon), lat=float(lat), label=label, kind="zip", source=source)
    if match := _CITY.fullmatch(text):
        return _find_city(match[1], match[2].upper())
    raise UnknownNameError("place (write a ZIP, 'lat,lon' or 'City, ST')", text)


def _find_city(city: str, state: str) -> Place:
    table = _zip_points()
    in_state = table[table["state"] == state]
    if in_state.empty:
        raise UnknownNameError("state", state, set(table["state"]) - {""})
    names = in_state["city"].map(_city_key)
    zips = in_state[names == _city_key(city)]
    if zips.empty:
        raise UnknownNameError(f"city in {state}", city, in_state["city"].unique())
    people = open_pack("zcta").set_index("zcta")["population"].reindex(zips.index).fillna(0.0).to_numpy()
    weights = people if people.sum() > 0 else np.ones(len(zips))
    # a city is small enough, and far enough from the antimeridian, to average degrees
    lon, lat = (float(np.average(zips[name], weights=weights)) for name in ("lon", "lat"))
    return Place(
        lon=lon, lat=lat, label=f"{zips['city'].iloc[0]}, {state}", kind="city", source="zip_points, zcta"
    )


def _city_key(name: str) -> str:
    words = name.casefold().replace(".", "").split()
    short = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
    return " ".join(short.get(word, word) for word in words)


def zip_points() -> pd.DataFrame:
    """Give a point for every ZIP.

    Returns
    -------
    DataFrame
        Indexed by `zip` (text of 5): `lon, lat` in degrees, `state`, `city`, `kind` (standard, po_box, unique,
        military), `point_source` (``"census_gazetteer"``, or ``"package"`` where the ZIP has no area of its own).

    Examples
    --------
    >>> from iopdir.geography.places import zip_points
    >>> zip_points().loc["60614", "city"]
    'Chicago'
    """
    return _zip_points().copy()


@cache
def _zip_points() -> pd.DataFrame:
    return open_pack("zip_points").set_index("zip")


@cache
def zip_counties() -> pd.DataFrame:
    """Give the county most homes of a ZIP lie in.

    Returns
    -------
    DataFrame
        Indexed by `zip`: `county_fips, vintage, weight`, the weight being the share of homes in that county.
    """
    weights = open_pack("zcta_county").sort_values(["weight", "county_fips"], ascending=[False, True])
    return weights.drop_duplicates("zip").set_index("zip")[["county_fips", "vintage", "weight"]]
