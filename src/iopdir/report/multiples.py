"""Small maps side by side, one a standard: which counties pass which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np
import shapely

from iopdir.errors import UnknownNameError
from iopdir.report.figure import Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.report.maps import UNKNOWN, lay_out, state_outlines
from iopdir.report.sheet import STEPS_PER_PIXEL, topology
from iopdir.report.words import people_text, share_text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["standards_map"]

_WORDS: Final = {
    "pass": ("passes", "#bfd6de"),
    "pass?": ("passes, could still fail", "#93b7d3"),
    "fail?": ("fails, could still pass", "#c2570c"),
    "fail": ("fails", "#561a68"),
    "not_required": ("not judged", UNKNOWN),
    "no_population": ("nobody lives here", "#f2efe6"),
}
"""Verdict -> its words and colour."""

_HEAD: Final = 40
"""Pixels above each map, for its name and figures."""


def standards_map(table: pd.DataFrame) -> Figure:
    """Draw one small map for each standard: which counties pass, which fail, and which could still turn.

    Parameters
    ----------
    table
        From [`compare`][iopdir.standards.compare]; a part of the rows makes maps of that part.

    Returns
    -------
    Figure
        An Altair chart; `save("map.html")` writes one file that opens without a network, `save("map.svg")` a picture.

    Raises
    ------
    UnknownNameError
        If the table is not from `compare`.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(level_of_care="iop")
    >>> table = iop.standards.compare(demand, iops, standards=["cms-obh", "15 mi"], share=0.9)
    >>> iop.report.standards_map(table).to_dict()["title"]["text"]
    'SYNTHETIC: counties by 2 standards'
    """
    cited = table.attrs.get("provenance", {}).get("parameters", {}).get("standard", [])
    labels = [one["label"] for one in cited if "label" in one]
    if not labels or not set(labels) <= set(table):
        raise UnknownNameError("map of standards from a table that standards.compare did not make:", "table")
    kept = table[table.index != ""]
    shapes, sheet = lay_out(kept)
    across = min(len(labels), 2 if len(labels) <= 4 else 3)
    scale = 1 / across
    tall = round(sheet.height * scale) + _HEAD
    drawn, outlines = sheet.draw(shapes), sheet.draw(state_outlines(kept))
    counties: list[gpd.GeoSeries] = []
    borders: list[gpd.GeoSeries] = []
    heads, rows = [], []
    for number, label in enumerate(labels):
        left, top = number % across * sheet.width * scale, number // across * tall + _HEAD
        counties.append(_moved(drawn, scale, left, top))
        borders.append(_moved(outlines, scale, left, top))
        failing, judged = (
            kept[label].str.rstrip("?").isin(words).sum() for words in (["fail"], ["pass", "fail"])
        )
        words = f"{failing:,} of {judged:,} counties fail" if judged else "no county judged"
        heads += [
            {"x": left + 4, "y": top - 24, "text": label, "size": 14},
            {"x": left + 4, "y": top - 8, "text": words, "size": 12},
        ]
        rows += _rows(kept, label)
    height = tall * -(-len(labels) // across)
    return figure(
        [_areas(len(kept)), _lines(), _heads(sheet.width, height)],
        tables=Tables(areas=topology(_stack(counties), rows), states=topology(_stack(borders)), heads=heads),
        title=titled(f"{'c' if is_synthetic(table) else 'C'}ounties by {len(labels)} standards",
                     synthetic=is_synthetic(table)),
        caption=f"{people_text(float(kept['people'].sum()))} people; {_disagreeing(kept)}",
        source=source_text(table),
        width=sheet.width,
        height=height,
        gap=12,
    )  # fmt: skip


def _disagreeing(table: pd.DataFrame) -> str:
    number = int(((table["passes"] > 0) & (table["fails"] > 0)).sum())
    return f"{number:,} counties pass one standard and fail another."


def _moved(drawn: gpd.GeoSeries, scale: float, left: float, top: float) -> gpd.GeoSeries:
    """Shrink what was drawn and set it down elsewhere on the sheet; borders stay common."""
    offset = np.array([left, top]) * STEPS_PER_PIXEL
    moved = shapely.transform(drawn.to_numpy(), lambda steps: np.round(steps * scale + offset))
    return type(drawn)(shapely.remove_repeated_points(moved), index=drawn.index)


def _stack(parts: list[gpd.GeoSeries]) -> gpd.GeoSeries:
    return type(parts[0])(np.concatenate([part.to_numpy() for part in parts]))


def _rows(table: pd.DataFrame, label: str) -> list[dict[str, Any]]:
    columns = (
        table["name"],
        table["state"],
        table[label],
        table[f"{label} share"],
        table[f"{label} people_short"],
    )
    return [
        {"area": f"{name}, {state}", "standard": label, "class": _WORDS[verdict][0], "within": share_text(share),
         "short": people_text(short)}
        for name, state, verdict, share, short in zip(*columns, strict=True)
    ]  # fmt: skip


def _areas(number: int) -> alt.Chart:
    names = (("area", "Area"), ("standard", "Standard"), ("class", "Verdict"), ("within", "Share within"),
             ("short", "People short"))  # fmt: skip
    shapes = alt.NamedData("areas", format=alt.TopoDataFormat(type="topojson", feature="shapes"))
    chart: alt.Chart = (
        alt.Chart(shapes)
        .mark_geoshape(stroke="#ffffff", strokeWidth=0.2 if number > 300 else 0.6)
        .encode(
            color=alt.Color(
                "properties.class:N",
                title="County",
                scale=alt.Scale(
                    domain=[w for w, _ in _WORDS.values()], range=[c for _, c in _WORDS.values()]
                ),
                legend=alt.Legend(symbolType="square", symbolStrokeColor="#566268", symbolSize=170),
            ),
            tooltip=[alt.Tooltip(f"properties.{key}:N", title=title) for key, title in names],
        )
        .project(type="identity", scale=1, translate=[0, 0])
    )
    return chart


def _lines() -> alt.Chart:
    shapes = alt.NamedData("states", format=alt.TopoDataFormat(type="topojson", feature="shapes"))
    chart: alt.Chart = (
        alt.Chart(shapes)
        .mark_geoshape(filled=False, stroke="#5c686d", strokeWidth=0.5, fill=None, aria=False)
        .project(type="identity", scale=1, translate=[0, 0])
    )
    return chart


def _heads(width: int, height: int) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(alt.NamedData("heads"))
        .mark_text(align="left", baseline="middle", color="#1d282d")
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False)),
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False)),
            text="text:N",
            size=alt.Size("size:Q", scale=None),
        )
    )
    return chart
