"""Every bound holds for every pair of places, and coordinates are checked as they should be."""

import subprocess
import sys
from threading import current_thread, get_ident

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from iopdir.errors import CoordinateError
from iopdir.spatial.geodesy import (
    MAX_CHORD_M,
    MAX_GEODESIC_M,
    PAD_M,
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    check_lonlat,
    chord_never_above,
    chord_surely_within,
    geodesic_m,
    geodesic_never_above,
    inverse,
    stretched_never_above,
    to_xyz,
)
from iopdir.spatial.threads import in_threads

law = settings(deadline=None)  # other work shares the machine

GEOD = Geod(ellps="WGS84")


def pairs_at_every_distance():
    """Pairs from a micrometre apart to the antipode, in every direction, many along the equator and to the poles."""
    rng = np.random.default_rng(5)
    n = 40_000
    lon, lat = rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    lat[: n // 4] *= 0.01
    lat[n // 4 : n // 3] = rng.choice([-90, 90, 0, 89.999], n // 3 - n // 4)
    azimuth = rng.choice([0.0, 90.0, 180.0, 45.0], n) + rng.choice([0, 1], n) * rng.uniform(-45, 45, n)
    length = 10 ** rng.uniform(-6, np.log10(2.0004e7), n)
    length[::3] = rng.uniform(1.9e7, 2.0004e7, length[::3].size)
    lon2, lat2, _ = GEOD.fwd(lon, lat, azimuth, length)
    return lon, lat, lon2, lat2


def test_every_bound_holds_at_every_distance():
    lon, lat, lon2, lat2 = pairs_at_every_distance()
    geodesic = geodesic_m(lon, lat, lon2, lat2)
    first, second = to_xyz(lon, lat), to_xyz(lon2, lat2)
    chord = np.linalg.norm(first - second, axis=1)
    stretched = np.linalg.norm((first - second) * [1, 1, SEMI_MAJOR_M / SEMI_MINOR_M], axis=1)
    assert (geodesic <= geodesic_never_above(chord) + PAD_M).all()
    assert (chord <= chord_never_above(geodesic) + PAD_M).all()
    assert (stretched <= stretched_never_above(geodesic) + PAD_M).all()
    assert geodesic.max() <= MAX_GEODESIC_M
    assert chord.max() <= MAX_CHORD_M
    for limit in (*np.quantile(geodesic, [0.1, 0.5, 0.7, 0.9]), 1.2e7, 1.9e7, 1.99e7, 2.0003e7):
        sure = chord <= chord_surely_within(limit) - PAD_M
        assert (geodesic[sure] <= limit).all()
        possible = chord <= chord_never_above(limit) + PAD_M
        assert (geodesic[~possible] > limit).all()


@pytest.mark.parametrize(("distance", "room"), [(1e3, 2e-6), (48280.32, 0.12), (150e3, 3.6), (1e6, 1.1e3)])
def test_the_bounds_are_tight_enough_to_be_useful(distance, room):
    assert 0 <= geodesic_never_above(distance) - distance < room
    assert 0 <= distance - chord_surely_within(distance) < room


@law
@given(st.floats(0, 2.1e7), st.floats(0, 2.1e7))
def test_the_bounds_never_cross_and_never_fall(a, b):
    low, high = sorted((a, b))
    assert chord_surely_within(low) <= chord_surely_within(high)
    assert chord_never_above(low) <= chord_never_above(high)
    assert chord_surely_within(low) <= chord_never_above(low) + PAD_M or low >= MAX_GEODESIC_M
    assert geodesic_never_above(min(low, MAX_CHORD_M)) <= geodesic_never_above(min(high, MAX_CHORD_M))


def test_xyz_is_what_proj_says():
    lon, lat, *_ = pairs_at_every_distance()
    proj = Transformer.from_crs(4979, 4978, always_xy=True).transform(lon, lat, np.zeros(lon.size))
    np.testing.assert_allclose(to_xyz(lon, lat), np.column_stack(proj), rtol=0, atol=1e-8)


def test_threads_change_nothing():
    lon, lat, lon2, lat2 = pairs_at_every_distance()
    azimuth, _, length = GEOD.inv(lon, lat, lon2, lat2)
    distance, bearing = inverse(lon, lat, lon2, lat2)
    np.testing.assert_array_equal(geodesic_m(lon, lat, lon2, lat2), distance)
    np.testing.assert_allclose(distance, length, rtol=0, atol=1e-8)
    aside = np.radians((bearing - azimuth + 180) % 360 - 180) * np.minimum(length, 2e7 - length)
    np.testing.assert_allclose(aside, 0, atol=1e-8)
    some = slice(None, None, 100)
    np.testing.assert_array_equal(inverse(lon[some], lat[some], lon2[some], lat2[some])[0], distance[some])


def test_every_item_is_worked_on_once_also_from_inside_a_thread():
    seen = np.zeros(100_001, dtype=int)

    def inner(part):
        def work(piece):
            seen[part][piece] += 1

        in_threads(work, part.stop - part.start, chunk=3000)

    in_threads(inner, seen.size, chunk=20_000)
    assert (seen == 1).all()


def test_an_error_in_a_thread_is_not_lost():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda part: 1 / (part.start - part.start), 10_000)


@pytest.mark.parametrize(("lon", "lat", "bearing"), [(0, 1, 0), (1, 0, 90), (0, -1, 180), (-1, 0, 270)])
def test_bearings_turn_clockwise_from_north(lon, lat, bearing):
    zero = np.array([0.0])
    assert inverse(zero, zero, zero + lon, zero + lat)[1] == pytest.approx([bearing])


def test_the_direction_from_a_place_to_itself_is_0():
    here = np.array([-87.6]), np.array([41.9])
    assert [part.tolist() for part in inverse(*here, *here)] == [[0.0], [0.0]]


@pytest.mark.parametrize("lat", [1.0, 50.0])
def test_a_hair_west_of_north_is_north(lat):
    zero = np.zeros(1)
    assert inverse(zero, zero, zero - 1e-18, zero + lat)[1].tolist() == [0.0]


@law
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=2))
def test_bearings_stay_below_360(ends):
    (lon, lat), (lon2, lat2) = np.array(ends)[..., None]
    assert 0 <= inverse(lon, lat, lon2, lat2)[1][0] < 360


