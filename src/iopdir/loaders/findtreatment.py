"""FindTreatment.gov: the locator's JSON (envelope or rows), and its CSV and XLSX exports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError
from iopdir.loaders.columns import Matching, match_columns
from iopdir.loaders.files import file_kind, read_json, read_rows
from iopdir.loaders.listing import build_directory, likeliest_edition, read_codes, source_of_file
from iopdir.loaders.rows import Rows, said
from iopdir.provenance import Source
from iopdir.vocabulary.codes import EDITIONS, canonical_code, code_for_label

__all__ = [
    "is_export",
    "is_locator",
    "listing_of_export",
    "listing_of_locator",
    "listing_of_records",
    "read_findtreatment",
    "rows_of_page",
]

_REQUIRED: Final = ("name1", "city", "state", "zip", "latitude", "longitude")
_KEPT: Final = {
    "name1": "name", "name2": "program", "street1": "street1", "street2": "street2", "city": "city",
    "state": "state", "zip": "zip", "county": "county", "phone": "phone", "website": "website", "latitude": "lat",
    "longitude": "lon", "intake1": "intake_phone", "typeFacility": "facility_type", "services": "codes",
}  # fmt: skip
_NOT_FLAGS: Final = {
    *map(str.lower, _KEPT), "zip4", "type_facility", "intake1a", "intake2", "intake2a", "hotline1", "hotline2",
    "miles", "_irow", "frid", "ccbhc",
}  # fmt: skip
_EXPECTED: Final = "a FindTreatment.gov listing"
_YES: Final = ("1", "1.0", "Y", "Yes", "yes", "true", "True", "TRUE")


def read_findtreatment(
    path: str | Path, *, edition: str | None = None, retrieved: date | None = None
) -> Directory:
    """Read a listing of the FindTreatment.gov locator.

    Parameters
    ----------
    path
        JSON (the locator's envelope, or its rows alone), or the CSV or XLSX export.
    edition
        Edition of the export's code columns; the one that knows most of them if not given. JSON rows carry
        labels, which need none.
    retrieved
        Day the listing was obtained; the locator is updated continually.

    Returns
    -------
    Directory
        Facilities of mental health care alone are kept, but state no level of care: the locator uses the
        same codes for them, and their intensive outpatient care is not for substance use.

    Raises
    ------
    LoadError
        If the file is none of these.

    Notes
    -----
    Values of one category are separated by semicolons, since labels contain commas. If the envelope says
    that there are more pages, `provenance.parameters["partial"]` says so too: a page is not the country.

    Examples
    --------
    ```python
    directory = iop.loaders.read_findtreatment("FindTreament_Facility_listing_2025_06_01_120000.csv")
    ```
    """
    if file_kind(path) == "JSON":
        return listing_of_locator(path, read_json(path, expected=_EXPECTED), retrieved=retrieved)
    rows = read_rows(path, expected=_EXPECTED, is_header=is_header)
    missing = set(_REQUIRED) - {name.lower() for name in rows.names}
    if missing:
        raise LoadError(
            path, expected=_EXPECTED, found=f"a table without the columns {', '.join(sorted(missing))}"
        )
    return listing_of_export(path, rows, edition=edition, retrieved=retrieved)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row of a workbook is the export's header."""
    return set(_REQUIRED) <= {cell.strip().lower() for cell in cells}


def is_export(rows: Rows) -> bool:
    """Whether a table is the locator's export: its places, and codes as columns."""
    names = {name.lower() for name in rows.names}
    codes = [name for name in names - _NOT_FLAGS if any(canonical_code(name, edition=e) for e in EDITIONS)]
    return {*_REQUIRED, "type_facility"} <= names and len(codes) > 0


def listing_of_export(
    path: str | Path, rows: Rows, *, edition: str | None = None, retrieved: date | None = None
) -> Directory:
    """Read the export: every column that is no part of an address is a code, and says 1 or nothing."""
    flags = [name for name in rows.names if name.lower() not in _NOT_FLAGS]
    said_yes = rows.table[flags].isin(_YES).to_numpy()
    cells = [tuple(name for name, yes in zip(flags, row, strict=True) if yes) for row in said_yes]
    edition = edition or likeliest_edition(flags)
    codes = read_codes(pd.Series(cells, index=rows.table.index, dtype="object"), edition=edition)
    others = rows.table.drop(columns=flags)
    matching = match_columns([name for name in rows.names if name in others], None, path)
    raw = others.rename(columns=matching.renames).join(codes).assign(**rows.marks)
    raw = raw.drop(columns=list(matching.ignored))
    source = source_of_file(path, edition=edition, retrieved=retrieved)
    return build_directory(raw, matching, source=source, codes=flags)


# --- JSON ------------------------------------------------------------------------------------------------


def is_locator(content: object) -> bool:
    """Whether JSON is the locator's: an envelope with rows, or rows with names or services of its kind."""
    rows = content.get("rows") if isinstance(content, dict) else content
    first = next((row for row in rows if isinstance(row, dict)), {}) if isinstance(rows, list) else {}
    envelope = isinstance(content, dict) and {"rows", "totalPages"} <= content.keys()
    return envelope or (
        "name1" in first and not first.keys().isdisjoint({"services", "typeFacility", "type_facility"})
    )


def listing_of_locator(path: str | Path, content: object, *, retrieved: date | None = None) -> Directory:
    """Read the locator's JSON.

    Raises
    ------
    LoadError
        If it has no rows, or none of them is a facility.
    """
    envelope = content if isinstance(content, dict) else {"rows": content}
    rows = rows_of_page(path, envelope)
    pages, total = envelope.get("totalPages", 1), envelope.get("recordCount", len(rows))
    partial: dict[str, object] = {}
    if (isinstance(pages, int) and pages > 1) or (isinstance(total, int) and total > len(rows)):
        partial["partial"] = f"page {envelope.get('page', 1)} of {pages}; {len(rows)} of {total} records"
    source = source_of_file(path, edition="labels", retrieved=retrieved)
    return listing_of_records(path, dict(enumerate(rows, start=1)), source=source, parameters=partial)


def rows_of_page(path: str | Path, content: object) -> list[object]:
    """Take the rows out of the locator's envelope.

    Raises
    ------
    LoadError
        If it holds no list of them.
    """
    rows = content.get("rows") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise LoadError(path, expected=f"{_EXPECTED}: an object with 'rows'", found=said(content))
    return rows


def listing_of_records(
    where: str | Path, rows: Mapping[int, object], *, source: Source, parameters: dict[str, object]
) -> Directory:
    """Read the locator's records, by their numbers.

    Raises
    ------
    LoadError
        If none of them is a facility.
    """
    records = [_record(row) for row in rows.values()]
    if records and all(record["defect"] for record in records):
        found = f"records that have {said(next(iter(rows.values())))}"
        raise LoadError(where, expected=_EXPECTED, found=found)
    columns = [*(ours for ours in _KEPT.values() if ours != "codes"), "codes", "unmapped", "defect"]
    index = pd.Index(list(rows), name="row", dtype="int64")
    raw = pd.DataFrame(records, index=index, columns=columns, dtype="object")
    names = dict.fromkeys(key for row in rows.values() if isinstance(row, dict) for key in row)
    renames = {key: _KEPT[_camel(key)] for key in names if _camel(key) in _KEPT}
    matching = Matching(
        names=tuple(names),
        renames=renames,
        extra=(),
        ignored=tuple(key for key in names if key not in renames),
        missing=(),
    )
    return build_directory(raw, matching, source=source, parameters=parameters)


def _camel(key: str) -> str:
    return "typeFacility" if key == "type_facility" else key


def _record(row: object) -> dict[str, object]:
    blank: dict[str, object] = dict.fromkeys(_KEPT.values(), "") | {"codes": (), "unmapped": (), "defect": ""}
    if not isinstance(row, dict) or "name1" not in row:
        return blank | {"defect": f"no facility record but {said(row)}"}
    record = blank | {
        _KEPT[_camel(k)]: _text(v) for k, v in row.items() if _camel(k) in _KEPT and k != "services"
    }
    read = {label: code_for_label(label) for label in _labels(row.get("services"))}
    if (
        str(record["facility_type"]).strip().upper() == "OTP"
    ):  # what it is says what it does; it has no services
        read["OTP"] = "OTP"
    record["codes"] = tuple(dict.fromkeys(code for code in read.values() if code))
    record["unmapped"] = tuple(label for label, code in read.items() if code is None)
    return record


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _labels(services: object) -> Iterator[str]:
    for service in services if isinstance(services, list) else []:
        values = service.get("f3") if isinstance(service, dict) else None
        for label in re.split(r";\s+|;$", values) if isinstance(values, str) else []:
            if label.strip():
                yield " ".join(label.split())
