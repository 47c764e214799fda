"""The parts of a report below the table: other distances, single points, quality, method, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from iopdir.intake.quality import Reason
from iopdir.report.credits import credit, credits_of
from iopdir.report.document import Markup, asset, fill, markup
from iopdir.report.findings import Findings
from iopdir.report.verdicts import outcome
from iopdir.report.words import REASONS, carries, cost_text, people_text, share_text, within_text
from iopdir.standards.standard import GIVEN

__all__ = [
    "citation",
    "counted",
    "day",
    "make_table",
    "method",
    "quality",
    "rings",
    "single_points",
    "source_names",
    "standards",
    "sure",
]


def make_table(label: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """Make a plain table; a column whose name starts with `#` holds numbers."""
    kinds = [Markup(' class="n"') if column.startswith("#") else Markup() for column in columns]
    head = markup(
        '<th scope="col"{{kind}}>{{name}}</th>',
        ({"kind": kind, "name": column.lstrip("#")} for kind, column in zip(kinds, columns, strict=True)),
    )
    lines = (
        markup("<td{{kind}}>{{v}}</td>", ({"kind": k, "v": v} for k, v in zip(kinds, row, strict=True)))
        for row in rows
    )
    body = markup("<tr>{{cells}}</tr>\n", ({"cells": cells} for cells in lines))
    return fill(asset("table.html"), label=f"Table: {label}", head=head, rows=body)


def day(published: date) -> str:
    """Write a date the American way.

    Examples
    --------
    >>> day(date(2026, 11, 4))
    'November 4, 2026'
    """
    return f"{published:%B} {published.day}, {published.year}"


def source_names(found: Findings) -> str:
    """Name every source as its publisher does."""
    return f"Sources: {credits_of(found.gaps.attrs['provenance'])}"


def rings(found: Findings) -> Markup:
    """Show how the answer changes with the limit asked for, each with its range; nothing if it was not asked."""
    if found.rings.empty:
        return Markup()
    rows = []
    for words, row in found.rings.iterrows():
        known = carries(row)
        kind = "estimate" if found.minutes and known else "placement"
        low, high = f"{kind}_low", f"{kind}_high"
        wide = row[low] < row[high]
        range_words = f"{share_text(row[low])} to {share_text(row[high])}"
        share = (
            share_text(row["share"]) + (f" ({range_words})" if wide else "")
            if known
            else f"{range_words}: too roughly placed for one figure"
        )
        limit = (
            str(words).replace(" mi", " miles") if not found.minutes else str(words).replace("min", "minutes")
        )
        rows.append(
            {
                "now": "now" if words == found.rule.name else "",
                "limit": limit,
                "width": round(1000 * row["share"]) if known else 0,
                "from": round(1000 * row[low]),
                "to": round(1000 * (row[high] - row[low])),
                "share": share,
                "gap": f" · {people_text(row['gap'])} out" if known else "",
            }
        )
    every = (
        "from every drive as slow as one in ten to every drive as quick as one in ten"
        if found.minutes
        else ("if every facility known only by its ZIP code stood farther from everybody in it, or nearer")
    )
    ranges = "" if not any(row["to"] for row in rows) else f" The paler part of a bar is the range {every}."
    return fill(
        asset("section.html"),
        id="rings",
        heading="If the time were another" if found.minutes else "If the distance were another",
        text=f"{found.mark}Share of people within each {'time' if found.minutes else 'distance'} of the nearest counted"
        f" facility, and how many are left out.{ranges}",
        content=fill('<ul class="bars">{{bars}}</ul>', bars=markup(asset("bar.html"), rows)),
    )


def standards(found: Findings) -> Markup:
    """Set other standards beside the one of the page; nothing if there are none."""
    if not found.others:
        return Markup()
    rows = []
    for rule, gaps in ((found.rule, found.gaps), *found.others):
        came, asked = outcome(gaps), gaps["covered"].sum() + gaps["gap"].sum()
        share = float(gaps["covered"].sum() / asked) if asked > 0 else float("nan")
        fails = "no share named" if came.failing is None else f"{came.failing:,} of {came.counties:,}"
        short = "" if came.failing is None else people_text(came.people_short)
        rows.append(
            (
                rule.name,
                f"{rule.source}; seen: {rule.confidence}",
                share_text(share),
                fails,
                short,
                "; ".join(sorted(set(gaps["tested"]) - {"nothing"})),
            )
        )
    columns = ("Standard", "Source", "#Share within", "#Counties failing", "#People short", "Tested")
    return fill(
        asset("section.html"),
        id="standards",
        heading="By other standards",
        text=f"{found.mark}The same facilities and people, held to each standard. A standard that names no share of"
        " people lets no county pass or fail.",
        content=make_table("By other standards", columns, rows),
    )


def single_points(found: Findings) -> Markup:
    """List the facilities whose loss would leave most people outside; nothing if it was not asked."""
    if found.lonely is None:
        return Markup()
    total = people_text(float(found.lonely["people_depending"].sum()))
    text = (
        f"{found.mark}If one of these closed or stopped offering the care, the people beside it would have no other"
        f" facility {within_text(found.rule)}. In all, {total} people in {found.place} have exactly one facility within"
        " reach."
    )
    rows = [
        (row["name"], row["city"], row["state"], f"{row['people_depending']:,.0f}")
        for _, row in found.lonely.head(15).iterrows()
    ]
    columns = ("Facility", "Town", "State", "#People with no other")
    return fill(
        asset("section.html"),
        id="lonely",
        heading="Single points of failure",
        text=text,
        content=make_table("Single points of failure", columns, rows) if rows else Markup(),
    )


def counted(found: Findings) -> str:
    """Reconcile in one sentence how many facilities state the care, have a point, and lie in the place."""
    table = found.selection.table
    blank, here = int(table["lon"].isna().sum()), int(found.total["facilities"])
    elsewhere = len(table) - blank - here
    where = f" in {found.place}" if found.state else " in the 50 states and DC"
    text = f"Of the {len(table):,} facilities of the listing that state the care, {here:,} stand{where}"
    beyond = (
        "elsewhere; those across the border count too where they are near enough"
        if found.state
        else ("in Puerto Rico, the island areas or abroad")
    )
    if elsewhere:
        text += f", {elsewhere:,} {beyond}"
    if blank:
        text += f", and {blank:,} {'has' if blank == 1 else 'have'} no known point and cannot be counted"
    return f"{text}."


def quality(found: Findings) -> Markup:
    """Account for the rows of the listing and say how exactly the facilities are placed."""
    account = found.directory.quality
    placed = found.selection.table["precision"].value_counts()
    where = [
        f"{placed[key]:,} {'stands' if placed[key] == 1 else 'stand'} {words}"
        for key, words in (
            ("address", "at their address"),
            ("zip_centroid", "at the middle of their ZIP code"),
        )
        if placed.get(key, 0)
    ]
    issues = account.issues[["reason", "action"]].value_counts().reset_index(name="number")
    rows = [
        (REASONS[Reason(row["reason"])], row["action"], f"{row['number']:,}") for _, row in issues.iterrows()
    ]
    table = make_table("Issues", ("What was found", "What was done", "#Values"), rows)
    return fill(
        "<p>The listing has {{rows}} rows: {{accepted}} were accepted, {{merged}} merged with a row for the same "
        "site, {{rejected}} rejected. {{counted}} {{where}}</p>{{table}}",
        rows=f"{account.rows_in:,}",
        accepted=f"{account.accepted:,}",
        merged=f"{account.merged:,}",
        rejected=f"{account.rejected:,}",
        counted=counted(found),
        where=f"Of those, {', '.join(where)}." if where else "",
        table=table if rows else Markup("<p>No value needed repair or flagging.</p>"),
    )


def _rule(found: Findings) -> str:
    if found.rule.source == GIVEN:
        return within_text(found.rule)
    tested = f"; tested: {found.total['tested']}" if found.rule.has_duration else ""
    return f"{found.rule.name} ({found.rule.source}; seen: {found.rule.confidence}{tested})"


def _way(found: Findings) -> tuple[str, str]:
    if not found.minutes:
        return (
            "Distance",
            "geodesic on the WGS84 ellipsoid, a straight line over the ground; the edge counts as inside",
        )
    words = cost_text(found.gaps.attrs["provenance"]["parameters"]).rstrip(".")
    return "Time", f"{words[:1].lower()}{words[1:]}; the edge counts as inside"


def method(found: Findings) -> Markup:
    """Say how the figures were made, with every source and its checksum."""
    facts = (
        ("Care", found.care + found.choice),
        ("Standard", _rule(found)),
        _way(found),
        ("People", "each demand point counts whole as inside or outside, by its nearest facility"),
        ("Areas", "a demand point in several counties is shared among them by where its homes are"),
        ("Facilities", "all counted facilities of the listing, also those across a border"),
        ("Software", found.gaps.attrs["provenance"]["package"]),
    )
    rows = [
        (
            credit(source),
            source["name"],
            source.get("licence") or "",
            fill("<code>{{sum}}</code>", sum=source["sha256"]),
        )
        for source in found.gaps.attrs["provenance"]["sources"]
    ]
    return fill(
        '<dl class="facts">{{facts}}</dl><h3>Sources</h3>{{table}}',
        facts=markup("<dt>{{name}}</dt><dd>{{words}}</dd>", ({"name": n, "words": w} for n, w in facts)),
        table=make_table("Sources", ("Source", "File or pack", "Licence", "SHA-256"), rows),
    )


_EMBEDDED_DEMAND: Final = (
    "The embedded demand shares out people of the American Community Survey 2018-22 among counties by ZIP code. "
    "Against the 2020 census the median county is 0.1% lower; 98 of 100 counties lie between 82% and 115%."
)
"""Holds where people are those of the embedded pack; numbers from the fact sheet, flag S."""

_CAVEATS: Final = (
    (
        "A listing is not a place on a program. Counts of facilities say nothing about free seats, and listings go "
        "stale: of 697 substance use practices the listings were functionally accurate for 50% to 92% by source, 83% "
        "on average (Riley and others 2024), and 10% to 14% of facilities a year closed or stopped responding to the "
        "federal survey. Nobody has measured it for intensive outpatient care."
    ),
    "“Treatment desert” has no standard definition; that is why the limit is always named.",
)
"""What limits the figures; numbers as in the project's fact sheet, with its flags."""

