"""Contract roads: what lies between two junctions is one chain, whose inner nodes only shape it and cost time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iopdir.roads.extract import Extract
from iopdir.roads.obstacles import MINOR_SIGN, SIGN
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray, geodesic_m

__all__ = ["DECI", "Chains", "Lines", "contract", "draw"]

DECI: Final = 10
"""Search counts whole tenths of a second."""

ENDS_ONLY, CARRIED, ROUNDABOUT, LEFT, DOORSTEP = 1, 2, 4, 8, 16
"""What holds for a segment: only those drive there whose way begins or ends there; carried; in a roundabout; traffic
keeps left; a way may begin or end there."""

_NEAR_SIGN_M: Final = 20.0
"""A stop sign without a direction is for those who have less than so far to go to the junction: OSRM's rule."""

Int32 = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Straight segments between neighbouring nodes, each with what it takes to drive it.

    Parameters
    ----------
    a, b
        Nodes, shape (segments,).
    way
        Which way each is a part of.
    metres
        Lengths.
    forward, backward
        Tenths of a second from a to b and back, -1 where closed.
    flags
        What holds, see `ENDS_ONLY`.
    """

    a: IntArray
    b: IntArray
    way: IntArray
    metres: FloatArray
    forward: Int32
    backward: Int32
    flags: NDArray[np.uint8]


def draw(extract: Extract) -> Lines:
    """Cut ways into segments.

    Parameters
    ----------
    extract
        Roads.

    Returns
    -------
    Lines
        Without those that have no length in nodes, or a node that the extract does not have.
    """
    sizes = np.diff(extract.start)
    way = np.repeat(np.arange(sizes.size), np.maximum(sizes - 1, 0))
    first = np.ones(extract.node.size, dtype=bool)
    first[extract.start[1:] - 1] = False
    a = extract.node[:-1][first[:-1]]
    b = extract.node[1:][first[:-1]]
    here = ~(np.isnan(extract.lon[a]) | np.isnan(extract.lon[b])) & (a != b)
    a, b, way = a[here], b[here], way[here]
    metres = geodesic_m(extract.lon[a], extract.lat[a], extract.lon[b], extract.lat[b])
    told = np.array([[p.forward, p.backward, p.seconds] for p in extract.passages], dtype=np.float64).reshape(
        -1, 3
    )
    flags = np.array(
        [
            (ENDS_ONLY if p.ends_forward or p.ends_backward else 0)
            | (CARRIED if p.carried else 0)
            | (ROUNDABOUT if p.roundabout else 0)
            | (LEFT if p.left else 0)
            | (DOORSTEP if p.doorstep else 0)
            for p in extract.passages
        ],
        dtype=np.uint8,
    )
    kind = extract.kind[way]
    length = np.bincount(way, metres, minlength=sizes.size)[way]
    share = np.divide(metres, length, out=np.zeros_like(metres), where=length > 0)
    both = [_deciseconds(metres, told[kind, column], told[kind, 2] * share) for column in (0, 1)]
    return Lines(a=a, b=b, way=way, metres=metres, forward=both[0], backward=both[1], flags=flags[kind])


def _deciseconds(metres: FloatArray, kmh: FloatArray, fixed_s: FloatArray) -> Int32:
    """Turn length and speed into time, at least a tenth of a second as in OSRM; -1 where closed."""
    speed = np.where(kmh > 0, kmh, 1.0) / 3.6
    seconds = np.where(fixed_s > 0, fixed_s, metres / speed)
    time = np.maximum(np.rint(seconds * DECI), 1)
    return np.where(kmh > 0, time, -1).astype(np.int32)


@dataclass(frozen=True, kw_only=True)
class Chains:
    """Roads between junctions.

    A chain has p segments and p + 1 nodes. It is driven forward, from its first node to its last, and backward.

    Parameters
    ----------
    start
        Where the segments of each chain start, shape (chains + 1,); its nodes start at ``start[c] + c``.
    node
        Nodes of the chains, shape (segments + chains,).
    way
        Way of each segment.
    took
        Tenths of a second that each segment takes forward and backward, shape (2, segments), -1 where closed.
    left
        Tenths of a second from the end where one enters to where the segment is entered, waits included, shape
        (2, segments).
    total
        Of the whole chain forward and backward, shape (2, chains), -1 where closed.
    metres
        Of the segments.
    flags
        Of the chains, see `ENDS_ONLY`.
    """

    start: IntArray
    node: IntArray
    way: IntArray
    took: Int32
    left: Int32
    total: Int32
    metres: FloatArray
    flags: NDArray[np.uint8]


def contract(lines: Lines, extract: Extract) -> Chains:
    """Join the segments between junctions.

    Parameters
    ----------
    lines
        Segments.
    extract
        What they were cut from.

    Returns
    -------
    Chains
        Every segment in one chain; a ring without a junction begins anywhere.
    """
    nodes = extract.lon.size
    joint = np.zeros(nodes, dtype=bool)
    blocked = [row for row, stop in extract.stops.items() if stop.along < 0]
    joint[blocked] = True
    joint[[ban.via for ban in extract.bans]] = True
    joint[[corner for rule in extract.detours for corner in rule.corners]] = True
    ends, offset = incidence(lines.a, lines.b, nodes)
    _mark_joints(lines.forward, lines.backward, lines.flags, joint, ends, offset)
    order, flipped, start = _walk(lines.a, lines.b, joint, ends, offset)
    a, b = lines.a[order], lines.b[order]
    tail, head = np.where(flipped, b, a), np.where(flipped, a, b)
    took = np.stack(
        [
            np.where(flipped, lines.backward[order], lines.forward[order]),
            np.where(flipped, lines.forward[order], lines.backward[order]),
        ]
    )
    size = np.diff(start)
    node = np.empty(order.size + size.size, dtype=np.int64)
    inner = np.arange(order.size) + np.repeat(np.arange(size.size), size)
    node[inner] = tail
    node[start[1:] + np.arange(size.size)] = head[start[1:] - 1]
    wait, sign = waits(extract)
    left, total = _add_up(start, tail, took, lines.metres[order], flipped, wait, sign)
    return Chains(
        start=start,
        node=node,
        way=lines.way[order],
        took=took,
        left=left,
        total=total,
        metres=lines.metres[order],
        flags=lines.flags[order][start[:-1]],
    )


def waits(extract: Extract) -> tuple[Int32, NDArray[np.uint8]]:
    """Tenths of a second at each node along and against its way, shape (2, nodes), and the kind of sign."""
    wait = np.zeros((2, extract.lon.size), dtype=np.int32)
    sign = np.zeros(extract.lon.size, dtype=np.uint8)
    for row, stop in extract.stops.items():
        if stop.along >= 0:
            wait[:, row] = round(stop.along * DECI), round(stop.against * DECI)
            sign[row] = stop.kind
    return wait, sign


def incidence(a: IntArray, b: IntArray, nodes: int) -> tuple[IntArray, IntArray]:
    """List the segments at each node: twice the segment, and 1 more for its end b; and where each list starts."""
    at = np.concatenate([a, b])
    order = np.argsort(at, kind="stable")
    offset = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=nodes))])
    which = np.concatenate([np.arange(a.size) * 2, np.arange(b.size) * 2 + 1])
    return which[order], offset


@compiled
def _alike(one: int, two: int, forward: Int32, backward: Int32, flags: NDArray[np.uint8]) -> bool:
    """Whether one goes on from the end of one segment to that of another under the same rules, either way.

    Ends are numbered as by `incidence`.
    """
    i, j = one // 2, two // 2
    away, towards = (forward, backward) if one % 2 == 0 else (backward, forward)
    there, back = (forward, backward) if two % 2 == 0 else (backward, forward)
    same = (away[i] >= 0) == (back[j] >= 0) and (towards[i] >= 0) == (there[j] >= 0)
    return bool(i != j and same and flags[i] == flags[j])


@compiled
def _mark_joints(
    forward: Int32,
    backward: Int32,
    flags: NDArray[np.uint8],
    joint: BoolArray,
    ends: IntArray,
    offset: IntArray,
) -> None:
    """Mark the nodes where chains end."""
    for node in range(joint.size):
        one = offset[node]
        if offset[node + 1] - one != 2 or not _alike(ends[one], ends[one + 1], forward, backward, flags):
            joint[node] = True


@compiled
def _walk(
    a: IntArray, b: IntArray, joint: BoolArray, ends: IntArray, offset: IntArray
) -> tuple[IntArray, BoolArray, IntArray]:
    """Order segments by chain; say which are driven from b to a, and where each chain starts."""
    n = a.size
    order, flipped = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.bool_)
    start, done = np.empty(n + 1, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    at, chains = 0, 0
    for turn in range(4 * n):  # first from every joint, then around the rings that have none
        first, end = turn % (2 * n) // 2, turn % 2
        if done[first] or (turn < 2 * n and not joint[a[first] if end == 0 else b[first]]):
            continue
        start[chains] = at
        chains += 1
        segment, enter = first, end
        while not done[segment]:
            done[segment] = True
            order[at], flipped[at] = segment, enter == 1
            at += 1
            node = b[segment] if enter == 0 else a[segment]
            if joint[node]:
                break
            other = ends[offset[node]]
            if other == segment * 2 + 1 - enter:
                other = ends[offset[node] + 1]
            segment, enter = other // 2, other % 2
    start[chains] = at
    return order, flipped, start[: chains + 1].copy()


@compiled
def _add_up(
    start: IntArray,
    tail: IntArray,
    took: Int32,
    metres: FloatArray,
    flipped: BoolArray,
    wait: Int32,
    sign: NDArray[np.uint8],
) -> tuple[Int32, Int32]:
    """Add times up along chains, with the waits at their inner nodes."""
    chains = start.size - 1
    left = np.zeros(took.shape, dtype=np.int32)
    total = np.full((2, chains), -1, dtype=np.int32)
    for chain in range(chains):
        lo, hi = start[chain], start[chain + 1]
        length = metres[lo:hi].sum()
        if took[0, lo] >= 0:
            time, gone = 0, 0.0
            for i in range(lo, hi):
                if i > lo:
                    time += _pause(
                        tail[i],
                        flipped[i - 1],
                        gone,
                        length,
                        wait,
                        sign,
                        took[0, i - 1],
                        took[0, i],
                        metres,
                        i - 1,
                        i,
                    )
                left[0, i] = time
                time += took[0, i]
                gone += metres[i]
            total[0, chain] = time
        if took[1, lo] >= 0:
            time, gone = 0, 0.0
            for i in range(hi - 1, lo - 1, -1):
                if i < hi - 1:
                    time += _pause(
                        tail[i + 1],
                        not flipped[i + 1],
                        gone,
                        length,
                        wait,
                        sign,
                        took[1, i + 1],
                        took[1, i],
                        metres,
                        i + 1,
                        i,
                    )
                left[1, i] = time
                time += took[1, i]
                gone += metres[i]
            total[1, chain] = time
    return left, total


@compiled
def _pause(
    node: int,
    against: bool,  # noqa: FBT001
    gone: float,
    length: float,
    wait: Int32,
    sign: NDArray[np.uint8],
    before: int,
    after: int,
    metres: FloatArray,
    i: int,
    j: int,
) -> int:
    """Tenths of a second at an inner node, for those who come along or against its way."""
    if sign[node] == SIGN and gone < _NEAR_SIGN_M and length - gone > _NEAR_SIGN_M:
        return 0  # they leave the junction that the sign is for
    if sign[node] == MINOR_SIGN and metres[j] * before <= metres[i] * after:
        return 0  # they do not come by the minor road
    return int(wait[1 if against else 0, node])
