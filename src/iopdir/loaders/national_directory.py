"""SAMHSA's National Directory of Drug and Alcohol Use Treatment Facilities, XLSX or its CSV form."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.errors import LoadError
from iopdir.loaders.files import file_kind, read_csv_rows, read_xlsx_sheets, rows_to_frame
from iopdir.loaders.listing import build_directory, read_codes

__all__ = ["read_national_directory"]

SHEET: Final = "Facilities List"
COLUMNS: Final = ("name1", "name2", "street1", "city", "state", "zip", "phone", "service_code_info")
_EXPECTED: Final = f"a National Directory with the columns {', '.join(COLUMNS)}"


def read_national_directory(
    path: str | Path, *, edition: str = "2022", retrieved: date | None = None
) -> Directory:
    """Read SAMHSA's National Directory.

    The file has no coordinates: each facility is placed at the middle of its ZIP and says so
    (`precision == "zip_centroid"`).

    Parameters
    ----------
    path
        The XLSX workbook, or its facilities sheet saved as CSV.
    edition
        Edition of the service codes.
    retrieved
        Day the file was obtained.

    Returns
    -------
    Directory
        With `quality` for what was repaired, merged or rejected.

    Raises
    ------
    LoadError
        If the file is not a whole National Directory.
    UnknownNameError
        If there is no such edition.

    Examples
    --------
    ```python
    directory = iop.loaders.read_national_directory("National_Directory_SA_Facilities_2022.xlsx")
    directory.quality
    ```

    Notes
    -----
    Columns and codes: the workbook's own "Service Code Reference" sheet, 2022 edition.
    """
    rows = _rows(path)
    missing = [column for column in COLUMNS if column not in rows]
    if missing:
        raise LoadError(path, expected=_EXPECTED, found=f"none of {', '.join(missing)}", line=1)
    rows = rows.rename(columns={"intake1": "intake"})
    codes = read_codes(rows.pop("service_code_info"), edition=edition)
    return build_directory(rows.join(codes), path=path, edition=edition, retrieved=retrieved)


def _rows(path: str | Path) -> pd.DataFrame:
    if file_kind(path) == "text":
        return read_csv_rows(path, expected=_EXPECTED)
    sheets = read_xlsx_sheets(path, expected=_EXPECTED)
    if SHEET not in sheets:
        raise LoadError(
            path, expected=f"a sheet {SHEET!r}", found=f"the sheets {', '.join(map(repr, sheets))}"
        )
    cells = sheets[SHEET]()
    if not cells:
        raise LoadError(path, expected=_EXPECTED, found=f"an empty sheet {SHEET!r}")
    return rows_to_frame(path, cells[0], enumerate(cells[1:], start=2), expected=_EXPECTED)
