"""Outlines on the Earth: of a disk, and of what lies along lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from iopdir.errors import UnitError
from iopdir.spatial.geodesy import MAX_GEODESIC_M, FloatArray, check_lonlat

if TYPE_CHECKING:
    import shapely

__all__ = ["along", "disk"]


def disk(lon: float, lat: float, radius_m: float) -> shapely.Geometry:
    """Outline what lies within a distance over the ellipsoid.

    Parameters
    ----------
    lon, lat
        The middle, degrees, EPSG:4326.
    radius_m
        Metres over WGS84.

    Returns
    -------
    Geometry
        A polygon of 360 corners, all at that distance; cut in two where it crosses the antimeridian.

    Raises
    ------
    CoordinateError
        If the middle is not on Earth.
    UnitError
        If the disk holds a pole, or half the Earth: no outline in degrees would be true.

    Examples
    --------
    >>> disk(0.0, 0.0, 1000.0).bounds[0] < 0, disk(179.99, 0.0, 5000.0).geom_type
    (True, 'MultiPolygon')
    """
    import shapely
    from pyproj import Geod
    from shapely.affinity import translate

    check_lonlat(lon, lat)
    earth = Geod(ellps="WGS84")
    pole_m = earth.inv(lon, lat, lon, 90.0 if lat >= 0 else -90.0)[2]
    if not radius_m < min(pole_m, MAX_GEODESIC_M / 2):
        raise UnitError(
            f"a disk of {radius_m:g} m around {lat:g}, {lon:g} holds a pole: it has no outline in degrees"
        )
    turn = np.arange(360.0)
    x, y, _ = earth.fwd(np.full(360, lon), np.full(360, lat), turn, np.full(360, radius_m))
    x = lon + (x - lon + 180.0) % 360.0 - 180.0
    whole = shapely.Polygon(np.stack([x, y], axis=1))
    if x.min() >= -180 and x.max() <= 180:
        return whole
    parts = [
        translate(whole, shift).intersection(shapely.box(-180, -90, 180, 90)) for shift in (-360, 0, 360)
    ]
    return shapely.union_all(parts)


def along(lines: FloatArray, width_m: float) -> shapely.Geometry:
    """Outline what lies along lines that are near each other.

    Parameters
    ----------
    lines
        Straight pieces, shape (n, 2, 2), degrees.
    width_m
        Metres to both sides.

    Returns
    -------
    Geometry
        Polygons, drawn on squares a third as wide in the plane that touches the Earth in the middle of the lines: every
        line lies inside, and no corner is farther from one than twice the width.

    Examples
    --------
    >>> shape = along(np.array([[[0.0, 0.0], [0.01, 0.0]]]), 100.0)
    >>> 100 <= shape.bounds[3] * 110_574 <= 200
    True
    """
    import shapely
    from pyproj import Transformer

    if not len(lines):
        return shapely.Polygon()
    (west, south), (east, north) = lines.min(axis=(0, 1)), lines.max(axis=(0, 1))
    plane = f"+proj=aeqd +lon_0={(west + east) / 2} +lat_0={(south + north) / 2} +datum=WGS84"
    there = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    back = Transformer.from_crs(plane, "EPSG:4326", always_xy=True)
    flat = np.stack(there.transform(lines[..., 0], lines[..., 1]), axis=-1)
    cell = width_m / 3
    corner = flat.min(axis=(0, 1)) - 2 * width_m
    reached = _widened(_squares(flat, corner, cell, width_m))
    edge = np.diff(reached.astype(np.int8), axis=1, prepend=0, append=0)
    row, first = np.nonzero(edge == 1)
    last = np.nonzero(edge == -1)[1]
    shape = shapely.simplify(
        shapely.union_all(shapely.box(first, row, last, row + 1)), 1
    )  # whole numbers join
    return shapely.transform(
        shape, lambda points: np.stack(back.transform(*(corner + cell * points).T), axis=-1)
    )


def _squares(flat: FloatArray, corner: FloatArray, cell: float, margin: float) -> NDArray[np.bool_]:
    """Mark the squares that lines cross, by points on them that are closer together than half a square."""
    count = np.ceil(np.hypot(*(flat[:, 1] - flat[:, 0]).T) / (cell / 2)).astype(np.int64) + 1
    line = np.repeat(np.arange(len(flat)), count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    share = (step / np.maximum(count - 1, 1)[line])[:, None]
    points = flat[line, 0] + share * (flat[line, 1] - flat[line, 0])
    column, row = np.floor((points - corner) / cell).astype(np.int64).T
    width, height = np.ceil((flat.max(axis=(0, 1)) + 2 * margin - corner) / cell).astype(np.int64)
    marked = np.zeros((height, width), dtype=bool)
    marked[row, column] = True
    return marked


def _widened(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark all squares within four of a marked one; there are more than four empty ones at every edge."""
    wide = np.zeros_like(marked)
    for down in range(-4, 5):
        for right in range(-4, 5):
            if down * down + right * right <= 16:
                wide |= np.roll(marked, (down, right), axis=(0, 1))
    return wide
