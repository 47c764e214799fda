"""Sums over everybody within reach of a facility, and over every facility within reach of somebody, near ones more.

Every catchment measure is made of these two sums. With steps they come from sums within limits, without a list of
pairs; otherwise from the pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from iopdir.spatial.geodesy import FloatArray
from iopdir.travel.cost import Pairs, Ways
from iopdir.travel.decay import Decay

__all__ = ["Links"]


@dataclass(frozen=True, eq=False)
class Links:
    """Ways, with a weight that falls with the cost.

    Parameters
    ----------
    ways
        Between demand points and sites.
    decay
        How the weight falls.
    n, m
        How many demand points and sites there are.
    """

    ways: Ways
    decay: Decay
    n: int
    m: int

    @cached_property
    def _pairs(self) -> Pairs:
        origin, site, amount = self.ways.pairs(self.decay.limit)
        return origin, site, self.decay.weigh(amount)

    def at_sites(self, values: FloatArray, *, power: int = 1) -> FloatArray:
        """Add up values of demand points at each site by weights to a power; shape (n,) to (m,)."""
        if self.decay.kind == "step":
            return self._by_steps(self.ways.at_sites(values, np.array(self.decay.edges)), power)
        origin, site, weight = self._pairs
        return np.bincount(site, weight**power * values[origin], minlength=self.m).astype(float)

    def at_people(self, values: FloatArray, *, power: int = 1) -> FloatArray:
        """Add up values of sites at each demand point by weights to a power; shape (m,) to (n,)."""
        if self.decay.kind == "step":
            return self._by_steps(self.ways.at_people(values, np.array(self.decay.edges)), power)
        origin, site, weight = self._pairs
        return np.bincount(origin, weight**power * values[site], minlength=self.n).astype(float)

    def _by_steps(self, sums: FloatArray, power: int) -> FloatArray:
        """Add up whole disks, each with the drop of weight at its edge; column by column, the same for every row."""
        weights = np.array(self.decay.weights) ** power
        total = np.zeros(len(sums))
        for column, drop in zip(sums.T, weights - np.append(weights[1:], 0.0), strict=True):
            total += column * drop
        return total
