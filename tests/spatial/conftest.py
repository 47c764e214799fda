"""Places that break shortcuts, and the slow truth about them."""

import numpy as np
import pytest

from iopdir.spatial.geodesy import geodesic_m


def globe(rng, n):
    return rng.uniform(-180, 180, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


def town(rng, n):
    return -87.6 + rng.normal(0, 0.05, n), 41.9 + rng.normal(0, 0.05, n)


def antipode_of_the_town(rng, n):
    return 92.4 + rng.normal(0, 1, n), -41.9 + rng.normal(0, 1, n)


def antimeridian(rng, n):
    return rng.choice([-180, 180, -179.5, 179.99], n), rng.normal(0, 1, n)


def poles(rng, n):
    return rng.uniform(-180, 180, n), rng.choice([-90, 90, -89.9, 89.99999], n)


def one_spot(rng, n):
    return np.full(n, 10.0), np.full(n, rng.choice([10.0]))


def grid(rng, n):
    return rng.integers(-3, 4, n) / 10, rng.integers(-3, 4, n) / 10


PLACES = {
    place.__name__: place
    for place in (globe, town, antipode_of_the_town, antimeridian, poles, one_spot, grid)
}


def measure_all(lon, lat, tree_lon, tree_lat):
    shape = (len(lon), len(tree_lon))
    pairs = [
        np.broadcast_to(values, shape).ravel() for values in (lon[:, None], lat[:, None], tree_lon, tree_lat)
    ]
    return np.reshape(geodesic_m(*pairs), shape)


def measure_nearest(distances, k):
    n, m = distances.shape
    order = np.lexsort((np.broadcast_to(np.arange(m), (n, m)), distances))[:, :k]
    index, distance = np.full((n, k), -1), np.full((n, k), np.inf)
    index[:, : order.shape[1]], distance[:, : order.shape[1]] = order, np.take_along_axis(distances, order, 1)
    return index, distance


@pytest.fixture(params=PLACES)
def here(request):
    """Query points."""
    return PLACES[request.param](np.random.default_rng(1), 40)


@pytest.fixture(params=PLACES)
def there(request):
    """Points to search among."""
    return PLACES[request.param](np.random.default_rng(2), 150)


@pytest.fixture
def distances(here, there):
    """Every geodesic from here to there, measured pair by pair."""
    return measure_all(*here, *there)


@pytest.fixture(scope="session")
def measured():
    """Every geodesic from some places to others, measured pair by pair."""
    return measure_all


@pytest.fixture
def truth():
    """Nearest k of a table of distances, ties by position."""
    return measure_nearest
