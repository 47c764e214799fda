"""Where to open: so many sites, or as few as will do, beside those there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, Unpack, get_args

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import UnknownNameError
from iopdir.extras import require
from iopdir.geography.areas import By
from iopdir.geography.points import PointsLike, state_codes
from iopdir.progress import during
from iopdir.scenarios.opening import planned
from iopdir.scenarios.outcome import Method, Outcome
from iopdir.scenarios.plan import Plan
from iopdir.scenarios.problem import Problem, meet, read_candidates
from iopdir.scenarios.question import Objective, Question
from iopdir.scenarios.reaching import in_order
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.standards.parse import parse_standard
from iopdir.standards.standard import Standard
from iopdir.travel.binding import bind
from iopdir.travel.cost import BoolArray, CostLike
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Facilities, Filters, Sites, narrow

__all__ = ["site"]

_COUNTED: Final = ("coverage", "mean_cost", "worst_cost", "equity")
"""Objectives that spend a number of sites; the others find it."""
_PAYABLE: Final = ("coverage", "mean_cost", "all", "standard")


def site(
    demand: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    n: int | None = None,
    standard: str | Standard | None = None,
    objective: Objective = "coverage",
    method: Method = "optimal",
    candidates: Facilities | None = None,
    within: str | Iterable[str] | None = None,
    population: str = "population",
    share: float = 1.0,
    by: By = "county",
    groups: Sequence[str] | None = None,
    price: str | pd.Series[Any] | None = None,
    budget: float | None = None,
    capacity: str | pd.Series[Any] | None = None,
    cost: CostLike = None,
    seconds: float = 60.0,
    draws: int = 0,
    seed: int = 0,
    territories: bool = False,
    **filters: Unpack[Filters],
) -> Plan:
    """Find where new sites would do most. Existing ones stay where they are.

    Parameters
    ----------
    demand, directory
        Who needs care and where it is given, as for [`coverage_gaps`][iopdir.coverage_gaps]; or a
        [`Reach`][iopdir.reach] instead of both, cost and filters.
    n
        How many sites. For ``"all"`` and ``"standard"``, which find the number, the most that may open.
    standard
        What it means to be reached: a distance, a time, a name, a [`Standard`][iopdir.Standard]; ``"30 mi"`` by
        default, ``"30 min"`` where costs are in minutes.
    objective
        - ``"coverage"``: the most people newly reached (maximal covering, MCLP)
        - ``"all"``: the fewest sites that reach everybody, or `share` of all people (set covering, LSCP)
        - ``"mean_cost"``: the least mean cost to the nearest site (p-median)
        - ``"worst_cost"``: the least cost of whoever has it worst (p-center)
        - ``"equity"``: the worst-served county (or area, or group) first: the least share within as large as can be,
          then the most people
        - ``"standard"``: the fewest sites with which every county passes the standard
    method
        ``"optimal"``: proven best, by HiGHS; ``"greedy"``: always the best next site, in a fraction of the time, with a
        bound that says how good that is.
    candidates
        Where sites may open; the demand points by default. A directory or frame of other places, such as
        ``directory.select(level_of_care="outpatient")``; those that are open already are left out.
    within
        Only the people, and only candidates, of this state or of several; existing sites anywhere.
    population
        Column of people.
    share
        Of people to be reached, for ``"all"``; for ``"standard"`` in each county, where the standard does not say.
    by, groups
        Whom ``"equity"`` compares: ``"county"``, ``"state"``, polygons; or columns of people.
    price, budget
        What each candidate costs (a column of the candidates, or a series by id), and what all may cost. With
        ``"all"`` and ``"standard"`` the cheapest sites are sought instead of the fewest.
    capacity
        How many people each candidate can take, likewise; only for ``"coverage"``.
    cost, **filters
        As for [`reach`][iopdir.reach]. A matrix must list the candidates too.
    seconds
        How long to look for the proven best before the best found is returned with its bound.
    draws, seed
        For [`Plan.with_stability`][iopdir.scenarios.Plan]; none by default.
    territories
        Count Puerto Rico and the island areas where they come together with states.

    Returns
    -------
    Plan
        `sites` in order, `gain` (people newly reached), `bound` (for ``"coverage"`` on that gain), `curve`, `table`,
        `to_directory()`, `map()`, `chart()`.

    Raises
    ------
    MissingExtraError
        If the best plan is asked for and the extra `siting` is not installed.
    UnknownNameError
        If an objective, method, standard, column, state or filter is not known.
    UnitError
        If standard and costs are in different units.
    CoordinateError
        If a demand point is not on Earth.
    ValueError
        If a standard asks for several facilities, there is no `n` or budget where one is needed, a number is wrong,
        an id stands twice, or an option does not go with the objective.

    Notes
    -----
    Only people who are outside now, and pairs within the standard, enter; people with the same candidates are put
    together, and candidates who reach nobody another one does not reach are dropped: the optimum stays the same.
    Of equally good sites the westernmost comes first, so that the order of rows decides nothing.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> plan = iop.site(demand, iops, n=3, standard="30 mi")
    >>> plan.status, len(plan), plan.gain == plan.bound == float(plan.sites["people"].sum())
    ('optimal', 3, True)
    >>> len(plan.to_directory()) - len(iops)
    3
    >>> quick = iop.site(demand, iops, n=3, standard="30 mi", method="greedy")
    >>> quick.gain <= plan.gain <= quick.bound
    True
    """
    for kind, word, known in (
        ("objective", objective, get_args(Objective)), ("method", method, get_args(Method)),
    ):  # fmt: skip
        if word not in known:
            raise UnknownNameError(kind, str(word), known)
    if method == "optimal":
        require("siting")
    _check(objective, n, budget, share, price, capacity, seconds)
    states = None if within is None else state_codes(within)
    reach = bind(demand, directory, cost=cost, state=states, **filters)
    places, kept = read_candidates(reach, candidates, states)
    reach = meet(reach, places.known)
    limit = ("30 mi" if reach.unit == "m" else "30 min") if standard is None else standard
    rule = parse_standard(limit)
    if rule.count is not None or rule.min_providers > 1:
        raise ValueError(f"{rule.name}: plans are made for standards by which one facility is enough")
    question = Question(
        reach=reach,
        rule=rule,
        candidates=places,
        objective=objective,
        method=method,
        n=n,
        price=_amounts(places, price, "price"),
        budget=np.inf if budget is None else float(budget),
        room=_amounts(places, capacity, "capacity"),
        seconds=seconds,
        share=share,
        by=by,
        groups=None if groups is None else list(groups),
        population=population,
        territories=territories,
    )
    existing = directory if isinstance(directory, Directory) else None
    plan = _plan(
        question, reach.sites.table if existing is None else narrow(existing, filters), int((~kept).sum())
    )
    return plan.with_stability(draws, seed=seed) if draws else plan


def _check(
    objective: str,
    n: int | None,
    budget: float | None,
    share: float,
    price: object,
    capacity: object,
    seconds: float,
) -> None:
    """Refuse what does not go together."""
    if n is not None and n < 0:
        raise ValueError(f"n must be 0 or more, not {n}")
    if n is None and budget is None and objective in _COUNTED:
        raise ValueError(f"say how many sites: n=10, or a budget, for objective={objective!r}")
    if (price is None) != (budget is None) and objective in _COUNTED:
        raise ValueError("a price needs a budget, and a budget the price of each candidate")
    if price is not None and objective not in _PAYABLE:
        raise ValueError(f"objective={objective!r} knows no prices: {', '.join(_PAYABLE)} do")
    if budget is not None and (objective not in _COUNTED or not budget >= 0):
        raise ValueError(f"a budget goes with coverage or mean_cost and is 0 or more, not {budget}")
    if capacity is not None and objective != "coverage":
        raise ValueError(f"objective={objective!r} knows no capacities: coverage does")
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share}")
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, not {seconds}")


def _amounts(places: Sites, given: str | pd.Series[Any] | None, what: str) -> FloatArray | None:
    """Read one amount a candidate."""
    if given is None:
        return None
    try:
        return places.with_capacity(given).capacity
    except UnknownNameError as error:
        raise UnknownNameError(f"{what} of a candidate:", error.name, error.known) from None


@during("Looking for the best sites")
def _plan(question: Question, existing: Directory | pd.DataFrame, left_out: int) -> Plan:
    """Answer, and tell the answer in people."""
    problem = question.problem()
    cover = question.cover(problem)
    found = question.answer(problem, cover)
    status = found.status
    if found.gains is None:
        chosen, gains = in_order(cover, found.sites)
        if question.objective in ("all", "standard") and question.n is not None and len(chosen) > question.n:
            chosen, gains, status = chosen[: question.n], gains[: question.n], "infeasible"
    else:
        chosen, gains = found.sites, found.gains
    new = planned(question.reach, question.candidates.table.iloc[chosen])
    about = question.about(status=status, value=found.value, bound=found.bound, candidates_left_out=left_out)
    sign = replace(question.reach, about={**question.reach.about, **about}).sign
    sources = question.candidates.sources
    table = sign(_sites(question.candidates, chosen, gains, new.index))
    known = table.attrs["provenance"]["sources"]
    more = question.reach.provenance(*sources).to_dict()["sources"]
    table.attrs["provenance"]["sources"] = [*known, *(one for one in more if one not in known)]
    return Plan(
        sites=table,
        gain=float(sum(gains)),
        value=found.value,
        bound=found.bound,
        objective=question.objective,
        method=question.method,
        status=status,
        curve=sign(_curve(gains, found)),
        unreachable=sign(_unreachable(problem, found)),
        new_sites=new,
        existing=existing,
        reach=question.reach,
        rule=question.rule,
        question=question,
    )


def _sites(places: Sites, chosen: IntArray, gains: list[float], ids: pd.Index[Any]) -> pd.DataFrame:
    """Say what is known of each new site."""
    known = places.table.iloc[chosen]
    shown = [name for name in ("name", "city", "state", "zip", "county_fips", "vintage") if name in known]
    return pd.DataFrame(
        {
            "order": np.arange(1, len(chosen) + 1),
            "facility_id": ids,
            "people": gains,
            "cumulative": np.cumsum(gains),
            "stability": np.nan,
            "stand_in": np.nan,
            "lon": known["lon"].to_numpy(),
            "lat": known["lat"].to_numpy(),
            **{name: known[name].to_numpy() for name in shown},
        },
        index=known.index if known.index.name is not None else known.index.rename("candidate"),
    )


def _curve(gains: list[float], found: Outcome) -> pd.DataFrame:
    bounds = np.full(len(gains), np.nan) if found.bounds is None else found.bounds[: len(gains)]
    return pd.DataFrame(
        {
            "sites": np.arange(len(gains) + 1),
            "people": np.append(0.0, np.cumsum(gains)),
            "bound": np.append(0.0, bounds),
        }
    )


def _unreachable(problem: Problem, found: Outcome) -> pd.DataFrame:
    """Name who can never be reached, and from where."""
    entries, reach = problem.entries(), problem.reach
    mask: BoolArray = np.zeros(len(reach.people), dtype=bool)
    mask[found.unreached] = True
    where = np.flatnonzero(mask)
    people = np.bincount(entries.point, entries.weight, minlength=mask.size)[where]
    near = np.full(where.size, np.nan)
    if where.size and len(problem.candidates):
        cost = problem.ways_from(where).ways.nearest(1, np.inf)[1][:, 0]
        near = np.where(np.isinf(cost), np.nan, cost)
    demand = reach.demand.iloc[where]
    shown = [name for name in ("state", "county_fips", "vintage") if name in demand]
    table = pd.DataFrame(
        {
            "people": people,
            "lon": reach.people.lon[where],
            "lat": reach.people.lat[where],
            **{name: demand[name].to_numpy() for name in shown},
            f"nearest_candidate_{reach.unit}": near,
        },
        index=demand.index,
    )
    return table.sort_values("people", ascending=False, kind="stable")
