"""A road network ready to be searched: chains with their shape, states, and the graph of turns between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from iopdir.progress import during
from iopdir.roads.chains import DOORSTEP, ENDS_ONLY, Chains, contract, draw
from iopdir.roads.detours import Split, split, steps
from iopdir.roads.extract import Extract
from iopdir.roads.parts import grouped, largest_part
from iopdir.roads.profile import Profile
from iopdir.roads.search import Graph, Int32
from iopdir.roads.turns import TurnTable, list_turns
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["Network", "Shapes", "build"]

OUT, IN = 0, 1
"""A road on which only those drive whose way begins or ends there is two states: on the way out, and on the way in.
From out one gets everywhere, from in only to other such roads. So nobody drives through."""


class Shapes(NamedTuple):
    """Where chains run, and how long each of their segments takes.

    Segments of chain c are those from ``start[c]`` to ``start[c + 1]``; its nodes start at ``start[c] + c``. First
    row forward, second backward.
    """

    start: IntArray  # (chains + 1,)
    lon: FloatArray  # (segments + chains,), degrees
    lat: FloatArray
    took: Int32  # (2, segments), tenths of a second, -1 where closed
    left: Int32  # (2, segments), tenths of a second from where the chain is entered
    total: Int32  # (2, chains)
    state: Int32  # (2 directions, 2 for out and in, chains), -1 where closed
    again: Int32  # (2, copies), rising: a state, and another one of that road for who came along a rule
    doorstep: NDArray[np.bool_]  # (chains,), whether a way may begin or end there


@dataclass(frozen=True, kw_only=True)
class Network:
    """A road network.

    Parameters
    ----------
    shapes
        Where the roads run.
    graph
        States and turns, against the direction of travel.
    counts
        How many things there are of which kind.
    """

    shapes: Shapes
    graph: Graph
    counts: dict[str, int]


@during("Joining the roads")
def build(extract: Extract, profile: Profile) -> Network:
    """Make a network of the roads of an extract.

    Parameters
    ----------
    extract
        Roads.
    profile
        What turns cost.

    Returns
    -------
    Network
        Its largest strongly connected part. What of it can only be reached over roads that are closed to through
        traffic is closed to through traffic itself.
    """
    lines = draw(extract)
    chains = _in_curve_order(contract(lines, extract), extract)
    turns = list_turns(chains, extract, profile)
    metres = np.repeat(np.add.reduceat(chains.metres, chains.start[:-1]), 2)
    kept = largest_part(turns.origin, turns.target, metres)
    inner = kept[turns.origin] & kept[turns.target]
    turns = TurnTable(turns.origin[inner], turns.target[inner], turns.cost[inner])
    quiet = np.repeat((chains.flags & ENDS_ONLY) > 0, 2)
    through = ~quiet[turns.origin] & ~quiet[turns.target]
    public = largest_part(turns.origin[through], turns.target[through], metres)
    public = public if public.any() else kept
    rules = steps(chains, extract)
    parted = split(turns, [row for rule in rules for row in rule], kept.size)
    state, again, graph = _layered(chains, parted, kept, public)
    shapes = Shapes(
        start=chains.start,
        lon=extract.lon[chains.node],
        lat=extract.lat[chains.node],
        took=chains.took,
        left=chains.left,
        total=chains.total,
        state=state,
        again=again,
        doorstep=((chains.flags & DOORSTEP) > 0) & (state[:, OUT] >= 0).any(axis=0),
    )
    counts = {
        **extract.counts,
        "turn rules over ways that no road follows": sum(not rule for rule in rules),
        "segments": int(lines.a.size),
        "chains": int(chains.start.size - 1),
        "states": int(graph.took.size),
        "turns": int(graph.before.size),
        "directions closed": int((chains.total < 0).sum()),
        "directions off the largest part": int((chains.total >= 0).sum() - kept.sum()),
        "directions without through traffic": int((kept & ~public).sum()),
    }
    return Network(shapes=shapes, graph=graph, counts=counts)


def _layered(
    chains: Chains, parted: Split, kept: NDArray[np.bool_], public: NDArray[np.bool_]
) -> tuple[Int32, Int32, Graph]:
    """Give states their numbers, those without through traffic two, and list the turns by where they lead to."""
    turns, n = parted.turns, kept.size
    kept, public = kept[parted.of], public[parted.of]
    copies = kept.astype(np.int64) + (kept & ~public)
    number = np.cumsum(copies) - copies
    out = np.where(kept, number, -1)
    back = np.where(kept, np.where(public, number, number + 1), -1)
    count = int(copies.sum())
    total = chains.total.T.ravel()[parted.of]
    took = np.empty(count, dtype=np.int32)
    took[out[kept]] = total[kept]
    took[back[kept]] = total[kept]
    from_public, to_public = public[turns.origin], public[turns.target]
    quiet = ~from_public & ~to_public
    leave = out[turns.origin]
    arrive = np.where(from_public, back[turns.target], out[turns.target])
    origin = np.concatenate([leave, back[turns.origin][quiet]]).astype(np.int32)
    target = np.concatenate([arrive, back[turns.target][quiet]]).astype(np.int32)
    cost = np.concatenate([turns.cost, turns.cost[quiet]])
    order, start = grouped(target, count)
    both = np.stack([out, back])
    state = both[:, :n].reshape(2, n // 2, 2).transpose(2, 0, 1)
    again = np.stack([both[:, parted.of[n:]].ravel(), both[:, n:].ravel()])
    again = np.unique(again[:, again[0] >= 0], axis=1)
    graph = Graph(start=start, before=origin[order], turn=cost[order], took=took)
    return np.ascontiguousarray(state, dtype=np.int32), again.astype(np.int32), graph


def _in_curve_order(chains: Chains, extract: Extract) -> Chains:
    """Lay chains along a curve that fills the plane, so that neighbours lie together in memory."""
    first = chains.node[chains.start[:-1] + np.arange(chains.start.size - 1)]
    order = np.argsort(_along_curve(extract.lon[first], extract.lat[first]), kind="stable")
    size = np.diff(chains.start)[order]
    start = np.concatenate([[0], np.cumsum(size)])
    segment = np.arange(start[-1]) + np.repeat(chains.start[:-1][order] - start[:-1], size)
    node_start = chains.start[:-1][order] + order
    node = np.arange(start[-1] + order.size) + np.repeat(
        node_start - (start[:-1] + np.arange(order.size)), size + 1
    )
    return Chains(
        start=start,
        node=chains.node[node],
        way=chains.way[segment],
        took=chains.took[:, segment],
        left=chains.left[:, segment],
        total=chains.total[:, order],
        metres=chains.metres[segment],
        flags=chains.flags[order],
    )


@compiled
def _along_curve(lon: FloatArray, lat: FloatArray) -> NDArray[np.uint64]:
    """Position of each point along a Hilbert curve of 2^24 cells a side."""
    place = np.empty(lon.size, dtype=np.uint64)
    for i in range(lon.size):
        x = int((lon[i] + 180.0) / 360.0 * 16777215.0)
        y = int((lat[i] + 90.0) / 360.0 * 16777215.0)
        found, side = 0, 1 << 23
        while side:
            right, up = int((x & side) > 0), int((y & side) > 0)
            found = 4 * found + ((3 * right) ^ up)
            if not up:
                if right:
                    x, y = 16777215 - x, 16777215 - y
                x, y = y, x
            side >>= 1
        place[i] = found
    return place
