"""In which county, state, nation or area of one's own the people of each demand point live, so that nobody is lost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.errors import UnknownNameError, VintageError
from iopdir.geography.boundaries import VINTAGES, county_list, locate_counties, states
from iopdir.geography.demand import HomeCounties, home_counties
from iopdir.geography.points import PointsLike, read_points
from iopdir.geography.polygons import locate_polygons, read_polygons
from iopdir.provenance import Provenance, sources_of
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.text import texts

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "LEVELS",
    "TERRITORIES",
    "Areas",
    "By",
    "Residence",
    "find_residence",
    "join_counties",
    "site_counties",
]

By: TypeAlias = "Literal['county', 'state', 'nation'] | gpd.GeoDataFrame"

LEVELS: Final = ("county", "state", "nation")

TERRITORIES: Final = frozenset({"AS", "GU", "MP", "PR", "VI"})
"""Puerto Rico and the island areas, which national figures leave out unless asked."""

_NOWHERE: Final = "no known county"


@dataclass(frozen=True, slots=True)
class Areas:
    """Rows of a table.

    Parameters
    ----------
    labels
        Indexed by area, with the columns that name it; a last row with a blank index for who lies in none of them.
    of_people
        Row of each (demand point, county), shape (pairs,).
    of_sites
        Row of each site, -1 where it lies in none of them, shape (m,).
    unmatched
        Status of the row with the blank index.
    """

    labels: pd.DataFrame
    of_people: IntArray
    of_sites: IntArray
    unmatched: str = "no_county_match"


@dataclass(frozen=True, slots=True)
class Residence:
    """Demand points by county: each point stands in as many entries as its people have counties.

    Parameters
    ----------
    point
        Position of the demand point, shape (pairs,).
    weight
        Share of its people, shape (pairs,).
    county
        Position in the `county_list` of that year, -1 where not known, shape (pairs,).
    state
        Postal abbreviation, blank where not known, shape (pairs,).
    vintage
        Year of the codes.
    at_home
        States that the demand is about.
    left_out
        Share of each demand point's people that the table leaves out, shape (n,).
    """

    point: IntArray
    weight: FloatArray
    county: IntArray
    state: NDArray[np.str_]
    vintage: int
    at_home: frozenset[str]
    left_out: FloatArray

    def areas(
        self, by: By, demand: pd.DataFrame, sites: pd.DataFrame, *, area_id: str | None = None
    ) -> Areas:
        """Lay out the rows of a table by county, state, nation or polygon.

        Parameters
        ----------
        by
            Which.
        demand
            The demand points that live here.
        sites
            Places to count in each area, with `lon` and `lat`.
        area_id
            As for `read_polygons`.

        Returns
        -------
        Areas
            Rows.

        Raises
        ------
        UnknownNameError
            If `by` is a text and none of these.
        TypeError, ValueError
            If it is no frame of polygons, as `read_polygons` wants them.
        """
        if not isinstance(by, str):
            return self._polygons(read_polygons(by, area_id=area_id), demand, sites)
        if by not in LEVELS:
            raise UnknownNameError("kind of area", by, LEVELS)
        if area_id is not None:
            raise ValueError(f"area_id names a column of polygons, and by is {by!r}")
        codes, postal = _lists(self.vintage)
        site_county = _site_counties(sites, codes, self.vintage)
        site_state = np.append(postal, "")[site_county]
        if by == "county":
            wanted = np.isin(postal, list(self.at_home))
            wanted[self.county[self.county >= 0]] = True
            labels = county_list(self.vintage)[["vintage", "name", "state"]][wanted]
            labels.attrs = {}
            row = np.append(np.where(wanted, np.cumsum(wanted) - 1, -1), -1)
            of_people = row[self.county]
            if (self.county < 0).any():
                of_people = np.where(self.county < 0, len(labels), of_people)
                nowhere = pd.DataFrame({"vintage": self.vintage, "name": _NOWHERE, "state": ""}, index=[""])
                labels = pd.concat([labels, nowhere.rename_axis("county_fips")])
            return Areas(texts(labels), of_people, row[site_county])
        if by == "state":
            names = states().set_index("state")[["name"]]
            found = self.at_home | set(self.state.tolist())
            labels = names[names.index.isin(found)].sort_index()
            if "" in found:
                labels.loc[""] = _NOWHERE
            rows, at = (labels.index.get_indexer(pd.Index(state)) for state in (self.state, site_state))
            return Areas(texts(labels), rows, at)
        whole = self.at_home | set(site_state) if self.at_home & TERRITORIES else self.at_home
        inside = np.where(np.isin(site_state, list(whole)), 0, -1)
        labels = pd.DataFrame(index=pd.Index([_nation(self.at_home)], name="nation"))
        return Areas(texts(labels), np.zeros(self.point.size, dtype=np.int64), inside)

    def _polygons(self, areas: gpd.GeoDataFrame, demand: pd.DataFrame, sites: pd.DataFrame) -> Areas:
        homes, places = (locate_polygons(areas, *_lonlat(table)) for table in (demand, sites))
        labels = pd.DataFrame(areas.drop(columns="geometry"))
        labels.attrs = {}
        lost = homes[self.point] < 0
        if lost.any():
            blank = pd.DataFrame(
                dict.fromkeys(labels, "no area"), index=pd.Index([""], name=labels.index.name)
            )
            labels = pd.concat([labels, blank])
        return Areas(texts(labels), np.where(lost, len(areas), homes[self.point]), places, "no_area_match")


def _lonlat(table: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    return table["lon"].to_numpy(), table["lat"].to_numpy()


@cache
def _lists(vintage: int) -> tuple[pd.Index[str], NDArray[np.str_]]:
    """Codes of the counties of a year, and the state of each."""
    table = county_list(vintage)
    return table.index, table["state"].to_numpy("str").astype("U2")


def _site_counties(sites: pd.DataFrame, codes: pd.Index[str], vintage: int) -> IntArray:
    """Positions of the counties where the sites are, in the vintage of the demand; -1 where there is none."""
    found = np.full(len(sites), -1)
    if "county_fips" in sites:
        found = codes.get_indexer(pd.Index(sites["county_fips"]))
    lon, lat = _lonlat(sites)
    lost = np.flatnonzero((found < 0) & ~(np.isnan(lon) | np.isnan(lat)))
    if lost.size:
        located = locate_counties(lon[lost], lat[lost], vintage=vintage)
        found[lost] = codes.get_indexer(pd.Index(located["county_fips"]))
    return found


def site_counties(sites: pd.DataFrame, vintage: int) -> IntArray:
    """Find the county of places.

    Parameters
    ----------
    sites
        Places, by `county_fips`, or by `lon` and `lat` where that is missing or of another year.
    vintage
        Year of the counties.

    Returns
    -------
    IntArray
        Positions in the `county_list` of that year, -1 where a place lies in none, shape (m,).

    Examples
    --------
    >>> places = pd.DataFrame({"lon": [-87.63, -150.0], "lat": [41.88, 25.0]})
    >>> cook, nowhere = site_counties(places, 2023)
    >>> county_list(2023).index[cook], int(nowhere)
    ('17031', -1)
    """
    return _site_counties(sites, _lists(vintage)[0], vintage)


def _nation(at_home: frozenset[str]) -> str:
    known = set(states()["state"]) - TERRITORIES
    if known <= at_home:
        return "50 states and DC" + (" and territories" if at_home & TERRITORIES else "")
    return ", ".join(sorted(at_home)) if len(at_home) <= 5 else f"{len(at_home)} states"


def find_residence(demand: PointsLike, *, territories: bool = False) -> Residence:
    """Find the county and state of all people of a demand.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    territories
        Keep Puerto Rico and the island areas where they come together with states.

    Returns
    -------
    Residence
        Points by county.

    Raises
    ------
    CoordinateError
        If a point whose county must be found is not on Earth.
    VintageError
        If codes are of several vintages, or are none of theirs.
    ValueError
        If an id stands twice.

    Examples
    --------
    >>> import iopdir as iop
    >>> homes = find_residence(iop.demand_points("zcta", state=["CT", "PR"]))
    >>> homes.vintage, sorted(homes.at_home)
    (2023, ['CT'])
    """
    demand = read_points(demand, located=False)
    if not demand.index.is_unique:
        raise ValueError(f"demand id {demand.index[demand.index.duplicated()][0]!r} stands twice")
    homes = home_counties(demand)
    point, weight = homes.point, homes.weight
    vintage, county = _one_vintage(homes)
    own = demand["state"].to_numpy("str").astype("U2") if "state" in demand else np.full(len(demand), "")
    state = np.where(county < 0, own[point], np.append(_lists(vintage)[1], "")[county])
    at_home = set((own if "state" in demand else state).tolist()) - {""}
    keep = np.ones(point.size, dtype=bool)
    if not territories and at_home - TERRITORIES:
        at_home -= TERRITORIES
        keep = ~np.isin(state, list(TERRITORIES))
    left_out = np.bincount(point[~keep], weight[~keep], minlength=len(demand)).astype(np.float64)
    return Residence(
        point[keep], weight[keep], county[keep], state[keep], vintage, frozenset(at_home), left_out
    )


def _one_vintage(homes: HomeCounties) -> tuple[int, IntArray]:
    """Make sure that county codes are of one year; give their positions in its list, -1 for a blank."""
    vintages = np.unique(homes.year).tolist()
    if len(vintages) > 1:
        raise VintageError(f"county codes of several years in one table: {vintages}")
    vintage = vintages[0] if vintages else 2023
    position = _lists(vintage)[0].get_indexer(homes.names)
    wrong = homes.names[(position < 0) & (homes.names != "")]
    if wrong.size:
        raise VintageError(
            f"{wrong.size} codes are no counties of {vintage}, such as {wrong[0]}: state the year they are of"
            f" (known: {', '.join(map(str, VINTAGES))}), or drop county_fips so that points are located anew"
        )
    return vintage, position[homes.name]


def join_counties(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Join two county tables, if their codes mean the same areas.

    Parameters
    ----------
    left, right
        Indexed by `county_fips`, each with a column `vintage`. Columns of `right` that `left` has too, `vintage`
        among them, are dropped.

    Returns
    -------
    DataFrame
        The rows of `left`, with the columns of `right` beside them, and the sources of both.

    Raises
    ------
    VintageError
        If a table does not say its vintage or mixes several, or the vintages differ and a code of either is no
        county of the other: the nine planning regions of Connecticut are not its eight counties.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.geography.join_counties(iop.geography.county_list(2023), iop.geography.county_list(2020))
    Traceback (most recent call last):
    iopdir.errors.VintageError: 17 codes are counties of 2020 or of 2023 but not of both, such as 09001: carry the
    counts (never shares) of one table over with geography.crosswalk(2020, 2023), then join
    """
    years = []
    for table in (left, right):
        found: list[int] = table["vintage"].unique().tolist() if "vintage" in table else []
        if len(found) != 1:
            raise VintageError("a county table must have a column vintage with one year in it")
        years.append(found[0])
    if years[0] != years[1]:
        lists = [set(county_list(year).index) for year in years]
        odd = sorted(({*left.index} - lists[1]) | ({*right.index} - lists[0]))
        if odd:
            old, new = years[1], years[0]
            raise VintageError(
                f"{len(odd)} codes are counties of {min(years)} or of {max(years)} but not of both, such as {odd[0]}:"
                f" carry the counts (never shares) of one table over with geography.crosswalk({old}, {new}), then join"
            )
    joined = left.join(right[[name for name in right if name not in left]])
    joined.attrs["provenance"] = Provenance.of(
        [*sources_of(left), *sources_of(right)],
        joined=[table.attrs.get("provenance", {}).get("parameters", {}) for table in (left, right)],
    ).to_dict()
    return joined
