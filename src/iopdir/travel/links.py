"""Sums over everybody within reach of a facility, and over every facility within reach of somebody.

Every catchment measure is made of these two sums. In straight lines and with steps they come from rings on packed
trees, without a list of pairs; otherwise from the pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import pandas as pd

from iopdir.errors import UnitError
from iopdir.geography.points import coordinates
from iopdir.provenance import Provenance, sources_of
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.decay import Decay
from iopdir.travel.matrix import CostMatrix, check_unit
from iopdir.travel.sites import Sites, place_tree

if TYPE_CHECKING:
    from iopdir.spatial.blocks import PackedTree

__all__ = ["Links", "Pairs", "Rings", "link", "list_pairs", "measure_series", "provenance_of"]

_CHUNK = 1 << 20


class Links(Protocol):
    """Who reaches what, and with what weight."""

    def to_sites(self, values: FloatArray) -> FloatArray:
        """Add up values of demand points at each site, weighted; shape (n,) to (m,)."""

    def to_people(self, values: FloatArray) -> FloatArray:
        """Add up values of sites at each demand point, weighted; shape (m,) to (n,)."""

    def squared(self) -> Links:
        """Give the same links with their weights squared."""


@dataclass(frozen=True, slots=True)
class Rings:
    """Links of a step decay in straight lines.

    Parameters
    ----------
    people, places
        Demand points and sites, packed.
    radii_m, weights
        Outer edges of the rings and the weight in each. Sums run over whole disks, each with the drop of weight
        at its edge.
    """

    people: PackedTree
    places: PackedTree
    radii_m: tuple[float, ...]
    weights: FloatArray

    def to_sites(self, values: FloatArray) -> FloatArray:
        """Add up values of demand points at each site."""
        return self._sums(self.people.with_weights(values), self.places)

    def to_people(self, values: FloatArray) -> FloatArray:
        """Add up values of sites at each demand point."""
        return self._sums(self.places.with_weights(values), self.people)

    def squared(self) -> Self:
        """Square the weights."""
        return replace(self, weights=self.weights**2)

    def _sums(self, tree: PackedTree, at: PackedTree) -> FloatArray:
        from iopdir.spatial.rings import ring_sums

        drops = self.weights - np.append(self.weights[1:], 0.0)
        out = np.empty(len(at))
        for begin in range(0, len(at), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            out[part] = ring_sums(tree, at.lon[part], at.lat[part], self.radii_m) @ drops
        return out


@dataclass(frozen=True, slots=True)
class Pairs:
    """Links one by one.

    Parameters
    ----------
    origin, site
        Positions of the demand point and the site, shape (pairs,).
    weight
        Shape (pairs,).
    n, m
        How many demand points and sites there are.
    """

    origin: IntArray
    site: IntArray
    weight: FloatArray
    n: int
    m: int

    def to_sites(self, values: FloatArray) -> FloatArray:
        """Add up values of demand points at each site."""
        return np.bincount(self.site, self.weight * values[self.origin], minlength=self.m).astype(float)

    def to_people(self, values: FloatArray) -> FloatArray:
        """Add up values of sites at each demand point."""
        return np.bincount(self.origin, self.weight * values[self.site], minlength=self.n).astype(float)

    def squared(self) -> Self:
        """Square the weights."""
        return replace(self, weight=self.weight**2)


def link(demand: pd.DataFrame, supply: Sites, decay: Decay, cost: CostMatrix | None) -> Links:
    """Tie demand points to sites.

    Parameters
    ----------
    demand
        Demand points.
    supply
        Sites.
    decay
        How the weight falls.
    cost
        A matrix, or None for straight lines.

    Returns
    -------
    Links
        Rings where they will do, pairs otherwise.

    Raises
    ------
    UnitError
        If the decay is in another unit than the costs, or in straight lines has no limit.
    """
    check_unit(decay.unit, cost, f"the {decay.kind} decay")
    if cost is None and decay.kind == "step":
        return Rings(place_tree(demand), supply.tree(), decay.edges, np.array(decay.weights))
    origin, site, amount = list_pairs(demand, supply, cost, decay.limit)
    return Pairs(origin, site, decay.weigh(amount), len(demand), len(supply.table))


def list_pairs(
    demand: pd.DataFrame, supply: Sites, cost: CostMatrix | None, limit: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """List the pairs within a limit.

    Parameters
    ----------
    demand, supply, cost
        As for `link`.
    limit
        No pair beyond this, in the unit of the costs, inclusive.

    Returns
    -------
    tuple[IntArray, IntArray, FloatArray]
        Position of the demand point, position of the site, cost.

    Raises
    ------
    UnitError
        If there is no limit in straight lines.
    """
    from iopdir.spatial.pairs import within_batch

    if cost is not None:
        origin, site, amount = cost.positions(demand.index, supply.table.index, supply.known)
        near = amount <= limit
        return origin[near], site[near], amount[near]
    if math.isinf(limit):
        raise UnitError("straight lines need a limit, such as limit='30 mi'")
    return within_batch(supply.tree(), *coordinates(demand), limit)


def provenance_of(
    demand: pd.DataFrame, supply: Sites, cost: CostMatrix | None, **parameters: object
) -> dict[str, Any]:
    """State what a table was made from: people, facilities, costs, parameters."""
    sources = [*sources_of(demand), *supply.sources, *(cost.provenance.sources if cost else ())]
    return Provenance.of(sources, **{**supply.about(), **parameters}).to_dict()


def measure_series(
    values: FloatArray,
    name: str,
    demand: pd.DataFrame,
    supply: Sites,
    cost: CostMatrix | None,
    **parameters: object,
) -> pd.Series[Any]:
    """Name a measure, index it like the demand, and say what it was made from."""
    series = pd.Series(values, index=demand.index, name=name)
    series.attrs["provenance"] = provenance_of(demand, supply, cost, **parameters)
    return series
