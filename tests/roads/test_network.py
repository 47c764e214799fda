"""Small maps on which the right way is plain: directions, turns, barriers, private roads, what is cut off."""

import numpy as np
import pytest

import iopdir as iop
from iopdir.errors import LoadError

STREET = {"highway": "residential"}
HUNDRED_M = 111.32 / (25 / 3.6)  # seconds a step of the map takes on a street
NORTH_SHORTER = 110.57 / 111.32  # a degree from south to north, beside one from west to east
FULL = 7.5


def cross():
    """A crossroads at node 5: west 1, east 2, south 3, north 4, each ten steps away."""
    nodes = {1: (-10, 0), 2: (10, 0), 3: (0, -10), 4: (0, 10), 5: (0, 0)}
    return nodes, {number: ([number, 5], STREET) for number in (1, 2, 3, 4)}


@pytest.fixture
def arms(at):
    return at(west=(-9, 0), east=(9, 0), south=(0, -9), north=(0, 9))


def test_a_straight_road_takes_its_length_by_its_speed(draw_map, at, seconds):
    path = draw_map({n: (n, 0) for n in range(6)}, {1: ([0, 1, 2], STREET), 2: ([2, 3, 4, 5], STREET)})
    ends = at(a=(0.5, 0), b=(4.5, 0))
    table = seconds(path, ends, ends)
    assert table.loc["a", "b"] == pytest.approx(4 * HUNDRED_M, rel=0.005)
    assert table.loc["b", "a"] == pytest.approx(4 * HUNDRED_M, rel=0.005)
    assert table.loc["a", "a"] == 0


def test_left_costs_more_than_right_and_straight_almost_nothing(draw_map, seconds, arms):
    table = seconds(draw_map(*cross()), arms, arms).loc["south"] - 9 * HUNDRED_M
    table -= 9 * HUNDRED_M * np.array([1, 1, 1, NORTH_SHORTER])
    straight, right, left = (
        table[end] + 9 * HUNDRED_M * (1 - NORTH_SHORTER) for end in ("north", "east", "west")
    )
    assert -0.5 < straight < 0.5 < right < left < FULL + 2


def test_where_traffic_keeps_left_the_sides_change(draw_map, seconds, arms):
    nodes, ways = cross()
    left = {number: (refs, tags | {"driving_side": "left"}) for number, (refs, tags) in ways.items()}
    ours, theirs = (seconds(draw_map(nodes, some), arms, arms) for some in (ways, left))
    assert ours.loc["south", "west"] == pytest.approx(theirs.loc["south", "east"], abs=0.25)


@pytest.mark.parametrize(
    ("tags", "out", "back"),
    [({"oneway": "yes"}, True, False), ({"oneway": "-1"}, False, True)],
    ids=["along", "against"],
)
def test_a_one_way_street_is_a_way_there_and_another_back(draw_map, at, seconds, tags, out, back):
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10)}
    ways = {1: ([1, 2], STREET | tags), 2: ([2, 3, 4, 1], STREET)}
    ends = at(a=(1, 0), b=(9, 0))
    table = seconds(draw_map(nodes, ways), ends, ends)
    short = table < 10 * HUNDRED_M
    assert (short.loc["a", "b"], short.loc["b", "a"]) == (out, back)
    assert table.notna().all(axis=None)


def rule(kind, *members, **tags):
    return [(*member,) for member in members], {"type": "restriction", "restriction": kind} | tags


def test_a_forbidden_turn_is_not_taken(draw_map, seconds, arms):
    no_left = rule("no_left_turn", ("w", 3, "from"), ("n", 5, "via"), ("w", 1, "to"))
    table = seconds(draw_map(*cross(), [no_left]), arms, arms)
    assert table.loc["south", "west"] > 36 * HUNDRED_M  # to the end of an arm, around, and back
    assert table.loc["north", "west"] < 20 * HUNDRED_M


