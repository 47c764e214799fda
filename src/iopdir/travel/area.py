"""The area from which a facility can be reached within a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from iopdir.provenance import Provenance
from iopdir.text import texts
from iopdir.travel.cost import CostLike, read_limit
from iopdir.travel.open_cost import read_cost
from iopdir.travel.sites import Facilities, Filters, sites

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["catchment_area"]


def catchment_area(
    facility: Facilities,
    max_cost: str | float | Sequence[str | float],
    *,
    cost: CostLike = None,
    **filters: Unpack[Filters],
) -> gpd.GeoDataFrame:
    """Draw the area from which a facility can be reached within a limit.

    Parameters
    ----------
    facility
        A facility or several: a place, points, a frame of places, or a directory.
    max_cost
        How far, inclusive: ``"30 mi"`` in straight lines, ``"30 min"`` by road; or several of these.
    cost
        [`Roads`][iopdir.Roads], or another kind that can be drawn; straight lines if not given. A
        [`CostMatrix`][iopdir.CostMatrix] cannot: it knows pairs, not what lies between.
    **filters
        What facilities must state, as for [`iop.reach`][iopdir.reach].

    Returns
    -------
    GeoDataFrame
        One row a facility and limit, the facilities in order and each with its limits in the order given:
        `facility_id`, `max_cost` as given, and `geometry` (EPSG:4326). In straight lines a geodesic disk of 360
        corners; by road everything within 150 m of a road from which one gets there in time. An empty geometry where
        no road is near.

    Raises
    ------
    TypeError
        If the cost cannot be drawn.
    UnitError
        If a limit cannot be read, is infinite, or is in another unit than the costs.
    CoordinateError
        If a facility is not on Earth.

    Examples
    --------
    >>> import iopdir as iop
    >>> area = iop.catchment_area(iop.Place(lat=44.26, lon=-72.58), "30 mi")
    >>> round(area.to_crs(5070).area.item() / (3.14159 * 48280.32**2), 2)
    1.0
    """
    import geopandas as gpd

    kind = read_cost(cost)
    drawn = getattr(kind, "area", None)
    if drawn is None:
        raise TypeError(f"{kind!r} cannot be drawn: give straight lines or Roads")
    places = sites(facility, **filters)
    given = [max_cost] if isinstance(max_cost, str | int | float) else list(max_cost)
    limits = [read_limit(limit, kind.unit) for limit in given]
    rows = [(place, number) for place in range(len(places)) for number in range(len(limits))]
    shapes = [drawn(places.lon[place], places.lat[place], limits[number]) for place, number in rows]
    table = gpd.GeoDataFrame(
        {
            "facility_id": places.ids.take([place for place, _ in rows]),
            "max_cost": [given[number] for _, number in rows],
        },
        geometry=shapes,
        crs=4326,
    )
    about = Provenance.of([*places.sources, *kind.sources], **places.about(), max_cost=given, unit=kind.unit)
    table.attrs["provenance"] = about.to_dict()
    return texts(table)
