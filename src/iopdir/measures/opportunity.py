"""Spatial accessibility without competition: how far, how many, how many for the people around.

They take demand points, facilities and a cost, or a [`Reach`][iopdir.reach] of all three; supply is 1 a facility, or a
capacity. They return one value a demand point, in its order, with provenance.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Unpack

import numpy as np
import pandas as pd

from iopdir.geography.points import PointsLike
from iopdir.spatial.geodesy import FloatArray
from iopdir.text import TEXT
from iopdir.travel.binding import bind
from iopdir.travel.cost import Cost, CostLike, check_unit, read_limit
from iopdir.travel.decay import Decay
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters, Sites
from iopdir.travel.tables import cost_column

__all__ = ["cumulative_opportunities", "gravity", "nearest_cost", "provider_to_population"]


def nearest_cost(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    cost: CostLike = None,
    max_cost: str | float | None = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Measure the way to the nearest facility.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
    max_cost
        Nothing beyond this, inclusive.
    state
        Only the people of this state, or of several.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    DataFrame
        Indexed like `demand`: `facility_id`, `distance_m` (or `duration_min`), NaN where there is none, and
        `status`: ``"ok"``, ``"no_facility"`` or ``"beyond_cap"`` (none within `max_cost`, or in the matrix).

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If `max_cost` is in another unit than the costs.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = iop.demand_points("zcta", state="VT")
    >>> way = iop.measures.nearest_cost(demand, iop.demo_directory(), level_of_care="iop")
    >>> way["status"].unique().tolist(), list(way)
    (['ok'], ['facility_id', 'distance_m', 'status'])
    """
    reach = bind(demand, directory, cost=cost, state=state, **filters)
    index, amount, _ = reach.ways.nearest(1, read_limit(max_cost, reach.unit))
    which, least = (
        (index[:, 0], amount[:, 0]) if index.shape[1] else (np.full(len(index), -1), np.zeros(len(index)))
    )
    off = reach.ways.off
    lost = np.zeros(len(reach.people), dtype=bool) if off is None else off.people
    missing = np.where(lost, "no_road", "beyond_cap") if len(reach.sites) else "no_facility"
    table = pd.DataFrame(
        {
            "facility_id": reach.sites.ids.array.take(which, allow_fill=True),
            cost_column(reach.unit): np.where(which >= 0, least, np.nan),
            "status": pd.array(np.where(which >= 0, "ok", missing), dtype=TEXT),
        },
        index=reach.people.ids,
    )
    return reach.sign(table, max_cost=max_cost)


