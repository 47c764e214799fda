"""Close each site in turn: who loses the last one within reach, and how much farther they have to go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

import numpy as np
import pandas as pd

from iopdir.geography.points import PointsLike
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.standards.judge import find_only
from iopdir.standards.parse import parse_standard
from iopdir.standards.ruler import Ruler
from iopdir.standards.standard import Standard
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Facilities, Filters

__all__ = ["closures"]


def closures(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    standard: str | Standard = "30 mi",
    population: str = "population",
    cost: CostLike = None,
    state: str | Iterable[str] | None = None,
    territories: bool = False,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Close every facility in turn, and count who would lose by it.

    Parameters
    ----------
    demand, directory
        As for [`coverage_gaps`][iopdir.coverage_gaps]; or a [`Reach`][iopdir.reach] instead of both, cost and filters.
    standard
        As for [`single_points_of_failure`][iopdir.single_points_of_failure].
    population
        Column of people.
    cost, state, **filters
        As for [`reach`][iopdir.reach].
    territories
        Keep Puerto Rico and the island areas where they come together with states.

    Returns
    -------
    DataFrame
        One row for every facility, indexed by `facility_id`, most people first: `name, city, state, county_fips` as far
        as the directory has them, then

        - `people_losing`: those who have this one only within the standard
        - `added_m` (or `added_min`): how much farther the next one is for them, on average over those who have a next;
          NaN where nobody loses or nobody has one
        - `people_stranded`: those of them who have no other facility at all
        - `people_nearest`: everybody whose nearest it is, and `added_nearest_m`: how much farther they have to go then

    Raises
    ------
    UnitError, CoordinateError, UnknownNameError
        As for [`single_points_of_failure`][iopdir.single_points_of_failure].

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> table = iop.scenarios.closures(demand, iops)
    >>> fragile = iop.single_points_of_failure(demand, iops, top=1)
    >>> table.index[0] == fragile.index[0], len(table) == len(iops)
    (True, True)
    """
    rule = parse_standard(standard)
    reach = bind(demand, directory, cost=cost, state=state, **filters)
    homes, ruler = reach.homes(territories=territories), Ruler(reach, [rule])
    people = reach.count_people(population)
    share = np.bincount(homes.point, homes.weight, minlength=people.size)
    index, amount, _ = reach.ways.nearest(2, np.inf)
    nearest, first = index[:, 0], amount[:, 0]
    second = amount[:, 1] if index.shape[1] > 1 else np.full(len(index), np.inf)
    only, site, _ = find_only(homes, ruler, rule)
    point = homes.point[only]
    count = homes.weight[only] * people[point]
    added = np.where(site == nearest[point], second[point] - first[point], 0.0)
    stranded = (site == nearest[point]) & np.isinf(second[point])
    some = nearest >= 0
    m = len(reach.sites)
    with np.errstate(invalid="ignore"):
        farther = second - first
    everybody = share * people
    table = reach.sites.labels().assign(
        **{
            "people_losing": np.bincount(site, count, minlength=m),
            f"added_{reach.unit}": _mean(site, added, count * ~stranded, m),
            "people_stranded": np.bincount(site, count * stranded, minlength=m),
            "people_nearest": np.bincount(nearest[some], everybody[some], minlength=m),
            f"added_nearest_{reach.unit}": _mean(
                nearest[some], farther[some], (everybody * np.isfinite(farther))[some], m
            ),
        }
    )
    table = table.sort_values(["people_losing", "people_nearest"], ascending=False, kind="stable")
    return reach.sign(table, standard=rule.name, population=population)


def _mean(
    site: IntArray,
    values: FloatArray,
    weights: FloatArray,
    m: int,
) -> FloatArray:
    """Mean of values at each site by weight, NaN without any."""
    known = np.where(weights > 0, values, 0.0)
    whole = np.bincount(site, weights, minlength=m)
    sums = np.bincount(site, known * weights, minlength=m)
    out: FloatArray = np.divide(sums, whole, out=np.full(m, np.nan), where=whole > 0)
    return out
