"""Who stays: survival models through the two drop-out figures that the document quotes.

The document says that some 30 % leave in the first month and 50 % or more before three months. Two points do
not make a curve: three models meet them (or the first of them), and this module says what they can and cannot
tell apart. The figures are quoted from literature that was not read; see the claims table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from iopdir.provenance import Provenance, Source
from iopdir.text import texts

if TYPE_CHECKING:
    from iopdir.schema.program import Program

__all__ = [
    "QUOTED_DROPOUT",
    "TEDS_2004",
    "RetentionModel",
    "constant_hazard",
    "piecewise_hazard",
    "retention_models",
    "simulate_cohort",
    "teds_2004",
    "weibull_hazard",
]

WEEKS_PER_MONTH: Final = 365.25 / 12 / 7
"""A twelfth of a Julian year, in weeks."""

QUOTED_DROPOUT: Final = ((1.0, 0.30), (3.0, 0.50))
"""Months and share who left by then, as the document quotes them; the second is "or more"."""

_QUOTED: Final = Source(name="the document's figures on who leaves, see claims()")

TEDS_2004: Final = {
    "intensive_outpatient": {
        "median_days": 41,
        "median_days_completed": 50,
        "completed_or_transferred": 0.556,
    },
    "regular_outpatient": {
        "median_days": 69,
        "median_days_completed": 104,
        "completed_or_transferred": 0.481,
    },
}
"""Discharges of 2004 by type of care: SAMHSA, Treatment Episode Data Set (tables 4.11, 3.4 and 2.5; S, excerpts)."""

NINETY_DAYS: Final = 90 / 7 / WEEKS_PER_MONTH
"""Ninety days, in months."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionModel:
    """Share of a cohort still attending, as a function of months since admission.

    Parameters
    ----------
    name
        What the model assumes.
    curve
        Months -> share still attending, on arrays.
    parameters
        Its numbers, by name.
    bends
        Months at which the rate of leaving jumps, if it does.
    """

    name: str
    curve: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    parameters: dict[str, float]
    bends: tuple[float, ...] = ()

    def attending(self, months: ArrayLike) -> NDArray[np.float64]:
        """Share still attending after so many months (0 or more).

        Raises
        ------
        ValueError
            If a month is negative or NaN.
        """
        time = np.asarray(months, dtype="float64")
        if not (time >= 0).all():
            raise ValueError("months since admission must be 0 or more")
        return self.curve(time)

    def expected_weeks(self, months: float) -> float:
        """Weeks that a person attends on average, of a program that lasts so many months.

        The area under the curve, by Gauss-Legendre quadrature on pieces that shrink toward admission, where a
        Weibull with falling hazard is steepest, and end where the curve bends.
        """
        nodes, weights = np.polynomial.legendre.leggauss(20)
        edges = np.unique(np.concatenate([[0.0, *self.bends], np.geomspace(1e-9, 1, 60) * months]))
        edges = edges[edges <= months]
        low, width = edges[:-1, None], np.diff(edges)[:, None]
        area = (self.attending(low + width * (nodes + 1) / 2) * weights * width / 2).sum()
        return float(area * WEEKS_PER_MONTH)

    def expected_hours(self, program: Program) -> float:
        """Hours of care that a person receives on average in a program.

        Raises
        ------
        ValueError
            If the program does not say how long it lasts or how many hours a week it has.
        """
        hours = program.hours_per_session
        if program.total_hours is None or hours is None or isinstance(hours, tuple):
            raise ValueError(
                "the program must state weeks, sessions a week and one number of hours a session"
            )
        sessions = program.schedule or (program.sessions_per_week or 0.0,)
        ends = range(len(sessions) + 1) if program.schedule else (0.0, program.weeks or 0.0)
        attended = [self.expected_weeks(end / WEEKS_PER_MONTH) for end in ends]
        return float(np.diff(attended) @ np.array(sessions)) * hours


