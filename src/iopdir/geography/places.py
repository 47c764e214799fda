"""Places people name: a ZIP, a pair of coordinates, a city and state."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from iopdir.datasets import open_pack
from iopdir.errors import CoordinateError, UnknownNameError
from iopdir.geography.boundaries import states

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NICKNAMES", "Place", "find_place", "state_code", "zip_counties", "zip_points"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A place with a point.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326.
    label
        How to call it; latitude and longitude if not given.
    kind
        ``"zip"``, ``"point"`` or ``"city"``.
    source
        Where the point comes from.

    Raises
    ------
    CoordinateError
        If it is not on Earth.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.Place(lat=44.26, lon=-72.58).label
    '44.26, -72.58'
    """

    lon: float
    lat: float
    label: str = ""
    kind: str = "point"
    source: str = "as given"

    def __post_init__(self) -> None:
        lon, lat = self.lon, self.lat
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            swapped = " (latitude comes first)" if abs(lon) <= 90 and abs(lat) <= 180 else ""
            raise CoordinateError(f"no such place on Earth: latitude {lat:g}, longitude {lon:g}{swapped}")
        object.__setattr__(self, "label", self.label or f"{lat:g}, {lon:g}")


NICKNAMES: Final = {"new york": "New York, NY", "new york city": "New York, NY", "nyc": "New York, NY"}
"""What people type for a city without its state, and mean no other place by; in lower case."""

_POINT: Final = re.compile(r"([+-]?\d+(?:\.\d*)?)\s*[,\s]\s*([+-]?\d+(?:\.\d*)?)")
_ZIP: Final = re.compile(r"(\d{5})(?:-\d{4})?")
_CITY: Final = re.compile(r"([^,]+?)\s*(?:,\s*([A-Za-z][A-Za-z. ]+)|\s([A-Z]{2}))")


def find_place(text: str) -> Place:
    """Find a place by the words people use.

    Parameters
    ----------
    text
        A ZIP (``"60614"``), latitude and longitude (``"41.92, -87.65"``, latitude first as maps print it), or
        a city with its state (``"Chicago, IL"``, ``"Chicago, Illinois"``).

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
    words = NICKNAMES.get(text.strip().casefold(), text.strip())
    if match := _POINT.fullmatch(words):
        return Place(lat=float(match[1]), lon=float(match[2]))
    if match := _ZIP.fullmatch(words):
        return _zip(match[1])
    if match := _CITY.fullmatch(words):
        return _city(match[1], match[2] or match[3])
    raise UnknownNameError("place (write a ZIP, 'lat,lon' or 'City, ST')", text)


def _zip(code: str) -> Place:
    table = _zip_points()
    if code not in table.index:
        raise UnknownNameError("ZIP", code)
    lon, lat = table.loc[[code], ["lon", "lat"]].to_numpy("float64")[0].tolist()
    city, state, source = table.loc[[code], ["city", "state", "point_source"]].to_numpy(object)[0]
    label = f"{city}, {state} {code}"
    return Place(lon=lon, lat=lat, label=label, kind="zip", source=f"zip_points ({source})")


def _city(city: str, state: str) -> Place:
    code = state_code(state)
    table = _zip_points()
    in_state = table[table["state"] == code]
    zips = in_state[in_state["city"].map(_city_key) == _city_key(city)]
    if zips.empty:
        raise UnknownNameError(f"city in {code}", city, set(in_state["city"]) - {""})
    people = _people().reindex(zips.index).fillna(0.0).to_numpy()
    weights = people if people.sum() > 0 else np.ones(len(zips))
    # a city is small enough, and far enough from the antimeridian, to average degrees
    lon, lat = (float(np.average(zips[name], weights=weights)) for name in ("lon", "lat"))
    label = f"{zips['city'].iloc[0]}, {code}"
    return Place(lon=lon, lat=lat, label=label, kind="city", source="zip_points, zcta")


def state_code(text: str) -> str:
    """Read the postal abbreviation of a state, from that in any case or from its name.

    Parameters
    ----------
    text
        ``"IL"``, ``"il"``, ``"Illinois"``, ``"D.C."``.

    Returns
    -------
    str
        Two letters.

    Raises
    ------
    UnknownNameError
        If there is no such state.

    Examples
    --------
    >>> state_code("illinois"), state_code("dc")
    ('IL', 'DC')
    """
    table = states()
    by_name = {_city_key(name): code for name, code in zip(table["name"], table["state"], strict=True)}
    words = text.replace(".", "").strip()
    code: str = by_name.get(_city_key(words), words.upper())
    if code not in by_name.values():
        raise UnknownNameError("state", words, table["state"] if len(words) == 2 else table["name"])
    return code


def _city_key(name: str) -> str:
    """Spell a name the one way under which it is looked up."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.sub(r"[^a-z0-9\s-]", "", plain).replace("-", " ").split()
    short = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
    return " ".join(short.get(word, word) for word in words)


@cache
def _people() -> pd.Series[float]:
    people: pd.Series[float] = open_pack("zcta").set_index("zcta")["population"]
    return people


def zip_points() -> pd.DataFrame:
    """Give a point for every ZIP.

    Returns
    -------
    DataFrame
        Indexed by `zip` (text of 5): `lon, lat` in degrees, `state`, `city`, `kind` (standard, po_box, unique),
        `point_source` (``"census_gazetteer"``, ``"geonames"`` where the ZIP has no area of its own).

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


def zip_counties() -> pd.DataFrame:
    """Give the county most homes of a ZIP lie in.

    Returns
    -------
    DataFrame
        Indexed by `zip`: `county_fips, vintage, weight`, the weight being the share of homes in that county; of
        all addresses where the ZIP has no homes.

    Examples
    --------
    >>> from iopdir.geography.places import zip_counties
    >>> zip_counties().loc["60614", "county_fips"]
    '17031'
    """
    return _zip_counties().copy()


@cache
def _zip_counties() -> pd.DataFrame:
    weights = open_pack("zcta_county").sort_values(["weight", "county_fips"], ascending=[False, True])
    return weights.drop_duplicates("zip").set_index("zip")[["county_fips", "vintage", "weight"]]
