"""The nearest facilities of every demand point, exact, one long table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Unpack, cast

import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import UnknownNameError
from iopdir.geography.points import PointsLike
from iopdir.text import texts
from iopdir.travel.binding import bind
from iopdir.travel.cost import CostLike
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Facilities, Filters, narrow, sites

__all__ = ["GROUPABLE", "nearest", "plain"]

GROUPABLE: Final = {
    "level_of_care": "levels_of_care",
    "payment": "payments",
    "age_group": "age_groups",
    "services": "services",
    "medication": "medications",
    "special_population": "special_populations",
    "setting": "settings",
    "language": "languages",
    "facility_state": "state",
    "facility_county": "county_fips",
}
"""Filter -> column of the facility table in which it looks."""


def nearest(
    origins: PointsLike | Reach,
    directory: Facilities | None = None,
    *,
    k: int = 1,
    max_cost: str | float | None = None,
    groups: str | Mapping[str, Filters] | None = None,
    cost: CostLike = None,
    state: str | Iterable[str] | None = None,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """Find the facilities nearest to every origin.

    Parameters
    ----------
    origins
        A place (``"60614"``, ``"41.92, -87.65"``, ``"Chicago, IL"``, a [`Place`][iopdir.Place], a shapely `Point`), a
        list or series of places, a frame with columns `lon` and `lat` (degrees, EPSG:4326), a GeoDataFrame of points,
        or a frame of Polars or another kind; or a [`Reach`][iopdir.reach] instead of origins, directory, cost and
        filters. The index names the origins.
    directory
        Where to look: a directory, or any frame of places. Facilities without a known point cannot be found in
        straight lines; `attrs["unplaced_facilities"]` counts them.
    k
        How many for each origin.
    max_cost
        Nothing beyond this, inclusive: ``"30 mi"``, or metres; ``"20 min"`` with costs in minutes.
    groups
        Answer for several kinds of facility at once: a mapping of a name to filters, or the name of one filter
        (``"level_of_care"``), which makes a group of each value that the directory states. A facility may be in
        several groups.
    cost
        A [`CostMatrix`][iopdir.CostMatrix] or another kind, instead of straight lines; ``"drive-estimate"`` for minutes
        by car without any file.
    state
        Only origins in this state, or in several.
    **filters
        What facilities must state, as for [`reach`][iopdir.reach].

    Returns
    -------
    DataFrame
        One row for each origin (and group) and rank, in the order of the origins: `origin`, with `groups`
        also `group`, then `rank` (from 1), `facility_id`, `name`, `distance_m` (over the WGS84 ellipsoid) or
        `duration_min` (if it is estimated with `duration_low_min` and `duration_high_min`, the 10th and the 90th
        percentile of such drives), `bearing_deg` (clockwise from north, where both ends have a point) and `status`. An
        origin without any answer has one row that says why: ``"bad_coordinate"`` (missing or not on Earth),
        ``"no_facility"`` (nowhere to go at all) or ``"beyond_cap"`` (none within `max_cost`, or in the matrix).
        Equally near facilities are ranked by `facility_id`.

    Raises
    ------
    CoordinateError
        If the origins are a bare pair of numbers.
    UnknownNameError
        If the place, a column, a filter or a group is not known.
    UnitError
        If `max_cost` cannot be read, or is in another unit than the costs.
    ValueError
        If `k` is below 1, or a directory, a cost or filters come with a reach.
    TypeError
        If groups come without a directory to choose from.

    Notes
    -----
    Distances are geodesics (Karney 2013, doi:10.1007/s00190-012-0578-z), exact at the poles and the
    antimeridian; see [how](../explanation/exact-distance.md). Up to 500 origins a live index answers,
    beyond that compiled bulk search, with the same result.

    Examples
    --------
    >>> import iopdir as iop
    >>> found = iop.nearest("60614", iop.demo_directory(), k=3, max_cost="25 mi", level_of_care="iop")
    >>> found[["origin", "rank", "status"]]
      origin  rank status
    0  60614     1     ok
    1  60614     2     ok
    2  60614     3     ok

    Which kind of care is how far from Montpelier, Vermont?

    >>> kinds = {"any": {}, "iop for Medicaid": {"level_of_care": "iop", "payment": "medicaid"}}
    >>> home = iop.Place(lat=44.26, lon=-72.58)
    >>> iop.nearest(home, iop.demo_directory(), groups=kinds)[["group", "rank", "status"]]
                  group  rank status
    0               any     1     ok
    1  iop for Medicaid     1     ok
    """
    if groups is None:
        return bind(origins, directory, cost=cost, state=state, **filters).nearest(k, max_cost=max_cost)
    if not isinstance(directory, Directory):
        raise TypeError("groups are chosen from a directory: give one, not a frame or a reach")
    chosen = narrow(directory, filters)
    whole = bind(origins, chosen, cost=cost, state=state)
    parts = []
    for group, members in _choose(chosen, groups).items():
        places = replace(sites(members, located=whole.cost.located), known=whole.sites.known)
        parts.append(replace(whole, sites=places).nearest(k, max_cost=max_cost))
        parts[-1].insert(1, "group", group)
    asked = parts[0].attrs["provenance"]["parameters"]
    about = {name: value for name, value in asked.items() if name == "k" or name.startswith("max_cost")}
    unplaced = max(part.attrs["unplaced_facilities"] for part in parts)
    frame = texts(_interleave(parts))
    frame.attrs["unplaced_facilities"] = unplaced
    whole.sign(frame, **about, groups=groups if isinstance(groups, str) else plain(groups))
    return frame


def plain(groups: Mapping[str, Filters]) -> dict[str, dict[str, str | bool | list[str]]]:
    """Write filters as values that JSON can carry."""
    return {
        group: {
            name: values if isinstance(values, str | bool) else list(cast("Iterable[str]", values))
            for name, values in filters.items()
        }
        for group, filters in groups.items()
    }


def _choose(directory: Directory, groups: str | Mapping[str, Filters]) -> dict[str, Directory]:
    """Select the members of each group."""
    if not isinstance(groups, str):
        if not groups:
            raise ValueError("groups is empty: name at least one")
        return {name: narrow(directory, filters) for name, filters in groups.items()}
    if groups not in GROUPABLE:
        raise UnknownNameError("filter of facilities", groups, GROUPABLE)
    values = sorted(set(directory.table[GROUPABLE[groups]].explode().dropna()) - {""})
    if not values:
        raise ValueError(f"the directory states no {groups}: there is nothing to group by")
    return {value: narrow(directory, cast("Filters", {groups: value})) for value in values}


def _interleave(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the groups of each origin together; each part lists the origins in the same order."""
    place = np.concatenate([(part["rank"] == 1).to_numpy().cumsum() for part in parts])
    for part in parts:
        part.attrs = {}
    return pd.concat(parts, ignore_index=True).iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
