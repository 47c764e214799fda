"""Bring care nearer: the least mean cost (p-median), or the least cost of whoever has it worst (p-center).

S. L. Hakimi, *Optimum locations of switching centers*, 1964, doi:10.1287/opre.12.3.450.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from iopdir.scenarios.greedy import fewest, most
from iopdir.scenarios.instance import Instance
from iopdir.scenarios.meeting import meet_target
from iopdir.scenarios.outcome import Limits, Method, Outcome, Status
from iopdir.scenarios.problem import Problem
from iopdir.scenarios.program import Clock, Program
from iopdir.scenarios.reaching import allow
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import Pairs

__all__ = ["mean_cost", "worst_cost"]

_ENOUGH: Final = 1e-9
_LISTED: Final = 4_000_000
"""Up to so many pairs all costs are listed at once."""
_CLOSE: Final = 1e-3
"""Above that the range is first halved down to this share of the cost."""
_BANDS: Final = 2.0
"""Demand points are asked in bands by what they pay now, each up to so many times what the nearest of it pay."""


def mean_cost(problem: Problem, limits: Limits, method: Method) -> Outcome:
    """Choose the sites with which people pay least on average to the nearest.

    Whoever has no site at all pays as much as the largest cost there is.

    Parameters
    ----------
    problem
        Who is asked about.
    limits, method
        As for `coverage`.

    Returns
    -------
    Outcome
        `value` is the mean cost over people, in the unit of the costs.
    """
    entries = problem.entries()
    people, now = entries.weight, problem.ruler.nearest()[entries.point]
    where = np.empty(len(problem.reach.people), dtype=np.int64)
    where[entries.point] = np.arange(entries.point.size)
    point, site, amount = _nearer(problem, entries.point[people > 0], now[people > 0])
    row = where[point]
    finite = np.isfinite(now) & (people > 0)
    top = max(float(amount.max(initial=0.0)), float(now[finite].max(initial=0.0)))
    pays = np.minimum(now, top)
    saved = pays[row] - amount
    some = saved > 0
    base = Instance.of(people, np.zeros(people.size, dtype=np.int64), row[some], site[some], saved[some])
    everybody = float(people.sum())
    if not everybody:
        raise ValueError(f"column {problem.population!r} counts nobody: there is no mean cost")
    price = None if limits.price is None else limits.price[base.candidate]
    found = most(base, limits.n, price=price, budget=limits.budget)
    chosen, saving = found.columns, sum(found.gains)
    ceiling = float(found.bounds[-1]) if limits.n else 0.0
    status: Status = "greedy"
    if method == "optimal":
        status = "optimal"
        if ceiling - saving > _ENOUGH * max(saving, 1.0):
            program = Program(most=True)
            y = program.variables(np.zeros(base.columns), whole=True)
            x = program.variables(base.weight[base.row] * base.value)
            program.rows(base.rows, row=base.row, column=x, value=1.0, high=1.0)
            pair = np.arange(x.size)
            program.rows(
                x.size, row=np.append(pair, pair), column=np.append(x, y[base.site]),
                value=np.append(np.ones(x.size), -np.ones(x.size)), high=0.0,
            )  # fmt: skip
            allow(program, y, limits, price)
            solved = program.solve(seconds=limits.seconds)
            if solved.values.size:
                better = np.flatnonzero(solved.values[y] > 0.5).tolist()
                total = _saving(base, better)
                chosen, saving = (better, total) if total >= saving else (chosen, saving)
            status = "optimal" if solved.proven else "time_limit"
            ceiling = saving if solved.proven else max(min(ceiling, solved.bound), saving)
        else:
            ceiling = saving
    total = float(people @ pays)
    return Outcome(
        sites=base.candidate[chosen],
        value=(total - saving) / everybody,
        bound=(total - max(ceiling, saving)) / everybody,
        status=status,
    )


def _saving(base: Instance, columns: list[int]) -> float:
    opened = np.zeros(base.columns, dtype=bool)
    opened[columns] = True
    best = np.zeros(base.rows)
    pairs = opened[base.site]
    np.maximum.at(best, base.row[pairs], base.value[pairs])
    return float(base.weight @ best)


def _nearer(problem: Problem, points: IntArray, now: FloatArray) -> Pairs:
    """List the pairs that cost less than what each demand point pays now, band by band."""
    parts: list[Pairs] = []
    order = np.argsort(now, kind="stable")
    points, now = points[order], now[order]
    begin = int(np.searchsorted(now, 0.0, side="right"))
    while begin < points.size:
        end = (
            int(np.searchsorted(now, now[begin] * _BANDS, side="right"))
            if np.isfinite(now[begin])
            else now.size
        )
        end = min(max(end, begin + 1), int(np.searchsorted(now, np.inf))) if np.isfinite(now[begin]) else end
        parts.append(problem.pairs(points[begin:end], float(now[end - 1])))
        begin = end
    if not parts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    first, second, third = zip(*parts, strict=True)
    return np.concatenate(first), np.concatenate(second), np.concatenate(third)


def worst_cost(problem: Problem, limits: Limits, method: Method) -> Outcome:
    """Choose the sites with which the farthest person pays least.

    Parameters
    ----------
    problem
        Who is asked about.
    limits, method
        As for `coverage`; no prices.

    Returns
    -------
    Outcome
        `value` is the largest cost of anybody; infinite, with status ``"infeasible"``, where somebody has no site.
    """
    entries = problem.entries()
    some = entries.weight > 0
    point, now = entries.point[some], problem.ruler.nearest()[entries.point[some]]
    return _Center(problem, point, now, limits, method).search()


class _Center:
    """People and what each pays now; the radius is closed in upon from both sides."""

    def __init__(
        self, problem: Problem, point: IntArray, now: FloatArray, limits: Limits, method: Method
    ) -> None:
        self.problem, self.point, self.now, self.limits, self.method = problem, point, now, limits, method
        self.clock = Clock(limits.seconds)
        self.sites = np.zeros(0, dtype=np.int64)
        self.high = float(now.max(initial=0.0))
        self.low = (
            self.ruled_out
        ) = -1.0  # up to where search has given up, and up to where there is surely nothing

    def search(self) -> Outcome:
        """Halve what is left of the range, first by amount, then by the costs that occur in it."""
        if math.isinf(self.high):
            point, _, amount = self.problem.pairs(self.point, math.inf)
            stuck = self.point[np.isinf(self.now) & ~np.isin(self.point, point)]
            most = max(amount.max(initial=0.0), self.now[np.isfinite(self.now)].max(initial=0.0))
            if not (amount.size and self._try(float(most))):
                if stuck.size or self.ruled_out >= 0:
                    return self._outcome(math.inf, "infeasible", stuck)
                return self._outcome(0.0, "greedy" if self.method == "greedy" else "time_limit")
        while self.high > 0:
            left = self.high - max(self.low, 0.0)
            if self.point.size * len(self.problem.candidates) > _LISTED and left > _CLOSE * self.high:
                self._try(max(self.low, 0.0) + left / 2)
                continue
            radii = self._occurring()
            if not radii.size:
                break
            self._try(float(radii[(radii.size - 1) // 2]))
        exact = self.ruled_out == self.low
        bound = self.high if exact else max(self.ruled_out, 0.0)
        if self.method == "greedy":
            return self._outcome(bound, "greedy")
        return self._outcome(bound, "optimal" if exact else "time_limit")

    def _outcome(self, bound: float, status: Status, stuck: IntArray | None = None) -> Outcome:
        nobody = np.zeros(0, dtype=np.int64)
        return Outcome(
            sites=self.sites, value=self.high, bound=bound, status=status,
            unreached=nobody if stuck is None else stuck,
        )  # fmt: skip

    def _occurring(self) -> FloatArray:
        """List the costs that could be the largest: between where search has given up and what was found."""
        beyond = self.now > self.low
        _, _, amount = self.problem.pairs(self.point[beyond], self.high)
        radii = np.append(amount, self.now[beyond])
        return np.unique(radii[(radii > self.low) & (radii < self.high)])

    def _try(self, radius: float) -> bool:
        """Look for sites with which nobody pays more than a radius."""
        outside = np.flatnonzero(self.now > radius)
        point, site, amount = self.problem.pairs(self.point[outside], radius)
        where = np.full(len(self.problem.reach.people), -1)
        where[self.point[outside]] = np.arange(outside.size)
        row = where[point]
        reachable = np.zeros(outside.size, dtype=bool)
        reachable[row] = True
        sites = self._cover(row, site, outside.size) if reachable.all() else False
        if isinstance(sites, bool):
            self.low = radius
            self.ruled_out = self.ruled_out if sites else radius
            return False
        self.sites = sites
        chosen = np.isin(site, sites)
        pays = np.full(outside.size, np.inf)
        np.minimum.at(pays, row[chosen], amount[chosen])
        inside = self.now[self.now <= radius]
        self.high = max(float(pays.max(initial=0.0)), float(inside.max(initial=0.0)))
        return True

    def _cover(self, row: IntArray, site: IntArray, rows: int) -> IntArray | bool:
        """Reach every row with n sites; False if that is impossible, True if nobody found out."""
        nothing = np.zeros(rows, dtype=np.int64)
        small = Instance.of(np.ones(rows), nothing, row, site).merged().undominated()
        short = np.array([float(small.weight.sum())])
        found = fewest(small, short)
        if len(found.columns) <= self.limits.n:
            return small.candidate[found.columns]
        if found.least > self.limits.n:
            return False
        if self.method == "greedy" or self.clock.left == 0:
            return True
        limits = Limits(n=self.limits.n, seconds=self.clock.left)
        sites, value, bound, _ = meet_target(small, short, limits, "optimal")
        if value <= self.limits.n:
            return sites
        return not bound > self.limits.n
