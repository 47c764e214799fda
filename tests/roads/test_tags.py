"""What tags mean to a car, case by case as OSRM's car profile documents them."""

import pytest

from iopdir.roads.obstacles import BLOCKED, read_node
from iopdir.roads.profile import car
from iopdir.roads.tags import read_way

STREET = {"highway": "residential"}


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"highway": "motorway"}, 90, 0),
        ({"highway": "motorway", "oneway": "no"}, 90, 90),
        ({"highway": "motorway_link"}, 45, 45),
        (STREET, 25, 25),
        (STREET | {"oneway": "yes"}, 25, 0),
        (STREET | {"oneway": "1"}, 25, 0),
        (STREET | {"oneway": "-1"}, 0, 25),
        (STREET | {"oneway": "yes", "oneway:motor_vehicle": "no"}, 25, 25),
        (STREET | {"oneway:motorcar": "yes"}, 25, 0),
        (STREET | {"junction": "roundabout"}, 25, 0),
        (STREET | {"junction": "circular"}, 25, 0),
        (STREET | {"junction": "roundabout", "oneway": "-1"}, 0, 25),
        (STREET | {"maxspeed": "50"}, 40, 40),
        (STREET | {"maxspeed": "30 mph"}, 38.616, 38.616),
        (STREET | {"maxspeed": "25 mp/h"}, 32.18, 32.18),
        (STREET | {"maxspeed:forward": "50", "maxspeed": "30"}, 40, 24),
        (STREET | {"maxspeed:backward": "60"}, 25, 48),
        (STREET | {"maxspeed": "DE:rural"}, 80, 80),
        (STREET | {"maxspeed": "CZ:urban"}, 40, 40),
        (STREET | {"source:maxspeed": "FR:rural"}, 64, 64),
        (STREET | {"maxspeed": "none"}, 112, 112),
        (STREET | {"maxspeed": "signals"}, 25, 25),
        (STREET | {"maxspeed:advisory": "40", "maxspeed": "50"}, 32, 32),
        (STREET | {"surface": "mud"}, 10, 10),
        (STREET | {"maxspeed": "100", "surface": "gravel"}, 40, 40),
        (STREET | {"smoothness": "horrible"}, 10, 10),
        (STREET | {"maxspeed:type": "at:rural", "tracktype": "grade5"}, 20, 20),
        ({"highway": "track", "motor_vehicle": "yes"}, 10, 10),
        ({"highway": "path", "motorcar:forward": "yes"}, 10, 0),
        ({"highway": "pedestrian", "access": "permissive"}, 10, 10),
        ({"route": "ferry"}, 5, 5),
        ({"route": "shuttle_train"}, 10, 10),
        ({"highway": "primary", "bridge": "movable"}, 5, 5),
        ({"highway": "primary", "construction": "minor"}, 65, 65),
        ({"highway": "primary", "proposed": "trunk"}, 65, 65),
        (STREET | {"access": "no", "motor_vehicle": "yes"}, 25, 25),
        (STREET | {"access": "yes", "motorcar:backward": "no"}, 25, 0),
        (STREET | {"access": "something new"}, 25, 25),
        (STREET | {"maxheight": "2.5"}, 25, 25),
        (STREET | {"maxheight": "default"}, 25, 25),
        (STREET | {"maxweight": "3.5"}, 25, 25),
        (STREET | {"maxweight": "2000 kg"}, 25, 25),
        (STREET | {"maxheight:backward": "1.9"}, 25, 0),
    ],
    ids=str,
)
def test_speed_and_direction(tags, forward, backward):
    passage = read_way(tags, car())
    assert (round(passage.forward, 3), round(passage.backward, 3)) == (forward, backward)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"building": "yes"},
        {"highway": "footway"},
        {"highway": "track"},
        {"highway": "steps"},
        {"highway": "construction"},
        {"highway": "proposed"},
        {"proposed": "primary", "route": "bus"},
        {"route": "bus"},
        {"route": "ferry", "motor_vehicle": "no"},
        STREET | {"area": "yes"},
        STREET | {"railway": "construction"},
        STREET | {"construction": "yes"},
        STREET | {"impassable": "yes"},
        STREET | {"status": "impassable"},
        STREET | {"oneway": "reversible"},
        STREET | {"smoothness": "impassable"},
        STREET | {"access": "no"},
        STREET | {"motor_vehicle": "agricultural;forestry"},
        STREET | {"vehicle": "no", "access": "yes"},
        STREET | {"maxheight": "1.8"},
        STREET | {"maxheight": "6'2"},
        STREET | {"width": "1.5"},
        STREET | {"maxlength": "4"},
        STREET | {"maxweight": "1.5"},
        STREET | {"maxweight": "4000 lbs"},
        {"highway": "track", "access": "private"},
        {"highway": "service", "service": "emergency_access"},
    ],
    ids=str,
)
def test_closed_to_cars(tags):
    assert read_way(tags, car()) is None


