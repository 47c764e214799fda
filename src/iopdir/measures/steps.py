"""Rings and weights of the floating catchments, and the first of their two steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Unpack

import pandas as pd

from iopdir.geography.points import PointsLike
from iopdir.measures.opportunity import about_decay, checked, divide, word
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.decay import Decay
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters

__all__ = ["STEPS", "STEPS_3SFCA", "WEIGHTS", "WEIGHTS_3SFCA", "choose", "people_to_capacity"]

STEPS: Final = (10, 20, 30)
"""Default rings of the enhanced method: minutes with a matrix of times, as in PySAL `access` (flag S). Miles
otherwise, a choice of this package."""

WEIGHTS: Final = (1.0, 0.68, 0.22)
"""Weights of these rings, as in PySAL `access` (flag S), after Luo & Qi 2009 (flag M)."""

STEPS_3SFCA: Final = (10, 20, 30, 60)
"""Default rings of the three-step method, likewise."""

WEIGHTS_3SFCA: Final = (0.962, 0.704, 0.377, 0.042)
"""Weights of these rings, as in PySAL `access` (flag S), after Wan, Zou & Sternberg 2012."""


def choose(
    rings: Sequence[str | float] | None,
    weights: Sequence[float] | None,
    decay: Decay | None,
    reach: Reach,
    steps: Sequence[int] = STEPS,
    heights: Sequence[float] = WEIGHTS,
) -> Decay:
    """Read how the weight falls: by rings and weights, by a decay, or as by default.

    Parameters
    ----------
    rings, weights, decay
        As for [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca].
    reach
        What it is for.
    steps, heights
        Default rings, in miles or minutes, and their weights.

    Returns
    -------
    Decay
        In the unit of the reach.

    Raises
    ------
    UnitError
        If it is in another unit.
    ValueError
        If rings and weights do not fit, or a decay comes with rings.
    """
    if decay is not None and (rings is not None or weights is not None):
        raise ValueError("give a decay, or rings and weights, not both")
    if (rings is None) != (weights is None):
        raise ValueError("give both rings and weights, or none of them")
    if decay is None and (rings is None or weights is None):
        return Decay.step([f"{edge} {word(reach)}" for edge in steps], heights)
    return checked(decay or Decay.step(rings or (), weights or ()), reach)


def people_to_capacity(
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
    """Divide what each facility offers by the people who come to it: the first of the two steps.

    `R_j = S_j / sum_k P_k f(c_kj)`. The second step adds these ratios up as a capacity, and so needs only some of the
    demand points at a time: `gravity(part, decay=decay, capacity=ratios)` is
    [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca] of the whole, bit for bit, for the demand points of a part.

    Parameters
    ----------
    demand
        Demand points, all of them; the index is the id. Or a [`Reach`][iopdir.reach] instead of demand, directory, cost
        and filters.
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
        Indexed by `facility_id`: facilities (or units of capacity) a person who comes; 0 where nobody does.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If decay and costs are in different units, or a smooth decay has no limit in straight lines.
    ValueError
        If rings and weights do not fit, or a decay comes with rings.

    Examples
    --------
    >>> import iopdir as iop
    >>> decay = iop.Decay.step(["10 mi", "20 mi", "30 mi"], [1, 0.68, 0.22])
    >>> whole = iop.reach(iop.demand_points("zcta"), iop.demo_directory(), state="NH", level_of_care="iop")
    >>> ratios = iop.measures.people_to_capacity(whole, decay=decay)
    >>> cuts = [whole.part(slice(0, 99)), whole.part(slice(99, None))]
    >>> parts = [iop.measures.gravity(cut, decay=decay, capacity=ratios) for cut in cuts]
    >>> bool((pd.concat(parts) == iop.enhanced_two_step_fca(whole, decay=decay)).all())
    True
    """
    reach = bind(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    chosen = choose(rings, weights, decay, reach)
    ratio = divide(reach.sites.capacity, reach.links(chosen).at_sites(reach.count_people(population)))
    table = pd.Series(ratio, index=reach.sites.ids, name="people_to_capacity")
    return reach.sign(table, **about_decay(reach, chosen), population=population)
