"""A report that a health department could publish: one HTML file, no network, every figure with its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from iopdir.directory.directory import Directory
from iopdir.errors import KindError
from iopdir.geography.boundaries import states
from iopdir.progress import during
from iopdir.report import sections
from iopdir.report.changed import what_changed
from iopdir.report.county_map import county_map
from iopdir.report.county_table import csv_columns, table
from iopdir.report.credits import PACKS, credit
from iopdir.report.document import Markup, assemble, asset, crisis_lines, fill, markup, write_page
from iopdir.report.findings import Findings, collect, survey
from iopdir.report.openings import ten_more
from iopdir.report.verdicts import outcome
from iopdir.report.words import (
    careful_text,
    carries,
    people_text,
    placement_text,
    range_text,
    way_text,
    within_text,
)
from iopdir.standards.standard import GIVEN

if TYPE_CHECKING:
    import geopandas as gpd

    from iopdir.changes.differences import Diff
    from iopdir.standards.standard import Standard
    from iopdir.travel.cost import CostLike
    from iopdir.travel.reach import Reach

__all__ = ["write_gaps", "write_report"]


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
    MissingExtraError
        If the extra `siting` is not installed; unless the standard asks for several facilities, for which no new sites
        are planned.
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
    KindError.unless(Directory, directory=directory)
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


def write_gaps(whole: Reach, selection: Directory, rule: Standard, path: str | Path) -> Path:
    """Write the map and the table of one standard as a page of the same kind, without the rest of a report.

    Parameters
    ----------
    whole
        People and facilities.
    selection
        The same facilities as a listing, with its quality.
    rule
        The standard.
    path
        Where to write the HTML file; folders are made.

    Returns
    -------
    Path
        The file written.
    """
    asked = whole.about.get("state") or []
    state = asked[0] if len(asked) == 1 else None
    found = survey(whole, selection, selection, rule, state, published=datetime.now(tz=UTC).date())
    return write_page(path, _render(found, None))


@during("Drawing the page")
def _render(found: Findings, changes: Diff | None) -> str:
    """Put the findings into words and shapes."""
    synthetic, mark = found.directory.synthetic, found.mark
    heading = f"Who in {found.place} can reach {found.care}?"
    body = fill(
        asset("report.html"),
        banner=fill(asset("banner.html"), what="Every facility behind this report") if synthetic else Markup(),
        kicker=("SYNTHETIC demonstration · " if synthetic else "") + "Access to treatment, by county",
        heading=heading,
        lead=mark + _lead(found),
        dateline=f"{sections.day(found.published)}. Facilities: {_listing(found)}.",
        tiles=_tiles(found),
        map_text=mark + _map_text(found),
        map=county_map(
            found, f"{mark}{sections.source_names(found)}. County boundaries of {_vintage(found)}.{_islands(found)}"
        ),
        table=table(found),
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
        "csv_columns": csv_columns(found),
        "source": "SYNTHETIC demo_directory" if synthetic else "",
        "csv_name": f"{'SYNTHETIC_' if synthetic else ''}gaps_{found.state or 'US'}.csv",
        "vintage": _vintage(found),
    }
    return assemble(
        title=mark + heading,
        body=body,
        style=asset("base.css") + asset("report.css"),
        script='"use strict";\n{\n' + asset("report_table.js") + asset("report_map.js") + "}\n",
        data={"facts": facts},
        synthetic=synthetic,
    )


def _vintage(found: Findings) -> int:
    return int(found.gaps["vintage"].iloc[0])


def _islands(found: Findings) -> str:
    if found.islands.empty:
        return ""
    names = states().set_index("state").loc[sorted(set(found.islands["state"])), "name"]
    people = people_text(float(found.islands["people"].sum()))
    where = f"{' and '.join(names)} ({people} people)"
    return f" The headline is about the 50 states and DC; {where} is on the map and in the table besides."


def _lead(found: Findings) -> str:
    share, gap = careful_text(found.total), people_text(float(found.total["gap"]))
    facility = f"a listed facility for {found.care}{found.choice}"
    if found.rule.source == GIVEN:
        text = f"{share} of people live {within_text(found.rule)} of {facility}."
    else:
        text = f"By “{found.rule.name}”, {share} of people live near enough to {facility}."
    if not carries(found.total):
        return f"{text[:1].upper()}{text[1:]} Facilities known only by their ZIP code allow no single figure."
    text += f" {gap} people do not."
    if "estimate_low" in found.total:
        text += f" By the range of the estimate it is {range_text(found.total, 'estimate')}."
    return f"{text} {placement_text(found.total)}".rstrip()


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
        (way_text(found.total, "nearest"), "nearest facility, for the person in the middle"),
        (f"{here:,}", f"facilities in {found.place} counted"),
    )
    made_up = ", SYNTHETIC" if found.directory.synthetic else ""
    return markup("<li><b>{{figure}}</b><span>{{words}}</span></li>", (
        {"figure": figure, "words": words + made_up} for figure, words in tiles
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
