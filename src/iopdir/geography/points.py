"""Points however they come: words, places, geometry, or any frame of them; read here, for all rooms alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import narwhals as nw
import numpy as np
import pandas as pd
from narwhals.dependencies import is_into_dataframe

from iopdir.errors import CoordinateError, KindError, UnknownNameError
from iopdir.geography.places import Place, find_place, state_code, zip_points
from iopdir.provenance import Provenance, Source
from iopdir.spatial.geodesy import FloatArray
from iopdir.text import TEXT, texts

if TYPE_CHECKING:
    import shapely
    from narwhals.typing import IntoDataFrame

__all__ = ["PointsLike", "coordinates", "in_lonlat", "read_points", "state_codes", "to_pandas"]

PointsLike: TypeAlias = "str | Place | shapely.Point | pd.DataFrame | IntoDataFrame | Iterable[object]"
"""What `read_points` reads."""

_IDS: Final = ("id", "demand_id", "origin", "facility_id", "zcta", "geoid", "zip")
"""Columns that name the rows of a frame without an index, the first one found."""

_EXPECTED: Final = "words, iop.Place(lat=, lon=) or shapely points, or a frame with lon and lat"

_SAME_PLACE: Final = 1e-6
"""Degrees, a tenth of a metre: columns and geometry that differ by more contradict each other."""


def read_points(points: PointsLike, *, located: bool = True) -> pd.DataFrame:
    """Read points as a pandas frame with columns `lon` and `lat`, which nobody has checked yet.

    Parameters
    ----------
    points
        - a place in words (``"60614"``, ``"41.92, -87.65"``, ``"Chicago, IL"``), a [`Place`][iopdir.Place], a shapely
          `Point` (longitude first, as shapely has it), or a list of these; the words are the ids
        - a pandas Series of these, or a GeoSeries of points; the index is the id, unless it only counts rows of words
        - a frame with columns `lon` and `lat` (degrees, EPSG:4326), or a GeoDataFrame of points; the index is the id
        - a frame of Polars, Arrow or another kind that narwhals knows; the column `id`, `zcta` or `geoid` is the id
    located
        Whether points are needed; not where a cost matrix says how far it is. Without them they are NaN.

    Returns
    -------
    DataFrame
        One row a point, in order, with all columns and the provenance it came with.

    Raises
    ------
    UnknownNameError
        If a place is not known, or a frame has neither `lon` and `lat` nor points.
    CoordinateError
        If it is a bare pair of numbers, or columns and geometry of a row contradict each other.
    KindError
        If it is none of these.

    Examples
    --------
    >>> read_points(["60614", Place(lat=44.26, lon=-72.58)])[["lon", "lat"]].round(2).to_dict("index")
    {'60614': {'lon': -87.65, 'lat': 41.92}, '44.26, -72.58': {'lon': -72.58, 'lat': 44.26}}
    """
    if isinstance(points, pd.DataFrame):
        return _from_frame(points, located=located)
    if isinstance(points, pd.Series):
        if hasattr(points, "geom_type"):
            import geopandas as gpd

            return _from_frame(gpd.GeoDataFrame(geometry=points), located=True)
        return _from_items(points)
    if isinstance(points, str | Place) or hasattr(points, "geom_type"):
        return _from_items(pd.Series([points], dtype=object))
    if is_into_dataframe(points):
        return _from_frame(_with_index(points), located=located)
    if not isinstance(points, Iterable):
        raise KindError("points", expected=_EXPECTED, found=f"a {type(points).__name__}")
    return _from_items(pd.Series(list(points), dtype=object))


def to_pandas(frame: pd.DataFrame | IntoDataFrame) -> pd.DataFrame:
    """Turn a frame of any kind that narwhals knows into pandas; a pandas frame stays as it is."""
    if isinstance(frame, pd.DataFrame):
        return frame
    table: pd.DataFrame = nw.from_native(frame, eager_only=True).to_pandas()
    return table


def _with_index(points: IntoDataFrame) -> pd.DataFrame:
    frame = to_pandas(points)
    names = {str(name).lower(): name for name in reversed(list(frame.columns))}
    ids = next((names[name] for name in _IDS if name in names), None)
    return frame if ids is None else frame.set_index(ids)


def _from_frame(points: pd.DataFrame, *, located: bool) -> pd.DataFrame:
    import shapely

    points = texts(points)
    shapes: Any = getattr(points, "geometry", None) if hasattr(points, "to_crs") else None
    known = {"lon", "lat"} <= set(points.columns)
    if known and not all(points[name].dtype == np.float64 for name in ("lon", "lat")):
        points = points.assign(**{name: points[name].astype("float64") for name in ("lon", "lat")})
    if shapes is not None and (shapely.get_type_id(shapes.to_numpy()) <= 0).all():  # points, or nothing
        shapes = in_lonlat(shapes).to_numpy()
        drawn = shapely.get_x(shapes), shapely.get_y(shapes)
        return _agree(points, *drawn) if known else points.assign(lon=drawn[0], lat=drawn[1])
    if known:
        return points
    if located:
        kind = "column" if shapes is None else "point in a frame of other shapes, nor column"
        raise UnknownNameError(kind, "lon", map(str, points.columns))
    return points.assign(lon=np.nan, lat=np.nan)


def in_lonlat(shapes: Any) -> Any:  # noqa: ANN401 - a GeoSeries
    """Bring shapes to longitude and latitude, EPSG:4326; those without a reference system are taken to be in it.

    Raises
    ------
    CoordinateError
        If their system is tied to no place on Earth, as that of a floor plan is.
    """
    from pyproj.exceptions import ProjError

    if shapes.crs is None or shapes.crs == 4326:
        return shapes
    try:
        return shapes.to_crs(4326)
    except ProjError as error:
        raise CoordinateError(
            f"coordinates in {shapes.crs.name!r} cannot be turned into longitude and latitude: set_crs to the"
            " system that they are in"
        ) from error


def _agree(points: pd.DataFrame, x: FloatArray, y: FloatArray) -> pd.DataFrame:
    """Take columns and geometry together: either may be missing, but both must not say different things."""
    lon, lat = points["lon"].to_numpy(), points["lat"].to_numpy()
    apart = np.flatnonzero((np.abs(lon - x) > _SAME_PLACE) | (np.abs(lat - y) > _SAME_PLACE))
    if apart.size:
        row = apart[0]
        raise CoordinateError(
            f"lon, lat and geometry of {apart.size} rows are different places, such as {points.index[row]!r}:"
            f" {lon[row]:g}, {lat[row]:g} and {x[row]:g}, {y[row]:g}; drop the one that is wrong",
            rows=apart.tolist(),
        )
    fill = np.isnan(lon) & ~np.isnan(x)
    return points.assign(lon=np.where(fill, x, lon), lat=np.where(fill, y, lat)) if fill.any() else points


def _from_items(items: pd.Series[Any]) -> pd.DataFrame:
    """Read words, places and points one by one; ZIPs all at once."""
    if len(items) == 2 and all(isinstance(item, int | float | np.number) for item in items):
        first, second = items
        raise CoordinateError(
            f"({first}, {second}) does not say which is the latitude: write iop.Place(lat={first}, lon={second})"
        )
    words = items.astype(TEXT) if all(type(item) is str for item in items) else None
    if words is not None and len(items) > 1 and words.str.fullmatch(r"\d{5}").all():
        table = zip_points().reindex(words)
        lost = np.flatnonzero(table["lon"].isna())
        if lost.size:
            raise UnknownNameError("ZIP", str(words.iloc[lost[0]]))
        labels = words.tolist()
        lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
        sources = sorted({f"zip_points ({source})" for source in table["point_source"]})
    else:
        places = [_place(item) for item in items]
        labels = [
            item if isinstance(item, str) else place.label for item, place in zip(items, places, strict=True)
        ]
        lon, lat = (
            np.array([getattr(place, name) for place in places], dtype=float) for name in ("lon", "lat")
        )
        sources = sorted({place.source for place in places})
    counted = isinstance(items.index, pd.RangeIndex)
    index = pd.Index(labels, dtype=TEXT) if counted else items.index
    frame = texts(pd.DataFrame({"lon": lon, "lat": lat}, index=index))
    frame.attrs["provenance"] = Provenance.of([Source(name=source) for source in sources]).to_dict()
    return frame


def _place(item: object) -> Place:
    if isinstance(item, Place):
        return item
    if isinstance(item, str):
        return find_place(item)
    kind = getattr(item, "geom_type", type(item).__name__)
    if kind != "Point":
        raise KindError("points", expected=_EXPECTED, found=f"a {kind} among them")
    point: Any = item
    return Place(lon=point.x, lat=point.y)


def coordinates(points: PointsLike) -> tuple[FloatArray, FloatArray]:
    """Read degrees from points however they come.

    Parameters
    ----------
    points
        As for `read_points`.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Longitudes and latitudes, shape (n,), not yet checked.

    Raises
    ------
    UnknownNameError, CoordinateError, KindError
        As for `read_points`.

    Examples
    --------
    >>> coordinates(pd.DataFrame({"lon": [-87.6], "lat": [41.9]}))
    (array([-87.6]), array([41.9]))
    """
    frame = read_points(points)
    return frame["lon"].to_numpy(), frame["lat"].to_numpy()


def state_codes(state: str | Iterable[str]) -> list[str]:
    """Read one state or several: postal abbreviations in any case, or names.

    Parameters
    ----------
    state
        ``"il"``, ``["IL", "Iowa"]``.

    Returns
    -------
    list[str]
        Postal abbreviations, sorted, each once.

    Raises
    ------
    UnknownNameError
        If there is no such state; similar ones are suggested.

    Examples
    --------
    >>> state_codes(["il", "Iowa"])
    ['IA', 'IL']
    """
    return sorted({state_code(one) for one in ([state] if isinstance(state, str) else state)})