def cumulative_opportunities(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    max_cost: str | float | None = None,
    cost: CostLike = None,
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Count what is within reach of each demand point: `A_i = sum_j S_j` over `c_ij <= max_cost`.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    max_cost
        How far, inclusive: ``"30 mi"`` by default, ``"30 min"`` with a matrix of times.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    state
        Only the people of this state, or of several.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    Series
        Indexed like `demand`: facilities, or units of capacity; 0 where there is none.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If `max_cost` is in another unit than the costs.

    Notes
    -----
    The isochronic measure of Wachs & Kumagai 1973, Socio-Economic Planning Sciences 7:437-456 (flag M).

    Examples
    --------
    >>> import iopdir as iop
    >>> town = pd.DataFrame({"lon": [0.0], "lat": [0.0]}, index=["town"])
    >>> clinics = pd.DataFrame({"lon": [0.1, 0.2, 9.0], "lat": 0.0})
    >>> iop.measures.cumulative_opportunities(town, clinics, max_cost="30 km").to_dict()
    {'town': 2.0}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    decay = disk(max_cost, reach)
    values = reach.links(decay).at_people(reach.sites.capacity)
    return series(reach, values, "cumulative_opportunities", decay)


def gravity(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    decay: Decay | None = None,
    cost: CostLike = None,
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Add up the facilities around each demand point, near ones more: `A_i = sum_j S_j f(c_ij)`.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    decay
        How the weight falls. By default with the inverse of the cost beyond a mile (minute), up to 30 of them:
        a choice of this package.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    state
        Only the people of this state, or of several.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    Series
        Indexed like `demand`; 0 where nothing is within reach. Only ratios of values mean something.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If the decay is in another unit than the costs, or has no limit in straight lines.
    ValueError
        If straight lines come to too many pairs.

    Notes
    -----
    Hansen WG (1959), How accessibility shapes land use, Journal of the American Institute of Planners 25(2):73-76.

    Examples
    --------
    A clinic at the door, and two 2 minutes away:

    >>> import iopdir as iop
    >>> town, clinics = pd.DataFrame(index=["town"]), pd.DataFrame(index=["a", "b", "c"])
    >>> drive = pd.DataFrame({"origin": "town", "destination": ["a", "b", "c"], "cost": [0.0, 2.0, 2.0]})
    >>> cost = iop.CostMatrix.from_frame(drive, unit="min")
    >>> iop.measures.gravity(town, clinics, cost=cost, decay=iop.Decay.power("1 min")).to_dict()
    {'town': 2.0}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    decay = checked(decay or Decay.power(f"1 {word(reach)}", limit=f"30 {word(reach)}"), reach)
    return series(reach, reach.links(decay).at_people(reach.sites.capacity), "gravity", decay)


def provider_to_population(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    max_cost: str | float | None = None,
    cost: CostLike = None,
    neighbours: Cost | None = None,
    population: str = "population",
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Divide the supply by the people within reach of each demand point, themselves included.

    `A_i = sum_j S_j / sum_k P_k`, facilities *j* with `c_ij <= max_cost`, people *k* with `c_ik <= max_cost`.
    Unlike the floating catchments below it overlooks that people beyond come to the same facilities.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    max_cost
        How far, inclusive: ``"30 mi"`` by default, ``"30 min"`` with a matrix of times.
    cost, neighbours
        Matrices instead of straight lines, both or none: to facilities, and between demand points (each to
        itself too).
    population
        Column of people.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    state
        Only the people of this state, or of several.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    Series
        Indexed like `demand`: facilities (or units of capacity) a person; 0 where none is within reach.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If catchment and costs are in different units.
    ValueError
        If only one of the matrices is given.

    Notes
    -----
    The regional availability ratio; PySAL `access` calls it `fca_ratio`. The ratio of a county is in
    [`coverage_gaps`][iopdir.coverage_gaps]: `facilities / people`.

    Examples
    --------
    >>> import iopdir as iop
    >>> towns = pd.DataFrame({"lon": [0.0, 0.1], "lat": 0.0, "population": [30, 10]}, index=["a", "b"])
    >>> clinic = pd.DataFrame({"lon": [0.0], "lat": [0.0]})
    >>> iop.measures.provider_to_population(towns, clinic, max_cost="20 km").to_dict()
    {'a': 0.025, 'b': 0.025}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    if reach.cost.located != (neighbours is None):
        raise ValueError("give both cost and neighbours, or none of them")
    decay = disk(max_cost, reach)
    count = reach.count_people(population)
    between = (neighbours or reach.cost).bind(reach.people, Sites.at(reach.demand))
    wanting = between.at_people(count, np.array([decay.limit]))[:, 0]
    offered = reach.links(decay).at_people(reach.sites.capacity)
    return series(reach, divide(offered, wanting), "provider_to_population", decay, population=population)


def divide(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divide, and give 0 where there is nobody to divide among."""
    return np.divide(part, whole, out=np.zeros(part.size), where=whole > 0)


def word(reach: Reach) -> str:
    """Name the unit in which defaults are stated: miles, or minutes."""
    return "min" if reach.unit == "min" else "mi"


def disk(max_cost: str | float | None, reach: Reach) -> Decay:
    """Count all within a limit alike; 30 miles or minutes if not given."""
    limit = read_limit(f"30 {word(reach)}" if max_cost is None else max_cost, reach.unit)
    return Decay(kind="step", unit=reach.unit, edges=(limit,), weights=(1.0,), limit=limit)


def checked(decay: Decay, reach: Reach) -> Decay:
    """Make sure that a decay is in the unit of the costs."""
    check_unit(decay.unit, reach.unit, f"the {decay.kind} decay")
    return decay


def about_decay(reach: Reach, decay: Decay) -> dict[str, Any]:
    """State decay and capacity, for provenance."""
    return {"decay": str(decay), "capacity": reach.sites.offered}


def series(reach: Reach, values: FloatArray, name: str, decay: Decay, **parameters: object) -> pd.Series[Any]:
    """Name a measure, index it like the demand, and say what it was made from."""
    table = pd.Series(values, index=reach.people.ids, name=name)
    return reach.sign(table, **about_decay(reach, decay), **parameters)
