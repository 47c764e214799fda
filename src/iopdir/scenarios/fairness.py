"""Reach those first who are worst served: the least share of any group as large as can be, then the most people.

The greedy way asks for one share of every group at a time, and halves the range of shares that n sites may meet (A.
Krause, B. McMahan, C. Guestrin and A. Gupta, *Robust submodular observation selection*, 2008, JMLR 9:2761).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from iopdir.geography.areas import By
from iopdir.scenarios.greedy import fewest, most
from iopdir.scenarios.instance import Instance
from iopdir.scenarios.outcome import Limits, Method, Outcome, Status
from iopdir.scenarios.problem import Entries, Problem
from iopdir.scenarios.program import Clock, Program
from iopdir.scenarios.reaching import allow, reach_rows
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import BoolArray

__all__ = ["equity"]

_HALVINGS: Final = 30
_ENOUGH: Final = 1e-9


def equity(
    problem: Problem,
    cover: Instance,
    by: By,
    groups: list[str] | None,
    limits: Limits,
    method: Method,
) -> Outcome:
    """Choose sites for the group that is worst served, then for the most people.

    Parameters
    ----------
    problem
        Who is asked about.
    cover
        Who is to be reached by whom, for the sum.
    by
        Areas that are compared.
    groups
        Columns of people that are compared instead.
    limits, method
        As for `coverage`.

    Returns
    -------
    Outcome
        `value` is the least share of any group that is within.
    """
    entries, group, size = _grouped(problem, by, groups)
    whole = np.bincount(group, entries.weight, minlength=size).astype(np.float64)
    reached = problem.reached(entries)
    have = np.bincount(group, entries.weight * reached, minlength=size).astype(np.float64)
    base, _ = problem.to_reach(entries, reached, group)
    there = np.bincount(base.group, base.weight, minlength=size)
    some = whole > 0
    if not some.any():
        raise ValueError("there is nobody in any group to compare")
    fair = _Fair(base.merged(), cover, whole, have, some, limits)
    low = float((have[some] / whole[some]).min())
    high = float(((have + there)[some] / whole[some]).min())
    sites, value, high = fair.halve(low, min(high, 1.0))
    status: Status = "greedy"
    bound = high
    if method == "optimal":
        sites, value, bound, status = fair.solve(sites, value, high)
    return Outcome(sites=sites, value=value, bound=max(bound, value), status=status)


def _grouped(problem: Problem, by: By, groups: list[str] | None) -> tuple[Entries, IntArray, int]:
    """Lay out people by group: those of an area, or those of a column."""
    if groups is not None:
        parts = [problem.entries(column) for column in groups]
        joined = Entries(
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])}
        )
        return joined, np.repeat(np.arange(len(parts)), parts[0].point.size), len(parts)
    entries = problem.entries(by_county=True)
    homes = problem.reach.homes(territories=problem.territories)
    areas = homes.areas(by, problem.reach.demand, problem.reach.sites.table)
    row = areas.of_people[entries.home]
    named = (areas.labels.index != "")[row]
    return replace(entries, weight=np.where(named, entries.weight, 0.0)), row, len(areas.labels)


class _Fair:
    """Groups with people, some of them within already, and what may open."""

    def __init__(
        self,
        base: Instance,
        cover: Instance,
        whole: FloatArray,
        have: FloatArray,
        some: BoolArray,
        limits: Limits,
    ) -> None:
        self.base, self.cover, self.whole, self.have, self.some = base, cover, whole, have, some
        self.limits = limits

    def least(self, sites: IntArray) -> float:
        """Give the least share of any group with some sites open."""
        opened = np.isin(self.base.candidate, sites)
        reached = np.bincount(self.base.row, opened[self.base.site], minlength=self.base.rows) > 0
        got = self.have + np.bincount(self.base.group, self.base.weight * reached, minlength=self.have.size)
        return float((got[self.some] / self.whole[self.some]).min())

    def filled(self, sites: IntArray) -> IntArray:
        """Spend the sites that are left on the most people."""
        at = np.searchsorted(self.cover.candidate, sites)
        inside = at < self.cover.columns
        inside[inside] = self.cover.candidate[at[inside]] == sites[inside]
        room = self.limits.n - int((~inside).sum())
        found = most(self.cover, max(room, 0), first=at[inside].tolist()[: max(room, 0)])
        return np.append(sites[~inside], self.cover.candidate[found.columns])

    def halve(self, low: float, high: float) -> tuple[IntArray, float, float]:
        """Find a share that n sites give every group, and one that none can."""
        best = self.filled(np.zeros(0, dtype=np.int64))
        value = max(self.least(best), low)
        low = value
        for _ in range(_HALVINGS):
            if high - low <= _ENOUGH:
                break
            middle = (low + high) / 2
            short = np.where(self.some, np.maximum(middle * self.whole - self.have, 0.0), 0.0)
            found = fewest(self.base, short, most_sites=self.limits.n)
            if found.least > self.limits.n:
                high = middle
                continue
            if found.short.sum() > _ENOUGH * max(float(short.sum()), 1.0):
                break  # neither found nor ruled out
            best = self.filled(self.base.candidate[found.columns])
            value = max(self.least(best), middle)
            low = value
        return best, self.least(best), max(high, low)

    def solve(self, sites: IntArray, value: float, high: float) -> tuple[IntArray, float, float, Status]:
        """Find the best least share, then the most people with it."""
        clock = Clock(self.limits.seconds)
        share, bound, proven, best = value, high, True, sites
        if high - value > _ENOUGH:
            program, y, _ = self._program(share=None)
            solved = program.solve(seconds=clock.left)
            proven = solved.proven
            if solved.values.size:
                found = self.base.candidate[np.flatnonzero(solved.values[y] > 0.5)]
                if self.least(found) > share + _ENOUGH:
                    best, share = self.filled(found), self.least(found)
            bound = min(bound, max(solved.bound, share))
        program, y, columns = self._program(share=share - 1e-7)
        solved = program.solve(seconds=max(clock.left, 1.0))
        if solved.values.size:
            found = columns[np.flatnonzero(solved.values[y] > 0.5)]
            if self.least(found) >= share - 1e-6 and self._people(found) >= self._people(best) - _ENOUGH:
                best = found
        done = proven and solved.proven
        share = self.least(best)
        return best, share, share if done else bound, "optimal" if done else "time_limit"

    def _people(self, sites: IntArray) -> float:
        opened = np.isin(self.cover.candidate, sites)
        reached = np.bincount(self.cover.row, opened[self.cover.site], minlength=self.cover.rows) > 0
        return float(self.cover.weight[reached].sum())

    def _program(self, share: float | None) -> tuple[Program, IntArray, IntArray]:
        """Write down either the largest least share, or the most people with a given one."""
        base, cover = self.base, self.cover
        columns = np.union1d(base.candidate, cover.candidate)
        program = Program(most=True)
        y = program.variables(np.zeros(columns.size), whole=True)
        z = reach_rows(program, base, y[np.searchsorted(columns, base.candidate)], np.zeros(base.rows))
        groups = np.flatnonzero(self.some)
        at = np.full(self.whole.size, -1)
        at[groups] = np.arange(groups.size)
        row, value = at[base.group], base.weight / np.maximum(self.whole[base.group], _ENOUGH)
        low = -self.have[groups] / self.whole[groups]
        if share is None:
            t = program.variables(1.0)
            row, value = np.append(row, np.arange(groups.size)), np.append(value, -np.ones(groups.size))
            column = np.append(z, np.repeat(t, groups.size))
        else:
            column, low = z, low + share
            reach_rows(
                program, cover.merged(), y[np.searchsorted(columns, cover.candidate)], cover.merged().weight
            )
        program.rows(groups.size, row=row, column=column, value=value, low=low)
        allow(program, y, self.limits, None)
        return program, y, columns
