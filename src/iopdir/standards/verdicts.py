"""Verdicts: which counties pass a standard, by how much others fail, and whether that is settled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.standards.judge import Judged
from iopdir.text import TEXT
from iopdir.travel.cost import BoolArray, Unit

__all__ = ["Verdicts", "quantile_by"]


class Verdicts:
    """A standard that asks for a share of people, judged county by county; an area passes if all its counties do.

    Parameters
    ----------
    judged
        The standard applied to every (demand point, county), shape (pairs,).
    rows, counties
        Row of the table and county of each, shape (pairs,).
    count
        People of each, shape (pairs,).
    people, asked
        People of each row, and those whom the standard is about, shape (rows,).
    index
        Of the table.
    """

    def __init__(
        self,
        judged: Judged,
        rows: IntArray,
        counties: IntArray,
        count: FloatArray,
        people: FloatArray,
        asked: FloatArray,
        index: pd.Index[Any],
    ) -> None:
        self._judged, self._rows, self._count = judged, rows, count
        self._people, self._asked, self._index = people, asked, index
        size = int(counties.max(initial=0)) + 2
        cell, self._place = np.unique(rows * size + counties + 1, return_inverse=True)
        self._row = cell // size

    def _cells(self, values: FloatArray | BoolArray) -> FloatArray:
        """Add up over the people of each county of a row."""
        return np.bincount(self._place, self._count * values, minlength=self._row.size).astype(np.float64)

    def _per_row(self, cells: FloatArray | BoolArray) -> FloatArray:
        return np.bincount(self._row, cells, minlength=len(self._index)).astype(np.float64)

    def _short(self, required: FloatArray, inside: BoolArray) -> FloatArray:
        """How many more people of each county of a row must be within."""
        needed = self._cells(required)
        short = needed - self._cells(inside)
        return np.where(short > 1e-9 * needed, short, 0.0)

    def columns(self, *, by_county: bool, unit: Unit) -> dict[str, Any]:
        """Give the columns about verdicts."""
        judged = self._judged
        short = self._short(judged.required, judged.inside)
        failing = self._per_row(short > 0)
        with np.errstate(invalid="ignore"):
            required = (
                np.bincount(self._rows, self._count * judged.required, minlength=len(self._index))
                / self._asked
            )
        columns: dict[str, Any] = {
            "required_share": required,
            "verdict": self._words(failing),
            "settled": self._settled(short),
            "people_short": self._per_row(short),
        }
        credit = judged.rule.telehealth_share
        if credit is not None:
            with_credit = self._short(np.where(judged.applies, credit, 0.0), judged.inside)
            columns["verdict_with_telehealth"] = self._words(self._per_row(with_credit > 0))
        if judged.rule.count is not None:
            columns["facilities_short"] = self._facilities_short()
        if not by_county:
            columns["counties_failing"] = failing.astype(np.int64)
        elif judged.single:
            weights = self._count * judged.applies
            columns[f"needed_{unit}"] = quantile_by(self._rows, judged.last, weights, required)
        return columns

    def _words(self, failing: FloatArray) -> Any:  # noqa: ANN401 - an array of pandas
        conditions = [self._people == 0, self._asked == 0, failing > 0]
        words = np.select(conditions, ["no_population", "not_required", "fail"], "pass")
        return pd.array(words, dtype=TEXT)

    def _settled(self, short: FloatArray) -> BoolArray:
        """Whether neither the half that was not tested nor a class not known could change the verdict.

        The untested half of "and" can only make a county fail, that of "or", or of a count, only make it pass.
        """
        judged = self._judged
        half = np.append(judged.half, False)[judged.limit]
        harder = self._cells(half & (judged.rule.combine == "and") & (judged.rule.count is None)) > 0
        easier = (self._cells(half) > 0) & ~harder
        least = (short > 0) | harder
        most = short > 0
        if judged.laxly is not None:
            most = self._short(np.where(judged.applies, judged.laxly_required, 0.0), judged.laxly) > 0
        most &= ~easier
        at_worst, at_best = self._per_row(least) > 0, self._per_row(most) > 0
        settled: BoolArray = at_worst == at_best
        return settled

    def _facilities_short(self) -> IntArray:
        """How many more facilities the counties of each row must have."""
        judged = self._judged
        some = np.flatnonzero(judged.applies & (self._count > 0))
        missing = np.zeros(self._row.size)
        np.maximum.at(missing, self._place[some], np.maximum(judged.least - judged.sites_within, 0.0)[some])
        return self._per_row(missing).astype(np.int64)

    def county_types(self, vintage: int) -> pd.Series[str]:
        """Class of each county by the standard, blank where it asks for nothing or classes are not known."""
        rule = self._judged.rule
        if rule.classes is None:
            return pd.Series("", index=self._index, dtype=TEXT)
        types = rule.classes.sort(vintage).reindex(self._index).fillna("")
        return types.where(self._asked > 0, "") if rule.state is not None else types


def quantile_by(rows: IntArray, values: FloatArray, weights: FloatArray, shares: FloatArray) -> FloatArray:
    """Find the least value of each row that at least a share of its weight does not exceed.

    Parameters
    ----------
    rows
        Row of each value, shape (n,).
    values, weights
        Shape (n,).
    shares
        Share wanted of each row, shape (rows,).

    Returns
    -------
    FloatArray
        Shape (rows,); NaN without weight, or where the value is infinite.

    Examples
    --------
    >>> quantile_by(np.array([0, 0, 1]), np.array([5.0, 9.0, 2.0]), np.ones(3), np.array([0.5, 1.0]))
    array([5., 2.])
    """
    out = np.full(shares.size, np.nan)
    real = np.flatnonzero(weights > 0)
    order = real[np.lexsort((values[real], rows[real]))]
    row, value = rows[order], values[order]
    running = (
        pd.Series(weights[order]).groupby(row).cumsum().to_numpy()
    )  # of each row on its own: nothing cancels
    last = np.searchsorted(row, row, side="right") - 1
    enough = np.flatnonzero(running >= shares[row] * running[last] * (1 - 1e-12))
    hit, where = np.unique(row[enough], return_index=True)
    out[hit] = value[enough[where]]
    out[np.isinf(out)] = np.nan
    return out
