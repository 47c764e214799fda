"""The largest part of a network in which every state leads to every other one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from iopdir.roads.search import Int32
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["grouped", "largest_part"]


def largest_part(origin: Int32, target: Int32, size: FloatArray) -> NDArray[np.bool_]:
    """Find the largest strongly connected part.

    Parameters
    ----------
    origin, target
        Turns.
    size
        Of each state, shape (states,), such as metres of road.

    Returns
    -------
    NDArray[bool]
        Shape (states,): the part whose sizes add up to most. All false if no state leads anywhere.

    Examples
    --------
    >>> largest_part(np.array([0, 1, 1], dtype=np.int32), np.array([1, 0, 2], dtype=np.int32), np.ones(3))
    array([ True,  True, False])
    """
    if not origin.size:
        return np.zeros(size.size, dtype=bool)
    order, start = grouped(origin, size.size)
    part = _number_parts(start, target[order])
    return np.asarray(part == np.bincount(part, size).argmax())


def grouped(key: Int32, groups: int) -> tuple[IntArray, IntArray]:
    """Order positions by a number from 0, and say where each number starts.

    Examples
    --------
    >>> grouped(np.array([1, 0, 1], dtype=np.int32), 2)
    (array([1, 0, 2]), array([0, 1, 3]))
    """
    start = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=groups), out=start[1:])
    return _place(key, start[:-1].copy()), start


@compiled
def _place(key: Int32, next_place: IntArray) -> IntArray:
    order = np.empty(key.size, dtype=np.int64)
    for i in range(key.size):
        order[next_place[key[i]]] = i
        next_place[key[i]] += 1
    return order


@compiled
def _number_parts(start: IntArray, target: Int32) -> Int32:  # noqa: C901  # one loop, as published
    """Give each strongly connected part a number (Tarjan 1972, doi:10.1137/0201010), without recursion."""
    n = start.size - 1
    index, low = np.full(n, -1, dtype=np.int32), np.empty(n, dtype=np.int32)
    part, at = np.full(n, -1, dtype=np.int32), start[:-1].copy()
    stack, path = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    counter, parts, held = 0, 0, 0
    for root in range(n):
        if index[root] >= 0:
            continue
        depth = 0
        path[0] = root
        index[root] = low[root] = counter
        counter += 1
        stack[held] = root
        held += 1
        while depth >= 0:
            here = path[depth]
            if at[here] < start[here + 1]:
                there = target[at[here]]
                at[here] += 1
                if index[there] < 0:
                    index[there] = low[there] = counter
                    counter += 1
                    stack[held] = there
                    held += 1
                    depth += 1
                    path[depth] = there
                elif part[there] < 0:
                    low[here] = min(low[here], index[there])
                continue
            if low[here] == index[here]:
                while True:
                    held -= 1
                    part[stack[held]] = parts
                    if stack[held] == here:
                        break
                parts += 1
            depth -= 1
            if depth >= 0:
                low[path[depth]] = min(low[path[depth]], low[here])
    return part
