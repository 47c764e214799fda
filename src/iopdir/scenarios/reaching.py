"""Reach the most people with so many sites, or for so much money: maximal covering (MCLP).

R. Church and C. ReVelle, *The maximal covering location problem*, 1974, doi:10.1007/BF01942293.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from iopdir.scenarios.greedy import most, sequence
from iopdir.scenarios.instance import Instance
from iopdir.scenarios.outcome import Limits, Method, Outcome, Status
from iopdir.scenarios.program import Program
from iopdir.scenarios.relaxed import tighten
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["allow", "coverage", "in_order", "reach_rows"]

_ENOUGH: Final = 1e-9
_GREEDY: Final[Status] = "greedy"


def coverage(base: Instance, limits: Limits, method: Method) -> Outcome:
    """Choose the sites that newly reach most people.

    Parameters
    ----------
    base
        Who is to be reached by whom.
    limits
        How many sites, what they may cost, how many people each can take.
    method
        ``"greedy"`` or ``"optimal"``.

    Returns
    -------
    Outcome
        `value` are the people newly reached.
    """
    if limits.room is not None:
        return _with_room(base.merged(), limits, method, limits.room)
    small = base.merged().undominated(limits.price)
    n, price = limits.n, None if limits.price is None else limits.price[small.candidate]
    found = most(small, n, price=price, budget=limits.budget)
    gain, chosen, bounds = sum(found.gains), found.columns, found.bounds
    if price is None:
        sums = np.cumsum([*found.gains, *[0.0] * (n - len(found.gains))])
        bounds = tighten(small, bounds, sums)
    bound = float(bounds[-1]) if n else 0.0
    status: Status = "greedy"
    if method == "optimal":
        status = "optimal"
        if bound - gain > _ENOUGH * max(gain, 1.0):
            program = Program(most=True)
            y = program.variables(np.zeros(small.columns), whole=True)
            reach_rows(program, small, y, small.weight)
            allow(program, y, limits, price)
            start = np.zeros(small.columns + small.rows)
            start[chosen] = start[small.columns + np.unique(_rows(small, chosen))] = 1.0
            solved = program.solve(seconds=limits.seconds, start=start)
            if solved.values.size:
                better = np.flatnonzero(solved.values[: small.columns] > 0.5).tolist()
                total = sum(sequence(small, better)[1])
                chosen, gain = (better, total) if total >= gain else (chosen, gain)
            status = "optimal" if solved.proven else "time_limit"
            bound = gain if solved.proven else max(min(bound, solved.bound), gain)
        else:
            bound = gain
    if n:
        bounds = np.minimum(bounds, bound)
    sites, gains = in_order(base, small.candidate[chosen])
    return Outcome(
        sites=sites, value=sum(gains), bound=max(bound, sum(gains)), status=status, gains=gains, bounds=bounds
    )


def _rows(instance: Instance, columns: list[int]) -> IntArray:
    wanted = np.zeros(instance.columns, dtype=bool)
    wanted[columns] = True
    return instance.row[wanted[instance.site]]


def in_order(base: Instance, sites: IntArray) -> tuple[IntArray, list[float]]:
    """Put candidates in the order of the people they newly reach; those that reach nobody new come last."""
    at = np.searchsorted(base.candidate, sites)
    known = (
        (at < base.columns) & (base.candidate[np.minimum(at, base.columns - 1)] == sites)
        if base.columns
        else (np.zeros(len(sites), dtype=bool))
    )
    order, gains = sequence(base, at[known].tolist())
    rest = np.sort(np.asarray(sites)[~known])
    return np.append(base.candidate[order], rest).astype(np.int64), [*gains, *[0.0] * rest.size]


def reach_rows(program: Program, instance: Instance, y: IntArray, cost: FloatArray) -> IntArray:
    """Let a row count as reached, up to 1, only as far as sites that reach it are open; give its variables."""
    z = program.variables(cost)
    program.rows(
        instance.rows,
        row=np.append(np.arange(instance.rows), instance.row),
        column=np.append(z, y[instance.site]),
        value=np.append(np.ones(instance.rows), -np.ones(instance.site.size)),
        high=0.0,
    )
    return z


def allow(program: Program, y: IntArray, limits: Limits, price: FloatArray | None) -> None:
    """Let no more open than may."""
    program.rows(1, row=np.zeros(y.size), column=y, value=1.0, high=float(limits.n))
    if price is not None:
        program.rows(1, row=np.zeros(y.size), column=y, value=price, high=limits.budget)


def _with_room(instance: Instance, limits: Limits, method: Method, room: FloatArray) -> Outcome:
    """Choose where a site can take only so many people; those of one point may go to different sites."""
    own = room[instance.candidate]
    price = None if limits.price is None else limits.price[instance.candidate]
    chosen, gains = _fill(instance, limits, own, price)
    value = sum(gains)
    alone = np.sort(np.minimum(own, instance.worth()))[::-1]
    loose = most(instance, limits.n, price=price, budget=limits.budget).bounds
    tops = np.cumsum(np.append(alone, np.zeros(limits.n))[: limits.n])
    bounds = np.maximum(np.minimum(loose, tops), np.cumsum([*gains, *[0.0] * (limits.n - len(gains))]))
    bound, status = float(bounds[-1]) if limits.n else 0.0, _GREEDY
    if method == "optimal" and instance.columns:
        program = Program(most=True)
        y = program.variables(np.zeros(instance.columns), whole=True)
        people = instance.weight[instance.row]
        x = program.variables(np.ones(x_size := instance.site.size), high=people)
        program.rows(instance.rows, row=instance.row, column=x, value=1.0, high=instance.weight)
        program.rows(
            instance.columns,
            row=np.append(instance.site, np.arange(instance.columns)),
            column=np.append(x, y),
            value=np.append(np.ones(x_size), -own),
            high=0.0,
        )
        pair = np.arange(x_size)
        program.rows(
            x_size,
            row=np.append(pair, pair),
            column=np.append(x, y[instance.site]),
            value=np.append(np.ones(x_size), -people),
            high=0.0,
        )
        allow(program, y, limits, price)
        solved = program.solve(seconds=limits.seconds)
        if solved.values.size:
            taken = np.bincount(instance.site, solved.values[x], minlength=instance.columns)
            if float(taken.sum()) >= value - _ENOUGH:
                opened = np.flatnonzero(solved.values[y] > 0.5)
                chosen = opened[np.argsort(-taken[opened], kind="stable")].tolist()
                gains, value = taken[chosen].tolist(), float(taken.sum())
        status = "optimal" if solved.proven else "time_limit"
        bound = value if solved.proven else max(min(bound, solved.bound), value)
    elif method == "optimal":
        status = "optimal"
    return Outcome(
        sites=instance.candidate[chosen], value=value, bound=bound, status=status, gains=gains,
        bounds=np.minimum(bounds, bound),
    )  # fmt: skip


def _fill(
    instance: Instance, limits: Limits, room: FloatArray, price: FloatArray | None
) -> tuple[list[int], list[float]]:
    """Open the site that can take most people still left, and let those in first who have fewest other choices."""
    left, choices = instance.weight.copy(), np.diff(instance.start)
    begin, row, _ = instance.by_site
    money, columns, gains = limits.budget, list[int](), list[float]()
    while len(columns) < limits.n and instance.columns:
        could = np.minimum(room, np.bincount(instance.site, left[instance.row], minlength=instance.columns))
        could[columns] = 0.0
        if price is not None:
            could = np.where(price <= money, could / np.maximum(price, _ENOUGH), 0.0)
        column = int(np.argmax(could))
        if could[column] <= _ENOUGH:
            break
        mine = row[begin[column] : begin[column + 1]]
        mine = mine[np.argsort(choices[mine], kind="stable")]
        before = np.cumsum(left[mine]) - left[mine]
        taken = np.clip(room[column] - before, 0.0, left[mine])
        left[mine] -= taken
        columns.append(column)
        gains.append(float(taken.sum()))
        money -= 0.0 if price is None else float(price[column])
    return columns, gains
