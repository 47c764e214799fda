"""Areas: a disk whose edge is as far as it says, and land along the roads from which one gets there in time."""

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

import iopdir as iop
from iopdir.errors import CoordinateError, UnitError

STREET = {"highway": "residential"}
STEP = 0.001


def write(path, nodes, ways):
    import osmium
    from osmium.osm import mutable

    with osmium.SimpleWriter(str(path)) as writer:
        for number, (x, y) in nodes.items():
            writer.add_node(mutable.Node(id=number, location=(x * STEP, y * STEP)))
        for number, (refs, tags) in ways.items():
            writer.add_way(mutable.Way(id=number, nodes=refs, tags=tags))
    return iop.Roads.read_pbf(path)


@pytest.fixture
def cross(tmp_path):
    nodes = {1: (-50, 0), 2: (50, 0), 3: (0, -50), 4: (0, 50), 5: (0, 0)}
    return write(tmp_path / "cross.osm.pbf", nodes, {n: ([n, 5], STREET) for n in (1, 2, 3, 4)})


@pytest.mark.parametrize(("lat", "lon"), [(0.0, 0.0), (61.0, -150.0), (38.0, 179.9), (-45.0, -179.95)])
def test_the_edge_of_a_disk_is_as_far_as_it_says(lat, lon):
    area = iop.catchment_area(iop.Place(lat=lat, lon=lon), "30 mi").geometry.item()
    assert area.is_valid
    corners = shapely.get_coordinates(area)
    metres = Geod(ellps="WGS84").inv(
        np.full(len(corners), lon), np.full(len(corners), lat), corners[:, 0], corners[:, 1]
    )[2]
    seam = np.abs(corners[:, 0]) == 180
    np.testing.assert_allclose(metres[~seam], 48280.32, atol=1e-3)
    assert (metres[seam] <= 48281).all()


@pytest.mark.parametrize("limit", ["20000 km", "700 km"])
def test_a_disk_that_holds_a_pole_is_refused(limit):
    with pytest.raises(UnitError, match="holds a pole"):
        iop.catchment_area(iop.Place(lat=85.0, lon=0.0), limit)


def test_land_along_the_roads_from_which_one_gets_there_in_time(cross):
    rng = np.random.default_rng(0)
    along = rng.uniform(-50, 50, 400)
    east = rng.random(400) < 0.5
    people = pd.DataFrame({"lon": np.where(east, along, 0) * STEP, "lat": np.where(east, 0, along) * STEP})
    clinic = pd.DataFrame({"lon": [3 * STEP], "lat": [0.0]})
    minutes = iop.CostMatrix.from_roads(cross, people, clinic, max_cost=None).to_frame()
    minutes = minutes.set_index("origin")["cost"].reindex(people.index).to_numpy()
    area = iop.catchment_area(clinic, "5 min", cost=cross).geometry.item()
    inside = shapely.contains_xy(area, people["lon"], people["lat"])
    assert inside[minutes <= 5].all()
    assert not inside[minutes > 5 + 300 / (25 / 3.6) / 60].any()


def test_one_way_streets_lead_there_and_not_back(tmp_path):
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10)}
    ways = {1: ([1, 2], STREET | {"oneway": "yes"}), 2: ([2, 3, 4, 1], STREET)}
    roads = write(tmp_path / "ring.osm.pbf", nodes, ways)
    middle = pd.DataFrame({"lon": [5 * STEP], "lat": [0.0]})
    area = iop.catchment_area(middle, "1 min", cost=roads).geometry.item()
    assert shapely.contains_xy(area, 3 * STEP, 0.0)
    assert not shapely.contains_xy(area, 9 * STEP, 0.0)


def test_a_longer_limit_holds_the_shorter_one_and_rows_come_in_order(cross):
    clinics = pd.DataFrame({"lon": [0.0, 0.02], "lat": [0.0, 0.0]}, index=["b", "a"])
    table = iop.catchment_area(clinics, ["2 min", "6 min"], cost=cross)
    assert table["facility_id"].tolist() == ["b", "b", "a", "a"]
    assert table["max_cost"].tolist() == ["2 min", "6 min"] * 2
    shapes = table.geometry.to_crs(3857).buffer(60)
    assert shapes.iloc[1].contains(table.geometry.to_crs(3857).iloc[0])
    names = [source["name"] for source in table.attrs["provenance"]["sources"]]
    assert names == ["cross.osm.pbf", "profile car"]


def test_where_no_road_is_near_there_is_no_area(cross):
    away = pd.DataFrame({"lon": [9.0], "lat": [9.0]})
    assert iop.catchment_area(away, "30 min", cost=cross).geometry.item().is_empty


def test_what_cannot_be_drawn_is_refused(cross):
    pairs = pd.DataFrame({"origin": ["a"], "destination": ["X"], "cost": [3.0]})
    matrix = iop.CostMatrix.from_frame(pairs, unit="min")
    with pytest.raises(TypeError, match="cannot be drawn"):
        iop.catchment_area("60614", "30 min", cost=matrix)
    with pytest.raises(UnitError, match="do not mix"):
        iop.catchment_area("60614", "30 mi", cost=cross)
    with pytest.raises(CoordinateError):
        iop.catchment_area(pd.DataFrame({"lon": [200.0], "lat": [0.0]}), "30 min", cost=cross)


def test_nobody_beside_the_only_road_is_off_it(tmp_path):
    roads = write(tmp_path / "one.osm.pbf", {1: (-50, 0), 2: (50, 0)}, {1: ([1, 2], STREET)})
    homes = pd.DataFrame({"lon": [-0.04, 0.0, 0.04, 0.0], "lat": [0.0, 0.0001, 0.0, 9.0]}, index=list("abcd"))
    off = iop.reach(homes, homes.rename(str.upper), cost=roads).ways.off
    assert off.people.tolist() == off.sites.tolist() == [False, False, False, True]
