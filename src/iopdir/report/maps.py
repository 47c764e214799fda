"""The map of gaps: areas shaded in classes, facilities as points, offline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np
import pandas as pd

from iopdir.errors import UnknownNameError
from iopdir.geography.boundaries import counties, states
from iopdir.report.figure import Figure, Tables, figure, is_synthetic, source_text, titled
from iopdir.report.sheet import Sheet, nation_sheet, state_sheet, topology
from iopdir.report.words import STATUSES, people_text, share_text, way_text
from iopdir.vocabulary.taxonomy import LevelOfCare
from iopdir.vocabulary.words import LEVELS

if TYPE_CHECKING:
    import geopandas as gpd

    from iopdir.directory.directory import Directory

__all__ = ["GAP_CLASSES", "SHARE_CLASSES", "UNKNOWN", "classify", "coverage_map", "lay_out", "state_outlines"]

SHARE_CLASSES: Final = (
    (0.995, "99.5% or more"),
    (0.90, "90 to 99.5%"),
    (0.75, "75 to 90%"),
    (0.50, "50 to 75%"),
    (0.25, "25 to 50%"),
    (0.0, "under 25%"),
)
"""Lower edge and name of each class of the share of people within the standard, best first."""

GAP_CLASSES: Final = (
    (0.5, "nobody"),
    (1_000, "under 1,000"),
    (5_000, "1,000 to 5,000"),
    (20_000, "5,000 to 20,000"),
    (100_000, "20,000 to 100,000"),
    (np.inf, "100,000 or more"),
)
"""Upper edge and name of each class of the number of people outside the standard, best first."""

RAMP: Final = ("#e3eae6", "#bfd6de", "#93b7d3", "#7a8fc2", "#6f5ba4", "#561a68")
"""From everybody inside to hardly anybody; darker in even steps, so it reads in grey too."""

UNKNOWN: Final = "#d3cfc4"
"""Colour of areas without a figure."""


def classify(gaps: pd.DataFrame, value: str = "share") -> pd.Series[Any]:
    """Give each row its class, 0 (best) to 5, or -1 where there is no figure.

    Examples
    --------
    >>> classify(pd.DataFrame({"share": [1.0, 0.9, 0.0, float("nan")]})).tolist()
    [0, 1, 5, -1]
    >>> classify(pd.DataFrame({"gap": [0.0, 1000.0, 2e6]}), "gap").tolist()
    [0, 2, 5]
    """
    numbers = gaps[value].to_numpy(float)
    if value == "share":
        edges = np.array([-edge for edge, _ in SHARE_CLASSES])
        found = np.searchsorted(edges, -numbers, side="left")
    else:
        edges = np.array([edge for edge, _ in GAP_CLASSES])
        found = np.searchsorted(edges, numbers, side="right")
    return pd.Series(np.where(np.isnan(numbers), -1, np.minimum(found, len(RAMP) - 1)), index=gaps.index)


def lay_out(gaps: pd.DataFrame) -> tuple[gpd.GeoSeries, Sheet]:
    """Find the outlines of the rows (counties or states) and the sheet that shows them all."""
    if gaps.index.name == "county_fips":
        table = counties(int(gaps["vintage"].iloc[0])) if len(gaps) else counties()
        names = table["state"]
    elif gaps.index.name == "state":
        table = states().set_index("state")
        names = table.index.to_series()
    else:
        raise UnknownNameError("map of areas", str(gaps.index.name), ["county_fips", "state"])
    shapes = table.geometry.reindex(gaps.index)
    missing = shapes.index[shapes.isna()]
    if len(missing):
        raise UnknownNameError(f"outline of {gaps.index.name}", str(missing[0]), table.index)
    seen = set(names.reindex(gaps.index))
    if len(seen) == 1:
        return shapes, state_sheet(shapes.union_all())
    return shapes, nation_sheet(seen)


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
        From `coverage_gaps`, by county or by state; a part of the rows makes a map of that part.
    directory
        Facilities to draw as points; those without a point are left out.
    value
        ``"share"``, the share of people within the standard, or ``"gap"``, the people outside it.
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
        If `value` is neither, `gaps` is not by county or state, or an area has no outline in its vintage.

    Examples
    --------
    >>> import iopdir as iop
    >>> demand, iops = iop.demand_points("zcta", state=["VT"]), iop.demo_directory().select(level_of_care="iop")
    >>> gaps = iop.coverage_gaps(demand, iops, standard="15 mi")
    >>> chart = iop.coverage_map(gaps[gaps["state"] == "VT"], iops.select(state="VT"))
    >>> chart.to_dict()["title"]["text"]
    'SYNTHETIC: share of people within 15 mi of intensive outpatient care'
    """
    if value not in ("share", "gap"):
        raise UnknownNameError("value to map", value, ["gap", "share"])
    gaps = _one_row_an_area(gaps)
    shapes, sheet = lay_out(gaps)
    names = [name for _, name in (SHARE_CLASSES if value == "share" else GAP_CLASSES)]
    classes = classify(gaps, value)
    statuses = gaps["status"].map(lambda status: STATUSES.get(status, str(status)))
    label = pd.Series(
        np.where(classes < 0, statuses.replace("", "no figure"), np.array([*names, ""])[classes])
    )
    other = sorted(set(label) - set(names))
    rows = [
        {"area": _area(index, row), "class": name, "within": share_text(row["share"]),
         "people": people_text(row["people"]), "outside": people_text(row["gap"]),
         "nearest": way_text(row, "nearest"), "facilities": f"{row['facilities']:,.0f}",
         "note": STATUSES.get(row["status"], str(row["status"])) or "-"}
        for (index, row), name in zip(gaps.iterrows(), label, strict=True)
    ]  # fmt: skip
    tooltip = [
        alt.Tooltip(f"properties.{key}:N", title=title)
        for key, title in (
            ("area", "Area"), ("within", "Share within"), ("outside", "People outside"), ("people", "People"),
            ("nearest", "Nearest, median"), ("facilities", "Facilities here"), ("note", "Note"),
        )
    ]  # fmt: skip
    areas = (
        alt.Chart(_shapes("areas"))
        .mark_geoshape(stroke="#ffffff", strokeWidth=0.4 if len(gaps) > 300 else 0.8)
        .encode(
            color=alt.Color(
                "properties.class:N",
                title="People within" if value == "share" else "People outside",
                scale=alt.Scale(domain=[*names, *other], range=[*RAMP, *[UNKNOWN] * len(other)]),
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
        title=titled(_title(gaps, value, synthetic=synthetic), synthetic=synthetic),
        caption=_caption(gaps, len(points), len(numbers)),
        source=source_text(gaps),
        width=sheet.width,
        height=sheet.height,
        gap=12,
    )


def _one_row_an_area(gaps: pd.DataFrame) -> pd.DataFrame:
    """Leave out people in no known county; refuse a table of several standards or groups."""
    if not gaps.index.is_unique:
        several = [name for name in ("standard", "group") if name in gaps and gaps[name].nunique() > 1]
        raise UnknownNameError("single row for an area: choose one", " and one ".join(several or ["row"]))
    kept = gaps[gaps.index != ""]
    kept.attrs = gaps.attrs
    return kept


def _area(index: object, row: pd.Series[Any]) -> str:
    return (
        f"{row['name']}, {row['state']}" if "state" in row and "name" in row else str(row.get("name", index))
    )


def _shapes(name: str) -> alt.NamedData:
    return alt.NamedData(name, format=alt.TopoDataFormat(type="topojson", feature="shapes"))


def state_outlines(gaps: pd.DataFrame) -> gpd.GeoSeries:
    """Borders of the states that the rows lie in."""
    wanted = set(gaps["state"]) if "state" in gaps else set(gaps.index)
    table = states()
    return table["geometry"][table["state"].isin(wanted)]


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


def _care(parameters: Mapping[str, Any]) -> str:
    """Say which care the facilities of a table give, from the selections in its provenance."""
    for step in (parameters.get("filters", {}), *reversed(parameters.get("select", []))):
        if "level_of_care" in step:
            chosen = step["level_of_care"]
            levels = [chosen] if isinstance(chosen, str) else chosen
            return " or ".join(LEVELS[LevelOfCare(level)] for level in levels)
    return "a listed facility"


def _title(gaps: pd.DataFrame, value: str, *, synthetic: bool) -> str:
    parameters = gaps.attrs.get("provenance", {}).get("parameters", {})
    rule = " and ".join(each["name"] for each in parameters.get("standard", []))
    near = (
        f"{rule} of" if rule[:1].isdigit() else f"the standard “{rule}” for" if rule else "the standard for"
    )
    what = "share of people within" if value == "share" else "people not within"
    text = f"{what} {near} {_care(parameters)}"
    return text if synthetic else text[0].upper() + text[1:]


def _caption(gaps: pd.DataFrame, points: int, numbers: int) -> str:
    people, outside = float(gaps["people"].sum()), float(gaps["gap"].sum())
    text = f"{people_text(people)} people on this map, {people_text(outside)} of them outside."
    if points:
        text += f" Orange points: {points:,} facilities."
    if numbers:
        text += f" Numbered discs: {numbers:,} new sites, most people first."
    vintage = f" County boundaries of {gaps['vintage'].iloc[0]}." if "vintage" in gaps and len(gaps) else ""
    return text + vintage
