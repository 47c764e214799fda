"""Counties by vintage, and which county a point lies in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from iopdir.datasets import open_pack
from iopdir.errors import VintageError
from iopdir.spatial.geodesy import check_lonlat, geodesic_m

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import shapely

__all__ = ["counties", "county_list", "locate_counties", "states"]

NEAREST_COUNTY_M: Final = 10_000.0
"""A point in no county (on the water, or past a generalised coast) is given the nearest county this far away
and flagged; beyond it there is no county. A choice of this package."""

VINTAGES: Final = (2020, 2023)
"""Years whose county codes are known. Connecticut's planning regions replaced its counties in between."""


def states() -> pd.DataFrame:
    """List the states, DC and the island areas with their outlines.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by `state_fips` (text of 2): `state` (postal), `name`, `geometry`.

    Examples
    --------
    >>> from iopdir.geography.counties import states
    >>> states().loc["17", "state"]
    'IL'
    """
    return _states().copy()


@cache
def _states() -> pd.DataFrame:
    return open_pack("states").set_index("state_fips")


def counties(vintage: int = 2023) -> gpd.GeoDataFrame:
    """Give the outlines of the counties.

    Parameters
    ----------
    vintage
        Year of the boundaries; only 2023 has outlines here.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by `county_fips` (text of 5): `vintage, name, state, area_m2, geometry`. 3,144 in
        the 50 states and DC, and the island areas.

    Raises
    ------
    VintageError
        If there are no outlines of that year.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.counties().loc["17031", "name"]
    'Cook County'
    """
    if vintage != 2023:
        raise VintageError(f"no county outlines of {vintage}, only of 2023; names: county_list({vintage})")
    return _counties().copy()


@cache
def _counties() -> gpd.GeoDataFrame:
    return open_pack("counties").set_index("county_fips")


def county_list(vintage: int = 2023) -> pd.DataFrame:
    """List the counties of a vintage by name.

    Parameters
    ----------
    vintage
        2020 (Connecticut in eight counties) or 2023 (in nine planning regions).

    Returns
    -------
    DataFrame
        Indexed by `county_fips`: `vintage, name, state`.

    Raises
    ------
    VintageError
        If the codes of that year are not known.

    Examples
    --------
    >>> import iopdir as iop
    >>> [len(iop.county_list(year).query("state == 'CT'")) for year in (2020, 2023)]
    [8, 9]
    """
    import pandas as pd

    if vintage == 2023:
        return pd.DataFrame(_counties()[["vintage", "name", "state"]])
    if vintage == 2020:
        return open_pack("county_names_2020").set_index("county_fips")
    raise VintageError(f"no county codes of {vintage}; known: {', '.join(map(str, VINTAGES))}")


def locate_counties(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pd.DataFrame:
    """Find the county of each point.

    Parameters
    ----------
    lon, lat
        Points, shape (n,), degrees, EPSG:4326.

    Returns
    -------
    DataFrame
        n rows: `county_fips` (blank where there is none), `county_match` (``"within"``, ``"nearest"`` where no
        outline contains the point but one is within 10 km, or ``"none"``), `vintage`. On a shared border the
        lower code counts.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or impossible.

    Examples
    --------
    Chicago, and out on Lake Michigan:

    >>> import iopdir as iop, numpy as np
    >>> iop.locate_counties(np.array([-87.65, -87.0]), np.array([41.92, 43.0]))["county_match"].tolist()
    ['within', 'none']
    """
    import pandas as pd
    import shapely

    lon, lat = check_lonlat(lon, lat)
    codes = _counties().index.to_numpy("str")
    which = np.full(len(lon), -1)
    point, county = _tree().query(shapely.points(lon, lat), predicate="intersects")
    order = np.lexsort((county, point))[::-1]
    which[point[order]] = county[order]
    match = np.where(which >= 0, "within", "none").astype(object)
    for index in np.flatnonzero(which < 0):
        near = _nearest_county(lon[index], lat[index])
        if near >= 0:
            which[index], match[index] = near, "nearest"
    fips = np.where(which >= 0, codes[which], "")
    return pd.DataFrame({"county_fips": fips, "county_match": match, "vintage": 2023}).astype(
        {"county_fips": "str", "county_match": "str"}
    )


@cache
def _tree() -> shapely.STRtree:
    import shapely

    shapes = _counties().geometry.to_numpy()
    shapely.prepare(shapes)
    return shapely.STRtree(shapes)


def _nearest_county(lon: float, lat: float) -> int:
    """Position of the nearest county within `NEAREST_COUNTY_M` by geodesic, or -1.

    The nearest place of each outline is looked for on a plane stretched so that a degree of longitude counts
    what it does at this latitude; within 10 km that is exact to metres.
    """
    import shapely

    stretch = max(np.cos(np.radians(lat)), 0.01)
    reach = NEAREST_COUNTY_M / 110_000
    box = shapely.box(lon - reach / stretch, lat - reach, lon + reach / stretch, lat + reach)
    best, best_m = -1, NEAREST_COUNTY_M
    here = shapely.Point(lon * stretch, lat)
    for candidate in np.sort(_tree().query(box)):
        part = shapely.clip_by_rect(_tree().geometries[candidate], *box.buffer(reach).bounds)
        flat = shapely.transform(part, lambda xy: xy * [stretch, 1.0])
        if flat.is_empty:
            continue
        x, y = shapely.get_coordinates(shapely.shortest_line(here, flat))[1]
        (distance,) = geodesic_m(np.array([lon]), np.array([lat]), np.array([x / stretch]), np.array([y]))
        if distance <= best_m and (best < 0 or distance < best_m):
            best, best_m = int(candidate), float(distance)
    return best
