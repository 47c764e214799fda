"""Spatial accessibility: how much care there is within reach, and how many people share it.

All measures take demand points, facilities and either straight lines (the default, exact on WGS84) or a
[`CostMatrix`][iopdir.CostMatrix] of your own; supply is 1 a facility, or a capacity. They return one value a
demand point, in its order, with provenance. Supply that nobody can reach serves nobody: it adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias, Unpack

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.geography.points import coordinates
from iopdir.spatial.geodesy import FloatArray
from iopdir.travel.decay import Decay
from iopdir.travel.links import Links, link, list_pairs, measure_series, provenance_of
from iopdir.travel.matrix import CostMatrix, check_unit, read_limit
from iopdir.travel.nearest import Filters
from iopdir.travel.sites import people, place_tree, sites

__all__ = [
    "cumulative_opportunities",
    "enhanced_two_step_fca",
    "gravity",
    "modified_two_step_fca",
    "nearest_cost",
    "provider_to_population",
    "three_step_fca",
    "two_step_fca",
]

STEPS: Final = (10, 20, 30)
"""Default rings of the enhanced method: minutes with a matrix of times, as in PySAL `access` (flag S). Miles
otherwise, a choice of this package."""

WEIGHTS: Final = (1.0, 0.68, 0.22)
"""Weights of these rings, as in PySAL `access` (flag S), after Luo & Qi 2009 (flag M)."""

STEPS_3SFCA: Final = (10, 20, 30, 60)
"""Default rings of the three-step method, likewise."""

WEIGHTS_3SFCA: Final = (0.962, 0.704, 0.377, 0.042)
"""Weights of these rings, as in PySAL `access` (flag S), after Wan, Zou & Sternberg 2012."""

Supply: TypeAlias = Directory | pd.DataFrame
Capacity: TypeAlias = "str | pd.Series[Any] | None"


def nearest_cost(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    cost: CostMatrix | None = None,
    max_cost: str | float | None = None,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Measure the way to the nearest facility.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    cost
        A matrix instead of straight lines.
    max_cost
        Nothing beyond this, inclusive.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

    Returns
    -------
    DataFrame
        Indexed like `demand`: `facility_id`, `distance_m` (or `duration_min`), `inf` where there is none, and
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
    >>> demand = iop.demand_points("zcta", states="VT")
    >>> way = iop.measures.nearest_cost(demand, iop.demo_directory(), level_of_care="iop")
    >>> way["status"].unique().tolist(), list(way)
    (['ok'], ['facility_id', 'distance_m', 'status'])
    """
    from iopdir.spatial.knn import nearest_batch

    supply = sites(directory, located=cost is None, **filters)
    unit, limit = read_limit(max_cost, cost, "max_cost")
    if cost is None:
        index, metres = nearest_batch(supply.tree(), *coordinates(demand), max_distance_m=limit)
        which, least = index[:, 0], metres[:, 0]
    else:
        which, least = np.full(len(demand), -1, dtype=np.int64), np.full(len(demand), np.inf)
        origin, site, amount = list_pairs(demand, supply, cost, limit)
        order = np.lexsort((site, amount, origin))
        rows, first = np.unique(origin[order], return_index=True)
        which[rows], least[rows] = site[order][first], amount[order][first]
    missing = "no_facility" if supply.table.empty else "beyond_cap"
    table = pd.DataFrame(
        {
            "facility_id": supply.table.index.array.take(which, allow_fill=True),
            "distance_m" if unit == "m" else "duration_min": least,
            "status": pd.array(np.where(which >= 0, "ok", missing), dtype="str"),
        },
        index=demand.index,
    )
    table.attrs["provenance"] = provenance_of(demand, supply, cost, max_cost=max_cost)
    return table


