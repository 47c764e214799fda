"""Every county of a page: its row in the table, and what its shape on the map says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd

from iopdir.report.document import Markup, asset, fill, markup
from iopdir.report.words import STATUSES, people_text, share_text, way_text, within_text
from iopdir.units import METRES_PER_MILE

if TYPE_CHECKING:
    from iopdir.report.findings import Findings

__all__ = ["csv_columns", "note", "records", "table", "tip"]

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
_ROUGH: Final = Markup(
    '<p class="quiet">“~” before a distance or a time: for most of these people the nearest facility is known only by '
    "its ZIP code, and stands in the middle of it here.</p>"
)


def csv_columns(found: Findings) -> list[str]:
    """Name the columns that are saved from the table."""
    return [name.format(unit="min" if found.minutes else "m") for name in _CSV_COLUMNS]


def records(found: Findings) -> Sequence[Mapping[str, Any]]:
    """Give every county as a mapping, those of the island areas last."""
    shown = pd.concat([found.gaps, found.islands]) if len(found.islands) else found.gaps
    return cast("Sequence[Mapping[str, Any]]", shown.reset_index().to_dict("records"))


def table(found: Findings) -> Markup:
    """Make the table to search, sort, save and print."""
    unit = "minutes" if found.minutes else "miles"
    codes = sorted({str(row["state"]) for row in records(found)})
    return fill(
        asset("county_table.html"),
        columns=markup(
            '<th scope="col" class="{{kind}}" data-name="{{name}}"><button type="button">{{name}}</button></th>',
            ({"name": name.format(unit=unit), "kind": kind} for name, kind in _COLUMNS),
        ),
        rows=markup(asset("county_row.html"), _rows(found)),
        rough=_ROUGH if any(row["by_zip"] >= 0.5 for row in records(found)) else Markup(),
        row_count=f"{len(found.gaps) + len(found.islands):,}",
        state_field=Markup("hidden") if found.state else "",
        state_options=markup("<option>{{code}}</option>", ({"code": code} for code in codes)),
    )


def note(row: Mapping[str, Any]) -> str:
    """Say what is to be said of a county beside its figures."""
    status = STATUSES.get(row["status"], str(row["status"]))
    if row.get("verdict") in ("pass", "fail"):
        words = "meets" if row["verdict"] == "pass" else "below"
        status = f"{words} the required {share_text(row['required_share'])}"
    return f"{row['county_type']}: {status}" if row.get("county_type") else status


def tip(found: Findings, row: Mapping[str, Any]) -> list[str]:
    """Say the figures of a county, line by line."""
    if not np.isfinite(row["share"]):
        return [note(row) or "no figure"]
    lines = [
        f"{share_text(row['share'])} {within_text(found.rule)}",
        f"{people_text(row['gap'])} of {people_text(row['people'])} people outside",
        f"nearest: {way_text(row, 'nearest')} (median)",
        f"{row['facilities']:,.0f} {'facility' if row['facilities'] == 1 else 'facilities'} in the county",
    ]
    return [*lines, note(row)] if note(row) else lines


def _rows(found: Findings) -> Sequence[Mapping[str, object]]:
    """Counties for the table, most people outside first."""
    ordered = sorted(records(found), key=lambda row: (-row["gap"], -row["people"]))
    rows = []
    for position, row in enumerate(ordered):
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
                "note": note(row),
                "tip": "|".join(tip(found, row)),
                "beyond": Markup(' class="beyond-print"') if position >= _PRINTED_ROWS else "",
            }
        )
    return rows
