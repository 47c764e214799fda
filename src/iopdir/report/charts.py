"""Figures for papers: Altair charts with a caption and a source line that save as one offline HTML file."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final, Literal, cast

import altair as alt
import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.report.document import assemble_chart, write_page
from iopdir.travel.nearest import nearest
from iopdir.units import METRES_PER_MILE, parse_distance

if TYPE_CHECKING:
    import geopandas as gpd

    from iopdir.directory.directory import Directory

__all__ = ["Figure", "lorenz_chart", "rank_change_chart", "ring_profile_chart"]

PALETTE: Final = ("#0a5f66", "#c2570c", "#561a68", "#7a8fc2", "#8a6d00", "#5c686d", "#a8326e", "#3f7d3a")
"""Line colours that stay apart for every kind of colour vision and in grey."""

_INK: Final = "#1d282d"
_MUTED: Final = "#566268"


class Figure(alt.LayerChart):
    """An Altair layered chart whose HTML needs no network and shows text of the data as text.

    All of Altair applies; `save` to `.svg`, `.png`, `.pdf` or `.json` is Altair's own. Only HTML differs:
    the libraries and the data are embedded safely and the page forbids every request.
    """

    def to_html(self, *_: object, **__: object) -> str:
        """Write the chart as a complete HTML page that opens offline."""
        title = self.title["text"] if isinstance(self.title, Mapping) else getattr(self.title, "text", "")
        return assemble_chart(title=str(title), spec=self.to_dict(validate=False))

    def save(
        self,
        fp: str | Path | IO[Any],
        format: Literal["html", "json", "pdf", "png", "svg"] | None = None,  # noqa: A002 - Altair's name
        *args: Any,  # noqa: ANN401 - Altair's options
        **kwargs: Any,  # noqa: ANN401 - Altair's options
    ) -> None:
        """Write to a file; the suffix names the format, and HTML is self-contained."""
        if isinstance(fp, str | Path) and (format or Path(fp).suffix[1:]).lower() == "html":
            write_page(fp, self.to_html())
        else:
            super().save(fp, format, *args, **kwargs)


class Tables:
    """Data of a figure, named. Altair copies and checks plain lists at every step; this it passes on as is."""

    _schema: ClassVar[dict[str, Any]] = {}

    def __init__(self, **tables: object) -> None:
        self._tables = tables

    def to_dict(self, *_: object, **__: object) -> dict[str, Any]:
        """Give the tables by name."""
        return self._tables


def figure(
    layers: Sequence[Any],
    *,
    tables: Tables,
    title: str,
    caption: str,
    source: str,
    width: int,
    height: int,
    gap: int = 52,
) -> Figure:
    """Lay charts over one another, with title above, source below, and the house style.

    The layers name their data (`alt.NamedData`), `tables` holds it.
    """
    lines = textwrap.wrap(source, max(40, width // 6))
    note = (
        alt.Chart(alt.InlineData([{}]))
        .mark_text(align="left", baseline="top", fontSize=11, color=_MUTED, lineHeight=14, lineBreak="\n")
        .encode(x=alt.value(0), y=alt.value(height + gap), text=alt.value("\n".join(lines)))
    )
    config = alt.Config(
        background="#ffffff",
        padding=16,
        font="system-ui, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif",
        title=alt.TitleConfig(
            anchor="start", frame="group", fontSize=18, color=_INK, subtitleColor=_MUTED, subtitleFontSize=13,
            subtitleLineHeight=18, subtitlePadding=6, offset=14,
        ),
        axis=alt.AxisConfig(
            labelColor=_MUTED, titleColor=_INK, titleFontWeight="normal", labelFontSize=12, titleFontSize=13,
            gridColor="#e8e5dd", domainColor="#a9a59a", tickColor="#a9a59a", titlePadding=10,
        ),
        legend=alt.LegendConfig(labelColor=_INK, titleColor=_INK, labelFontSize=12, titleFontSize=12),
        view=alt.ViewConfig(stroke=None),
    )  # fmt: skip
    return Figure(
        layer=[*layers, note],
        datasets=cast("Mapping[str, Any]", tables),
        width=width,
        height=height,
        description=f"{title}. {caption}",
        title=alt.TitleParams(text=title, subtitle=textwrap.wrap(caption, max(40, width // 7))),
        config=config,
    )


def is_synthetic(table: pd.DataFrame | pd.Series[Any]) -> bool:
    """Whether a table says that made-up rows went into it."""
    return bool(table.attrs.get("provenance", {}).get("synthetic", False))


def source_text(table: pd.DataFrame | pd.Series[Any]) -> str:
    """Write the source line of a table from its provenance."""
    about = table.attrs.get("provenance")
    if not about:
        return "Source: not stated."
    names = [
        ", ".join(
            part for part in (source["name"], source["edition"] and f"edition {source['edition']}") if part
        )
        for source in about["sources"]
    ]
    return f"Source: {'; '.join(names) or 'not stated'}. Made with {about['package']}."


def _titled(title: str, *, synthetic: bool) -> str:
    return f"SYNTHETIC: {title}" if synthetic else title


def lorenz_chart(
    measures: pd.DataFrame, *, weights: str = "people", title: str = "How evenly access is spread"
) -> Figure:
    """Draw Lorenz curves of access: which share of all access the worse-off share of people has.

    Parameters
    ----------
    measures
        One row a place; `weights` and one numeric column of zero or more for each measure to compare. Rows
        without a measure or without people are left out of that curve.
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

    Notes
    -----
    M. O. Lorenz, *Methods of measuring the concentration of wealth*, 1905, doi:10.2307/2276207. The curve is
    drawn through every place, people as weights; Gini is one minus twice the area under it.

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
    for name in names:
        curve = lorenz_curve(measures[name].to_numpy(float), measures[weights].to_numpy(float))
        gini = 1 - 2 * float(np.trapezoid(curve[:, 1], curve[:, 0]))
        curves.append(
            pd.DataFrame(curve, columns=["people", "access"]).assign(measure=f"{name} (Gini {gini:.2f})")
        )
    lines = (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("people:Q", title="share of people, worst access first", axis=alt.Axis(format="%"),
                    scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("access:Q", title="share of all access they have", axis=alt.Axis(format="%"),
                    scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("measure:N", title=None, sort=None, scale=alt.Scale(range=list(PALETTE))),
            order="people:Q",
            tooltip=["measure:N", alt.Tooltip("people:Q", format=".1%"), alt.Tooltip("access:Q", format=".1%")],
        )
    )  # fmt: skip
    even = (
        alt.Chart(alt.NamedData("even"))
        .mark_line(color=_MUTED, strokeDash=[5, 5], strokeWidth=1.5)
        .encode(x="people:Q", y="access:Q")
    )
    return figure(
        [even, lines],
        tables=Tables(
            curves=pd.concat(curves).round(5).to_dict("records"),
            even=[{"people": 0, "access": 0}, {"people": 1, "access": 1}],
        ),
        title=_titled(title, synthetic=is_synthetic(measures)),
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
    known = np.isfinite(values) & (weights > 0)
    order = np.argsort(values[known], kind="stable")
    people, held = weights[known][order], (values * weights)[known][order]
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
        title=_titled(title, synthetic=is_synthetic(measures)),
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
    groups: Sequence[str] = ("population",),
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
        title=_titled(title, synthetic=is_synthetic(found)),
        caption=f"{len(directory):,} facilities; straight lines over the ground, not roads.",
        source=source_text(found),
        width=620,
        height=360,
    )