def cumulative_opportunities(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    catchment: str | float | None = None,
    cost: CostMatrix | None = None,
    capacity: Capacity = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Count what is within reach of each demand point: `A_i = sum_j S_j` over `c_ij <= catchment`.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    catchment
        How far, inclusive: ``"30 mi"`` by default, ``"30 min"`` with a matrix of times.
    cost
        A matrix instead of straight lines.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

    Returns
    -------
    Series
        Indexed like `demand`: facilities, or units of capacity; 0 where there is none.

    Raises
    ------
    CoordinateError
        If a demand point is not on Earth.
    UnitError
        If the catchment is in another unit than the costs.

    Notes
    -----
    The isochronic measure of Wachs & Kumagai 1973, Socio-Economic Planning Sciences 7:437-456 (flag M).

    Examples
    --------
    >>> import iopdir as iop
    >>> town = pd.DataFrame({"lon": [0.0], "lat": [0.0]}, index=["town"])
    >>> clinics = pd.DataFrame({"lon": [0.1, 0.2, 9.0], "lat": 0.0})
    >>> iop.measures.cumulative_opportunities(town, clinics, catchment="30 km").to_dict()
    {'town': 2.0}
    """
    decay = _disk(catchment, cost)
    supply = sites(directory, capacity=capacity, located=cost is None, **filters)
    values = link(demand, supply, decay, cost).to_people(supply.capacity)
    return measure_series(values, "cumulative_opportunities", demand, supply, cost, **_about(decay, capacity))


def gravity(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    decay: Decay | None = None,
    cost: CostMatrix | None = None,
    capacity: Capacity = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Add up the facilities around each demand point, near ones more: `A_i = sum_j S_j f(c_ij)`.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    decay
        How the weight falls. By default with the inverse of the cost beyond a mile (minute), up to 30 of them:
        a choice of this package.
    cost
        A matrix instead of straight lines.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

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
    word = _word(cost)
    decay = decay or Decay.power(f"1 {word}", limit=f"30 {word}")
    supply = sites(directory, capacity=capacity, located=cost is None, **filters)
    values = link(demand, supply, decay, cost).to_people(supply.capacity)
    return measure_series(values, "gravity", demand, supply, cost, **_about(decay, capacity))


def provider_to_population(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    catchment: str | float | None = None,
    cost: CostMatrix | None = None,
    neighbours: CostMatrix | None = None,
    population: str = "population",
    capacity: Capacity = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Divide the supply by the people within reach of each demand point, themselves included.

    `A_i = sum_j S_j / sum_k P_k`, facilities *j* with `c_ij <= catchment`, people *k* with `c_ik <= catchment`.
    Unlike the floating catchments below it overlooks that people beyond come to the same facilities.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    catchment
        How far, inclusive: ``"30 mi"`` by default, ``"30 min"`` with a matrix of times.
    cost, neighbours
        Matrices instead of straight lines, both or none: to facilities, and between demand points (each to
        itself too).
    population
        Column of people.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

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
    >>> iop.measures.provider_to_population(towns, clinic, catchment="20 km").to_dict()
    {'a': 0.025, 'b': 0.025}
    """
    if (cost is None) != (neighbours is None):
        raise ValueError("give both cost and neighbours, or none of them")
    decay = _disk(catchment, cost)
    supply = sites(directory, capacity=capacity, located=cost is None, **filters)
    count = people(demand, population)
    offered = link(demand, supply, decay, cost).to_people(supply.capacity)
    if neighbours is None:
        from iopdir.spatial.rings import ring_sums

        tree = place_tree(demand)
        wanting = ring_sums(tree, tree.lon, tree.lat, [decay.limit], weights=count)[:, 0]
    else:
        check_unit(decay.unit, neighbours, "the catchment")
        here, there, amount = neighbours.positions(demand.index, demand.index)
        near = amount <= decay.limit
        wanting = np.bincount(here[near], count[there[near]], minlength=count.size).astype(float)
    return measure_series(
        _divide(offered, wanting),
        "provider_to_population",
        demand,
        supply,
        cost,
        **_about(decay, capacity, population=population),
    )


def two_step_fca(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    catchment: str | float | None = None,
    cost: CostMatrix | None = None,
    population: str = "population",
    capacity: Capacity = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Share each facility among the people around it, then add up what each place is given (2SFCA).

    `R_j = S_j / sum_k P_k` over people within the catchment of facility *j*, and `A_i = sum_j R_j` over
    facilities within the catchment of place *i*.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    catchment
        How far, inclusive: ``"30 mi"`` by default, ``"30 min"`` with a matrix of times.
    cost
        A matrix instead of straight lines.
    population
        Column of people.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

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
        If the catchment is in another unit than the costs.

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
    decay = _disk(catchment, cost)
    return _float(demand, directory, "two_step_fca", decay, cost, population, capacity, filters)


def enhanced_two_step_fca(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    rings: Sequence[str | float] | None = None,
    weights: Sequence[float] | None = None,
    decay: Decay | None = None,
    cost: CostMatrix | None = None,
    population: str = "population",
    capacity: Capacity = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Share facilities like `two_step_fca`, but near people and near facilities count more (E2SFCA).

    `R_j = S_j / sum_k P_k f(c_kj)` and `A_i = sum_j R_j f(c_ij)`, where *f* falls in steps, or smoothly.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    rings, weights
        Outer edges, inclusive, and the weight in each; by default 10, 20 and 30 miles (minutes with a matrix
        of times) with 1, 0.68 and 0.22.
    decay
        Another function instead, such as `Decay.gaussian("10 mi", limit="30 mi")`.
    cost
        A matrix instead of straight lines.
    population
        Column of people.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

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
    chosen = _choose(rings, weights, decay, cost, STEPS, WEIGHTS)
    return _float(demand, directory, "enhanced_two_step_fca", chosen, cost, population, capacity, filters)


def modified_two_step_fca(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    rings: Sequence[str | float] | None = None,
    weights: Sequence[float] | None = None,
    decay: Decay | None = None,
    cost: CostMatrix | None = None,
    population: str = "population",
    capacity: Capacity = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Share facilities like `enhanced_two_step_fca`, but let distance itself cost access (M2SFCA).

    `A_i = sum_j S_j f(c_ij)^2 / sum_k P_k f(c_kj)`. Where everybody lives far from care the enhanced method shares
    all of it out all the same; here part of it is lost.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    rings, weights, decay
        As for [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca].
    cost
        A matrix instead of straight lines.
    population
        Column of people.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

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
    chosen = _choose(rings, weights, decay, cost, STEPS, WEIGHTS)
    return _float(
        demand, directory, "modified_two_step_fca", chosen, cost, population, capacity, filters, squared=True
    )


def three_step_fca(
    demand: pd.DataFrame,
    directory: Supply,
    *,
    rings: Sequence[str | float] | None = None,
    weights: Sequence[float] | None = None,
    decay: Decay | None = None,
    catchment: str | float | None = None,
    cost: CostMatrix | None = None,
    population: str = "population",
    capacity: Capacity = None,
    **filters: Unpack[Filters],
) -> pd.Series[Any]:
    """Share facilities among people who split themselves between those they reach (3SFCA).

    `G_ij = f(c_ij) / sum_l f(c_il)`, `R_j = S_j / sum_k G_kj P_k f(c_kj)` and `A_i = sum_j G_ij R_j f(c_ij)`.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directory
        Facilities.
    rings, weights
        As for [`enhanced_two_step_fca`][iopdir.enhanced_two_step_fca]; by default 10, 20, 30 and 60 miles
        (minutes with a matrix of times) with 0.962, 0.704, 0.377 and 0.042.
    decay
        Another function instead.
    catchment
        A narrower limit, inclusive: people still choose among all facilities that the decay reaches, but only
        those within the catchment count afterwards (`max_cost` of PySAL `access`). None, as in the paper, for no
        other limit than the decay's.
    cost
        A matrix instead of straight lines.
    population
        Column of people.
    capacity
        Column of the facilities, or a series by facility id; 1 a facility by default.
    **filters
        Of the facilities, as for [`Directory.select`][iopdir.Directory.select].

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
    chosen = _choose(rings, weights, decay, cost, STEPS_3SFCA, WEIGHTS_3SFCA)
    supply = sites(directory, capacity=capacity, located=cost is None, **filters)
    links = link(demand, supply, chosen, cost)
    choices = links.to_people(np.ones(supply.capacity.size))
    counted = links if catchment is None else link(demand, supply, chosen.within(catchment), cost)
    twice = counted.squared()  # the weight enters once as a choice and once as a cost
    coming = twice.to_sites(_divide(people(demand, population), choices))
    given = twice.to_people(_divide(supply.capacity, coming))
    return measure_series(
        _divide(given, choices),
        "three_step_fca",
        demand,
        supply,
        cost,
        **_about(chosen, capacity, population=population, catchment=catchment),
    )


def _float(
    demand: pd.DataFrame,
    directory: Supply,
    name: str,
    decay: Decay,
    cost: CostMatrix | None,
    population: str,
    capacity: Capacity,
    filters: Filters,
    *,
    squared: bool = False,
) -> pd.Series[Any]:
    """Run the two steps that all but the third method share."""
    supply = sites(directory, capacity=capacity, located=cost is None, **filters)
    links: Links = link(demand, supply, decay, cost)
    coming = links.to_sites(people(demand, population))
    values = (links.squared() if squared else links).to_people(_divide(supply.capacity, coming))
    about = _about(decay, capacity, population=population)
    return measure_series(values, name, demand, supply, cost, **about)


def _divide(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divide, and give 0 where there is nobody to divide among."""
    return np.divide(part, whole, out=np.zeros(part.size), where=whole > 0)


def _word(cost: CostMatrix | None) -> str:
    return "min" if cost is not None and cost.unit == "min" else "mi"


def _disk(catchment: str | float | None, cost: CostMatrix | None) -> Decay:
    return Decay.step([f"30 {_word(cost)}" if catchment is None else catchment], [1.0])


def _choose(
    rings: Sequence[str | float] | None,
    weights: Sequence[float] | None,
    decay: Decay | None,
    cost: CostMatrix | None,
    steps: Sequence[int],
    heights: Sequence[float],
) -> Decay:
    if decay is not None:
        if rings is not None or weights is not None:
            raise ValueError("give a decay, or rings and weights, not both")
        return decay
    if (rings is None) != (weights is None):
        raise ValueError("give both rings and weights, or none of them")
    if rings is None or weights is None:
        return Decay.step([f"{edge} {_word(cost)}" for edge in steps], heights)
    return Decay.step(rings, weights)


def _about(decay: Decay, capacity: Capacity, **parameters: object) -> dict[str, Any]:
    named = capacity if isinstance(capacity, str) else "1 a facility" if capacity is None else "a series"
    return {"decay": str(decay), "capacity": named, **parameters}
