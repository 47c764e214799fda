"""What a plan may use and what was found: the sites, what was aimed at, and what no plan beats."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from iopdir.spatial.geodesy import FloatArray, IntArray

__all__ = ["Limits", "Method", "Outcome", "Status"]

Method = Literal["optimal", "greedy"]
Status = Literal["optimal", "greedy", "time_limit", "infeasible"]
"""Proven best; always the best next site; best found in time; somebody who must be reached cannot be."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Limits:
    """What a plan may use.

    Parameters
    ----------
    n
        How many sites.
    price, budget
        What each candidate costs, by candidate, and all may together.
    room
        How many people each candidate can take, by candidate.
    seconds
        How long to look for the best.
    """

    n: int
    price: FloatArray | None = None
    budget: float = math.inf
    room: FloatArray | None = None
    seconds: float = 60.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What was found.

    Parameters
    ----------
    sites
        Positions among the candidates, in the order of the plan.
    value
        What was aimed at.
    bound
        What no plan beats: a largest value, or a least one.
    status
        How sure that is.
    gains
        People whom each site newly reaches, where the order of the sites decides them; else they are counted after.
    bounds
        What the best plan of 1, 2, ... sites gains at most, where that is known.
    unreached
        Positions of demand points that must be reached and cannot be.
    """

    sites: IntArray
    value: float
    bound: float
    status: Status
    gains: list[float] | None = None
    bounds: FloatArray | None = None
    unreached: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
