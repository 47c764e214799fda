"""How far a site may be from where it is drawn: those known only by their ZIP stand in its middle."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["NO_AREA_M", "ZIP_DISPLACEMENT", "displacement_classes", "displacement_m"]

ZIP_DISPLACEMENT: Final = 1.5
"""A site placed in the middle of its ZIP is taken to be within this many radii of a circle as large as the ZIP.

Flag S, computed: of 13,917 sites of the SAMHSA locator of 2021 with coordinates of their own, 95.3 % are (median
0.67 radii, 2.7 km)."""

NO_AREA_M: Final = 15_500.0
"""The same for a ZIP without an area of its own (post office boxes, single buildings): flag S, the 95th
percentile of the same comparison."""

_FINEST_M: Final = 1000.0
_CLASS_RATIO: Final = 1.25


def displacement_m(table: pd.DataFrame) -> FloatArray:
    """Say how far each site may be from where it is drawn.

    Parameters
    ----------
    table
        Facilities. Those whose `precision` is ``"zip_centroid"`` are displaced, according to their `zip`.

    Returns
    -------
    FloatArray
        Shape (m,), metres; 0 for a site placed by its address, or if the table has no `precision`.

    Examples
    --------
    >>> clinics = pd.DataFrame({"precision": ["address", "zip_centroid"], "zip": ["60614", "60614"]})
    >>> displacement_m(clinics).round(-2)
    array([   0., 2400.])
    """
    from iopdir.datasets import open_pack

    out = np.zeros(len(table))
    if "precision" not in table:
        return out
    rough = (table["precision"] == "zip_centroid").to_numpy(dtype=bool)
    if rough.any():
        areas = open_pack("zcta").set_index("zcta")["land_area_m2"].reindex(table["zip"][rough])
        radius = ZIP_DISPLACEMENT * np.sqrt(areas.to_numpy(dtype=np.float64) / np.pi)
        out[rough] = np.where(np.isnan(radius), NO_AREA_M, radius)
    return out


def displacement_classes(table: pd.DataFrame) -> list[tuple[float, IntArray]]:
    """Sort sites into classes of like displacement, up to 1 km, and from there on rounded up by at most a quarter.

    Parameters
    ----------
    table
        As for `displacement_m`.

    Returns
    -------
    list[tuple[float, IntArray]]
        The farthest of each class, metres, rising, and positions of its sites.

    Examples
    --------
    >>> clinics = pd.DataFrame({"precision": ["address", "zip_centroid"], "zip": ["60614", "60614"]})
    >>> [(round(off_m, -2), rows.tolist()) for off_m, rows in displacement_classes(clinics)]
    [(0.0, [0]), (2400.0, [1])]
    """
    off = displacement_m(table)
    step = np.where(off > 0, np.ceil(np.log(np.maximum(off / _FINEST_M, 1.0)) / np.log(_CLASS_RATIO)), -1)
    members = [np.flatnonzero(step == number) for number in np.unique(step)]
    return [(float(off[rows].max()), rows) for rows in members]
