"""Small maps side by side: one a standard, which counties pass it; one a table, to compare them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np
import pandas as pd
import shapely

from iopdir.errors import UnknownNameError
from iopdir.report.backdrop import lay_out, state_outlines
from iopdir.report.figure import Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.report.maps import area_name, figure_text, one_row_an_area, rule_text
from iopdir.report.shades import UNKNOWN, shades
from iopdir.report.sheet import STEPS_PER_PIXEL, topology
from iopdir.report.words import people_text, share_text

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["maps_beside", "standards_map"]

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
    heads, rows = [], []
    for label in labels:
        failing, judged = (
            kept[label].str.rstrip("?").isin(words).sum() for words in (["fail"], ["pass", "fail"])
        )
        heads.append((label, f"{failing:,} of {judged:,} counties fail" if judged else "no county judged"))
        rows += _rows(kept, label)
    names = (
        ("standard", "Standard"),
        ("class", "Verdict"),
        ("within", "Share within"),
        ("short", "People short"),
    )
    return _beside(
        [kept] * len(labels), heads, rows, names,
        legend="County",
        colours=dict(_WORDS.values()),
        title=titled(f"{'c' if is_synthetic(table) else 'C'}ounties by {len(labels)} standards",
                     synthetic=is_synthetic(table)),
        caption=f"{people_text(float(kept['people'].sum()))} people; {_disagreeing(kept)}",
        source=source_text(table),
    )  # fmt: skip


def maps_beside(tables: Mapping[str, pd.DataFrame], *, value: str = "share") -> Figure:
    """Draw maps of coverage side by side, in the same colours, to compare them.

    Parameters
    ----------
    tables
        Heading of each map -> its table from `coverage_gaps`, by county or by state; all with the same areas.
    value
        As for [`coverage_map`][iopdir.coverage_map]; the classes are those of all tables together.

    Returns
    -------
    Figure
        An Altair chart, two maps a row, three from five maps on.

    Raises
    ------
    UnknownNameError
        If `value` is no measure of every table, or the tables are not of the same areas.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state="VT"), iop.demo_directory().select(level_of_care="iop")
    >>> both = {"all": iops, "Medicaid": iops.select(payment="medicaid")}
    >>> tables = {name: iop.coverage_gaps(demand, listing) for name, listing in both.items()}
    >>> iop.report.maps_beside(tables, value="gap").to_dict()["title"]["text"]
    'SYNTHETIC: People outside (30 mi): all, Medicaid'
    """
    kept = {name: one_row_an_area(table) for name, table in tables.items()}
    first = next(iter(kept.values()))
    for name, table in kept.items():
        if not table.index.equals(first.index):
            raise UnknownNameError("table of the same areas", name, kept)
    together = pd.concat([table.assign(map=name) for name, table in kept.items()])
    shade = shades(together, value)
    order = shade.classify(together[shade.column])
    together["class"] = np.where(order < 0, "no figure", np.array([*shade.names, ""])[order])
    unknown = {"no figure": UNKNOWN} if (order < 0).any() else {}
    rows = [
        {"area": area_name(index, row), "map": row["map"], "class": row["class"],
         "shown": figure_text(row[shade.column], shade)}
        for index, row in together.iterrows()
    ]  # fmt: skip
    heads = [
        (name, f"{share_text(float(table['covered'].sum() / table['people'].sum()))} of people within")
        for name, table in kept.items()
    ]
    synthetic = any(map(is_synthetic, kept.values()))
    sources = dict.fromkeys(source_text(table) for table in kept.values())
    rules = dict.fromkeys(rule for table in kept.values() if (rule := rule_text(table)))
    limit = f" ({' or '.join(rules)})" if rules and shade.column in ("share", "gap") else ""
    return _beside(
        list(kept.values()), heads, rows, (("map", "Map"), ("shown", shade.title)),
        legend=shade.title,
        colours=dict(zip(shade.names, shade.colours, strict=True)) | unknown,
        title=titled(f"{shade.title}{limit}: {', '.join(kept)}", synthetic=synthetic),
        caption=f"{people_text(float(first['people'].sum()))} people; the same colours on each map.",
        source=" ".join(sources),
    )  # fmt: skip


def _beside(
    tables: Sequence[pd.DataFrame],
    heads: Sequence[tuple[str, str]],
    rows: list[dict[str, Any]],
    names: Sequence[tuple[str, str]],
    *,
    legend: str,
    colours: Mapping[str, str],
    title: str,
    caption: str,
    source: str,
) -> Figure:
    """Set maps of the same areas down beside one another, each under its name and a line of figures."""
    shapes, sheet = lay_out(tables[0])
    across = min(len(tables), 2 if len(tables) <= 4 else 3)
    scale = 1 / across
    tall = round(sheet.height * scale) + _HEAD
    drawn, outlines = sheet.draw(shapes), sheet.draw(state_outlines(tables[0]))
    counties: list[gpd.GeoSeries] = []
    borders: list[gpd.GeoSeries] = []
    texts = []
    for number, (name, words) in enumerate(heads):
        left, top = number % across * sheet.width * scale, number // across * tall + _HEAD
        counties.append(_moved(drawn, scale, left, top))
        borders.append(_moved(outlines, scale, left, top))
        texts += [
            {"x": left + 4, "y": top - 24, "text": name, "size": 14},
            {"x": left + 4, "y": top - 8, "text": words, "size": 12},
        ]
    height = tall * -(-len(tables) // across)
    return figure(
        [_areas(len(tables[0]), names, legend, colours), _lines(), _heads(sheet.width, height)],
        tables=Tables(areas=topology(_stack(counties), rows), states=topology(_stack(borders)), heads=texts),
        title=title,
        caption=caption,
        source=source,
        width=sheet.width,
        height=height,
        gap=12,
    )


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


def _areas(
    number: int, names: Sequence[tuple[str, str]], legend: str, colours: Mapping[str, str]
) -> alt.Chart:
    shapes = alt.NamedData("areas", format=alt.TopoDataFormat(type="topojson", feature="shapes"))
    chart: alt.Chart = (
        alt.Chart(shapes)
        .mark_geoshape(stroke="#ffffff", strokeWidth=0.2 if number > 300 else 0.6)
        .encode(
            color=alt.Color(
                "properties.class:N",
                title=textwrap.wrap(legend, 24),
                scale=alt.Scale(domain=[*colours], range=[*colours.values()]),
                legend=alt.Legend(symbolType="square", symbolStrokeColor="#566268", symbolSize=170),
            ),
            tooltip=[
                alt.Tooltip(f"properties.{key}:N", title=title) for key, title in (("area", "Area"), *names)
            ],
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
