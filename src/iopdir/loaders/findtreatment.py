"""FindTreatment.gov: the locator's JSON (envelope or rows), and its CSV and XLSX exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError
from iopdir.loaders.files import DEFECT, file_kind, read_csv_rows, read_json, read_xlsx_sheets, rows_to_frame
from iopdir.loaders.listing import build_directory, read_codes
from iopdir.vocabulary.taxonomy import code_for_label

__all__ = ["read_findtreatment"]

_PLAIN: Final = (
    "name1", "name2", "street1", "street2", "city", "state", "zip", "county", "phone", "website",
    "latitude", "longitude",
)  # fmt: skip
_REQUIRED: Final = ("name1", "city", "state", "zip", "latitude", "longitude")
_NOT_CODES: Final = {
    *_PLAIN, "zip4", "type_facility", "intake1", "intake1a", "intake2", "intake2a", "hotline1", "hotline2",
    "miles", "_irow", "frid", DEFECT,
}  # fmt: skip
_EXPECTED: Final = "a FindTreatment.gov listing"
_PREAMBLE_ROWS: Final = 20


def read_findtreatment(
    path: str | Path, *, edition: str | None = None, retrieved: date | None = None
) -> Directory:
    """Read a listing of the FindTreatment.gov locator.

    Parameters
    ----------
    path
        JSON (the locator's envelope, or its rows alone), or the CSV or XLSX export.
    edition
        Edition of the export's code columns; found out from the header when left out. JSON rows carry
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
        rows, partial = _json_rows(path)
        parameters: dict[str, object] = {"partial": partial} if partial else {}
        return build_directory(rows, path=path, edition="labels", retrieved=retrieved, parameters=parameters)
    rows = _table(path)
    edition = edition or ("2025" if {"iop", "cash"} & set(rows) else "2022")
    rows = rows.rename(columns={"type_facility": "facility_type", "intake1": "intake"})
    flags = rows.loc[:, [column for column in rows if column not in _NOT_CODES | {"facility_type", "intake"}]]
    codes = read_codes(_flagged(flags), edition=edition)
    kept = rows.drop(columns=flags.columns)
    return build_directory(kept.join(codes), path=path, edition=edition, retrieved=retrieved)


def _flagged(flags: pd.DataFrame) -> pd.Series[str]:
    """Names of the columns that say 1, joined by space."""
    names = flags.columns.to_numpy()
    said = flags.isin(["1", "1.0", "Y", "Yes", "yes", "true", "True", "TRUE"]).to_numpy()
    return pd.Series([" ".join(names[row]) for row in said], index=flags.index, dtype="str")


def _table(path: str | Path) -> pd.DataFrame:
    if file_kind(path) == "text":
        rows = read_csv_rows(path, expected=_EXPECTED)
        rows = rows.rename(columns=str.lower)
    else:
        sheets = read_xlsx_sheets(path, expected=_EXPECTED)
        rows = _under_preamble(path, next(iter(sheets.values()))())
    missing = [column for column in _REQUIRED if column not in rows]
    if missing:
        raise LoadError(path, expected=_EXPECTED, found=f"a table without the columns {', '.join(missing)}")
    return rows


def _under_preamble(path: str | Path, cells: list[list[str]]) -> pd.DataFrame:
    for number, row in enumerate(cells[:_PREAMBLE_ROWS]):
        header = [cell.strip().lower() for cell in row]
        if set(_REQUIRED) <= set(header):
            records = (
                (line, record)
                for line, record in enumerate(cells[number + 1 :], start=number + 2)
                if any(record)
            )
            return rows_to_frame(path, header, records, expected=_EXPECTED)
    raise LoadError(
        path,
        expected=f"{_EXPECTED} with a header row of {', '.join(_REQUIRED)} among the first {_PREAMBLE_ROWS}",
        found="none",
    )


# --- JSON ------------------------------------------------------------------------------------------------


def _json_rows(path: str | Path) -> tuple[pd.DataFrame, str]:
    content = read_json(path, expected=_EXPECTED)
    partial = ""
    envelope = content if isinstance(content, dict) else {"rows": content}
    rows = envelope.get("rows")
    if not isinstance(rows, list):
        raise LoadError(path, expected=f"{_EXPECTED}: an object with 'rows'", found=_keys(content))
    pages, total = envelope.get("totalPages", 1), envelope.get("recordCount", len(rows))
    if (isinstance(pages, int) and pages > 1) or (isinstance(total, int) and total > len(rows)):
        partial = f"page {envelope.get('page', 1)} of {pages}; {len(rows)} of {total} records"
    records = [_record(row) for row in rows]
    if records and all(record.get(DEFECT) for record in records):
        raise LoadError(path, expected=_EXPECTED, found=f"records that have {_keys(rows[0])}")
    index = pd.RangeIndex(1, len(records) + 1, name="row")
    return pd.DataFrame(records, index=index, columns=[*_PLAIN, *_DERIVED], dtype="str").fillna(""), partial


_DERIVED: Final = ("intake", "facility_type", "codes", "unmapped", DEFECT)


def _keys(value: object) -> str:
    if isinstance(value, dict):
        return f"the keys {', '.join(map(repr, list(value)[:6]))}"
    return f"a {type(value).__name__}"


def _record(row: object) -> dict[str, str]:
    if not isinstance(row, dict) or "name1" not in row:
        return {DEFECT: f"no facility record but {_keys(row)}"}
    record = {name: _text(row.get(name)) for name in _PLAIN}
    record["intake"] = _text(row.get("intake1"))
    record["facility_type"] = _text(row.get("type_facility", row.get("typeFacility")))
    codes, unmapped = [], []
    for label in _labels(row.get("services")):
        code = code_for_label(label)
        if code is None:
            unmapped.append(label)
        else:
            codes.append(code)
    record["codes"] = " ".join(dict.fromkeys(codes))
    record["unmapped"] = " | ".join(unmapped)
    return record


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _labels(services: object) -> Iterator[str]:
    for service in services if isinstance(services, list) else []:
        values = service.get("f3") if isinstance(service, dict) else None
        for label in re.split(r";\s+|;$", values) if isinstance(values, str) else []:
            if label.strip():
                yield " ".join(label.split())
