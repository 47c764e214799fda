"""Charts of access: Lorenz curves, changes of rank and people by distance, each a figure for papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import altair as alt
import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.measures.inequality import gini
from iopdir.report.figure import MUTED, Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.travel.nearest import nearest
from iopdir.units import METRES_PER_MILE, parse_distance

if TYPE_CHECKING:
    import geopandas as gpd

    from iopdir.directory.directory import Directory

__all__ = ["lorenz_chart", "rank_change_chart", "ring_profile_chart"]

PALETTE: Final = ("#0a5f66", "#c2570c", "#561a68", "#7a8fc2", "#8a6d00", "#5c686d", "#a8326e", "#3f7d3a")
"""Line colours that stay apart for every kind of colour vision and in grey."""


def lorenz_chart(
    measures: pd.DataFrame, *, weights: str = "people", title: str = "How evenly access is spread"
) -> Figure:
    """Draw Lorenz curves of access: which share of all access the worse-off share of people has.

    Parameters
    ----------
    measures
        One row a place; `weights` and one numeric column of zero or more for each measure to compare, with a value
        wherever people live.
    weights
        Column with people.
    title
        Of the figure; SYNTHETIC is put before it where the provenance says so.

    Returns
    -------
    Figure
        The diagonal is perfect evenness; the Gini coefficient stands in the legend.

    Raises
    ------
    UnknownNameError
        If there is no such column of weights, or no measure beside it.
    ValueError
        If a value of somebody is negative, missing or infinite, as for [`gini`][iopdir.measures.gini].

    Notes
    -----
    M. O. Lorenz, *Methods of measuring the concentration of wealth*, 1905, doi:10.2307/2276207. The curve is
    drawn through every place, people as weights.

    Examples
    --------
    >>> table = pd.DataFrame({"people": [100, 100], "per_person": [0.0, 2.0]})
    >>> lorenz_chart(table).to_dict()["title"]["text"]
    'How evenly access is spread'
    """
    names = [name for name in measures.select_dtypes("number").columns if name != weights]
    if weights not in measures or not names:
        raise UnknownNameError(
            "column", weights if weights not in measures else "a measure", measures.columns
        )
    curves = []
    rows = measures.reset_index(drop=True)
    for name in names:
        uneven = gini(rows[name], rows, population=weights)
        curve = lorenz_curve(rows[name].to_numpy(float), rows[weights].to_numpy(float))
        curves.append(
            pd.DataFrame(curve, columns=["people", "access"]).assign(measure=f"{name} (Gini {uneven:.2f})")
        )
    lines = (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("people:Q", title="share of people, worst access first", axis=alt.Axis(format="%"),
                    scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("access:Q", title="share of all access they have", axis=alt.Axis(format="%"),
                    scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("measure:N", title=None, sort=None, scale=alt.Scale(range=list(PALETTE)),
                            legend=alt.Legend(labelLimit=0)),
            order="people:Q",
            tooltip=["measure:N", alt.Tooltip("people:Q", format=".1%"), alt.Tooltip("access:Q", format=".1%")],
        )
    )  # fmt: skip
    even = (
        alt.Chart(alt.NamedData("even"))
        .mark_line(color=MUTED, strokeDash=[5, 5], strokeWidth=1.5)
        .encode(x="people:Q", y="access:Q")
    )
    return figure(
        [even, lines],
        tables=Tables(
            curves=pd.concat(curves).round(5).to_dict("records"),
            even=[{"people": 0, "access": 0}, {"people": 1, "access": 1}],
        ),
        title=titled(title, synthetic=is_synthetic(measures)),
        caption="The farther a curve sags below the dashed line, the more the access is held by few.",
        source=source_text(measures),
        width=440,
        height=440,
    )


def lorenz_curve(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give the points of the curve, shape (n + 1, 2): share of people, share of the measure.

    Examples
    --------
    >>> lorenz_curve(np.array([2.0, 0.0]), np.array([1.0, 1.0])).tolist()
    [[0.0, 0.0], [0.5, 0.0], [1.0, 1.0]]
    """
    values, weights = values[weights > 0], weights[weights > 0]
    order = np.argsort(values, kind="stable")
    people, held = weights[order], (values * weights)[order]
    if not held.sum() > 0:
        return np.array([[0.0, 0.0], [1.0, 1.0]])
    return np.vstack(
        [[0.0, 0.0], np.column_stack([np.cumsum(people) / people.sum(), np.cumsum(held) / held.sum()])]
    )


