"""Tables by area with the outlines of the areas, so that they can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from iopdir.datasets import pack_source
from iopdir.geography.areas import By, Residence
from iopdir.geography.boundaries import counties, states
from iopdir.geography.polygons import read_polygons
from iopdir.provenance import Source

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["outline_sources", "with_outlines"]


def outline_sources(by: By, vintage: int) -> tuple[Source, ...]:
    """Name the packs that outlines come from; polygons of one's own name themselves."""
    if not isinstance(by, str):
        return ()
    if by != "county":
        return (pack_source("states"),)
    return (pack_source("counties"), *([pack_source("connecticut_2020")] if vintage == 2020 else []))


def with_outlines(
    table: pd.DataFrame, by: By, homes: Residence, *, area_id: str | None = None
) -> gpd.GeoDataFrame:
    """Put beside each area its outline.

    Parameters
    ----------
    table
        Indexed by area, each as often as the table likes.
    by, homes, area_id
        What the areas are, as for `Residence.areas`.

    Returns
    -------
    GeoDataFrame
        The same rows, EPSG:4326; `geometry` is None for people in no known area.
    """
    import geopandas as gpd

    shapes = _shapes(by, homes, table.index, area_id).reindex(table.index)
    return gpd.GeoDataFrame(table.assign(geometry=shapes.to_numpy()), geometry="geometry", crs=4326)


def _shapes(by: By, homes: Residence, index: pd.Index[str], area_id: str | None) -> pd.Series[Any]:
    outlines: Any
    if not isinstance(by, str):
        outlines = read_polygons(by, area_id=area_id)["geometry"]
    elif by == "county":
        outlines = counties(homes.vintage)["geometry"]
    else:
        outlines = states().set_index("state")["geometry"]
    if isinstance(by, str) and by == "nation":
        whole = outlines[outlines.index.isin(homes.at_home)].union_all()
        return pd.Series([whole], index=index.unique(), dtype="object")
    return pd.Series(outlines)
