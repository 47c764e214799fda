"""Points however they come: a place in words, a frame with lon and lat, a frame of points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.geography.places import find_place
from iopdir.provenance import Source, sources_of
from iopdir.spatial.geodesy import FloatArray

__all__ = ["coordinates", "origin_points"]


def origin_points(
    origins: str | pd.DataFrame,
) -> tuple[pd.Index[Any], FloatArray, FloatArray, tuple[Source, ...]]:
    """Read origins as labels and coordinates, which nobody has checked yet.

    Parameters
    ----------
    origins
        As for [`nearest`][iopdir.nearest].

    Returns
    -------
    tuple[Index, FloatArray, FloatArray, tuple[Source, ...]]
        Labels, longitudes, latitudes, and what the points come from.

    Raises
    ------
    UnknownNameError
        If the place is not known, or the frame has neither `lon` and `lat` nor points.
    """
    if isinstance(origins, str):
        place = find_place(origins)
        return pd.Index([origins]), np.array([place.lon]), np.array([place.lat]), (Source(name=place.source),)
    points: Any = getattr(origins, "geometry", None)
    if {"lon", "lat"} <= set(origins.columns):
        lon, lat = (origins[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    elif hasattr(points, "to_crs"):
        points = points if points.crs is None else points.to_crs(4326)
        lon, lat = points.x.to_numpy(), points.y.to_numpy()
    else:
        raise UnknownNameError("column", "lon", [str(column) for column in origins.columns])
    return origins.index, lon, lat, sources_of(origins)


def coordinates(points: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Read degrees from columns `lon` and `lat`, or from points.

    Parameters
    ----------
    points
        A frame with `lon` and `lat`, or a GeoDataFrame of points.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Longitudes and latitudes, shape (n,), not yet checked.

    Raises
    ------
    UnknownNameError
        If it has neither.

    Examples
    --------
    >>> coordinates(pd.DataFrame({"lon": [-87.6], "lat": [41.9]}))
    (array([-87.6]), array([41.9]))
    """
    _, lon, lat, _ = origin_points(points)
    return lon, lat
