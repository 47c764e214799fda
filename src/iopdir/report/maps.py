"""The map of gaps: areas shaded in classes, facilities as points, offline."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import KindError, UnknownNameError
from iopdir.report.backdrop import lay_out, state_outlines
from iopdir.report.care import care_text
from iopdir.report.figure import Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.report.shades import UNKNOWN, Shades, shades
from iopdir.report.sheet import Sheet, topology
from iopdir.report.words import STATUSES, people_text, share_text, way_text

__all__ = ["area_name", "coverage_map", "figure_text", "one_row_an_area", "rule_text"]

_TOLD: Final = ("share", "gap", "nearest_m", "nearest_min")
"""What every tooltip tells anyhow."""


def coverage_map(
    gaps: pd.DataFrame,
    directory: Directory | None = None,
    *,
    value: str = "share",
    numbered: pd.DataFrame | None = None,
) -> Figure:
    """Draw a map of coverage: areas shaded, facilities as points, tooltips on both.

    Parameters
    ----------
    gaps
        From `coverage_gaps`, by county or by state; or by areas of one's own, with `geometry=True`. A part of the rows
        makes a map of that part.
    directory
        Facilities to draw as points; those without a point are left out.
    value
        ``"share"``, the share of people within the standard; ``"gap"``, the people outside it; ``"nearest_m"`` or
        ``"minutes"``, the way to the nearest; or any other numeric column, such as one of `measures`.
    numbered
        Places to draw with a number: `order, lon, lat` and `people`, such as `sites` of a [`Plan`][iopdir.site].

    Returns
    -------
    Figure
        An Altair chart; `save("map.html")` writes one file that opens without a network, `save("map.svg")`
        a picture. Alaska, Hawaii and the islands stand as insets; one state alone fills the sheet.

    Raises
    ------
    UnknownNameError
        If `value` is no measure of the table, it is by neither county nor state and has no geometry, or an area has no
        outline in its vintage.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state=["VT"]), iop.demo_directory().select(level_of_care="iop")
    >>> gaps = iop.coverage_gaps(demand, iops, standard="15 mi")
    >>> chart = iop.coverage_map(gaps[gaps["state"] == "VT"], iops.select(state="VT"))
    >>> chart.to_dict()["title"]["text"]
    'SYNTHETIC: share of people within 15 mi of intensive outpatient care'
    """
    KindError.unless(pd.DataFrame, gaps=gaps)
    if directory is not None:
        KindError.unless(Directory, directory=directory)
    gaps = one_row_an_area(gaps)
    shade = shades(gaps, value)
    shapes, sheet = lay_out(gaps)
    names = shade.names
    classes = shade.classify(gaps[shade.column])
    statuses = gaps["status"].map(lambda status: STATUSES.get(status, str(status)))
    label = pd.Series(
        np.where(classes < 0, statuses.replace("", "no figure"), np.array([*names, ""])[classes])
    )
    other = sorted(set(label) - set(names))
    more = {} if shade.column in _TOLD else {"shown": shade.title}
    rows = [
        {"area": area_name(index, row), "class": name, "within": share_text(row["share"]),
         "people": people_text(row["people"]), "outside": people_text(row["gap"]),
         "nearest": way_text(row, "nearest"), "facilities": f"{row['facilities']:,.0f}",
         "note": STATUSES.get(row["status"], str(row["status"])) or "-"}
        | {key: figure_text(row[shade.column], shade) for key in more}
        for (index, row), name in zip(gaps.iterrows(), label, strict=True)
    ]  # fmt: skip
    tooltip = [
        alt.Tooltip(f"properties.{key}:N", title=title)
        for key, title in (
            ("area", "Area"), *more.items(), ("within", "Share within"), ("outside", "People outside"),
            ("people", "People"), ("nearest", "Nearest, median"), ("facilities", "Facilities here"), ("note", "Note"),
        )
    ]  # fmt: skip
    areas = (
        alt.Chart(_shapes("areas"))
        .mark_geoshape(stroke="#ffffff", strokeWidth=0.4 if len(gaps) > 300 else 0.8)
        .encode(
            color=alt.Color(
                "properties.class:N",
                title=textwrap.wrap(shade.title, 24),
                scale=alt.Scale(domain=[*names, *other], range=[*shade.colours, *[UNKNOWN] * len(other)]),
                legend=alt.Legend(symbolType="square", symbolStrokeColor="#566268", symbolSize=170),
            ),
            tooltip=tooltip,
        )
        .project(type="identity", scale=1, translate=[0, 0])
    )
    lines = (
        alt.Chart(_shapes("states"))
        .mark_geoshape(filled=False, stroke="#5c686d", strokeWidth=0.6, fill=None, aria=False)
        .project(type="identity", scale=1, translate=[0, 0])
    )
    points = _points(directory, sheet) if directory is not None else []
    numbers = _numbers(numbered, sheet) if numbered is not None else []
    synthetic = is_synthetic(gaps) or bool(directory is not None and directory.synthetic)
    return figure(
        [areas, lines, *([_dots(len(points), sheet)] if points else []), *(_marks(sheet) if numbers else [])],
        tables=Tables(
            areas=topology(sheet.draw(shapes), rows),
            states=topology(sheet.draw(state_outlines(gaps))),
            points=points,
            numbers=numbers,
        ),
        title=titled(_title(gaps, shade, synthetic=synthetic), synthetic=synthetic),
        caption=_caption(gaps, len(points), len(numbers)),
        source=source_text(gaps),
        width=sheet.width,
        height=sheet.height,
        gap=12,
    )


def one_row_an_area(gaps: pd.DataFrame) -> pd.DataFrame:
    """Leave out people in no known county; refuse a table of several standards or groups."""
    if not gaps.index.is_unique:
        several = [name for name in ("standard", "group") if name in gaps and gaps[name].nunique() > 1]
        raise UnknownNameError("single row for an area: choose one", " and one ".join(several or ["row"]))
    kept = gaps[gaps.index != ""]
    kept.attrs = gaps.attrs
    return kept


def area_name(index: object, row: pd.Series[Any]) -> str:
    """Name an area, with its state."""
    return (
        f"{row['name']}, {row['state']}" if "state" in row and "name" in row else str(row.get("name", index))
    )


def figure_text(value: float, shade: Shades) -> str:
    """Write a figure of a measure for reading."""
    if not np.isfinite(value):
        return "not known"
    if shade.column in ("nearest_m", "nearest_min"):
        return way_text({shade.column: value}, "nearest")
    if shade.column == "gap":
        return people_text(value)
    if shade.column.endswith(("share", "_low", "_high")):
        return share_text(value)
    return f"{value * shade.scale:,.3g}"


def _shapes(name: str) -> alt.NamedData:
    return alt.NamedData(name, format=alt.TopoDataFormat(type="topojson", feature="shapes"))


def _points(directory: Directory, sheet: Sheet) -> list[dict[str, Any]]:
    """Facilities that the sheet shows, in pixels."""
    frame = directory.table
    pixels = sheet.place(frame["lon"], frame["lat"])
    within = (pixels >= 0) & (pixels <= [sheet.width, sheet.height])  # NaN is not
    inside = np.logical_and.reduce(within, axis=1)
    columns = (frame[name][inside] for name in ("name", "city", "state"))
    return [
        {"x": round(x, 1), "y": round(y, 1), "name": name, "town": f"{city}, {state}"}
        for (x, y), name, city, state in zip(pixels[inside].tolist(), *columns, strict=True)
    ]


def _dots(number: int, sheet: Sheet) -> alt.Chart:
    size = 5 if number > 3000 else 12 if number > 800 else 34
    dots = alt.Chart(alt.NamedData("points")).mark_circle(
        color="#c2570c", stroke="#fffdf8", strokeWidth=0.4, opacity=0.9, size=size
    )
    chart: alt.Chart = dots.encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, sheet.width], nice=False)),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[sheet.height, 0], nice=False)),
        tooltip=[alt.Tooltip("name:N", title="Facility"), alt.Tooltip("town:N", title="Town")],
    )
    return chart.properties(name="sites")


def _numbers(places: pd.DataFrame, sheet: Sheet) -> list[dict[str, Any]]:
    """Numbered places, in pixels."""
    pixels = sheet.place(places["lon"], places["lat"])
    return [
        {
            "x": round(x, 1),
            "y": round(y, 1),
            "number": int(order),
            "place": str(name),
            "people": people_text(people),
        }
        for (x, y), order, name, people in zip(
            pixels.tolist(), places["order"], places.index, places["people"], strict=True
        )
        if np.isfinite(x)
    ]


def _marks(sheet: Sheet) -> list[alt.Chart]:
    """Discs with a number in them."""
    at = alt.Chart(alt.NamedData("numbers")).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, sheet.width], nice=False)),
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[sheet.height, 0], nice=False)),
        tooltip=[
            alt.Tooltip("number:Q", title="New site"),
            alt.Tooltip("place:N", title="At"),
            alt.Tooltip("people:N", title="People newly within"),
        ],
    )
    disc = at.mark_circle(color="#ffffff", stroke="#0a5f66", strokeWidth=2, opacity=1, size=230)
    text = at.mark_text(color="#0a5f66", fontSize=10.5, fontWeight="bold", baseline="middle", dy=0.5)
    return [disc, text.encode(text="number:Q")]


def rule_text(gaps: pd.DataFrame) -> str:
    """Name the standard that a table was made by; nothing where it does not say."""
    parameters = gaps.attrs.get("provenance", {}).get("parameters", {})
    return " and ".join(each["name"] for each in parameters.get("standard", []))


def _title(gaps: pd.DataFrame, shade: Shades, *, synthetic: bool) -> str:
    parameters = gaps.attrs.get("provenance", {}).get("parameters", {})
    rule = rule_text(gaps)
    near = (
        f"{rule} of" if rule[:1].isdigit() else f"the standard “{rule}” for" if rule else "the standard for"
    )
    what = {"share": f"share of people within {near}", "gap": f"people not within {near}"}
    text = f"{what.get(shade.column, f'{shade.title},')} {care_text(parameters)}"
    return text if synthetic else text[0].upper() + text[1:]


def _caption(gaps: pd.DataFrame, points: int, numbers: int) -> str:
    people, outside = float(gaps["people"].sum()), float(gaps["gap"].sum())
    rule = rule_text(gaps)
    limit = f"not within {rule}" if rule[:1].isdigit() else "outside the standard"
    text = f"{people_text(people)} people on this map, {people_text(outside)} of them {limit}."
    if points:
        text += f" Orange points: {points:,} facilities."
    if numbers:
        text += f" Numbered discs: {numbers:,} new sites, most people first."
    vintage = f" County boundaries of {gaps['vintage'].iloc[0]}." if "vintage" in gaps and len(gaps) else ""
    return text + vintage
