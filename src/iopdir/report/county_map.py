"""The map of a page: counties in any of several colours, what lies around them, facilities, ZIP areas close up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from iopdir.report.backdrop import labels, lakes, lay_out, neighbours, state_outlines
from iopdir.report.county_table import records, tip
from iopdir.report.document import Markup, asset, fill, markup
from iopdir.report.shades import Shades, shades
from iopdir.report.sheet import STEPS_PER_PIXEL, Sheet, svg_path
from iopdir.report.words import STATUSES, within_text
from iopdir.standards.standard import GIVEN

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from iopdir.report.findings import Findings

__all__ = ["county_map"]

_MOST_POINTS: Final = 100_000
"""Demand points beyond which a page leaves them out, to stay small."""


@dataclass(frozen=True, slots=True)
class _Colour:
    """One choice of what the colour of the map shows."""

    name: str
    shade: Shades
    values: NDArray[np.float64]


def county_map(found: Findings, source: str) -> Markup:
    """Draw the map with its choices and legends.

    Parameters
    ----------
    found
        What the page says.
    source
        Line below the map.
    """
    shown = pd.concat([found.gaps, found.islands]) if len(found.islands) else found.gaps
    shapes, sheet = lay_out(shown)
    colours = list(_colours(found, shown))
    points = found.points if len(found.points) <= _MOST_POINTS else found.points[:0]
    mark = "SYNTHETIC: " if found.directory.synthetic else ""
    close = (
        f"Close up, small dots are {_called(points)}, coloured by their way to the nearest facility."
        if len(points)
        else ""
    )
    return fill(
        asset("county_map.html"),
        label=f"{mark}Map of {found.place}, by county",
        kind="state-map" if found.state else "",
        width=sheet.width * STEPS_PER_PIXEL,
        height=sheet.height * STEPS_PER_PIXEL,
        near=2 if found.state else 4,
        around=_path(sheet.draw(neighbours(shown, sheet))),
        counties=_counties(found, sheet.draw(shapes), colours),
        lakes=_path(sheet.draw(lakes(shown, sheet))),
        states=_path(sheet.draw(state_outlines(shown))),
        points=_points(points, sheet, colours[2].shade),
        sites=_dots(sheet, found.selection.table),
        towns=markup(
            '<text x="{{x}}" y="{{y}}" class="z{{level}}">{{name}}</text>',
            (
                each._asdict() | {"x": round(each.x * STEPS_PER_PIXEL), "y": round(each.y * STEPS_PER_PIXEL)}
                for each in labels(shown, sheet)
            ),
        ),
        places=Markup("hidden") if found.state else "",
        place_options=markup("<option>{{code}}</option>", ({"code": code} for code in sorted(set(shown["state"])))),
        colour_options=markup(
            '<option value="{{key}}">{{name}}</option>',
            ({"key": key, "name": colour.name} for key, colour in enumerate(colours)),
        ),
        legends=markup(
            '<ul class="legend" data-colour="{{key}}"{{hidden}} aria-label="Colours: {{title}}">{{rows}}</ul>',
            (
                {"key": key, "hidden": Markup(" hidden") if key else "", "title": colour.name,
                 "rows": _legend(shown, colour)}
                for key, colour in enumerate(colours)
            ),
        ),
        close=close,
        source=source,
    )  # fmt: skip


def _colours(found: Findings, shown: pd.DataFrame) -> Iterator[_Colour]:
    """Share, gap and nearest of the standard of the page; the share by each other standard."""
    rule = within_text(found.rule) if found.rule.source == GIVEN else f"within “{found.rule.name}”"
    titles = {
        "share": f"Share of people {rule}",
        "gap": f"People not {rule}",
        "minutes"
        if found.minutes
        else "miles": f"{'Minutes' if found.minutes else 'Miles'} to the nearest, median",
    }
    for value, title in titles.items():
        shade = shades(shown, value)
        yield _Colour(title, shade, shown[shade.column].to_numpy(dtype=float))
    for other, gaps in found.others:
        yield _Colour(
            f"Share of people within “{other.name}”",
            shades(gaps, "share"),
            gaps["share"].reindex(shown.index).to_numpy(dtype=float),
        )


def _path(drawn: gpd.GeoSeries) -> str:
    return "".join(svg_path(shape) for shape in drawn)


def _counties(found: Findings, drawn: gpd.GeoSeries, colours: list[_Colour]) -> Markup:
    kinds = [_kinds(colour) for colour in colours]
    rows = zip(records(found), zip(*kinds, strict=True), drawn, strict=True)
    return markup(
        '<path class="county c{{first}}" data-fips="{{fips}}" data-colours="{{colours}}" role="link" '
        'tabindex="{{stop}}" aria-label="{{label}}" d="{{d}}"/>',
        (
            {
                "fips": row["county_fips"],
                "first": steps[0],
                "colours": "".join(steps),
                "stop": 0 if position == 0 else -1,
                "label": f"{row['name']}, {row['state']}: " + ", ".join(tip(found, row)),
                "d": svg_path(shape),
            }
            for position, (row, steps, shape) in enumerate(rows)
        ),
    )


def _kinds(colour: _Colour) -> list[str]:
    """Give each area its step of the ramp, or x."""
    classes = colour.shade.classify(colour.values)
    return ["x" if order < 0 else str(colour.shade.step(order)) for order in classes.tolist()]


def _legend(shown: pd.DataFrame, colour: _Colour) -> Markup:
    tail = " within" if colour.shade.column == "share" else ""
    rows = [
        {"kind": f"c{colour.shade.step(order)}", "name": name + tail}
        for order, name in enumerate(colour.shade.names)
    ]
    blank = shown.loc[np.isnan(colour.values), "status"].unique()
    rows += [{"kind": "cx", "name": STATUSES.get(status) or "no figure"} for status in blank]
    return markup(asset("swatch.html"), [*rows, {"kind": "site", "name": "facility"}])


def _called(points: pd.DataFrame) -> str:
    """Say what the demand points are."""
    width = len(str(points.index[0]))
    known = {("zcta", 5): "ZIP areas", ("geoid", 11): "census tracts", ("geoid", 12): "block groups"}
    return known.get((str(points.index.name), width), "the places that people are counted at")


def _points(points: pd.DataFrame, sheet: Sheet, shade: Shades) -> Markup:
    """Demand points as dots, by the class of their way to the nearest facility."""
    ways = points["way"].to_numpy(dtype=float)
    kinds = np.where(np.isfinite(ways), shade.classify(ways), len(shade.edges))
    return markup(
        '<path class="p{{kind}}" d="{{d}}"/>',
        ({"kind": kind, "d": _dots(sheet, points[kinds == kind])} for kind in range(len(shade.names))),
    )


def _dots(sheet: Sheet, places: Mapping[str, Any] | pd.DataFrame) -> str:
    """Places as dots: a round pen set down once at each."""
    pixels = sheet.place(places["lon"], places["lat"])
    inside = ((pixels >= 0) & (pixels <= [sheet.width, sheet.height])).all(axis=1)
    steps = np.unique(np.round(pixels[inside] * STEPS_PER_PIXEL).astype(int), axis=0)
    moves = np.diff(steps, axis=0, prepend=0)
    return "".join(f"m{x} {y}h0" for x, y in moves.tolist())
