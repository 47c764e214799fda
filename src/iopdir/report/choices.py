"""A figure of every choice at once: outcomes in rising order, and under each what was chosen."""

from __future__ import annotations

from typing import Final

import altair as alt
import numpy as np

from iopdir.measures.curve import SpecificationCurve
from iopdir.report.figure import MUTED, Figure, Tables, figure, is_synthetic, source_text, titled

__all__ = ["specification_chart"]

_TOP: Final = 230
_ROW: Final = 17
_GAP: Final = 26


def specification_chart(curve: SpecificationCurve, *, title: str = "Every choice at once") -> Figure:
    """Draw a specification curve with its matrix of choices.

    Parameters
    ----------
    curve
        From [`specification_curve`][iopdir.specification_curve].
    title
        Of the figure; SYNTHETIC is put before it where the provenance says so.

    Returns
    -------
    Figure
        Above the outcome of each specification, in rising order, with a dashed line at the median; below, a mark for
        each choice that it made. Choices with one offer are left out.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = iop.demand_points("zcta", state="VT")
    >>> curve = iop.specification_curve(demand, iop.demo_directory(), measures=["two_step_fca", "nearest_cost"])
    >>> iop.report.specification_chart(curve).to_dict()["title"]["text"]
    'SYNTHETIC: Every choice at once'
    """
    table = curve.table.sort_values("outcome", kind="stable").reset_index(drop=True)
    offers = [(name, offer) for name, several in curve.offers().items() for offer in several]
    low, high = float(table["outcome"].min()), float(table["outcome"].max())
    span = (high - low) or 1.0
    height = _TOP + _GAP + _ROW * len(offers)
    share = _TOP / height
    domain = [high + span * 0.04 - (span * 1.08) / share, high + span * 0.04]
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    ticks = [float(value) for value in np.linspace(low, high, 5)]
    x = alt.X(
        "place:Q",
        title=f"{len(table):,} specifications, in rising order",
        scale=alt.Scale(domain=[-1, len(table)], nice=False),
        axis=alt.Axis(labels=False, ticks=False, grid=False),
    )
    y = alt.Y("outcome:Q", title=None, scale=scale, axis=alt.Axis(values=ticks, format=".3f"))
    level = {offer: _TOP + _GAP + _ROW * (position + 0.5) for position, offer in enumerate(offers)}
    marks = [
        {"place": place, "y": level[name, offer], "choice": name, "offer": offer}
        for name, offer in offers
        for place in np.flatnonzero(table[name].astype(str) == offer).tolist()
    ]
    names = [
        {"y": at, "text": f"{name.replace('_', ' ')}: {offer.replace('_', ' ')}"}
        for (name, offer), at in level.items()
    ]
    rows = [{"place": place, "outcome": float(value)} for place, value in enumerate(table["outcome"])]
    pixels = alt.Y("y:Q", scale=None, axis=None)
    layers = [
        alt.Chart(alt.NamedData("median")).mark_rule(color=MUTED, strokeDash=[4, 4]).encode(y=y),
        alt.Chart(alt.NamedData("rows"))
        .mark_circle(size=14, opacity=1, color="#0a5f66")
        .encode(x=x, y=y, tooltip=[alt.Tooltip("outcome:Q", format=".4f")]),
        alt.Chart(alt.NamedData("marks"))
        .mark_tick(orient="vertical", size=_ROW - 5, thickness=1, color="#1d282d", opacity=0.7)
        .encode(x=x, y=pixels, tooltip=["choice:N", "offer:N"]),
        alt.Chart(alt.NamedData("names"))
        .mark_text(align="right", baseline="middle", dx=-8, fontSize=11, color=MUTED)
        .encode(x=alt.value(0), y=pixels, text="text:N"),
    ]
    outcome = curve.table.attrs["provenance"]["parameters"]["outcome"]
    caption = (
        f"Outcome: {outcome}; {_words(curve.group)} against {_words(curve.reference)}."
        f" Lowest {low:.3f}, median {table['outcome'].median():.3f}, highest {high:.3f}."
    )
    return figure(
        layers,
        tables=Tables(
            rows=rows, marks=marks, names=names, median=[{"outcome": float(table["outcome"].median())}]
        ),
        title=titled(title, synthetic=is_synthetic(curve.table)),
        caption=caption,
        source=source_text(curve.table),
        width=720,
        height=height,
    )


def _words(column: str) -> str:
    return column.replace("_", " ")
