"""Answers as long tables: one row for each origin and rank, and one that says why where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.spatial.geodesy import FloatArray
from iopdir.text import TEXT
from iopdir.travel.cost import Answer, BoolArray, Unit

__all__ = ["cost_column", "long_frame"]

_STATUS: Final = pd.array(["ok", "beyond_cap", "no_facility", "bad_coordinate", "no_road"], dtype=TEXT)


def cost_column(unit: Unit) -> str:
    """Name the column of costs: `distance_m` or `duration_min`."""
    return "distance_m" if unit == "m" else "duration_min"


def long_frame(
    labels: pd.Index[Any],
    good: BoolArray,
    answer: Answer,
    facility_ids: pd.Index[Any],
    names: pd.Series[str] | None,
    *,
    unit: Unit = "m",
    bounds: Sequence[FloatArray] = (),
    nowhere: bool | None = None,
    off: BoolArray | None = None,
) -> pd.DataFrame:
    """Turn an answer into rows.

    Parameters
    ----------
    labels
        Names of the origins, shape (n,).
    good
        Which origins have a point, shape (n,).
    answer
        Positions, costs and bearings of those, in order, each of shape (good.sum(), k).
    facility_ids, names
        What the positions point to; there may be no names.
    unit
        Of the costs.
    bounds
        10th and 90th percentile of the costs, shaped like them, if they are estimates.
    nowhere
        Whether there was nothing to search among; if there are no facilities, if not given.
    off
        Which of the origins that have a point have no road near it; none if not given.

    Returns
    -------
    DataFrame
        Columns `origin`, `rank`, `facility_id`, `name`, `distance_m` or `duration_min` (with bounds also
        `duration_low_min` and `duration_high_min`), `bearing_deg`, `status`.
    """
    index, bearing = _spread(answer[0], good, -1), _spread(answer[2], good, np.nan)
    shown = index >= 0
    shown[:, 0] = True
    row, rank = np.nonzero(shown)
    position = index[shown]
    amounts = [
        np.where(position < 0, np.nan, _spread(cost, good, np.inf)[shown]) for cost in (answer[1], *bounds)
    ]
    empty = len(facility_ids) == 0 if nowhere is None else nowhere
    why = np.where(good, 2 if empty else 1, 3)
    if off is not None and not empty:
        why[np.flatnonzero(good)[off]] = 4
    status = np.where(position < 0, why[row], 0)
    if names is None:
        names = pd.Series(pd.NA, index=facility_ids, dtype=TEXT)
    return pd.DataFrame(
        {
            "origin": labels.take(row),
            "rank": rank + 1,
            "facility_id": facility_ids.array.take(position, allow_fill=True),
            "name": names.array.take(position, allow_fill=True),
            **dict(zip((cost_column(unit), "duration_low_min", "duration_high_min"), amounts, strict=False)),
            "bearing_deg": bearing[shown],
            "status": _STATUS.take(status),
        }
    )


def _spread(part: NDArray[Any], good: BoolArray, nothing: float) -> NDArray[Any]:
    """Give the origins without a point their rows, without an answer."""
    if good.all():
        return part
    table = np.full((good.size, part.shape[1]), nothing, dtype=part.dtype)
    table[good] = part
    return table
