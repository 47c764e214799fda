"""Access of the richest beside access of the poorest: the Palma ratio that planners use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.measures.inequality import read_values
from iopdir.spatial.geodesy import FloatArray

__all__ = ["palma_ratio_by_income"]


def palma_ratio_by_income(
    measure: pd.Series[Any],
    demand: pd.DataFrame,
    *,
    income: str = "income",
    population: str = "population",
) -> float:
    """Divide the mean access of the richest tenth of people by that of the poorest two fifths.

    Unlike [`palma_ratio`][iopdir.measures.palma_ratio], which ranks people by access itself.

    Parameters
    ----------
    measure
        Not negative, one value a demand point, indexed by its id; more is better.
    demand
        Demand points.
    income
        Column of income a person (or a household), not the sum of a place.
    population
        Column of people.

    Returns
    -------
    float
        1 if both have the same, above 1 if the rich have more; `inf` if the poorest have nothing and the richest
        something; NaN if neither has anything, or no place is that rich.

    Raises
    ------
    UnknownNameError
        If a demand point has no value, or a column is not known.
    ValueError
        If a value or an income of somebody is missing or infinite, or a value is negative.

    Notes
    -----
    As `palma_ratio` of R `accessibility`: a place is among the poorest if its income is at most the 40th percentile of
    people, among the richest if it is above the 90th; percentiles as `wtd.quantile` of R `Hmisc` gives them, people as
    frequencies. Places are not split.

    Examples
    --------
    >>> import iopdir as iop
    >>> towns = pd.DataFrame({"population": [50, 40, 10], "income": [20, 40, 90]}, index=["a", "b", "c"])
    >>> iop.measures.palma_ratio_by_income(pd.Series({"a": 1.0, "b": 2.0, "c": 3.0}), towns)
    3.0
    """
    value, count = read_values(measure, demand, population, "measure")
    earned, _ = read_values(_column(demand, income), demand, population, "income")
    if not count.size:
        return float("nan")
    poor, rich = _percentiles(earned, count, (0.4, 0.9))
    low, high = earned <= poor, earned > rich
    if not (low.any() and high.any()):
        return float("nan")
    poorest, richest = (float(np.average(value[some], weights=count[some])) for some in (low, high))
    if poorest > 0:
        return richest / poorest
    return float("inf") if richest > 0 else float("nan")


def _column(demand: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in demand:
        raise UnknownNameError("column of income", name, map(str, demand.columns))
    return demand[name]


def _percentiles(values: FloatArray, count: FloatArray, shares: tuple[float, ...]) -> list[float]:
    """Find percentiles of people, each standing for himself, between two of them in a line."""
    order = np.argsort(values, kind="stable")
    sorted_values, running = values[order], np.cumsum(count[order])
    everybody = running[-1]
    found = []
    for share in shares:
        place = 1 + (everybody - 1) * share
        low = max(np.floor(place), 1.0)
        ends = np.array([low, min(low + 1, everybody)])
        below, above = sorted_values[np.minimum(np.searchsorted(running, ends), running.size - 1)]
        part = place % 1
        found.append(float((1 - part) * below + part * above))
    return found
