"""A report that a health department could publish: one HTML file, no network, every figure with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from iopdir.report import sections
from iopdir.report.credits import PACKS, credit
from iopdir.report.document import Markup, assemble, asset, crisis_lines, fill, markup, write_page
from iopdir.report.findings import Findings, collect
from iopdir.report.maps import SHARE_CLASSES, classify, lay_out, state_outlines
from iopdir.report.openings import ten_more
from iopdir.report.sheet import STEPS_PER_PIXEL, Sheet, svg_path
from iopdir.report.turnover import what_changed
from iopdir.report.verdicts import outcome
from iopdir.report.words import (
    STATUSES,
    careful_text,
    carries,
    people_text,
    range_text,
    share_text,
    way_text,
    within_text,
)
from iopdir.standards.standard import GIVEN
from iopdir.units import METRES_PER_MILE

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from iopdir.changes.differences import Diff
    from iopdir.directory.directory import Directory
    from iopdir.standards.standard import Standard
    from iopdir.travel.cost import CostLike

__all__ = ["write_report"]

_COLUMNS: Final = (
    ("County", ""),
    ("State", ""),
    ("People", "n"),
    ("People outside", "n"),
    ("Share within", "n"),
    ("Nearest, {unit} (median)", "n"),
    ("Facilities in county", "n"),
    ("Note", ""),
)
_CSV_COLUMNS: Final = (
    "county_fips", "vintage", "name", "state", "people", "gap", "share", "nearest_{unit}", "facilities", "note",
)  # fmt: skip
_PRINTED_ROWS: Final = 60


def write_report(
    demand: gpd.GeoDataFrame,
    directory: Directory,
    path: str | Path,
    *,
    level_of_care: str | None = "iop",
    standard: str | Standard | Sequence[str | Standard] = "30 mi",
    state: str | None = None,
    payment: str | None = None,
    age_group: str | None = None,
    published: date | None = None,
    changes: Diff | None = None,
    cost: CostLike = None,
) -> Path:
    """Write a self-contained report on who is outside a standard, for the nation or one state.

    The page holds headline figures, a county map that mouse and keyboard can explore, a table to sort and
    search, the share of people within other distances, facilities whose loss would leave people outside,
    the quality of the listing, the method with its provenance, how sure the figures are, and a citation. It
    needs no network and forbids every request; text of the directory is shown as text, never run.

    Parameters
    ----------
    demand
        Demand points, from `demand_points` or `read_popcenters`.
    directory
        The whole listing; the report chooses from it and tells its quality.
    path
        Where to write the HTML file; folders are made.
    level_of_care
        One of `LevelOfCare`; None for facilities of any kind.
    standard
        A distance such as ``"30 mi"``, with a `cost` in minutes a time such as ``"20 min"``, a short name such as
        ``"nc-iop"``, or a `Standard`; of several the first makes the map and the table, the others are set beside it.
    state
        Postal abbreviation to report on one state; facilities across its border still count. Left out, a state's own
        standard makes it a report on that state.
    payment, age_group
        Count only facilities that state this `Payment`, this `AgeGroup`.
    published
        Date on the page; today if not given.
    changes
        What [`diff`][iopdir.diff] found between an earlier listing and this one, for a part that tells it.
    cost
        Instead of straight lines a [`CostMatrix`][iopdir.CostMatrix], [`Roads`][iopdir.Roads], or
        ``"drive-estimate"``; the page then speaks of minutes.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UnknownNameError
        If there is no such level of care, payment, age group or state.
    UnitError
        If the standard is a text without a unit, or has no limit in the unit of the cost.

    Examples
    --------
    >>> import iopdir as iop, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> demand = iop.demand_points("zcta", state=["VT"])
    >>> page = iop.write_report(demand, iop.demo_directory(), Path(folder.name) / "vt.html", state="VT")
    >>> "SYNTHETIC" in page.read_text(encoding="utf-8")
    True
    >>> folder.cleanup()
    """
    found = collect(
        demand,
        directory,
        level_of_care=level_of_care,
        standard=standard,
        state=state,
        payment=payment,
        age_group=age_group,
        published=published or datetime.now(tz=UTC).date(),
        cost=cost,
    )
    return write_page(path, _render(found, changes))


def _render(found: Findings, changes: Diff | None) -> str:
    """Put the findings into words and shapes."""
    synthetic = found.directory.synthetic
    mark = "SYNTHETIC: " if synthetic else ""
    heading = f"Who in {found.place} can reach {found.care}?"
    shapes, sheet = lay_out(found.gaps)
    body = fill(
        asset("report.html"),
        banner=fill(asset("banner.html"), what="Every facility behind this report") if synthetic else Markup(),
        kicker=("SYNTHETIC demonstration · " if synthetic else "") + "Access to treatment, by county",
        heading=heading,
        lead=mark + _lead(found),
        dateline=f"{sections.day(found.published)}. Facilities: {_listing(found)}.",
        tiles=_tiles(found),
        map_text=_map_text(found),
        map_label=f"{mark}Map of {found.place}: share of people {within_text(found.rule)}, by county",
        map_class="state-map" if found.state else "",
        view_width=sheet.width * STEPS_PER_PIXEL,
        view_height=sheet.height * STEPS_PER_PIXEL,
        counties=_counties(found, sheet.draw(shapes)),
        state_lines="".join(svg_path(shape) for shape in sheet.draw(state_outlines(found.gaps))),
        sites=_sites(found, sheet),
        legend=_legend(found),
        map_source=f"{mark}{sections.source_names(found)}. County boundaries of {_vintage(found)}.",
        columns=markup(
            '<th scope="col" class="{{kind}}"><button type="button">{{name}}</button></th>',
            (
                {"name": name.format(unit="minutes" if found.minutes else "miles"), "kind": kind}
                for name, kind in _COLUMNS
            ),
        ),
        rows=markup(asset("county_row.html"), _rows(found)),
        row_count=f"{len(found.gaps):,}",
        state_field=Markup("hidden") if found.state else "",
        state_options=_options(found),
        rings=Markup(sections.rings(found) + sections.standards(found)),
        single_points=Markup(
            sections.single_points(found) + ten_more(found) + (what_changed(changes) if changes else "")
        ),
        quality=sections.quality(found),
        method=sections.method(found),
        sure=sections.sure(found),
        citation=sections.citation(found, heading),
        crisis_lines=crisis_lines(),
    )  # fmt: skip
    facts = {
        "csv_columns": [name.format(unit="min" if found.minutes else "m") for name in _CSV_COLUMNS],
        "source": "SYNTHETIC demo_directory" if synthetic else "",
        "csv_name": f"{'SYNTHETIC_' if synthetic else ''}gaps_{found.state or 'US'}.csv",
        "vintage": _vintage(found),
    }
    return assemble(
        title=mark + heading,
        body=body,
        style=asset("base.css") + asset("report.css"),
        script=asset("report.js"),
        data={"facts": facts},
        synthetic=synthetic,
    )


def _vintage(found: Findings) -> int:
    return int(found.gaps["vintage"].iloc[0])


def _lead(found: Findings) -> str:
    share, gap = careful_text(found.total), people_text(float(found.total["gap"]))
    facility = f"a listed facility for {found.care}{sections.choice(found)}"
    if found.rule.source == GIVEN:
        text = f"{share} of people live {within_text(found.rule)} of {facility}."
    else:
        text = f"By “{found.rule.name}”, {share} of people live near enough to {facility}."
    if not carries(found.total):
        return f"{text[:1].upper()}{text[1:]} Facilities known only by their ZIP code allow no single figure."
    text += f" {gap} people do not."
    if "estimate_low" in found.total:
        text += f" By the range of the estimate it is {range_text(found.total, 'estimate')}."
    return text


def _listing(found: Findings) -> str:
    first = found.directory.provenance.to_dict()["sources"][0]
    return f"{credit(first)} ({first['name']})" if first["name"] not in PACKS else credit(first)


def _tiles(found: Findings) -> Markup:
    here = int(found.total["facilities"])
    tiles = (
        (careful_text(found.total), f"of people are {within_text(found.rule)}"),
        (
            people_text(float(found.total["gap"])) if carries(found.total) else "not known",
            f"people are not, of {people_text(float(found.total['people']))}",
        ),
        _verdict_tile(found),
        (way_text(found.total, "nearest"), "to the nearest facility, for the person in the middle"),
        (f"{here:,}", f"facilities in {found.place} counted"),
    )
    return markup("<li><b>{{figure}}</b><span>{{words}}</span></li>", (
        {"figure": figure, "words": words} for figure, words in tiles
    ))  # fmt: skip


def _verdict_tile(found: Findings) -> tuple[str, str]:
    """How many counties fail, where the standard says when one does; otherwise how many are badly off."""
    came = outcome(found.gaps)
    if came.failing is not None:
        return f"{came.failing:,}", f"of {came.counties:,} counties fail"
    within = found.gaps["share"]
    worse = int((within < 0.5).sum())
    return f"{worse:,}", f"of {len(within):,} counties have fewer than half of their people within"


def _map_text(found: Findings) -> str:
    worst = found.gaps.sort_values(["gap", "people"], ascending=False)
    worst = worst[worst["gap"] >= 0.5].head(5)
    if worst.empty:
        return f"Everybody in {found.place} is {within_text(found.rule)}."
    names = [
        f"{row['name']}{'' if found.state else ', ' + row['state']} ({people_text(row['gap'])})"
        for _, row in worst.iterrows()
    ]
    return (
        f"Each county is shaded by the share of its people {within_text(found.rule)}. "
        f"Most people outside live in {'; '.join(names)}."
    )


def _note(row: Mapping[str, Any]) -> str:
    status = STATUSES.get(row["status"], str(row["status"]))
    if row.get("verdict") in ("pass", "fail"):
        words = "meets" if row["verdict"] == "pass" else "below"
        status = f"{words} the required {share_text(row['required_share'])}"
    return f"{row['county_type']}: {status}" if row.get("county_type") else status


def _tip(found: Findings, row: Mapping[str, Any]) -> list[str]:
    if not np.isfinite(row["share"]):
        return [_note(row) or "no figure"]
    lines = [
        f"{share_text(row['share'])} {within_text(found.rule)}",
        f"{people_text(row['gap'])} of {people_text(row['people'])} people outside",
        f"nearest: {way_text(row, 'nearest')} (median)",
        f"{row['facilities']:,.0f} {'facility' if row['facilities'] == 1 else 'facilities'} in the county",
    ]
    return [*lines, _note(row)] if _note(row) else lines


def _records(gaps: pd.DataFrame) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", gaps.reset_index().to_dict("records"))


def _counties(found: Findings, drawn: gpd.GeoSeries) -> Markup:
    kinds = classify(found.gaps)
    return markup(
        asset("county_path.html"),
        (
            {
                "fips": row["county_fips"],
                "kind": f"c{kind}" if kind >= 0 else "cx",
                "stop": 0 if position == 0 else -1,
                "label": f"{row['name']}, {row['state']}: " + ", ".join(_tip(found, row)),
                "d": svg_path(shape),
            }
            for position, (row, kind, shape) in enumerate(
                zip(_records(found.gaps), kinds, drawn, strict=True)
            )
        ),
    )


def _sites(found: Findings, sheet: Sheet) -> Markup:
    """Facilities as dots: a round pen set down once at each."""
    frame = found.selection.table
    pixels = sheet.place(frame["lon"], frame["lat"])
    inside = ((pixels >= 0) & (pixels <= [sheet.width, sheet.height])).all(axis=1)
    steps = np.unique(np.round(pixels[inside] * STEPS_PER_PIXEL).astype(int), axis=0)
    return Markup("".join(f"M{x} {y}h0" for x, y in steps.tolist()))


def _options(found: Findings) -> Markup:
    codes = sorted(set(found.gaps["state"]))
    return markup("<option>{{code}}</option>", ({"code": code} for code in codes))


def _legend(found: Findings) -> Markup:
    rows = [{"kind": f"c{order}", "name": f"{name} within"} for order, (_, name) in enumerate(SHARE_CLASSES)]
    blank = found.gaps.loc[found.gaps["share"].isna(), "status"].unique()
    rows += [{"kind": "cx", "name": STATUSES.get(status) or "no figure"} for status in blank]
    return markup(asset("swatch.html"), [*rows, {"kind": "site", "name": "facility"}])


def _rows(found: Findings) -> Sequence[Mapping[str, object]]:
    """Counties for the table, most people outside first."""
    ordered = found.gaps.sort_values(["gap", "people"], ascending=False, kind="stable")
    rows = []
    for position, row in enumerate(_records(ordered)):
        way = row["nearest_min"] if found.minutes else row["nearest_m"]
        known = bool(np.isfinite(way))
        shown = f"{way:,.0f}" if found.minutes else f"{way / METRES_PER_MILE:,.1f}"
        share = row["share"]
        rows.append(
            {
                "fips": row["county_fips"],
                "state": row["state"],
                "name": row["name"],
                "people_v": f"{row['people']:.1f}",
                "people": f"{row['people']:,.0f}",
                "gap_v": f"{row['gap']:.1f}",
                "gap": f"{row['gap']:,.0f}",
                "share_v": f"{share:.5f}" if np.isfinite(share) else "",
                "share": share_text(share) if np.isfinite(share) else "",
                "nearest_v": f"{way:.{1 if found.minutes else 0}f}" if known else "",
                "nearest": ("~" if row["by_zip"] >= 0.5 else "") + shown if known else "",
                "facilities": int(row["facilities"]),
                "note": _note(row),
                "tip": "|".join(_tip(found, row)),
                "beyond": Markup(' class="beyond-print"') if position >= _PRINTED_ROWS else "",
            }
        )
    return rows
