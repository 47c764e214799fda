"""Short geodesics in plain arithmetic, which gives the same bits in numpy and compiled.

The geodesic between two places is a great circle on the auxiliary sphere of reduced latitudes *β*, with
*tan β = (1 - f) tan φ*, where it spans the longitude *ω* and the arc *σ*. With *z = sin β* along the way, Bessel
(1825, doi:10.1002/asna.201011352; Karney 2013, doi:10.1007/s00190-012-0578-z, equations 6 to 8) has

- *s = b ∫ √(1 + e'² z²) dσ*,
- *ω - λ = f cos β₁ cos β₂ (sin ω / sin σ) ∫ (2 - f) / (1 + (1 - f) √(1 + e'² z²)) dσ*.

On a short arc three Gauss points give both integrals to the last bit, and the second equation is solved for *ω*
by repetition: each step shrinks the error at least a hundred-thousandfold. Differences of angles are taken
before anything is rounded, and haversines keep them, so a millimetre is measured as well as a kilometre. Both
ends and all signs enter alike: there and back are equal bit for bit, and so are ways that mirror each other.

The same lines run in three ways: on plain numbers for a few pairs, on arrays in numpy, and compiled for many (in
`short_loops`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "direction", "measure_few", "measure_some", "short_geodesic"]

_A_M: Final = 6378137.0
_F: Final = 1 / 298.257223563
_N: Final = 1 - _F
_E2: Final = (1 - _N * _N) / (_N * _N)
_RADIAN: Final = math.pi / 180
_STEPS: Final = 2
_LONGEST: Final = 1 / 64  # sine of half the arc: some 199 km
_TINY: Final = 1e-300

_SERIES: Final = tuple(
    ((-1) ** k / math.factorial(2 * k + 1), (-1) ** k / math.factorial(2 * k)) for k in range(8, -1, -1)
)
"""Coefficients of the sine and the cosine, highest power first."""

_ARCTANGENT: Final = tuple((-1) ** k / (2 * k + 1) for k in range(12, -1, -1))
"""Coefficients of the inverse tangent, highest power first."""

FloatArray = NDArray[np.float64]
Flags = NDArray[np.bool_]


def short_geodesic(
    lon1: FloatArray, lat1: FloatArray, lon2: FloatArray, lat2: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Measure geodesics of less than some 199 km.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees, numbers or shape (n,), checked.

    Returns
    -------
    tuple[ndarray, ndarray, ndarray]
        Metres, good to 10 nanometres, negative for places farther apart; and how far east and north the way sets
        out, in no unit.

    Examples
    --------
    >>> lon, lat = np.array([-87.6, 0.0]), np.array([41.9, 0.0])
    >>> short_geodesic(lon, lat, lon + 1, lat)[0].round(3), short_geodesic(lon, lat, lon + 3, lat)[0] < 0
    (array([ 82979.882, 111319.491]), array([ True,  True]))
    """

    def choose(condition: Flags, yes: FloatArray, no: FloatArray) -> FloatArray:
        return condition * yes + (1.0 - condition) * no

    def sin_cos(degrees: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sine and cosine from 0 to 90 degrees, by their power series up to 45."""
        steep = degrees > 45.0
        x = choose(steep, 90.0 - degrees, degrees) * _RADIAN
        x2 = x * x
        sine, cosine = 0.0 * x2, 0.0 * x2
        for sine_k, cosine_k in _SERIES:
            sine, cosine = sine * x2 + sine_k, cosine * x2 + cosine_k
        sine = sine * x
        return choose(steep, cosine, sine), choose(steep, sine, cosine)

    def over_sine(sine2: FloatArray) -> FloatArray:
        """Divide a small angle by its sine, of which the square is given."""
        return 1.0 + sine2 / 6.0 * (1.0 + sine2 * 0.45 * (1.0 + sine2 * (25.0 / 42.0)))

    sin1, cos1 = sin_cos(np.abs(lat1))
    sin2, cos2 = sin_cos(np.abs(lat2))
    sin1, sin2 = np.copysign(sin1, lat1), np.copysign(sin2, lat2)
    scale1 = np.sqrt(cos1 * cos1 + _N * _N * sin1 * sin1)
    scale2 = np.sqrt(cos2 * cos2 + _N * _N * sin2 * sin2)
    z1, z2, level2 = _N * sin1 / scale1, _N * sin2 / scale2, cos2 / scale2
    level = cos1 / scale1 * level2

    up = np.minimum(np.maximum(lat2 - lat1, -2.0), 2.0) * _RADIAN  # beyond 2 degrees it is too far anyway
    up2 = up * up
    rise = up * (1.0 - up2 / 6.0 * (1.0 - up2 / 20.0 * (1.0 - up2 / 42.0))) * _N / (scale1 * scale2)
    rise2 = rise * rise / (2.0 + 2.0 * np.sqrt(1.0 - rise * rise))

    away = np.abs(lon2 - lon1)
    around = away > 180.0
    away = choose(around, (180.0 - np.abs(lon1)) + (180.0 - np.abs(lon2)), away)
    sine, cosine = sin_cos(0.5 * away)
    turn = away * _RADIAN

    sin_half, cos_half, more = sine, cosine, 0.0 * turn
    for _ in range(_STEPS):
        half2 = np.minimum(rise2 + level * sin_half * sin_half, 0.01)
        arc, root = over_sine(half2), np.sqrt(1.0 - half2)
        # z at the middle of the arc, and at the outer Gauss points, where half the arc is taken √0.6 times
        middle, aside = 0.5 * (z1 + z2) / root, 0.5 * (z2 - z1)
        middle3 = middle * (1.0 - half2 * 0.3 * (1.0 + half2 * (3.4 / 12.0)))
        aside3 = aside * math.sqrt(0.6) * (1.0 + half2 * (0.4 / 6.0))
        stretch0 = np.sqrt(1.0 + _E2 * middle * middle)
        stretch1 = np.sqrt(1.0 + _E2 * (middle3 + aside3) * (middle3 + aside3))
        stretch2 = np.sqrt(1.0 + _E2 * (middle3 - aside3) * (middle3 - aside3))
        slow = 8.0 / (1.0 + _N * stretch0) + (5.0 / (1.0 + _N * stretch1) + 5.0 / (1.0 + _N * stretch2))
        swing = 2.0 * sin_half * cos_half
        part = _F * (2.0 - _F) / 18.0 * slow * level * arc / root * (swing / np.maximum(turn + more, _TINY))
        more = turn * part / (1.0 - part)
        bit = 0.5 * more
        bit2 = bit * bit
        sin_bit = bit * (1.0 - bit2 / 6.0)
        cos_bit = 1.0 - bit2 / 2.0
        sin_half, cos_half = sine * cos_bit + cosine * sin_bit, cosine * cos_bit - sine * sin_bit
    half2 = rise2 + level * sin_half * sin_half
    stretch = (8.0 * stretch0 + (5.0 * stretch1 + 5.0 * stretch2)) / 18.0
    length = 2.0 * _A_M * _N * (np.sqrt(half2) * over_sine(half2) * stretch)
    east = 2.0 * level2 * sin_half * cos_half
    east = choose(around == (lon2 > lon1), -east, east)
    length = choose(half2 <= _LONGEST * _LONGEST, length, -length)
    return length, east, rise + 2.0 * z1 * level2 * sin_half * sin_half


def direction(east: FloatArray, north: FloatArray) -> FloatArray:
    """Turn how far east and north into degrees clockwise from north, 0 up to 360; 0 for no way at all.

    Parameters
    ----------
    east, north
        Numbers or shape (n,), in any unit.

    Returns
    -------
    ndarray
        Degrees.

    Examples
    --------
    >>> direction(np.array([0.0, 1.0, 1.0, -1.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0, 0.0]))
    array([  0.,  45.,  90., 270.,   0.])
    """

    def choose(condition: Flags, yes: FloatArray, no: FloatArray) -> FloatArray:
        return condition * yes + (1.0 - condition) * no

    across, along = np.abs(east), np.abs(north)
    slope = np.minimum(across, along) / np.maximum(np.maximum(across, along), _TINY)
    slope = slope / (1.0 + np.sqrt(1.0 + slope * slope))  # halves the angle
    slope = slope / (1.0 + np.sqrt(1.0 + slope * slope))
    slope2, series = slope * slope, 0.0 * slope
    for coefficient in _ARCTANGENT:
        series = series * slope2 + coefficient
    angle = series * slope * (4.0 / _RADIAN)
    angle = choose(across > along, 90.0 - angle, angle)
    angle = choose(north < 0.0, 180.0 - angle, angle)
    angle = choose(east < 0.0, 360.0 - angle, angle)
    return angle * (angle < 360.0)


def _on_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of arrays work on plain numbers, where numpy would take ten times as long."""
    plain = SimpleNamespace(sqrt=math.sqrt, abs=abs, minimum=min, maximum=max, copysign=math.copysign)
    return FunctionType(function.__code__, {**function.__globals__, "np": plain})


_short_geodesic, _direction = _on_numbers(short_geodesic), _on_numbers(direction)


def measure_few(
    lon1: FloatArray,
    lat1: FloatArray,
    lon2: FloatArray,
    lat2: FloatArray,
    distance: FloatArray,
    bearing: FloatArray,
) -> None:
    """Write the length and the direction of each short geodesic, one by one; a negative length for the others.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees, shape (n,), checked.
    distance, bearing
        Where to write metres and degrees, shape (n,).

    Examples
    --------
    >>> zero, distance, bearing = np.zeros(1), np.empty(1), np.empty(1)
    >>> measure_few(zero, zero, zero + 1, zero, distance, bearing)
    >>> distance.round(3), bearing
    (array([111319.491]), array([90.]))
    """
    pairs = zip(lon1.tolist(), lat1.tolist(), lon2.tolist(), lat2.tolist(), strict=True)
    for i, pair in enumerate(pairs):
        distance[i], east, north = _short_geodesic(*pair)
        bearing[i] = _direction(east, north)


def measure_some(
    lon1: FloatArray,
    lat1: FloatArray,
    lon2: FloatArray,
    lat2: FloatArray,
    distance: FloatArray,
    bearing: FloatArray,
) -> None:
    """Write the length and the direction of each short geodesic, all at once; a negative length for the others.

    Parameters
    ----------
    lon1, lat1, lon2, lat2, distance, bearing
        As for `measure_few`.

    Examples
    --------
    >>> zero, distance, bearing = np.zeros(1), np.empty(1), np.empty(1)
    >>> measure_some(zero, zero, zero + 1, zero, distance, bearing)
    >>> distance.round(3), bearing
    (array([111319.491]), array([90.]))
    """
    distance[:], east, north = short_geodesic(lon1, lat1, lon2, lat2)
    bearing[:] = direction(east, north)
