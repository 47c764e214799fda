"""Bind demand points, facilities and a cost into a reach; or take the reach that was handed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Unpack

from iopdir.directory.directory import Directory
from iopdir.errors import KindError
from iopdir.geography.demand import in_states
from iopdir.geography.points import PointsLike, read_points, state_codes
from iopdir.travel.cost import CostLike
from iopdir.travel.open_cost import read_cost
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters, Points, sites

__all__ = ["bind", "reach"]


def reach(
    demand: PointsLike,
    directory: Facilities,
    *,
    cost: CostLike = None,
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> Reach:
    """Bind demand points, facilities and a cost, to ask many things of them without building anything twice.

    Parameters
    ----------
    demand
        Where people are: a frame of demand points, whose index is the id, or places in words, as for
        [`nearest`][iopdir.nearest].
    directory
        Where care is given: a directory, or any frame of places.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines; ``"drive-estimate"`` for minutes
        by car, [estimated](../explanation/drive-estimate.md).
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    state
        Only the people of this state, or of several, in any case; facilities anywhere.
    **filters
        What facilities must state, as for [`Directory.select`][iopdir.Directory.select]; where they are is called
        `facility_state` and `facility_county`.

    Returns
    -------
    Reach
        Takes the place of demand, facilities, cost and filters in every measure.

    Raises
    ------
    CoordinateError
        If it is a bare pair of numbers, or columns and geometry contradict each other.
    UnknownNameError
        If a place, a column, a state, a filter or a facility of `capacity` is not known.
    KindError
        If demand or facilities are something else, such as each other.
    ValueError
        If a facility stands twice, a capacity is negative or missing, or filters come with a plain frame.

    Examples
    --------
    >>> import iopdir as iop
    >>> reach = iop.reach("60614", iop.demo_directory(), level_of_care="iop", payment="medicaid")
    >>> len(reach.nearest(k=3)), len(reach.within("5 mi")) > 3
    (3, True)
    """
    if isinstance(demand, Directory):
        raise KindError("demand", expected="places, or a frame of demand points", found="a Directory")
    kind = read_cost(cost)
    homes = read_points(demand, located=kind.located)
    known = homes.index
    about: dict[str, Any] = {}
    if state is not None:
        kept = homes[in_states(homes, state)]
        kept.attrs, homes, about = homes.attrs, kept, {"state": state_codes(state)}
    return Reach(
        demand=homes,
        people=replace(Points.of(homes), known=known),
        sites=sites(directory, capacity=capacity, located=kind.located, **filters),
        cost=kind,
        about=about,
    )


def bind(
    demand: PointsLike | Reach,
    directory: Facilities | None,
    *,
    cost: CostLike = None,
    capacity: Capacity = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> Reach:
    """Give the reach that a measure was handed, or bind what it was handed instead.

    Parameters
    ----------
    demand, directory, cost, capacity, state, **filters
        As for [`reach`][iopdir.reach]; with a reach in the place of `demand` only `capacity` and `state` may be given.

    Returns
    -------
    Reach
        That one, or a new one.

    Raises
    ------
    ValueError
        If a directory, a cost or filters come with a reach, or no directory without one.
    """
    if not isinstance(demand, Reach):
        if directory is None:
            raise ValueError("give facilities: a directory, or a frame of places; or a reach instead of both")
        return reach(demand, directory, cost=cost, capacity=capacity, state=state, **filters)
    given = {"directory": directory, "cost": cost, **filters}
    extra = [name for name, value in given.items() if value is not None]
    if extra:
        raise ValueError(f"a reach has its {' and '.join(extra)} already: give that to iop.reach")
    if state is not None:
        part = demand.part(in_states(demand.demand, state))
        demand = replace(part, about={**part.about, "state": state_codes(state)})
    return demand if capacity is None else demand.with_capacity(capacity)
