"""Answers as long tables: one row for each origin and rank, and one that says why where there is none."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from iopdir.travel.cost import Answer, BoolArray, Unit

__all__ = ["cost_column", "long_frame"]

_STATUS: Final = pd.array(["ok", "beyond_cap", "no_facility", "bad_coordinate", "no_road"], dtype="str")


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
    nowhere
        Whether there was nothing to search among; if there are no facilities, if not given.
    off
        Which of the origins that have a point have no road near it; none if not given.

    Returns
    -------
    DataFrame
        Columns `origin`, `rank`, `facility_id`, `name`, `distance_m` or `duration_min`, `bearing_deg`, `status`.
    """
    if not good.all():
        answer = _spread(answer, good)
    index, cost, bearing = answer
    shown = index >= 0
    shown[:, 0] = True
    row, rank = np.nonzero(shown)
    position, amount = index[shown], cost[shown]
    amount[position < 0] = np.nan
    empty = len(facility_ids) == 0 if nowhere is None else nowhere
    why = np.where(good, 2 if empty else 1, 3)
    if off is not None and not empty:
        why[np.flatnonzero(good)[off]] = 4
    status = np.where(position < 0, why[row], 0)
    if names is None:
        names = pd.Series(pd.NA, index=facility_ids, dtype="str")
    return pd.DataFrame(
        {
            "origin": labels.take(row),
            "rank": rank + 1,
            "facility_id": facility_ids.array.take(position, allow_fill=True),
            "name": names.array.take(position, allow_fill=True),
            cost_column(unit): amount,
            "bearing_deg": bearing[shown],
            "status": _STATUS.take(status),
        }
    )


def _spread(answer: Answer, good: BoolArray) -> Answer:
    """Give the origins without a point their rows, without an answer."""
    whole = []
    for part, nothing in zip(answer, (-1, np.inf, np.nan), strict=True):
        table = np.full((good.size, part.shape[1]), nothing, dtype=part.dtype)
        table[good] = part
        whole.append(table)
    return whole[0], whole[1], whole[2]
