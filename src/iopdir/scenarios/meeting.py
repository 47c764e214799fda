"""Meet a target with the fewest sites: everybody, a share of everybody (LSCP), or what a standard requires by county.

C. Toregas, R. Swain, C. ReVelle and L. Bergman, *The location of emergency service facilities*, 1971,
doi:10.1287/opre.19.6.1363.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from iopdir.scenarios.greedy import fewest
from iopdir.scenarios.instance import Instance
from iopdir.scenarios.outcome import Limits, Method, Outcome, Status
from iopdir.scenarios.problem import Problem
from iopdir.scenarios.program import Program
from iopdir.scenarios.reaching import reach_rows
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["everybody", "meet_target", "standard"]

_ENOUGH = 1e-9


def everybody(problem: Problem, share: float, limits: Limits, method: Method) -> Outcome:
    """Choose the fewest sites that reach everybody, or a share of all people.

    Parameters
    ----------
    problem
        Who is asked about.
    share
        Of all people, above 0, at most 1.
    limits
        What sites cost, how long to look; not how many.
    method
        ``"greedy"`` or ``"optimal"``.

    Returns
    -------
    Outcome
        `value` is how many sites, or what they cost; with status ``"infeasible"`` it is what those who can be reached
        need.
    """
    entries = problem.entries()
    reached = problem.reached(entries)
    base, lonely = problem.to_reach(entries, reached)
    needed = share * float(entries.weight.sum()) - float(entries.weight[reached].sum())
    return _target(base, np.array([needed]), entries.point[lonely], limits, method)


def standard(problem: Problem, share: float, limits: Limits, method: Method) -> Outcome:
    """Choose the fewest sites with which every county passes.

    Parameters
    ----------
    problem
        Who is asked about.
    share
        Of people in each county who must be within, where the standard does not say.
    limits, method
        As for `everybody`.

    Returns
    -------
    Outcome
        As for `everybody`.
    """
    entries = problem.entries(by_county=True)
    reached, group = problem.reached(entries), entries.county + 1
    shares = np.array([limit.share or share for limit in problem.limits])[entries.kind]
    size = int(group.max(initial=0)) + 1
    needed = np.bincount(group, entries.weight * shares, minlength=size).astype(np.float64)
    short = needed - np.bincount(group, entries.weight * reached, minlength=size)
    short[short <= _ENOUGH * needed] = 0.0
    asked = replace(entries, weight=np.where(short[group] > 0, entries.weight, 0.0))
    base, lonely = problem.to_reach(asked, reached, group)
    return _target(base, short, entries.point[lonely], limits, method, group[lonely])


def _target(
    base: Instance,
    short: FloatArray,
    lonely: IntArray,
    limits: Limits,
    method: Method,
    group: IntArray | None = None,
) -> Outcome:
    """Meet what can be met; say who stands in the way of the rest."""
    short = np.maximum(short, 0.0)
    most_there_is = np.bincount(base.group, base.weight, minlength=short.size)
    out_of_reach = short > most_there_is + _ENOUGH * np.maximum(short, 1.0)
    if group is None:
        group = np.zeros(lonely.size, dtype=np.int64)
    sites, value, bound, status = meet_target(base, np.minimum(short, most_there_is), limits, method)
    if out_of_reach.any():
        status = "infeasible"
    return Outcome(
        sites=sites, value=value, bound=bound, status=status, unreached=lonely[out_of_reach[group]]
    )


def meet_target(
    base: Instance, short: FloatArray, limits: Limits, method: Method
) -> tuple[IntArray, float, float, Status]:
    """Choose the fewest, or cheapest, sites after which no group is short.

    Parameters
    ----------
    base
        Who is to be reached by whom, in groups.
    short
        People whom each group needs, at most all it has.
    limits, method
        As for `everybody`.

    Returns
    -------
    tuple
        Candidates, how many (or what they cost), how many are needed at least, and how sure that is.
    """
    small = base.merged().undominated(limits.price)
    price = None if limits.price is None else limits.price[small.candidate]
    found = fewest(small, short, price=price)
    chosen, whole = found.columns, price is None
    value, bound = _cost(chosen, price), _up(found.least, whole=whole)
    status: Status = "greedy"
    if method == "optimal":
        status = "optimal"
        if value - bound > _ENOUGH * max(value, 1.0):
            program = Program(most=False)
            y = program.variables(np.ones(small.columns) if price is None else price, whole=True)
            _demand(program, small, y, short)
            solved = program.solve(seconds=limits.seconds)
            if solved.values.size:
                better = np.flatnonzero(solved.values[: small.columns] > 0.5).tolist()
                if _meets(small, better, short):
                    chosen, value = min(
                        (chosen, value), (better, _cost(better, price)), key=lambda pair: pair[1]
                    )
            bound = max(bound, _up(solved.bound, whole=whole))
            status = "optimal" if solved.proven and value - bound <= 1e-6 * max(value, 1.0) else "time_limit"
        else:
            bound = value
    return small.candidate[chosen], value, min(bound, value), status


def _demand(program: Program, small: Instance, y: IntArray, short: FloatArray) -> None:
    """Ask for every row where a group needs all it has, else for enough of its people."""
    there = np.bincount(small.group, small.weight, minlength=short.size)
    every = (short >= there * (1 - _ENOUGH))[small.group]
    rows = np.cumsum(every) - 1
    pairs = every[small.row]
    if every.any():
        program.rows(
            int(every.sum()), row=rows[small.row[pairs]], column=y[small.site[pairs]], value=1.0, low=1.0
        )
    part = np.flatnonzero(~every & (short[small.group] > 0))
    if part.size:
        z = reach_rows(program, small, y, np.zeros(small.rows))
        groups, at = np.unique(small.group[part], return_inverse=True)
        scale = short[groups]
        program.rows(groups.size, row=at, column=z[part], value=small.weight[part] / scale[at], low=1.0)


def _meets(small: Instance, columns: list[int], short: FloatArray) -> bool:
    """Check a solution: solvers let rows be missed by a hair."""
    opened = np.zeros(small.columns, dtype=bool)
    opened[columns] = True
    reached = np.bincount(small.row, opened[small.site], minlength=small.rows) > 0
    got = np.bincount(small.group, small.weight * reached, minlength=short.size)
    return bool((got >= short - _ENOUGH * np.maximum(short, 1.0)).all())


def _cost(columns: list[int], price: FloatArray | None) -> float:
    return float(len(columns) if price is None else price[columns].sum())


def _up(bound: float, *, whole: bool) -> float:
    return float(math.ceil(bound - 1e-6)) if whole else bound
