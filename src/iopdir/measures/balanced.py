"""Measures that give out everything once: the balanced floating catchment, and spatial availability.

Floating catchments count a person at every facility within reach, and a facility at every person. These two do not: one
splits people and service into shares that add up to one, the other hands out what each facility offers and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from iopdir.geography.points import PointsLike
from iopdir.measures.opportunity import divide, series
from iopdir.measures.steps import choose
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.decay import Decay
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters

__all__ = ["balanced_fca", "spatial_availability"]


def balanced_fca(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    rings: Sequence[str | float] | None = None,
    weights: Sequence[float] | None = None,
    decay: Decay | None = None,
    cost: CostLike = None,
    population: str = "population",
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Share facilities so that nobody is counted twice, and no level of service either (balanced FCA).

    Weights are made to add up to one, over the facilities of a place for people, and over the places of a facility for
    service: `D_j = sum_i P_i f(c_ij) / sum_l f(c_il)`, `L_j = S_j / D_j`, and
    `A_i = sum_j L_j f(c_ij) / sum_k f(c_kj)`.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    rings, weights, decay
        As for [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca].
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
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
        Indexed like `demand`: level of service (facilities a person) that falls to each place; 0 where none is within
        reach. Added up, not weighted by people, it is the sum of the levels of service `L_j`; the people `D_j` add up
        to all who reach any facility.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If decay and costs are in different units, or a smooth decay has no limit in straight lines.
    ValueError
        If rings and weights do not fit, a decay comes with rings, or straight lines come to too many pairs.

    Notes
    -----
    Paez A, Higgins CD, Vivona SF (2019), Demand and level of service inflation in Floating Catchment Area (FCA)
    methods, PLOS ONE 14(6):e0218773. As `floating_catchment_area(method = "bfca")` of R `accessibility`. Every demand
    point is one place, whoever lives there: the finer the points, the smaller each value. Compare places of one table,
    not tables.

    Examples
    --------
    The towns of [`two_step_fca`][iopdir.measures.two_step_fca]: town *a* splits between X and Y, so X serves 50 people
    and Y 50 + 300; Y's service is halved between the towns.

    >>> import iopdir as iop
    >>> towns, clinics = pd.DataFrame({"population": [100, 300]}, index=["a", "b"]), pd.DataFrame(index=["X", "Y"])
    >>> drive = pd.DataFrame({"origin": ["a", "a", "b"], "destination": ["X", "Y", "Y"], "cost": [5.0, 9.0, 9.0]})
    >>> cost = iop.CostMatrix.from_frame(drive, unit="min")
    >>> iop.measures.balanced_fca(towns, clinics, cost=cost).round(6).to_dict()  # 1/50 + 1/350/2, and 1/350/2
    {'a': 0.021429, 'b': 0.001429}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    chosen = choose(rings, weights, decay, reach)
    links, people = reach.links(chosen), reach.count_people(population)
    split = divide(people, links.at_people(np.ones(len(reach.sites))))
    service = divide(reach.sites.capacity, links.at_sites(split))
    places = links.at_sites(np.ones(len(reach.people)))
    given = links.at_people(divide(service, places))
    return series(reach, given, "balanced_fca", chosen, population=population)


def spatial_availability(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    rings: Sequence[str | float] | None = None,
    weights: Sequence[float] | None = None,
    decay: Decay | None = None,
    alpha: float = 1.0,
    cost: CostLike = None,
    population: str = "population",
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Hand out what each facility offers among the places that reach it: how many facilities each place has.

    `V_i = sum_j S_j F_ij`, where the shares `F_ij`, proportional to `P_i^alpha f(c_ij)`, add up to one for each
    facility.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    rings, weights, decay
        As for [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca].
    alpha
        How much more goes to places with more people: 0 for nothing (every place is one), 1 for in proportion.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines.
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
        Indexed like `demand`: facilities (or units of capacity), not a person but in all; they add up to the supply
        that anybody reaches. Divided by people, with `alpha=1`, it is
        [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca].

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If decay and costs are in different units, or a smooth decay has no limit in straight lines.
    ValueError
        If rings and weights do not fit, a decay comes with rings, `alpha` is negative or not finite, or straight lines
        come to too many pairs.

    Notes
    -----
    Soukhov A, Paez A, Higgins CD, Mohamed M (2023), Introducing spatial availability, a singly-constrained measure of
    competitive accessibility, PLOS ONE 18(1):e0278468. As `spatial_availability` of R `accessibility`.

    Examples
    --------
    The paper's example as R `accessibility` gives it, three centers of people and three of jobs:

    >>> import iopdir as iop
    >>> centers = pd.DataFrame({"population": [50_000, 150_000, 10_000]}, index=["A", "B", "C"])
    >>> jobs = pd.DataFrame({"jobs": [100_000, 100_000, 10_000]}, index=["1", "2", "3"])
    >>> minutes = [15.0, 30, 100, 30, 15, 100, 100, 100, 15]
    >>> drive = pd.DataFrame({"origin": list("AAABBBCCC"), "destination": list("123123123"), "cost": minutes})
    >>> cost, decay = iop.CostMatrix.from_frame(drive, unit="min"), iop.Decay.exponential("10 min")
    >>> found = iop.measures.spatial_availability(centers, jobs, cost=cost, decay=decay, capacity="jobs")
    >>> found.round().astype(int).to_dict()
    {'A': 66833, 'B': 133203, 'C': 9963}
    """
    if not 0 <= alpha < np.inf:
        raise ValueError(f"alpha must be finite and not negative, not {alpha}")
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    chosen = choose(rings, weights, decay, reach)
    links, people = reach.links(chosen), reach.count_people(population) ** alpha
    ratio = divide(reach.sites.capacity, links.at_sites(people))
    given = people * links.at_people(ratio)
    return series(reach, given, "spatial_availability", chosen, population=population, alpha=alpha)
