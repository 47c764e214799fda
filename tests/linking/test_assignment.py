"""The best pairing, against another solver and against trying all."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from iopdir.linking.assignment import assign


def total(left, right, worth):
    chosen = assign(np.array(left), np.array(right), np.array(worth))
    for side in (np.array(left)[chosen], np.array(right)[chosen]):
        assert len(set(side.tolist())) == side.size
    return int(np.array(worth)[chosen].sum())


EDGES = st.dictionaries(
    st.tuples(st.integers(0, 6), st.integers(0, 6)), st.integers(1, 50), min_size=1, max_size=25
)


@settings(max_examples=150, deadline=None)
@given(EDGES)
def test_no_pairing_is_worth_more(edges):
    matrix = np.zeros((7, 7), dtype=np.int64)
    for place, worth in edges.items():
        matrix[place] = worth
    best = matrix[linear_sum_assignment(matrix, maximize=True)].sum()
    left, right = zip(*edges, strict=True)
    assert total(left, right, list(edges.values())) == best


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(1, 9), min_size=4, max_size=4), min_size=1, max_size=4))
def test_small_ones_against_trying_all(rows):
    best = max(
        sum(rows[row][column] for row, column in enumerate(columns))
        for columns in permutations(range(4), len(rows))
    )
    left, right = np.indices((len(rows), 4)).reshape(2, -1)
    assert total(left, right, [worth for row in rows for worth in row]) == best


def test_a_worse_pair_is_taken_where_the_sum_is_better():
    assert total([0, 0, 1], [0, 1, 0], [10, 9, 9]) == 18
    assert assign(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([20, 9, 9])).tolist() == [
        True,
        False,
        False,
    ]


def test_nothing_to_pair():
    empty = np.empty(0, dtype=np.int64)
    assert assign(empty, empty, empty).size == 0
