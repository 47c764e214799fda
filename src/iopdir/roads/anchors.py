"""Points tied to the states of a network: where a way begins, where it ends, and what lies on one road."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from iopdir.roads.chains import DECI
from iopdir.roads.network import IN, OUT, Shapes
from iopdir.roads.parts import grouped
from iopdir.roads.profile import Walk
from iopdir.roads.search import Graph, Int32, Seeds
from iopdir.roads.snapping import Snapped
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["Anchors", "Doors", "anchor", "doors", "goals", "neighbours"]


class Anchors(NamedTuple):
    """Points on chains.

    Parameters
    ----------
    chain
        Shape (n,), -1 for a point without a road.
    gone
        Tenths of a second from where the chain is entered to the point, forward and backward, shape (2, n); -1 where
        that direction is closed.
    left
        Likewise from the point to where the chain is left.
    walk
        Tenths of a second from the point to the road, shape (n,).
    walk_m
        Metres, NaN where there is no road.
    """

    chain: IntArray
    gone: Int32
    left: Int32
    walk: Int32
    walk_m: FloatArray


class Doors(NamedTuple):
    """Points by state: ``who[i]`` is ``cost[i]`` before the end of a state, for i from ``start[state]``."""

    start: IntArray
    who: Int32
    cost: Int32


def anchor(snapped: Snapped, shapes: Shapes, walk: Walk) -> Anchors:
    """Say how far along its road each point is.

    Parameters
    ----------
    snapped
        Where the points are.
    shapes
        Roads.
    walk
        How people get to the road.

    Returns
    -------
    Anchors
        In the order of the points.
    """
    on = snapped.chain >= 0
    chain, segment = np.where(on, snapped.chain, 0), np.where(on, snapped.segment, 0)
    share = np.stack([snapped.share, 1.0 - snapped.share])
    took, total = shapes.took[:, segment], shapes.total[:, chain]
    gone = shapes.left[:, segment] + np.rint(share * took).astype(np.int32)
    closed = ~on | (shapes.state[:, OUT, chain] < 0)
    metres_a_decisecond = walk.speed_kmh / 3.6 / DECI
    return Anchors(
        chain=snapped.chain,
        gone=np.where(closed, -1, gone).astype(np.int32),
        left=np.where(closed, -1, total - gone).astype(np.int32),
        walk=np.rint(np.where(on, snapped.walk, 0.0) / metres_a_decisecond).astype(np.int32),
        walk_m=snapped.walk,
    )


def doors(points: Anchors, shapes: Shapes, states: int) -> Doors:
    """Find where ways begin: at the end of which states, and how far before it.

    Parameters
    ----------
    points
        Where people are.
    shapes
        Roads.
    states
        How many states there are.

    Returns
    -------
    Doors
        One entry for each open direction of a point's road.
    """
    side, who = np.nonzero(points.left >= 0)
    state = shapes.state[side, OUT, points.chain[who]]
    order, start = grouped(state, states)
    cost = points.left[side, who] + points.walk[who]
    return Doors(start, who[order].astype(np.int32), cost[order])


def goals(points: Anchors, shapes: Shapes, graph: Graph) -> Seeds:
    """Find where ways end: after which states, and how far beyond their ends.

    Parameters
    ----------
    points
        Where facilities are.
    shapes, graph
        Roads.

    Returns
    -------
    Seeds
        The states before those that a point is on.
    """
    found = []
    for layer in (OUT, IN):
        side, who = np.nonzero(points.gone >= 0)
        state = shapes.state[side, layer, points.chain[who]]
        if layer == IN:
            twice = state == shapes.state[side, OUT, points.chain[who]]
            side, who, state = side[~twice], who[~twice], state[~twice]
        first, last = (np.searchsorted(shapes.again[0], state, side=end) for end in ("left", "right"))
        more = last - first
        copy = np.arange(more.sum()) + np.repeat(first - (np.cumsum(more) - more), more)
        side, who = (np.concatenate([column, np.repeat(column, more)]) for column in (side, who))
        state = np.concatenate([state, shapes.again[1, copy]])
        count = graph.start[state + 1] - graph.start[state]
        turn = np.arange(count.sum()) + np.repeat(graph.start[state] - (np.cumsum(count) - count), count)
        cost = np.repeat(points.gone[side, who] + points.walk[who], count) + graph.turn[turn]
        found.append((np.repeat(who, count), graph.before[turn], cost))
    who, state, cost = (np.concatenate(column) for column in zip(*found, strict=True))
    order, start = grouped(who.astype(np.int32), points.chain.size)
    return Seeds(start, state[order].astype(np.int32), cost[order].astype(np.int32))


def neighbours(people: Anchors, places: Anchors) -> Doors:
    """Find ways that never leave a road: those from people to places ahead of them on the same chain.

    Parameters
    ----------
    people, places
        Both ends.

    Returns
    -------
    Doors
        For each place, by its position, who it is and what the way costs; the cheaper direction where both are open.
    """
    order = np.argsort(people.chain, kind="stable")
    chain = people.chain[order]
    first = np.searchsorted(chain, places.chain, side="left")
    count = np.where(places.chain >= 0, np.searchsorted(chain, places.chain, side="right") - first, 0)
    place = np.repeat(np.arange(places.chain.size), count)
    who = order[np.arange(count.sum()) + np.repeat(first - (np.cumsum(count) - count), count)]
    ahead = places.gone[:, place] - people.gone[:, who]
    open_ahead = (ahead >= 0) & (places.gone[:, place] >= 0)
    least = np.where(open_ahead, ahead, np.iinfo(np.int32).max).min(axis=0, initial=np.iinfo(np.int32).max)
    kept = open_ahead.any(axis=0)
    place, who = place[kept], who[kept]
    cost = least[kept] + people.walk[who] + places.walk[place]
    start = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=places.chain.size))])
    return Doors(start, who.astype(np.int32), cost.astype(np.int32))