def constant_hazard(*, dropout: float = 0.30, months: float = 1.0) -> RetentionModel:
    """Assume that people leave at the same rate all the time, set by one point.

    Parameters
    ----------
    dropout
        Share who left, between 0 and 1.
    months
        By then.

    Returns
    -------
    RetentionModel
        With `hazard` a month.

    Raises
    ------
    ValueError
        If the share or the time is out of range.

    Examples
    --------
    Through the document's first figure it loses 66 % by three months, which only the words "or more" allow:

    >>> import iopdir as iop
    >>> round(float(1 - iop.evidence.constant_hazard().attending(3.0)), 3)
    0.657
    """
    _check_points([(months, dropout)])
    hazard = -math.log1p(-dropout) / months
    return RetentionModel(
        name="constant hazard", curve=lambda time: np.exp(-hazard * time), parameters={"hazard": hazard}
    )


def weibull_hazard(points: Sequence[tuple[float, float]] = QUOTED_DROPOUT) -> RetentionModel:
    """Pass a Weibull curve through two points, in closed form.

    Parameters
    ----------
    points
        Two pairs of months and share who left by then, both growing.

    Returns
    -------
    RetentionModel
        With `shape` (below 1: the longer a person stays, the less likely to leave) and `scale` in months.

    Raises
    ------
    ValueError
        If there are not two growing points.

    Notes
    -----
    With S(t) = exp(-(t / scale) ** shape) and two points, shape = ln(ln S2 / ln S1) / ln(t2 / t1).

    Examples
    --------
    >>> import iopdir as iop
    >>> model = iop.evidence.weibull_hazard()
    >>> round(model.parameters["shape"], 2), model.attending([1.0, 3.0]).round(3).tolist()
    (0.6, [0.7, 0.5])
    """
    if len(points) != 2:
        raise ValueError("a Weibull curve has two parameters: give two points")
    _check_points(points)
    (first, lost_first), (second, lost_second) = points
    ratio = math.log1p(-lost_second) / math.log1p(-lost_first)
    shape = math.log(ratio) / math.log(second / first)
    scale = first / (-math.log1p(-lost_first)) ** (1 / shape)
    return RetentionModel(
        name="Weibull",
        curve=lambda time: np.exp(-((time / scale) ** shape)),
        parameters={"shape": shape, "scale": scale},
    )


def piecewise_hazard(points: Sequence[tuple[float, float]] = QUOTED_DROPOUT) -> RetentionModel:
    """Let the rate of leaving change at each point, and stay as it was after the last.

    Parameters
    ----------
    points
        Pairs of months and share who left by then, both growing.

    Returns
    -------
    RetentionModel
        With `hazard_1`, `hazard_2` and so on, a month.

    Raises
    ------
    ValueError
        If the points do not grow.

    Examples
    --------
    >>> import iopdir as iop
    >>> model = iop.evidence.piecewise_hazard()
    >>> {name: round(value, 3) for name, value in model.parameters.items()}
    {'hazard_1': 0.357, 'hazard_2': 0.168}
    """
    _check_points(points)
    times = np.array([0.0, *(time for time, _ in points)])
    total = np.array([0.0, *(-math.log1p(-lost) for _, lost in points)])
    hazards = np.diff(total) / np.diff(times)

    def curve(time: NDArray[np.float64]) -> NDArray[np.float64]:
        beyond = np.maximum(time - times[-1], 0.0) * hazards[-1]
        survival: NDArray[np.float64] = np.exp(-(np.interp(time, times, total) + beyond))
        return survival

    names = {f"hazard_{number}": float(hazard) for number, hazard in enumerate(hazards, start=1)}
    bends = tuple(float(time) for time in times[1:-1])
    return RetentionModel(name="piecewise hazard", curve=curve, parameters=names, bends=bends)


def _check_points(points: Sequence[tuple[float, float]]) -> None:
    before = (0.0, 0.0)
    for time, lost in points:
        if not (time > before[0] and before[1] < lost < 1):
            raise ValueError(f"months and shares must grow, shares between 0 and 1: {list(points)}")
        before = (time, lost)


