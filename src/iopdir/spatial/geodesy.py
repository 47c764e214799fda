"""Distance on the WGS84 ellipsoid, and the straight chord through it that bounds it from both sides.

A place at height 0 has geocentric coordinates *(x, y, z)* in metres (EPSG:4978). Between two places let *c*
be the straight chord and *s* the geodesic. With semi-axes *a* > *b* and *ρ = b²/a*, the smallest radius of
curvature anywhere on the ellipsoid, each of these is a proved bound, at any distance up to the antipode:

1. *c ≤ s*: nothing is shorter than the straight line.
2. *c ≥ 2ρ sin(s / 2ρ)* for *s ≤ πρ*: a geodesic bends nowhere more than a circle of radius *ρ*, and a curve
   that bends less spans a longer chord (Schur's comparison theorem).
3. *s ≤ πa*, hence *s > πρ* only where *c ≥ 2ρ - π(a - ρ)*: the nearest-point map from the sphere of radius
   *a* onto the ellipsoid shortens every path; then walk back from the far end to length *πρ* and use 2.
4. *bσ ≤ s ≤ aσ*, *σ* being the angle on the unit sphere between *(x/a, y/a, z/b)* of the two places: that map
   stretches no length by more than *1/b* and none by less than *1/a*.

So nothing here is an approximation: a chord only ever decides what it can decide for certain, and
`geodesic_m` decides the rest: `short` below some 199 km, and PROJ (Karney 2013, doi:10.1007/s00190-012-0578-z)
beyond.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iopdir.errors import CoordinateError
from iopdir.spatial.short import FloatArray, measure_few, measure_some
from iopdir.spatial.threads import in_threads

if TYPE_CHECKING:
    from pyproj import Geod

__all__ = [
    "BENT_CHORD_M",
    "MAX_CHORD_M",
    "MAX_GEODESIC_M",
    "PAD_M",
    "SEMI_MAJOR_M",
    "SEMI_MINOR_M",
    "TIGHTEST_RADIUS_M",
    "FloatArray",
    "IntArray",
    "check_lonlat",
    "chord_never_above",
    "chord_surely_within",
    "destination",
    "geodesic_m",
    "geodesic_never_above",
    "inverse",
    "stretched_never_above",
    "to_xyz",
]

IntArray = NDArray[np.int64]

SEMI_MAJOR_M: Final = 6378137.0
"""Semi-major axis *a* of WGS84, exact: NGA.STND.0036 (2014)."""

SEMI_MINOR_M: Final = SEMI_MAJOR_M * (1 - 1 / 298.257223563)
"""Semi-minor axis *b*, from the defining flattening 1/298.257223563: NGA.STND.0036 (2014)."""

TIGHTEST_RADIUS_M: Final = SEMI_MINOR_M**2 / SEMI_MAJOR_M
"""Smallest radius of curvature *ρ = b²/a*: the meridian where it crosses the equator."""

MAX_GEODESIC_M: Final = math.pi * SEMI_MAJOR_M
"""No two places are farther apart than this (bound 3)."""

MAX_CHORD_M: Final = 2 * SEMI_MAJOR_M
"""No chord is longer than this."""

PAD_M: Final = 1e-6
"""Room for rounding: coordinates carry about 1e-9 m of it, geodesics about 1.5e-8 m."""

BENT_CHORD_M: Final = 2 * TIGHTEST_RADIUS_M - math.pi * (SEMI_MAJOR_M - TIGHTEST_RADIUS_M)
"""Below this chord bound 2 holds."""

_FEW: Final = 12
_MANY: Final = 20_000


def check_lonlat(lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Make sure that every point is on Earth.

    Parameters
    ----------
    lon, lat
        Degrees, EPSG:4326, scalars or shape (n,).

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Longitudes and latitudes, shape (n,).

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or outside -180..180, -90..90 (`rows` names them), or shapes differ.

    Examples
    --------
    >>> check_lonlat([0.0, -87.6], [91.0, 41.9])
    Traceback (most recent call last):
    iopdir.errors.CoordinateError: 1 of 2 points is not on Earth: row 0 has lon 0.0, lat 91.0
    """
    lons, lats = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (lon, lat))
    if lons.shape != lats.shape or lons.ndim != 1:
        raise CoordinateError(f"longitudes and latitudes differ in shape: {lons.shape} and {lats.shape}")
    bad = np.flatnonzero(~((np.abs(lats) <= 90) & (np.abs(lons) <= 180)))
    if bad.size:
        named = ", ".join(f"row {row} has lon {lons[row]}, lat {lats[row]}" for row in bad[:5])
        more = f" and {bad.size - 5} more" if bad.size > 5 else ""
        verb = "is" if bad.size == 1 else "are"
        raise CoordinateError(
            f"{bad.size} of {lons.size} points {verb} not on Earth: {named}{more}", rows=bad.tolist()
        )
    return lons, lats


