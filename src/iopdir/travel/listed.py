"""Ways that a matrix lists, pair by pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import Answer, Pairs
from iopdir.travel.sites import Points, Sites
from iopdir.travel.straight import bearings

__all__ = ["MatrixWays"]


@dataclass(frozen=True, slots=True)
class MatrixWays:
    """Listed pairs between demand points and sites.

    Parameters
    ----------
    people, sites
        Both ends.
    origin, site, amount
        Positions of the demand point and of the site, and the cost, shape (pairs,): rising by demand point, and for
        each by cost.
    """

    people: Points
    sites: Sites
    origin: IntArray
    site: IntArray
    amount: FloatArray

    def radii(self, limit: float) -> None:
        """Nobody knows how far over the ground a limit reaches."""

    @property
    def bounds(self) -> None:
        """None: these are no estimates."""

    def nearest(self, k: int, limit: float) -> Answer:
        """Give the k cheapest sites of each demand point."""
        origin, site, amount = self.pairs(limit)
        rank = np.arange(origin.size) - np.searchsorted(origin, origin)
        top = rank < k
        shape = len(self.people), min(k, max(len(self.sites), 1))
        index, cost = np.full(shape, -1, dtype=np.int64), np.full(shape, np.inf)
        index[origin[top], rank[top]], cost[origin[top], rank[top]] = site[top], amount[top]
        here, there = self.people, self.sites
        return index, cost, bearings(here.lon, here.lat, there.lon, there.lat, index)

    def at_people(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of sites within limits of each demand point."""
        return self._sums(self.origin, values[self.site], limits, len(self.people))

    def at_sites(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of demand points within limits of each site."""
        return self._sums(self.site, values[self.origin], limits, len(self.sites))

    def _sums(self, at: IntArray, values: FloatArray, limits: FloatArray, size: int) -> FloatArray:
        sums = np.zeros((size, limits.size))
        for column, limit in enumerate(limits):
            near = self.amount <= limit
            sums[:, column] = np.bincount(at[near], values[near], minlength=size)
        return sums

    def pairs(self, limit: float) -> Pairs:
        """List the pairs within a limit."""
        near = self.amount <= limit
        return self.origin[near], self.site[near], self.amount[near]

    def placed(self, limits: FloatArray) -> None:
        """Nobody: the matrix says how far it is, wherever a site is drawn."""

    @property
    def off(self) -> None:
        """Nobody that the matrix knows of: a pair that it does not list is out of reach."""
