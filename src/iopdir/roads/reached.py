"""What part of a network lies within a limit of a goal: pieces of its roads."""

from __future__ import annotations

import numpy as np

from iopdir.roads.anchors import Anchors, goals
from iopdir.roads.network import OUT, Network, Shapes
from iopdir.roads.search import FAR, ring_size, settle
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["pieces"]


def pieces(network: Network, place: Anchors, limit: int) -> FloatArray:
    """Cut out the roads from which one gets to a place within a limit.

    Parameters
    ----------
    network
        Roads.
    place
        One point.
    limit
        Tenths of a second, inclusive; the walk from the road to the place is counted.

    Returns
    -------
    FloatArray
        Straight pieces, shape (pieces, 2, 2): where each begins and ends, longitude and latitude in degrees.
    """
    shapes, graph, home = network.shapes, network.graph, place.chain[0]
    seeds = goals(place, shapes, graph)
    best = np.full(graph.took.size, FAR, dtype=np.int32)
    ring = np.full(ring_size(graph, seeds), -1, dtype=np.int32)
    settle(graph, seeds, 0, limit, best, ring, np.empty((2, 1 << 12), dtype=np.int32))
    parts = [np.empty((0, 2, 2))]
    for side in (0, 1):
        state = shapes.state[side, OUT]
        beyond = np.where(state >= 0, best[state], FAR)
        chain = np.flatnonzero(beyond <= limit)
        parts.append(_cut(shapes, side, chain, shapes.total[side, chain], limit - beyond[chain]))
        if home >= 0 and place.gone[side, 0] >= 0:
            rest = np.array([limit - place.walk[0]])
            parts.append(_cut(shapes, side, place.chain, place.gone[side], rest))
    return np.concatenate(parts)


def _cut(shapes: Shapes, side: int, chain: IntArray, goal: IntArray, rest: IntArray) -> FloatArray:
    """Cut out the last part of the way along chains to some place on each, as long as what is left of the limit."""
    count = shapes.start[chain + 1] - shapes.start[chain]
    segment = np.arange(count.sum()) + np.repeat(shapes.start[chain] - (np.cumsum(count) - count), count)
    ahead = np.repeat(goal, count) - shapes.left[side, segment].astype(np.int64)
    took = np.maximum(shapes.took[side, segment], 1)
    begin = np.clip((ahead - np.repeat(rest, count)) / took, 0.0, 1.0)
    end = np.clip(ahead / took, 0.0, 1.0)
    some = begin < end
    segment, share = segment[some], np.stack([begin[some], end[some]], axis=1)
    share = share if side == 0 else 1.0 - share
    a = segment + np.repeat(chain, count)[some]
    line = np.stack([shapes.lon, shapes.lat], axis=1)
    cut: FloatArray = line[a][:, None] + share[:, :, None] * (line[a + 1] - line[a])[:, None]
    return cut
