"""Any directory file, recognised by what is in it; and the embedded SYNTHETIC one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from iopdir.datasets import pack_path, pack_source
from iopdir.directory.directory import Directory
from iopdir.directory.saved import METADATA_KEY
from iopdir.errors import LoadError
from iopdir.loaders.columns import EXPECTED, looks_like_header
from iopdir.loaders.files import file_kind, read_json, read_rows
from iopdir.loaders.findtreatment import is_export, is_locator, listing_of_export, listing_of_locator
from iopdir.loaders.otp import is_otp_export, listing_of_otp_export
from iopdir.loaders.records import rows_of_records
from iopdir.loaders.tabular import listing_of_rows
from iopdir.parquet import check_parquet
from iopdir.snapshots.store import stored

__all__ = ["demo_directory", "read_directory"]


def read_directory(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    edition: str | None = None,
    encoding: str = "utf-8",
    sheet: str | None = None,
    retrieved: date | None = None,
) -> Directory:
    """Read a listing, whichever it is: its content decides, not its name.

    Parameters
    ----------
    path
        SAMHSA's National Directory, a FindTreatment.gov listing, SAMHSA's export of opioid treatment programs, a
        directory saved by `Directory.to_parquet`, or any table whose columns go by usual names. Or a snapshot store,
        of which the latest is opened (see [`SnapshotStore.latest`][iopdir.SnapshotStore]), a source in it, or one
        snapshot.
    columns, edition, encoding, sheet
        As for [`read_facilities`][iopdir.read_facilities], which reads every table that is none of the others.
    retrieved
        Day the file was obtained.

    Returns
    -------
    Directory
        With `quality` for what was understood, repaired, merged or rejected. A listing without coordinates has each
        facility at the middle of its ZIP, and says so (`precision == "zip_centroid"`).

    Raises
    ------
    LoadError
        If it is none of these.
    UnknownNameError
        If `columns` names a column that is not there, theirs or ours, or there is no such sheet or encoding.

    Notes
    -----
    Codes of the National Directory: the workbook's own "Service Code Reference" sheet, 2022 edition.

    Examples
    --------
    ```python
    directory = iop.read_directory("National_Directory_SA_Facilities_2022.xlsx")
    ```
    """
    snapshot = stored(path)
    if snapshot is not None:
        if columns is not None or edition is not None or sheet is not None:
            found = "a store, whose listings are read already"
            raise LoadError(path, expected="a file, as columns, edition and sheet say", found=found)
        return snapshot.open()
    kind = file_kind(path)
    if kind == "a Parquet file" and METADATA_KEY in check_parquet(path, expected=EXPECTED):
        return Directory.read_parquet(path, retrieved=retrieved)
    if kind == "JSON":
        content = read_json(path, expected=EXPECTED, encoding=encoding)
        _refuse_standards(path, content)
        if columns is None and is_locator(content):
            return listing_of_locator(path, content, retrieved=retrieved)
        rows = rows_of_records(path, content, expected=EXPECTED)
    else:
        rows = read_rows(path, expected=EXPECTED, is_header=looks_like_header, encoding=encoding, sheet=sheet)
        if columns is None and is_export(rows):
            return listing_of_export(path, rows, edition=edition, retrieved=retrieved)
        if columns is None and is_otp_export(rows):
            return listing_of_otp_export(path, rows, retrieved=retrieved)
    return listing_of_rows(rows, path, columns=columns, edition=edition, retrieved=retrieved)


def _refuse_standards(path: str | Path, content: object) -> None:
    """Say of FHIR and HSDS what they are, rather than that they are no listing."""
    first = content[0] if isinstance(content, list) and content else content
    if isinstance(first, dict):
        if "resourceType" in first:
            found = f"FHIR ({first['resourceType']}), which is written here but not read"
            raise LoadError(path, expected=EXPECTED, found=found)
        if "organization_identifiers" in first or first.get("name") == "human_services_data":
            raise LoadError(path, expected=EXPECTED, found="HSDS, which iop.read_hsds reads")


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
