"""An outline holds what is within its distance, and nothing much farther."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from iopdir.errors import UnitError
from iopdir.spatial.geodesy import MAX_GEODESIC_M
from iopdir.spatial.outlines import _squares, _widened, along, disk

GEOD = Geod(ellps="WGS84")
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    ("lon", "lat", "radius_m"),
    [(0, 0, 1e6), (-87.6, 41.9, 5e4), (179.9, 38, 5e5), (-179.95, -45, 5e5), (180, 0, 1e5), (-180, 70, 2e6),
     (20, -80, 1e6), (179.99, 10, 5e3), (-179.99, 10, 5e3)],
)  # fmt: skip
def test_a_disk_holds_what_is_within_its_radius_on_both_sides_of_the_antimeridian(lon, lat, radius_m):
    shape = disk(lon, lat, radius_m)
    assert shape.is_valid
    west, south, east, north = shape.bounds
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    rng = np.random.default_rng(1)
    there = GEOD.fwd(
        *np.full((2, 3000), [[lon], [lat]]), rng.uniform(0, 360, 3000), radius_m * rng.uniform(0, 1.5, 3000)
    )
    length = GEOD.inv(*np.full((2, 3000), [[lon], [lat]]), *there[:2])[2] / radius_m
    inside = shapely.contains_xy(shape, there[0], there[1])
    assert inside[length < 0.995].all()
    assert not inside[length > 1.0001].any()
    corners = shapely.get_coordinates(shape)
    assert len(corners) == 361 or (np.abs(corners[:, 0]) == 180).sum() >= 4


def test_a_disk_ends_before_the_pole_and_before_half_the_earth():
    for lat in (89.0, -89.0):
        pole_m = GEOD.inv(0, lat, 0, np.copysign(90, lat))[2]
        assert disk(0, lat, pole_m * 0.999).is_valid
        with pytest.raises(UnitError, match="holds a pole"):
            disk(0, lat, pole_m)
    pole_m = GEOD.inv(0, 0, 0, 90)[2]
    assert pole_m < MAX_GEODESIC_M / 2
    assert disk(0, 0, pole_m - 1).is_valid
    with pytest.raises(UnitError, match="holds a pole"):
        disk(0, 0, pole_m + 1)


@settings(deadline=None, max_examples=30)
@given(seeds, st.sampled_from([0.0, 45.0, -60.0]), st.sampled_from([30.0, 100.0]))
def test_what_lies_along_lines_is_between_half_their_width_and_twice(seed, lat, width_m):
    rng = np.random.default_rng(seed)
    metre = np.array([1 / (111_320 * np.cos(np.radians(lat))), 1 / 111_320])
    begin = rng.uniform(-500, 500, (4, 2))
    lines = np.stack([begin, begin + rng.uniform(-300, 300, (4, 2)) * rng.integers(0, 2, (4, 1))], axis=1)
    shape = along(lines * metre + [10.0, lat], width_m)
    flat = shapely.MultiLineString(list(lines))
    points = rng.uniform(-900, 900, (3000, 2))
    off = shapely.distance(flat, shapely.points(points))
    inside = shapely.contains_xy(shape, *(points * metre + [10.0, lat]).T)
    assert inside[off < 0.5 * width_m].all()
    assert not inside[off > 2 * width_m].any()
    assert shapely.contains_xy(shape, *(lines.reshape(-1, 2) * metre + [10.0, lat]).T).all()


@given(seeds)
def test_squares_are_those_that_a_line_crosses_without_a_gap(seed):
    rng = np.random.default_rng(seed)
    begin = rng.uniform(-50, 50, 2)
    line = np.array([[begin, begin + rng.uniform(-40, 40, 2) * rng.integers(0, 2)]])
    corner = line.min(axis=(0, 1)) - 6
    marked = _squares(line, corner, 1.0, 3.0)
    share = np.linspace(0, 1, 5001)[:, None]
    crossed = np.unique(np.floor(line[0, 0] + share * (line[0, 1] - line[0, 0]) - corner).astype(int), axis=0)
    found = np.argwhere(marked)[:, ::-1]
    assert {*map(tuple, found)} <= {*map(tuple, crossed)}
    ends = np.floor(line[0] - corner).astype(int)
    assert {*map(tuple, ends)} <= {*map(tuple, found)}
    apart = np.abs(found[:, None] - found).max(axis=2)
    reached = np.linalg.matrix_power((apart <= 1).astype(float), 64) > 0
    assert reached.all()  # from one to the next, all are reached
    assert not marked[[*range(5), *range(-5, 0)]].any()
    assert not marked[:, [*range(5), *range(-5, 0)]].any()


@given(seeds)
def test_squares_within_four_of_a_marked_one_are_marked(seed):
    rng = np.random.default_rng(seed)
    marked = np.zeros((20, 23), dtype=bool)
    marked[5:15, 5:18] = rng.random((10, 13)) < 0.05
    places = np.argwhere(marked)
    every = np.argwhere(np.ones_like(marked))
    near = (((every[:, None] - places) ** 2).sum(axis=2) <= 16).any(axis=1)
    np.testing.assert_array_equal(_widened(marked).ravel(), near)


def test_no_lines_have_no_outline():
    assert along(np.empty((0, 2, 2)), 100.0).is_empty
