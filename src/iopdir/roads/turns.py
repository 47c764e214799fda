"""Turns: from which end of a road into which other, and what that costs.

A direction of a chain is a state: ``2 * chain`` forward, ``2 * chain + 1`` backward. A turn leads from a state that
arrives at a junction to one that leaves it.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iopdir.roads.chains import CARRIED, DECI, LEFT, ROUNDABOUT, Chains, Int32, incidence, waits
from iopdir.roads.extract import Extract
from iopdir.roads.obstacles import MINOR_SIGN
from iopdir.roads.profile import Profile
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["TurnTable", "list_turns"]

_LOOK_M: Final = 10.0
"""A turn is judged by where the roads are so far from the junction."""


class TurnTable(NamedTuple):
    """From state, to state, tenths of a second; shape (turns,)."""

    origin: Int32
    target: Int32
    cost: NDArray[np.uint16]


class _Ends(NamedTuple):
    """What a junction needs to know of the ends of chains: end 0 where they start, end 1; shape (2 * chains,)."""

    bearing: FloatArray  # degrees in which one leaves the junction
    way: IntArray
    against: NDArray[np.bool_]  # who arrives at this end comes against the direction of the way
    speed: FloatArray  # metres a decisecond of who arrives, 0 where closed
    arrives: NDArray[np.bool_]
    leaves: NDArray[np.bool_]
    flags: NDArray[np.uint8]


class _Bans(NamedTuple):
    """Forbidden turns in order of their node."""

    node: IntArray
    origin: IntArray
    target: IntArray
    only: NDArray[np.bool_]


def list_turns(chains: Chains, extract: Extract, profile: Profile) -> TurnTable:
    """List the turns at all junctions.

    Parameters
    ----------
    chains
        Roads.
    extract
        What they were made from.
    profile
        What turns cost.

    Returns
    -------
    TurnTable
        In order of the junctions.
    """
    first = chains.node[chains.start[:-1] + np.arange(chains.start.size - 1)]
    last = chains.node[chains.start[1:] + np.arange(chains.start.size - 1)]
    at, offset = incidence(first, last, extract.lon.size)
    wait, sign = waits(extract)
    blocked = np.zeros(extract.lon.size, dtype=bool)
    blocked[[row for row, stop in extract.stops.items() if stop.along < 0]] = True
    rules = sorted((ban.via, ban.origin, ban.target, ban.only) for ban in extract.bans)
    table = np.array(rules, dtype=np.int64).reshape(-1, 4)
    bans = _Bans(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy(), table[:, 3].astype(bool))
    ends = _describe(chains, extract)
    costs = profile.turns
    told = np.array([costs.full_s, costs.bias, costs.oncoming_s, costs.around_s])
    counts = _count(at, offset, ends, blocked)
    places = np.concatenate([[0], np.cumsum(counts)])
    origin, target = (np.full(places[-1], -1, dtype=np.int32) for _ in range(2))
    cost = np.zeros(places[-1], dtype=np.uint16)
    _fill(at, offset, ends, blocked, wait, sign, bans, told, places, origin, target, cost)
    kept = origin >= 0
    return TurnTable(origin[kept], target[kept], cost[kept])


def _describe(chains: Chains, extract: Extract) -> _Ends:
    n = chains.start.size - 1
    lon, lat = extract.lon[chains.node], extract.lat[chains.node]
    lo, hi = chains.start[:-1], chains.start[1:] - 1
    along = extract_direction(chains, extract)
    way = np.stack([chains.way[lo], chains.way[hi]], axis=1).ravel()
    against = np.stack([along[lo], ~along[hi]], axis=1).ravel()
    with np.errstate(divide="ignore"):
        arriving = np.stack(
            [chains.metres[lo] / chains.took[1, lo], chains.metres[hi] / chains.took[0, hi]], axis=1
        ).ravel()
    forward, backward = chains.total[0] >= 0, chains.total[1] >= 0
    return _Ends(
        bearing=_bearings(chains.start, lon, lat, np.full(2 * n, np.nan)),
        way=way,
        against=against,
        speed=np.maximum(arriving, 0.0),
        arrives=np.stack([backward, forward], axis=1).ravel(),
        leaves=np.stack([forward, backward], axis=1).ravel(),
        flags=np.repeat(chains.flags, 2),
    )


def extract_direction(chains: Chains, extract: Extract) -> NDArray[np.bool_]:
    """Whether each segment of the chains runs along the drawn direction of its way."""
    inner = np.arange(chains.way.size) + np.repeat(np.arange(chains.start.size - 1), np.diff(chains.start))
    return _along(chains.node[inner], chains.node[inner + 1], chains.way, extract.node, extract.start)


@compiled
def _along(
    tail: IntArray, head: IntArray, way: IntArray, node: IntArray, start: IntArray
) -> NDArray[np.bool_]:
    along = np.zeros(tail.size, dtype=np.bool_)
    for i in range(tail.size):
        for j in range(start[way[i]], start[way[i] + 1] - 1):
            if node[j] == tail[i] and node[j + 1] == head[i]:
                along[i] = True
                break
    return along


@compiled
def _bearings(start: IntArray, lon: FloatArray, lat: FloatArray, bearing: FloatArray) -> FloatArray:
    """Direction in which each chain leaves its two ends, degrees clockwise from north."""
    for chain in range(start.size - 1):
        lo, hi = start[chain] + chain, start[chain + 1] + chain
        for end in range(2):
            here, step = (lo, 1) if end == 0 else (hi, -1)
            east = 111_320.0 * math.cos(math.radians(lat[here]))
            x, y, gone = 0.0, 0.0, 0.0
            for i in range(hi - lo):
                there = here + step * (i + 1)
                dx, dy = (lon[there] - lon[here]) * east - x, (lat[there] - lat[here]) * 111_320.0 - y
                length = math.hypot(dx, dy)
                share = 1.0 if gone + length <= _LOOK_M else (_LOOK_M - gone) / length
                x, y, gone = x + share * dx, y + share * dy, gone + length
                if gone >= _LOOK_M:
                    break
            bearing[2 * chain + end] = math.degrees(math.atan2(x, y))
    return bearing


@compiled
def _count(at: IntArray, offset: IntArray, ends: _Ends, blocked: NDArray[np.bool_]) -> IntArray:
    """How many turns a junction has at most."""
    counts = np.zeros(offset.size - 1, dtype=np.int64)
    for node in range(offset.size - 1):
        come, go = 0, 0
        for i in range(offset[node], offset[node + 1]):
            come += ends.arrives[at[i]]
            go += ends.leaves[at[i]]
        counts[node] = come if blocked[node] else come * go
    return counts


@compiled
def _fill(
    at: IntArray,
    offset: IntArray,
    ends: _Ends,
    blocked: NDArray[np.bool_],
    wait: Int32,
    sign: NDArray[np.uint8],
    bans: _Bans,
    told: FloatArray,
    places: IntArray,
    origin: Int32,
    target: Int32,
    cost: NDArray[np.uint16],
) -> None:
    for node in range(offset.size - 1):
        lo, hi, place = offset[node], offset[node + 1], places[node]
        for i in range(lo, hi):
            come = at[i]
            if not ends.arrives[come]:
                continue
            dead_end = True
            for j in range(lo, hi):
                if j != i and ends.leaves[at[j]] and not blocked[node]:
                    dead_end = False
            for j in range(lo, hi):
                go = at[j]
                around = i == j
                if not ends.leaves[go] or around != (around and dead_end) or (blocked[node] and not around):
                    continue
                if _banned(bans, node, ends.way[come], ends.way[go], around):
                    continue
                seconds = _turn_s(ends, come, go, hi - lo, around, told)
                pause = 0 if blocked[node] else wait[1 if ends.against[come] else 0, node]
                if sign[node] == MINOR_SIGN and not _minor(ends, at, lo, hi, i):
                    pause = 0
                origin[place] = come ^ 1  # arriving at end 0 is driving backward, at end 1 forward
                target[place] = go  # leaving end 0 is driving forward, end 1 backward
                cost[place] = min(round(seconds * DECI) + pause, 65535)
                place += 1


@compiled
def _minor(ends: _Ends, at: IntArray, lo: int, hi: int, i: int) -> bool:
    """Whether who arrives comes by a slower road than another one here."""
    fastest = 0.0
    for j in range(lo, hi):
        if j != i:
            fastest = max(fastest, ends.speed[at[j]], ends.speed[at[j] ^ 1])
    return bool(fastest > ends.speed[at[i]])


@compiled
def _banned(bans: _Bans, node: int, come: int, go: int, around: bool) -> bool:  # noqa: FBT001
    """Whether a rule forbids a turn from one way into another."""
    i = np.searchsorted(bans.node, node)
    only, chosen = False, False
    while i < bans.node.size and bans.node[i] == node:
        if bans.origin[i] == come:
            if bans.only[i]:
                only = True
                chosen |= bans.target[i] == go
            elif bans.target[i] == go and (come != go or around):
                return True
        i += 1
    return only and not chosen and not around


@compiled
def _turn_s(ends: _Ends, come: int, go: int, roads: int, around: bool, told: FloatArray) -> float:  # noqa: FBT001
    """Seconds that a turn costs by its angle."""
    full, bias, oncoming, back = told
    ferry = (ends.flags[come] ^ ends.flags[go]) & CARRIED
    if roads <= 2 and not ferry and not around:
        return 0.0
    left = (ends.flags[come] & LEFT) != 0
    angle = (ends.bearing[go] - ends.bearing[come] - 180.0) % 360.0  # clockwise: to the right
    angle = angle - 360.0 if angle > 180.0 else angle
    across = angle > 0 if left else angle < 0
    lean = 1.0 / bias if left else bias
    lean = lean if angle >= 0 else 1.0 / lean
    seconds = full / (1.0 + math.exp(-(13.0 / lean * abs(angle) / 180.0 - 6.5 * lean)))
    if around:
        return float(seconds + back)
    if across and roads > 2 and not (ends.flags[come] | ends.flags[go]) & ROUNDABOUT:
        seconds += oncoming / (1.0 + math.exp(-(13.0 * abs(angle) / 180.0 - 3.25)))
    return float(seconds)
