"""How unequally access is spread over people: Gini, Theil, Palma and concentration, weighted by people."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.provenance import Provenance, sources_of
from iopdir.spatial.geodesy import FloatArray
from iopdir.text import texts
from iopdir.travel.sites import people

__all__ = ["concentration_index", "equity", "gini", "palma_ratio", "read_values", "theil"]


def gini(measure: pd.Series[Any], demand: pd.DataFrame, *, population: str = "population") -> float:
    """Say how far a measure is from equal for everybody: 0 if all have the same, towards 1 if one has all.

    `G = 1 - sum_i p_i (L_i + L_{i-1})`, people in rising order of the measure, `p_i` their share of all people
    and `L_i` the running share of the total: twice the area between the Lorenz curve and the diagonal.

    Parameters
    ----------
    measure
        Not negative, one value a demand point, indexed by its id.
    demand
        Demand points.
    population
        Column of people: `"population"`, `"poverty"` ...

    Returns
    -------
    float
        0 to 1; NaN if nobody lives there or all values are 0.

    Raises
    ------
    UnknownNameError
        If a demand point has no value, or the column is not known.
    ValueError
        If a value of somebody is negative, missing or infinite.

    Notes
    -----
    Gini C (1912), Variabilita e mutabilita (flag M). With equal weights it equals `inequality.gini.Gini` of PySAL.

    Examples
    --------
    Half the people have all of it:

    >>> import iopdir as iop
    >>> demand = pd.DataFrame({"population": [50, 50]}, index=["a", "b"])
    >>> iop.measures.gini(pd.Series({"a": 0.0, "b": 3.0}), demand)
    0.5
    """
    value, share = _spread(measure, demand, population)
    if not value @ share > 0:
        return float("nan")
    lorenz = np.cumsum(value * share) / (value @ share)
    return float(1.0 - share @ (lorenz + np.r_[0.0, lorenz[:-1]]))


def palma_ratio(measure: pd.Series[Any], demand: pd.DataFrame, *, population: str = "population") -> float:
    """Divide what the best served tenth of people has by what the worst served two fifths have.

    Parameters
    ----------
    measure, demand, population
        As for [`gini`][iopdir.measures.gini].

    Returns
    -------
    float
        0.25 if all have the same; `inf` if the worst served have nothing; NaN if nobody has anything.

    Raises
    ------
    UnknownNameError
        If a demand point has no value, or the column is not known.
    ValueError
        If a value of somebody is negative, missing or infinite.

    Notes
    -----
    Palma JG (2011), Homogeneous middles vs. heterogeneous tails, Development and Change 42:87-153. A demand point on
    the edge of the tenth or the fifths is split.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = pd.DataFrame({"population": [40, 50, 10]}, index=["a", "b", "c"])
    >>> round(iop.measures.palma_ratio(pd.Series({"a": 1.0, "b": 2.0, "c": 8.0}), demand), 6)
    2.0
    """
    value, count = _values(measure, demand, population)
    if not value @ count > 0:
        return float("nan")
    low = _held_by_lowest(value, count, 2, 5)
    high = _held_by_lowest(value[::-1], count[::-1], 1, 10)
    return high / low if low > 0 else float("inf")


def _held_by_lowest(value: FloatArray, count: FloatArray, part: int, of: int) -> float:
    """Add up what the first so many of all people have; the one on the edge is split, and the edge is exact."""
    cut, taken = _edge(count, part, of)
    return math.fsum(value[:cut] * count[:cut]) + float(value[cut]) * taken


def _edge(count: FloatArray, part: int, of: int) -> tuple[int, float]:
    """Find where a share `part / of` of people ends: position, and how many of those there still belong to it.

    In whole numbers of the smallest unit that all counts are multiples of, so that nothing is rounded.
    """
    fractions = [number.as_integer_ratio() for number in count.tolist()]
    unit = max(below for _, below in fractions)  # powers of two
    running = list(accumulate(above * (unit // below) for above, below in fractions))
    wanted = part * running[-1]
    cut = bisect_left(running, wanted, key=lambda so_far: so_far * of)
    return cut, (wanted - of * (running[cut - 1] if cut else 0)) / (of * unit)


def theil(measure: pd.Series[Any], demand: pd.DataFrame, *, population: str = "population") -> float:
    """Measure inequality by entropy: `T = sum_i p_i (x_i / mean) ln(x_i / mean)`, 0 if all have the same.

    Parameters
    ----------
    measure, demand, population
        As for [`gini`][iopdir.measures.gini].

    Returns
    -------
    float
        0 up to the logarithm of the number of people; NaN if nobody has anything.

    Raises
    ------
    UnknownNameError
        If a demand point has no value, or the column is not known.
    ValueError
        If a value of somebody is negative, missing or infinite.

    Notes
    -----
    Theil H (1967), Economics and Information Theory, North-Holland (flag M). A value of 0 counts as 0, the limit of
    `x ln x`. With equal weights it equals `inequality.theil.Theil` of PySAL.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = pd.DataFrame({"population": [50, 50]}, index=["a", "b"])
    >>> round(iop.measures.theil(pd.Series({"a": 0.0, "b": 3.0}), demand), 4)  # ln 2
    0.6931
    """
    value, share = _spread(measure, demand, population)
    if not value @ share > 0:
        return float("nan")
    ratio = value / (value @ share)
    some = ratio > 0
    return float((share[some] * ratio[some]) @ np.log(ratio[some]))


def concentration_index(
    measure: pd.Series[Any],
    demand: pd.DataFrame,
    *,
    rank_by: str | pd.Series[Any],
    population: str = "population",
) -> float:
    """Say whether those who rank high on something else have more access (above 0) or less (below 0).

    `C = 2 / mean * sum_i p_i x_i r_i - 1`, where `r_i` is the middle of the place that people *i* take in the order
    of `rank_by`, from 0 to 1; those who rank equally share a place.

    Parameters
    ----------
    measure, demand, population
        As for [`gini`][iopdir.measures.gini].
    rank_by
        Column of the demand points, or a series indexed like them, such as the share of people in poverty.

    Returns
    -------
    float
        -1 to 1; NaN if nobody has anything.

    Raises
    ------
    UnknownNameError
        If a demand point has no value, or a column is not known.
    ValueError
        If a value or a rank of somebody is missing or infinite, or a value negative.

    Notes
    -----
    Kakwani N, Wagstaff A, van Doorslaer E (1997), Socioeconomic inequalities in health, Journal of Econometrics
    77:87-103.

    Examples
    --------
    The poorest place has all of it:

    >>> import iopdir as iop
    >>> demand = pd.DataFrame({"population": [50, 50], "poverty": [20, 5]}, index=["a", "b"])
    >>> iop.measures.concentration_index(
    ...     pd.Series({"a": 3.0, "b": 0.0}), demand, rank_by=demand["poverty"] / demand["population"]
    ... )
    0.5
    """
    if isinstance(rank_by, str):
        if rank_by not in demand:
            raise UnknownNameError("column to rank by", rank_by, map(str, demand.columns))
        rank_by = demand[rank_by]
    values, people_at = read_values(measure, demand, population, "measure")
    ranks, _ = read_values(rank_by, demand, population, "rank_by")
    count, value, place = _merge(people_at, values, ranks)
    if not value @ count > 0:
        return float("nan")
    share = count / count.sum()
    _, level = np.unique(place, return_inverse=True)
    width = np.bincount(level, share)
    middle = np.cumsum(width) - width / 2
    return float(2.0 * (share * value) @ middle[level] / (value @ share) - 1.0)


def equity(
    measures: pd.Series[Any] | Mapping[str, pd.Series[Any]],
    demand: pd.DataFrame,
    *,
    groups: str | Sequence[str] = ("population",),
    rank_by: str | pd.Series[Any] | None = None,
) -> pd.DataFrame:
    """Lay out how measures are spread over the people of several groups.

    Parameters
    ----------
    measures
        One, or several by name.
    demand
        Demand points.
    groups
        Columns that count people.
    rank_by
        For the concentration index, see [`concentration_index`][iopdir.measures.concentration_index].

    Returns
    -------
    DataFrame
        A row for each measure and group: `measure, group, people, mean, median, share_zero` (of people whose value
        is 0), `gini, palma_ratio, theil`, and `concentration_index` if `rank_by` is given.

    Raises
    ------
    UnknownNameError
        If a demand point has no value, or a column is not known.
    ValueError
        If a value of somebody is negative, missing or infinite.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(level_of_care="iop")
    >>> table = iop.measures.equity(iop.measures.two_step_fca(demand, iops), demand, groups=["population", "poverty"])
    >>> table[["measure", "group"]].to_numpy().tolist()
    [['two_step_fca', 'population'], ['two_step_fca', 'poverty']]
    """
    named = {str(measures.name): measures} if isinstance(measures, pd.Series) else dict(measures)
    groups = [groups] if isinstance(groups, str) else list(groups)
    rows = [
        _describe(measure, demand, group, rank_by) | {"measure": name, "group": group}
        for name, measure in named.items()
        for group in groups
    ]
    table = texts(pd.DataFrame(rows))
    table = table[["measure", "group", *table.columns.drop(["measure", "group"])]]
    table.attrs["provenance"] = Provenance.of(
        sources_of(demand), measures=list(named), groups=groups
    ).to_dict()
    return table


def _describe(
    measure: pd.Series[Any], demand: pd.DataFrame, group: str, rank_by: str | pd.Series[Any] | None
) -> dict[str, Any]:
    value, count = _values(measure, demand, group)
    somebody = value.size > 0
    share = count / count.sum() if somebody else count
    row: dict[str, Any] = {
        "people": math.fsum(people(demand, group)),
        "mean": float(value @ share) if somebody else float("nan"),
        "median": float(value[_edge(count, 1, 2)[0]]) if somebody else float("nan"),
        "share_zero": float(share[value == 0].sum()) if somebody else float("nan"),
        "gini": gini(measure, demand, population=group),
        "palma_ratio": palma_ratio(measure, demand, population=group),
        "theil": theil(measure, demand, population=group),
    }
    if rank_by is not None:
        row["concentration_index"] = concentration_index(measure, demand, rank_by=rank_by, population=group)
    return row


def _spread(measure: pd.Series[Any], demand: pd.DataFrame, population: str) -> tuple[FloatArray, FloatArray]:
    """Give each value in rising order with the share of people who have it; empty if nobody lives there."""
    value, count = _values(measure, demand, population)
    return value, count / count.sum() if count.size else count


def _values(measure: pd.Series[Any], demand: pd.DataFrame, population: str) -> tuple[FloatArray, FloatArray]:
    """Give each value in rising order with the people who have it."""
    count, value = _merge(*read_values(measure, demand, population, "measure")[::-1])
    return value, count


def _merge(count: FloatArray, *keys: FloatArray) -> tuple[FloatArray, ...]:
    """Put those together who are alike: their people, summed exactly, and what they have, in rising order.

    However the people of one place are spread over demand points, what comes out is the same to the last bit.
    """
    order = np.lexsort(keys[::-1])
    count, keys = count[order], tuple(key[order] for key in keys)
    new = np.any([np.diff(key, prepend=np.nan) != 0 for key in keys], axis=0)
    first = np.flatnonzero(new)
    if (count % 1 == 0).all():
        total = np.add.reduceat(count, first) if first.size else count
    else:
        total = np.array([math.fsum(part) for part in np.split(count, first[1:])])
    return (total, *(key[first] for key in keys))


def read_values(
    series: pd.Series[Any], demand: pd.DataFrame, population: str, what: str
) -> tuple[FloatArray, FloatArray]:
    """Give values and people of the demand points where somebody lives."""
    missing = demand.index.difference(series.index)
    if len(missing):
        raise UnknownNameError(f"{what} for demand point", str(missing[0]), map(str, series.index[:1000]))
    count = people(demand, population)
    value = series.reindex(demand.index).to_numpy(dtype=np.float64, na_value=np.nan)[count > 0]
    bad = ~np.isfinite(value) | ((value < 0) if what == "measure" else False)
    if bad.any():
        where = demand.index[count > 0][bad]
        raise ValueError(
            f"{what} of {int(bad.sum())} demand points is negative, missing or infinite, such as"
            f" {value[bad][0]} at {where[0]!r}: leave them out or give them a value"
        )
    return value, count[count > 0]
