"""The rational agent access model: people choose between near and uncrowded, until nobody gains by changing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.geography.points import PointsLike
from iopdir.progress import each
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.spatial.threads import in_threads
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike, read_limit
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters

__all__ = ["raam"]


def raam(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    tau: str | float | None = None,
    max_cost: str | float | None = None,
    rho: float | None = None,
    cost: CostLike = None,
    population: str = "population",
    capacity: Capacity = None,
    max_cycles: int = 150,
    initial_step: float = 0.2,
    min_step: float = 0.005,
    half_life: float = 50,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Measure access as the cost that rational people bear: travel and crowding together (RAAM). Lower is better.

    `cost_i = min_j [ (d_j / s_j) / rho + t_ij / tau ]`, where `d_j` people come to facility *j* with capacity
    `s_j`, over `t_ij`. Everybody starts at the nearest facility; in each cycle some of each demand point's people
    move from the costliest facility they use to the cheapest within reach, in ever smaller steps.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    tau
        Travel that weighs as much as crowding of the average. By default 60 minutes with a matrix of times
        (Saxon & Snow), and 30 miles in distances, a choice of this package.
    max_cost
        How far people go at most, inclusive; 30 miles by default in straight lines, no limit with a matrix.
    rho
        People per unit of capacity that counts as crowding of 1; the average of people and capacity given.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
    population
        Column of people.
    capacity
        Column or series of capacity; 1 a facility by default.
    max_cycles, initial_step, min_step, half_life
        Number of cycles; share of people who may move in the first one and at least; cycles in which it halves.
    state
        Only the people of this state, or of several.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    Series
        Indexed like `demand`: cost in units of average crowding; NaN where no facility is within reach. Where
        nobody lives it is what the first to come would bear.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If `tau`, `max_cost` and the costs are not in one unit.
    ValueError
        If `tau`, `rho` or the steps are not positive.

    Notes
    -----
    Saxon J, Snow D (2020), A rational agent model for the spatial accessibility of primary health care, Annals of
    the American Association of Geographers 110(1):205-222. Steps, whole-person moves and the damping of the first
    20 cycles follow PySAL `access`, so that results agree with it.

    Examples
    --------
    One town of 100 between two equal clinics, 10 and 20 minutes away; 60 minutes weigh as much as crowding of 50
    people a clinic. In the end 54 go to the near one and 46 to the far one, and both cost the same:

    >>> import iopdir as iop
    >>> town = pd.DataFrame({"population": [100]}, index=["town"])
    >>> clinics = pd.DataFrame(index=["near", "far"])
    >>> drive = pd.DataFrame({"origin": "town", "destination": ["near", "far"], "cost": [10.0, 20.0]})
    >>> cost = iop.CostMatrix.from_frame(drive, unit="min")
    >>> iop.measures.raam(town, clinics, cost=cost).round(2).to_dict()
    {'town': 1.25}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    unit, sites = reach.unit, reach.sites
    near, far = ("30 min", "60 min") if unit == "min" else ("30 mi", "30 mi")
    limit = read_limit(near if max_cost is None and reach.cost.located else max_cost, unit)
    weight = read_limit(far if tau is None else tau, unit, "tau")
    if not (weight > 0 and min_step > 0 and initial_step > 0 and half_life > 0 and max_cycles > 0):
        raise ValueError("tau, max_cycles, initial_step, min_step and half_life must be positive")
    count = reach.count_people(population)
    ratio = count.sum() / max(sites.capacity.sum(), 1e-300) if rho is None else rho
    if not ratio > 0:
        raise ValueError(f"rho must be positive, not {ratio}")
    origin, site, amount = reach.ways.pairs(limit)
    real = sites.capacity[site] > 0
    origin, site, amount = origin[real], site[real], amount[real]
    steps = np.array([initial_step * 0.5 ** (cycle / half_life) for cycle in range(max_cycles)]).clip(
        min_step
    )
    burden = _settle(origin, site.astype(np.uint32), amount / weight, count, sites.capacity * ratio, steps)
    table = pd.Series(burden, index=reach.people.ids, name="raam")
    return reach.sign(
        table,
        tau=weight,
        unit=unit,
        rho=ratio,
        max_cycles=max_cycles,
        population=population,
        capacity=sites.offered,
    )


_DAMPED_CYCLES: Final = 20
Positions: TypeAlias = NDArray[np.uint32]


def _settle(
    origin: IntArray,
    site: Positions,
    travel: FloatArray,
    count: FloatArray,
    room: FloatArray,
    steps: FloatArray,
) -> FloatArray:
    """Let people move between the sites they reach, all demand points at once in each cycle; return their burden.

    Pairs are ordered by demand point.
    """
    reached, begin, pairs = np.unique(origin, return_index=True, return_counts=True)
    end = begin + pairs
    people_at = count[reached]
    used, crowd = np.zeros(travel.size), np.zeros(room.size)
    in_use, many = np.zeros(travel.size, dtype=np.uint32), np.zeros(reached.size, dtype=np.int64)
    best, worst = np.zeros(reached.size, dtype=np.int64), np.zeros(reached.size, dtype=np.int64)
    moving = np.zeros(reached.size)
    _start_near(begin, end, site, travel, people_at, used, crowd, in_use, many)

    for cycle, step in enumerate(each(steps, "Sharing people out")):
        crowding = np.divide(crowd, room, out=np.zeros(room.size), where=room > 0)
        most = people_at * step

        def wish(part: slice, crowding: FloatArray = crowding, most: FloatArray = most) -> None:
            _wish(
                begin[part], end[part], site, travel, most[part], used, crowd, room, crowding, in_use,
                many[part], best[part], worst[part], moving[part],
            )  # fmt: skip

        in_threads(wish, reached.size, chunk=8192)
        _move(begin, site, used, crowd, room, in_use, many, best, worst, moving, cycle)
    burden = np.full(count.size, np.nan)
    burden[reached] = _weigh_up(begin, end, site, travel, people_at, crowding, used)
    return burden


@compiled
def _start_near(
    begin: IntArray,
    end: IntArray,
    site: Positions,
    travel: FloatArray,
    count: FloatArray,
    used: FloatArray,
    crowd: FloatArray,
    in_use: Positions,
    many: IntArray,
) -> None:
    """Send everybody to the nearest site."""
    for i in range(begin.size):
        nearest = begin[i] + np.argmin(travel[begin[i] : end[i]])
        used[nearest] = count[i]
        crowd[site[nearest]] += count[i]
        in_use[begin[i]] = nearest - begin[i]
        many[i] = 1


@compiled
def _wish(
    begin: IntArray,
    end: IntArray,
    site: Positions,
    travel: FloatArray,
    most: FloatArray,
    used: FloatArray,
    crowd: FloatArray,
    room: FloatArray,
    crowding: FloatArray,
    in_use: Positions,
    many: IntArray,
    best: IntArray,
    worst: IntArray,
    moving: FloatArray,
) -> None:
    """Find the cheapest pair of each demand point and the costliest it uses, and how many whole people change.

    So many that both would cost the same if nobody else moved, but no more than may in this cycle.
    """
    for i in range(begin.size):
        sites, way, here = site[begin[i] : end[i]], travel[begin[i] : end[i]], used[begin[i] : end[i]]
        top, low = 0, np.inf
        for p in range(sites.size):
            burden = crowding[sites[p]] + way[p]
            if burden < low:
                top, low = p, burden
        far, high = top, -np.inf
        for p in in_use[begin[i] : begin[i] + many[i]]:
            burden = crowding[sites[p]] + way[p]
            if burden > high or (burden == high and p < far):
                far, high = p, burden
        best[i], worst[i], moving[i] = begin[i] + top, begin[i] + far, 0.0
        if top != far:
            near_room, far_room = room[sites[top]], room[sites[far]]
            level = (way[far] - way[top]) + (here[top] + crowd[sites[far]]) / far_room
            level -= (crowd[sites[top]] - here[top]) / near_room
            wanted = (near_room * far_room) / (near_room + far_room) * level - here[top]
            moving[i] = float(int(min(wanted, here[far], most[i])))


@compiled
def _move(
    begin: IntArray,
    site: Positions,
    used: FloatArray,
    crowd: FloatArray,
    room: FloatArray,
    in_use: Positions,
    many: IntArray,
    best: IntArray,
    worst: IntArray,
    moving: FloatArray,
    cycle: int,
) -> None:
    """Carry the wishes out; in the first cycles no site takes in more at once than fills it to the average."""
    into = np.zeros(room.size)
    for i in range(begin.size):
        into[site[best[i]]] += moving[i]
    for i in range(begin.size):
        go = moving[i]
        if cycle < _DAMPED_CYCLES:
            go = np.rint(go / max(into[site[best[i]]] / room[site[best[i]]], 1.0))
        if go == 0:
            continue
        if used[best[i]] == 0:
            in_use[begin[i] + many[i]] = best[i] - begin[i]
            many[i] += 1
        used[best[i]] += go
        used[worst[i]] -= go
        crowd[site[best[i]]] += go
        crowd[site[worst[i]]] -= go
        if used[worst[i]] == 0:
            k = begin[i]
            while begin[i] + in_use[k] != worst[i]:
                k += 1
            many[i] -= 1
            in_use[k] = in_use[begin[i] + many[i]]


@compiled
def _weigh_up(
    begin: IntArray,
    end: IntArray,
    site: Positions,
    travel: FloatArray,
    count: FloatArray,
    crowding: FloatArray,
    used: FloatArray,
) -> FloatArray:
    """Average what each demand point's people bear where they go, at the crowding before the last move."""
    burden = np.zeros(begin.size)
    for i in range(begin.size):
        least = np.inf
        for p in range(begin[i], end[i]):
            here = crowding[site[p]] + travel[p]
            burden[i] += here * used[p]
            least = min(least, here)
        burden[i] = burden[i] / count[i] if count[i] > 0 else least
    return burden
