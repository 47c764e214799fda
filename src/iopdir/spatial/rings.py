"""Weighted sums within radii of every query point, without a list of pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

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
from iopdir.spatial.geodesy import (
    PAD_M,
    FloatArray,
    IntArray,
    check_lonlat,
    chord_never_above,
    chord_surely_within,
    geodesic_m,
)
from iopdir.spatial.threads import in_threads

__all__ = ["ring_sums"]

_CHUNK: Final = 1 << 20
_POOL: Final = 1024
_WALK: Final = 60


def ring_sums(
    tree: PackedTree,
    lon: ArrayLike,
    lat: ArrayLike,
    radii_m: Sequence[float],
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
        Metres over the ground, inclusive, shape (r,), in any order.
    weights
        Weights for this call, shape (len(tree),), in the order of the tree's points; those of the tree if
        not given.

    Returns
    -------
    FloatArray
        Shape (n, r): entry (i, j) is the sum within `radii_m[j]` of query i.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If a radius is negative or NaN, or there is not one weight a point.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8], weights=[10.0, 1.0])
    >>> ring_sums(tree, [-90.0], [40.0], [1000, 300_000, 3_000_000])
    array([[ 0., 10., 11.]])
    """
    lons, lats = check_lonlat(lon, lat)
    radii = np.asarray(radii_m, dtype=np.float64)
    if radii.ndim != 1 or not (radii >= 0).all():
        raise ValueError(f"radii_m must be distances of 0 or more, not {radii_m}")
    if weights is not None:
        tree = tree.with_weights(weights)
    order = np.argsort(radii, kind="stable")
    ascending, sums = radii[order], np.zeros((lons.size, radii.size))
    for begin in range(0, lons.size if len(tree) and radii.size else 0, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        sums[part, order] = _ring_part(tree, lons[part], lats[part], ascending)
    return sums


def _ring_part(tree: PackedTree, lon: FloatArray, lat: FloatArray, radii: FloatArray) -> FloatArray:
    """Add up sure pairs by chord, then measure those that an edge may cut off."""
    xyz, order = in_curve_order(lon, lat)
    inside, outside = chord_surely_within(radii) - PAD_M, chord_never_above(radii) + PAD_M
    sums, start = np.zeros((lon.size, radii.size)), np.zeros(lon.size + 1, dtype=np.int64)
    edges = start[1:]
    in_threads(lambda part: sum_rings(tree.blocks, xyz, order[part], inside, outside, sums, edges), lon.size)
    np.cumsum(sums, axis=1, out=sums)
    rows = np.flatnonzero(edges)
    np.cumsum(edges, out=edges)
    if rows.size:
        target, ring = np.empty(start[-1], dtype=np.int64), np.empty(start[-1], dtype=np.int64)
        list_edges(tree.blocks, xyz, rows, inside, outside, start, target, ring)
        origin = np.repeat(np.arange(lon.size), np.diff(start))
        length = geodesic_m(lon[origin], lat[origin], tree.lon[target], tree.lat[target])
        keep = length <= radii[ring]
        np.add.at(sums, (origin[keep], ring[keep]), tree.weights[target[keep]])
    return sums


@compiled
def sum_rings(
    tree: Blocks,
    xyz: FloatArray,
    order: IntArray,
    inside: FloatArray,
    outside: FloatArray,
    sums: FloatArray,
    edges: IntArray,
) -> None:
    """Add up sure weights by first ring; count the pairs that an edge may cut off.

    Ring by ring, a chord up to `inside` is sure to be in (if that is negative, none is), one beyond `outside`
    sure to be out. A block that lies between the same two edges for a whole run adds its stored weight once.
    Runs grow while walking the tree costs more than comparing what the walk leaves open.
    """
    inside2, outside2 = np.copysign(inside * inside, inside), outside * outside
    all_in2, none_out2, shared = np.empty(inside.size), np.empty(inside.size), np.empty(inside.size)
    pool, near, chord2 = np.empty(_POOL, dtype=np.int64), np.empty((4, _POOL)), np.empty(_POOL)
    stack, run, lane2 = np.empty(256, dtype=np.int64), np.empty((3, RUN)), np.empty(LANES)
    begin, width, root = 0, 4, tree.points.shape[0] + tree.child.size - 1
    while begin < order.size:
        members = order[begin : begin + width]
        x, y, z, radius = gather(xyz, members, run)
        for ring in range(inside.size):
            room = inside[ring] - radius
            all_in2[ring], none_out2[ring] = math.copysign(room * room, room), (outside[ring] + radius) ** 2
        shared[:], stack[0] = 0.0, root
        height, found, walked, compared = 1, 0, 0, 0
        while height:
            height, found = _place(
                tree, x, y, z, all_in2, none_out2, shared, lane2, stack, height - 1, pool, found
            )
            walked += 1
            if found + LANES > pool.size or (found and not height):
                n = unpack(tree, pool[:found], near)
                for i in range(members.size):
                    chords_to(near, n, run[0, i], run[1, i], run[2, i], chord2)
                    q = members[i]
                    edges[q] += _add_up(chord2[:n], near[3, :n], inside2, outside2, sums[q])
                compared, found = compared + found * members.size, 0
        for q in members:
            for ring in range(inside.size):
                sums[q, ring] += shared[ring]
        begin += members.size
        if compared > 2 * _WALK * walked:
            width = max(1, members.size // 2)
        elif 2 * compared < _WALK * walked:
            width = min(2 * members.size, RUN)


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
def _add_up(
    chord2: FloatArray, weight: FloatArray, inside2: FloatArray, outside2: FloatArray, sums: FloatArray
) -> int:
    """Add listed weights to the first ring that surely holds them; count those that an edge may cut off."""
    before, edge = 0.0, 0
    for ring in range(inside2.size):
        total = _sum_within(chord2, weight, inside2[ring])
        for j in range(chord2.size):
            edge += (chord2[j] > inside2[ring]) & (chord2[j] <= outside2[ring])
        sums[ring] += total - before
        before = total
    return edge


@compiled
def list_edges(
    tree: Blocks,
    xyz: FloatArray,
    rows: IntArray,
    inside: FloatArray,
    outside: FloatArray,
    start: IntArray,
    target: IntArray,
    ring: IntArray,
) -> None:
    """List the pairs that `sum_rings` counted: position of the point, and the ring whose edge is in doubt."""
    lane2, leaves, stack = np.empty(LANES), tree.points.shape[0], np.empty(256, dtype=np.int64)
    inside2, outside2 = np.copysign(inside * inside, inside), outside * outside
    for row in rows:
        x, y, z, at = xyz[row, 0], xyz[row, 1], xyz[row, 2], start[row]
        stack[0] = leaves + tree.child.size - 1
        height = 1
        while height:
            height -= 1
            b = stack[height]
            if b < leaves:
                chords(tree.points, b, x, y, z, lane2)
                for j in range(LANES):
                    for r in range(inside.size):
                        if inside2[r] < lane2[j] <= outside2[r]:
                            target[at], ring[at] = tree.position[b, j], r
                            at += 1
            else:
                gaps(tree.boxes, b - leaves, x, y, z, lane2)
                for j in range(LANES):
                    stack[height] = tree.child[b - leaves] + j
                    height += lane2[j] <= outside2[-1]
