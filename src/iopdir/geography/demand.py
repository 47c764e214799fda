"""Demand points: populated places with the people in them, and the counties those people live in."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from iopdir.datasets import open_pack, pack_source
from iopdir.errors import LoadError, UnknownNameError, VintageError
from iopdir.geography.boundaries import locate_counties, states
from iopdir.provenance import Provenance, Source, file_sha256

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["county_weights", "demand_points", "read_popcenters"]

_EXPECTED: Final = "a Census centers-of-population file (STATEFP, COUNTYFP, POPULATION, LATITUDE, LONGITUDE)"
_LEVELS: Final = {"STATEFP": 2, "COUNTYFP": 3, "TRACTCE": 6, "BLKGRPCE": 1}
"""Column of each part of a code -> its width."""


def demand_points(kind: str = "zcta", *, states: str | Iterable[str] | None = None) -> gpd.GeoDataFrame:
    """Open the embedded demand points.

    Parameters
    ----------
    kind
        ``"zcta"``, ZIP areas with the people of the American Community Survey 2018-22.
    states
        Postal abbreviations to keep; all by default, Puerto Rico included.

    Returns
    -------
    GeoDataFrame
        Points, EPSG:4326, indexed by `zcta`: `lon, lat, state, population` and the groups `adults,
        older_adults, poverty, white, black, hispanic, asian, native_american, pacific_islander` (people),
        `households, no_vehicle` (households), `land_area_m2`.

    Raises
    ------
    UnknownNameError
        If there is no such kind or state.

    Examples
    --------
    >>> import iopdir as iop
    >>> int(iop.demand_points("zcta")["population"].sum())
    334365877
    >>> len(iop.demand_points("zcta", states="DC"))
    57
    """
    import geopandas as gpd

    if kind != "zcta":
        raise UnknownNameError("kind of demand points", kind, ["zcta"])
    table = open_pack("zcta").set_index("zcta")
    wanted: list[str] | None = None
    if states is not None:
        wanted = sorted({states} if isinstance(states, str) else set(states))
        for state in wanted:
            if state not in set(table["state"]):
                raise UnknownNameError("state", state, set(table["state"]))
        table = table[table["state"].isin(wanted)]
    points = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    points.attrs["provenance"] = Provenance.of([pack_source("zcta")], kind=kind, states=wanted).to_dict()
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
        If the file is no such file, or a line of it has an impossible value.

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
    import pandas as pd

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
        index=pd.Index(geoid.to_numpy("str"), name="geoid", dtype="str"),
    ).astype({"state": "str", "county_fips": "str"})
    points = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")
    source = Source(
        name=Path(path).name, edition=str(vintage), sha256=file_sha256(path), licence="public domain"
    )
    points.attrs["provenance"] = Provenance.of([source], vintage=vintage).to_dict()
    return points


def _read_table(path: str | Path) -> pd.DataFrame:
    """Read the file as text, with upper-case column names; codes are checked."""
    import pandas as pd

    text = _read_text(path)
    try:
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, skipinitialspace=True)
    except pd.errors.ParserError as error:
        raise LoadError(path, expected=_EXPECTED, found=f"broken CSV ({error})") from error
    table.columns = [str(name).strip().upper() for name in table.columns]
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
    try:
        data = Path(path).read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise LoadError(path, expected=_EXPECTED, found=f"none that can be read ({error})") from error
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
    import pandas as pd

    numbers = pd.to_numeric(table[name], errors="coerce").astype("float64")
    _check_lines(path, table[name], numbers.abs() < np.inf, f"a number in {name}")
    return numbers


def _check_lines(path: str | Path, values: pd.Series[Any], good: pd.Series[bool], expected: str) -> None:
    bad = np.flatnonzero(~good.to_numpy(dtype=bool))
    if len(bad):
        raise LoadError(path, expected=expected, found=repr(values.iloc[bad[0]]), line=int(bad[0]) + 2)


def county_weights(demand: pd.DataFrame) -> pd.DataFrame:
    """Say which counties the people of each demand point live in.

    Parameters
    ----------
    demand
        Demand points. With a column `county_fips` (and `vintage`) each point is wholly in that county; indexed
        by `zcta` the homes of the ZIP are shared out (HUD 12/2025); otherwise `lon` and `lat` decide.

    Returns
    -------
    DataFrame
        `demand_id, county_fips, vintage, weight`. The weights of a point add up to 1; a point in no known
        county has one row with a blank `county_fips`, so that nobody is lost.

    Raises
    ------
    VintageError
        If `county_fips` comes without a `vintage`.

    Examples
    --------
    >>> import iopdir as iop
    >>> weights = iop.geography.county_weights(iop.demand_points("zcta", states="DC"))
    >>> weights.groupby("county_fips")["weight"].sum().round(2)
    county_fips
    11001    57.0
    Name: weight, dtype: float64
    """
    import pandas as pd

    if "county_fips" in demand:
        if "vintage" not in demand:
            raise VintageError(
                "county_fips needs a column vintage beside it: the year of the codes, e.g. 2020 or 2023"
            )
        table = pd.DataFrame(
            {
                "demand_id": demand.index.to_numpy("str"),
                "county_fips": demand["county_fips"].to_numpy("str"),
                "vintage": demand["vintage"].to_numpy("int64"),
                "weight": 1.0,
            }
        )
    elif demand.index.name == "zcta":
        weights = open_pack("zcta_county").rename(columns={"zip": "demand_id"})
        ids = pd.DataFrame({"demand_id": demand.index})
        table = ids.merge(weights.drop(columns="basis"), on="demand_id")
        # HUD does not know every ZIP area
        missing = demand.loc[demand.index.difference(pd.Index(table["demand_id"]))]
        table = pd.concat([table, _located(missing)]) if len(missing) else table
    else:
        table = _located(demand)
    return table.astype({"demand_id": "str", "county_fips": "str"}).reset_index(drop=True)


def _located(demand: pd.DataFrame) -> pd.DataFrame:
    found = locate_counties(demand["lon"].to_numpy("float64"), demand["lat"].to_numpy("float64"))
    found.insert(0, "demand_id", demand.index.to_numpy("str"))
    return found.drop(columns="county_match").assign(weight=1.0)
