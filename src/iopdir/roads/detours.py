"""Forbidden turns over whole roads: from one road along others into a third, as at the two halves of a wide street.

Such a rule remembers where one came from. So the roads it goes over have a second state, entered from the first road
only, from which the last turn is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from iopdir.roads.chains import Chains
from iopdir.roads.extract import Extract
from iopdir.roads.turns import TurnTable
from iopdir.spatial.geodesy import IntArray

__all__ = ["Split", "split", "steps"]


class Split(NamedTuple):
    """Turns between states, some of which are there more than once.

    Parameters
    ----------
    turns
        Between all of them.
    of
        Which state each is a copy of, itself for the first ones, shape (states,).
    """

    turns: TurnTable
    of: IntArray


class Steps(NamedTuple):
    """A rule as a row of states; what it forbids, or the only thing it allows, is to go on from there into `to`."""

    states: tuple[int, ...]
    to: frozenset[int]
    only: bool


def steps(chains: Chains, extract: Extract) -> list[list[Steps]]:
    """Turn the rules of an extract into states, one for each road that arrives where a rule begins.

    Parameters
    ----------
    chains
        Roads, which end at the corners of each rule.
    extract
        What they were made from.

    Returns
    -------
    list[list[Steps]]
        Of each rule; none where a road of it is missing or goes the other way.
    """
    if not extract.detours:
        return []
    leaving, driven = _leaving(chains, extract), chains.total.T.ravel() >= 0
    found = list[list[Steps]]()
    for rule in extract.detours:
        parts = [
            _follow(leaving, chains, way, _between(extract, way, *ends))
            for way, ends in zip(rule.ways[1:-1], pairwise(rule.corners), strict=True)
        ]
        over = [state for part in parts for state in part]
        whole = all(parts) and bool(driven[over].all())
        arriving = [
            state ^ 1
            for state, _, way in leaving[rule.corners[0]]
            if way == rule.ways[0] and driven[state ^ 1]
        ]
        to = frozenset(
            state for state, _, way in leaving[rule.corners[-1]] if way == rule.ways[-1] and driven[state]
        )
        found.append([Steps((state, *over), to, rule.only) for state in arriving if whole and to])
    return found


def _leaving(chains: Chains, extract: Extract) -> dict[int, list[tuple[int, int, int]]]:
    """List the states that leave the nodes of the roads that rules go over: state, second node, way."""
    wanted = np.zeros(extract.lon.size, dtype=bool)
    for rule in extract.detours:
        for way in rule.ways[1:-1]:
            wanted[extract.node[extract.start[way] : extract.start[way + 1]]] = True
    count = np.arange(chains.start.size - 1)
    lo, hi = chains.start[:-1] + count, chains.start[1:] + count
    leaving = defaultdict(list)
    for side, first, second, along in (
        (0, chains.node[lo], chains.node[lo + 1], chains.way[chains.start[:-1]]),
        (1, chains.node[hi], chains.node[hi - 1], chains.way[chains.start[1:] - 1]),
    ):
        for chain in np.flatnonzero(wanted[first]).tolist():
            leaving[int(first[chain])].append((2 * chain + side, int(second[chain]), int(along[chain])))
    return leaving


def _between(extract: Extract, way: int, here: int, there: int) -> list[int]:
    """List the nodes of a way from one to another, in the direction of travel."""
    nodes: list[int] = extract.node[extract.start[way] : extract.start[way + 1]].tolist()
    begin, end = nodes.index(here), nodes.index(there)
    return nodes[begin : end + 1] if begin < end else nodes[end : begin + 1][::-1]


def _follow(
    leaving: dict[int, list[tuple[int, int, int]]], chains: Chains, way: int, nodes: list[int]
) -> list[int]:
    """List the states that lead along a way; none if a part of it is missing."""
    found: list[int] = []
    at = 0
    while at < len(nodes) - 1:
        onward = (one for one, node, along in leaving[nodes[at]] if (node, along) == (nodes[at + 1], way))
        if (state := next(onward, None)) is None:
            return []
        found.append(state)
        at += int(chains.start[state // 2 + 1] - chains.start[state // 2])
    return found


def split(turns: TurnTable, rules: Sequence[Steps], states: int) -> Split:
    """Give the states that rules go over a copy for each way to have come.

    Parameters
    ----------
    turns
        Between states.
    rules
        What is forbidden.
    states
        How many states there are.

    Returns
    -------
    Split
        Copies come after the others. One is in the copy of the longest row of states that one has just come along and
        a rule begins with.

    Examples
    --------
    From 0 along 1 nobody may go on into 2; from elsewhere one may:

    >>> turns = TurnTable(*(np.array(column) for column in ([0, 1, 1, 4], [1, 2, 3, 1], [0, 0, 0, 0])))
    >>> found = split(turns, [Steps((0, 1), frozenset([2]), only=False)], 5)
    >>> found.of
    array([0, 1, 2, 3, 4, 1])
    >>> list(zip(found.turns.origin.tolist(), found.turns.target.tolist()))
    [(0, 5), (1, 2), (1, 3), (4, 1), (5, 3)]
    """
    rows = sorted({rule.states[:size] for rule in rules for size in range(2, len(rule.states) + 1)})
    copy = {row: states + at for at, row in enumerate(rows)}
    whole = defaultdict(list)
    for rule in rules:
        whole[rule.states].append(rule)
    used = np.flatnonzero(np.isin(turns.origin, list({state for row in rows for state in row})))
    onward = defaultdict(list)
    for turn in used.tolist():
        onward[int(turns.origin[turn])].append((int(turns.target[turn]), int(turns.cost[turn])))
    target = turns.target.copy()
    for turn in used.tolist():
        target[turn] = copy.get((int(turns.origin[turn]), int(target[turn])), target[turn])
    more = []
    for row in rows:
        told = [rule for at in range(len(row) - 1) for rule in whole.get(row[at:], ())]
        for state, cost in onward[row[-1]]:
            if not any((state in rule.to) != rule.only for rule in told):
                gone = (*row, state)
                tails = (copy.get(gone[at:]) for at in range(len(row)))
                more.append((copy[row], next((c for c in tails if c is not None), state), cost))
    added = np.array(more, dtype=np.int64).reshape(-1, 3).T
    table = TurnTable(
        np.concatenate([turns.origin, added[0].astype(turns.origin.dtype)]),
        np.concatenate([target, added[1].astype(target.dtype)]),
        np.concatenate([turns.cost, added[2].astype(turns.cost.dtype)]),
    )
    of = np.concatenate([np.arange(states), np.array([row[-1] for row in rows], dtype=np.int64)])
    return Split(table, of)