def retention_models(*, by_three_months: float = 0.50, months: float = 3.0) -> pd.DataFrame:
    """Set the three models side by side.

    Parameters
    ----------
    by_three_months
        The second figure; vary it to see what "or more" is worth.
    months
        Length of the program.

    Returns
    -------
    DataFrame
        Indexed by `model`: share still attending after one and three months, at 90 days, after six months, and
        `expected_weeks` in a program of that length.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.evidence.retention_models()["at_3_months"].round(2).to_dict()
    {'constant hazard': 0.34, 'Weibull': 0.5, 'piecewise hazard': 0.5}
    """
    points = (QUOTED_DROPOUT[0], (QUOTED_DROPOUT[1][0], by_three_months))
    rows = []
    for model in (constant_hazard(), weibull_hazard(points), piecewise_hazard(points)):
        at = model.attending([1.0, 3.0, NINETY_DAYS, 6.0])
        rows.append(
            {
                "model": model.name,
                "at_1_month": at[0],
                "at_3_months": at[1],
                "at_90_days": at[2],
                "at_6_months": at[3],
                "expected_weeks": model.expected_weeks(months),
            }
        )
    table = texts(pd.DataFrame(rows).set_index("model"))
    about = Provenance.of([_QUOTED], by_three_months=by_three_months, months=months)
    table.attrs["provenance"] = about.to_dict()
    return table


def teds_2004() -> pd.DataFrame:
    """Set stays in intensive and in regular outpatient care side by side, as discharged in 2004.

    Leaving is not dropping out: who leaves may have completed or gone on to other care. A stay is not the planned
    length of a program, the shares are not adjusted for who was admitted, and the figures are old.

    Returns
    -------
    DataFrame
        Indexed by `care`: `median_days` of a stay, `median_days_completed` of those who completed, and
        `completed_or_transferred`, a share of episodes.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.evidence.teds_2004().loc["intensive_outpatient"].to_dict()
    {'median_days': 41.0, 'median_days_completed': 50.0, 'completed_or_transferred': 0.556}
    """
    table = texts(pd.DataFrame.from_dict(TEDS_2004, orient="index").rename_axis("care"))
    source = Source(name="TEDS discharges, tables 2.5, 3.4 and 4.11", edition="2004")
    table.attrs["provenance"] = Provenance.of([source]).to_dict()
    return table


def simulate_cohort(
    model: RetentionModel, *, people: int, seed: int, months: float = 3.0
) -> pd.Series[float]:
    """Draw how long each of so many people attends.

    Parameters
    ----------
    model
        A retention model.
    people
        Size of the cohort.
    seed
        Same seed, same cohort.
    months
        Length of the program; who is still there then has completed it.

    Returns
    -------
    Series[float]
        Weeks attended, one for each person, at most the length of the program.

    Raises
    ------
    ValueError
        If there is nobody in the cohort.

    Examples
    --------
    >>> import iopdir as iop
    >>> weeks = iop.evidence.simulate_cohort(iop.evidence.weibull_hazard(), people=10_000, seed=1)
    >>> round(float((weeks >= weeks.max()).mean()), 2)
    0.5
    """
    if people < 1:
        raise ValueError("a cohort has at least one person")
    grid = np.concatenate([[0.0], np.geomspace(1e-9, months, 20_000)])
    left = 1.0 - model.attending(grid)
    draws = np.random.default_rng(seed).random(people)
    stayed = np.where(draws >= left[-1], months, np.interp(draws, left, grid))
    weeks = pd.Series(stayed * WEEKS_PER_MONTH, name="weeks")
    made_up = Source(name="SYNTHETIC cohort", synthetic=True)
    about = Provenance.of(
        [made_up], model=model.name, **model.parameters, people=people, seed=seed, months=months
    )
    weeks.attrs["provenance"] = about.to_dict()
    return weeks
