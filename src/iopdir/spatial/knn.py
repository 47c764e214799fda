"""The k nearest points of a packed tree: neighbours walk it together and start from the answer of those before.

Chords prune, geodesics decide, ties go to the lower position.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    unpack,
)
from iopdir.spatial.compiled import compiled, inlined
from iopdir.spatial.geodesy import (
    BENT_CHORD_M,
    PAD_M,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    TIGHTEST_RADIUS_M,
    FloatArray,
    IntArray,
    check_lonlat,
    chord_never_above,
    inverse,
)
from iopdir.spatial.pairs import list_pairs
from iopdir.spatial.threads import in_threads

__all__ = ["nearest_batch", "nearest_with_bearing"]

_CHUNK: Final = 1 << 20
_ROOM: Final = 64
_NEAR_M: Final = 150_000.0
_NEAR_CURVE: Final = 1.001 / (24 * TIGHTEST_RADIUS_M**2)


def nearest_batch(
    tree: PackedTree, lon: ArrayLike, lat: ArrayLike, k: int = 1, *, max_distance_m: float = math.inf
) -> tuple[IntArray, FloatArray]:
    """Find the k nearest points of a tree for every query point.

    Parameters
    ----------
    tree
        Points to search among.
    lon, lat
        Query points, degrees, shape (n,).
    k
        How many, at least 1.
    max_distance_m
        Nothing beyond this, inclusive.

    Returns
    -------
    tuple[IntArray, FloatArray]
        Positions in the tree and geodesics in metres, each of shape (n, k), nearest first; equally near
        points in order of position; where there are fewer than k, position -1 and distance `inf`.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If `k` is below 1 or the distance negative or NaN.

    Examples
    --------
    >>> tree = PackedTree([-87.6, -122.4], [41.9, 37.8])
    >>> index, distance_m = nearest_batch(tree, [-90.0], [40.0], 3)
    >>> index, distance_m.round()
    (array([[ 0,  1, -1]]), array([[ 292133., 2805743.,      inf]]))
    """
    return nearest_with_bearing(tree, lon, lat, k, max_distance_m=max_distance_m)[:2]


def nearest_with_bearing(
    tree: PackedTree, lon: ArrayLike, lat: ArrayLike, k: int = 1, *, max_distance_m: float = math.inf
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Find the k nearest like `nearest_batch`, and the direction in which the way to each sets out.

    Parameters
    ----------
    tree, lon, lat, k, max_distance_m
        As for [nearest_batch][iopdir.arrays.nearest_batch].

    Returns
    -------
    tuple[IntArray, FloatArray, FloatArray]
        Positions, geodesics in metres, and bearings in degrees clockwise from north, each of shape (n, k);
        -1, `inf` and NaN where there are fewer than k.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If `k` is below 1 or the distance negative or NaN.

    Examples
    --------
    >>> tree = PackedTree([1.0], [0.0])
    >>> nearest_with_bearing(tree, [0.0], [0.0])
    (array([[0]]), array([[111319.49079327]]), array([[90.]]))
    """
    lons, lats = check_lonlat(lon, lat)
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if not max_distance_m >= 0:
        raise ValueError(f"max_distance_m must be 0 or more, not {max_distance_m}")
    shape = lons.size, min(k, len(tree))
    index = np.full(shape, -1, dtype=np.int64)
    distance, bearing = np.full(shape, np.inf), np.full(shape, np.nan)
    step = max(_CHUNK // k, 4096)
    for begin in each(range(0, lons.size if len(tree) else 0, step), "Measuring distances"):
        part = slice(begin, begin + step)
        _nearest_part(
            tree, lons[part], lats[part], max_distance_m, index[part], distance[part], bearing[part]
        )
    if k > shape[1]:
        missing = (0, 0), (0, k - shape[1])
        index, distance, bearing = (
            np.pad(part, missing, constant_values=nothing)
            for part, nothing in ((index, -1), (distance, np.inf), (bearing, np.nan))
        )
    return index, distance, bearing


def _nearest_part(
    tree: PackedTree,
    lon: FloatArray,
    lat: FloatArray,
    max_m: float,
    index: IntArray,
    distance: FloatArray,
    bearing: FloatArray,
) -> None:
    xyz, order = in_curve_order(lon, lat)
    cap, unsure = float(chord_never_above(max_m)) + PAD_M, np.zeros(lon.size, dtype=np.bool_)
    in_threads(lambda part: find_nearest(tree.blocks, xyz, order[part], cap, index, unsure), lon.size)
    _measure(tree, lon, lat, index >= 0, index, distance, bearing)
    doubtful = np.flatnonzero(unsure)
    if doubtful.size:
        reach_m = np.minimum(distance[doubtful].max(axis=1), max_m)
        origin, target, _ = list_pairs(tree, lon[doubtful], lat[doubtful], reach_m, index.shape[1])
        rank = np.arange(origin.size) - np.searchsorted(origin, np.arange(doubtful.size))[origin]
        top = rank < index.shape[1]
        index[doubtful], distance[doubtful], bearing[doubtful] = -1, np.inf, np.nan
        better = np.zeros(index.shape, dtype=np.bool_)
        better[doubtful[origin[top]], rank[top]] = True
        index[better] = target[top]
        _measure(tree, lon, lat, better, index, distance, bearing)
    beyond = distance > max_m
    index[beyond], distance[beyond], bearing[beyond] = -1, np.inf, np.nan
    sort_rows(index, distance, bearing)


def _measure(
    tree: PackedTree,
    lon: FloatArray,
    lat: FloatArray,
    which: NDArray[np.bool_],
    index: IntArray,
    distance: FloatArray,
    bearing: FloatArray,
) -> None:
    rows, target = np.nonzero(which)[0], index[which]
    distance[which], bearing[which] = inverse(lon[rows], lat[rows], tree.lon[target], tree.lat[target])


@compiled
def _reach(chord: float) -> float:
    """Chord beyond which no geodesic is as short as the one of this chord may be."""
    if chord < _NEAR_M:
        return chord * (1.0 + chord * chord * _NEAR_CURVE) + PAD_M
    geodesic = 2.0 * SEMI_MAJOR_M * math.asin(min(1.0, chord / (2.0 * SEMI_MINOR_M)))
    if chord < BENT_CHORD_M:
        geodesic = min(geodesic, 2.0 * TIGHTEST_RADIUS_M * math.asin(chord / (2.0 * TIGHTEST_RADIUS_M)))
    return PAD_M + min(
        geodesic, 2.0 * SEMI_MAJOR_M * math.sin(min(geodesic / (2.0 * SEMI_MINOR_M), math.pi / 2))
    )


@inlined
def _keep(chord2: float, slot: int, filled: int, best2: FloatArray, best: IntArray) -> int:
    """Insert a point into the sorted list of the best, if it belongs there, behind its equals."""
    i = min(filled, best.size - 1)
    if filled == best.size and chord2 >= best2[i]:
        return filled
    while i > 0 and best2[i - 1] > chord2:
        best2[i], best[i] = best2[i - 1], best[i - 1]
        i -= 1
    best2[i], best[i] = chord2, slot
    return min(filled + 1, best.size)


@compiled
def _search(
    tree: Blocks,
    x: float,
    y: float,
    z: float,
    bound: float,
    best2: FloatArray,
    best: IntArray,
    stack: IntArray,
    gap2: FloatArray,
) -> tuple[int, int]:
    """Find the smallest chords from one place within a bound; how many there are, and blocks visited."""
    lane2, leaves, k = np.empty(LANES), tree.points.shape[0], best.size
    stack[0], gap2[0] = leaves + tree.child.size - 1, 0.0
    height, filled, visited, bound2 = 1, 0, 0, bound * bound
    while height:
        height -= 1
        if gap2[height] > bound2:
            continue
        visited += 1
        b = stack[height]
        if b < leaves:
            chords(tree.points, b, x, y, z, lane2)
            for j in range(LANES):
                if lane2[j] <= bound2 and tree.twin[b, j] < k:
                    filled = _keep(lane2[j], b * LANES + j, filled, best2, best)
                    if filled == k:
                        bound2 = min(bound2, best2[k - 1])
        else:
            gaps(tree.boxes, b - leaves, x, y, z, lane2)
            height = _push(tree.child[b - leaves], lane2, bound2, stack, gap2, height)
    return filled, visited


@inlined
def _push(
    first: int, lane2: FloatArray, bound2: float, stack: IntArray, gap2: FloatArray, height: int
) -> int:
    """Put the blocks within the bound on the stack, the nearest on top."""
    floor = height
    for j in range(LANES):
        if lane2[j] <= bound2:
            i = height
            while i > floor and gap2[i - 1] < lane2[j]:
                gap2[i], stack[i] = gap2[i - 1], stack[i - 1]
                i -= 1
            gap2[i], stack[i] = lane2[j], first + j
            height += 1
    return height


@compiled
def _collect(
    tree: Blocks, x: float, y: float, z: float, radius: float, k: int, out: IntArray, stack: IntArray
) -> tuple[int, int]:
    """List the points within a chord of one place: how many, or -1 if there is no room, and blocks visited."""
    lane2, leaves, radius2 = np.empty(LANES), tree.points.shape[0], radius * radius
    stack[0] = leaves + tree.child.size - 1
    height, found, visited = 1, 0, 0
    while height:
        height, visited = height - 1, visited + 1
        b = stack[height]
        if b < leaves:
            chords(tree.points, b, x, y, z, lane2)
            if found + LANES > out.size:
                return -1, visited
            for j in range(LANES):
                out[found] = b * LANES + j
                found += (lane2[j] <= radius2) & (tree.twin[b, j] < k)
        else:
            gaps(tree.boxes, b - leaves, x, y, z, lane2)
            for j in range(LANES):
                stack[height] = tree.child[b - leaves] + j
                height += lane2[j] <= radius2
    return found, visited


@compiled
def find_nearest(
    tree: Blocks, xyz: FloatArray, order: IntArray, cap: float, index: IntArray, unsure: NDArray[np.bool_]
) -> int:
    """Find the k smallest chords of each query; say where a geodesic may beat the last of them.

    One search from the middle of a run bounds how far the answer of any member can be; whatever lies within
    that is compared with each. A run with too much to compare is halved. Return how many blocks were visited.
    """
    k = index.shape[1]
    best2, best = np.empty(k), np.empty(k, dtype=np.int64)
    room = (_ROOM + 4 * k) // LANES * LANES
    pool, near = np.empty(room, dtype=np.int64), np.empty((4, room))
    stack, gap2, run = np.empty(256, dtype=np.int64), np.empty(256), np.empty((3, RUN))
    begin, width, filled, visited = 0, RUN, 0, 0
    while begin < order.size:
        members = order[begin : begin + width]
        x, y, z, radius = gather(xyz, members, run)
        reach = bound = cap + radius
        if filled == k:  # start from the answer of the run before
            warm2 = 0.0
            for slot in best:
                warm2 = max(warm2, _chord2(tree.points, int(slot), x, y, z))
            bound = min(bound, math.sqrt(warm2) + PAD_M)
        filled, walked = _search(tree, x, y, z, bound, best2, best, stack, gap2)
        if filled == k:
            reach = min(reach, _reach(math.sqrt(best2[k - 1]) + radius) + radius)
        found, collected = _collect(tree, x, y, z, reach, k, pool, stack)
        visited += walked + collected
        width = _next_width(members.size, found, pool.size)
        if found >= 0:
            _compare(tree, run, members, pool[:found], near, index, unsure)
            begin += members.size
        elif members.size == 1:
            pool, near = np.empty(2 * pool.size, dtype=np.int64), np.empty((4, 2 * pool.size))
    return visited


@inlined
def _next_width(width: int, found: int, room: int) -> int:
    """Choose how many queries go together next: fewer if there was no room for what lies near them, else more."""
    if found < 0:
        return max(1, width // 2)
    return min(2 * width, RUN) if 2 * found <= room else width


@inlined
def _chord2(points: FloatArray, slot: int, x: float, y: float, z: float) -> float:
    """Squared chord to one point."""
    b, j = slot // LANES, slot % LANES
    dx, dy, dz = points[b, 0, j] - x, points[b, 1, j] - y, points[b, 2, j] - z
    return float(dx * dx + dy * dy + dz * dz)


@compiled
def _compare(
    tree: Blocks,
    run: FloatArray,
    members: IntArray,
    pool: IntArray,
    near: FloatArray,
    index: IntArray,
    unsure: NDArray[np.bool_],
) -> None:
    """Answer the queries of a run from a short list of points."""
    k, n = index.shape[1], unpack(tree, pool, near)
    best2, best, chord2 = np.empty(k), np.empty(k, dtype=np.int64), np.empty(n)
    for i in range(members.size):
        chords_to(near, n, run[0, i], run[1, i], run[2, i], chord2)
        filled, passed2 = 0, np.inf
        for j in range(pool.size):
            if filled == k and chord2[j] >= best2[k - 1]:
                passed2 = min(passed2, chord2[j])
                continue
            if filled == k:
                passed2 = best2[k - 1]
            filled = _keep(chord2[j], j, filled, best2, best)
        q = members[i]
        for j in range(filled):
            index[q, j] = tree.position[pool[best[j]] // LANES, pool[best[j]] % LANES]
        unsure[q] = filled == k and passed2 <= _reach(math.sqrt(best2[k - 1])) ** 2


@compiled
def sort_rows(index: IntArray, distance: FloatArray, bearing: FloatArray) -> None:
    """Order each row by distance, then position; rows are nearly sorted."""
    for i in range(index.shape[0]):
        for j in range(1, index.shape[1]):
            p, d, b, at = index[i, j], distance[i, j], bearing[i, j], j
            while at > 0 and (
                distance[i, at - 1] > d or (distance[i, at - 1] == d and index[i, at - 1] > p >= 0)
            ):
                index[i, at], distance[i, at] = index[i, at - 1], distance[i, at - 1]
                bearing[i, at] = bearing[i, at - 1]
                at -= 1
            index[i, at], distance[i, at], bearing[i, at] = p, d, b
