"""Weighted sums within radii of every query point, without a list of pairs.

A chord decides for certain that a pair is within a radius, or beyond it; the few pairs that it leaves in doubt, at
the edge of a radius, are measured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from iopdir.progress import each
from iopdir.spatial.blocks import (
    LANES,
    RUN,
    Blocks,
    PackedTree,
    chords,
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

__all__ = ["ring_sums"]

_CHUNK: Final = 1 << 20


def ring_sums(
    tree: PackedTree,
    lon: ArrayLike,
    lat: ArrayLike,
    radii_m: Sequence[float] | ArrayLike,
    weights: ArrayLike | None = None,
) -> FloatArray:
    """Add up the weights of the tree's points within each radius of every query point.

    No list of pairs is built: a group of points wholly inside a radius adds its stored sum, and only pairs
    that the chord cannot place on one side of an edge are measured.

    Parameters
    ----------
    tree
        Points to add up.
    lon, lat
        Query points, degrees, shape (n,).
    radii_m
        Metres over the ground, inclusive, in any order: shape (r,), or (n, r) with radii of its own for each
        query point. In the latter a negative radius holds nothing.
    weights
        Weights for this call, shape (len(tree),), in the order of the tree's points; those of the tree if
        not given.

    Returns
    -------
    FloatArray
        Shape (n, r): entry (i, j) is the sum within radius j of query i.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If a radius is NaN, or negative in the shape (r,), or there is not one row of radii a query point or one
        weight a point.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8], weights=[10.0, 1.0])
    >>> ring_sums(tree, [-90.0], [40.0], [1000, 300_000, 3_000_000])
    array([[ 0., 10., 11.]])
    >>> ring_sums(tree, [-90.0, -122.4], [40.0, 37.8], [[300_000], [0]])
    array([[10.],
           [ 1.]])
    """
    lons, lats = check_lonlat(lon, lat)
    radii: FloatArray = np.asarray(radii_m, dtype=np.float64)
    if radii.ndim == 1 and not (radii >= 0).all():
        raise ValueError(f"radii_m must be distances of 0 or more, not {radii}")
    if radii.ndim not in (1, 2) or (radii.ndim == 2 and radii.shape[0] != lons.size) or np.isnan(radii).any():
        raise ValueError(
            f"radii_m must be distances of shape (r,) or ({lons.size}, r), found shape {radii.shape}"
        )
    if weights is not None:
        tree = tree.with_weights(weights)
    radii = np.atleast_2d(radii)
    order = np.argsort(radii, axis=1, kind="stable")
    ascending, sums = np.take_along_axis(radii, order, axis=1), np.zeros((lons.size, radii.shape[1]))
    for begin in each(range(0, lons.size if len(tree) and radii.size else 0, _CHUNK), "Measuring distances"):
        part = slice(begin, begin + _CHUNK)
        own = ascending[part] if radii.shape[0] > 1 else ascending
        _ring_part(tree, lons[part], lats[part], own, sums[part])
    np.put_along_axis(sums, np.broadcast_to(order, sums.shape), sums.copy(), axis=1)
    return sums


def _ring_part(
    tree: PackedTree, lon: FloatArray, lat: FloatArray, radii: FloatArray, sums: FloatArray
) -> None:
    """Add up sure pairs by chord, then measure those that an edge may cut off."""
    xyz, order = in_curve_order(lon, lat)
    inside, outside = chord_limits(radii)
    doubtful: list[IntArray] = []

    def work(part: slice) -> None:
        doubtful.append(sum_rings(tree.blocks, xyz, order[part], inside, outside, sums)[1])

    in_threads(work, lon.size)
    np.cumsum(sums, axis=1, out=sums)
    for edges in doubtful:
        query, _, ring = edges
        add_edges(tree, lon, lat, edges, radii[np.minimum(query, radii.shape[0] - 1), ring], sums)


@compiled
def sum_rings(
    tree: Blocks, xyz: FloatArray, order: IntArray, inside: FloatArray, outside: FloatArray, sums: FloatArray
) -> tuple[int, IntArray]:
    """Add up sure weights by first ring; return how many blocks were visited, and the pairs in doubt.

    Ring by ring, a chord up to `inside` is sure to be in (if that is negative, none is), one beyond `outside`
    sure to be out; one row of them for each query, or one for all. A block that lies between the same two edges
    for a whole run adds its stored weight once. Runs grow while walking the tree costs more than comparing what
    the walk leaves open.
    """
    rings = inside.shape[1]
    inside2, outside2 = np.copysign(inside * inside, inside), np.copysign(outside * outside, outside)
    all_in2, none_out2, shared = np.empty(rings), np.empty(rings), np.empty(rings)
    pool, near, chord2 = np.empty(POOL, dtype=np.int64), np.empty((4, POOL)), np.empty(POOL)
    stack, run, lane2 = np.empty(256, dtype=np.int64), np.empty((3, RUN)), np.empty(LANES)
    begin, width, visited, edges, listed = 0, 4, 0, np.empty((3, 64), dtype=np.int64), 0
    while begin < order.size:
        members = order[begin : begin + width]
        x, y, z, radius = gather(xyz, members, run)
        _bound(inside, outside, members, radius, all_in2, none_out2)
        shared[:], stack[0] = 0.0, tree.points.shape[0] + tree.child.size - 1
        height, found, walked, compared = 1, 0, 0, 0
        while height:
            height, found = _place(
                tree, x, y, z, all_in2, none_out2, shared, lane2, stack, height - 1, pool, found
            )
            walked += 1
            if found + LANES > pool.size or (found and not height):
                edges, listed = _compare(
                    tree, pool[:found], near, chord2, run, members, inside2, outside2, sums, edges, listed
                )
                compared, found = compared + found * members.size, 0
        for q in members:
            sums[q] += shared
        begin, visited = begin + members.size, visited + walked
        width = next_width(members.size, walked, compared)
    return visited, edges[:, :listed]


@compiled
def _bound(
    inside: FloatArray,
    outside: FloatArray,
    members: IntArray,
    radius: float,
    all_in2: FloatArray,
    none_out2: FloatArray,
) -> None:
    """Find the squared chord from the middle of a run that is in, and the one that is not out, for every member."""
    last = inside.shape[0] - 1
    for ring in range(all_in2.size):
        least, most = np.inf, -np.inf
        for q in members:
            row = min(q, last)
            least, most = min(least, inside[row, ring]), max(most, outside[row, ring])
        least, most = least - radius, most + radius
        all_in2[ring], none_out2[ring] = math.copysign(least * least, least), math.copysign(most * most, most)


@inlined
def _place(
    tree: Blocks,
    x: float,
    y: float,
    z: float,
    all_in2: FloatArray,
    none_out2: FloatArray,
    shared: FloatArray,
    lane2: FloatArray,
    stack: IntArray,
    height: int,
    pool: IntArray,
    found: int,
) -> tuple[int, int]:
    """Take a block: each lane is out of reach, in one ring for the whole run, or still open."""
    b, leaves, last = stack[height], tree.points.shape[0], none_out2[-1]
    if b < leaves:
        chords(tree.points, b, x, y, z, lane2)
    else:
        gaps(tree.boxes, b - leaves, x, y, z, lane2)
    for j in range(LANES):
        if lane2[j] <= last:
            ring = 0
            while lane2[j] > none_out2[ring]:
                ring += 1
            if b < leaves:
                if lane2[j] <= all_in2[ring]:
                    shared[ring] += tree.weight[b, j]
                else:
                    pool[found] = b * LANES + j
                    found += 1
            elif span2(tree.boxes, b - leaves, j, x, y, z) <= all_in2[ring]:
                shared[ring] += tree.total[b - leaves, j]
            else:
                stack[height] = tree.child[b - leaves] + j
                height += 1
    return height, found


@vectorized
def _sum_within(chord2: FloatArray, weight: FloatArray, limit2: float) -> float:
    """Sum the weights of listed points up to a chord, in whatever order is fastest."""
    total = 0.0
    for j in range(chord2.size):
        total += weight[j] if chord2[j] <= limit2 else 0.0
    return total


@compiled
def _compare(
    tree: Blocks,
    pool: IntArray,
    near: FloatArray,
    chord2: FloatArray,
    run: FloatArray,
    members: IntArray,
    inside2: FloatArray,
    outside2: FloatArray,
    sums: FloatArray,
    edges: IntArray,
    listed: int,
) -> tuple[IntArray, int]:
    """Compare listed points with each query of a run: add to the first ring that surely holds them, list doubts."""
    n, last = unpack(tree, pool, near), inside2.shape[0] - 1
    for i in range(members.size):
        chords_to(near, n, run[0, i], run[1, i], run[2, i], chord2)
        q, before = members[i], 0.0
        row = min(q, last)
        for ring in range(inside2.shape[1]):
            low2, high2 = inside2[row, ring], outside2[row, ring]
            total = _sum_within(chord2[:n], near[3, :n], low2)
            sums[q, ring] += total - before
            before = total
            if _count_between(chord2[:n], low2, high2):
                for j in range(pool.size):
                    if low2 < chord2[j] <= high2:
                        edges = list_edge(edges, listed, tree, q, pool[j], ring)
                        listed += 1
    return edges, listed


@compiled
def _count_between(chord2: FloatArray, low2: float, high2: float) -> int:
    """Count the listed points beyond one chord and up to another."""
    between = 0
    for j in range(chord2.size):
        between += (chord2[j] > low2) & (chord2[j] <= high2)
    return between