_BUSES: Final = "nothing here knows about buses, work hours or child care."
_STRAIGHT: Final = (
    f"A straight line is shorter than any road, and {_BUSES}",
    (
        "Where a listing gives no coordinates, a facility stands at the middle of its ZIP code. For the national "
        "directory of 2022 with ZIP areas as demand this gives 96.9% of people within 30 miles and 79.0% within 10; "
        "with address coordinates and census block groups it is 97.1% and 81.7%. Short distances suffer most."
    ),
)
_DRIVEN: Final = (f"Minutes are those of a car that somebody can drive, and {_BUSES}",)
"""What limits straight lines, and what limits minutes."""


def _ranges(found: Findings) -> Iterator[str]:
    """Say how far the headline could be off, as `coverage_gaps` reckons it."""
    row = found.total
    if "estimate_low" in row:
        yield (
            f"Minutes are estimated: were every drive as slow as the slowest tenth, the share would be "
            f"{share_text(row['estimate_low'])}; as quick as the quickest tenth, {share_text(row['estimate_high'])}."
        )
    if row.get("placement_low", 1.0) < row.get("placement_high", 1.0):
        yield (
            f"Facilities known only by their ZIP code may stand elsewhere in it: moved away from everybody the share "
            f"would be {share_text(row['placement_low'])}, moved nearer {share_text(row['placement_high'])}."
        )
    low, high = found.gaps.attrs["provenance"]["parameters"]["listing_active"]
    yield (
        f"The headline takes every listing at its word. If each stood for care that one can get only with a chance of "
        f"{low:.0%} to {high:.0%}, {share_text(row['listing_low'])} to {share_text(row['listing_high'])} of people "
        f"could be expected to have one {within_text(found.rule)}."
    )


def sure(found: Findings) -> Markup:
    """Say what limits the figures."""
    sources = found.gaps.attrs["provenance"]["sources"]
    extra = [_EMBEDDED_DEMAND] if any(source["name"] == "zcta" for source in sources) else []
    ways = _DRIVEN if found.minutes else _STRAIGHT
    texts = (*(found.mark + text for text in _ranges(found)), *_CAVEATS[:1], *ways, *_CAVEATS[1:], *extra)
    items = markup("<li>{{words}}</li>", ({"words": words} for words in texts))
    made_up = Markup(
        "<p><strong>The facilities are SYNTHETIC, so no figure here holds anywhere.</strong></p>"
    )
    return Markup((made_up if found.directory.synthetic else "") + f"<ul>{items}</ul>")


def citation(found: Findings, heading: str) -> str:
    """Write how to cite the page."""
    synthetic = "SYNTHETIC demonstration. " if found.directory.synthetic else ""
    name = "" if found.rule.source == GIVEN else f" ({found.rule.name})"
    return (
        f"{synthetic}{heading} Share of people {within_text(found.rule)}{name}, by county. {day(found.published)}. "
        f"Made with {found.gaps.attrs['provenance']['package']}. {source_names(found)}."
    )
