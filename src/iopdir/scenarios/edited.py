"""Ways that remember what they were asked, and ways after an edit that ask anew only where the edit can matter."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import Answer, BoolArray, Pairs, Ways
from iopdir.travel.off import Off
from iopdir.travel.reach import Reach

__all__ = ["Edited", "Remembered", "remembering"]


class Remembered:
    """Ways that answer a question they have heard before from memory.

    Parameters
    ----------
    ways
        Who answers the first time.
    """

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._first: Answer | None = None
        self._sums: dict[str, list[tuple[FloatArray, FloatArray, FloatArray]]] = {"people": [], "sites": []}
        self._sides: list[tuple[FloatArray, tuple[BoolArray, BoolArray] | None]] = []

    def nearest(self, k: int, limit: float) -> Answer:
        """Give the k cheapest sites of each demand point."""
        if k > 1:
            return self._ways.nearest(k, limit)
        if self._first is None:
            self._first = self._ways.nearest(1, math.inf)
        return _cut(self._first, limit)

    def at_people(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of sites within limits of each demand point."""
        found = self.recall("people", values, limits)
        return (
            self._keep("people", values, limits, self._ways.at_people(values, limits))
            if found is None
            else found
        )

    def at_sites(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of demand points within limits of each site."""
        found = self.recall("sites", values, limits)
        return (
            self._keep("sites", values, limits, self._ways.at_sites(values, limits))
            if found is None
            else found
        )

    def recall(
        self, what: str, values: FloatArray, limits: FloatArray, at: IntArray | None = None
    ) -> FloatArray | None:
        """Look for sums asked for before with these values, or with these at some places and any elsewhere."""
        for known, edges, answer in self._sums[what]:
            if np.array_equal(edges, limits) and np.array_equal(known if at is None else known[at], values):
                return answer
        return None

    def _keep(self, what: str, values: FloatArray, limits: FloatArray, answer: FloatArray) -> FloatArray:
        self._sums[what].append((values, limits, answer))
        return answer

    def pairs(self, limit: float) -> Pairs:
        """List the pairs within a limit."""
        return self._ways.pairs(limit)

    def placed(self, limits: FloatArray) -> tuple[BoolArray, BoolArray] | None:
        """Say who surely and who possibly has a site within limits."""
        for edges, answer in self._sides:
            if np.array_equal(edges, limits):
                return answer
        self._sides.append((limits, self._ways.placed(limits)))
        return self._sides[-1][1]

    @property
    def off(self) -> Off | None:
        """Who cannot be reached because no road is near."""
        return self._ways.off

    def radii(self, limit: float) -> FloatArray | None:
        """Turn a limit into metres over the ground from each demand point, where it is nothing else."""
        return self._ways.radii(limit)

    @property
    def bounds(self) -> tuple[Ways, Ways] | None:
        """The same ways at the 10th and the 90th percentile; what these are asked is not remembered."""
        return self._ways.bounds


def remembering(reach: Reach) -> Reach:
    """Give the same reach, with ways that remember."""
    other = replace(reach)
    vars(other)["ways"] = Remembered(reach.ways)
    return other


class Edited:
    """Ways after facilities opened and closed.

    A demand point that no opened or closed site is near keeps its answers; the others are asked again.

    Parameters
    ----------
    before
        The reach before, with ways that remember.
    after
        The reach after, as it would be without any memory.
    closed, opened
        Positions of the sites that are gone, among those before, and of the new ones, among those after.
    """

    def __init__(self, before: Reach, after: Reach, closed: IntArray, opened: IntArray) -> None:
        memory: Any = before.ways
        self._memory: Remembered = memory
        self._after = after
        self._plain = after.cost.bind(after.people, after.sites)
        self._stay_before = np.setdiff1d(np.arange(len(before.sites)), closed)
        self._stay_after = np.setdiff1d(np.arange(len(after.sites)), opened)
        self._closed, self._opened = closed, opened
        self._changed = [
            _only(reach, positions)
            for reach, positions in ((before, closed), (after, opened))
            if positions.size
        ]
        self._new = self._changed[-1] if opened.size else None

    def _touched(self, limit: float) -> BoolArray:
        """Mark the demand points that an opened or closed site is within a limit of."""
        near = np.zeros(len(self._after.people), dtype=bool)
        for reach in self._changed:
            near |= reach.ways.at_people(np.ones(len(reach.sites)), np.array([limit]))[:, 0] > 0
        return near

    def nearest(self, k: int, limit: float) -> Answer:
        """Give the k cheapest sites of each demand point."""
        if k > 1 or not (self._stay_before.size and self._stay_after.size):
            return self._plain.nearest(k, limit)
        first = self._memory.nearest(1, math.inf)
        cost, bearing = first[1].copy(), first[2].copy()
        lost = np.isin(first[0][:, 0], self._closed)
        where = np.full(self._stay_before.size + self._closed.size, -1)
        where[self._stay_before] = self._stay_after
        index = np.where(first[0] >= 0, where[first[0]], -1)
        if lost.any():
            index[lost], cost[lost], bearing[lost] = self._after.part(lost).ways.nearest(1, math.inf)
        if self._new is not None:
            found, amount, direction = self._new.ways.nearest(1, math.inf)
            found = np.where(found >= 0, self._opened[found], -1)
            nearer = (amount < cost) | ((amount == cost) & (found >= 0) & (found < index))
            index[nearer], cost[nearer], bearing[nearer] = found[nearer], amount[nearer], direction[nearer]
        return _cut((index, cost, bearing), limit)

    def at_people(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of sites within limits of each demand point."""
        known = self._memory.recall("people", values[self._stay_after], limits, self._stay_before)
        if known is None:
            return self._plain.at_people(values, limits)
        touched = self._touched(float(limits.max(initial=0.0)))
        sums = known.copy()
        if touched.any():
            sums[touched] = self._after.part(touched).ways.at_people(values, limits)
        return sums

    def at_sites(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of demand points within limits of each site."""
        known = self._memory.recall("sites", values, limits)
        if known is None:
            return self._plain.at_sites(values, limits)
        sums = np.empty((len(self._after.sites), limits.size))
        sums[self._stay_after] = known[self._stay_before]
        if self._new is not None:
            sums[self._opened] = self._new.ways.at_sites(values, limits)
        return sums

    def pairs(self, limit: float) -> Pairs:
        """List the pairs within a limit."""
        return self._plain.pairs(limit)

    def placed(self, limits: FloatArray) -> tuple[BoolArray, BoolArray] | None:
        """Say who surely and who possibly has a site within limits."""
        known = self._memory.placed(limits)
        if known is None or not (self._stay_before.size and self._stay_after.size):
            return self._plain.placed(limits)
        off = max((float(reach.sites.off_m.max(initial=0.0)) for reach in self._changed), default=0.0)
        touched = self._touched(float(limits.max(initial=0.0)) + off)
        surely, possibly = known[0].copy(), known[1].copy()
        fresh = self._after.part(touched).ways.placed(limits) if touched.any() else None
        if fresh is not None:
            surely[touched], possibly[touched] = fresh
        return surely, possibly

    @property
    def off(self) -> Off | None:
        """Who cannot be reached because no road is near."""
        return self._plain.off

    def radii(self, limit: float) -> FloatArray | None:
        """Turn a limit into metres over the ground from each demand point, where it is nothing else."""
        return self._plain.radii(limit)

    @property
    def bounds(self) -> tuple[Ways, Ways] | None:
        """The same ways at the 10th and the 90th percentile, all of it asked anew."""
        return self._plain.bounds


def _only(reach: Reach, positions: IntArray) -> Reach:
    return replace(reach, sites=reach.sites.edit(reach.sites.ids[positions]))


def _cut(answer: Answer, limit: float) -> Answer:
    """Leave out what is beyond a limit."""
    index, cost, bearing = answer
    near = cost <= limit
    return np.where(near, index, -1), np.where(near, cost, np.inf), np.where(near, bearing, np.nan)
