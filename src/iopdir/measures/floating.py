"""Spatial accessibility with floating catchments: facilities shared out among all who come to them.

They take demand points, facilities and a cost, or a [`Reach`][iopdir.reach] of all three; supply is 1 a facility, or a
capacity. They return one value a demand point, in its order, with provenance. Supply that nobody can reach serves
nobody: it adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from iopdir.geography.points import PointsLike
from iopdir.measures.opportunity import disk, divide, series
from iopdir.measures.steps import STEPS_3SFCA, WEIGHTS_3SFCA, choose
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.decay import Decay
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters

__all__ = [
    "enhanced_two_step_fca",
    "modified_two_step_fca",
    "three_step_fca",
    "two_step_fca",
]


def two_step_fca(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    max_cost: str | float | None = None,
    cost: CostLike = None,
    population: str = "population",
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Share each facility among the people around it, then add up what each place is given (2SFCA).

    `R_j = S_j / sum_k P_k` over people within the catchment of facility *j*, and `A_i = sum_j R_j` over
    facilities within the catchment of place *i*.

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
        Indexed like `demand`: facilities (or units of capacity) a person; 0 where none is within reach. Weighted
        by people it adds up to the supply that anybody reaches.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If `max_cost` is in another unit than the costs.

    Notes
    -----
    Luo W, Wang F (2003), Measures of spatial accessibility to health care in a GIS environment, Environment and
    Planning B 30:865-884.

    Examples
    --------
    Two towns of 100 and 300; only the first reaches clinic X, both reach Y:

    >>> import iopdir as iop
    >>> towns, clinics = pd.DataFrame({"population": [100, 300]}, index=["a", "b"]), pd.DataFrame(index=["X", "Y"])
    >>> drive = pd.DataFrame({"origin": ["a", "a", "b"], "destination": ["X", "Y", "Y"], "cost": [5.0, 9.0, 20.0]})
    >>> cost = iop.CostMatrix.from_frame(drive, unit="min")
    >>> iop.measures.two_step_fca(towns, clinics, cost=cost).to_dict()  # 1/100 + 1/400, and 1/400
    {'a': 0.0125, 'b': 0.0025}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    return _float(reach, "two_step_fca", disk(max_cost, reach), population)


def enhanced_two_step_fca(
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
    """Share facilities like `two_step_fca`, but near people and near facilities count more (E2SFCA).

    `R_j = S_j / sum_k P_k f(c_kj)` and `A_i = sum_j R_j f(c_ij)`, where *f* falls in steps, or smoothly.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    rings, weights
        Outer edges, inclusive, and the weight in each; by default 10, 20 and 30 miles (minutes with a matrix
        of times) with 1, 0.68 and 0.22.
    decay
        Another function instead, such as `Decay.gaussian("10 mi", limit="30 mi")`.
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
        Indexed like `demand`: facilities (or units of capacity) a person; 0 where none is within reach. Weighted
        by people it adds up to the supply that anybody reaches.

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
    Luo W, Qi Y (2009), An enhanced two-step floating catchment area (E2SFCA) method for measuring spatial
    accessibility to primary care physicians, Health & Place 15:1100-1107. In straight lines steps never list
    pairs: sums over disks come from a tree that carries them.

    Examples
    --------
    The towns of `two_step_fca`, with the second 20 minutes from its clinic:

    >>> import iopdir as iop
    >>> towns, clinics = pd.DataFrame({"population": [100, 300]}, index=["a", "b"]), pd.DataFrame(index=["X", "Y"])
    >>> drive = pd.DataFrame({"origin": ["a", "a", "b"], "destination": ["X", "Y", "Y"], "cost": [5.0, 9.0, 20.0]})
    >>> cost = iop.CostMatrix.from_frame(drive, unit="min")
    >>> iop.enhanced_two_step_fca(towns, clinics, cost=cost).round(6).to_dict()  # Y: 1 / (100 + 0.68 x 300)
    {'a': 0.013289, 'b': 0.002237}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    return _float(reach, "enhanced_two_step_fca", choose(rings, weights, decay, reach), population)


