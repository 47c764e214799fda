"""Places people name: a ZIP, a pair of coordinates, a city or county with its state, a state."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from iopdir.datasets import open_pack
from iopdir.errors import CoordinateError, UnknownNameError
from iopdir.geography.boundaries import counties, county_list, states

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NICKNAMES", "Place", "county_code", "find_place", "state_code", "zip_counties", "zip_points"]


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
        ``"zip"``, ``"point"``, ``"city"``, ``"county"`` or ``"state"``.
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


def find_place(text: str) -> Place:
    """Find a place by the words people use.

    Parameters
    ----------
    text
        A ZIP (``"60614"``), latitude and longitude (``"41.92, -87.65"``, latitude first as maps print it), a city or
        county with its state (``"Chicago, IL"``, ``"chicago illinois"``, ``"Cook County, IL"``), or a state
        (``"Texas"``, ``"tx"``). Case, accents and a missing comma do not count.

    Returns
    -------
    Place
        A ZIP is its Census internal point; a city is the people-weighted middle of the ZIPs whose main post
        office has its name, a county or state that of the ZIPs most homes of which it holds.

    Raises
    ------
    UnknownNameError
        If there is no such place; similar names are suggested, and the states that have a city of that name.
    CoordinateError
        If the coordinates are impossible.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.find_place("60614").label
    'Chicago, IL 60614'
    >>> [iop.find_place(text).kind for text in ("springfield il", "Cook County, IL", "Texas")]
    ['city', 'county', 'state']
    """
    words = NICKNAMES.get(_city_key(text), text.strip())
    if match := _POINT.fullmatch(words):
        return Place(lat=float(match[1]), lon=float(match[2]))
    if match := _ZIP.fullmatch(words):
        return _zip(match[1])
    name, state = _parts(words)
    if not state:
        table = _zip_points()
        named = table[table["city"].map(_city_key) == _city_key(words)]
        among = (named["city"] + ", " + named["state"]).unique()
        raise UnknownNameError(
            "place (write a ZIP, 'lat,lon', 'City, ST', 'County, ST' or a state)", text, among
        )
    return _state(state) if not name else _in_state(name, state)


def _parts(words: str) -> tuple[str, str]:
    """Part a name from its state, whose code is blank where there is none."""
    name, comma, state = words.rpartition(",")
    if comma:
        return name.strip(), state_code(state)
    spoken = words.split()
    for at in range(len(spoken)):  # from the left: West Virginia before Virginia
        with suppress(UnknownNameError):
            return " ".join(spoken[:at]), state_code(" ".join(spoken[at:]))
    return words, ""


def _zip(code: str) -> Place:
    table = _zip_points()
    if code not in table.index:
        raise UnknownNameError("ZIP", code)
    lon, lat = table.loc[[code], ["lon", "lat"]].to_numpy("float64")[0].tolist()
    city, state, source = table.loc[[code], ["city", "state", "point_source"]].to_numpy(object)[0]
    label = f"{city}, {state} {code}"
    return Place(lon=lon, lat=lat, label=label, kind="zip", source=f"zip_points ({source})")


def _in_state(name: str, code: str) -> Place:
    """Find a city, else a county."""
    table = _zip_points()
    cities = table[table["state"] == code]
    zips = cities[cities["city"].map(_city_key) == _city_key(name)]
    if len(zips):
        return _middle(zips, f"{zips['city'].iloc[0]}, {code}", "city")
    listed = _counties_named(name, code)
    if listed.empty:
        known = {*cities["city"], *_counties_named("", code)} - {""}
        raise UnknownNameError(f"city or county in {code}", name, known)
    fips, label = listed.index[0], f"{listed.iloc[0]}, {code}"
    homes = _zip_counties()
    zips = table[table.index.isin(homes.index[homes["county_fips"] == fips])]
    if len(zips):
        return _middle(zips, label, "county")
    inside = counties().loc[fips, "geometry"].representative_point()
    return Place(lon=inside.x, lat=inside.y, label=label, kind="county", source="counties")


def _counties_named(name: str, code: str) -> pd.Series[str]:
    """Names of the counties of a state by code: all, or those that are called so."""
    listed = county_list()
    names: pd.Series[str] = listed.loc[listed["state"] == code, "name"]
    return names[names.map(_city_key) == _city_key(name)] if name else names


def _state(code: str) -> Place:
    table, named = _zip_points(), states()
    return _middle(table[table["state"] == code], named.loc[named["state"] == code, "name"].iloc[0], "state")


def _middle(zips: pd.DataFrame, label: str, kind: str) -> Place:
    """Average the points of some ZIPs by their people; east of Greenwich lies west of it, for Alaska has both."""
    people = _people().reindex(zips.index).fillna(0.0).to_numpy()
    weights = people if people.sum() > 0 else np.ones(len(zips))
    east, lat = (float(np.average(degrees, weights=weights)) for degrees in (zips["lon"] % 360, zips["lat"]))
    lon = (east + 180) % 360 - 180
    return Place(lon=lon, lat=lat, label=label, kind=kind, source="zip_points, zcta")


def county_code(text: str) -> str:
    """Read the code of a county, from its five digits or from its name and state.

    Parameters
    ----------
    text
        ``"17031"``, ``"Cook County, IL"``, ``"cook county illinois"``.

    Returns
    -------
    str
        Five digits.

    Raises
    ------
    UnknownNameError
        If there is no such county, or no state is named.

    Examples
    --------
    >>> county_code("Cook County, IL"), county_code("17031")
    ('17031', '17031')
    """
    if _ZIP.fullmatch(text):
        return text
    name, state = _parts(text)
    if not (name and state):
        raise UnknownNameError("county (write five digits, or 'Cook County, IL')", text)
    found = _counties_named(name, state)
    if found.empty:
        raise UnknownNameError(f"county in {state}", name, _counties_named("", state))
    return str(found.index[0])


def state_code(text: str) -> str:
    """Read the postal abbreviation of a state, from that in any case or from its name.

    Parameters
    ----------
    text
        ``"IL"``, ``"il"``, ``"Illinois"``, ``"D.C."``, ``"Washington state"``.

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
    code: str = by_name.get(_city_key(words).removesuffix(" state"), words.upper())
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