def test_the_only_turn_allowed_closes_the_others(draw_map, seconds, arms):
    straight = rule("only_straight_on", ("w", 3, "from"), ("n", 5, "via"), ("w", 4, "to"))
    table = seconds(draw_map(*cross(), [straight]), arms, arms)
    assert table.loc["south", "north"] < 20 * HUNDRED_M
    assert (table.loc["south", ["west", "east"]] > 36 * HUNDRED_M).all()


@pytest.mark.parametrize(
    "tags",
    [{"except": "bus;motorcar"}, {"restriction": "give_way"}, {"type": "route"}],
    ids=["except", "no rule", "no restriction"],
)
def test_a_rule_for_others_holds_nobody_up(draw_map, seconds, arms, tags):
    members = ("w", 3, "from"), ("n", 5, "via"), ("w", 1, "to")
    table = seconds(draw_map(*cross(), [rule("no_left_turn", *members, **tags)]), arms, arms)
    assert table.loc["south", "west"] < 20 * HUNDRED_M


def test_a_rule_for_motorcars_alone_holds(draw_map, seconds, arms):
    members = [("w", 3, "from"), ("n", 5, "via"), ("w", 1, "to")]
    tags = {"type": "restriction", "restriction:motorcar": "no_left_turn"}
    table = seconds(draw_map(*cross(), [(members, tags)]), arms, arms)
    assert table.loc["south", "west"] > 36 * HUNDRED_M


def test_rules_that_cannot_be_applied_are_counted(draw_map):
    broken = rule("no_left_turn", ("w", 3, "from"), ("w", 1, "to"))
    away = rule("no_left_turn", ("w", 99, "from"), ("n", 5, "via"), ("w", 1, "to"))
    back = rule("no_u_turn", ("w", 3, "from"), ("w", 1, "via"), ("w", 3, "to"))
    missing = rule("no_u_turn", ("w", 3, "from"), ("w", 99, "via"), ("w", 4, "to"))
    counts = iop.Roads.read_pbf(draw_map(*cross(), [broken, away, back, missing])).counts
    assert counts["turn rules not understood"] == counts["turn rules on closed or missing ways"] == 2
    assert "turn rules over ways" not in counts


def test_a_rule_that_would_forbid_a_turn_many_times_over_is_counted_not_laid_out(draw_map, seconds, arms):
    coming, going = [("w", 3, "from")] * 60, [("w", 1, "to")] * 60
    roads = iop.Roads.read_pbf(draw_map(*cross(), [rule("no_left_turn", *coming, ("n", 5, "via"), *going)]))
    assert roads.counts["turn rules not understood"] == 1
    assert seconds(roads, arms, arms).loc["south", "west"] < 20 * HUNDRED_M


def test_more_points_than_a_file_of_its_size_could_hold_are_refused(draw_map, monkeypatch):
    path = draw_map(*cross())
    points = sum(len(refs) for refs, _ in cross()[1].values())
    monkeypatch.setattr("iopdir.roads.extract._POINTS_A_BYTE", 0)
    monkeypatch.setattr("iopdir.roads.extract._MOST_POINTS", points)
    assert len(iop.Roads.read_pbf(path).counts)
    monkeypatch.setattr("iopdir.roads.extract._MOST_POINTS", points - 1)
    with pytest.raises(
        iop.LoadError, match=f"{points} points on its ways or more, more than the {points - 1} "
    ):
        iop.Roads.read_pbf(path)


def test_a_u_turn_waits_for_a_dead_end(draw_map, at, seconds):
    nodes = {1: (0, 0), 2: (10, 0), 3: (20, 0), 4: (10, 10)}
    ways = {
        1: ([1, 2], STREET | {"oneway": "yes"}),
        2: ([2, 3], STREET),
        3: ([4, 2], STREET),
        4: ([4, 1], STREET),
    }
    ends = at(a=(9, 0), b=(10, 9))
    table = seconds(draw_map(nodes, ways), ends, ends)
    assert table.loc["a", "b"] < 12 * HUNDRED_M + FULL + 3
    nodes, ways = {1: (0, 0), 2: (10, 0)}, {1: ([1, 2], STREET)}
    roads = iop.Roads.read_pbf(draw_map(nodes, ways))
    turn = roads._network.graph.turn
    assert turn.tolist() == [275, 275]  # both ends: 7.5 s for the angle and 20 s


