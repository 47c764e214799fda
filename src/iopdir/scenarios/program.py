"""Whole-number programs, written row by row and solved by HiGHS, with the best bound it proved."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["Clock", "Program", "Solved"]

_GAP: Final = 1e-9
"""Relative distance of the best found from the bound at which a program counts as solved."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """What came out.

    Parameters
    ----------
    values
        Of the variables; empty if nothing was found in time.
    bound
        Beyond which no solution can be.
    proven
        Whether it is known to be the best, or that there is none.
    feasible
        Whether there is a solution; None if nobody found out in time.
    """

    values: FloatArray
    bound: float
    proven: bool
    feasible: bool | None


class Program:
    """A linear program in which some variables are whole numbers.

    Parameters
    ----------
    most
        Whether the sum of costs is to be as large as can be, rather than as small.

    Examples
    --------
    >>> program = Program(most=True)
    >>> x = program.variables([3.0, 2.0], whole=True)
    >>> program.rows(1, row=[0, 0], column=x, value=[1.0, 1.0], high=1.0)
    >>> program.solve().values.round().tolist()[0]
    1.0
    """

    def __init__(self, *, most: bool) -> None:
        self._most = most
        self._cost: list[FloatArray] = []
        self._high: list[FloatArray] = []
        self._whole: list[NDArray[np.bool_]] = []
        self._rows: list[tuple[IntArray, IntArray, FloatArray]] = []
        self._limits: list[tuple[FloatArray, FloatArray]] = []
        self._n = self._m = 0

    def variables(self, cost: ArrayLike, *, high: ArrayLike = 1.0, whole: bool = False) -> IntArray:
        """Add variables from 0 up to `high`; give their numbers."""
        costs = np.atleast_1d(np.asarray(cost, dtype=np.float64))
        self._cost.append(costs)
        self._high.append(np.broadcast_to(np.asarray(high, dtype=np.float64), costs.shape))
        self._whole.append(np.full(costs.size, whole))
        self._n += costs.size
        return np.arange(self._n - costs.size, self._n)

    def rows(
        self,
        count: int,
        *,
        row: ArrayLike,
        column: ArrayLike,
        value: ArrayLike,
        low: ArrayLike = -math.inf,
        high: ArrayLike = math.inf,
    ) -> None:
        """Add rows: sums of variables by value, between `low` and `high`; `row` counts from 0 among these."""
        rows, columns = np.asarray(row, dtype=np.int64), np.asarray(column, dtype=np.int64)
        values = np.broadcast_to(np.asarray(value, dtype=np.float64), rows.shape)
        self._rows.append((rows + self._m, columns, values))
        ends = (np.broadcast_to(np.asarray(end, dtype=np.float64), (count,)) for end in (low, high))
        self._limits.append((next(ends), next(ends)))
        self._m += count

    def solve(self, *, seconds: float = math.inf, start: FloatArray | None = None) -> Solved:
        """Look for the best.

        Parameters
        ----------
        seconds
            When to give up and take the best found so far.
        start
            A solution known already.

        Returns
        -------
        Solved
            The best found, and the bound.
        """
        import highspy

        make: Any = highspy
        solver = make._Highs()  # `Highs` writes to standard output before it can be told not to
        for name, option in (
            ("output_flag", False), ("mip_rel_gap", _GAP), ("mip_abs_gap", _GAP), ("random_seed", 0),
            ("mip_feasibility_tolerance", 1e-7),
        ):  # fmt: skip
            solver.setOptionValue(name, option)
        if math.isfinite(seconds):
            solver.setOptionValue("time_limit", max(float(seconds), 0.01))
        solver.passModel(self._model(highspy))
        if start is not None:
            known = highspy.HighsSolution()
            known.col_value = start.tolist()
            solver.setSolution(known)
        solver.run()
        status, about = solver.getModelStatus(), solver.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Solved(values=np.zeros(0), bound=math.nan, proven=True, feasible=False)
        found = about.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        whole = any(part.any() for part in self._whole)
        values = np.array(solver.getSolution().col_value) if found else np.zeros(0)
        return Solved(
            values=values,
            bound=float(about.mip_dual_bound if whole else about.objective_function_value),
            proven=status == highspy.HighsModelStatus.kOptimal,
            feasible=True if found else None,
        )

    def _model(self, highspy: Any) -> Any:  # noqa: ANN401 - the solver's own types
        row, column, value = (np.concatenate(parts) for parts in zip(*self._rows, strict=True))
        order = np.argsort(row, kind="stable")
        begin = np.searchsorted(row[order], np.arange(self._m + 1))
        low, high = (np.concatenate(parts) for parts in zip(*self._limits, strict=True))
        cost, top, whole = (np.concatenate(parts) for parts in (self._cost, self._high, self._whole))
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self._n, self._m
        model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(self._n), top
        model.row_lower_, model.row_upper_ = low, high
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = begin
        model.a_matrix_.index_, model.a_matrix_.value_ = column[order], value[order]
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger if yes else kinds.kContinuous for yes in whole]
        model.sense_ = highspy.ObjSense.kMaximize if self._most else highspy.ObjSense.kMinimize
        return model


class Clock:
    """How much of a time limit is left.

    Parameters
    ----------
    seconds
        The limit.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds, 0 or more."""
        return max(self._end - time.monotonic(), 0.0)
