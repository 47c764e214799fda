"""Where things go on the page: one sheet for the nation with its islands, one for a single state.

A sheet turns longitude and latitude into pixels. The nation is drawn in Albers equal-area panels, Alaska at
a third of the scale; a single state in its own azimuthal equal-area projection, so that it stands upright.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iopdir.errors import UnknownNameError

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

__all__ = ["STEPS_PER_PIXEL", "Panel", "Sheet", "nation_sheet", "state_sheet", "svg_path", "topology"]

STEPS_PER_PIXEL: Final = 10
"""Outlines are kept to a tenth of a pixel."""

_MARGIN: Final = 8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One map of the sheet.

    Parameters
    ----------
    name
        What it shows.
    west, south, east, north
        Degrees that belong to the panel; `west` may lie below -180 where it crosses the antimeridian.
    crs
        PROJ text of the projection, metres.
    metres_per_pixel
        Scale.
    left, top
        Pixel at which projected `(0, 0)` falls.
    """

    name: str
    west: float
    south: float
    east: float
    north: float
    crs: str
    metres_per_pixel: float
    left: float
    top: float

    def holds(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which points belong to this panel."""
        wrapped = np.where(lon > self.west + 360, lon - 360, lon)
        inside = (self.west <= wrapped) & (wrapped <= self.east) & (self.south <= lat) & (lat <= self.north)
        return np.asarray(inside)

    def place(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn degrees into pixels of the sheet, shape (n, 2)."""
        from pyproj import Transformer

        x, y = Transformer.from_crs("EPSG:4326", self.crs, always_xy=True).transform(lon, lat)
        return np.column_stack(
            [
                self.left + np.asarray(x) / self.metres_per_pixel,
                self.top - np.asarray(y) / self.metres_per_pixel,
            ]
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A drawing area of `width` x `height` pixels with one or more panels."""

    width: int
    height: int
    panels: tuple[Panel, ...]

    def place(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
        """Turn degrees into pixels.

        Parameters
        ----------
        lon, lat
            Shape (n,), degrees, EPSG:4326; NaN is allowed.

        Returns
        -------
        NDArray[float64]
            Shape (n, 2), pixels from the top left; NaN where no panel shows the point.
        """
        lon, lat = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        pixels = np.full((len(lon), 2), np.nan)
        for panel in self.panels:
            inside = panel.holds(lon, lat)
            if inside.any():
                pixels[inside] = panel.place(lon[inside], lat[inside])
        return pixels

    def draw(self, shapes: gpd.GeoSeries) -> gpd.GeoSeries:
        """Project outlines onto the sheet, to a tenth of a pixel; the index is kept.

        Neighbours keep their common border, since equal points stay equal. Holes run against their outer ring,
        so that every way of filling leaves them empty.
        """
        import geopandas as gpd
        import shapely

        def place(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.round(self.place(degrees[:, 0], degrees[:, 1]) * STEPS_PER_PIXEL)

        drawn = shapely.transform(shapes.to_numpy(), place)
        drawn = shapely.orient_polygons(shapely.remove_repeated_points(drawn))
        return gpd.GeoSeries(drawn, index=shapes.index)


_METRES_PER_PIXEL: Final = 4900.0
_LOWER_48: Final = Panel(
    name="lower 48 states", west=-125.5, south=24.0, east=-66.0, north=50.0,
    crs="+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=37.5 +lon_0=-96", metres_per_pixel=_METRES_PER_PIXEL,
    left=488, top=328,
)  # fmt: skip
_INSETS: Final[Mapping[str, Panel]] = {
    "AK": Panel(
        name="Alaska", west=-188.0, south=50.5, east=-129.0, north=72.0,
        crs="+proj=aea +lat_1=55 +lat_2=65 +lat_0=63.5 +lon_0=-154", metres_per_pixel=_METRES_PER_PIXEL / 0.36,
        left=164, top=540,
    ),
    "HI": Panel(
        name="Hawaii", west=-178.5, south=18.0, east=-154.0, north=29.0,
        crs="+proj=aea +lat_1=8 +lat_2=18 +lat_0=20.5 +lon_0=-157.5", metres_per_pixel=_METRES_PER_PIXEL,
        left=352, top=596,
    ),
    "PR": Panel(
        name="Puerto Rico and the Virgin Islands", west=-68.0, south=17.0, east=-64.0, north=19.0,
        crs="+proj=aea +lat_1=17 +lat_2=19 +lat_0=18.1 +lon_0=-66.1", metres_per_pixel=_METRES_PER_PIXEL,
        left=886, top=600,
    ),
    "GU": Panel(
        name="Guam and the Northern Marianas", west=144.0, south=13.0, east=146.5, north=20.8,
        crs="+proj=laea +lat_0=15.2 +lon_0=145.4", metres_per_pixel=_METRES_PER_PIXEL / 0.6,
        left=590, top=606,
    ),
    "AS": Panel(
        name="American Samoa", west=-171.5, south=-15.0, east=-168.0, north=-10.5,
        crs="+proj=laea +lat_0=-14.2 +lon_0=-170", metres_per_pixel=_METRES_PER_PIXEL,
        left=660, top=610,
    ),
}  # fmt: skip
_INSET_OF: Final = {"VI": "PR", "MP": "GU"}


def nation_sheet(states: Iterable[str]) -> Sheet:
    """Lay out the whole country; Alaska and Hawaii always, the islands where `states` names them.

    Parameters
    ----------
    states
        Postal abbreviations that are to be seen.

    Returns
    -------
    Sheet
        960 x 640 pixels.

    Examples
    --------
    >>> [panel.name for panel in nation_sheet(["IL"]).panels]
    ['lower 48 states', 'Alaska', 'Hawaii']
    >>> nation_sheet(["IL"]).place([-87.65, -149.9], [41.92, 61.2]).round().tolist()
    [[628.0, 221.0], [180.0, 558.0]]
    """
    wanted = {"AK", "HI", *(_INSET_OF.get(state, state) for state in states)}
    insets = tuple(panel for state, panel in _INSETS.items() if state in wanted)
    return Sheet(width=960, height=640, panels=(_LOWER_48, *insets))


def state_sheet(outline: BaseGeometry, *, width: int = 960, tallest: int = 760) -> Sheet:
    """Lay out one state (or any outline), upright and filling the width.

    Parameters
    ----------
    outline
        Polygon in degrees, EPSG:4326.
    width, tallest
        Pixels.

    Returns
    -------
    Sheet
        One panel, `width` wide and at most `tallest` high.
    """
    import shapely

    degrees = shapely.get_coordinates(outline)
    if not len(degrees):
        raise UnknownNameError("outline", "an empty shape")
    lon = np.where(degrees[:, 0] > 90, degrees[:, 0] - 360, degrees[:, 0])  # the far Aleutians
    if lon.min() < -270 or (degrees[:, 0] > 0).all():  # the western Pacific, not the Aleutians
        lon = degrees[:, 0]
    west, east = float(lon.min()), float(lon.max())
    south, north = float(degrees[:, 1].min()), float(degrees[:, 1].max())
    crs = f"+proj=laea +lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f}"
    box = {"west": west - 0.5, "south": south - 0.5, "east": east + 0.5, "north": north + 0.5}
    trial = Panel(name="state", **box, crs=crs, metres_per_pixel=1.0, left=0.0, top=0.0)
    metres = trial.place(degrees[:, 0], degrees[:, 1])
    low, size = metres.min(axis=0), np.ptp(metres, axis=0)
    scale = float(max(size[0] / (width - 2 * _MARGIN), size[1] / (tallest - 2 * _MARGIN)))
    height = math.ceil(size[1] / scale + 2 * _MARGIN)
    panel = Panel(
        name="state", **box, crs=crs, metres_per_pixel=scale,
        left=float((width - size[0] / scale) / 2 - low[0] / scale), top=float(_MARGIN - low[1] / scale),
    )  # fmt: skip
    return Sheet(width=width, height=height, panels=(_reaching(panel, width, height),))


def _reaching(panel: Panel, width: int, height: int) -> Panel:
    """Let a panel hold all that its sheet shows, unless that crosses the antimeridian."""
    from pyproj import Transformer

    edge = np.linspace(0.0, 1.0, 9)
    ends = np.concatenate([np.column_stack([edge, edge * 0 + end]) for end in (0.0, 1.0)])
    x, y = (np.concatenate([ends, ends[:, ::-1]]) * [width, height]).T
    metres = (x - panel.left) * panel.metres_per_pixel, (panel.top - y) * panel.metres_per_pixel
    lon, lat = Transformer.from_crs(panel.crs, "EPSG:4326", always_xy=True).transform(*metres)
    if max(lon) - min(lon) > 180 or panel.west < -180:
        return panel
    return replace(
        panel,
        west=min(panel.west, float(min(lon))),
        south=min(panel.south, float(min(lat))),
        east=max(panel.east, float(max(lon))),
        north=max(panel.north, float(max(lat))),
    )


def _polygons(shape: BaseGeometry) -> Iterable[list[NDArray[np.int64]]]:
    """Rings of each polygon of a drawn shape, whole steps, the outer one first; lines are left out."""
    import shapely

    for part in shapely.get_parts(shape):
        rings = [shapely.get_coordinates(ring).astype(np.int64) for ring in (part.exterior, *part.interiors)]
        if len(rings[0]) > 3:
            yield [ring for ring in rings if len(ring) > 3]


def svg_path(shape: BaseGeometry) -> str:
    """Write a drawn shape as SVG path data, relative steps.

    Examples
    --------
    >>> import shapely
    >>> svg_path(shapely.Polygon([(0, 0), (10, 0), (10, 5)]))
    'M0 0l10 0 0 5z'
    """
    parts = []
    for steps in (ring for rings in _polygons(shape) for ring in rings):
        moves = np.diff(steps[:-1], axis=0)
        parts.append(
            f"M{steps[0, 0]} {steps[0, 1]}l" + " ".join(f"{dx} {dy}" for dx, dy in moves.tolist()) + "z"
        )
    return "".join(parts)


def topology(drawn: gpd.GeoSeries, properties: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Pack drawn shapes as TopoJSON in pixels, one arc a ring.

    Parameters
    ----------
    drawn
        What `Sheet.draw` gave.
    properties
        One mapping a shape, in the same order; none by default.

    Returns
    -------
    dict[str, Any]
        A `Topology` with the one object `shapes`.
    """
    arcs: list[list[list[int]]] = []
    geometries = []
    for shape, values in zip(drawn, properties or [{}] * len(drawn), strict=True):
        polygons: list[list[list[int]]] = []
        for rings in _polygons(shape):
            polygons.append([[len(arcs) + number] for number in range(len(rings))])
            arcs += [np.diff(ring, axis=0, prepend=0).tolist() for ring in rings]
        geometries.append({"type": "MultiPolygon", "arcs": polygons, "properties": dict(values)})
    scale = 1 / STEPS_PER_PIXEL
    return {
        "type": "Topology",
        "transform": {"scale": [scale, scale], "translate": [0, 0]},
        "objects": {"shapes": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": arcs,
    }
