"""How much less a facility counts the farther it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from iopdir.errors import UnitError
from iopdir.spatial.geodesy import FloatArray
from iopdir.travel.cost import Unit, parse_cost

__all__ = ["Decay"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decay:
    """A weight between people and a facility that falls with the cost between them.

    Made by `step`, `gaussian`, `exponential` or `power`.

    Parameters
    ----------
    kind
        Which form.
    unit
        Of all costs here: ``"m"`` or ``"min"``.
    edges, weights
        Of the rings of a step decay, inward to outward; empty otherwise.
    scale, exponent, least
        Of the other forms.
    limit
        Cost beyond which nothing counts, inclusive; `inf` for none.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.Decay.step(["10 min", "20 min", "30 min"], [1, 0.68, 0.22]).weigh([10.0, 10.5, 30.0, 31.0])
    array([1.  , 0.68, 0.22, 0.  ])
    >>> iop.Decay.gaussian("10 min", limit="30 min").weigh([0.0, 10.0, 31.0]).round(4)
    array([1.    , 0.6065, 0.    ])
    """

    kind: Literal["step", "gaussian", "exponential", "power"]
    unit: Unit
    edges: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    scale: float = 1.0
    exponent: float = 1.0
    least: float = 0.0
    limit: float = np.inf

    @classmethod
    def step(cls, rings: Sequence[str | float], weights: Sequence[float]) -> Self:
        """Give each ring one weight; beyond the last ring it is 0.

        Parameters
        ----------
        rings
            Outer edges, inclusive, rising.
        weights
            One for each ring.

        Returns
        -------
        Decay
            Of kind ``"step"``.

        Raises
        ------
        UnitError
            If an edge cannot be read, or units mix.
        ValueError
            If there is not one weight a ring, edges do not rise, or a weight is negative.
        """
        edges, unit = _costs(rings)
        shares = tuple(float(weight) for weight in weights)
        if not edges or len(edges) != len(shares):
            raise ValueError(f"give one weight for each ring: {len(edges)} rings, {len(shares)} weights")
        if any(inner >= outer for inner, outer in pairwise(edges)):
            raise ValueError(f"rings must grow outward: {', '.join(map(str, rings))}")
        if not all(0 <= share < np.inf for share in shares):
            raise ValueError(f"weights must be finite and not negative: {shares}")
        return cls(kind="step", unit=unit, edges=edges, weights=shares, limit=edges[-1])

    @classmethod
    def gaussian(cls, sigma: str | float, *, limit: str | float | None = None) -> Self:
        """Weigh by `exp(-c² / 2σ²)`, 1 at no cost.

        Raises
        ------
        UnitError
            If an amount cannot be read, or units mix.
        ValueError
            If `sigma` is not positive.
        """
        return cls._smooth("gaussian", sigma, limit)

    @classmethod
    def exponential(cls, scale: str | float, *, limit: str | float | None = None) -> Self:
        """Weigh by `exp(-c / scale)`, 1 at no cost.

        Raises
        ------
        UnitError
            If an amount cannot be read, or units mix.
        ValueError
            If `scale` is not positive.
        """
        return cls._smooth("exponential", scale, limit)

    @classmethod
    def power(
        cls,
        scale: str | float,
        exponent: float = 1.0,
        *,
        least: str | float | None = None,
        limit: str | float | None = None,
    ) -> Self:
        """Weigh by `(max(c, least) / scale) ** -exponent`, 1 at `scale`.

        Costs below `least` count as `least`, which is `scale` if not given: at no cost at all the weight would be
        infinite.

        Raises
        ------
        UnitError
            If an amount cannot be read, or units mix.
        ValueError
            If `scale`, `exponent` or `least` is not positive.
        """
        (_, floor), _ = _costs([scale, scale if least is None else least])
        if not (0 < exponent < np.inf and floor > 0):
            raise ValueError(f"exponent and least must be positive, not {exponent} and {least}")
        return replace(cls._smooth("power", scale, limit), exponent=exponent, least=floor)

    @classmethod
    def _smooth(
        cls,
        kind: Literal["gaussian", "exponential", "power"],
        scale: str | float,
        limit: str | float | None,
    ) -> Self:
        amounts, unit = _costs([scale] if limit is None else [scale, limit])
        if not amounts[0] > 0:
            raise ValueError(f"the scale of a decay must be positive, not {scale!r}")
        return cls(kind=kind, unit=unit, scale=amounts[0], limit=np.inf if limit is None else amounts[1])

    def within(self, max_cost: str | float) -> Self:
        """Cut off beyond a limit, inclusive.

        Raises
        ------
        UnitError
            If it is in another unit.
        """
        (amount,), unit = _costs([max_cost])
        if unit != self.unit:
            raise UnitError(f"max_cost is in {unit} and the decay in {self.unit}: they do not mix")
        limit = min(amount, self.limit)
        inner = tuple(edge for edge in self.edges if edge < limit)
        edges = (*inner, limit) if self.edges else ()
        return replace(self, limit=limit, edges=edges, weights=self.weights[: len(edges)])

    def weigh(self, cost: ArrayLike) -> FloatArray:
        """Give the weight of each cost.

        Parameters
        ----------
        cost
            In the decay's unit, shape (n,).

        Returns
        -------
        FloatArray
            Shape (n,), 0 beyond the limit.
        """
        amount = np.asarray(cost, dtype=np.float64)
        if self.kind == "step":
            return np.append(self.weights, 0.0)[np.searchsorted(self.edges, amount)]
        if self.kind == "gaussian":
            weight = np.exp(-(amount**2) / (2 * self.scale**2))
        elif self.kind == "exponential":
            weight = np.exp(-amount / self.scale)
        else:
            weight = (np.maximum(amount, self.least) / self.scale) ** -self.exponent
        return np.where(amount <= self.limit, weight, 0.0)


def _costs(amounts: Sequence[str | float]) -> tuple[tuple[float, ...], Unit]:
    read = [parse_cost(amount) for amount in amounts]
    units = {unit for _, unit in read}
    if len(units) > 1:
        raise UnitError(f"distances and times do not mix: {', '.join(map(str, amounts))}")
    return tuple(amount for amount, _ in read), read[0][1] if read else "m"
