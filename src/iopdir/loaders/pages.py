"""An answer of the FindTreatment.gov locator in several pages, read as one listing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError
from iopdir.intake.quality import ISSUE_COLUMNS, MERGE_COLUMNS, Quality, Reason
from iopdir.loaders.files import read_json
from iopdir.loaders.findtreatment import listing_of_records, rows_of_page
from iopdir.provenance import Source

__all__ = ["listing_of_pages"]

_EXPECTED: Final = "a page of the FindTreatment.gov locator"
_NEEDED: Final = ("name1", "city", "state", "zip", "latitude", "longitude")
_OF_THE_ANSWER: Final = {"_irow", "miles"}


def listing_of_pages(paths: Iterable[str | Path], *, source: Source) -> Directory:
    """Read pages as one listing.

    Parameters
    ----------
    paths
        Pages in their order, JSON.
    source
        What every row is to cite.

    Returns
    -------
    Directory
        Records are numbered through all pages. One that a later page repeats, since the listing moved while it was
        asked for, is merged: `quality.merges` says so, and ``provenance.parameters["repeated"]`` how many were.

    Raises
    ------
    LoadError
        If a page is none, or its records have no longer the columns that a facility needs.
    """
    rows: dict[int, object] = {}
    first: dict[bytes, tuple[int, int]] = {}
    repeats: dict[int, tuple[int, str]] = {}
    number, where = 0, Path(source.name)
    for page, path in enumerate(paths, start=1):
        where = Path(path)
        content = rows_of_page(path, read_json(path, expected=_EXPECTED))
        _check_columns(path, content)
        for row in content:
            number += 1
            on_page, like = first.setdefault(_digest(row), (page, number))
            if on_page == page:  # within a page, equal records are for the intake to judge
                rows[number] = row
            else:
                repeats[number] = like, f"the record of page {on_page} again on page {page}"
    parameters: dict[str, object] = {"repeated": len(repeats)} if repeats else {}
    directory = listing_of_records(where, rows, source=source, parameters=parameters)
    if not repeats:
        return directory
    quality = _with_repeats(directory, source.name, repeats)
    return Directory(directory.table, quality=quality, provenance=directory.provenance)


def _check_columns(path: str | Path, rows: list[object]) -> None:
    records = [row for row in rows if isinstance(row, dict)]
    gone = [name for name in _NEEDED if records and not any(name in row for row in records)]
    if gone:
        known = ", ".join(map(repr, list(records[0])[:30]))
        raise LoadError(
            path, expected=f"{_EXPECTED} with {', '.join(gone)}", found=f"records of other columns: {known}"
        )


def _digest(row: object) -> bytes:
    told = {key: row[key] for key in row if key not in _OF_THE_ANSWER} if isinstance(row, dict) else row
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


def _with_repeats(directory: Directory, file: str, repeats: dict[int, tuple[int, str]]) -> Quality:
    """Account for repeated records: merged into the facility of the first, or rejected as the first was."""
    quality = directory.quality
    ids = {int(row): name for name, row in directory.table["source_row"].items()}
    ids |= dict(zip(quality.merges["row"], quality.merges["facility_id"], strict=True))
    rejected = quality.issues[quality.issues["action"] == "rejected"].set_index("row")
    merges: list[tuple[object, ...]] = []
    issues: list[tuple[object, ...]] = []
    for row, (into, evidence) in repeats.items():
        if into in ids:
            merges.append((file, row, into, ids[into], evidence, float("nan")))
            said = (Reason.DUPLICATE.value, "merged")
            issues.append((file, row, "facility_id", f"into row {into}: {evidence}", *said))
        else:
            issue = rejected.loc[into]
            issues.append((file, row, issue["field"], issue["value"], issue["reason"], "rejected"))
    return replace(
        quality,
        rows_in=quality.rows_in + len(repeats),
        merged=quality.merged + len(merges),
        rejected=quality.rejected + len(repeats) - len(merges),
        merges=_below(quality.merges, merges, MERGE_COLUMNS),
        issues=_below(quality.issues, issues, ISSUE_COLUMNS).sort_values(
            ["row", "field"], kind="stable", ignore_index=True
        ),
    )


def _below(table: pd.DataFrame, rows: list[tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    added = pd.DataFrame(rows, columns=list(columns)).astype(dict(table.dtypes))
    return pd.concat([table, added], ignore_index=True)