@pytest.mark.parametrize(
    ("tags", "extra"),
    [
        ({"highway": "traffic_signals"}, 2.0),
        ({"barrier": "gate"}, 60.0),
        ({"barrier": "cattle_grid"}, 0.0),
        ({"highway": "traffic_signals", "traffic_signals:direction": "backward"}, 0.0),
    ],
    ids=["signals", "gate", "grid", "signals for the others"],
)
def test_what_stands_on_a_node_takes_its_time(draw_map, at, seconds, tags, extra):
    nodes = {1: (0, 0), 2: (5, 0, tags), 3: (10, 0)}
    ends = at(a=(1, 0), b=(9, 0))
    table = seconds(draw_map(nodes, {1: ([1, 2, 3], STREET)}), ends, ends)
    assert table.loc["a", "b"] == pytest.approx(8 * HUNDRED_M + extra, rel=0.005)


def test_a_bollard_sends_everybody_around(draw_map, at, seconds):
    nodes = {1: (0, 0), 2: (5, 0, {"barrier": "bollard"}), 3: (10, 0), 4: (10, 10), 5: (0, 10)}
    ways = {1: ([1, 2, 3], STREET), 2: ([3, 4, 5, 1], STREET)}
    ends = at(a=(4, 0), b=(6, 0))
    table = seconds(draw_map(nodes, ways), ends, ends)
    assert table.loc["a", "b"] == pytest.approx(38 * HUNDRED_M, rel=0.05)


def test_nobody_drives_through_a_private_road_but_to_it_and_from_it(draw_map, at, seconds):
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 20), 4: (0, 20), 5: (-5, 0), 6: (15, 0)}
    private = STREET | {"access": "private"}
    ways = {1: ([1, 2], private), 2: ([2, 3, 4, 1], STREET), 3: ([5, 1], STREET), 4: ([2, 6], STREET)}
    ends = at(left=(0, 1), right=(10, 1), within=(5, 0), beside=(6, 0))
    table = seconds(draw_map(nodes, ways), ends, ends)
    assert table.loc["left", "right"] > 40 * HUNDRED_M
    assert table.loc["left", "within"] < 10 * HUNDRED_M
    assert table.loc["within", "right"] < 10 * HUNDRED_M
    assert table.loc["within", "beside"] < 2 * HUNDRED_M


def test_what_lies_behind_a_private_road_can_be_reached(draw_map, at, seconds):
    nodes = {1: (0, 0), 2: (10, 0), 3: (20, 0), 4: (0, 10), 5: (0, 20), 6: (10, 10)}
    ways = {
        1: ([1, 2], STREET | {"access": "private"}),
        2: ([2, 3], STREET),
        3: ([1, 4, 5], STREET),
        4: ([4, 6], STREET),
    }
    ends = at(public=(0, 15), behind=(15, 0))
    table = seconds(draw_map(nodes, ways), ends, ends)
    assert table.notna().all(axis=None)


def test_a_ferry_is_taken_by_its_duration(draw_map, at, seconds):
    nodes = {1: (0, 0), 2: (10, 0), 3: (60, 0), 4: (70, 0)}
    ways = {1: ([1, 2], STREET), 2: ([2, 3], {"route": "ferry", "duration": "00:20"}), 3: ([3, 4], STREET)}
    ends = at(a=(9, 0), b=(61, 0), sea=(35, 0))
    table = seconds(draw_map(nodes, ways), ends, ends)
    assert table.loc["a", "b"] == pytest.approx(1200 + 2 * HUNDRED_M, rel=0.01)
    assert table["sea"].isna().all()  # the sea is 2.7 km wide here, and nobody starts on a ferry


