"""Directories as Human Services Data Specification 3.0: a Tabular Data Package, and the same as JSON."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

import pandas as pd

from iopdir.atomic import make_folder, replacing
from iopdir.directory.directory import Directory
from iopdir.errors import KindError
from iopdir.exports.account import account_for
from iopdir.exports.hsds_mapping import HSDS_MAPPING
from iopdir.exports.hsds_record import extra_columns, organization_record, taxonomy_rows
from iopdir.exports.hsds_tables import TABLES, VERSION, descriptor, flatten
from iopdir.progress import each
from iopdir.provenance import file_sha256

if TYPE_CHECKING:
    _Sheet = csv.DictWriter[str]

__all__ = ["JSON_NAME", "PACKAGE_NAME", "hash_of", "write_hsds"]

JSON_NAME: Final = "organizations.json"
"""File of the JSON form: an array of organizations."""

PACKAGE_NAME: Final = "datapackage.json"
"""File that describes the CSV files, with the hash of each."""


def write_hsds(directory: Directory, folder: str | Path, *, written: date | None = None) -> pd.DataFrame:
    """Write a directory as HSDS 3.0: CSV files with `datapackage.json`, and `organizations.json`.

    Each facility is an organization with one location and one service, since a listing states what it states of the
    site as a whole. UUIDs are made from the facility's id, so they stay the same. What HSDS has no field for, or what
    does not fit the field, is an attribute; nothing is lost, and [`read_hsds`][iopdir.read_hsds] brings all back.

    Parameters
    ----------
    directory
        Facilities.
    folder
        Where to; made if it is not there. Files of the same names are replaced; `datapackage.json`, which states the
        hashes of the others, goes first and comes last, so that a package replaced in part has none.
    written
        Day that stands in `metadata` for facilities whose listing has no day of its own; today if not given.

    Returns
    -------
    DataFrame
        Where each column went, and how many facilities say nothing there: `element, column, stated, written, left_out,
        how`.

    Raises
    ------
    WriteError
        If a file cannot be written.

    Notes
    -----
    `service.status` must be one of four words and is ``"active"``; a listing says no more than that it is listed, which
    stands in `service.alert`. [The mapping](../data/hsds-and-fhir.md) lists every column.

    Examples
    --------
    >>> import iopdir as iop, tempfile
    >>> vermont = iop.demo_directory().select(state="VT")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     account = iop.write_hsds(vermont, folder)
    ...     again = iop.read_hsds(folder)
    >>> again.table.equals(vermont.table), again.synthetic
    (True, True)
    >>> account.set_index("element").loc["schedule.opens_at"].to_dict()
    {'column': '', 'stated': 0, 'written': 0, 'left_out': 52, 'how': 'no listing says it'}
    """
    KindError.unless(Directory, directory=directory)
    place = make_folder(folder)
    day = (written or datetime.now(UTC).date()).isoformat()
    counted: Counter[str] = Counter()
    with ExitStack() as files:
        package = files.enter_context(
            replacing(place / PACKAGE_NAME)
        )  # the first to come is the last to be put there
        listed = files.enter_context(replacing(place / JSON_NAME))
        drafts = {name: files.enter_context(replacing(place / table.path)) for name, table in TABLES.items()}
        with ExitStack() as streams:
            sheets = {name: _open_sheet(name, draft, streams) for name, draft in drafts.items()}
            stream = streams.enter_context(listed.open("w", encoding="utf-8"))
            _write_all(directory, sheets, stream, counted, day)
        about = _package(directory)
        for resource in about["resources"]:
            resource["hash"] = hash_of(drafts[resource["name"]])
        about["iopdir"]["json_hash"] = hash_of(listed)
        package.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
        (place / PACKAGE_NAME).unlink(missing_ok=True)
    return account_for(directory, HSDS_MAPPING, counted, standard=f"HSDS {VERSION}")


def hash_of(path: Path) -> str:
    """Hash a file as a data package states it: ``"sha256:"`` and the digits."""
    return f"sha256:{file_sha256(path)}"


def _open_sheet(name: str, draft: Path, streams: ExitStack) -> _Sheet:
    stream = streams.enter_context(draft.open("w", encoding="utf-8", newline=""))
    fields = [field.name for field in TABLES[name].fields]
    sheet = csv.DictWriter(stream, fields, extrasaction="ignore")
    sheet.writeheader()
    return sheet


def _package(directory: Directory) -> dict[str, Any]:
    sources = [{"title": str(source)} for source in directory.provenance.sources]
    title = "Treatment facilities"
    return descriptor(
        title=f"SYNTHETIC {title}" if directory.synthetic else title,
        **({"sources": sources} if sources else {}),
        iopdir=json.loads(json.dumps(directory.provenance.to_dict(), default=str)),
    )


def _write_all(
    directory: Directory, sheets: Mapping[str, _Sheet], stream: IO[str], counted: Counter[str], day: str
) -> None:
    extra = extra_columns(directory.table)
    for table, row in taxonomy_rows(extra):
        sheets[table].writerow(row)
    start = "[\n"
    for facility in each(directory.table.reset_index().to_dict("records"), "Writing HSDS"):
        record = organization_record(cast("dict[str, Any]", facility), extra, day)
        stream.write(start + json.dumps(record, ensure_ascii=False))
        start = ",\n"
        rows = [part for part in flatten(record) if part[0] != "taxonomy_term"]
        for table, row in rows:
            sheets[table].writerow(row)
        counted.update(_said(rows))
    stream.write("[]\n" if start == "[\n" else "\n]\n")


def _said(rows: list[tuple[str, dict[str, Any]]]) -> set[str]:
    """Name the elements of the mapping that a facility fills."""
    said = set()
    for table, row in rows:
        if table == "attribute":
            said.add(f"attribute[{row['link_type']}] of the {row['link_entity']}")
        elif table == "phone":
            said.add(f"phone.number of the {'location' if 'location_id' in row else 'service'}")
        else:
            said.update(f"{table}.{name}" for name in row)
    return said
