"""The table of coverage: one row an area, adding up what was judged for every demand point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from iopdir.geography.areas import Areas, By, Residence
from iopdir.geography.classes import county_types
from iopdir.measures.judge import Judged
from iopdir.measures.uncertainty import share_margin
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import BoolArray
from iopdir.travel.reach import Reach

__all__ = ["Table", "quantile_by"]


class Table:
    """One group of people by area; what does not hang on a standard is added up once.

    Parameters
    ----------
    reach
        Who can get where.
    homes, areas
        Where people live, and the rows.
    column
        Which people.
    by
        Kind of area.
    measured
        Measures to average, by name: shape (n,) each.

    Raises
    ------
    UnknownNameError
        If there is no such column of people.
    ValueError
        If a count of people is negative or missing, or a measure takes the name of a column.
    """

    def __init__(
        self,
        reach: Reach,
        homes: Residence,
        areas: Areas,
        column: str,
        by: By,
        measured: Mapping[str, FloatArray],
    ) -> None:
        self._reach, self._homes, self._areas, self._column = reach, homes, areas, column
        self._by_county = isinstance(by, str) and by == "county"
        self._measured = measured
        self._n = len(areas.labels)
        self._count = homes.weight * reach.count_people(column)[homes.point]
        self._people = self._total(np.ones(self._count.size))
        self._half: FloatArray | None = None
        name = f"{column}_moe"
        self._margin = reach.count_people(name) if name in reach.demand else None

    def fill(self, judged: Judged) -> pd.DataFrame:
        """Add up what was judged, area by area."""
        people, covered = self._people, self._total(judged.inside)
        columns: dict[str, Any] = {"people": people, "covered": covered, "gap": people - covered}
        with np.errstate(invalid="ignore"):
            columns["share"] = covered / people
            if judged.placed is not None:
                columns["placement_low"], columns["placement_high"] = (
                    self._total(side) / people for side in judged.placed
                )
            columns["listing_low"] = self._total(judged.listing_low) / people
            columns["listing_high"] = self._total(judged.listing_high) / people
            if self._margin is not None:
                whole2 = self._squares(self._margin, self._homes.weight)
                part2 = self._squares(self._margin, self._homes.weight * judged.inside)
                columns["people_moe"] = np.sqrt(whole2)
                columns["share_moe"] = share_margin(covered, people, part2, whole2)
        if self._half is None:
            self._half = self._quantile(judged.nearest, np.full(self._n, 0.5))
        columns[f"nearest_{self._reach.unit}"] = self._half
        named = {*self._areas.labels, *columns, "facilities", "tested", "status", "standard", "group"}
        for name, value in self._measured.items():
            if name in named:
                raise ValueError(f"a measure cannot be called {name!r}: the table has a column of that name")
            columns[name] = self._mean(value[self._homes.point])
        at = self._areas.of_sites
        columns["facilities"] = np.bincount(at[at >= 0], minlength=self._n)
        columns["tested"] = pd.array([judged.tested] * self._n, dtype="str")
        if judged.rule.has_share:
            columns |= self._verdict(judged)
        elif judged.rule.by_county_type and self._by_county:
            columns["county_type"] = self._county_types()
        blank = self._areas.labels.index == ""
        nowhere = "no_facility" if len(self._reach.sites) == 0 else "ok"
        reason = np.where(people == 0, "no_population", nowhere)
        columns["status"] = pd.array(np.where(blank, self._areas.unmatched, reason), dtype="str")
        return pd.concat([self._areas.labels, pd.DataFrame(columns, index=self._areas.labels.index)], axis=1)

    def _total(self, share: FloatArray | BoolArray) -> FloatArray:
        return np.bincount(self._areas.of_people, self._count * share, minlength=self._n).astype(np.float64)

    def _squares(self, margin: FloatArray, shares: FloatArray) -> FloatArray:
        """Add up squared margins of each row: those of different demand points, not of the counties of one."""
        size = margin.size
        cell, where = np.unique(self._areas.of_people * size + self._homes.point, return_inverse=True)
        part = np.bincount(where, shares, minlength=cell.size) * margin[cell % size]
        return np.bincount(cell // size, part**2, minlength=self._n).astype(np.float64)

    def _mean(self, values: FloatArray) -> FloatArray:
        """Mean of each row by people; NaN without any, or where somebody has no value."""
        some = self._count > 0
        rows = self._areas.of_people[some]
        sums = np.bincount(rows, values[some] * self._count[some], minlength=self._n)
        mean: FloatArray = np.divide(sums, self._people, out=np.full(self._n, np.nan), where=self._people > 0)
        return mean

    def _quantile(self, values: FloatArray, shares: FloatArray) -> FloatArray:
        return quantile_by(self._areas.of_people, values, self._count, shares)

    def _county_types(self) -> pd.Series[str]:
        types: pd.Series[str] = county_types(self._homes.vintage)["county_type"]
        return types.reindex(self._areas.labels.index).fillna("")

    def _verdict(self, judged: Judged) -> dict[str, Any]:
        """Say whether each county passes, and by how much it fails if not."""
        rows, size = self._areas.of_people, int(self._homes.county.max(initial=0)) + 2
        cell, place = np.unique(rows * size + self._homes.county + 1, return_inverse=True)
        row = cell // size
        needed = np.bincount(place, self._count * judged.required, minlength=cell.size)
        short = needed - np.bincount(place, self._count * judged.inside, minlength=cell.size)
        short = np.where(short > 1e-9 * needed, short, 0.0)
        failing = np.bincount(row, short > 0, minlength=self._n).astype(np.int64)
        with np.errstate(invalid="ignore"):
            required = self._total(judged.required) / self._people
        verdict = np.where(self._people == 0, "no_population", np.where(failing > 0, "fail", "pass"))
        columns: dict[str, Any] = {}
        if judged.rule.by_county_type and self._by_county:
            columns["county_type"] = self._county_types()
        columns |= {
            "required_share": required,
            "verdict": pd.array(verdict, dtype="str"),
            "people_short": np.bincount(row, short, minlength=self._n),
        }
        if not self._by_county:
            columns["counties_failing"] = failing
        elif judged.single:
            columns[f"needed_{self._reach.unit}"] = self._quantile(judged.nearest, required)
        return columns


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