def to_xyz(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Turn degrees into geocentric metres (EPSG:4979 at height 0 to EPSG:4978).

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,), checked.

    Returns
    -------
    FloatArray
        Shape (n, 3), metres.

    Examples
    --------
    >>> to_xyz(np.array([0.0]), np.array([0.0]))
    array([[6378137.,       0.,       0.]])
    """
    lam, phi = np.radians(lon), np.radians(lat)
    sin_phi, cos_phi = np.sin(phi), np.cos(phi)
    flat = (SEMI_MINOR_M / SEMI_MAJOR_M) ** 2
    normal = SEMI_MAJOR_M / np.sqrt(1 - (1 - flat) * sin_phi**2)
    return np.stack(
        [normal * cos_phi * np.cos(lam), normal * cos_phi * np.sin(lam), normal * flat * sin_phi], axis=1
    )


def geodesic_m(lon1: FloatArray, lat1: FloatArray, lon2: FloatArray, lat2: FloatArray) -> FloatArray:
    """Measure the shortest way over the ellipsoid, pair by pair, in threads where it pays.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees, shape (n,), checked.

    Returns
    -------
    FloatArray
        Shape (n,), metres, good to 15 nanometres.

    Examples
    --------
    From the equator to the pole:

    >>> zero = np.array([0.0])
    >>> geodesic_m(zero, zero, zero, zero + 90).round(3)
    array([10001965.729])
    """
    return inverse(lon1, lat1, lon2, lat2)[0]


def inverse(
    lon1: FloatArray, lat1: FloatArray, lon2: FloatArray, lat2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Measure the shortest way like `geodesic_m`, and the direction in which it sets out.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees, shape (n,), checked.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Metres, and degrees clockwise from true north, 0 up to 360; each of shape (n,). The direction from a
        place to itself is 0.

    Examples
    --------
    >>> zero = np.array([0.0])
    >>> distance_m, bearing_deg = inverse(zero, zero, zero - 1, zero)
    >>> distance_m.round(), bearing_deg
    (array([111319.]), array([270.]))
    """
    distance, bearing = np.empty(lon1.shape[0]), np.empty(lon1.shape[0])
    measure_short = _measure_short(lon1.shape[0])

    def measure(part: slice) -> None:
        x1, y1, x2, y2 = (np.ascontiguousarray(end[part]) for end in (lon1, lat1, lon2, lat2))
        length, angle = distance[part], bearing[part]
        measure_short(x1, y1, x2, y2, length, angle)
        far = np.flatnonzero(length < 0)
        if far.size:
            azimuth, _, length[far] = _wgs84().inv(x1[far], y1[far], x2[far], y2[far])
            azimuth[azimuth < 0] += 360.0
            azimuth[azimuth >= 360.0] = 0.0
            angle[far] = azimuth
        angle[length == 0] = 0.0

    in_threads(measure, lon1.shape[0])
    return distance, bearing


