"""The nearest road of a point: its segment, not its node, against all segments."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from iopdir.roads.network import Shapes
from iopdir.roads.snapping import lay_grid, snap


def shapes_of(chains, doorstep):
    size = [len(chain) - 1 for chain in chains]
    points = np.array([point for chain in chains for point in chain], dtype=np.float64)
    segments = sum(size)
    return Shapes(
        start=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        lon=points[:, 0].copy(),
        lat=points[:, 1].copy(),
        took=np.ones((2, segments), dtype=np.int32),
        left=np.zeros((2, segments), dtype=np.int32),
        total=np.ones((2, len(chains)), dtype=np.int32),
        state=np.zeros((2, 2, len(chains)), dtype=np.int32),
        again=np.zeros((2, 0), dtype=np.int32),
        doorstep=np.array(doorstep),
    )


degree = st.integers(-2000, 2000).map(lambda n: n / 100_000)  # 2 km around
latitudes = st.sampled_from([0.0, 38.0, -70.0])


@settings(deadline=None)
@given(st.data(), latitudes, st.sampled_from([50.0, 2000.0]))
def test_the_nearest_segment_is_the_nearest_of_all(data, middle, limit):
    point = st.tuples(degree.map(lambda x: x - 100), degree.map(lambda y: y + middle))
    chains = data.draw(st.lists(st.lists(point, min_size=2, max_size=5), min_size=1, max_size=6))
    doorstep = data.draw(st.lists(st.booleans(), min_size=len(chains), max_size=len(chains)))
    lon, lat = np.array(data.draw(st.lists(point, min_size=1, max_size=5)), dtype=np.float64).T
    shapes = shapes_of(chains, doorstep)
    found = snap(lay_grid(shapes), shapes, lon, lat, limit)
    for i in range(lon.size):
        scale = np.array([111_320.0 * np.cos(np.radians(lat[i])), 111_132.0])
        here = shapely.Point(0, 0)
        away = [
            here.distance(shapely.LineString((np.array(chain) - [lon[i], lat[i]]) * scale))
            for chain, open_ in zip(chains, doorstep, strict=True)
            if open_
        ]
        nearest = min(away, default=np.inf)
        if nearest > limit + 1e-6:
            assert found.chain[i] == found.segment[i] == -1
            assert np.isnan(found.walk[i])
        elif nearest < limit - 1e-6:
            assert found.walk[i] == pytest.approx(nearest, abs=1e-6)
            assert doorstep[found.chain[i]]
            a = found.segment[i] + found.chain[i]
            ends = np.array([[shapes.lon[a], shapes.lat[a]], [shapes.lon[a + 1], shapes.lat[a + 1]]])
            place = ends[0] + found.share[i] * (ends[1] - ends[0])
            assert np.hypot(*((place - [lon[i], lat[i]]) * scale)) == pytest.approx(nearest, abs=1e-6)


def test_of_equally_near_segments_the_first_is_taken():
    shapes = shapes_of([[(0, 0), (1e-3, 0)], [(0, 0), (1e-3, 0)]], [True, True])
    found = snap(lay_grid(shapes), shapes, np.array([5e-4]), np.array([1e-4]), 100.0)
    assert (found.chain[0], found.segment[0], found.share[0]) == (0, 0, 0.5)


@pytest.mark.parametrize(
    ("lon", "lat"), [(np.nan, 0.0), (0.0, 91.0), (181.0, 0.0)], ids=["nan", "pole", "east"]
)
def test_a_point_that_is_not_on_earth_has_no_road(lon, lat):
    shapes = shapes_of([[(0, 0), (1e-3, 0)]], [True])
    assert snap(lay_grid(shapes), shapes, np.array([lon]), np.array([lat]), 1e5).chain[0] == -1
