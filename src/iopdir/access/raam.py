"""The rational agent access model: people choose between near and uncrowded, until nobody gains by changing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, Unpack, cast

import numpy as np
import pandas as pd
from numba import njit

from iopdir.access.cost import CostMatrix, read_limit
from iopdir.access.links import list_pairs, measure_series
from iopdir.access.nearest import Filters
from iopdir.access.supply_demand import people, sites
from iopdir.directory import Directory
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["raam"]

_F = TypeVar("_F", bound=Callable[..., object])


def _compiled(function: _F) -> _F:
    """Compile on first use, keep the result on disk, run without the interpreter lock."""
    return cast("_F", njit(cache=True, nogil=True)(function))


def raam(
    demand: pd.DataFrame,
    directory: Directory | pd.DataFrame,
    *,
    tau: str | float | None = None,
    max_cost: str | float | None = None,
    rho: float | None = None,
    cost: CostMatrix | None = None,
    population: str = "population",
    capacity: str | pd.Series[Any] | None = None,
    max_cycles: int = 150,
    initial_step: float = 0.2,
    min_step: float = 0.005,
    half_life: float = 50,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Measure access as the cost that rational people bear: travel and crowding together (RAAM). Lower is better.

    `cost_i = min_j [ (d_j / s_j) / rho + t_ij / tau ]`, where `d_j` people come to facility *j* with capacity
    `s_j`, over `t_ij`. Everybody starts at the nearest facility; in each cycle some of each demand point's people
    move from the costliest facility they use to the cheapest within reach, in ever smaller steps.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
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
        A matrix instead of straight lines.
    population
        Column of people.
    capacity
        Column or series of capacity; 1 a facility by default.
    max_cycles, initial_step, min_step, half_life
        Number of cycles; share of people who may move in the first one and at least; cycles in which it halves.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

    Returns
    -------
    Series
        Indexed like `demand`: cost in units of average crowding; `inf` where no facility is within reach. Where
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
    >>> iop.raam(town, clinics, cost=cost).round(2).to_dict()
    {'town': 1.25}
    """
    unit, limit = read_limit("30 mi" if max_cost is None and cost is None else max_cost, cost, "max_cost")
    default = "60 min" if unit == "min" else "30 mi"
    _, weight = read_limit(default if tau is None else tau, cost, "tau")
    if not (weight > 0 and min_step > 0 and initial_step > 0 and half_life > 0 and max_cycles > 0):
        raise ValueError("tau, max_cycles, initial_step, min_step and half_life must be positive")
    supply = sites(directory, capacity=capacity, located=cost is None, **filters)
    count = people(demand, population)
    ratio = count.sum() / max(supply.capacity.sum(), 1e-300) if rho is None else rho
    if not ratio > 0:
        raise ValueError(f"rho must be positive, not {ratio}")
    origin, site, amount = list_pairs(demand, supply, cost, limit)
    real = supply.capacity[site] > 0
    order = np.flatnonzero(real)[np.lexsort((site[real], origin[real]))]
    start = np.searchsorted(origin[order], np.arange(len(demand) + 1)).astype(np.int64)
    travel = amount[order] / weight
    burden = np.full(len(demand), np.inf)
    _settle(
        start,
        site[order],
        travel,
        count,
        supply.capacity * ratio,
        np.array([initial_step * 0.5 ** (cycle / half_life) for cycle in range(max_cycles)]).clip(min_step),
        burden,
    )
    return measure_series(
        burden, "raam", demand, supply, cost, tau=weight, unit=unit, rho=ratio, max_cycles=max_cycles
    )


_DAMPED_CYCLES = 20


@_compiled
def _settle(
    start: IntArray,
    site: IntArray,
    travel: FloatArray,
    count: FloatArray,
    room: FloatArray,
    steps: FloatArray,
    burden: FloatArray,
) -> None:
    """Let people move between the sites they reach, all demand points at once in each cycle."""
    n, used = start.size - 1, np.zeros(travel.size)
    crowd, into = np.zeros(room.size), np.zeros(room.size)
    best, worst = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    moving = np.zeros(n)
    reached = np.flatnonzero(start[1:] > start[:-1])
    for i in reached:
        nearest = start[i] + np.argmin(travel[start[i] : start[i + 1]])
        used[nearest] = count[i]
        crowd[site[nearest]] += count[i]
    for cycle in range(steps.size):
        into[:] = 0.0
        for i in reached:
            best[i], worst[i] = _choices(start[i], start[i + 1], site, travel, crowd, room, used)
            moving[i] = _wish(best[i], worst[i], site, travel, used, crowd, room, steps[cycle] * count[i])
            into[site[best[i]]] += moving[i]
        for i in reached:
            if cycle < _DAMPED_CYCLES:
                moving[i] = np.rint(moving[i] / max(into[site[best[i]]] / room[site[best[i]]], 1.0))
            used[best[i]] += moving[i]
            used[worst[i]] -= moving[i]
        if cycle == steps.size - 1:
            _weigh_up(reached, start, site, travel, count, crowd, room, used, burden)
        for i in reached:
            crowd[site[best[i]]] += moving[i]
            crowd[site[worst[i]]] -= moving[i]


@_compiled
def _weigh_up(
    reached: IntArray,
    start: IntArray,
    site: IntArray,
    travel: FloatArray,
    count: FloatArray,
    crowd: FloatArray,
    room: FloatArray,
    used: FloatArray,
    burden: FloatArray,
) -> None:
    """Average what each demand point's people bear where they go, at the crowding before the last move."""
    for i in reached:
        total, least = 0.0, np.inf
        for p in range(start[i], start[i + 1]):
            here = crowd[site[p]] / room[site[p]] + travel[p]
            total += here * used[p]
            least = min(least, here)
        burden[i] = total / count[i] if count[i] > 0 else least


@_compiled
def _choices(
    begin: int,
    end: int,
    site: IntArray,
    travel: FloatArray,
    crowd: FloatArray,
    room: FloatArray,
    used: FloatArray,
) -> tuple[int, int]:
    """Find the cheapest pair, and the costliest in use."""
    best, worst, low, high = begin, begin, np.inf, -np.inf
    for p in range(begin, end):
        burden = crowd[site[p]] / room[site[p]] + travel[p]
        if burden < low:
            best, low = p, burden
        if used[p] != 0 and burden > high:
            worst, high = p, burden
    return best, worst


@_compiled
def _wish(
    best: int,
    worst: int,
    site: IntArray,
    travel: FloatArray,
    used: FloatArray,
    crowd: FloatArray,
    room: FloatArray,
    most: float,
) -> float:
    """How many whole people move from the worst to the best: so many that both cost the same, or as many as may."""
    if best == worst:
        return 0.0
    here, there = room[site[best]], room[site[worst]]
    others_best, others_worst = crowd[site[best]] - used[best], crowd[site[worst]] - used[worst]
    both = used[best] + used[worst]
    level = (travel[worst] - travel[best]) + (both + others_worst) / there - others_best / here
    wanted = (here * there) / (here + there) * level - used[best]
    return float(int(min(wanted, used[worst], most)))
