"""What colours an area on a map: six classes from best to worst, with their edges and their names in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.units import METRES_PER_MILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["RAMP", "UNKNOWN", "Shades", "classify", "shades"]

RAMP: Final = ("#e3eae6", "#bfd6de", "#93b7d3", "#7a8fc2", "#6f5ba4", "#561a68")
"""From everybody inside to hardly anybody; darker in even steps, so it reads in grey too."""

UNKNOWN: Final = "#d3cfc4"
"""Colour of areas without a figure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shades:
    """Classes of a measure.

    Parameters
    ----------
    column
        Of the table.
    title
        What is measured, in words with its unit; heads the legend.
    edges
        Rising; a value on an edge belongs to the class above it.
    names
        One more than edges, best class first.
    rising
        Whether more is better.
    scale
        What a value is multiplied by to be read.
    """

    column: str
    title: str
    edges: tuple[float, ...]
    names: tuple[str, ...]
    rising: bool = False
    scale: float = 1.0

    def classify(self, values: ArrayLike) -> NDArray[np.int64]:
        """Give each value its class, 0 the best, or -1 where there is none."""
        numbers = np.asarray(values, dtype=float)
        above = np.searchsorted(np.array(self.edges), numbers, side="right")
        order = len(self.edges) - above if self.rising else above
        return np.where(np.isnan(numbers), -1, order)

    @property
    def colours(self) -> tuple[str, ...]:
        """One for each class, from the whole ramp."""
        return tuple(RAMP[self.step(order)] for order in range(len(self.names)))

    def step(self, order: int) -> int:
        """Give the step of the ramp for a class."""
        return round(order * (len(RAMP) - 1) / max(1, len(self.names) - 1))


_SHARE: Final = Shades(
    column="share", title="People within", edges=(0.25, 0.50, 0.75, 0.90, 0.995), rising=True,
    names=("99.5% or more", "90 to 99.5%", "75 to 90%", "50 to 75%", "25 to 50%", "under 25%"),
)  # fmt: skip
_GAP: Final = Shades(
    column="gap", title="People outside", edges=(0.5, 1_000, 5_000, 20_000, 100_000),
    names=("nobody", "under 1,000", "1,000 to 5,000", "5,000 to 20,000", "20,000 to 100,000", "100,000 or more"),
)  # fmt: skip
_MILES: Final = Shades(
    column="nearest_m", title="Miles to the nearest facility (median)",
    edges=tuple(miles * METRES_PER_MILE for miles in (5, 10, 20, 30, 60)),
    names=("under 5 miles", "5 to 10 miles", "10 to 20 miles", "20 to 30 miles", "30 to 60 miles", "60 miles or more"),
)  # fmt: skip
_MINUTES: Final = Shades(
    column="nearest_min", title="Minutes to the nearest facility (median)", edges=(10, 20, 30, 45, 60),
    names=("under 10 min", "10 to 20 min", "20 to 30 min", "30 to 45 min", "45 to 60 min", "60 min or more"),
)  # fmt: skip
_FIXED: Final[Mapping[str, Shades]] = {each.column: each for each in (_SHARE, _GAP, _MILES, _MINUTES)} | {
    "miles": _MILES,
    "minutes": _MINUTES,
}
"""By column, or by the word people use for it."""

_BOUNDS: Final[Mapping[str, str]] = {
    "estimate_low": "People within, were every drive slow",
    "estimate_high": "People within, were every drive quick",
    "listing_low": "People within, were few listings active",
    "listing_high": "People within, were most listings active",
    "placement_low": "People within, were facilities farther",
    "placement_high": "People within, were facilities nearer",
}
_NO_MEASURE: Final = ("people", "covered", "vintage", "order")
_PER: Final = 100_000.0
_RATIOS: Final = ("2sfca", "3sfca", "sfca", "fca", "per_person", "opportunit")
"""Parts of the names of measures that are facilities per person."""


def shades(table: pd.DataFrame, value: str) -> Shades:
    """Find the classes for a column of a table.

    Parameters
    ----------
    table
        One row an area.
    value
        ``"share"``, ``"gap"``, ``"nearest_m"``, ``"nearest_min"`` (or ``"minutes"``), or any other numeric column, such
        as one of `measures`; these fall into classes of about as many areas each, more being better unless the name
        says cost.

    Raises
    ------
    UnknownNameError
        If there is no such column, or no measure is in it.

    Examples
    --------
    >>> shades(pd.DataFrame({"nearest_min": [4.0]}), "minutes").names[0]
    'under 10 min'
    >>> found = shades(pd.DataFrame({"e2sfca": [1e-5, 2e-5, 3e-5, 4e-5, 5e-5, 6e-5]}), "e2sfca")
    >>> found.title, found.names[0]
    ('e2sfca: facilities per 100,000 people', '5.2 or more')
    """
    fixed = _FIXED.get(value)
    column = fixed.column if fixed else value
    if column not in table or column in _NO_MEASURE or not pd.api.types.is_numeric_dtype(table[column]):
        known = [str(name) for name in table.select_dtypes("number") if name not in _NO_MEASURE]
        raise UnknownNameError("value to map", value, known)
    if fixed:
        return fixed
    if value in _BOUNDS:
        return Shades(column=value, title=_BOUNDS[value], edges=_SHARE.edges, names=_SHARE.names, rising=True)
    return _even(table[value].to_numpy(dtype=float), value)


def _even(values: NDArray[np.float64], name: str) -> Shades:
    """Cut a measure into classes of about as many areas each, at round numbers."""
    ratio = any(part in name for part in _RATIOS)
    words = name.replace("_", " ")
    known = values[np.isfinite(values)]
    cuts = np.quantile(known, np.arange(1, len(RAMP)) / len(RAMP)) if len(known) else np.array([])
    scale = _PER if ratio else 1.0
    rounded = sorted({float(f"{cut * scale:.2g}") for cut in cuts})
    shown = [f"{cut:,g}" for cut in rounded]
    between = [f"{low} to {high}" for low, high in pairwise(shown)]
    names = [f"under {shown[0]}", *between, f"{shown[-1]} or more"] if shown else ["any"]
    rising = "cost" not in name and "raam" not in name
    return Shades(
        column=name,
        title=f"{words}: facilities per 100,000 people" if ratio else words,
        edges=tuple(cut / scale for cut in rounded),
        names=tuple(reversed(names)) if rising else tuple(names),
        rising=rising,
        scale=scale,
    )


def classify(table: pd.DataFrame, value: str = "share") -> pd.Series[Any]:
    """Give each row its class, 0 (best) to 5, or -1 where there is no figure.

    Examples
    --------
    >>> classify(pd.DataFrame({"share": [1.0, 0.9, 0.0, float("nan")]})).tolist()
    [0, 1, 5, -1]
    >>> classify(pd.DataFrame({"gap": [0.0, 1000.0, 2e6]}), "gap").tolist()
    [0, 2, 5]
    """
    found = shades(table, value)
    return pd.Series(found.classify(table[found.column]), index=table.index)
