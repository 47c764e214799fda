"""JSON records and frames laid out as rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from iopdir.errors import CoordinateError, LoadError
from iopdir.geography.points import in_lonlat
from iopdir.limits import check_names, check_width
from iopdir.loaders.rows import Rows, cell, refuse_half_letters, said
from iopdir.text import TEXT

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["rows_of_frame", "rows_of_records"]


def rows_of_records(path: str | Path, content: object, *, expected: str) -> Rows:
    """Lay out JSON records: a list of them, a list under one key, a single one, or the features of GeoJSON.

    Raises
    ------
    LoadError
        If it holds no list of objects.
    """
    if isinstance(content, dict) and content.get("type") == "FeatureCollection":
        return _feature_rows(path, content.get("features"), expected)
    if (
        isinstance(content, dict)
        and content
        and not any(isinstance(one, list | dict) for one in content.values())
    ):
        content = [content]
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list) and value]
        if len(lists) != 1:
            raise LoadError(
                path, expected=f"{expected}: records, or records under one key", found=said(content)
            )
        content = lists[0]
    if not isinstance(content, list) or not any(isinstance(record, dict) for record in content):
        raise LoadError(path, expected=f"{expected}: a list of records", found=said(content))
    index = pd.RangeIndex(1, len(content) + 1, name="row")
    defects = ["" if isinstance(one, dict) else f"no record but {said(one)}" for one in content]
    flat = [_flat(one) if isinstance(one, dict) else {} for one in content]
    check_width(path, len(set().union(*flat)), rows=len(flat), expected=expected)
    return Rows(
        table=pd.DataFrame(flat, index=index, dtype="object").fillna(""),
        defects=pd.Series(defects, index=index, dtype=TEXT),
    )


def _feature_rows(path: str | Path, features: object, expected: str) -> Rows:
    import shapely
    from shapely.geometry import shape

    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise LoadError(path, expected=f"{expected}: GeoJSON with a list of features", found=said(features))
    records, shapes = [], []
    for number, feature in enumerate(features, start=1):
        about, geometry = feature.get("properties"), feature.get("geometry")
        records.append(_flat(about) if isinstance(about, dict) else {})
        try:
            shapes.append(None if geometry is None else shape(geometry))
        except (
            shapely.errors.ShapelyError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            IndexError,
        ) as error:
            found = f"a geometry that is none ({str(error)[:100]})"
            raise LoadError(path, expected=expected, found=found, line=number) from error
    check_width(path, len(set().union(*records)), rows=len(records), expected=expected)
    index = pd.RangeIndex(1, len(records) + 1, name="row")
    lon, lat = _points(path, np.array(shapes, dtype=object), expected)
    table = pd.DataFrame(records, index=index, dtype="object").fillna("")
    return Rows(table=table, defects=pd.Series("", index=index, dtype=TEXT), lon=lon, lat=lat)


def _flat(record: dict[str, Any], before: str = "") -> dict[str, str]:
    """Write a record as text: objects as `outer_inner`, lists of plain values joined."""
    flat: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict) and not before:
            flat |= _flat(value, f"{key}_")
        elif isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
            flat[before + key] = "; ".join(map(_word, value))
        else:
            flat[before + key] = _word(value)
    return flat


def _word(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return cell(value)


def rows_of_frame(frame: pd.DataFrame, *, where: str | Path, expected: str) -> Rows:
    """Bring a frame to text, its geometry to points, its rows to numbers from 1.

    Raises
    ------
    LoadError
        If its geometry is not of points, or a column stands twice.
    """
    geometry: gpd.GeoSeries | None = getattr(frame, "geometry", None)
    lon = lat = None
    if geometry is not None and hasattr(geometry, "to_crs"):
        try:
            lon, lat = _points(where, in_lonlat(geometry).to_numpy(), expected)
        except CoordinateError as error:
            raise LoadError(where, expected=expected, found=str(error)) from error
        frame = pd.DataFrame(frame.drop(columns=geometry.name))
    if named := [name for name in frame.index.names if name is not None and name not in frame]:
        frame = frame.reset_index(level=named)
    names = [str(name).strip() for name in frame.columns]
    check_names(where, names, expected=expected)
    index = pd.RangeIndex(1, len(frame) + 1, name="row")
    cells = {
        name: pd.Series([_frame_cell(value) for value in frame.iloc[:, place]], index=index, dtype="object")
        for place, name in enumerate(names)
    }
    for name, column in cells.items():
        refuse_half_letters("".join(column), where, expected=f"{expected}, column {name!r}")
    return Rows(
        table=pd.DataFrame(cells, index=index),
        defects=pd.Series("", index=index, dtype=TEXT),
        numbers=frame.set_axis(names, axis=1).set_axis(index).select_dtypes(["number", "bool"]),
        lon=lon,
        lat=lat,
    )


def _frame_cell(value: object) -> str:
    if isinstance(value, list | tuple | np.ndarray):
        return "; ".join(map(str, value))
    return "" if value is None or value is pd.NA or value != value else cell(value)


def _points(
    where: str | Path, shapes: np.ndarray[Any, Any], expected: str
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    import shapely

    kinds = shapely.get_type_id(shapes)
    wrong = np.flatnonzero((kinds > 0) & ~shapely.is_empty(shapes))
    if wrong.size:
        kind = shapes[wrong[0]].geom_type
        found = f"{wrong.size} shapes that are no points, such as a {kind}: areas are no facilities"
        raise LoadError(where, expected=expected, found=found, line=int(wrong[0]) + 1)
    points = shapes.copy()
    points[(kinds != 0) | shapely.is_empty(shapes)] = None
    return shapely.get_x(points), shapely.get_y(points)
