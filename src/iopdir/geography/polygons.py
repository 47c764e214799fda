"""Areas of one's own: polygons with an id, such as legislative districts or service regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.errors import UnknownNameError
from iopdir.geography.points import in_lonlat
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.text import TEXT

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["locate_polygons", "read_polygons"]

_SLIVER: Final = 1e-4
"""Neighbours that overlap by no more than this share of the smaller one were drawn carelessly, not twice."""


def read_polygons(areas: gpd.GeoDataFrame, *, area_id: str | None = None) -> gpd.GeoDataFrame:
    """Check polygons and index them by id.

    Parameters
    ----------
    areas
        Polygons that do not overlap; without a coordinate system they are taken for degrees, EPSG:4326.
    area_id
        Column of the id. If not given the index, or a column `geoid` or `id` in any case where the index only counts
        rows.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, indexed by id as text: `geometry`, and `name` if there is such a column.

    Raises
    ------
    UnknownNameError
        If there is no column `area_id`.
    TypeError
        If it is not a GeoDataFrame.
    ValueError
        If there is no area, an id is missing, blank or stands twice, a shape is no valid polygon, or two overlap.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> halves = gpd.GeoDataFrame({"id": ["W", "E"]}, geometry=[shapely.box(-9, 0, 0, 9), shapely.box(0, 0, 9, 9)])
    >>> read_polygons(halves).index.tolist()
    ['W', 'E']
    """
    if not hasattr(areas, "to_crs"):
        raise TypeError(
            f"areas must be 'county', 'state', 'nation' or a GeoDataFrame, not {type(areas).__name__}"
        )
    lower = {str(name).lower(): name for name in reversed(list(areas.columns))}
    if area_id is None and isinstance(areas.index, pd.RangeIndex):
        area_id = next((lower[name] for name in ("geoid", "id") if name in lower), None)
    if area_id is not None and area_id not in areas:
        raise UnknownNameError("column", area_id, map(str, areas.columns))
    ids = pd.Index(areas.index if area_id is None else areas[area_id])
    text = ids.astype(TEXT).str.strip()
    lost = np.flatnonzero(ids.isna() | (text == ""))
    if lost.size:
        raise ValueError(f"{lost.size} areas have no id, the first in row {lost[0]}")
    if text.has_duplicates:
        raise ValueError(
            f"area {text[text.duplicated()][0]!r} stands twice: merge its parts into one shape (dissolve)"
        )
    shapes = in_lonlat(areas.geometry)
    if not len(shapes):
        raise ValueError("there are no areas")
    wrong = np.flatnonzero(
        ~shapes.geom_type.isin(["Polygon", "MultiPolygon"]) | ~shapes.is_valid | shapes.is_empty
    )
    if wrong.size:
        raise ValueError(f"area {text[wrong[0]]!r} is no valid polygon but {shapes.iloc[wrong[0]]!s:.60}")
    _refuse_overlaps(shapes.to_numpy(), text)
    table = shapes.set_axis(text.rename(str(ids.name or "area"))).rename("geometry").to_frame()
    if "name" in lower:
        table.insert(0, "name", areas[lower["name"]].astype(TEXT).to_numpy())
    table.attrs = dict(areas.attrs)
    checked: gpd.GeoDataFrame = table.set_geometry("geometry", crs=4326)
    return checked


def _refuse_overlaps(shapes: NDArray[np.object_], ids: pd.Index[str]) -> None:
    import shapely

    tree = shapely.STRtree(shapes)
    meet, touch = (tree.query(shapes, predicate=how) for how in ("intersects", "touches"))
    meet = meet[:, meet[0] < meet[1]]
    apart = np.isin(meet[0] * len(ids) + meet[1], touch[0] * len(ids) + touch[1])
    one, two = meet[:, ~apart]
    common = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    twice = np.flatnonzero(
        common > _SLIVER * np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    )
    if twice.size:
        first, second = ids[one[twice[0]]], ids[two[twice[0]]]
        raise ValueError(
            f"{twice.size} pairs of areas overlap, such as {first!r} and {second!r}: people in both would count twice"
        )


def locate_polygons(areas: gpd.GeoDataFrame, lon: FloatArray, lat: FloatArray) -> IntArray:
    """Find the polygon of each point.

    Parameters
    ----------
    areas
        As `read_polygons` gives them.
    lon, lat
        Degrees, shape (n,); NaN lies nowhere.

    Returns
    -------
    IntArray
        Shape (n,): position in `areas`, -1 where there is none; on a shared border the first.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> halves = gpd.GeoDataFrame({"id": ["W", "E"]}, geometry=[shapely.box(-9, 0, 0, 9), shapely.box(0, 0, 9, 9)])
    >>> locate_polygons(read_polygons(halves), np.array([5.0, 0.0, 80.0]), np.array([5.0, 5.0, 5.0]))
    array([ 1,  0, -1])
    """
    import shapely

    found = np.full(lon.size, -1)
    shapes = areas.geometry.to_numpy()
    shapely.prepare(shapes)
    point, area = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
    order = np.lexsort((area, point))[::-1]
    found[point[order]] = area[order]
    return found