def rank_change_chart(
    measures: pd.DataFrame, *, highlight: int = 8, title: str = "Who changes rank with the measure"
) -> Figure:
    """Draw how places rank under each measure, the biggest movers in colour and by name.

    Parameters
    ----------
    measures
        One row a place (its label is the index), two or more numeric columns, more meaning better access.
    highlight
        How many of the biggest movers to name.
    title
        Of the figure; SYNTHETIC is put before it where the provenance says so.

    Returns
    -------
    Figure
        Rank 1 is on top, the best access; ties share the mean rank. Places without a value under every
        measure are left out.

    Raises
    ------
    UnknownNameError
        If there are fewer than two numeric columns.

    Examples
    --------
    >>> table = pd.DataFrame({"nearest": [3, 2, 1], "ratio": [1, 2, 3]}, index=["A", "B", "C"])
    >>> rank_change_chart(table, highlight=1).to_dict()["title"]["text"]
    'Who changes rank with the measure'
    """
    known = measures.select_dtypes("number").dropna()
    if known.shape[1] < 2:
        raise UnknownNameError("second measure to compare", "none", measures.columns)
    ranks = known.rank(ascending=False)
    spread = (ranks.max(axis=1) - ranks.min(axis=1)).sort_values(ascending=False, kind="stable")
    movers = set(spread.index[:highlight])
    table = ranks.rename_axis("place").reset_index().melt("place", var_name="measure", value_name="rank")
    table["moves"] = table["place"].isin(movers)
    base = {
        "x": alt.X("measure:N", sort=list(ranks.columns), title=None, scale=alt.Scale(type="point", padding=0.35),
                   axis=alt.Axis(orient="top", labelFontSize=13, labelAngle=0, domain=False, ticks=False)),
        "y": alt.Y("rank:Q", title="rank (1 = best access)",
                   scale=alt.Scale(domain=[len(ranks) + 0.5, 0.5], nice=False)),
        "detail": "place:N",
        "tooltip": ["place:N", "measure:N", alt.Tooltip("rank:Q", format=".1f")],
    }  # fmt: skip
    rest = table[~table["moves"]].drop(columns="moves")
    colour = alt.Color("place:N", legend=None, scale=alt.Scale(range=list(PALETTE)))
    named = table[table["moves"]].drop(columns="moves")
    last = named[named["measure"] == ranks.columns[-1]]
    moving = alt.Chart(alt.NamedData("movers"))
    layers = [
        alt.Chart(alt.NamedData("rest"))
        .mark_line(color="#b9b5aa", strokeWidth=1, opacity=0.35 if len(ranks) > 200 else 0.8)
        .encode(**base),
        moving.mark_line(strokeWidth=2.5).encode(**base, color=colour),
        moving.mark_circle(size=50, opacity=1).encode(**base, color=colour),
        alt.Chart(alt.NamedData("last"))
        .mark_text(align="left", dx=9, fontSize=12)
        .encode(**base | {"text": "place:N"}, color=colour),
    ]
    return figure(
        layers,
        tables=Tables(
            rest=rest.to_dict("records"), movers=named.to_dict("records"), last=last.to_dict("records")
        ),
        title=titled(title, synthetic=is_synthetic(measures)),
        caption=f"{len(ranks):,} places; the {len(movers)} whose rank changes most are named.",
        source=source_text(measures),
        width=max(420, 190 * ranks.shape[1]),
        height=480,
        gap=18,
    )


def ring_profile_chart(
    demand: gpd.GeoDataFrame,
    directory: Directory,
    *,
    groups: str | Sequence[str] = ("population",),
    max_cost: str = "60 mi",
    title: str = "People within reach, by distance to the nearest facility",
) -> Figure:
    """Draw the share of people who have a facility within each distance.

    Parameters
    ----------
    demand
        Demand points with the people columns named in `groups`.
    directory
        Facilities to count; select first.
    groups
        One curve for each, e.g. ``["population", "poverty", "no_vehicle"]``.
    max_cost
        Right end of the axis.
    title
        Of the figure; SYNTHETIC is put before it where the directory is.

    Returns
    -------
    Figure
        Every half mile; distances are geodesics, inclusive.

    Raises
    ------
    UnknownNameError
        If a group is not a column of `demand`.
    UnitError
        If `max_cost` has no unit of length.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = iop.demand_points("zcta", state=["VT"])
    >>> chart = ring_profile_chart(demand, iop.demo_directory().select(level_of_care="iop"))
    >>> chart.to_dict()["title"]["text"].startswith("SYNTHETIC")
    True
    """
    groups = [groups] if isinstance(groups, str) else groups
    for group in groups:
        if group not in demand:
            raise UnknownNameError("group of people", group, demand.columns)
    found = nearest(demand, directory, k=1)
    order = np.argsort(found["distance_m"].to_numpy(), kind="stable")
    reached = found["distance_m"].to_numpy()[order]
    miles = np.arange(0, parse_distance(max_cost) / METRES_PER_MILE + 0.25, 0.5)
    rows = []
    for group in groups:
        people = demand[group].reindex(found["origin"]).to_numpy(float)[order]
        sums = np.concatenate([[0.0], np.cumsum(np.nan_to_num(people))])
        shares = sums[np.searchsorted(reached, miles * METRES_PER_MILE, side="right")] / sums[-1]
        name = group.replace("_", " ")
        rows += [
            {"miles": mile, "share": round(share, 5), "group": name}
            for mile, share in zip(miles.tolist(), shares.tolist(), strict=True)
        ]
    color = alt.Color(
        "group:N",
        title=None,
        sort=None,
        scale=alt.Scale(range=list(PALETTE)),
        legend=None if len(groups) == 1 else alt.Legend(orient="bottom-right"),
    )
    lines = (
        alt.Chart(alt.NamedData("rings"))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("miles:Q", title="distance over the ground, miles", scale=alt.Scale(nice=False)),
            y=alt.Y(
                "share:Q", title="share of people", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
            ),
            color=color,
            tooltip=["group:N", "miles:Q", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    return figure(
        [lines],
        tables=Tables(rings=rows),
        title=titled(title, synthetic=is_synthetic(found)),
        caption=f"{len(directory):,} facilities; straight lines over the ground, not roads.",
        source=source_text(found),
        width=620,
        height=360,
    )
