"""Demand points: populated places with the people in them, and the counties those people live in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.datasets import open_pack, pack_source
from iopdir.errors import LoadError, UnknownNameError, VintageError
from iopdir.geography.boundaries import locate_counties, states
from iopdir.geography.points import PointsLike, read_points, state_codes
from iopdir.limits import MAX_POPULATION_BYTES, check_names, csv_table, read_unpacked
from iopdir.provenance import Provenance, Source, file_sha256, sources_of
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.text import TEXT, numbers

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "HomeCounties",
    "county_weights",
    "demand_points",
    "home_counties",
    "in_states",
    "read_popcenters",
    "weight_sources",
]

_EXPECTED: Final = "a Census centers-of-population file (STATEFP, COUNTYFP, POPULATION, LATITUDE, LONGITUDE)"
_LEVELS: Final = {"STATEFP": 2, "COUNTYFP": 3, "TRACTCE": 6, "BLKGRPCE": 1}
"""Column of each part of a code -> its width."""


def demand_points(kind: str = "zcta", *, state: str | Iterable[str] | None = None) -> gpd.GeoDataFrame:
    """Open the embedded demand points.

    Parameters
    ----------
    kind
        ``"zcta"``, ZIP areas with the people of the American Community Survey 2018-22.
    state
        Only the people of this state, or of several, in any case; all by default, Puerto Rico included.

    Returns
    -------
    GeoDataFrame
        Points, EPSG:4326, indexed by `zcta`: `lon, lat, state, population` and the groups `adults,
        older_adults, poverty, white, black, hispanic, asian, native_american, pacific_islander` (people),
        `households, no_vehicle` (households), `land_area_m2`.

    Raises
    ------
    UnknownNameError
        If there is no such kind or state, or nobody is known to live in it.

    Examples
    --------
    >>> import iopdir as iop
    >>> int(iop.demand_points("zcta")["population"].sum())
    334365877
    >>> len(iop.demand_points("zcta", state="DC"))
    57
    """
    import geopandas as gpd

    if kind != "zcta":
        raise UnknownNameError("kind of demand points", kind, ["zcta"])
    table = open_pack("zcta").set_index("zcta")
    wanted = None if state is None else state_codes(state)
    if wanted is not None:
        table = table[in_states(table, wanted)]
    points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    points.attrs["provenance"] = Provenance.of([pack_source("zcta")], kind=kind, state=wanted).to_dict()
    return points


def read_popcenters(path: str | Path, *, vintage: int = 2020) -> gpd.GeoDataFrame:
    r"""Read a Census centers-of-population file: counties, tracts or block groups.

    Parameters
    ----------
    path
        A CenPop file, plain or ``.gz``, in UTF-8 or Latin-1, with or without a byte order mark or leading
        ``+`` on its coordinates.
    vintage
        Year of the county codes in it.

    Returns
    -------
    GeoDataFrame
        Points, EPSG:4326, indexed by `geoid` (text of 5, 11 or 12): `lon, lat, population, state,
        county_fips, vintage`.

    Raises
    ------
    LoadError
        If the file is no such file, is too large to be one when unpacked, or a line of it has an impossible value.

    Examples
    --------
    >>> import iopdir as iop, pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "CenPop2020_Mean_CO.txt"
    >>> _ = path.write_text("STATEFP,COUNTYFP,POPULATION,LATITUDE,LONGITUDE\n17,031,10,+41.8,-87.7\n")
    >>> iop.read_popcenters(path)[["lat", "population", "county_fips", "vintage"]].values.tolist()
    [[41.8, 10.0, '17031', 2020]]
    >>> folder.cleanup()
    """
    import geopandas as gpd

    table = _read_table(path)
    geoid = pd.Series("", table.index)
    for name, width in _LEVELS.items():
        if name in table:
            geoid += table[name].str.zfill(width)
    numbers = {name: _numbers(path, table, name) for name in ("LATITUDE", "LONGITUDE", "POPULATION")}
    _check_lines(path, numbers["LATITUDE"], numbers["LATITUDE"].abs() <= 90, "a latitude")
    _check_lines(path, numbers["LONGITUDE"], numbers["LONGITUDE"].abs() <= 180, "a longitude")
    _check_lines(path, numbers["POPULATION"], numbers["POPULATION"] >= 0, "a population")
    _check_lines(path, geoid, ~geoid.duplicated(), "codes that stand for one place each")
    postal = states()["state"].to_dict()
    frame = pd.DataFrame(
        {
            "lon": numbers["LONGITUDE"].to_numpy(),
            "lat": numbers["LATITUDE"].to_numpy(),
            "population": numbers["POPULATION"].to_numpy(),
            "state": [postal.get(code[:2], "") for code in geoid],
            "county_fips": geoid.str[:5].to_numpy("str"),
            "vintage": vintage,
        },
        index=pd.Index(geoid.to_numpy("str"), name="geoid", dtype=TEXT),
    ).astype({"state": TEXT, "county_fips": TEXT})
    points = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")
    source = Source(
        name=Path(path).name, edition=str(vintage), sha256=file_sha256(path), licence="public domain"
    )
    points.attrs["provenance"] = Provenance.of([source], vintage=vintage).to_dict()
    return points


def _read_table(path: str | Path) -> pd.DataFrame:
    """Read the file as text, with upper-case column names; codes are checked."""
    text = _read_text(path)
    table = csv_table(
        path, text.lstrip("\r\n"), expected=_EXPECTED, dtype=TEXT, keep_default_na=False, na_values=[],
        skipinitialspace=True, skip_blank_lines=False,
    )  # fmt: skip
    table.columns = names = pd.Index([str(name).strip().upper() for name in table.columns])
    check_names(path, names, expected=_EXPECTED)
    table = table.fillna("")
    table.index += 2 + text[: len(text) - len(text.lstrip("\r\n"))].count("\n")  # the line of each row
    table = table[(table != "").any(axis=1)]
    required = ("STATEFP", "COUNTYFP", "POPULATION", "LATITUDE", "LONGITUDE")
    missing = [name for name in required if name not in table]
    if missing:
        raise LoadError(path, expected=_EXPECTED, found=f"a table without {', '.join(missing)}", line=1)
    if table.empty:
        raise LoadError(path, expected=_EXPECTED, found="a header without rows", line=1)
    for name, width in _LEVELS.items():
        if name in table:
            good = table[name].str.fullmatch(rf"\d{{1,{width}}}")
            _check_lines(path, table[name], good, f"up to {width} digits in {name}")
    return table


def _read_text(path: str | Path) -> str:
    data = read_unpacked(path, expected=_EXPECTED, most=MAX_POPULATION_BYTES)
    if not data.strip():
        raise LoadError(path, expected=_EXPECTED, found="an empty file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if text.lstrip()[:1] == "<":
        raise LoadError(path, expected=_EXPECTED, found="an HTML page")
    return text


def _numbers(path: str | Path, table: pd.DataFrame, name: str) -> pd.Series[float]:
    found = pd.Series(numbers(table[name]), table.index)
    _check_lines(path, table[name], found.abs() < np.inf, f"a number in {name}")
    return found


def _check_lines(path: str | Path, values: pd.Series[Any], good: pd.Series[bool], expected: str) -> None:
    bad = np.flatnonzero(~good.to_numpy(dtype=bool))
    if len(bad):
        line = values.index[bad[0]]
        raise LoadError(path, expected=expected, found=repr(values[line]), line=int(line))


def in_states(demand: pd.DataFrame, state: str | Iterable[str]) -> NDArray[np.bool_]:
    """Mark the demand points of some states.

    Parameters
    ----------
    demand
        Demand points: their column `state` says where they are, else `county_fips`, else `lon` and `lat`.
    state
        One or several, in any case.

    Returns
    -------
    NDArray[np.bool_]
        Shape (n,).

    Raises
    ------
    UnknownNameError
        If there is no such state, or none of the points lies in it.

    Examples
    --------
    >>> import pandas as pd
    >>> in_states(pd.DataFrame({"state": ["IL", "VT", "IL"]}), "il")
    array([ True, False,  True])
    """
    if "state" in demand:
        own = demand["state"].to_numpy("str")
    else:
        codes = demand if "county_fips" in demand else _located(demand)
        postal = states()["state"]
        own = postal.reindex(codes["county_fips"].str[:2]).fillna("").to_numpy("str")
    wanted = state_codes(state)
    for code in wanted:
        if code not in own:
            raise UnknownNameError("state among the demand points", code, np.unique(own).tolist())
    return np.isin(own, wanted)


@dataclass(frozen=True, slots=True)
class HomeCounties:
    """People of demand points shared out to counties.

    Parameters
    ----------
    point
        Position of the demand point, rising, shape (pairs,).
    name
        Position in `names`, shape (pairs,).
    year
        Of the code, shape (pairs,).
    weight
        Share of the people, shape (pairs,).
    names
        County codes, each once, a blank for nowhere; not all of them need be used.
    """

    point: IntArray
    name: IntArray
    year: IntArray
    weight: FloatArray
    names: pd.Index[str]


def home_counties(demand: pd.DataFrame) -> HomeCounties:
    """Share the people of each demand point out to counties.

    Parameters
    ----------
    demand
        As for `county_weights`, with columns `lon` and `lat` where they decide.

    Returns
    -------
    HomeCounties
        One entry for each demand point and county.

    Raises
    ------
    VintageError
        If `county_fips` comes without a `vintage`.
    """
    everybody = np.arange(len(demand))
    if "county_fips" in demand:
        if "vintage" not in demand:
            raise VintageError(
                "county_fips needs a column vintage beside it: the year of the codes, e.g. 2020 or 2023"
            )
        name, names = pd.factorize(demand["county_fips"].fillna("").astype(TEXT))
        years = demand["vintage"].to_numpy("int64")
        return HomeCounties(everybody, name.astype(np.int64), years, np.ones(len(demand)), pd.Index(names))
    first = np.full(len(demand), -1)
    zips, begin, pack = _zip_homes()
    if demand.index.name == "zcta":
        first = zips.get_indexer(demand.index.astype(TEXT))
    many = np.where(first >= 0, np.diff(begin)[first], 0)  # HUD does not know every ZIP area
    point, lost = np.repeat(everybody, many), np.flatnonzero(first < 0)
    row = np.repeat(begin[first] - np.cumsum(many) + many, many) + np.arange(point.size)
    name, years, weight, names = pack.name[row], pack.year[row], pack.weight[row], pack.names
    if lost.size:
        found = _located(demand.iloc[lost])
        where, names = pd.factorize(pd.Index([*names, *found["county_fips"]], dtype=TEXT))
        order = np.argsort(np.append(point, lost), kind="stable")
        point = np.append(point, lost)[order]
        name = np.append(where[name], where[len(pack.names) :])[order]
        years = np.append(years, found["vintage"])[order]
        weight = np.append(weight, np.ones(lost.size))[order]
    return HomeCounties(point, name, years, weight, names)


@cache
def _zip_homes() -> tuple[pd.Index[str], IntArray, HomeCounties]:
    """Put the pack `zcta_county` in order: each ZIP, where its rows begin, and their counties."""
    table = open_pack("zcta_county")
    point, zips = pd.factorize(table["zip"], sort=True)
    name, names = pd.factorize(table["county_fips"])
    order = np.argsort(point, kind="stable")
    begin = np.searchsorted(point[order], np.arange(len(zips) + 1))
    years, weight = table["vintage"].to_numpy("int64")[order], table["weight"].to_numpy("float64")[order]
    pack = HomeCounties(point[order], name[order].astype(np.int64), years, weight, pd.Index(names))
    return pd.Index(zips), begin, pack


def county_weights(demand: PointsLike) -> pd.DataFrame:
    """Say which counties the people of each demand point live in.

    Parameters
    ----------
    demand
        Demand points. With a column `county_fips` (and `vintage`) each point is wholly in that county; indexed
        by `zcta` the homes of the ZIP are shared out (HUD 12/2025); otherwise the points decide.

    Returns
    -------
    DataFrame
        `demand_id, county_fips, vintage, weight`. The weights of a point add up to 1; a point in no known
        county has one row with a blank `county_fips`, so that nobody is lost.

    Raises
    ------
    CoordinateError
        If a point that must decide is missing or not on Earth.
    VintageError
        If `county_fips` comes without a `vintage`.

    Examples
    --------
    >>> import iopdir as iop
    >>> weights = iop.geography.county_weights(iop.demand_points("zcta", state="DC"))
    >>> weights.groupby("county_fips")["weight"].sum().round(2)
    county_fips
    11001    57.0
    Name: weight, dtype: float64
    """
    demand = read_points(demand, located=False)
    homes = home_counties(demand)
    table = pd.DataFrame(
        {
            "demand_id": demand.index.to_numpy("str")[homes.point],
            "county_fips": homes.names.take(homes.name),
            "vintage": homes.year,
            "weight": homes.weight,
        }
    ).astype({"demand_id": TEXT, "county_fips": TEXT})
    table.attrs["provenance"] = Provenance.of([*sources_of(demand), *weight_sources(demand)]).to_dict()
    return table


def weight_sources(demand: pd.DataFrame) -> tuple[Source, ...]:
    """Name the packs by which `county_weights` shares people out."""
    if "county_fips" in demand:
        return ()
    return tuple(map(pack_source, (["zcta_county"] if demand.index.name == "zcta" else ["counties"])))


def _located(demand: pd.DataFrame) -> pd.DataFrame:
    if not {"lon", "lat"} <= set(demand.columns):
        raise UnknownNameError("column", "lon", map(str, demand.columns))
    return locate_counties(demand["lon"].to_numpy("float64"), demand["lat"].to_numpy("float64"))
