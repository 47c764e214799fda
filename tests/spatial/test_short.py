"""Short geodesics are Karney's, however they are computed, and mirror images tie to the last bit."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from iopdir.spatial.geodesy import geodesic_m, inverse
from iopdir.spatial.short import direction, measure_few, measure_some
from iopdir.spatial.short_loops import measure_short

law = settings(deadline=None)  # the first example may compile

GEOD = Geod(ellps="WGS84")
CLOSE_M = 1e-8
LONGEST_SURE_M = 198_000


def many_pairs(n, seed):
    """Pairs of every kind: anywhere, along the equator, at the poles, across the antimeridian, 0.1 mm to 210 km."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 6, n)
    lon, lat = rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    tiny = 10 ** rng.uniform(-9, 1, n)
    lat = np.select(
        [kind == 1, kind == 2, kind == 3],
        [rng.choice([-1, 1], n) * (90 - tiny), rng.choice([-90.0, 0.0, 90.0], n), rng.normal(0, 0.1, n)],
        lat,
    )
    lon = np.where(kind == 4, np.copysign(180 - tiny, lon), lon)
    azimuth = np.where(
        rng.random(n) < 0.2, rng.choice([0.0, 90.0, -90.0, 180.0], n), rng.uniform(-180, 180, n)
    )
    length = np.where(rng.random(n) < 0.02, 0.0, 10 ** rng.uniform(-4, np.log10(2.1e5), n))
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, length)
    lon2 = np.where((kind == 5) & (rng.random(n) < 0.5), lon, lon2)
    return lon, lat, lon2, np.clip(lat2, -90, 90)


def run(measure, pairs):
    distance, bearing = np.empty(pairs[0].size), np.empty(pairs[0].size)
    measure(*pairs, distance, bearing)
    return distance, bearing


def test_a_million_pairs_of_every_kind_are_measured_as_proj_does():
    pairs = many_pairs(1_000_000, 7)
    azimuth, _, length = GEOD.inv(*pairs)
    distance, bearing = run(measure_short, pairs)
    short = distance >= 0
    assert short[length < LONGEST_SURE_M].all()
    assert np.abs(distance - length)[short].max() < CLOSE_M
    aside = np.radians(np.abs((bearing - azimuth + 180) % 360 - 180)) * length
    assert aside[short].max() < CLOSE_M  # metres to the side at the far end
    assert (bearing[short] >= 0).all()
    assert (bearing[short] < 360).all()


def test_numbers_arrays_and_compiled_loops_give_the_same_bits():
    pairs = many_pairs(100_000, 8)
    distance, bearing = run(measure_some, pairs)
    np.testing.assert_array_equal(run(measure_short, pairs), (distance, bearing))
    azimuth, _, length = GEOD.inv(*pairs)
    off = np.radians(np.abs((bearing - azimuth + 180) % 360 - 180)) * length
    assert max(np.abs(distance - length)[distance >= 0].max(), off[distance >= 0].max()) < CLOSE_M
    few = [end[::10] for end in pairs]
    np.testing.assert_array_equal(run(measure_few, few), (distance[::10], bearing[::10]))


degrees = st.tuples(
    st.floats(-180, 180) | st.integers(-180, 180).map(float),
    st.floats(-90, 90) | st.integers(-90, 90).map(float),
)
near = st.floats(-2, 2) | st.sampled_from([0.0, 1e-9, -1e-9, 1.0])


@law
@example(start=(0.0, 90.0), step=(170.0, 0.0))
@example(start=(-180.0, 0.0), step=(360.0, 0.0))
@example(start=(12.0, -90.0), step=(0.0, 0.0))
@given(start=degrees, step=st.tuples(near | st.floats(-360, 360), near))
def test_the_laws_of_distance(start, step):
    lon, lat = start
    lon2, lat2 = np.clip(lon + step[0], -180, 180), np.clip(lat + step[1], -90, 90)
    pairs = [np.array([value]) for value in (lon, lat, lon2, lat2)]
    (lon, lat, lon2, lat2), length = pairs, GEOD.inv(*pairs)[2]
    distance, bearing = inverse(*pairs)
    assert distance == pytest.approx(length, abs=CLOSE_M, rel=1e-14)
    assert distance == geodesic_m(*pairs) == geodesic_m(lon2, lat2, lon, lat)
    assert distance == geodesic_m(-lon, lat, -lon2, lat2) == geodesic_m(lon, -lat, lon2, -lat2)
    assert 0 <= bearing < 360
    if (lon, lat) == (lon2, lat2):
        assert (distance, bearing) == (0, 0)
    for measure in (measure_few, measure_some):
        np.testing.assert_array_equal(run(measure, pairs), run(measure_short, pairs))


@pytest.mark.parametrize("lat", [90.0, -90.0])
def test_every_meridian_is_as_long_from_the_pole(lat):
    lon = np.linspace(-180, 180, 73)
    distance = geodesic_m(np.zeros(73), np.full(73, lat), lon, np.full(73, lat * 0.99))
    assert (distance == distance[0]).all()


def along_a_meridian(lat, lat2):
    """Integrate the radius of curvature, M = a (1 - e²) / (1 - e² sin² φ)^1.5, by Gauss's rule of 12 points."""
    e2 = (2 - 1 / 298.257223563) / 298.257223563
    points, weights = np.polynomial.legendre.leggauss(12)
    half = np.radians(lat2 - lat) / 2
    phi = np.radians(lat + lat2)[:, None] / 2 + half[:, None] * points
    return np.abs(half) * (6378137.0 * (1 - e2) * (1 - e2 * np.sin(phi) ** 2) ** -1.5 @ weights)


@pytest.mark.parametrize("measure", [measure_some, measure_short])
def test_a_way_along_a_meridian_is_its_integral_to_a_nanometre(measure):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(-180, 180, 20_000), rng.uniform(-88, 88, 20_000)
    lat2 = lat + rng.choice([-1, 1], 20_000) * rng.uniform(0, 1.77, 20_000)
    distance, _ = run(measure, (lon, lat, lon, lat2))
    assert distance.max() > 197_000
    np.testing.assert_allclose(distance, along_a_meridian(lat, lat2), rtol=0, atol=1e-9)


@pytest.mark.parametrize("measure", [measure_few, measure_some, measure_short])
def test_what_is_farther_is_left_to_others_up_to_the_far_side_of_the_earth(measure):
    rng = np.random.default_rng(2)
    lon, lat, way = (rng.uniform(-end, end, 5_000) for end in (180, 90, 180))
    lon2, lat2, _ = GEOD.fwd(lon, lat, way, rng.uniform(199_900, 2e7, 5_000))
    lon[0], lat[0], lon2[0], lat2[0] = 0, 0, 180, 0
    assert (run(measure, (lon, lat, lon2, lat2))[0] < 0).all()


@pytest.mark.parametrize(
    ("east", "north", "degrees"),
    [(0, 0, 0), (0, 1, 0), (1, 0, 90), (0, -1, 180), (-1, 0, 270), (-1e-20, 1, 0), (1e-20, -1, 180)],
)
def test_a_direction_is_below_360_even_if_it_rounds_to_it(east, north, degrees):
    assert direction(np.array([float(east)]), np.array([float(north)])).tolist() == [degrees]