def modified_two_step_fca(
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
    """Share facilities like `enhanced_two_step_fca`, but let distance itself cost access (M2SFCA).

    `A_i = sum_j S_j f(c_ij)^2 / sum_k P_k f(c_kj)`. Where everybody lives far from care the enhanced method shares
    all of it out all the same; here part of it is lost.

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
        Indexed like `demand`: facilities (or units of capacity) a person; 0 where none is within reach.

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
    Delamater PL (2013), Spatial accessibility in suboptimally configured health care systems: a modified two-step
    floating catchment area (M2SFCA) metric, Health & Place 24:30-43 (formula: flag M).

    Examples
    --------
    One town, one clinic, 20 minutes away: the enhanced method says 1/100, as if it were next door.

    >>> import iopdir as iop
    >>> town, clinic = pd.DataFrame({"population": [100]}, index=["a"]), pd.DataFrame(index=["X"])
    >>> drive = pd.DataFrame({"origin": ["a"], "destination": ["X"], "cost": [20.0]})
    >>> cost = iop.CostMatrix.from_frame(drive, unit="min")
    >>> iop.measures.modified_two_step_fca(town, clinic, cost=cost).round(6).to_dict()
    {'a': 0.0068}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    chosen = choose(rings, weights, decay, reach)
    return _float(reach, "modified_two_step_fca", chosen, population, power=2)


def three_step_fca(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    rings: Sequence[str | float] | None = None,
    weights: Sequence[float] | None = None,
    decay: Decay | None = None,
    max_cost: str | float | None = None,
    cost: CostLike = None,
    population: str = "population",
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Share facilities among people who split themselves between those they reach (3SFCA).

    `G_ij = f(c_ij) / sum_l f(c_il)`, `R_j = S_j / sum_k G_kj P_k f(c_kj)` and `A_i = sum_j G_ij R_j f(c_ij)`.

    Parameters
    ----------
    demand
        Demand points; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost and filters.
    directory
        Facilities.
    rings, weights
        As for [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca]; by default 10, 20, 30 and 60 miles
        (minutes with a matrix of times) with 0.962, 0.704, 0.377 and 0.042.
    decay
        Another function instead.
    max_cost
        A narrower limit, inclusive: people still choose among all facilities that the decay reaches, but only
        those within the catchment count afterwards (`max_cost` of PySAL `access`). None, as in the paper, for no
        other limit than the decay's.
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
        Indexed like `demand`: facilities (or units of capacity) a person; 0 where none is within reach. Weighted
        by people it adds up to the supply that anybody reaches.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If limits and costs are in different units, or a smooth decay has no limit in straight lines.
    ValueError
        If rings and weights do not fit, a decay comes with rings, or straight lines come to too many pairs.

    Notes
    -----
    Wan N, Zou B, Sternberg T (2012), A three-step floating catchment area method for analyzing spatial access to
    health services, International Journal of Geographical Information Science 26:1073-1089. People choose by cost
    alone, not by capacity.

    Examples
    --------
    A town between two clinics at one distance: half of it goes to each.

    >>> import iopdir as iop
    >>> town, clinics = pd.DataFrame({"population": [100]}, index=["a"]), pd.DataFrame(index=["X", "Y"])
    >>> drive = pd.DataFrame({"origin": "a", "destination": ["X", "Y"], "cost": [15.0, 15.0]})
    >>> cost = iop.CostMatrix.from_frame(drive, unit="min")
    >>> iop.measures.three_step_fca(town, clinics, cost=cost).round(6).to_dict()
    {'a': 0.02}
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    chosen = choose(rings, weights, decay, reach, STEPS_3SFCA, WEIGHTS_3SFCA)
    links = reach.links(chosen)
    choices = links.at_people(np.ones(len(reach.sites)))
    counted = links if max_cost is None else reach.links(chosen.within(max_cost))
    # squared: the weight enters once as a choice and once as a cost
    coming = counted.at_sites(divide(reach.count_people(population), choices), power=2)
    given = counted.at_people(divide(reach.sites.capacity, coming), power=2)
    about = {"population": population, "max_cost": max_cost}
    return series(reach, divide(given, choices), "three_step_fca", chosen, **about)


def _float(reach: Reach, name: str, decay: Decay, population: str, *, power: int = 1) -> pd.Series[Any]:
    """Run the two steps that all but the third method share."""
    links = reach.links(decay)
    ratio = divide(reach.sites.capacity, links.at_sites(reach.count_people(population)))
    return series(reach, links.at_people(ratio, power=power), name, decay, population=population)
