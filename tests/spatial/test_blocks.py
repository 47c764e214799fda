"""The parts that the walks are made of, each against its own law: looser ones would answer alike, only slower."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from iopdir.spatial import blocks, disks, edges, knn, live, rings
from iopdir.spatial.geodesy import PAD_M, SEMI_MAJOR_M, chord_never_above, geodesic_never_above, to_xyz

seeds = st.integers(0, 2**32 - 1)
law = settings(deadline=None)


def plain(function):
    """The loop as Python runs it."""
    return getattr(function, "py_func", function)


def globe(rng, n):
    return rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


# --- packing ---


def morton(xyz):
    """Bits of the cell of each point, in a grid of 65,536 cells a side, x before y before z."""
    cells = np.floor((xyz + SEMI_MAJOR_M + 1) * (65_536 / (2 * SEMI_MAJOR_M + 2))).astype(int)
    bits = [(f"{x:016b}", f"{y:016b}", f"{z:016b}") for x, y, z in cells.tolist()]
    return ["".join(a + b + c for a, b, c in zip(*one, strict=True)) for one in bits]


@settings(deadline=None, max_examples=10)
@given(seeds)
def test_points_are_ordered_along_the_curve_and_equals_stay_in_order(seed):
    rng = np.random.default_rng(seed)
    xyz = np.vstack([to_xyz(*globe(rng, 60)), np.eye(3) * SEMI_MAJOR_M, -np.eye(3) * SEMI_MAJOR_M])
    xyz = np.vstack([xyz, xyz[rng.integers(0, 60, 20)] + rng.uniform(-500, 500, (20, 3)), xyz[:9]])
    order = np.empty(len(xyz), dtype=np.int64)
    plain(blocks.along_curve)(xyz, order)
    keys = morton(xyz)
    assert order.tolist() == sorted(range(len(xyz)), key=keys.__getitem__)


@law
@example([(float(i % 16), 0.0) for i in range(40)])
@example([(float(i % 17), 0.0) for i in range(40)])
@given(st.lists(st.sampled_from([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (2.0, 2.0)]), max_size=60))
def test_twins_count_those_before_as_far_back_as_they_look(spots):
    lon, lat = np.array(spots, dtype=float).reshape(-1, 2).T
    twin = np.full(len(spots), 7)
    plain(blocks.count_twins)(lon, lat, twin)
    for i, spot in enumerate(spots):
        before = [j for j in range(max(0, i - 16), i) if spots[j] == spot]
        assert twin[i] == (twin[before[-1]] + 1 if before else 0)


@pytest.mark.parametrize("n", [0, 1, 8, 9, 64, 65, 513])
def test_every_box_holds_just_what_is_below_it(n):
    rng = np.random.default_rng(n)
    lon, lat = globe(rng, n)
    weights = rng.integers(1, 9, n).astype(float)
    tree = blocks.PackedTree(lon, lat, weights).blocks
    leaves, used = len(tree.points), tree.position >= 0
    assert sorted(tree.position[used]) == list(range(n))
    np.testing.assert_array_equal(tree.points.transpose(0, 2, 1)[used], to_xyz(lon, lat)[tree.position[used]])
    assert np.isinf(tree.points.transpose(0, 2, 1)[~used]).all()
    np.testing.assert_array_equal(tree.weight[used], weights[tree.position[used]])
    assert (tree.weight[~used] == 0).all()
    seen = []

    def below(number):
        """Points of a block and their weight; its boxes are checked."""
        seen.append(number)
        if number < leaves:
            return tree.points[number].T[used[number]], tree.weight[number].sum()
        box, parts, total = number - leaves, [np.empty((0, 3))], 0.0
        for lane in range(blocks.LANES):
            low, high = tree.boxes[box, :3, lane], tree.boxes[box, 3:, lane]
            child = tree.child[box] + lane
            inside, weight = below(child) if child < number and child not in seen and np.isfinite(low).all() else (
                np.empty((0, 3)), 0.0
            )  # fmt: skip
            if len(inside):
                np.testing.assert_array_equal(low, inside.min(axis=0))
                np.testing.assert_array_equal(high, inside.max(axis=0))
            else:
                assert (low == np.inf).all()
                assert (high == -np.inf).all()
            assert tree.total[box, lane] == weight
            parts.append(inside)
            total += weight
        return np.vstack(parts), total

    root = leaves + len(tree.child) - 1
    points, total = below(root)
    assert (len(points), total) == (n, weights.sum())
    assert n == 0 or sorted(seen) == list(range(root + 1))


# --- chords ---


@law
@given(seeds)
def test_gap_span_and_chords_are_those_to_the_nearest_the_farthest_and_each_point(seed):
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.uniform(-10, 10, (2, blocks.LANES, 3)), axis=0)
    boxes = np.concatenate([ends[0].T, ends[1].T])[None]
    place = rng.uniform(-12, 12, 3)
    gap2 = np.empty(blocks.LANES)
    plain(blocks.gaps)(boxes, 0, *place, gap2)
    np.testing.assert_allclose(gap2, ((np.clip(place, *ends) - place) ** 2).sum(axis=1), atol=1e-12)
    corners = np.where(np.abs(ends[0] - place) > np.abs(ends[1] - place), ends[0], ends[1])
    for lane in range(blocks.LANES):
        far2 = plain(blocks.span2)(boxes, 0, lane, *place)
        assert far2 == pytest.approx(((corners[lane] - place) ** 2).sum())
    chord2 = np.empty(blocks.LANES)
    for walk in (
        lambda: plain(blocks.chords)(ends[:1].transpose(0, 2, 1), 0, *place, chord2),
        lambda: plain(blocks.chords_to)(ends[0].T, blocks.LANES, *place, chord2),
    ):
        walk()
        np.testing.assert_allclose(chord2, ((ends[0] - place) ** 2).sum(axis=1))


@law
@given(seeds, st.integers(1, 32))
def test_a_run_lies_around_its_middle(seed, n):
    rng = np.random.default_rng(seed)
    xyz, run = rng.uniform(-9, 9, (40, 3)) * 10 ** rng.uniform(0, 6), np.zeros((3, 32))
    members = rng.permutation(40)[:n]
    *middle, radius = plain(blocks.gather)(xyz, members, run)
    np.testing.assert_array_equal(run[:, :n].T, xyz[members])
    np.testing.assert_allclose(middle, xyz[members].mean(axis=0), rtol=1e-12, atol=1e-9)
    farthest = np.linalg.norm(xyz[members] - middle, axis=1).max()
    assert farthest < radius <= farthest + 2 * PAD_M


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9])
def test_listed_points_stand_side_by_side_and_nothing_stands_beyond(n):
    rng = np.random.default_rng(n)
    tree = blocks.PackedTree(*globe(rng, 90), rng.random(90)).blocks
    pool, near = rng.permutation(90)[:n], np.zeros((4, 16))
    whole = plain(blocks.unpack)(tree, pool, near)
    assert whole == -(-n // 8) * 8
    for j, slot in enumerate(pool):
        np.testing.assert_array_equal(near[:3, j], tree.points[slot // 8, :, slot % 8])
        assert near[3, j] == tree.weight[slot // 8, slot % 8]
    assert (near[:3, n:whole] == np.inf).all()
    assert (near[3, n:whole] == 0).all()


def test_no_chord_beyond_the_reach_is_as_short_a_way():
    """Whatever is no farther over the ground than some place lies within the reach of its chord, and not much less."""
    rng = np.random.default_rng(3)
    n = 20_000
    lon, lat = globe(rng, n)
    length = 10 ** rng.uniform(-3, np.log10(2.0003e7), n)
    lon2, lat2, _ = Geod(ellps="WGS84").fwd(lon, lat, rng.choice([0.0, 45.0, 90.0], n), length)
    chord = np.linalg.norm(to_xyz(lon, lat) - to_xyz(lon2, lat2), axis=1)[np.argsort(length)]
    longest = np.maximum.accumulate(chord)
    reach = np.array([plain(knn._reach)(one) for one in chord])
    assert (longest <= reach).all()
    assert (reach >= chord + PAD_M).all()
    bound = chord_never_above(geodesic_never_above(chord)) + PAD_M
    assert (reach <= bound * 1.000_001 + PAD_M).all()
    row, k = np.arange(n), 1
    np.testing.assert_array_equal(live._reach(row, chord, k, n), bound)
    assert np.isinf(live._reach(row[:1], chord[:1], 2, 1)).all()


# --- the lists a walk keeps ---


@law
@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 6))
def test_the_best_are_the_smallest_and_the_first_of_equals(chords2, k):
    best2, best, filled = np.empty(k), np.empty(k, dtype=np.int64), 0
    for slot, chord2 in enumerate(chords2):
        filled = plain(knn._keep)(float(chord2), slot, filled, best2, best)
    expected = sorted(range(len(chords2)), key=chords2.__getitem__)[:k]
    assert best[:filled].tolist() == expected
    assert best2[:filled].tolist() == [chords2[slot] for slot in expected]


@law
@given(st.lists(st.integers(0, 9), min_size=8, max_size=8), st.integers(0, 9), st.integers(0, 3))
def test_blocks_within_the_bound_are_stacked_with_the_nearest_on_top(gaps2, bound2, height):
    stack, gap2 = np.full(20, -1), np.full(20, np.nan)
    stack[:height], gap2[:height] = 99, 0.0
    top = plain(knn._push)(100, np.array(gaps2, dtype=float), float(bound2), stack, gap2, height)
    pushed = [lane for lane in range(8) if gaps2[lane] <= bound2]
    assert top == height + len(pushed)
    assert (stack[:height] == 99).all()
    assert sorted(stack[height:top]) == [100 + lane for lane in pushed]
    assert gap2[height:top].tolist() == sorted((gaps2[lane] for lane in pushed), reverse=True)
    assert [gaps2[block - 100] for block in stack[height:top]] == gap2[height:top].tolist()


@law
@given(seeds)
def test_rows_are_ordered_by_distance_then_position_and_nothing_comes_last(seed):
    rng = np.random.default_rng(seed)
    index = np.array([rng.permutation(9)[:6] for _ in range(5)])
    distance, bearing = rng.integers(0, 3, (5, 6)).astype(float), rng.random((5, 6))
    lost = rng.random((5, 6)) < 0.3
    index[lost], distance[lost], bearing[lost] = -1, np.inf, -1.0
    order = np.lexsort((index, distance))
    expected = [np.take_along_axis(part, order, axis=1) for part in (index, distance, bearing)]
    plain(knn.sort_rows)(index, distance, bearing)
    for found, part in zip((index, distance, bearing), expected, strict=True):
        np.testing.assert_array_equal(found, part)


@pytest.mark.parametrize(
    ("width", "walked", "compared", "then"),
    [
        (8, 10, 1201, 4), (1, 10, 9999, 1), (8, 10, 1200, 8), (8, 10, 300, 8), (8, 10, 299, 16), (32, 10, 0, 32),
        (20, 10, 0, 32),
    ],
)  # fmt: skip
def test_runs_grow_where_walking_costs_more_and_shrink_where_comparing_does(width, walked, compared, then):
    assert plain(edges.next_width)(width, walked, compared) == then


def test_a_list_of_doubts_moves_to_where_there_is_room():
    tree = blocks.PackedTree(*globe(np.random.default_rng(1), 20)).blocks
    listed = np.empty((3, 2), dtype=np.int64)
    told = [(5, 0, 1), (6, 9, 2), (7, 17, 0), (8, 3, 1), (9, 12, 2)]
    for number, (query, slot, column) in enumerate(told):
        listed = plain(edges.list_edge)(listed, number, tree, query, slot, column)
    assert listed[:, :5].T.tolist() == [
        [query, tree.position[slot // 8, slot % 8], column] for query, slot, column in told
    ]


@law
@given(seeds)
def test_sums_and_doubts_of_listed_points_are_on_the_side_of_the_edge_that_holds_it(seed):
    rng = np.random.default_rng(seed)
    chord2, weight = rng.integers(0, 5, 20).astype(float), rng.integers(0, 9, 20).astype(float)
    low2, high2 = np.sort(rng.integers(0, 5, (2, 20)), axis=0).astype(float)
    assert plain(rings._sum_within)(chord2, weight, 2.0) == weight[chord2 <= 2].sum()
    assert plain(disks._sum_reaching)(chord2, weight, low2) == weight[chord2 <= low2].sum()
    assert plain(rings._count_between)(chord2, 1.0, 3.0) == ((chord2 > 1) & (chord2 <= 3)).sum()
    assert plain(disks._count_between)(chord2, low2, high2) == ((chord2 > low2) & (chord2 <= high2)).sum()


def test_a_ring_is_sure_for_a_run_if_it_is_for_every_member():
    inside, outside = np.array([[5.0, 9.0], [4.0, 20.0]]), np.array([[6.0, 10.0], [7.0, 21.0]])
    for members, radius, all_in, none_out in (
        ([0, 1], 1.0, [3, 8], [8, 22]), ([0], 2.0, [3, 7], [8, 12]), ([1], 5.0, [-1, 15], [12, 26]),
    ):  # fmt: skip
        found = np.empty((2, 2))
        plain(rings._bound)(inside, outside, np.array(members), radius, *found)
        np.testing.assert_array_equal(found, [[x * abs(x) for x in all_in], [x * abs(x) for x in none_out]])
    shared = np.empty((2, 2))  # one row for all
    plain(rings._bound)(inside[:1], outside[:1], np.array([3, 7]), 0.0, *shared)
    assert shared.tolist() == [[25, 81], [36, 100]]
