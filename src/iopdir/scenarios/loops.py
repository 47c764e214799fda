"""The loops of siting, compiled: who is taken next, what that changes for the others, who is never needed."""

from __future__ import annotations

import numpy as np

from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import BoolArray

__all__ = ["find_dominated", "pack", "score", "take", "turn"]


@compiled
def turn(key: IntArray, n: int) -> tuple[IntArray, IntArray]:
    """Sort by small whole numbers, equals in order: where each number begins, and the order."""
    begin, order = np.zeros(n + 1, dtype=np.int64), np.empty(key.size, dtype=np.int64)
    for k in key:
        begin[k + 1] += 1
    for k in range(n):
        begin[k + 1] += begin[k]
    place = begin.copy()
    for i in range(key.size):
        order[place[key[i]]] = i
        place[key[i]] += 1
    return begin, order


@compiled
def find_dominated(  # noqa: C901 - one loop, which a compiler must see whole
    begin: IntArray, row: IntArray, start: IntArray, site: IntArray, price: FloatArray
) -> BoolArray:
    """Mark the candidates whose rows another candidate, no dearer, has too; of equals the first is not marked.

    Whoever has them all is among the candidates of the row that has fewest.
    """
    m = begin.size - 1
    lost, mark = np.zeros(m, dtype=np.bool_), np.zeros(m, dtype=np.uint64)
    for j in range(m):
        for p in range(begin[j], begin[j + 1]):
            mark[j] |= np.uint64(1) << np.uint64((row[p] * 7919) & 63)
    for j in range(m):
        size = begin[j + 1] - begin[j]
        rarest = row[begin[j]]
        for p in range(begin[j], begin[j + 1]):
            if start[row[p] + 1] - start[row[p]] < start[rarest + 1] - start[rarest]:
                rarest = row[p]
        for q in range(start[rarest], start[rarest + 1]):
            k = site[q]
            wide = begin[k + 1] - begin[k]
            if k == j or wide < size or price[k] > price[j] or mark[j] & ~mark[k]:
                continue
            if wide == size and price[k] == price[j] and k > j:
                continue
            p, o = begin[j], begin[k]
            while p < begin[j + 1] and begin[k + 1] - o >= begin[j + 1] - p:
                if row[o] == row[p]:
                    p += 1
                elif row[o] > row[p]:
                    break
                o += 1
            if p == begin[j + 1]:
                lost[j] = True
                break
    return lost


@compiled
def take(
    j: int,
    begin: IntArray,
    row: IntArray,
    row_value: FloatArray,
    start: IntArray,
    site: IntArray,
    value: FloatArray,
    weight: FloatArray,
    best: FloatArray,
    gain: FloatArray,
) -> float:
    """Open one candidate: raise what each row has, lower what all others still add; give what it added."""
    added = 0.0
    for p in range(begin[j], begin[j + 1]):
        e, high = row[p], row_value[p]
        low = best[e]
        if high <= low:
            continue
        best[e] = high
        added += weight[e] * (high - low)
        for q in range(start[e], start[e + 1]):
            if value[q] > low:
                gain[site[q]] -= weight[e] * (min(value[q], high) - low)
    return added


@compiled
def score(
    begin: IntArray,
    row: IntArray,
    weight: FloatArray,
    group: IntArray,
    reached: BoolArray,
    short: FloatArray,
    out: FloatArray,
) -> None:
    """Count for each candidate the people it would add, in each group no more than that group is short of."""
    for j in range(begin.size - 1):
        out[j], within, last = 0.0, 0.0, -1
        for p in range(begin[j], begin[j + 1]):
            e = row[p]
            if group[e] != last:
                if last >= 0:
                    out[j] += min(within, short[last])
                within, last = 0.0, group[e]
            if not reached[e]:
                within += weight[e]
        if last >= 0:
            out[j] += min(within, short[last])


@compiled
def pack(order: IntArray, start: IntArray, site: IntArray, columns: int) -> int:
    """Count rows, in this order, no two of which any candidate reaches both: each needs a site of its own."""
    used, count = np.zeros(columns, dtype=np.bool_), 0
    for e in order:
        free = True
        for q in range(start[e], start[e + 1]):
            if used[site[q]]:
                free = False
                break
        if free:
            count += 1
            for q in range(start[e], start[e + 1]):
                used[site[q]] = True
    return count