def test_only_the_largest_part_that_leads_everywhere_is_kept(draw_map, at):
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10), 5: (6, 1), 6: (7, 1), 7: (20, 0)}
    ways = {
        1: ([1, 2, 3, 4, 1], STREET),
        2: ([5, 6], STREET),  # an island
        3: ([2, 7], STREET | {"oneway": "yes"}),  # out of the extract, and never back
        4: ([1, 3], STREET),
    }
    roads = iop.Roads.read_pbf(draw_map(nodes, ways))
    assert roads.counts["directions off the largest part"] == 3
    anchors = roads.anchor(*at(island=(6.5, 1), out=(18, 0)).to_numpy().T)
    np.testing.assert_allclose(anchors.walk_m, [110.6, 891], rtol=0.01)


def test_two_roads_between_the_same_corners_are_both_there(draw_map, at, seconds):
    nodes = {1: (0, 0), 2: (10, 0), 3: (-5, 0), 4: (15, 0)}
    fast = {"highway": "primary"}
    ways = {1: ([1, 2], STREET), 2: ([1, 2], fast), 3: ([3, 1], STREET), 4: ([2, 4], STREET)}
    ends = at(a=(-1, 0), b=(11, 0))
    assert seconds(draw_map(nodes, ways), ends, ends).loc["a", "b"] < 10 * HUNDRED_M


def test_a_ring_without_a_junction_and_a_way_that_meets_itself(draw_map, at, seconds):
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10)}
    ends = at(a=(5, 0), b=(5, 10))
    ring = seconds(draw_map(nodes, {1: ([1, 2, 3, 4, 1], STREET)}), ends, ends)
    assert ring.loc["a", "b"] == pytest.approx(20 * HUNDRED_M, rel=0.01)


def test_nodes_that_the_extract_lacks_cut_a_way_and_are_counted(draw_map, at, seconds):
    nodes = {n: (n, 0) for n in range(12) if n != 5}
    path = draw_map(nodes, {1: (list(range(12)), STREET)})
    roads = iop.Roads.read_pbf(path)
    assert roads.counts["nodes missing"] == 1
    ends = at(a=(7, 0), b=(10, 0))
    assert seconds(roads, ends, ends).loc["a", "b"] == pytest.approx(3 * HUNDRED_M, rel=0.01)


def cut(path, size):
    path.write_bytes(path.read_bytes()[:size])
    return path


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda path: path.unlink(), "none that can be opened"),
        (lambda path: path.write_bytes(b""), "another kind"),
        (lambda path: path.write_text("<osm version='0.6'/>"), "another kind"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + b"\0" * 40), "another kind"),
        (lambda path: cut(path, -30), "cannot be read"),
        (lambda path: cut(path, 60), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20] + b"\x07" * 20), "cannot be read"),
    ],
    ids=["missing", "empty", "xml", "zip", "cut", "cut in the head", "damaged"],
)
def test_a_file_that_is_no_whole_extract_is_a_load_error(draw_map, spoil, found):
    path = draw_map(*cross())
    spoil(path)
    with pytest.raises(LoadError, match=found):
        iop.Roads.read_pbf(path)


@pytest.mark.parametrize(
    ("nodes", "ways", "found"),
    [
        ({1: (0, 0)}, {}, "expected roads that a car can use, found none"),
        ({1: (0, 0), 2: (1, 0)}, {1: ([1, 2], {"highway": "footway"})}, "roads that a car can use"),
        ({9: (0, 0)}, {1: ([1, 2], STREET)}, "the nodes of its ways"),
        ({1: (0, 0), 2: (1, 0)}, {1: ([1, 2], STREET | {"oneway": "yes"})}, "roads that lead to each other"),
    ],
    ids=["no way", "no road", "no node", "no way back"],
)
def test_an_extract_without_roads_is_a_load_error(draw_map, nodes, ways, found):
    with pytest.raises(LoadError, match=found):
        iop.Roads.read_pbf(draw_map(nodes, ways))