@pytest.mark.parametrize("value", ["private", "destination", "delivery", "customers", "residents", "permit"])
def test_private_roads_are_for_those_who_live_there(value):
    passage = read_way(STREET | {"access": value}, car())
    assert (passage.forward, passage.ends_forward, passage.ends_backward) == (25, True, True)


def test_of_several_values_the_most_open_one_holds():
    assert not read_way(STREET | {"access": "customers; permissive"}, car()).ends_forward
    assert read_way(STREET | {"access": "no;destination"}, car()).ends_forward


def test_nobody_starts_on_a_ferry_or_in_a_private_yard():
    assert not read_way({"route": "ferry"}, car()).doorstep
    assert not read_way({"highway": "service", "access": "private"}, car()).doorstep
    assert read_way({"highway": "service", "access": "customers"}, car()).doorstep


def test_a_ferry_takes_as_long_as_it_says():
    assert read_way({"route": "ferry", "duration": "00:35"}, car()).seconds == 2100
    assert read_way({"route": "ferry", "duration": "PT1H"}, car()).seconds == 3600
    assert read_way({"route": "ferry", "duration": "soon"}, car()).seconds == 0


def test_the_side_that_a_way_says_goes_before_the_profile():
    assert not read_way(STREET, car()).left
    assert read_way(STREET | {"driving_side": "left"}, car()).left


@pytest.mark.parametrize(
    "tags",
    [
        {"barrier": "bollard"},
        {"barrier": "block"},
        {"barrier": "bollard", "access": "no"},
        {"barrier": "gate", "motor_vehicle": "no"},
        {"barrier": "height_restrictor", "maxheight": "1.9"},
        {"barrier": "fence"},
        {"barrier": "kerb"},
        {"access": "forestry"},
    ],
    ids=str,
)
def test_what_stands_in_the_way(tags):
    assert read_node(tags, car()) == BLOCKED


@pytest.mark.parametrize(
    ("tags", "along", "against"),
    [
        ({"barrier": "gate"}, 60, 60),
        ({"barrier": "lift_gate"}, 60, 60),
        ({"highway": "traffic_signals"}, 2, 2),
        ({"highway": "traffic_signals", "traffic_signals:direction": "forward"}, 2, 0),
        ({"highway": "traffic_signals", "direction": "backward"}, 0, 2),
        ({"highway": "stop", "direction": "both"}, 2, 2),
        ({"highway": "give_way", "direction": "backward"}, 0, 1),
    ],
    ids=str,
)
def test_what_takes_time(tags, along, against):
    assert read_node(tags, car())[:2] == (along, against)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"highway": "crossing"},
        {"barrier": "cattle_grid"},
        {"barrier": "toll_booth"},
        {"barrier": "gate", "access": "yes"},
        {"barrier": "gate", "access": "private"},
        {"barrier": "bollard", "bollard": "rising"},
        {"barrier": "kerb", "kerb": "lowered"},
        {"barrier": "kerb", "highway": "crossing"},
        {"barrier": "fence", "sensory": "audible"},
        {"barrier": "height_restrictor", "maxheight": "3"},
    ],
    ids=str,
)
def test_what_lets_through(tags):
    assert read_node(tags, car()) is None
