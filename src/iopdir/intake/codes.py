"""What the codes of each row mean: levels of care, payments, medications, whom a program is for, languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import StrEnum
from itertools import chain, count, pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.intake.quality import Ledger, Reason
from iopdir.vocabulary.codes import languages
from iopdir.vocabulary.taxonomy import (
    TELEHEALTH,
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
    stated,
)

__all__ = ["read_meanings"]

_KINDS: Final[dict[str, type[StrEnum]]] = {
    "payments": Payment,
    "age_groups": AgeGroup,
    "services": Service,
    "medications": Medication,
    "special_populations": SpecialPopulation,
    "settings": Setting,
    "levels_of_care": LevelOfCare,
}
_TREATS: Final = {"SA", "DT"}
"""Codes that say substance use treatment or withdrawal management."""


def read_meanings(rows: pd.DataFrame, ledger: Ledger) -> None:
    """Say what the codes mean, in place. A listing of mental health care alone states no level of care for us.

    Every word is read once: what it means is a bit of a number, and the numbers of a row are joined.
    """
    said = _Words(rows["codes"])
    for column, kind in _KINDS.items():
        rows[column] = pd.Series(said.meanings(kind), rows.index, dtype="object")
    rows["languages"] = pd.Series(said.languages(), rows.index, dtype="object")
    rows["telehealth"] = said.any_of({TELEHEALTH})
    other = (rows["facility_type"].str.upper() == "MH").to_numpy(bool) & ~said.any_of(_TREATS)
    ledger.note(Reason.NOT_SUBSTANCE_USE, "facility_type", rows.loc[other, "facility_type"])
    none = pd.Series([()] * len(rows), rows.index, dtype="object")
    rows["levels_of_care"] = rows["levels_of_care"].where(~other, none)


class _Words:
    """The codes of all rows end to end, each as its place in the list of those that occur."""

    def __init__(self, cells: Iterable[tuple[str, ...]]) -> None:
        self._cells = list(cells)
        self._ends = np.cumsum([0, *map(len, self._cells)])
        places = defaultdict[str, int](count().__next__)
        listed = map(places.__getitem__, chain.from_iterable(self._cells))
        self._place = np.fromiter(listed, dtype=np.int64, count=self._ends[-1])
        self._words = list(places)

    def _joined(self, bits: Iterable[int]) -> NDArray[np.int64]:
        """Join the bits of the words of each row."""
        bit = np.fromiter(bits, dtype=np.int64, count=len(self._words))
        masks = np.zeros(len(self._cells), dtype=np.int64)
        some = np.diff(self._ends) > 0  # a row without words would get its neighbour's bits
        if some.any():
            masks[some] = np.bitwise_or.reduceat(bit[self._place], self._ends[:-1][some])
        return masks

    def any_of(self, codes: AbstractSet[str]) -> NDArray[np.bool_]:
        """Which rows state any of some codes."""
        return self._joined(word in codes for word in self._words).astype(bool)

    def meanings(self, kind: type[StrEnum]) -> list[tuple[str, ...]]:
        """Say what each row states of one kind; rows that state the same share one tuple."""
        bits = {meaning: 1 << place for place, meaning in enumerate(kind)}
        masks = self._joined(sum(bits[one] for one in stated(kind, (word,))) for word in self._words)
        known = {
            mask: tuple(meaning.value for meaning, bit in bits.items() if mask & bit)
            for mask in np.unique(masks).tolist()
        }
        return [known[mask] for mask in masks.tolist()]

    def languages(self) -> list[tuple[str, ...]]:
        """Languages of each row, in the order of its codes."""
        spoken = [languages((word,)) for word in self._words]
        at = np.flatnonzero(np.array([bool(said) for said in spoken], dtype=bool)[self._place])
        said = [spoken[place] for place in self._place[at].tolist()]
        ends = np.searchsorted(at, self._ends).tolist()
        return [tuple(chain.from_iterable(said[begin:end])) for begin, end in pairwise(ends)]
