"""Weighted sums over the points of a packed tree that reach a query point, each within radii of its own."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from iopdir.progress import each
from iopdir.spatial.blocks import (
    LANES,
    RUN,
    Blocks,
    PackedTree,
    by_lanes,
    chords_to,
    gaps,
    gather,
    in_curve_order,
    span2,
    unpack,
)
from iopdir.spatial.compiled import compiled, inlined, vectorized
from iopdir.spatial.edges import POOL, add_edges, chord_limits, list_edge, next_width
from iopdir.spatial.geodesy import FloatArray, IntArray, check_lonlat
from iopdir.spatial.threads import in_threads

__all__ = ["disk_sums"]

_CHUNK: Final = 1 << 20


class Limits(NamedTuple):
    """Chords in metres that decide for each point, and for all below a box, in each of r columns."""

    inside2: FloatArray  # (leaves, r, LANES), up to which a point surely reaches, squared with its sign
    outside2: FloatArray  # (leaves, r, LANES), beyond which it surely does not, likewise
    least: FloatArray  # (box blocks, r, LANES), up to which all surely reach
    most: FloatArray  # (box blocks, r, LANES), beyond which none does


def disk_sums(
    tree: PackedTree,
    lon: ArrayLike,
    lat: ArrayLike,
    radii_m: ArrayLike,
    weights: ArrayLike | None = None,
) -> FloatArray:
    """Add up the weights of the tree's points that have a query point within radii of their own.

    The other way round than [ring_sums][iopdir.arrays.ring_sums]: here the points of the tree have disks around them,
    and a query point is in some of them. No list of pairs is built.

    Parameters
    ----------
    tree
        Points to add up.
    lon, lat
        Query points, degrees, shape (n,).
    radii_m
        Metres over the ground, inclusive, shape (len(tree), r): r disks around each point of the tree, in the
        order of the tree's points. A negative radius covers nothing.
    weights
        Weights for this call, shape (len(tree),), in the order of the tree's points; those of the tree if
        not given.

    Returns
    -------
    FloatArray
        Shape (n, r): entry (i, j) is the sum over the points p no farther than `radii_m[p, j]` from query i.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If a radius is NaN, or there is not one row of radii or one weight a point.

    Examples
    --------
    Both clinics reach the place if they are at the near end of where they may be, one if at the far end:

    >>> clinics = PackedTree([-87.6, -88.0], [41.9, 41.9])
    >>> disk_sums(clinics, [-87.9], [41.9], [[30_000, 20_000], [30_000, 20_000]])
    array([[2., 1.]])
    """
    lons, lats = check_lonlat(lon, lat)
    radii: FloatArray = np.asarray(radii_m, dtype=np.float64)
    if radii.ndim != 2 or radii.shape[0] != len(tree) or np.isnan(radii).any():
        raise ValueError(
            f"radii_m must be distances of shape ({len(tree)}, r), one row a point, found shape {radii.shape}"
        )
    if weights is not None:
        tree = tree.with_weights(weights)
    sums, limits = np.zeros((lons.size, radii.shape[1])), _limits(tree, radii)
    for begin in each(range(0, lons.size if radii.size else 0, _CHUNK), "Measuring distances"):
        part = slice(begin, begin + _CHUNK)
        _disk_part(tree, limits, lons[part], lats[part], radii, sums[part])
    return sums


def _disk_part(
    tree: PackedTree, limits: Limits, lon: FloatArray, lat: FloatArray, radii: FloatArray, sums: FloatArray
) -> None:
    """Add up sure pairs by chord, then measure those that an edge may cut off."""
    xyz, order = in_curve_order(lon, lat)
    doubtful: list[IntArray] = []

    def work(part: slice) -> None:
        doubtful.append(sum_disks(tree.blocks, limits, xyz, order[part], sums)[1])

    in_threads(work, lon.size)
    for edges in doubtful:
        add_edges(tree, lon, lat, edges, radii[edges[1], edges[2]], sums)


def _limits(tree: PackedTree, radii: FloatArray) -> Limits:
    """Bring the radii in the order of the leaves, and bound those below each box, tier by tier."""
    position = tree.blocks.position
    inside, outside = np.full((2, *position.shape, radii.shape[1]), np.inf)
    outside[:] = -np.inf
    used = position >= 0
    inside[used], outside[used] = (limit[position[used]] for limit in chord_limits(radii))
    low, high = inside.min(axis=1), outside.max(axis=1)
    least: list[FloatArray] = []
    most: list[FloatArray] = []
    while low.shape[0] > 1 or not least:
        least.append(by_lanes(low, np.inf))
        most.append(by_lanes(high, -np.inf))
        low, high = least[-1].min(axis=1), most[-1].max(axis=1)
    return Limits(
        *(
            np.ascontiguousarray(table.transpose(0, 2, 1))
            for table in (
                np.copysign(inside * inside, inside),
                np.copysign(outside * outside, outside),
                np.concatenate(least),
                np.concatenate(most),
            )
        )
    )


@compiled
def sum_disks(
    tree: Blocks, limits: Limits, xyz: FloatArray, order: IntArray, sums: FloatArray
) -> tuple[int, IntArray]:
    """Add up sure weights; return how many blocks were visited, and the pairs in doubt.

    A block whose points all reach, or all do not reach, every query of a run in each column adds its stored
    weight once. Runs grow as in `sum_rings`.
    """
    columns = sums.shape[1]
    shared, pool = np.empty(columns), np.empty(POOL, dtype=np.int64)
    near, chord2 = np.empty((4, POOL)), np.empty(POOL)
    inside2, outside2 = np.empty((columns, POOL)), np.empty((columns, POOL))
    stack, run, lane2 = np.empty(256, dtype=np.int64), np.empty((3, RUN)), np.empty(LANES)
    begin, width, visited, edges, listed = 0, 4, 0, np.empty((3, 64), dtype=np.int64), 0
    while begin < order.size:
        members = order[begin : begin + width]
        x, y, z, radius = gather(xyz, members, run)
        shared[:], stack[0] = 0.0, tree.points.shape[0] + tree.child.size - 1
        height, found, walked, compared = 1, 0, 0, 0
        while height:
            height -= 1
            b = stack[height] - tree.points.shape[0]
            walked += 1
            if b < 0:
                found = _take(tree, limits, b + tree.points.shape[0], pool, inside2, outside2, found)
            else:
                height = _place(tree, limits, b, x, y, z, radius, shared, lane2, stack, height)
            if found + LANES > pool.size or (found and not height):
                n = unpack(tree, pool[:found], near)
                for i in range(members.size):
                    chords_to(near, n, run[0, i], run[1, i], run[2, i], chord2)
                    edges, listed = _compare(
                        tree, pool[:found], near, chord2, inside2, outside2, members[i], sums, edges, listed
                    )
                compared, found = compared + found * members.size, 0
        for q in members:
            sums[q] += shared
        begin, visited = begin + members.size, visited + walked
        width = next_width(members.size, walked, compared)
    return visited, edges[:, :listed]


@inlined
def _place(
    tree: Blocks,
    limits: Limits,
    b: int,
    x: float,
    y: float,
    z: float,
    radius: float,
    shared: FloatArray,
    lane2: FloatArray,
    stack: IntArray,
    height: int,
) -> int:
    """Take a box block: each lane is settled for the whole run in every column, or goes on the stack."""
    gaps(tree.boxes, b, x, y, z, lane2)
    for j in range(LANES):
        gap, far, still_open = np.sqrt(lane2[j]) - radius, -1.0, False
        for column in range(shared.size):
            if gap <= limits.most[b, column, j]:
                if far < 0:
                    far = np.sqrt(span2(tree.boxes, b, j, x, y, z)) + radius
                still_open |= far > limits.least[b, column, j]
        if still_open:
            stack[height] = tree.child[b] + j
            height += 1
        elif far >= 0:
            for column in range(shared.size):
                if gap <= limits.most[b, column, j]:
                    shared[column] += tree.total[b, j]
    return height


@inlined
def _take(
    tree: Blocks,
    limits: Limits,
    b: int,
    pool: IntArray,
    inside2: FloatArray,
    outside2: FloatArray,
    found: int,
) -> int:
    """List the points of a leaf with their limits."""
    for j in range(LANES):
        if tree.position[b, j] >= 0:
            pool[found] = b * LANES + j
            for column in range(inside2.shape[0]):
                inside2[column, found] = limits.inside2[b, column, j]
                outside2[column, found] = limits.outside2[b, column, j]
            found += 1
    return found


@compiled
def _compare(
    tree: Blocks,
    pool: IntArray,
    near: FloatArray,
    chord2: FloatArray,
    inside2: FloatArray,
    outside2: FloatArray,
    query: int,
    sums: FloatArray,
    edges: IntArray,
    listed: int,
) -> tuple[IntArray, int]:
    """Compare listed points with one query: add those that surely reach it, list doubts."""
    n = pool.size
    for column in range(inside2.shape[0]):
        sums[query, column] += _sum_reaching(chord2[:n], near[3, :n], inside2[column, :n])
        if _count_between(chord2[:n], inside2[column, :n], outside2[column, :n]):
            for j in range(n):
                if inside2[column, j] < chord2[j] <= outside2[column, j]:
                    edges = list_edge(edges, listed, tree, query, pool[j], column)
                    listed += 1
    return edges, listed


@vectorized
def _sum_reaching(chord2: FloatArray, weight: FloatArray, limit2: FloatArray) -> float:
    """Sum the weights of listed points up to a chord each, in whatever order is fastest."""
    total = 0.0
    for j in range(chord2.size):
        total += weight[j] if chord2[j] <= limit2[j] else 0.0
    return total


@compiled
def _count_between(chord2: FloatArray, low2: FloatArray, high2: FloatArray) -> int:
    """Count the listed points beyond one chord and up to another."""
    between = 0
    for j in range(chord2.size):
        between += (chord2[j] > low2[j]) & (chord2[j] <= high2[j])
    return between
