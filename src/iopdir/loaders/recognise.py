"""Any directory file, recognised by what is in it; and the embedded SYNTHETIC one."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Final

from iopdir.datasets import pack_path, pack_source
from iopdir.directory.directory import Directory
from iopdir.errors import LoadError
from iopdir.loaders.files import file_kind, read_json, read_xlsx_sheets
from iopdir.loaders.findtreatment import read_findtreatment
from iopdir.loaders.national_directory import SHEET, read_national_directory
from iopdir.loaders.tabular import read_facilities

__all__ = ["demo_directory", "read_directory"]

_EXPECTED: Final = "a listing of facilities (XLSX, CSV, JSON, GeoJSON or Parquet)"


def read_directory(path: str | Path, *, retrieved: date | None = None) -> Directory:
    """Read a listing, whichever it is: its content decides, not its name.

    Parameters
    ----------
    path
        A National Directory, a FindTreatment.gov listing, a directory saved by `Directory.to_parquet`, or any
        table whose columns go by usual names (otherwise use `read_facilities` with `columns=`).
    retrieved
        Day the file was obtained.

    Returns
    -------
    Directory
        As the reader for that source gives it.

    Raises
    ------
    LoadError
        If it is none of these.

    Examples
    --------
    ```python
    directory = iop.read_directory("National_Directory_SA_Facilities_2022.xlsx")
    ```
    """
    kind = file_kind(path)
    if kind == "an XLSX workbook":
        sheets = read_xlsx_sheets(path, expected=_EXPECTED)
        reader = read_national_directory if SHEET in sheets else read_findtreatment
        return reader(path, retrieved=retrieved)
    if kind == "a Parquet file":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            saved = b"iopdir.directory" in (pq.read_schema(path).metadata or {})
        except (pa.ArrowException, OSError) as error:
            raise LoadError(path, expected=_EXPECTED, found=f"a damaged Parquet file ({error})") from error
        return Directory.read_parquet(path) if saved else read_facilities(path, retrieved=retrieved)
    if kind == "JSON":
        content = read_json(path, expected=_EXPECTED)
        if isinstance(content, dict) and content.get("type") == "FeatureCollection":
            return read_facilities(path, retrieved=retrieved)
        return read_findtreatment(path, retrieved=retrieved)
    if kind == "text":
        header = _header(path)
        if {"name1", "service_code_info"} <= header:
            return read_national_directory(path, retrieved=retrieved)
        if {"name1", "type_facility"} <= header:
            return read_findtreatment(path, retrieved=retrieved)
        edition = "2017" if "keys" in header else "2022"
        return read_facilities(path, edition=edition, retrieved=retrieved)
    raise LoadError(path, expected=_EXPECTED, found=kind)


def _header(path: str | Path) -> set[str]:
    with Path(path).open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        return {name.strip().lower() for name in next(csv.reader([stream.readline()]), [])}


def demo_directory() -> Directory:
    """Open the embedded directory. It is SYNTHETIC: made up, for trying things out.

    It has as many facilities and intensive outpatient sites in each state as the survey N-SSATS 2020 counts,
    placed where people live. No facility in it exists; never send anybody there.

    Returns
    -------
    Directory
        Names start with SYNTHETIC, ids with ``SYN-``, phones are 555-01xx.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.demo_directory().synthetic
    True
    """
    return Directory.read_parquet(pack_path("demo_directory"), source=pack_source("demo_directory"))
