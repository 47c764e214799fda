"""The table of coverage: one row an area, adding up what was judged for every demand point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from iopdir.geography.areas import Areas, By, Residence
from iopdir.spatial.geodesy import FloatArray
from iopdir.standards.chances import share_margin
from iopdir.standards.judge import Judged
from iopdir.standards.verdicts import Verdicts, quantile_by
from iopdir.text import TEXT
from iopdir.travel.cost import BoolArray
from iopdir.travel.reach import Reach

__all__ = ["Table"]


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
        asked = people if judged.applies.all() else self._total(judged.applies)
        columns: dict[str, Any] = {"people": people, "covered": covered, "gap": asked - covered}
        if judged.rule.state is not None:
            columns["people_not_required"] = people - asked
        with np.errstate(invalid="ignore"):
            columns["share"] = covered / asked
            for name, sides in (("placement", judged.placed), ("estimate", judged.estimated)):
                if sides is not None:
                    low, high = (self._total(judged.applies & side) / asked for side in sides)
                    columns[f"{name}_low"], columns[f"{name}_high"] = low, high
            columns["listing_low"] = self._total(judged.listing_low) / asked
            columns["listing_high"] = self._total(judged.listing_high) / asked
            if self._margin is not None:
                whole2 = self._squares(self._margin, self._homes.weight * judged.applies)
                part2 = self._squares(self._margin, self._homes.weight * judged.inside)
                columns["people_moe"] = np.sqrt(self._squares(self._margin, self._homes.weight))
                columns["share_moe"] = share_margin(covered, asked, part2, whole2)
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
        columns["tested"] = pd.array(self._tested(judged), dtype=TEXT)
        verdict = Verdicts(
            judged,
            self._areas.of_people,
            self._homes.county,
            self._count,
            people,
            asked,
            self._areas.labels.index,
        )
        if judged.rule.by_county_type and self._by_county:
            columns["county_type"] = verdict.county_types(self._homes.vintage)
        if judged.rule.has_share:
            columns |= verdict.columns(by_county=self._by_county, unit=self._reach.unit)
        blank = self._areas.labels.index == ""
        nowhere = "no_facility" if len(self._reach.sites) == 0 else "ok"
        reason = np.select([people == 0, asked == 0], ["no_population", "not_required"], nowhere)
        columns["status"] = pd.array(np.where(blank, self._areas.unmatched, reason), dtype=TEXT)
        return pd.concat([self._areas.labels, pd.DataFrame(columns, index=self._areas.labels.index)], axis=1)

    def _tested(self, judged: Judged) -> list[str]:
        """Say for each row what of the standard was tested; of classes that are tested alike, once."""
        words = sorted(set(judged.tested))
        if len(words) == 1 and judged.applies.all():
            return words * self._n
        number = np.append([words.index(text) for text in judged.tested], len(words))[judged.limit]
        found = np.zeros((self._n, len(words) + 1), dtype=bool)
        some = self._count > 0
        found[self._areas.of_people[some], number[some]] = True
        every = "; ".join(words)
        return [
            "; ".join(word for word, is_there in zip(words, row[:-1], strict=True) if is_there)
            or ("nothing" if row[-1] else every)
            for row in found.tolist()
        ]

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
