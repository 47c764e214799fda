"""What lies under and around the areas of a map, so that a person recognises it: borders, lakes, towns by name."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from iopdir.datasets import open_pack
from iopdir.errors import UnknownNameError
from iopdir.geography.areas import TERRITORIES
from iopdir.geography.boundaries import counties, states
from iopdir.geography.points import in_lonlat
from iopdir.report.sheet import Sheet, nation_sheet, state_sheet

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Label", "labels", "lakes", "lay_out", "neighbours", "state_outlines"]

LEVELS: Final = (0.36, 0.9, 1.8, 3.6, 7.2)
"""Screen pixels a pixel of the sheet at which more towns get a name; the least is a telephone's."""

_MOST: Final = (9, 34, 110, 300, 700)
"""Towns named at each of them, at most."""

_TALL, _WIDE = 13.0, 6.4
"""Pixels of a line and of a letter on the screen."""


class Label(NamedTuple):
    """A town's name: its pixel, and which of the levels it needs."""

    name: str
    x: float
    y: float
    level: int


def lay_out(gaps: pd.DataFrame) -> tuple[gpd.GeoSeries, Sheet]:
    """Find the outlines of the rows (counties, states, or those they carry) and the sheet that shows them all."""
    if gaps.index.name == "county_fips":
        table = counties(int(gaps["vintage"].iloc[0])) if len(gaps) else counties()
        names = table["state"]
    elif gaps.index.name == "state":
        table = states().set_index("state")
        names = table.index.to_series()
    elif hasattr(gaps, "to_crs"):
        own = in_lonlat(gaps.geometry)
        return own, state_sheet(own.union_all())
    else:
        known = ["county_fips", "state", "areas of one's own with geometry=True"]
        raise UnknownNameError("map of areas", str(gaps.index.name), known)
    shapes = table.geometry.reindex(gaps.index)
    missing = shapes.index[shapes.isna()]
    if len(missing):
        raise UnknownNameError(f"outline of {gaps.index.name}", str(missing[0]), table.index)
    seen = set(names.reindex(gaps.index))
    if len(seen) == 1:
        return shapes, state_sheet(shapes.union_all())
    return shapes, nation_sheet(seen)


def state_outlines(gaps: pd.DataFrame) -> gpd.GeoSeries:
    """Borders of the states that the rows lie in."""
    wanted = set(gaps["state"]) if "state" in gaps else set(gaps.index)
    table = states()
    return table["geometry"][table["state"].isin(wanted)]


def neighbours(gaps: pd.DataFrame, sheet: Sheet) -> gpd.GeoSeries:
    """Outlines of the states around a single one, as far as the sheet reaches; none for several."""
    wanted = set(gaps["state"])
    table = states()
    away = ~table["state"].isin(wanted | TERRITORIES) & (len(wanted) == 1) & (not wanted & TERRITORIES)
    return _clipped(table.loc[away, "geometry"], sheet)


def lakes(gaps: pd.DataFrame, sheet: Sheet) -> gpd.GeoSeries:
    """Lakes on the sheet: all for a single state, the great ones for the nation."""
    water = open_pack("water")
    kept = water["kind"].eq("lake") & (water["rank"] <= (9 if gaps["state"].nunique() == 1 else 4))
    return _clipped(water.loc[kept, "geometry"], sheet)


def _clipped(shapes: gpd.GeoSeries, sheet: Sheet) -> gpd.GeoSeries:
    """Cut shapes to the panels, so that every corner has a pixel."""
    frames = [shapely.box(panel.west, panel.south, panel.east, panel.north) for panel in sheet.panels]
    parts = [shapes.intersection(frame) for frame in frames]
    cut = pd.concat(parts)
    return cut[~cut.is_empty & cut.geom_type.isin(["Polygon", "MultiPolygon"])]


_BOROUGHS: Final = ("Brooklyn", "Bronx", "Staten Island", "Jamaica", "Flushing", "Astoria")
"""Names of ZIP codes within the city of New York."""


@cache
def _towns() -> pd.DataFrame:
    """Towns by the people of their ZIP areas, most first: `name, state, lon, lat, people`."""
    points = open_pack("zip_points").merge(
        open_pack("zcta")[["zcta", "population"]], left_on="zip", right_on="zcta"
    )
    points = points[points["population"] > 0].sort_values("population", ascending=False, kind="stable")
    part = points["state"].eq("NY") & points["city"].isin(_BOROUGHS)
    points = points.assign(
        city=points["city"].mask(part, "New York"),
        lon=points["lon"] * points["population"],
        lat=points["lat"] * points["population"],
    )
    found = points.groupby(["state", "city"])[["lon", "lat", "population"]].sum()
    table = found[["lon", "lat"]].div(found["population"], axis=0).assign(people=found["population"])
    table = table.reset_index().rename(columns={"city": "name"})
    return table.sort_values(["people", "name"], ascending=[False, True], ignore_index=True)


def labels(gaps: pd.DataFrame, sheet: Sheet) -> list[Label]:
    """Choose the towns to name, more of them the nearer one looks, none over another.

    Towns are those of ZIP codes; their people are those of the ZIP areas of that name.

    Examples
    --------
    >>> import iopdir as iop
    >>> gaps = pd.DataFrame({"state": ["VT"]}, index=pd.Index(["50007"], name="county_fips"))
    >>> vermont = iop.geography.counties().query("state == 'VT'").union_all()
    >>> [label.name for label in labels(gaps, state_sheet(vermont)) if label.level == 0][:2]
    ['Burlington', 'Rutland']
    """
    wanted = set(gaps["state"])
    towns = _towns()[_towns()["state"].isin(wanted)].head(4000 if len(wanted) > 1 else 700)
    pixels = sheet.place(towns["lon"], towns["lat"])
    chosen: list[Label] = []
    taken = np.zeros((0, 3))
    for level, (scale, most) in enumerate(zip(LEVELS, _MOST, strict=True)):
        for name, (x, y) in zip(towns["name"], pixels.tolist(), strict=True):
            if len(chosen) >= most:
                break
            half = _WIDE * len(name) / 2 + 3
            near = (np.abs(taken[:, 0] - x) * scale < taken[:, 2] + half) & (
                np.abs(taken[:, 1] - y) * scale < _TALL
            )
            if not half < x * scale < sheet.width * scale - half or near.any():
                continue
            chosen.append(Label(name, x, y, level))
            taken = np.vstack([taken, [x, y, half]])
    return chosen
