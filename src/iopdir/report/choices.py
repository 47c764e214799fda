"""A figure of every choice at once: outcomes in rising order, and under each what was chosen."""

from __future__ import annotations

from typing import Final

import altair as alt
import numpy as np

from iopdir.measures.curve import SpecificationCurve
from iopdir.report.figure import MUTED, Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.travel.cost import BoolArray

__all__ = ["specification_chart"]

_TOP: Final = 230
_ROW: Final = 16
_GAP: Final = 34
_BETWEEN: Final = 8
_LETTER: Final = 7.0
"""Pixels that a letter of a label takes at most, on average, in any of the fonts that may draw it."""

_ACCENT: Final = "#0a5f66"
_WARM: Final = "#b3541e"

_HEADS: Final = {
    "directory": "Listing",
    "vintage": "People of",
    "cost": "Distance by",
    "placement": "Sites",
    "listing_active": "Listing stands",
    "threshold": "Limit",
    "capacity": "Capacity",
    "measure": "Measure",
    "decay": "Weight falls",
}
_WORDS: Final = {
    "nearest_cost": "nearest facility",
    "cumulative_opportunities": "facilities within the limit",
    "gravity": "gravity",
    "provider_to_population": "facilities per person",
    "two_step_fca": "2SFCA",
    "enhanced_two_step_fca": "E2SFCA",
    "modified_two_step_fca": "M2SFCA",
    "three_step_fca": "3SFCA",
    "balanced_fca": "balanced FCA",
    "raam": "RAAM",
    "drive-estimate": "estimated minutes by car",
    "step": "in three steps",
    "gaussian": "like a bell",
    "exponential": "exponentially",
    "power": "as a power",
}
_EVERYBODY: Final = {"share of people in the lowest fifth": 0.2, "gap between groups": 0.0}
"""Outcome -> what it is for people whom nothing sets apart."""


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
        Above the outcome of each specification, in rising order, with a dashed line at the median and a line where
        everybody stands; below, marks for the choices that it made. Choices with one offer are left out.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand = iop.demand_points("zcta", state="VT")
    >>> curve = iop.specification_curve(demand, iop.demo_directory(), measures=["two_step_fca", "nearest_cost"])
    >>> iop.report.specification_chart(curve).to_dict()["title"]["text"]
    'SYNTHETIC: Every choice at once'
    """
    table = curve.table.sort_values("outcome", kind="stable").reset_index(drop=True)
    outcome = str(curve.table.attrs["provenance"]["parameters"]["outcome"])
    everybody, median = _EVERYBODY.get(outcome), float(table["outcome"].median())
    low, high = float(table["outcome"].min()), float(table["outcome"].max())
    shown = (low, high) if everybody is None else (min(low, everybody), max(high, everybody))
    style = "+.2f" if outcome == "gap between groups" else ".1%"
    level, heads = _rows(curve.offers())
    height = max([*level.values(), _TOP]) + _ROW
    span = (shown[1] - shown[0]) or 1.0
    top = shown[1] + span * 0.04
    scale = alt.Scale(domain=[top - span * 1.08 * height / _TOP, top], nice=False, zero=False)
    x = alt.X(
        "place:Q",
        title=f"{len(table):,} specifications, in rising order",
        scale=alt.Scale(domain=[-1, len(table)], nice=False),
        axis=alt.Axis(labels=False, ticks=False, grid=False),
    )
    ticks = [float(value) for value in np.linspace(*shown, 5)]
    axis = alt.Axis(values=ticks, format=style, domain=False, titleAnchor="end", titleFontSize=12)
    y = alt.Y("outcome:Q", title=outcome, scale=scale, axis=axis)
    guides = [{"outcome": median, "text": f"median {format(median, style)}"}]
    if everybody is not None:
        guides.append({"outcome": everybody, "text": f"everybody {format(everybody, style)}"})
    guides.sort(key=lambda guide: -float(str(guide["outcome"])))
    at = [(top - float(str(guide["outcome"]))) / (span * 1.08) * _TOP for guide in guides]
    apart = max(0.0, 14 - (at[-1] - at[0])) / 2 if len(at) > 1 else 0.0
    for guide, pixel, shift in zip(guides, at, (-apart, apart), strict=False):
        guide["y"] = pixel + shift
    marks = [
        {"start": start - 0.4, "end": end + 0.4, "y": at, "choice": _HEADS[name], "offer": _say(name, offer)}
        for (name, offer), at in level.items()
        for start, end in _runs(table[name].map(str).to_numpy() == offer)
    ]
    names = [{"y": at, "text": _say(name, offer)} for (name, offer), at in level.items()]
    titles = [{"y": at, "text": _HEADS[name]} for name, at in heads.items()]
    beside = [len(_HEADS[name]) + len(_say(name, offer)) for name, offer in level]
    margin = max(beside, default=0) * _LETTER + 24
    rows = [{"place": place, "outcome": float(value)} for place, value in enumerate(table["outcome"])]
    pixels = alt.Y("y:Q", scale=None, axis=None)
    color = (
        alt.value(_ACCENT)
        if everybody is None
        else alt.condition(alt.datum["outcome"] > everybody, alt.value(_WARM), alt.value(_ACCENT))
    )
    layers = [
        alt.Chart(alt.NamedData("guides")).mark_rule(color=MUTED, strokeDash=[4, 4], aria=False).encode(y=y),
        alt.Chart(alt.NamedData("guides"))
        .mark_text(align="left", baseline="middle", dx=6, fontSize=11, color=MUTED)
        .encode(x=alt.value("width"), y=pixels, text="text:N"),
        alt.Chart(alt.NamedData("rows"))
        .mark_circle(size=14, opacity=1, aria=False)
        .encode(x=x, y=y, color=color, tooltip=[alt.Tooltip("outcome:Q", format=".4f")]),
        alt.Chart(alt.NamedData("marks"))
        .mark_bar(height=_ROW - 5, color="#1d282d", opacity=0.75, aria=False)
        .encode(x=alt.X("start:Q"), x2="end:Q", y=pixels, tooltip=["choice:N", "offer:N"]),
        alt.Chart(alt.NamedData("names"))
        .mark_text(align="right", baseline="middle", dx=-8, fontSize=11, color="#1d282d")
        .encode(x=alt.value(0), y=pixels, text="text:N"),
        alt.Chart(alt.NamedData("heads"))
        .mark_text(align="left", baseline="middle", fontSize=11, fontWeight="bold", color=MUTED)
        .encode(x=alt.value(-margin), y=pixels, text="text:N"),
    ]
    caption = (
        f"Outcome: {outcome}; {_words(curve.group)} against {_words(curve.reference)}."
        f" Lowest {format(low, style)}, median {format(median, style)}, highest {format(high, style)}."
    )
    return figure(
        layers,
        tables=Tables(rows=rows, marks=marks, names=names, heads=titles, guides=guides),
        title=titled(title, synthetic=is_synthetic(curve.table)),
        caption=caption,
        source=source_text(curve.table),
        width=720,
        height=round(height),
    )


def _rows(offers: dict[str, list[str]]) -> tuple[dict[tuple[str, str], float], dict[str, float]]:
    """Give each offer a row, and each choice a head beside its first, in pixels from the top."""
    level: dict[tuple[str, str], float] = {}
    heads, at = {}, float(_TOP + _GAP)
    for name, several in offers.items():
        heads[name] = at
        for offer in several:
            level[name, offer] = at
            at += _ROW
        at += _BETWEEN
    return level, heads


def _runs(made: BoolArray) -> list[tuple[int, int]]:
    """List where each run of neighbours starts and ends, both inclusive."""
    turns = np.flatnonzero(np.diff(made, prepend=False, append=False))
    return [(int(start), int(end) - 1) for start, end in turns.reshape(-1, 2)]


def _say(name: str, offer: str) -> str:
    return f"{float(offer):.0%} chance" if name == "listing_active" else _WORDS.get(offer, _words(offer))


def _words(column: str) -> str:
    return column.replace("_", " ")
