"""Every choice at once: an outcome under each combination of measure, limit, decay, listing and cost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import product
from typing import Any, Final, Unpack, get_args

import numpy as np
import pandas as pd

from iopdir.errors import UnitError, UnknownNameError
from iopdir.geography.areas import By
from iopdir.measures.choices import MEASURES, DecayName, Kind, Outcome, decay_within, score
from iopdir.measures.curve import CHOICES, NOT_USED, SpecificationCurve, judge_areas
from iopdir.measures.opportunity import word
from iopdir.measures.uncertainty import check_probabilities
from iopdir.progress import each
from iopdir.provenance import Provenance, merge_sources
from iopdir.spatial.geodesy import FloatArray
from iopdir.text import texts
from iopdir.travel.binding import bind
from iopdir.travel.cost import BoolArray, CostLike, parse_cost
from iopdir.travel.decay import Decay
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Capacity, Facilities, Filters, people

__all__ = ["specification_curve"]

_USUAL: Final = (
    "nearest_cost", "cumulative_opportunities", "gravity", "two_step_fca", "enhanced_two_step_fca",
    "modified_two_step_fca", "three_step_fca",
)  # fmt: skip
_PLACEMENTS: Final = {"as listed": (), "addresses only": ("precision",), "at random": ("precision", "zip")}
"""Placement -> columns of the facilities that it needs."""


def specification_curve(
    demand: pd.DataFrame,
    directories: Facilities | Mapping[str, Facilities],
    *,
    measures: str | Sequence[str] = _USUAL,
    thresholds: str | float | Sequence[str | float] | None = None,
    decays: DecayName | Decay | Sequence[DecayName] | Mapping[str, Decay] = (
        "step",
        "gaussian",
        "exponential",
    ),
    capacity: Capacity | Sequence[str | None] | Mapping[str, Capacity] = None,
    placement: str | Sequence[str] = "as listed",
    listing_active: float | Sequence[float] = 1.0,
    cost: CostLike | Sequence[CostLike] | Mapping[str, CostLike] = None,
    vintage: Mapping[str, pd.DataFrame] | None = None,
    outcome: Outcome = "share of people in the lowest fifth",
    group: str = "poverty",
    reference: str = "population",
    population: str = "population",
    by: By | None = "county",
    seed: int = 0,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> SpecificationCurve:
    """Ask one question under every combination of choices.

    Parameters
    ----------
    demand
        Demand points; the index is the id.
    directories
        Facilities, or several listings by name.
    measures
        Names of functions of `iop.measures`, see `MEASURES`; with the choices that a measure does not know it
        stands once.
    thresholds
        Outermost limits, each for the costs in its unit; 15, 30 and 45 miles, or minutes, if not given.
    decays
        How the weight falls, by name (see [`decay_within`][iopdir.measures.decay_within]), or decays by name, which
        are cut at the threshold.
    capacity
        Column of the facilities, or several; or capacities by name. None is 1 a facility.
    placement
        ``"as listed"``, ``"addresses only"`` (without facilities known only by their ZIP), ``"at random"`` (these
        drawn once from `seed`, anywhere within their room: see [uncertainty](../explanation/uncertainty.md)), or
        several.
    listing_active
        Chances that a listing stands for care. Which do is drawn once from `seed`: those that stand at a lower chance
        stand at a higher one.
    cost
        None for straight lines, ``"drive-estimate"``, matrices or roads; several, or by name.
    vintage
        People of other years at the same demand points, by name, instead of those of `demand`.
    outcome
        ``"share of people in the lowest fifth"``: of the group, in the fifth of all people with least access (20 % if
        nothing sets it apart). ``"gap between groups"``: mean place in the order of access, 0 to 1, of the group
        less that of the reference. ``"share of people with none"``: of the group, with nothing within the threshold.
    group, reference
        Columns of people to compare.
    population
        Column of all people: who competes, and who is ranked.
    by
        Areas that get a verdict: the lowest if at least half of their people are in the lowest fifth. None for none.
    seed
        For `listing_active` and for placement at random.
    state
        Only the people of this state, or of several.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    SpecificationCurve
        Its `table` has a row a specification: `directory, vintage, cost, placement, listing_active, threshold,
        capacity, measure, decay` (``"-"`` where a measure does not know the choice), `outcome`, and `difference`
        between the mean scores of group and reference.

    Raises
    ------
    UnknownNameError
        If a measure, decay, placement, outcome or column is not known.
    UnitError
        If no threshold is in the unit of a cost.
    ValueError
        If a chance is not one, vintages are of other demand points, a choice is empty, a group has nobody, or a
        matrix says how far facilities are that shall be put at random.

    Notes
    -----
    Simonsohn, Simmons & Nelson 2020, Nature Human Behaviour 4:1208-1214. Equals share a place: where the fifth ends
    among people with the same access, each of them is in it by the same part. A reach is built once for each listing,
    cost, vintage, placement and chance.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = iop.demand_points("zcta", state="VT")
    >>> curve = iop.specification_curve(demand, iop.demo_directory(), thresholds=["15 mi", "30 mi"])
    >>> curve
    SYNTHETIC SpecificationCurve of 30 specifications, poverty against population
    >>> curve.variance_shares()["share"].sum().round(6).item()
    1.0
    """
    if outcome not in get_args(Outcome):
        raise UnknownNameError("outcome", outcome, get_args(Outcome))
    for name in (asked := [measures] if isinstance(measures, str) else list(measures)):
        if name not in MEASURES:
            raise UnknownNameError("measure", name, MEASURES)
    chosen = _Choices(
        measures=asked,
        thresholds=None if thresholds is None else list(_named(thresholds, "").values()),
        decays=_named(decays, ""),
        capacity=_named(capacity, "1 each"),
        population=population,
    )
    demands = {"as given": demand} if vintage is None else dict(vintage)
    rows: list[dict[str, Any]] = []
    scores: list[FloatArray] = []
    lowest: list[FloatArray] = []
    sources: list[Any] = []
    places: dict[str, Reach] = {}
    for about, reach in _reaches(
        demands, directories if isinstance(directories, Mapping) else {"listing": directories},
        _named(cost, "straight lines"), placement, listing_active,
        seed=seed, state=state, filters=filters,
    ):  # fmt: skip
        first = next(iter(places.values()), reach)
        if not reach.people.ids.equals(first.people.ids):
            raise ValueError(
                f"vintage {about['vintage']!r} has other demand points: their ids must be the same"
            )
        places.setdefault(about["vintage"], reach)
        sources += reach.provenance().sources
        count = reach.count_people(population)
        for choices, ask in each(list(_cells(reach, chosen)), "Asking under each choice"):
            access = ask()
            rows.append(about | choices)
            found = score(access, count)
            lowest.append(found["share of people in the lowest fifth"])
            scores.append(found[outcome])
    if not rows:
        raise ValueError("every choice must offer something: there is no specification")
    table = texts(pd.DataFrame(rows)[list(CHOICES)])
    kept = {name: reach.demand for name, reach in places.items()}
    curve = SpecificationCurve(
        table=table,
        scores=np.array(scores),
        demands=kept,
        group=group,
        reference=reference,
        population=population,
    )
    table["difference"] = curve._differences((group, reference))[:, 0]
    of_group = [
        each @ people(kept[name], group) / people(kept[name], group).sum()
        for name, each in zip(table["vintage"], scores, strict=True)
    ]
    table.insert(
        len(CHOICES), "outcome", table["difference"] if outcome == "gap between groups" else of_group
    )
    table.attrs["provenance"] = Provenance.of(
        merge_sources(sources),
        outcome=outcome,
        group=group,
        reference=reference,
        population=population,
        seed=seed,
    ).to_dict()
    if by is not None:
        vars(curve)["areas"] = _areas(places, by, table, lowest, population)
    return curve


@dataclass(frozen=True, kw_only=True)
class _Choices:
    """What can be chosen on one reach."""

    measures: list[str]
    thresholds: list[str | float] | None
    decays: dict[str, Any]
    capacity: dict[str, Any]
    population: str


def _named(given: object, nothing: str) -> dict[str, Any]:
    """Name the offers of one choice: a mapping has names, others are called what they say."""
    if isinstance(given, Mapping):
        return {str(name): value for name, value in given.items()}
    if isinstance(given, list | tuple):
        return {nothing if value is None else str(value): value for value in given}
    if isinstance(given, str | int | float):
        return {str(given): given}
    if isinstance(given, pd.Series):
        return {"a series" if given.name is None else str(given.name): given}
    return {nothing if given is None else str(given): given}


def _reaches(
    demands: Mapping[str, pd.DataFrame],
    directories: Mapping[str, Any],
    costs: Mapping[str, Any],
    placement: str | Sequence[str],
    listing_active: float | Sequence[float],
    *,
    seed: int,
    state: str | Iterable[str] | None,
    filters: Filters,
) -> Iterator[tuple[dict[str, Any], Reach]]:
    """Bind each listing, cost and vintage once, and take away what a placement or a chance leaves out."""
    placements = [placement] if isinstance(placement, str) else list(placement)
    chances = [listing_active] if isinstance(listing_active, int | float) else list(listing_active)
    for chance in chances:
        check_probabilities(chance)
    for (vintage, demand), (listing, directory), (name, cost) in product(
        demands.items(), directories.items(), costs.items()
    ):
        whole = bind(demand, directory, cost=cost, state=state, **filters)
        draw = np.random.default_rng(seed).random(len(whole.sites))
        for placed, chance in product(placements, chances):
            here, kept = _put(whole, placed, seed)
            lost: list[Hashable] = list(whole.sites.ids[~(kept & (draw < chance))])
            about = {"directory": listing, "vintage": vintage, "cost": name, "placement": placed}
            reach = here.close(lost) if lost else here
            _keep_pairs(reach)
            yield {**about, "listing_active": float(chance)}, reach


def _put(reach: Reach, placement: str, seed: int) -> tuple[Reach, BoolArray]:
    """Put the facilities where a placement has them, and say which it keeps."""
    if placement not in _PLACEMENTS:
        raise UnknownNameError("placement", placement, _PLACEMENTS)
    for column in _PLACEMENTS[placement]:
        if column not in reach.sites.table:
            raise UnknownNameError("column", column, map(str, reach.sites.table.columns))
    if placement == "addresses only":
        return reach, (reach.sites.table["precision"] == "address").to_numpy()
    everyone = np.ones(len(reach.sites), dtype=bool)
    if placement == "as listed":
        return reach, everyone
    if not reach.cost.located:
        raise ValueError(f"{reach.cost!r} says how far facilities are: they cannot be put at random")
    return replace(reach, sites=reach.sites.scatter(np.random.default_rng((seed, 1)))), everyone


def _keep_pairs(reach: Reach) -> None:
    """Let the ways of a reach remember the pairs they listed last; listed costs have them at hand."""
    if hasattr(reach.ways, "__dict__"):
        vars(reach.ways)["pairs"] = lru_cache(maxsize=1)(reach.ways.pairs)


def _cells(reach: Reach, chosen: _Choices) -> Iterator[tuple[dict[str, Any], Callable[[], FloatArray]]]:
    """List every measure of a reach under each choice that it knows, and how to ask for it; more is better."""
    given = chosen.thresholds or [f"{edge} {word(reach)}" for edge in (15, 30, 45)]
    fitting = [threshold for threshold in given if parse_cost(threshold)[1] == reach.unit]
    if not fitting:
        raise UnitError(
            f"no threshold is in {reach.unit}, the unit of {reach.cost!r}: {', '.join(map(str, given))}"
        )
    for threshold in fitting:
        decays = {
            name: value.within(threshold) if isinstance(value, Decay) else decay_within(value, threshold)
            for name, value in chosen.decays.items()
        }
        for position, (offered, capacity) in enumerate(chosen.capacity.items()):
            supplied = reach if capacity is None else reach.with_capacity(capacity)
            vars(supplied)["ways"] = reach.ways
            for name in chosen.measures:
                kind = MEASURES[name]
                if position and not kind.capacity:
                    continue
                for decay_name, decay in (decays if kind.decays else {NOT_USED: threshold}).items():
                    extra = {"population": chosen.population} if kind.people else {}
                    ask = partial(_ask, kind, supplied, {kind.limit: decay, **extra})
                    choices = {
                        "threshold": str(threshold),
                        "capacity": offered if kind.capacity else NOT_USED,
                        "measure": name,
                        "decay": decay_name,
                    }
                    yield choices, ask


def _ask(kind: Kind, reach: Reach, options: Mapping[str, Any]) -> FloatArray:
    return kind.access(kind.ask(reach, **options))


def _areas(
    places: Mapping[str, Reach], by: By, table: pd.DataFrame, lowest: list[FloatArray], population: str
) -> pd.DataFrame:
    """Judge each area under each specification: at least half of its people in the lowest fifth."""
    verdicts = []
    for vintage, reach in places.items():
        homes = reach.homes()
        areas = homes.areas(by, reach.demand, reach.sites.table)
        live = reach.count_people(population)[homes.point] * homes.weight
        here = areas.of_people >= 0
        row, point, live = areas.of_people[here], homes.point[here], live[here]
        counts = np.bincount(row, live, minlength=len(areas.labels)).astype(float)
        for position in np.flatnonzero(table["vintage"] == vintage):
            held = np.bincount(row, live * lowest[position][point], minlength=len(areas.labels))
            verdicts.append(2 * held >= counts)
    result = judge_areas(areas.labels, counts, np.array(verdicts))
    result.attrs = dict(table.attrs)
    return result
