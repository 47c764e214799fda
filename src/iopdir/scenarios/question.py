"""What was asked of a plan, kept so that it can be asked again of other facilities and another standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from iopdir.geography.areas import By
from iopdir.scenarios.costs import mean_cost, worst_cost
from iopdir.scenarios.fairness import equity
from iopdir.scenarios.instance import Instance
from iopdir.scenarios.meeting import everybody, standard
from iopdir.scenarios.outcome import Limits, Method, Outcome
from iopdir.scenarios.problem import Problem
from iopdir.scenarios.reaching import coverage
from iopdir.spatial.geodesy import FloatArray
from iopdir.standards.standard import Standard
from iopdir.travel.reach import Reach
from iopdir.travel.sites import Sites

__all__ = ["Objective", "Question"]

Objective = Literal["coverage", "all", "mean_cost", "worst_cost", "equity", "standard"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """Everything but the existing facilities and the standard.

    Parameters
    ----------
    reach
        People and the sites that stay.
    rule
        The standard.
    candidates
        Where sites may open.
    objective, method
        As for [`site`][iopdir.site].
    n, price, budget, room, seconds
        What a plan may use; see `Limits`.
    share
        Of people who must be within, for ``"all"`` and ``"standard"``.
    by, groups
        Who is compared, for ``"equity"``.
    population, territories
        Who counts.
    """

    reach: Reach
    rule: Standard
    candidates: Sites
    objective: Objective
    method: Method
    n: int | None
    price: FloatArray | None
    budget: float
    room: FloatArray | None
    seconds: float
    share: float
    by: By
    groups: list[str] | None
    population: str
    territories: bool

    def problem(self) -> Problem:
        """Lay out people and candidates."""
        return Problem(
            reach=self.reach,
            rule=self.rule,
            candidates=self.candidates,
            population=self.population,
            territories=self.territories,
        )

    def answer(self, problem: Problem, cover: Instance) -> Outcome:
        """Choose sites; `cover` says who would be newly reached by whom."""
        limits = Limits(
            n=len(self.candidates) if self.n is None else min(self.n, len(self.candidates)),
            price=self.price,
            budget=self.budget,
            room=self.room,
            seconds=self.seconds,
        )
        if self.objective == "coverage":
            return coverage(cover, limits, self.method)
        if self.objective == "all":
            return everybody(problem, self.share, limits, self.method)
        if self.objective == "standard":
            return standard(problem, self.share, limits, self.method)
        if self.objective == "mean_cost":
            return mean_cost(problem, limits, self.method)
        if self.objective == "worst_cost":
            return worst_cost(problem, limits, self.method)
        return equity(problem, cover, self.by, self.groups, limits, self.method)

    def cover(self, problem: Problem) -> Instance:
        """Say who would be newly reached by whom."""
        entries = problem.entries()
        return problem.to_reach(entries, problem.reached(entries))[0]

    def about(self, **more: object) -> dict[str, Any]:
        """State the question, for provenance."""
        said: dict[str, Any] = {
            "standard": [self.rule.about()],
            "objective": self.objective, "method": self.method, "n": self.n, "candidates": len(self.candidates),
            "population": self.population, "territories": self.territories,
        }  # fmt: skip
        if np.isfinite(self.budget):
            said["budget"] = self.budget
        return said | more
