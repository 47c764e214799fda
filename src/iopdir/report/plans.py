"""A plan drawn: its map, and people reached against the number of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from iopdir.directory.directory import Directory
from iopdir.report.charts import PALETTE
from iopdir.report.figure import MUTED, Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.report.maps import coverage_map
from iopdir.report.words import people_text

if TYPE_CHECKING:
    from iopdir.scenarios.plan import Plan

__all__ = ["plan_chart", "plan_map"]


def plan_map(plan: Plan, *, value: str = "share") -> Figure:
    """Draw where a plan opens sites: counties shaded as they are afterwards, existing facilities, new sites numbered.

    Parameters
    ----------
    plan
        From [`site`][iopdir.site].
    value
        As for [`coverage_map`][iopdir.coverage_map].

    Returns
    -------
    Figure
        The same as `plan.map()`.

    Raises
    ------
    UnknownNameError
        If `value` is none of these, or nobody lives in a known county.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> chart = iop.report.plan_map(iop.site(demand, iops, n=3))
    >>> "3 new sites" in chart.to_dict()["description"]
    True
    """
    after = plan.compare(by="county").after
    existing = plan.existing if isinstance(plan.existing, Directory) else None
    return coverage_map(after, existing, value=value, numbered=plan.sites)


def plan_chart(plan: Plan, *, title: str = "People newly reached, by number of new sites") -> Figure:
    """Draw how many people are newly reached by 1, 2, ... sites, and what no plan can exceed.

    Parameters
    ----------
    plan
        From [`site`][iopdir.site].
    title
        Of the figure; SYNTHETIC is put before it where the plan is made from made-up facilities.

    Returns
    -------
    Figure
        The same as `plan.chart()`. The bound is drawn where it is known.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
    >>> chart = iop.report.plan_chart(iop.site(demand, iops, n=5, method="greedy"))
    >>> chart.to_dict()["title"]["text"]
    'SYNTHETIC: People newly reached, by number of new sites'
    """
    curve, names = plan.curve, ("this plan", "no plan reaches more")
    rows = [
        {"sites": int(number), "people": float(people), "line": name}
        for name, column in zip(names, ("people", "bound"), strict=True)
        for number, people in zip(curve["sites"], curve[column], strict=True)
        if np.isfinite(people)
    ]
    lines = (
        alt.Chart(alt.NamedData("curve"))
        .mark_line(strokeWidth=2.5, point=len(curve) <= 31)
        .encode(
            x=alt.X("sites:Q", title="new sites", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("people:Q", title="people newly reached", axis=alt.Axis(format="~s")),
            color=alt.Color(
                "line:N", title=None, sort=None, scale=alt.Scale(domain=list(names), range=[PALETTE[0], MUTED]),
                legend=alt.Legend(orient="bottom-right"),
            ),
            strokeDash=alt.StrokeDash(
                "line:N", legend=None, scale=alt.Scale(domain=list(names), range=[[1, 0], [5, 4]])
            ),
            tooltip=[
                alt.Tooltip("line:N", title=" "), alt.Tooltip("sites:Q", title="New sites"),
                alt.Tooltip("people:Q", title="People newly reached", format=",.0f"),
            ],
        )
    )  # fmt: skip
    return figure(
        [lines],
        tables=Tables(curve=rows),
        title=titled(title, synthetic=is_synthetic(curve)),
        caption=f"{len(plan):,} new sites, {people_text(plan.gain)} people newly within {plan.rule.name}"
        f" ({plan.status}).",
        source=source_text(plan.sites),
        width=620,
        height=360,
    )
