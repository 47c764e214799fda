"""The nearest facilities of every demand point, exact on the ellipsoid, one long table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.directory.directory import Directory
from iopdir.errors import UnknownNameError
from iopdir.geography.points import origin_points
from iopdir.provenance import Provenance
from iopdir.spatial.geodesy import FloatArray, IntArray, inverse
from iopdir.spatial.live import DynamicIndex
from iopdir.units import parse_distance

__all__ = [
    "Answer",
    "Filters",
    "bearings",
    "find_nearest",
    "long_frame",
    "nearest",
]

SMALL: Final = 500
"""Up to so many origins the live index answers, which never waits for a compiler; a choice of this package."""

_STATUS: Final = pd.array(["ok", "beyond_cap", "no_facility", "bad_coordinate"], dtype="str")

Answer = tuple[IntArray, FloatArray, FloatArray]
"""Positions, metres, degrees: each of shape (origins, k), -1, `inf` and NaN where there is nothing."""


class Filters(TypedDict, total=False):
    """What [`Directory.select`][iopdir.Directory.select] takes: each a value, or several of which any will do."""

    level_of_care: str | Iterable[str]
    payment: str | Iterable[str]
    state: str | Iterable[str]
    age_group: str | Iterable[str]
    services: str | Iterable[str]
    county: str | Iterable[str]
    language: str | Iterable[str]


_GROUPABLE: Final = {
    "level_of_care": "levels_of_care",
    "payment": "payments",
    "age_group": "age_groups",
    "services": "services",
    "language": "languages",
    "state": "state",
    "county": "county_fips",
}


def nearest(
    origins: str | pd.DataFrame,
    directory: Directory,
    *,
    k: int = 1,
    max_distance: str | float | None = None,
    groups: str | Mapping[str, Filters] | None = None,
) -> pd.DataFrame:
    """Find the facilities nearest to every origin.

    Parameters
    ----------
    origins
        A place (``"60614"``, ``"41.92, -87.65"``, ``"Chicago, IL"``), or a frame of demand points with columns
        `lon` and `lat` (degrees, EPSG:4326), or a GeoDataFrame of points; its index names the origins.
    directory
        Where to look. Facilities without a known point cannot be found; `attrs["unplaced_facilities"]`
        counts them.
    k
        How many for each origin.
    max_distance
        Nothing beyond this, inclusive: ``"30 mi"``, or metres.
    groups
        Answer for several kinds of facility at once: a mapping of a name to the arguments of
        [`Directory.select`][iopdir.Directory.select], or the name of one of them (``"level_of_care"``), which
        makes a group of each value that the directory states. A facility may be in several groups.

    Returns
    -------
    DataFrame
        One row for each origin (and group) and rank, in the order of the origins: `origin`, with `groups`
        also `group`, then `rank` (from 1), `facility_id`, `name`, `distance_m` (over the WGS84 ellipsoid),
        `bearing_deg` (clockwise from north) and `status`. An origin without any answer has one row that says
        why: ``"bad_coordinate"`` (missing or not on Earth), ``"no_facility"`` (nowhere to go at all) or
        ``"beyond_cap"`` (none within `max_distance`). Equally near facilities are ranked by `facility_id`.

    Raises
    ------
    UnknownNameError
        If the place, a column or a group is not known.
    UnitError
        If the distance cannot be read.
    ValueError
        If `k` is below 1.

    Notes
    -----
    Distances are geodesics (Karney 2013, doi:10.1007/s00190-012-0578-z), exact at the poles and the
    antimeridian; see [how](../explanation/exact-distance.md). Up to 500 origins a live index answers,
    beyond that compiled bulk search, with the same result.

    Examples
    --------
    >>> import iopdir as iop
    >>> iops = iop.demo_directory().select(level_of_care="iop")
    >>> found = iop.nearest("60614", iops, k=3, max_distance="25 mi")
    >>> found[["origin", "rank", "status"]]
      origin  rank status
    0  60614     1     ok
    1  60614     2     ok
    2  60614     3     ok

    Which kind of care is how far from Montpelier, Vermont?

    >>> kinds = {"any": {}, "iop for Medicaid": {"level_of_care": "iop", "payment": "medicaid"}}
    >>> iop.nearest("44.26, -72.58", iop.demo_directory(), groups=kinds)[["group", "rank", "status"]]
                  group  rank status
    0               any     1     ok
    1  iop for Medicaid     1     ok
    """
    labels, lon, lat, about = origin_points(origins)
    good = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    cap = math.inf if max_distance is None else parse_distance(max_distance)
    chosen = {"": directory} if groups is None else _choose(directory, groups)
    parts, unplaced = [], 0
    for group, members in chosen.items():
        table = members.to_geodataframe()
        placed = table.loc[table["lon"].notna(), ["name", "lon", "lat"]]
        unplaced = max(unplaced, len(table) - len(placed))
        answer = find_nearest(
            lon[good], lat[good], placed["lon"].to_numpy(), placed["lat"].to_numpy(), k, cap
        )
        part = long_frame(labels, good, answer, placed.index, placed["name"], nowhere=placed.empty)
        if groups is not None:
            part.insert(1, "group", group)
        parts.append(part)
    frame = parts[0] if len(parts) == 1 else _interleave(parts)
    sources = [*directory.provenance.sources, *about]
    parameters: dict[str, Any] = {"k": k, "max_distance_m": None if math.isinf(cap) else cap}
    if groups is not None:
        parameters["groups"] = groups if isinstance(groups, str) else plain(groups)
    selected = directory.provenance.parameters
    frame.attrs["provenance"] = Provenance.of(sources, **{**selected, **parameters}).to_dict()
    frame.attrs["unplaced_facilities"] = unplaced
    return frame


def find_nearest(
    lon: FloatArray, lat: FloatArray, to_lon: FloatArray, to_lat: FloatArray, k: int, cap_m: float
) -> Answer:
    """Search with the index that fits the size of the question; the answer is the same.

    Parameters
    ----------
    lon, lat
        Origins, degrees, shape (n,).
    to_lon, to_lat
        Places to go, degrees, shape (m,), in the order that decides between equally near ones.
    k
        How many.
    cap_m
        Metres, inclusive.

    Returns
    -------
    tuple[IntArray, FloatArray, FloatArray]
        Positions, metres and bearings, each of shape (n, k), or (n, m) if there are fewer places than k.

    Raises
    ------
    CoordinateError
        If a coordinate is NaN or not on Earth.
    ValueError
        If `k` is below 1.
    """
    k = min(k, max(to_lon.size, 1))
    if lon.size > SMALL:
        from iopdir.spatial.blocks import PackedTree
        from iopdir.spatial.knn import nearest_with_bearing

        return nearest_with_bearing(PackedTree(to_lon, to_lat), lon, lat, k, max_distance_m=cap_m)
    index, distance = DynamicIndex(to_lon, to_lat).nearest(lon, lat, k, max_distance_m=cap_m)
    return index, distance, bearings(lon, lat, to_lon, to_lat, index)


def bearings(
    lon: FloatArray, lat: FloatArray, to_lon: FloatArray, to_lat: FloatArray, index: IntArray
) -> FloatArray:
    """Directions from each origin to the places found for it, NaN where there is none."""
    bearing = np.full(index.shape, np.nan)
    row, target = np.nonzero(index >= 0)[0], index[index >= 0]
    bearing[index >= 0] = inverse(lon[row], lat[row], to_lon[target], to_lat[target])[1]
    return bearing


def long_frame(
    labels: pd.Index[Any],
    good: NDArray[np.bool_],
    answer: Answer,
    facility_ids: pd.Index[Any],
    names: pd.Series[str],
    *,
    nowhere: bool,
) -> pd.DataFrame:
    """Turn an answer into rows: one for each origin and rank, and one that says why where there is none.

    Parameters
    ----------
    labels
        Names of the origins, shape (n,).
    good
        Which origins have a point, shape (n,).
    answer
        Positions, metres and bearings of those, in order, each of shape (good.sum(), k).
    facility_ids, names
        What the positions point to.
    nowhere
        Whether there was nothing to search among.

    Returns
    -------
    DataFrame
        Columns `origin`, `rank`, `facility_id`, `name`, `distance_m`, `bearing_deg`, `status`.
    """
    if not good.all():
        answer = _spread(answer, good)
    index, distance, bearing = answer
    shown = index >= 0
    shown[:, 0] = True
    row, rank = np.nonzero(shown)
    position, metres = index[shown], distance[shown]
    metres[position < 0] = np.nan
    why = np.where(good, 2 if nowhere else 1, 3)
    status = np.where(position < 0, why[row], 0)
    return pd.DataFrame(
        {
            "origin": labels.take(row),
            "rank": rank + 1,
            "facility_id": facility_ids.array.take(position, allow_fill=True),
            "name": names.array.take(position, allow_fill=True),
            "distance_m": metres,
            "bearing_deg": bearing[shown],
            "status": _STATUS.take(status),
        }
    )


def _spread(answer: Answer, good: NDArray[np.bool_]) -> Answer:
    """Give the origins without a point their rows, without an answer."""
    whole = []
    for part, nothing in zip(answer, (-1, np.inf, np.nan), strict=True):
        table = np.full((good.size, part.shape[1]), nothing, dtype=part.dtype)
        table[good] = part
        whole.append(table)
    return whole[0], whole[1], whole[2]


def plain(groups: Mapping[str, Filters]) -> dict[str, dict[str, str | list[str]]]:
    """Write filters as values that JSON can carry."""
    return {
        group: {
            name: values if isinstance(values, str) else list(cast("Iterable[str]", values))
            for name, values in filters.items()
        }
        for group, filters in groups.items()
    }


def _choose(directory: Directory, groups: str | Mapping[str, Filters]) -> dict[str, Directory]:
    """Select the members of each group."""
    if not isinstance(groups, str):
        if not groups:
            raise ValueError("groups is empty: name at least one")
        return {name: directory.select(**filters) for name, filters in groups.items()}
    if groups not in _GROUPABLE:
        raise UnknownNameError("argument of select", groups, _GROUPABLE)
    column = directory.table[_GROUPABLE[groups]]
    values = sorted(set(column.explode().dropna()) - {""})
    if not values:
        raise ValueError(f"the directory states no {groups}: there is nothing to group by")
    return {value: directory.select(**cast("Filters", {groups: value})) for value in values}


def _interleave(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the groups of each origin together; each part lists the origins in the same order."""
    place = np.concatenate([(part["rank"] == 1).to_numpy().cumsum() for part in parts])
    return pd.concat(parts, ignore_index=True).iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
