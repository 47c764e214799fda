"""Compiled loops of the packed tree; arrays in, arrays out, no checks.

The tree is blocks of `LANES`: a leaf block holds so many points, a box block the boxes of so many blocks. Both
keep each coordinate of their lanes side by side, so that a whole block is compared with a place in a few vector
instructions. Unused lanes lie at infinity, where no finite bound reaches.

Queries come in runs of neighbours along the curve. The tree is walked once for a run, from its middle, with
every bound widened by the radius of the run; what the walk cannot decide for all of them is listed and compared
with each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from iopdir.spatial.geodesy import (
    BENT_CHORD_M,
    PAD_M,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    TIGHTEST_RADIUS_M,
    FloatArray,
    IntArray,
)

__all__ = [
    "LANES",
    "Blocks",
    "along_curve",
    "count_twins",
    "count_within",
    "fill_within",
    "find_nearest",
    "list_edges",
    "sort_rows",
    "sum_rings",
]

LANES: Final = 8
"""Points or boxes a block: the doubles of one 512-bit register, or two of 256 bits."""

_CURVE_BITS: Final = 16
_RUN: Final = 32
_ROOM: Final = 64
_POOL: Final = 1024
_LOOK_BACK: Final = 16
_WALK: Final = 60
_NEAR_M: Final = 150_000.0
_NEAR_CURVE: Final = 1.001 / (24 * TIGHTEST_RADIUS_M**2)
_STRETCH2: Final = (SEMI_MAJOR_M / SEMI_MINOR_M) ** 2

_F = TypeVar("_F", bound=Callable[..., object])


def _compiled(function: _F, *, any_order: bool = False) -> _F:
    """Compile on first use, keep the result on disk, run without the interpreter lock."""
    relaxed: set[str] = {"reassoc", "nsz"} if any_order else set()
    try:
        kept = njit(cache=True, nogil=True, error_model="numpy", fastmath=relaxed)(function)
    except RuntimeError:  # numba finds no folder it may write to: every process compiles for itself
        kept = njit(nogil=True, error_model="numpy", fastmath=relaxed)(function)
    return cast("_F", kept)


def _inlined(function: _F) -> _F:
    """Compile as a part of whatever calls it."""
    return cast("_F", njit(nogil=True, error_model="numpy", inline="always")(function))


def _vectorized(function: _F) -> _F:
    """Compile likewise, and let sums be added in any order."""
    return _compiled(function, any_order=True)


class Blocks(NamedTuple):
    """A packed tree. Blocks are numbered leaves first, then boxes from the bottom up; the last is the root."""

    points: FloatArray  # (leaves, 3, LANES), metres
    position: IntArray  # (leaves, LANES), where each point stood in the caller's arrays
    twin: IntArray  # (leaves, LANES), how many points before it are known to lie on the same spot
    boxes: FloatArray  # (box blocks, 6, LANES), low x, y, z, high x, y, z
    child: IntArray  # (box blocks,), number of the first block below
    weight: FloatArray  # (leaves, LANES)
    total: FloatArray  # (box blocks, LANES), weight below each box


@_inlined
def _spread(bits: int) -> int:
    """Put two zeros between the bits of a 16-bit number."""
    bits = (bits | (bits << 16)) & 0x0000FF0000FF
    bits = (bits | (bits << 8)) & 0x00F00F00F00F
    bits = (bits | (bits << 4)) & 0x0C30C30C30C3
    return (bits | (bits << 2)) & 0x249249249249


@_compiled
def along_curve(xyz: FloatArray, order: IntArray) -> None:
    """Order points along a Morton curve through the cube around the Earth, in steps of some 200 m."""
    n = order.size
    scale = (1 << _CURVE_BITS) / (2.0 * SEMI_MAJOR_M + 2.0)
    keys, other, count = (
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
        np.empty(4096, dtype=np.int64),
    )
    for i in range(n):
        x = _spread(int((xyz[i, 0] + SEMI_MAJOR_M + 1.0) * scale))
        y = _spread(int((xyz[i, 1] + SEMI_MAJOR_M + 1.0) * scale))
        z = _spread(int((xyz[i, 2] + SEMI_MAJOR_M + 1.0) * scale))
        keys[i], order[i] = x << 2 | y << 1 | z, i
    for shift in range(0, 3 * _CURVE_BITS, 12):  # radix sort, 12 of the 48 bits at a time
        count[:] = 0
        for i in range(n):
            count[(keys[i] >> shift) & 4095] += 1
        before = 0
        for digit in range(4096):
            before, count[digit] = before + count[digit], before
        for i in range(n):
            digit = (keys[order[i]] >> shift) & 4095
            other[count[digit]] = order[i]
            count[digit] += 1
        order[:] = other


@_compiled
def count_twins(lon: FloatArray, lat: FloatArray, twin: IntArray) -> None:
    """Count the points before each one, in curve order, that lie on the same spot; a few steps back will do.

    Among the k nearest there is no room for a point with k or more before it on its spot.
    """
    for i in range(lon.size):
        twin[i] = 0
        for j in range(i - 1, max(i - 1 - _LOOK_BACK, -1), -1):
            if lon[j] == lon[i] and lat[j] == lat[i]:
                twin[i] = twin[j] + 1
                break


@_inlined
def _gaps(boxes: FloatArray, b: int, x: float, y: float, z: float, gap2: FloatArray) -> None:
    """Squared chord to the nearest point of each box."""
    for j in range(LANES):
        dx, ex = boxes[b, 0, j] - x, x - boxes[b, 3, j]
        dy, ey = boxes[b, 1, j] - y, y - boxes[b, 4, j]
        dz, ez = boxes[b, 2, j] - z, z - boxes[b, 5, j]
        dx, dy, dz = max(dx, ex, 0.0), max(dy, ey, 0.0), max(dz, ez, 0.0)
        gap2[j] = dx * dx + dy * dy + dz * dz


@_inlined
def _span2(boxes: FloatArray, b: int, j: int, x: float, y: float, z: float) -> float:
    """Squared chord to the farthest corner of one box."""
    dx = max(x - boxes[b, 0, j], boxes[b, 3, j] - x)
    dy = max(y - boxes[b, 1, j], boxes[b, 4, j] - y)
    dz = max(z - boxes[b, 2, j], boxes[b, 5, j] - z)
    return float(dx * dx + dy * dy + dz * dz)


@_inlined
def _chords(points: FloatArray, b: int, x: float, y: float, z: float, chord2: FloatArray) -> None:
    """Squared chord to each point of a leaf."""
    for j in range(LANES):
        dx, dy, dz = points[b, 0, j] - x, points[b, 1, j] - y, points[b, 2, j] - z
        chord2[j] = dx * dx + dy * dy + dz * dz


@_inlined
def _chords_to(near: FloatArray, n: int, x: float, y: float, z: float, chord2: FloatArray) -> None:
    """Squared chord to each of n listed points."""
    for j in range(n):
        dx, dy, dz = near[0, j] - x, near[1, j] - y, near[2, j] - z
        chord2[j] = dx * dx + dy * dy + dz * dz


@_vectorized
def _sum_within(chord2: FloatArray, weight: FloatArray, limit2: float) -> float:
    """Sum the weights of listed points up to a chord, in whatever order is fastest."""
    total = 0.0
    for j in range(chord2.size):
        total += weight[j] if chord2[j] <= limit2 else 0.0
    return total


@_compiled
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


@_inlined
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


@_compiled
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
) -> int:
    """Find the smallest chords from one place within a bound, and how many there are."""
    lane2, leaves, k = np.empty(LANES), tree.points.shape[0], best.size
    stack[0], gap2[0] = leaves + tree.child.size - 1, 0.0
    height, filled, bound2 = 1, 0, bound * bound
    while height:
        height -= 1
        if gap2[height] > bound2:
            continue
        b = stack[height]
        if b < leaves:
            _chords(tree.points, b, x, y, z, lane2)
            for j in range(LANES):
                if lane2[j] <= bound2 and tree.twin[b, j] < k:
                    filled = _keep(lane2[j], b * LANES + j, filled, best2, best)
                    if filled == k:
                        bound2 = min(bound2, best2[k - 1])
        else:
            _gaps(tree.boxes, b - leaves, x, y, z, lane2)
            height = _push(tree.child[b - leaves], lane2, bound2, stack, gap2, height)
    return filled


@_inlined
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


@_compiled
def _collect(
    tree: Blocks, x: float, y: float, z: float, radius: float, k: int, out: IntArray, stack: IntArray
) -> int:
    """List the points within a chord of one place: how many, or -1 if there is no room."""
    lane2, leaves, radius2 = np.empty(LANES), tree.points.shape[0], radius * radius
    stack[0] = leaves + tree.child.size - 1
    height, found = 1, 0
    while height:
        height -= 1
        b = stack[height]
        if b < leaves:
            _chords(tree.points, b, x, y, z, lane2)
            if found + LANES > out.size:
                return -1
            for j in range(LANES):
                out[found] = b * LANES + j
                found += (lane2[j] <= radius2) & (tree.twin[b, j] < k)
        else:
            _gaps(tree.boxes, b - leaves, x, y, z, lane2)
            for j in range(LANES):
                stack[height] = tree.child[b - leaves] + j
                height += lane2[j] <= radius2
    return found


@_compiled
def _gather(xyz: FloatArray, members: IntArray, run: FloatArray) -> tuple[float, float, float, float]:
    """Copy a run of queries, and find its middle and radius."""
    n = members.size
    x, y, z, radius2 = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        q = members[i]
        run[0, i], run[1, i], run[2, i] = xyz[q, 0], xyz[q, 1], xyz[q, 2]
        x, y, z = x + run[0, i], y + run[1, i], z + run[2, i]
    x, y, z = x / n, y / n, z / n
    for i in range(n):
        dx, dy, dz = run[0, i] - x, run[1, i] - y, run[2, i] - z
        radius2 = max(radius2, dx * dx + dy * dy + dz * dz)
    return x, y, z, math.sqrt(radius2) + PAD_M


@_compiled
def find_nearest(
    tree: Blocks, xyz: FloatArray, order: IntArray, cap: float, index: IntArray, unsure: NDArray[np.bool_]
) -> None:
    """Find the k smallest chords of each query; say where a geodesic may beat the last of them.

    One search from the middle of a run bounds how far the answer of any member can be; whatever lies within
    that is compared with each. A run with too much to compare is halved.
    """
    k = index.shape[1]
    best2, best = np.empty(k), np.empty(k, dtype=np.int64)
    pool, near = np.empty(_ROOM + 4 * k, dtype=np.int64), np.empty((4, _ROOM + 4 * k))
    stack, gap2, run = np.empty(256, dtype=np.int64), np.empty(256), np.empty((3, _RUN))
    begin, width, filled = 0, _RUN, 0
    while begin < order.size:
        members = order[begin : begin + width]
        x, y, z, radius = _gather(xyz, members, run)
        bound = cap + radius
        if filled == k:  # start from the answer of the run before
            warm2 = 0.0
            for slot in best:
                warm2 = max(warm2, _chord2(tree.points, int(slot), x, y, z))
            bound = min(bound, math.sqrt(warm2) + PAD_M)
        filled = _search(tree, x, y, z, bound, best2, best, stack, gap2)
        reach = cap + radius
        if filled == k:
            reach = min(reach, _reach(math.sqrt(best2[k - 1]) + radius) + radius)
        found = _collect(tree, x, y, z, reach, k, pool, stack)
        if found < 0:
            if width == 1:
                pool, near = np.empty(2 * pool.size, dtype=np.int64), np.empty((4, 2 * pool.size))
            width = max(1, members.size // 2)
            continue
        _compare(tree, run, members, pool[:found], near, index, unsure)
        begin += members.size
        if 2 * found <= pool.size:
            width = min(2 * members.size, _RUN)


@_inlined
def _chord2(points: FloatArray, slot: int, x: float, y: float, z: float) -> float:
    """Squared chord to one point."""
    b, j = slot // LANES, slot % LANES
    dx, dy, dz = points[b, 0, j] - x, points[b, 1, j] - y, points[b, 2, j] - z
    return float(dx * dx + dy * dy + dz * dz)


@_compiled
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
    k, n = index.shape[1], _unpack(tree, pool, near)
    best2, best, chord2 = np.empty(k), np.empty(k, dtype=np.int64), np.empty(n)
    for i in range(members.size):
        _chords_to(near, n, run[0, i], run[1, i], run[2, i], chord2)
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


@_compiled
def _unpack(tree: Blocks, pool: IntArray, near: FloatArray) -> int:
    """Copy listed points side by side, and fill up to a whole number of blocks with points at infinity."""
    n = pool.size
    for j in range(n):
        b, lane = pool[j] // LANES, pool[j] % LANES
        near[0, j], near[1, j], near[2, j] = (
            tree.points[b, 0, lane],
            tree.points[b, 1, lane],
            tree.points[b, 2, lane],
        )
        near[3, j] = tree.weight[b, lane]
    whole = -(-n // LANES) * LANES
    near[:3, n:whole], near[3, n:whole] = np.inf, 0.0
    return whole


@_compiled
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


@_compiled
def _walk_within(
    tree: Blocks,
    x: float,
    y: float,
    z: float,
    chord2: float,
    stretched2: float,
    twins: int,
    out: IntArray,
    stack: IntArray,
) -> int:
    """Count, and list if there is room, the points that no bound rules out."""
    lane2, leaves = np.empty(LANES), tree.points.shape[0]
    stack[0] = leaves + tree.child.size - 1
    height, found = 1, 0
    while height:
        height -= 1
        b = stack[height]
        if b < leaves:
            for j in range(LANES):
                dx, dy, dz = tree.points[b, 0, j] - x, tree.points[b, 1, j] - y, tree.points[b, 2, j] - z
                flat2 = dx * dx + dy * dy
                near = flat2 + dz * dz <= chord2 and flat2 + dz * dz * _STRETCH2 <= stretched2
                if near and tree.twin[b, j] < twins:
                    if out.size:
                        out[found] = tree.position[b, j]
                    found += 1
        else:
            _gaps(tree.boxes, b - leaves, x, y, z, lane2)
            for j in range(LANES):
                stack[height] = tree.child[b - leaves] + j
                height += lane2[j] <= chord2
    return found


@_compiled
def count_within(
    tree: Blocks, xyz: FloatArray, chord2: FloatArray, stretched2: FloatArray, twins: int, count: IntArray
) -> None:
    """Count what `fill_within` will list."""
    nothing, stack = np.empty(0, dtype=np.int64), np.empty(256, dtype=np.int64)
    for i in range(xyz.shape[0]):
        count[i] = _walk_within(
            tree, xyz[i, 0], xyz[i, 1], xyz[i, 2], chord2[i], stretched2[i], twins, nothing, stack
        )


@_compiled
def fill_within(
    tree: Blocks,
    xyz: FloatArray,
    chord2: FloatArray,
    stretched2: FloatArray,
    twins: int,
    start: IntArray,
    out: IntArray,
) -> None:
    """List the points within the bounds of each query, from its start on, up to so many on one spot."""
    stack = np.empty(256, dtype=np.int64)
    for i in range(xyz.shape[0]):
        _walk_within(
            tree, xyz[i, 0], xyz[i, 1], xyz[i, 2], chord2[i], stretched2[i], twins, out[start[i] :], stack
        )


@_compiled
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
    stack, run, lane2 = np.empty(256, dtype=np.int64), np.empty((3, _RUN)), np.empty(LANES)
    begin, width, root = 0, 4, tree.points.shape[0] + tree.child.size - 1
    while begin < order.size:
        members = order[begin : begin + width]
        x, y, z, radius = _gather(xyz, members, run)
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
                n = _unpack(tree, pool[:found], near)
                for i in range(members.size):
                    _chords_to(near, n, run[0, i], run[1, i], run[2, i], chord2)
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
            width = min(2 * members.size, _RUN)


@_inlined
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
        _chords(tree.points, b, x, y, z, lane2)
    else:
        _gaps(tree.boxes, b - leaves, x, y, z, lane2)
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
            elif _span2(tree.boxes, b - leaves, j, x, y, z) <= all_in2[ring]:
                shared[ring] += tree.total[b - leaves, j]
            else:
                stack[height] = tree.child[b - leaves] + j
                height += 1
    return height, found


@_compiled
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


@_compiled
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
                _chords(tree.points, b, x, y, z, lane2)
                for j in range(LANES):
                    for r in range(inside.size):
                        if inside2[r] < lane2[j] <= outside2[r]:
                            target[at], ring[at] = tree.position[b, j], r
                            at += 1
            else:
                _gaps(tree.boxes, b - leaves, x, y, z, lane2)
                for j in range(LANES):
                    stack[height] = tree.child[b - leaves] + j
                    height += lane2[j] <= outside2[-1]
