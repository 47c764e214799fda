"""Straight lines over the WGS84 ellipsoid, exact, on packed trees that are built once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from iopdir.errors import UnitError
from iopdir.provenance import Source
from iopdir.spatial.geodesy import FloatArray, IntArray, inverse
from iopdir.travel.cost import Answer, BoolArray, Pairs, Unit
from iopdir.travel.sites import Points, Sites

if TYPE_CHECKING:
    import shapely

    from iopdir.spatial.blocks import PackedTree

__all__ = ["SMALL", "Straight", "StraightWays", "bearings", "find_nearest"]

SMALL: Final = 500
"""Up to so many origins the live index answers, which never waits for a compiler; a choice of this package."""


class Straight:
    """The cost of going as the crow flies, in metres.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.reach("60614", iop.demo_directory(), cost=Straight()).unit
    'm'
    """

    unit: Unit = "m"
    located = True
    sources: tuple[Source, ...] = ()

    def __repr__(self) -> str:
        return "straight lines"

    def bind(self, people: Points, sites: Sites) -> StraightWays:
        """Tie demand points to sites; nothing is computed yet."""
        return StraightWays(people, sites)

    def area(self, lon: float, lat: float, limit: float) -> shapely.Geometry:
        """Draw the disk within a limit of a point."""
        from iopdir.spatial.outlines import disk

        return disk(lon, lat, limit)


@dataclass(frozen=True, eq=False)
class StraightWays:
    """Geodesics between demand points and sites.

    Where limits of distance are taken, each demand point may have its own: shape (n, r) instead of (r,), or (n,)
    instead of one.

    Parameters
    ----------
    people, sites
        Both ends; they keep their trees.
    """

    people: Points
    sites: Sites

    def radii(self, limit: float) -> FloatArray:
        """Metres are metres."""
        return np.full(len(self.people), limit)

    @property
    def bounds(self) -> None:
        """None: these are no estimates."""

    @cached_property
    def _first(self) -> Answer:
        """The nearest of all, searched once."""
        return self._search(1, math.inf)

    def _search(self, k: int, limit: float) -> Answer:
        few = len(self.people.known) <= SMALL  # a part is answered by what answers the whole
        return find_nearest(self.people.lon, self.people.lat, self.sites, k, limit, few=few)

    def nearest(self, k: int, limit: float | FloatArray) -> Answer:
        """Give the k nearest sites of each demand point."""
        index, metres, bearing = self._first if k == 1 else self._search(k, float(np.max(limit, initial=0.0)))
        near = metres <= np.reshape(limit, (-1, 1))
        return np.where(near, index, -1), np.where(near, metres, np.inf), np.where(near, bearing, np.nan)

    def at_people(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of sites within limits of each demand point."""
        from iopdir.spatial.rings import ring_sums

        return _add(ring_sums, self.sites.tree, self.people, limits, values)

    def at_sites(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of demand points within limits of each site."""
        from iopdir.spatial.disks import disk_sums
        from iopdir.spatial.rings import ring_sums

        return _add(
            ring_sums if limits.ndim == 1 else disk_sums, self.people.tree, self.sites, limits, values
        )

    def pairs(self, limit: float | FloatArray) -> Pairs:
        """List the pairs within a limit.

        Raises
        ------
        UnitError
            If there is no limit.
        """
        from iopdir.spatial.pairs import within_batch

        if np.isinf(limit).any():
            raise UnitError("straight lines need a limit, such as limit='30 mi'")
        return within_batch(self.sites.tree, self.people.lon, self.people.lat, limit)

    @property
    def off(self) -> None:
        """Nobody: a line may begin anywhere."""

    def placed(self, limits: FloatArray) -> tuple[BoolArray, BoolArray]:
        """Say who surely and who possibly has a site within limits: every site moved away, every site moved nearer."""
        from iopdir.spatial.disks import disk_sums

        off, (index, metres, _) = self.sites.off_m[:, None], self._first
        if index.shape[1] == 0 or not off.any():
            inside = (metres <= limits) if index.shape[1] else np.zeros((len(index), limits.size), dtype=bool)
            return inside, inside
        radii, each = np.hstack([limits - off, limits + off]), np.ones(len(self.sites))
        reached = disk_sums(self.sites.tree, self.people.lon, self.people.lat, radii, each) > 0
        surely, possibly = np.hsplit(reached, 2)
        return surely, possibly


def _add(
    kernel: Callable[..., FloatArray], tree: PackedTree, at: Points, limits: FloatArray, values: FloatArray
) -> FloatArray:
    """Add up values of the points of a tree in disks around others, or of its own, shape (len(at), r)."""
    sums = np.zeros((len(at), limits.shape[-1]))
    for part in exact_parts(values):
        sums += kernel(tree, at.lon, at.lat, limits, weights=part)
    return sums


def exact_parts(values: FloatArray) -> list[FloatArray]:
    """Split values into a coarse and a fine part, whose sums are exact, whatever the order of adding.

    All of a part are multiples of one power of two, of which their total is less than 2^53. So the sums in a disk are
    the same bits whoever else is asked about, and whichever branch of a tree holds them. Whole numbers need one part.
    """
    parts, rest = [], values
    for _ in range(2):
        grid = 2.0 ** max(math.frexp(rest.sum())[1] - 51, -1074)  # the least number above nothing
        parts.append(np.floor(rest / grid) * grid)
        rest = rest - parts[-1]
        if not rest.any():
            break
    return parts


def find_nearest(
    lon: FloatArray, lat: FloatArray, places: Points, k: int, limit_m: float, *, few: bool
) -> Answer:
    """Search with the index that fits the size of the question; the answer is the same.

    Parameters
    ----------
    lon, lat
        Origins, degrees, shape (n,).
    places
        Where to go, shape (m,), in the order that decides between equally near ones.
    k
        How many.
    limit_m
        Metres, inclusive.
    few
        Whether the live index is to answer, rather than bulk search.

    Returns
    -------
    tuple[IntArray, FloatArray, FloatArray]
        Positions, metres and bearings, each of shape (n, k), or (n, m) if there are fewer places than k.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If `k` is below 1.
    """
    k = min(k, max(len(places), 1))
    if not few:
        from iopdir.spatial.knn import nearest_with_bearing

        return nearest_with_bearing(places.tree, lon, lat, k, max_distance_m=limit_m)
    index, distance = places.live.nearest(lon, lat, k, max_distance_m=limit_m)
    return index, distance, bearings(lon, lat, places.lon, places.lat, index)


def bearings(
    lon: FloatArray, lat: FloatArray, to_lon: FloatArray, to_lat: FloatArray, index: IntArray
) -> FloatArray:
    """Directions from each origin to the places found for it, NaN where there is none, or no point."""
    bearing = np.full(index.shape, np.nan)
    row, target = np.nonzero(index >= 0)[0], index[index >= 0]
    ends = lon[row], lat[row], to_lon[target], to_lat[target]
    known = ~np.isnan(np.array(ends)).any(axis=0)
    found = np.full(target.size, np.nan)
    found[known] = inverse(*(end[known] for end in ends))[1]
    bearing[index >= 0] = found
    return bearing
