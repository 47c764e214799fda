"""What the codes of each row mean: levels of care, payments, medications, whom a program is for, languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final

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

_READERS: Final[dict[str, Callable[[Sequence[str]], tuple[str, ...]]]] = {
    "payments": partial(stated, Payment),
    "age_groups": partial(stated, AgeGroup),
    "services": partial(stated, Service),
    "medications": partial(stated, Medication),
    "special_populations": partial(stated, SpecialPopulation),
    "settings": partial(stated, Setting),
    "languages": languages,
    "levels_of_care": partial(stated, LevelOfCare),
}
_TREATS: Final = {"SA", "DT"}
"""Codes that say substance use treatment or withdrawal management."""


def read_meanings(rows: pd.DataFrame, ledger: Ledger) -> None:
    """Say what the codes mean, in place. A listing of mental health care alone states no level of care for us.

    Every word is read once, and every combination of words that mean something once.
    """
    cells = list(rows["codes"])
    word, words = pd.factorize(np.array(list(chain.from_iterable(cells)), dtype=object))
    owner = np.repeat(np.arange(len(cells)), [len(cell) for cell in cells])
    for column, read in _READERS.items():
        says = np.array([bool(read((one,))) for one in words], dtype=bool)
        where = np.flatnonzero(says[word]) if len(words) else np.empty(0, dtype=np.int64)
        rows[column] = pd.Series(
            _gathered(owner[where], word[where], words, read, len(cells)), rows.index, dtype="object"
        )
    rows["telehealth"] = [TELEHEALTH in cell for cell in cells]
    treats = np.array([not _TREATS.isdisjoint(cell) for cell in cells], dtype=bool)
    other = (rows["facility_type"].str.upper() == "MH").to_numpy(bool) & ~treats
    ledger.note(Reason.NOT_SUBSTANCE_USE, "facility_type", rows.loc[other, "facility_type"])
    rows["levels_of_care"] = rows["levels_of_care"].where(~other, pd.Series([()] * len(rows), rows.index))


def _gathered(
    owner: NDArray[np.int64],
    word: NDArray[np.int64],
    words: NDArray[Any],
    read: Callable[[Sequence[str]], tuple[str, ...]],
    n: int,
) -> list[tuple[str, ...]]:
    """Read the words of each row together; rows with the same words share one tuple."""
    ends = np.searchsorted(owner, np.arange(n + 1)).tolist()
    listed = word.tolist()
    known: dict[tuple[int, ...], tuple[str, ...]] = {(): ()}
    cells = []
    for row in range(n):
        key = tuple(listed[ends[row] : ends[row + 1]])
        if key not in known:
            known[key] = tuple(map(str, read([words[place] for place in key])))
        cells.append(known[key])
    return cells
