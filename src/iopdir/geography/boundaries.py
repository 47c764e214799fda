"""Counties by vintage, and which county a point lies in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from iopdir.datasets import open_pack, pack_source
from iopdir.errors import VintageError
from iopdir.provenance import Provenance
from iopdir.spatial.geodesy import check_lonlat, geodesic_m

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import shapely

__all__ = ["VINTAGES", "counties", "county_list", "crosswalk", "locate_counties", "near_states", "states"]

NEAREST_COUNTY_M: Final = 10_000.0
"""A point in no county (on the water, or past a generalised coast) is given the nearest county this far away
and flagged; beyond it there is no county. A choice of this package."""

VINTAGES: Final = (2020, 2023)
"""Years whose county codes are known. They differ in Connecticut only, whose nine planning regions replaced its
eight counties in 2022. For changes before 2020 see the pack `county_changes`."""


def states() -> pd.DataFrame:
    """List the states, DC and the island areas with their outlines.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by `state_fips` (text of 2): `state` (postal), `name`, `geometry`.

    Examples
    --------
    >>> from iopdir.geography.boundaries import states
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
        Year of the county codes: 2020 (Connecticut in eight counties) or 2023 (in nine planning regions).

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by `county_fips` (text of 5): `vintage, name, state, land_area_m2,
        land_area_source` (``"census_2019"``, or ``"outline"`` for the eleven counties that are newer, inland
        water included), `geometry`. 3,144 (2020: 3,143) in the 50 states and DC, and the island areas.

    Raises
    ------
    VintageError
        If the codes of that year are not known.

    Notes
    -----
    Census cartographic boundaries, generalised: for maps and for counties of facilities, not for deciding on
    which side of a border a door is. The pack `counties` names its sources.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.geography.counties().loc["17031", "name"]
    'Cook County'
    >>> [int((iop.geography.counties(year)["state"] == "CT").sum()) for year in (2020, 2023)]
    [8, 9]
    """
    return _counties(vintage).copy()


@cache
def _counties(vintage: int) -> gpd.GeoDataFrame:
    import pandas as pd

    if vintage not in VINTAGES:
        known = " and ".join(map(str, VINTAGES))
        raise VintageError(
            f"no county codes of {vintage}, only of {known}; the pack county_changes lists older changes"
        )
    table: gpd.GeoDataFrame = open_pack("counties").set_index("county_fips")
    if vintage != 2023:
        kept = table[table["state"] != "CT"].assign(vintage=vintage)
        table = pd.concat([kept, open_pack("connecticut_2020").set_index("county_fips")]).sort_index()
    table.attrs["provenance"] = _about(vintage)
    return table


def _about(*vintages: int, packs: tuple[str, ...] = ()) -> dict[str, Any]:
    """State the packs that county codes of some years come from."""
    names = ("counties", *(["connecticut_2020"] if 2020 in vintages else []), *packs)
    return Provenance.of(
        map(pack_source, names), vintage=[*vintages] if len(vintages) > 1 else vintages[0]
    ).to_dict()


def county_list(vintage: int = 2023) -> pd.DataFrame:
    """List the counties of a vintage by name.

    Parameters
    ----------
    vintage
        2020 or 2023, see [`counties`][iopdir.geography.counties].

    Returns
    -------
    DataFrame
        Indexed by `county_fips`: `vintage, name, state, land_area_m2`.

    Raises
    ------
    VintageError
        If the codes of that year are not known.

    Examples
    --------
    >>> import iopdir as iop
    >>> [len(iop.geography.county_list(year).query("state == 'CT'")) for year in (2020, 2023)]
    [8, 9]
    """
    return _county_list(vintage).copy()


@cache
def _county_list(vintage: int) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(_counties(vintage)[["vintage", "name", "state", "land_area_m2"]])
    table.attrs["provenance"] = _about(vintage)
    return table


def crosswalk(from_vintage: int, to_vintage: int) -> pd.DataFrame:
    """Say how the people of each county of one vintage spread over the counties of another.

    Multiply a count by `weight` and add up by `to_fips`. A share must not be carried over like that: carry
    over its two counts.

    Parameters
    ----------
    from_vintage, to_vintage
        2020 and 2023, either way round.

    Returns
    -------
    DataFrame
        One row for each pair: `from_fips, from_vintage, to_fips, to_vintage, weight`, the share of the people of
        `from_fips` who live in `to_fips`. The weights of a `from_fips` add up to 1.

    Raises
    ------
    VintageError
        If the codes of either year are not known.

    Notes
    -----
    Approximate in Connecticut, where each census tract of 2020 counts with all its people where its center of
    population lies (pack `county_crosswalk`); everywhere else a county is itself.

    Examples
    --------
    >>> import iopdir as iop
    >>> table = iop.geography.crosswalk(2020, 2023)
    >>> table.query("from_fips == '09011'")[["to_fips", "weight"]].round(3).values.tolist()
    [['09130', 0.037], ['09150', 0.01], ['09180', 0.953]]
    """
    import pandas as pd

    origins, targets = _counties(from_vintage).index, _counties(to_vintage).index
    same = origins.intersection(targets)
    table = pd.DataFrame({"from_fips": same, "to_fips": same, "weight": 1.0})
    if from_vintage != to_vintage:
        names = {f"county_fips_{from_vintage}": "from_fips", f"county_fips_{to_vintage}": "to_fips"}
        split = open_pack("county_crosswalk").rename(columns=names)
        people = split.groupby("from_fips")["people"].transform("sum")
        split = split.assign(weight=split["people"] / people)
        table = pd.concat([table, split[["from_fips", "to_fips", "weight"]]])
    table = table.sort_values(["from_fips", "to_fips"], ignore_index=True)
    table.insert(1, "from_vintage", from_vintage)
    table.insert(3, "to_vintage", to_vintage)
    packs = ("county_crosswalk",) if from_vintage != to_vintage else ()
    table.attrs["provenance"] = _about(from_vintage, to_vintage, packs=packs)
    return table


def locate_counties(
    lon: NDArray[np.float64], lat: NDArray[np.float64], *, vintage: int = 2023
) -> pd.DataFrame:
    """Find the county of each point.

    Parameters
    ----------
    lon, lat
        Points, shape (n,), degrees, EPSG:4326.
    vintage
        Year of the county codes, 2020 or 2023.

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
    VintageError
        If the codes of that year are not known.

    Examples
    --------
    Chicago, and out on Lake Michigan:

    >>> import iopdir as iop, numpy as np
    >>> iop.geography.locate_counties(np.array([-87.65, -87.0]), np.array([41.92, 43.0]))["county_match"].tolist()
    ['within', 'none']
    """
    import pandas as pd
    import shapely

    from iopdir.text import TEXT

    lon, lat = check_lonlat(lon, lat)
    tree = _tree(vintage)
    codes = _counties(vintage).index.to_numpy("str")
    which = np.full(len(lon), -1)
    point, county = tree.query(shapely.points(lon, lat), predicate="intersects")
    order = np.lexsort((county, point))[::-1]
    which[point[order]] = county[order]
    match = np.where(which >= 0, "within", "none").astype(object)
    for index in np.flatnonzero(which < 0):
        near = _nearest_county(tree, lon[index], lat[index])
        if near >= 0:
            which[index], match[index] = near, "nearest"
    fips = np.where(which >= 0, codes[which], "")
    table = pd.DataFrame({"county_fips": fips, "county_match": match, "vintage": vintage})
    table = table.astype({"county_fips": TEXT, "county_match": TEXT})
    table.attrs["provenance"] = _about(vintage)
    return table


@cache
def _tree(vintage: int) -> shapely.STRtree:
    import shapely

    shapes = _counties(vintage).geometry.to_numpy()
    shapely.prepare(shapes)
    return shapely.STRtree(shapes)


def near_states(
    lon: NDArray[np.float64], lat: NDArray[np.float64], state: NDArray[np.str_]
) -> NDArray[np.bool_]:
    """Say which points lie within 10 km of the outline of a state, which is generalised.

    Parameters
    ----------
    lon, lat
        Points, shape (n,), degrees, EPSG:4326, on Earth.
    state
        Postal abbreviation of the state each is held against, shape (n,).

    Returns
    -------
    NDArray
        Shape (n,).

    Examples
    --------
    On the Missouri bank of the Mississippi:

    >>> near_states(np.array([-90.2]), np.array([38.63]), np.array(["IL"]))
    array([ True])
    """
    counties_of = _counties(2023)["state"].to_numpy("str")
    return np.array(
        [
            _nearest_county(_tree(2023), x, y, among=np.flatnonzero(counties_of == code)) >= 0
            for x, y, code in zip(lon, lat, state, strict=True)
        ],
        dtype=bool,
    )


def _nearest_county(
    tree: shapely.STRtree, lon: float, lat: float, *, among: NDArray[np.int64] | None = None
) -> int:
    """Position of the nearest county (of those given) within `NEAREST_COUNTY_M` by geodesic, or -1.

    The nearest place of each outline is looked for on a plane stretched so that a degree of longitude counts
    what it does at this latitude; within 10 km that is exact to metres.
    """
    import shapely

    stretch = max(np.cos(np.radians(lat)), 0.01)
    reach = NEAREST_COUNTY_M / 110_000
    box = shapely.box(lon - reach / stretch, lat - reach, lon + reach / stretch, lat + reach)
    best, best_m = -1, NEAREST_COUNTY_M
    here = shapely.Point(lon * stretch, lat)
    candidates = np.sort(tree.query(box))
    for candidate in candidates if among is None else np.intersect1d(candidates, among):
        part = shapely.clip_by_rect(tree.geometries[candidate], *box.buffer(reach).bounds)
        flat = shapely.transform(part, lambda xy: xy * [stretch, 1.0])
        if flat.is_empty:
            continue
        x, y = shapely.get_coordinates(shapely.shortest_line(here, flat))[1]
        (distance,) = geodesic_m(np.array([lon]), np.array([lat]), np.array([x / stretch]), np.array([y]))
        if distance <= best_m and (best < 0 or distance < best_m):
            best, best_m = int(candidate), float(distance)
    return best
