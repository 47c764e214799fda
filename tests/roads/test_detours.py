"""Rules of turning that go over whole roads, on a wide street and against a search that remembers every step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.roads.detours import Steps, split
from iopdir.roads.turns import TurnTable

STREET = {"highway": "residential"}
ONE_WAY = STREET | {"oneway": "yes"}
HUNDRED_M = 111.32 / (25 / 3.6)


def wide_street(link=((2, 5),)):
    """Two halves, east below and west above, joined at both ends and by a link in the middle, which a lane goes on."""
    nodes = {1: (0, 0), 2: (20, 0), 3: (40, 0), 4: (0, 2), 5: (20, 2), 6: (40, 2), 7: (20, 30), 8: (20, 1)}
    ways = {
        1: ([1, 2], ONE_WAY), 2: ([2, 3], ONE_WAY), 3: ([6, 5], ONE_WAY), 4: ([5, 4], ONE_WAY),
        5: ([3, 6], STREET), 6: ([4, 1], STREET), 7: ([5, 7], STREET),
    }  # fmt: skip
    return nodes, ways | {number: (list(refs), STREET) for number, refs in enumerate(link, start=8)}


def rule(kind, *ways):
    roles = ["from", *["via"] * (len(ways) - 2), "to"]
    members = [("w", way, role) for way, role in zip(ways, roles, strict=True)]
    return members, {"type": "restriction", "restriction": kind}


@pytest.fixture
def places(at):
    return at(below=(15, 0), above=(15, 2), link=(20, 1.5), lane=(20, 6), west=(25, 2))


@pytest.mark.parametrize(
    ("link", "over"),
    [([(2, 5)], [8]), ([(5, 2)], [8]), ([(2, 8), (8, 5)], [8, 9]), ([(2, 8, 5)], [8])],
    ids=["one", "drawn backward", "two", "a node between"],
)
def test_nobody_turns_around_over_the_link(draw_map, seconds, places, link, over):
    rules = [rule("no_u_turn", 1, *over, 4)]
    free, held = (seconds(draw_map(*wide_street(link), some), places, places) for some in ([], rules))
    assert free.loc["below", "above"] < 13 * HUNDRED_M
    assert held.loc["below", "above"] > 35 * HUNDRED_M
    others = ~np.eye(len(places), dtype=bool)
    others[0, 1] = False
    np.testing.assert_array_equal(held.to_numpy()[others], free.to_numpy()[others])


def test_a_place_on_the_link_is_reached_by_those_whom_the_rule_holds(draw_map, seconds, places):
    roads = iop.Roads.read_pbf(draw_map(*wide_street(), [rule("no_u_turn", 1, 8, 4)]))
    assert roads.counts["turn rules over ways"] == 1
    table = seconds(roads, places, places)
    assert table.loc["below", "link"] < 7 * HUNDRED_M
    assert table.loc["below", "lane"] < 12 * HUNDRED_M
    assert table.loc["west", "above"] < 11 * HUNDRED_M
    assert table.loc["link", "above"] < 6 * HUNDRED_M


def test_the_only_way_on_from_the_link_closes_the_others_for_who_came_along(draw_map, seconds, places):
    free = seconds(draw_map(*wide_street()), places, places)
    held = seconds(draw_map(*wide_street(), [rule("only_straight_on", 1, 8, 7)]), places, places)
    assert held.loc["below", "above"] > 35 * HUNDRED_M
    assert held.loc["below", "lane"] == free.loc["below", "lane"]
    assert held.loc["link", "above"] == free.loc["link", "above"]


@pytest.mark.parametrize(
    "some",
    [rule("no_u_turn", 1, 8, 3), rule("only_straight_on", 1, 8, 3), rule("no_u_turn", 4, 8, 2)],
    ids=["into a one-way road", "only into a one-way road", "from a one-way road"],
)
def test_a_rule_that_no_road_follows_is_counted_and_changes_nothing(draw_map, seconds, places, some):
    free, held = (iop.Roads.read_pbf(draw_map(*wide_street(), rules)) for rules in ([], [some]))
    np.testing.assert_array_equal(seconds(held, places, places), seconds(free, places, places))
    assert held.counts["turn rules over ways that no road follows"] == 1
    assert free.counts["turn rules over ways that no road follows"] == 0


def test_roads_with_such_rules_come_back_from_a_file(draw_map, tmp_path, places):
    roads = iop.Roads.read_pbf(draw_map(*wide_street(), [rule("no_u_turn", 1, 8, 4)]))
    roads.save(tmp_path / "street.roads")
    again = iop.Roads.open(tmp_path / "street.roads")
    tables = [iop.nearest(places, places, cost=one, k=5) for one in (roads, again)]
    np.testing.assert_array_equal(*(table["duration_min"] for table in tables))


def test_nearest_and_pairs_agree_where_a_rule_holds(draw_map, places):
    roads = iop.Roads.read_pbf(draw_map(*wide_street(), [rule("no_u_turn", 1, 8, 4)]))
    near = iop.nearest(places, places, cost=roads, k=5).set_index(["origin", "facility_id"])["duration_min"]
    pairs = iop.CostMatrix.from_roads(roads, places, places, max_cost=None).to_frame()
    pairs = pairs.set_index(["origin", "destination"])["cost"]
    np.testing.assert_allclose(near.sort_index(), pairs.sort_index())


# --- states --------------------------------------------------------------------------------------------------

STATES = 6
TURN = st.tuples(st.integers(0, STATES - 1), st.integers(0, STATES - 1))
ROW = st.lists(st.integers(0, STATES - 1), min_size=2, max_size=4).map(tuple)
RULE = st.builds(Steps, ROW, st.frozensets(st.integers(0, STATES - 1), min_size=1, max_size=2), st.booleans())


def costs(begin, onward):
    """Least cost of every state from one; `onward` lists states with costs."""
    found, queue = {}, [(0, begin)]
    while queue:
        queue.sort()
        cost, state = queue.pop(0)
        if state not in found:
            found[state] = cost
            queue += [(cost + more, other) for other, more in onward(state)]
    return found


@given(st.dictionaries(TURN, st.integers(1, 9), max_size=20), st.lists(RULE, max_size=4))
def test_copies_find_what_a_search_finds_that_remembers_its_steps(turns, rules):
    table = [np.array(column, dtype=np.int32) for column in zip(*turns, strict=True)] if turns else [[], []]
    origin, target = (np.asarray(column, dtype=np.int32) for column in table)
    parted = split(TurnTable(origin, target, np.array([*turns.values()], dtype=np.uint16)), rules, STATES)
    edges = list(zip(*(column.tolist() for column in parted.turns), strict=True))

    def by_copies(state):
        return [(to, cost) for a, to, cost in edges if a == state]

    def remembering(steps):
        for (a, to), cost in turns.items():
            ends = [one for one in rules if steps[-len(one.states) :] == one.states]
            if a == steps[-1] and not any((to in one.to) != one.only for one in ends):
                yield (*steps, to)[-4:], cost

    for begin in range(STATES):
        ours, truth = {}, {}
        for state, cost in costs(begin, by_copies).items():
            of = int(parted.of[state])
            ours[of] = min(cost, ours.get(of, cost))
        for steps, cost in costs((begin,), remembering).items():
            truth[steps[-1]] = min(cost, truth.get(steps[-1], cost))
        assert ours == truth
