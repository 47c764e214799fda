"""`short` compiled, for many pairs."""

from __future__ import annotations

from iopdir.spatial.compiled import compiled, inlined
from iopdir.spatial.short import FloatArray, direction, short_geodesic

__all__ = ["measure_short"]

_short_geodesic, _direction = inlined(short_geodesic), inlined(direction)


@compiled
def measure_short(
    lon1: FloatArray,
    lat1: FloatArray,
    lon2: FloatArray,
    lat2: FloatArray,
    distance: FloatArray,
    bearing: FloatArray,
) -> None:
    """Write the length and the direction of each short geodesic; a negative length for the others."""
    for i in range(distance.size):
        distance[i], east, north = _short_geodesic(lon1[i], lat1[i], lon2[i], lat2[i])
        bearing[i] = _direction(east, north)