@pytest.mark.parametrize(
    ("lon", "lat"), [(np.nan, 0), (0, np.nan), (181, 0), (-180.0001, 0), (0, 90.1), (0, -91), (np.inf, 0)]
)
def test_places_off_the_earth_are_named(lon, lat):
    with pytest.raises(CoordinateError, match="1 of 3 points is not on Earth: row 2 has") as caught:
        check_lonlat([0, 0, lon], [0, 0, lat])
    assert caught.value.rows == (2,)


@pytest.mark.parametrize(("bad", "more"), [(5, ""), (6, " and 1 more"), (7, " and 2 more")])
def test_many_bad_places_are_counted_and_the_first_shown(bad, more):
    with pytest.raises(CoordinateError) as caught:
        check_lonlat([200] * bad, [0] * bad)
    said = str(caught.value)
    assert said.startswith(f"{bad} of {bad} points are not on Earth: row 0 has")
    assert said.count("row ") == 5
    assert said.endswith(f"lat 0.0{more}")
    assert caught.value.rows == tuple(range(bad))


def test_arrays_of_different_length_are_refused():
    with pytest.raises(CoordinateError, match="differ in shape"):
        check_lonlat([0, 1], [0])


def test_the_edges_of_the_earth_are_on_it():
    lon, lat = check_lonlat([-180, 180, 0], [0, -90, 90])
    assert (lon.tolist(), lat.tolist()) == ([-180, 180, 0], [0, -90, 90])


def test_neither_the_geodesy_nor_the_live_index_loads_numba():
    code = "import sys, iopdir.spatial.live; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("n", "chunk", "most"), [(0, 9, 0), (1, 9, 1), (10, 9, 4), (9_000, 2_000, 2_000), (9_000, 9_000, 3_000)]
)
def test_work_is_cut_into_even_slices_for_every_core(n, chunk, most, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    parts, names = [], set()

    def work(part):
        parts.append((part.start, part.stop))
        names.add(current_thread().name[:14])

    in_threads(work, n, chunk=chunk, serial=5_000)
    parts.sort()
    assert [item for part in parts for item in range(*part)] == list(range(n))
    assert [stop - start for start, stop in parts[:-1]] == [most] * max(0, len(parts) - 1)
    assert len(parts) == (-(-n // most) if n else 0)
    assert names == ({"iopdir-spatial"} if n >= 5_000 else {current_thread().name[:14]} if n else set())


def test_what_is_cut_again_inside_a_thread_stays_there(monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1}, raising=False)
    outside, inside = set(), set()

    def outer(part):
        outside.add(get_ident())
        in_threads(lambda _: inside.add(get_ident()), 5_000)

    in_threads(outer, 4_000)
    assert inside <= outside
    assert get_ident() not in outside
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0}, raising=False)
    in_threads(lambda _: outside.add(get_ident()), 4_000)
    assert get_ident() in outside


def test_the_bounds_are_within_one_in_a_hundred_up_to_the_far_side_of_the_earth():
    lon, lat, lon2, lat2 = pairs_at_every_distance()
    geodesic = geodesic_m(lon, lat, lon2, lat2)
    chord = np.linalg.norm(to_xyz(lon, lat) - to_xyz(lon2, lat2), axis=1)
    far = (geodesic > 1) & (geodesic < 1.99e7)
    assert (chord_surely_within(geodesic)[far] > 0.99 * chord[far]).all()
    far &= geodesic < 1.8e7
    geodesic, chord = geodesic[far], chord[far]
    assert geodesic.max() > 1.7e7
    assert (chord_never_above(geodesic) < 1.01 * chord).all()
    assert (geodesic_never_above(chord) < 1.02 * geodesic).all()
    assert np.isinf(chord_surely_within(MAX_GEODESIC_M))
    assert chord_surely_within(MAX_GEODESIC_M - 1) < MAX_CHORD_M
