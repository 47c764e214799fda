"""What can be chosen on the way to a number: measures, decays, outcomes, and how these rank people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.measures.balanced import balanced_fca
from iopdir.measures.floating import (
    enhanced_two_step_fca,
    modified_two_step_fca,
    three_step_fca,
    two_step_fca,
)
from iopdir.measures.opportunity import (
    cumulative_opportunities,
    gravity,
    nearest_cost,
    provider_to_population,
)
from iopdir.measures.rational import raam
from iopdir.measures.steps import WEIGHTS
from iopdir.spatial.geodesy import FloatArray
from iopdir.travel.cost import parse_cost
from iopdir.travel.decay import Decay

__all__ = ["MEASURES", "DecayName", "Kind", "Outcome", "decay_within", "score"]

Outcome: TypeAlias = Literal[
    "share of people in the lowest fifth", "gap between groups", "share of people with none"
]
"""What is asked of the people of a group under each specification."""

DecayName: TypeAlias = Literal["step", "gaussian", "exponential", "power"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A measure, and which choices it knows."""

    ask: Callable[..., Any]
    limit: str = "max_cost"
    capacity: bool = True
    people: bool = True
    burden: bool = False

    @property
    def decays(self) -> bool:
        """Whether it takes a decay, not a limit."""
        return self.limit == "decay"

    def access(self, found: pd.DataFrame | pd.Series[Any]) -> FloatArray:
        """Read a measure so that more is better; who has nothing within reach is last."""
        values = found.iloc[:, 1] if isinstance(found, pd.DataFrame) else found
        value = np.asarray(values, dtype=np.float64)
        if self.burden:
            return np.where(np.isfinite(value), -value, -np.inf)
        return value


MEASURES: Final = {
    "nearest_cost": Kind(nearest_cost, capacity=False, people=False, burden=True),
    "cumulative_opportunities": Kind(cumulative_opportunities, people=False),
    "gravity": Kind(gravity, "decay", people=False),
    "provider_to_population": Kind(provider_to_population),
    "two_step_fca": Kind(two_step_fca),
    "enhanced_two_step_fca": Kind(enhanced_two_step_fca, "decay"),
    "modified_two_step_fca": Kind(modified_two_step_fca, "decay"),
    "three_step_fca": Kind(three_step_fca, "decay"),
    "balanced_fca": Kind(balanced_fca, "decay"),
    "raam": Kind(raam, burden=True),
}
"""What can be a choice of `measures`."""


def decay_within(name: DecayName, threshold: str | float) -> Decay:
    """Give the decay of a name whose last limit is a threshold.

    Parameters
    ----------
    name
        ``"step"``: three rings of equal width with the weights 1, 0.68 and 0.22; ``"gaussian"`` and
        ``"exponential"``: a third of the threshold is sigma, or the scale; ``"power"``: inverse beyond a thirtieth.
    threshold
        With a unit, or metres.

    Returns
    -------
    Decay
        Nothing counts beyond the threshold.

    Raises
    ------
    UnitError
        If the threshold cannot be read.
    UnknownNameError
        If there is no decay of that name.

    Examples
    --------
    >>> decay_within("step", "30 min").edges
    (10.0, 20.0, 30.0)
    """
    amount, unit = parse_cost(threshold)

    def part(share: float) -> str | float:
        return f"{amount * share} min" if unit == "min" else amount * share

    if name == "step":
        return Decay.step([part(1 / 3), part(2 / 3), part(1.0)], WEIGHTS)
    if name not in get_args(DecayName):
        raise UnknownNameError("decay", name, get_args(DecayName))
    if name == "power":
        return Decay.power(part(1 / 30), limit=part(1.0))
    return (Decay.gaussian if name == "gaussian" else Decay.exponential)(part(1 / 3), limit=part(1.0))


def score(access: FloatArray, count: FloatArray) -> dict[str, FloatArray]:
    """Place each demand point in the order of access of all people, for each outcome; equals share a place."""
    levels, level = np.unique(access, return_inverse=True)
    width = np.bincount(level, count, minlength=levels.size)
    top = np.cumsum(width)
    whole, below = top[-1], top - width
    if not whole > 0:
        raise ValueError("nobody lives at the demand points: there is no order of people")
    inside = np.divide(0.2 * whole - below, width, out=(below < 0.2 * whole).astype(float), where=width > 0)
    nothing = np.isneginf(levels) | (levels == 0)
    return {
        "share of people in the lowest fifth": np.clip(inside, 0.0, 1.0)[level],
        "gap between groups": ((below + width / 2) / whole)[level],
        "share of people with none": nothing[level].astype(float),
    }
