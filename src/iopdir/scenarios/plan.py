"""A plan: where to open, what that does, and what no plan could do better."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.lazy import named
from iopdir.scenarios.opening import to_listing
from iopdir.scenarios.stability import stays
from iopdir.scenarios.whatif import WhatIf, what_if
from iopdir.standards.standard import Standard
from iopdir.text import TEXT
from iopdir.travel.reach import Reach

if TYPE_CHECKING:
    from iopdir.scenarios.question import Question

__all__ = ["Plan"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Plan:
    """Sites to open, in order, with what is proven about them. Made by [`site`][iopdir.site].

    Parameters
    ----------
    sites
        One row a new site, indexed by the id of its candidate: `order` (from 1), `facility_id` (its id beside the
        existing ones), `people` (newly reached by it, after those before it), `cumulative`, `stability` and
        `stand_in` (see `with_stability`; NaN where nothing was drawn), `lon, lat`, and what else is known of it.
    gain
        People newly reached within the standard, whatever the objective.
    value
        What was aimed at: for ``"coverage"`` the same as `gain`, for ``"all"`` and ``"standard"`` the number of sites
        needed (or their price), for ``"mean_cost"`` and ``"worst_cost"`` an amount in the unit of the costs, for
        ``"equity"`` the least share of any group.
    bound
        What no plan beats: at least `value` where more is better (``"coverage"``, ``"equity"``), else at most.
    objective, method
        As asked for.
    status
        ``"optimal"`` (proven), ``"greedy"``, ``"time_limit"`` (the best found in time), or ``"infeasible"`` (somebody
        whom the objective wants reached cannot be: see `unreachable`).
    curve
        One row for 0, 1, ... sites: `sites, people` (newly reached), and `bound` on that for any plan of so many sites,
        where it is known.
    unreachable
        Demand points that must be reached and that no candidate reaches: `people, lon, lat` and the cost of the nearest
        candidate.
    new_sites
        Rows of the new sites, as [`Reach.open`][iopdir.Reach] takes them.
    existing
        The facilities that stay, as they were given.
    reach
        People and those facilities.
    rule
        The standard.
    """

    sites: pd.DataFrame
    gain: float
    value: float
    bound: float
    objective: str
    method: str
    status: str
    curve: pd.DataFrame
    unreachable: pd.DataFrame
    new_sites: pd.DataFrame
    existing: Directory | pd.DataFrame
    reach: Reach
    rule: Standard
    question: Question

    def __len__(self) -> int:
        return len(self.sites)

    @property
    def gap(self) -> float:
        """How far `value` may be from the best, as a share of `bound` or `value`, whichever is larger; 0 if proven."""
        if math.isinf(self.value):
            return float(self.bound != self.value)
        largest = max(abs(self.value), abs(self.bound))
        apart = abs(self.bound - self.value)
        return apart / largest if apart > 1e-9 else 0.0

    @cached_property
    def table(self) -> pd.DataFrame:
        """People within the standard before and after, for all that were asked about: `before, after, difference`."""
        asked = self.compare(by="nation")
        rows = pd.concat([asked.before, asked.after, asked.difference])
        rows.index = pd.Index(["before", "after", "difference"], name="when", dtype=TEXT)
        rows.attrs = asked.after.attrs
        return rows

    def compare(self, **options: Any) -> WhatIf:  # noqa: ANN401 - those of what_if
        """Ask what the plan does, by area and group.

        Parameters
        ----------
        **options
            As for [`what_if`][iopdir.what_if]: `by`, `standard` (the plan's own if not given), `groups`, `measures` ...

        Returns
        -------
        WhatIf
            Before, after, difference.
        """
        asked: dict[str, Any] = {"standard": self.rule, "population": self.question.population}
        asked["territories"] = self.question.territories
        return what_if(self.reach, open=self, **(asked | options))

    def to_directory(self) -> Directory | pd.DataFrame:
        """Put the new sites beside the existing ones.

        Returns
        -------
        Directory or DataFrame
            A directory if the existing facilities are one: new rows cite the plan as their source, and state what the
            existing ones were selected for. Else a frame.
        """
        return to_listing(self.existing, self.new_sites)

    def with_stability(self, draws: int = 20, *, seed: int = 0) -> Plan:
        """Ask how often each site is chosen again when existing ones may stand elsewhere and limits are a little off.

        In each draw every existing site known only by its ZIP is put somewhere within the room it may be in, each
        limit of the standard is multiplied by a number from 0.9 to 1.1, and the greedy plan of as many sites is made
        anew.

        Parameters
        ----------
        draws
            How many.
        seed
            Of the draws.

        Returns
        -------
        Plan
            The same. `stability` is the share of draws with this very candidate; `stand_in` the share with it or others
            that reach at least half of the people whom it newly reaches: demand points close by do as well as it.
        """
        share, near = stays(self.question, self.sites.index, draws, seed)
        table = self.sites.assign(stability=share, stand_in=near)
        return replace(self, sites=self.reach.sign(table, **self.question.about(draws=draws, seed=seed)))

    def map(self) -> Any:  # noqa: ANN401 - a Figure, which lives in a room above
        """Draw the map: counties shaded by the share within afterwards, existing facilities, new sites numbered.

        Returns
        -------
        Figure
            As [`plan_map`][iopdir.report.plan_map] gives it.
        """
        return named("report.plan_map")(self)

    def chart(self) -> Any:  # noqa: ANN401 - a Figure, which lives in a room above
        """Draw people reached against the number of sites, and the bound above.

        Returns
        -------
        Figure
            As [`plan_chart`][iopdir.report.plan_chart] gives it.
        """
        return named("report.plan_chart")(self)

    def __repr__(self) -> str:
        mark = "SYNTHETIC " if self.reach.provenance().synthetic else ""
        text = f"{mark}Plan of {len(self)} sites, {self.gain:,.0f} people newly within {self.rule.name}"
        if self.objective == "coverage":
            return f"{text}, no plan more than {self.bound:,.0f} ({self.status})"
        return f"{text}; {self.objective} {self.value:,.6g}, bound {self.bound:,.6g} ({self.status})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.sites.to_html(escape=True)}"
