"""The search against scipy, bit for bit, on graphs with one-ways, parallel and free turns, and parts apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from iopdir.roads.parts import grouped, largest_part
from iopdir.roads.search import FAR, Graph, Seeds, label, ring_size, settle


@st.composite
def graphs(draw):
    """Turns from state to state with whole costs, parallel and free ones among them; and goals."""
    states = draw(st.integers(1, 12))
    state, cost = st.integers(0, states - 1), st.integers(0, draw(st.sampled_from([1, 5, 300])))
    turns = draw(st.lists(st.tuples(state, state, cost), max_size=40))
    took = draw(st.lists(cost, min_size=states, max_size=states))
    goals = draw(st.lists(st.lists(st.tuples(state, cost), max_size=3), min_size=1, max_size=6))
    return turns, took, goals


def build(turns, took, goals):
    origin, target, cost = np.array(turns, dtype=np.int32).reshape(-1, 3).T
    order, start = grouped(target, len(took))
    graph = Graph(start, origin[order], cost[order].astype(np.uint16), np.array(took, dtype=np.int32))
    each = [len(goal) for goal in goals]
    flat = np.array([seed for goal in goals for seed in goal], dtype=np.int32).reshape(-1, 2)
    seeds = Seeds(
        np.concatenate([[0], np.cumsum(each)]).astype(np.int64), flat[:, 0].copy(), flat[:, 1].copy()
    )
    return graph, seeds


def by_scipy(turns, took, goals):
    """Cost from the end of each state to each goal, shape (goals, states); to scipy a stored zero is no way."""
    n, m = len(took), len(goals)
    edges = [(t, s, c + took[t]) for s, t, c in turns]
    edges += [(n + g, state, cost) for g, goal in enumerate(goals) for state, cost in goal]
    least = {}
    for a, b, c in edges:
        least[a, b] = min(c, least.get((a, b), c))
    table = np.full((n + m, n + m), np.inf)
    for (a, b), c in least.items():
        table[a, b] = c
    for a in range(n + m):  # Floyd and Warshall: no library's idea of zero
        table[a, a] = 0
    for middle in range(n + m):
        table = np.minimum(table, table[:, [middle]] + table[middle])
    scaled = coo_array(
        ([c + 1e-12 for c in least.values()], tuple(zip(*least, strict=True)) if least else ([], [])),
        shape=(n + m, n + m),
    )
    theirs = np.rint(dijkstra(scaled.tocsr(), indices=np.arange(n, n + m)))[:, :n]
    np.testing.assert_array_equal(table[n:, :n], theirs)
    return theirs


@settings(deadline=None)
@given(graphs(), st.integers(0, 400))
def test_one_goal_costs_what_scipy_says_bit_for_bit(case, limit):
    graph, seeds = build(*case)
    theirs = by_scipy(*case)
    best = np.full(graph.took.size, FAR, dtype=np.int32)
    head = np.full(ring_size(graph, seeds), -1, dtype=np.int32)
    stack = np.empty((2, 1), dtype=np.int32)
    for goal in range(theirs.shape[0]):
        stack, used = settle(graph, seeds, goal, limit, best, head, stack)
        ours = np.where(best == FAR, np.inf, best)
        np.testing.assert_array_equal(ours, np.where(theirs[goal] <= limit, theirs[goal], np.inf))
        assert set(stack[0, :used]) == set(np.flatnonzero(best != FAR))
        assert (head == -1).all()
        best[:] = FAR


@settings(deadline=None)
@given(graphs(), st.integers(1, 4), st.integers(0, 400))
def test_labels_are_the_k_cheapest_goals_and_equals_come_in_order(case, k, limit):
    graph, seeds = build(*case)
    theirs = by_scipy(*case)
    cost, goal = label(graph, seeds, k, limit, ring_size(graph, seeds))
    for state in range(graph.took.size):
        ranked = sorted((c, g) for g, c in enumerate(theirs[:, state]) if c <= limit)[:k]
        ranked += [(FAR, -1)] * (k - len(ranked))
        assert list(zip(cost[state], goal[state], strict=True)) == ranked


@settings(deadline=None)
@given(graphs())
def test_the_largest_part_is_one_that_scipy_finds(case):
    turns, took, _ = case
    origin, target, _ = np.array(turns, dtype=np.int32).reshape(-1, 3).T
    kept = largest_part(origin, target, np.ones(len(took)))
    if not turns:
        assert not kept.any()
        return
    matrix = coo_array((np.ones(len(turns)), (origin, target)), shape=(len(took), len(took))).tocsr()
    _, part = connected_components(matrix, directed=True, connection="strong")
    assert kept.sum() == np.bincount(part).max()
    assert len(set(part[kept])) == 1


@pytest.mark.parametrize("depth", [100_000])
def test_a_road_of_a_hundred_thousand_states_is_no_recursion(depth):
    turns = np.arange(depth, dtype=np.int32)
    assert largest_part(turns, np.roll(turns, -1), np.ones(depth)).all()