def destination(
    lon: FloatArray, lat: FloatArray, azimuth: FloatArray, metres: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Go so far over the ellipsoid from each point, in a direction.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,).
    azimuth
        Degrees clockwise from north, shape (n,).
    metres
        How far, shape (n,).

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Degrees, shape (n,) each.

    Examples
    --------
    >>> destination(np.array([0.0]), np.array([0.0]), np.array([90.0]), np.array([111_319.5]))[0].round(4)
    array([1.])
    """
    ends = _wgs84().fwd(lon, lat, azimuth, metres)
    return np.asarray(ends[0], dtype=np.float64), np.asarray(ends[1], dtype=np.float64)


def _measure_short(n: int) -> Callable[..., None]:
    """Choose how to measure n pairs: compiled if they are worth loading the compiler, or if it is there anyway."""
    if n >= _MANY or "iopdir.spatial.short_loops" in sys.modules:
        from iopdir.spatial.short_loops import measure_short

        return measure_short
    return measure_few if n <= _FEW else measure_some


def geodesic_never_above(chord_m: ArrayLike) -> FloatArray:
    """Bound the geodesic of two places that far apart in a straight line (bounds 2, 3 and 4).

    Parameters
    ----------
    chord_m
        Straight-line distances, metres.

    Returns
    -------
    FloatArray
        Metres, same shape; the geodesic is at most this.

    Examples
    --------
    30 miles in a straight line are at most 12 cm longer over the ground:

    >>> round(float(geodesic_never_above(48280.32)) - 48280.32, 3)
    0.117
    """
    chord = np.asarray(chord_m, dtype=np.float64)
    by_stretch = 2 * SEMI_MAJOR_M * np.arcsin(np.minimum(chord / (2 * SEMI_MINOR_M), 1.0))
    bent = chord < BENT_CHORD_M
    by_bend = 2 * TIGHTEST_RADIUS_M * np.arcsin(np.where(bent, chord, 0.0) / (2 * TIGHTEST_RADIUS_M))
    return np.asarray(np.where(bent, np.minimum(by_bend, by_stretch), by_stretch))


def chord_never_above(geodesic_m: ArrayLike) -> FloatArray:
    """Bound the chord of two places that far apart over the ground (bounds 1 and 4).

    Parameters
    ----------
    geodesic_m
        Distances over the ellipsoid, metres; may be infinite.

    Returns
    -------
    FloatArray
        Metres, same shape; the chord is at most this.

    Examples
    --------
    >>> float(chord_never_above(48280.32)), float(chord_never_above(np.inf)) == MAX_CHORD_M
    (48280.32, True)
    """
    return np.minimum(geodesic_m, stretched_never_above(geodesic_m))


def stretched_never_above(geodesic_m: ArrayLike) -> FloatArray:
    """Bound *2a sin(σ / 2)*, the chord on a sphere of radius *a* once latitudes are stretched (bound 4).

    Parameters
    ----------
    geodesic_m
        Distances over the ellipsoid, metres; may be infinite.

    Returns
    -------
    FloatArray
        Metres, same shape; the stretched chord, with *z* scaled by *a/b*, is at most this. Beyond some
        1,800 km it rules out more than the plain chord does.
    """
    half = np.minimum(np.asarray(geodesic_m, dtype=np.float64) / (2 * SEMI_MINOR_M), math.pi / 2)
    return np.asarray(2 * SEMI_MAJOR_M * np.sin(half))


def chord_surely_within(geodesic_m: ArrayLike) -> FloatArray:
    """Find the chord up to which the geodesic certainly keeps to a limit: the upper bound, inverted.

    Parameters
    ----------
    geodesic_m
        Limits over the ellipsoid, metres; may be infinite.

    Returns
    -------
    FloatArray
        Metres, same shape; a chord of at most this has a geodesic of at most `geodesic_m`.

    Examples
    --------
    >>> round(48280.32 - float(chord_surely_within(48280.32)), 3)
    0.117
    """
    limit = np.asarray(geodesic_m, dtype=np.float64)
    by_stretch = 2 * SEMI_MINOR_M * np.sin(np.minimum(limit / (2 * SEMI_MAJOR_M), math.pi / 2))
    by_bend = 2 * TIGHTEST_RADIUS_M * np.sin(np.minimum(limit / (2 * TIGHTEST_RADIUS_M), math.pi / 2))
    within = np.maximum(by_stretch, np.minimum(by_bend, BENT_CHORD_M))
    return np.asarray(np.where(limit >= MAX_GEODESIC_M, math.inf, within))


@cache
def _wgs84() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")
