"""What a cost between people and facilities must answer, whatever its kind: straight lines, a matrix, roads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iopdir.errors import UnitError
from iopdir.provenance import Source
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.off import Off
from iopdir.units import parse_distance, parse_duration

if TYPE_CHECKING:
    from iopdir.travel.sites import Points, Sites

__all__ = [
    "Answer",
    "BoolArray",
    "Cost",
    "CostLike",
    "Pairs",
    "Unit",
    "Ways",
    "check_unit",
    "parse_cost",
    "read_limit",
]

Unit = Literal["m", "min"]
"""Metres or minutes."""

Answer: TypeAlias = tuple[IntArray, FloatArray, FloatArray]
"""Positions, costs, bearings in degrees: each of shape (origins, k), -1, `inf` and NaN where there is nothing."""

Pairs: TypeAlias = tuple[IntArray, IntArray, FloatArray]
"""Position of the demand point (rising), position of the site, cost (rising for each demand point)."""

BoolArray: TypeAlias = NDArray[np.bool_]


class Cost(Protocol):
    """A kind of cost. A new kind is a new class with these; nothing else asks which kind it is."""

    @property
    def unit(self) -> Unit:
        """Of all its amounts."""

    @property
    def located(self) -> bool:
        """Whether it needs to know where people and sites are."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """What it was made from."""

    def bind(self, people: Points, sites: Sites) -> Ways:
        """Tie demand points to sites."""


class Ways(Protocol):
    """The ways between some demand points and some sites: n of the ones, m of the others."""

    def nearest(self, k: int, limit: float) -> Answer:
        """Give the k cheapest sites of each demand point, none beyond the limit; equals in order of position."""

    def at_people(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of sites, shape (m,), within limits, shape (r,), of each demand point: shape (n, r).

        The sums of a demand point are the same bits whoever else is asked about.
        """

    def at_sites(self, values: FloatArray, limits: FloatArray) -> FloatArray:
        """Add up values of demand points, shape (n,), within limits, shape (r,), of each site: shape (m, r)."""

    def pairs(self, limit: float) -> Pairs:
        """List the pairs within a limit."""

    def placed(self, limits: FloatArray) -> tuple[BoolArray, BoolArray] | None:
        """Say who surely and who possibly has a site within limits, shape (n, r), wherever in its ZIP each site is.

        None where the cost does not depend on where a site is drawn.
        """

    @property
    def off(self) -> Off | None:
        """Who cannot be reached because no road is near; None where every point will do."""

    def radii(self, limit: float) -> FloatArray | None:
        """Turn a limit into metres over the ground from each demand point, shape (n,), where it is nothing else."""

    @property
    def bounds(self) -> tuple[Ways, Ways] | None:
        """The same ways at the 10th and the 90th percentile, if the costs are estimates; None if they are measured."""


CostLike: TypeAlias = "Cost | Literal['drive-estimate'] | None"
"""A cost, the name of one, or None for straight lines."""


def parse_cost(limit: str | float) -> tuple[float, Unit]:
    """Read a limit of distance or time.

    Parameters
    ----------
    limit
        Text with a unit of length or time, or a number of metres.

    Returns
    -------
    tuple[float, Unit]
        Metres and ``"m"``, or minutes and ``"min"``.

    Raises
    ------
    UnitError
        If it is neither.

    Examples
    --------
    >>> parse_cost("30 mi"), parse_cost("0.5 h")
    ((48280.32, 'm'), (30.0, 'min'))
    """
    try:
        return parse_distance(limit), "m"
    except UnitError:
        if not isinstance(limit, str):
            raise
    try:
        return parse_duration(limit), "min"
    except UnitError:
        raise UnitError(
            f"cannot read {limit!r}: write a number and a unit, such as '30 mi' or '20 min'"
        ) from None


def read_limit(limit: str | float | None, unit: Unit, what: str = "max_cost") -> float:
    """Read a limit in the unit of the costs.

    Parameters
    ----------
    limit
        Text with a unit, or a number of metres or minutes, whichever the costs are in; None for no limit.
    unit
        Of the costs.
    what
        What to call it in an error.

    Returns
    -------
    float
        The amount, `inf` for none.

    Raises
    ------
    UnitError
        If it is in another unit, or cannot be read.

    Examples
    --------
    >>> read_limit("30 mi", "m"), read_limit("0.5 h", "min"), read_limit(20, "min"), read_limit(None, "m")
    (48280.32, 30.0, 20.0, inf)
    """
    if limit is None:
        return math.inf
    amount, given = parse_cost(limit)
    if isinstance(limit, str):
        check_unit(given, unit, what)
    return amount


def check_unit(given: Unit, unit: Unit, what: str) -> None:
    """Make sure that a limit is in the unit of the costs.

    Parameters
    ----------
    given
        Unit of the limit.
    unit
        Unit of the costs.
    what
        What to call it in an error.

    Raises
    ------
    UnitError
        If it is not.

    Examples
    --------
    >>> check_unit("min", "m", "the limit")
    Traceback (most recent call last):
    iopdir.errors.UnitError: the limit is in min and the costs in m, which do not mix: give cost=, such as a CostMatrix
    in min
    """
    if given != unit:
        raise UnitError(
            f"{what} is in {given} and the costs in {unit}, which do not mix: give "
            + ("cost=, such as a CostMatrix in min" if given == "min" else "minutes")
        )
