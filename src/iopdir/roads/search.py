"""Search on a graph with whole numbers as costs, from goals against the direction of travel.

The queue is a ring of buckets, one for each tenth of a second (Dial 1969, doi:10.1145/363269.363610): no heap, and
costs that are exact. Answers depend neither on the number of threads nor on the order in which roads were drawn.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iopdir.spatial.compiled import compiled, inlined
from iopdir.spatial.geodesy import IntArray

__all__ = ["FAR", "Graph", "Int32", "Seeds", "label", "ring_size", "settle"]

Int32 = NDArray[np.int32]

FAR: Final = 2**31 - 1
"""No way."""


class Graph(NamedTuple):
    """States, and for each the states before it.

    From the end of the state ``before[i]`` to the end of state s it costs ``turn[i] + took[s]``, for i from
    ``start[s]`` to ``start[s + 1]``.
    """

    start: IntArray  # (states + 1,)
    before: Int32  # (turns,)
    turn: NDArray[np.uint16]  # (turns,)
    took: Int32  # (states,)


class Seeds(NamedTuple):
    """Where goals are: ``cost[i]`` beyond the end of ``state[i]``, for i from ``start[goal]`` to the next start."""

    start: IntArray  # (goals + 1,)
    state: Int32
    cost: Int32


def ring_size(graph: Graph, seeds: Seeds) -> int:
    """Buckets that can be in use at once, a power of two."""
    largest = int(graph.took.max(initial=0)) + int(graph.turn.max(initial=0))
    return 1 << max(largest, int(seeds.cost.max(initial=0))).bit_length()


@compiled
def settle(
    graph: Graph, seeds: Seeds, goal: int, limit: int, best: Int32, head: Int32, stack: Int32
) -> tuple[Int32, int]:
    """Find the least cost from the end of each state to one goal, up to a limit.

    Parameters
    ----------
    graph
        States.
    seeds
        Goals.
    goal
        Which of them.
    limit
        Inclusive.
    best
        Costs, shape (states,), all `FAR`; filled here, cleaned up by the caller.
    head
        Buckets, shape (ring_size,), all -1, and again so afterwards.
    stack
        Room, shape (2, any).

    Returns
    -------
    tuple[Int32, int]
        The room, which may have grown, and how many entries it has: its first row names every state that was
        reached, some more than once.
    """
    mask, used, waiting, now = head.size - 1, 0, 0, FAR
    for i in range(seeds.start[goal], seeds.start[goal + 1]):
        state, cost = seeds.state[i], seeds.cost[i]
        if cost <= limit and cost < best[state]:
            best[state], now = cost, min(now, cost)
            stack = _put(stack, used, head, cost & mask, state)
            used, waiting = used + 1, waiting + 1
    while waiting:
        entry = head[now & mask]
        if entry < 0:
            now += 1
            continue
        state, head[now & mask] = stack[0, entry], stack[1, entry]
        waiting -= 1
        base = now + graph.took[state]
        if best[state] != now or base > limit:
            continue
        for i in range(graph.start[state], graph.start[state + 1]):
            before, cost = graph.before[i], base + graph.turn[i]
            if cost < best[before] and cost <= limit:
                best[before] = cost
                stack = _put(stack, used, head, cost & mask, before)
                used, waiting = used + 1, waiting + 1
    return stack, used


@inlined
def _put(stack: Int32, used: int, head: Int32, bucket: int, state: int) -> Int32:
    """Lay a state into a bucket."""
    if used == stack.shape[1]:
        larger = np.empty((2, 2 * used), dtype=np.int32)
        larger[:, :used] = stack
        stack = larger
    stack[0, used], stack[1, used] = state, head[bucket]
    head[bucket] = used
    return stack


@compiled
def label(graph: Graph, seeds: Seeds, k: int, limit: int, ring: int) -> tuple[Int32, Int32]:
    """Find the k goals that cost least from the end of each state, all in one sweep.

    Parameters
    ----------
    graph
        States.
    seeds
        Goals; of equally dear ones the first comes first.
    k
        How many.
    limit
        Inclusive.
    ring
        As `ring_size` says.

    Returns
    -------
    tuple[Int32, Int32]
        Costs, `FAR` where there is none, and goals, -1 there; each of shape (states, k).
    """
    best = np.full((graph.took.size, k), FAR, dtype=np.int32)
    whose = np.full((graph.took.size, k), -1, dtype=np.int32)
    head, mask = np.full(ring, -1, dtype=np.int32), ring - 1
    stack = np.empty((3, 1 << 16), dtype=np.int32)
    used, free, waiting, now = 0, -1, 0, FAR
    for goal in range(seeds.start.size - 1):
        for i in range(seeds.start[goal], seeds.start[goal + 1]):
            state, cost = seeds.state[i], seeds.cost[i]
            if cost <= limit and insert(best[state], whose[state], cost, goal):
                now, waiting = min(now, cost), waiting + 1
                stack, used, free = _hand_in(stack, used, free, head, cost & mask, state, goal)
    while waiting:
        entry = head[now & mask]
        if entry < 0:
            now += 1
            continue
        state, goal, head[now & mask] = stack[0, entry], stack[1, entry], stack[2, entry]
        stack[2, entry], free = free, entry
        waiting -= 1
        base = now + graph.took[state]
        if base > limit or not _stands(best[state], whose[state], now, goal):
            continue
        for i in range(graph.start[state], graph.start[state + 1]):
            before, cost = graph.before[i], base + graph.turn[i]
            if cost <= limit and insert(best[before], whose[before], cost, goal):
                stack, used, free = _hand_in(stack, used, free, head, cost & mask, before, goal)
                waiting += 1
    return best, whose


@compiled
def insert(best: Int32, whose: Int32, cost: int, goal: int) -> bool:
    """Put a goal in its place in a list of the cheapest; say whether it belongs there and stood no better."""
    k = best.size
    if cost > best[k - 1] or (cost == best[k - 1] and goal >= whose[k - 1]):
        return False
    place = k - 1
    for i in range(k - 1):
        if whose[i] == goal:
            if best[i] <= cost:
                return False
            place = i
            break
    while place > 0 and (best[place - 1] > cost or (best[place - 1] == cost and whose[place - 1] > goal)):
        best[place], whose[place] = best[place - 1], whose[place - 1]
        place -= 1
    best[place], whose[place] = cost, goal
    return True


@inlined
def _stands(best: Int32, whose: Int32, cost: int, goal: int) -> bool:
    """Whether nothing better was found since."""
    for i in range(best.size):
        if whose[i] == goal:
            return bool(best[i] == cost)
    return False


@inlined
def _hand_in(
    stack: Int32, used: int, free: int, head: Int32, bucket: int, state: int, goal: int
) -> tuple[Int32, int, int]:
    """Lay a state and a goal into a bucket, where an entry is free."""
    if free >= 0:
        entry, free = free, stack[2, free]
    else:
        if used == stack.shape[1]:
            larger = np.empty((3, 2 * used), dtype=np.int32)
            larger[:, :used] = stack
            stack = larger
        entry, used = used, used + 1
    stack[0, entry], stack[1, entry], stack[2, entry] = state, goal, head[bucket]
    head[bucket] = entry
    return stack, used, free
