"""Listings that are one file: the yearly National Directory, and the directory of opioid treatment programs."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from iopdir.directory.directory import Directory
from iopdir.errors import FetchError, LoadError, UnknownNameError
from iopdir.fetch.client import Client, TroubleError, shown
from iopdir.loaders.recognise import read_directory
from iopdir.progress import during
from iopdir.snapshots.manifest import Request, as_time
from iopdir.snapshots.snapshot import Snapshot
from iopdir.snapshots.store import SnapshotStore

__all__ = ["fetch_directory", "fetch_otp"]

_REPORTS: Final = "https://www.samhsa.gov/data/sites/default/files/reports"
DIRECTORY_URLS: Final[Mapping[int, str]] = {
    2022: f"{_REPORTS}/rpt35993/SA%20facilites/SU%20Directory/National_Directory_SA_Facilities_2022.xlsx",
    2024: f"{_REPORTS}/rpt53015/National%20Directory%20SU%202024_Final.xlsx",
    2025: f"{_REPORTS}/rpt57009/2025_SU_Facilities_for_All_City_All.xlsx",
}
"""Year -> workbook, as others cite it (second hand: no address was tried from here); that of 2023 was not found."""

OTP_URL: Final = (
    "https://www.samhsa.gov/find-help/locators/opioid-treatment-program-directory/export?page&_format=csv"
)
"""Likewise."""

_ADDRESS: Final = {"name", "street1", "city", "state", "zip", "phone"}


def fetch_directory(
    into: str | Path, *, year: int, url: str | None = None, client: Client | None = None
) -> Snapshot:
    """Fetch SAMHSA's yearly National Directory of substance use facilities into a store.

    Parameters
    ----------
    into
        Folder of the store; made if it is not there.
    year
        Year in its title; 2022, 2024 and 2025 have known addresses.
    url
        Another address of the workbook; the environment variable ``IOPDIR_DIRECTORY_URL``, in which ``{year}`` stands
        for the year, does the same.
    client
        Pace, limits and clock.

    Returns
    -------
    Snapshot
        The new one; or the last one, if the workbook is still the same.

    Raises
    ------
    FetchError
        If it does not come.
    LoadError
        If the workbook has changed its columns. What came is kept; the message says where.
    UnknownNameError
        If there is no known address for the year and none is given.

    Examples
    --------
    ```python
    iop.fetch.fetch_directory("listings/", year=2025).open()
    ```
    """
    address = url or os.environ.get("IOPDIR_DIRECTORY_URL", "").replace("{year}", str(year))
    if not address:
        if year not in DIRECTORY_URLS:
            known = map(str, DIRECTORY_URLS)
            raise UnknownNameError("address (give url=...) of the National Directory of", str(year), known)
        address = DIRECTORY_URLS[year]
    asked = {"year": str(year)}
    return _fetch(
        "directory",
        address,
        asked,
        into,
        needed=_ADDRESS | {"program", "codes"},
        ending=".xlsx",
        client=client,
    )


def fetch_otp(into: str | Path, *, url: str | None = None, client: Client | None = None) -> Snapshot:
    """Fetch SAMHSA's directory of opioid treatment programs into a store.

    Parameters
    ----------
    into
        Folder of the store; made if it is not there.
    url
        Another address of its CSV export; the environment variable ``IOPDIR_OTP_URL`` does the same.
    client
        Pace, limits and clock.

    Returns
    -------
    Snapshot
        The new one; or the last one, if the export is still the same.

    Raises
    ------
    FetchError
        If it does not come.
    LoadError
        If the export has changed its columns. What came is kept; the message says where.

    Examples
    --------
    ```python
    iop.fetch.fetch_otp("listings/").open().select(level_of_care="medication")
    ```
    """
    address = url or os.environ.get("IOPDIR_OTP_URL") or OTP_URL
    return _fetch("otp", address, {}, into, needed=_ADDRESS, ending=".csv", client=client)


@during("Fetching the file")
def _fetch(
    source: str,
    address: str,
    asked: Mapping[str, str],
    into: str | Path,
    *,
    needed: Collection[str],
    ending: str,
    client: Client | None,
) -> Snapshot:
    """Fetch one file, unless it is the one that the store has already."""
    settings = client or Client()
    request = Request(source=source, url=shown(address), parameters=asked)
    store = SnapshotStore(into)
    name = _file_name(address, f"{source}{ending}")
    with store.draft(request, now=settings.now()) as draft, settings.session() as session:
        before = store.same(request)
        if name not in draft.parts:
            known = before.part(name) if before else None
            answer = session.get(address, {}, expected=f"the {source} listing", known=known, check=_whole)
            if answer.data is None and before is not None:
                draft.drop()
                return before
            draft.keep(name, answer.data or b"", now=settings.now(), about=answer.about())
        if before is not None and before.manifest.sha256 == draft.sha256():
            draft.drop()
            return before
        try:
            directory = _read(draft.path_of(name), needed, as_time(draft.taken).date())
        except LoadError as error:
            found = f"{error.found} (what came is kept in {draft.set_aside()})"
            raise FetchError(request.url, expected=error.expected, found=found) from error
        return draft.finish(directory)


def _read(path: Path, needed: Collection[str], retrieved: date) -> Directory:
    """Read a listing that must have certain columns, whatever they are called."""
    directory = read_directory(path, retrieved=retrieved)
    columns = directory.quality.columns
    gone = sorted(set(needed) - set(columns["read_as"]))
    if gone:
        found = ", ".join(map(repr, columns["column"][:20]))
        raise LoadError(path, expected=f"columns for {', '.join(gone)}", found=found)
    return directory


def _whole(data: bytes) -> None:
    if not data:
        raise TroubleError("nothing")


def _file_name(url: str, otherwise: str) -> str:
    """Name a file as its address does, as far as every system can."""
    last = PurePosixPath(unquote(urlsplit(url).path)).name
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", last).lstrip(".")
    return name if "." in name and len(name) <= 100 else otherwise
