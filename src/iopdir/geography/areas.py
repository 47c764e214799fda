"""In which county, state and nation the people of each demand point live, so that nobody is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.errors import UnknownNameError, VintageError
from iopdir.geography.boundaries import VINTAGES, county_list, locate_counties, states
from iopdir.geography.demand import county_weights
from iopdir.geography.points import coordinates
from iopdir.spatial.geodesy import FloatArray, IntArray, check_lonlat

__all__ = ["TERRITORIES", "Areas", "By", "Residence", "find_residence", "join_counties"]

By = Literal["county", "state", "nation"]

TERRITORIES: Final = frozenset({"AS", "GU", "MP", "PR", "VI"})
"""Puerto Rico and the island areas, which national figures leave out unless asked."""

_NOWHERE: Final = "no known county"


@dataclass(frozen=True, slots=True)
class Areas:
    """Rows of a table.

    Parameters
    ----------
    labels
        Indexed by area, with the columns that name it.
    of_people
        Row of each (demand point, county), shape (pairs,).
    of_sites
        Row of each site, -1 where it lies in none of them, shape (m,).
    """

    labels: pd.DataFrame
    of_people: IntArray
    of_sites: IntArray


@dataclass(frozen=True, slots=True)
class Residence:
    """Demand points by county: each point stands in as many entries as its people have counties.

    Parameters
    ----------
    lon, lat
        Of the demand points, degrees, shape (n,).
    point
        Position of the demand point, shape (pairs,).
    weight
        Share of its people, shape (pairs,).
    county, state
        Five-digit code and postal abbreviation, blank where not known, shape (pairs,).
    vintage
        Year of the codes.
    at_home
        States that the demand is about.
    left_out
        Share of each demand point's people that the table leaves out, shape (n,).
    """

    lon: FloatArray
    lat: FloatArray
    point: IntArray
    weight: FloatArray
    county: NDArray[np.str_]
    state: NDArray[np.str_]
    vintage: int
    at_home: frozenset[str]
    left_out: FloatArray

    def areas(self, by: By, sites: pd.DataFrame) -> Areas:
        """Lay out the rows of a table by county, state or nation.

        Raises
        ------
        UnknownNameError
            If `by` is none of these.
        """
        if by not in get_args(By):
            raise UnknownNameError("kind of area", by, get_args(By))
        counties = county_list(self.vintage)
        site_county = self._site_counties(sites, counties)
        site_state = counties["state"].reindex(site_county).fillna("").to_numpy("str")
        if by == "county":
            wanted = counties["state"].isin(self.at_home) | counties.index.isin(
                np.unique(self.county).tolist()
            )
            labels = counties.loc[wanted, ["vintage", "name", "state"]].sort_index()
            if (self.county == "").any():
                nowhere = pd.DataFrame({"vintage": self.vintage, "name": _NOWHERE, "state": ""}, index=[""])
                labels = pd.concat([labels, nowhere.rename_axis("county_fips")])
            return _areas(labels, self.county, site_county)
        if by == "state":
            found = self.at_home | set(self.state)
            names = states().set_index("state")[["name"]]
            labels = names[names.index.isin(found)].sort_index()
            if "" in found:
                labels.loc[""] = _NOWHERE
            return _areas(labels, self.state, site_state)
        whole = self.at_home | set(site_state) if self.at_home & TERRITORIES else self.at_home
        inside = np.where(np.isin(site_state, list(whole)), 0, -1)
        labels = pd.DataFrame(index=pd.Index([_nation(self.at_home)], name="nation"))
        return Areas(labels, np.zeros(self.point.size, dtype=np.int64), inside)

    def _site_counties(self, sites: pd.DataFrame, counties: pd.DataFrame) -> NDArray[np.str_]:
        """Codes of the counties where the sites are, in the vintage of the demand; blank where there is none."""
        lon, lat = coordinates(sites)
        if "county_fips" in sites:
            found = sites["county_fips"].to_numpy("str").astype("U5")
        else:
            found = np.full(lon.size, "", dtype="U5")
        lost = np.flatnonzero(~np.isin(found, counties.index.to_numpy("str")))
        if lost.size:
            located = locate_counties(lon[lost], lat[lost], vintage=self.vintage)
            found[lost] = located["county_fips"].to_numpy("str")
        return found


def _areas(labels: pd.DataFrame, people: NDArray[np.str_], places: NDArray[np.str_]) -> Areas:
    rows: IntArray = labels.index.get_indexer(pd.Index(people)).astype(np.int64)
    sites: IntArray = labels.index.get_indexer(pd.Index(places)).astype(np.int64)
    return Areas(labels, rows, sites)


def _nation(at_home: frozenset[str]) -> str:
    known = set(states()["state"]) - TERRITORIES
    if known <= at_home:
        return "50 states and DC" + (" and territories" if at_home & TERRITORIES else "")
    return ", ".join(sorted(at_home)) if len(at_home) <= 5 else f"{len(at_home)} states"


def find_residence(demand: pd.DataFrame, *, territories: bool = False) -> Residence:
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
        If a point is not on Earth.
    VintageError
        If codes are of several vintages, or are none of theirs.
    ValueError
        If an id stands twice.

    Examples
    --------
    >>> import iopdir as iop
    >>> homes = find_residence(iop.demand_points("zcta", states=["CT", "PR"]))
    >>> homes.vintage, sorted(homes.at_home)
    (2023, ['CT'])
    """
    lon, lat = check_lonlat(*coordinates(demand))
    ids = demand.index.astype("str")
    if not ids.is_unique:
        raise ValueError(f"demand id {ids[ids.duplicated()][0]!r} stands twice")
    pairs = county_weights(demand)
    point = ids.get_indexer(pd.Index(pairs["demand_id"])).astype(np.int64)
    county = pairs["county_fips"].to_numpy("str").astype("U5")
    vintage = _one_vintage(pairs, county)
    own = demand["state"].to_numpy("str").astype("U2") if "state" in demand else np.full(len(demand), "")
    names: pd.Series[Any] = county_list(vintage)["state"].reindex(county)
    state = np.where(county == "", own[point], names.fillna("").to_numpy("str")).astype("U2")
    at_home = {str(code) for code in (own if "state" in demand else state)} - {""}
    keep = np.ones(point.size, dtype=bool)
    if not territories and at_home - TERRITORIES:
        at_home -= TERRITORIES
        keep = ~np.isin(state, list(TERRITORIES))
    weight = pairs["weight"].to_numpy("float64")
    left_out = np.bincount(point[~keep], weight[~keep], minlength=len(demand)).astype(np.float64)
    return Residence(
        lon, lat, point[keep], weight[keep], county[keep], state[keep], vintage, frozenset(at_home), left_out
    )


def _one_vintage(pairs: pd.DataFrame, county: NDArray[np.str_]) -> int:
    vintages = pairs["vintage"].unique()
    if len(vintages) > 1:
        raise VintageError(f"county codes of several years in one table: {sorted(map(int, vintages))}")
    vintage = int(vintages[0]) if len(vintages) else 2023
    wrong = sorted({*np.unique(county).tolist()} - {*county_list(vintage).index, ""})
    if wrong:
        raise VintageError(
            f"{len(wrong)} codes are no counties of {vintage}, such as {wrong[0]}: state the year they are of"
            f" (known: {', '.join(map(str, VINTAGES))}), or drop county_fips so that points are located anew"
        )
    return vintage


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
        The rows of `left`, with the columns of `right` beside them.

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
    return left.join(right[[name for name in right if name not in left]])
