"""SAMHSA's directory of opioid treatment programs, as its export gives it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.directory.directory import Directory
from iopdir.loaders.columns import match_columns
from iopdir.loaders.listing import build_directory, source_of_file
from iopdir.loaders.rows import Rows

__all__ = ["is_otp_export", "listing_of_otp_export"]

_OWN: Final = {"program name", "certification"}
_SINCE: Final = {"first full certification date", "full certification", "fullcertification"}
_CODE: Final = "OTP"


def is_otp_export(rows: Rows) -> bool:
    """Whether a table is the export: programs, and how each is certified."""
    names = {name.casefold() for name in rows.names}
    return names >= _OWN and not names.isdisjoint(_SINCE)


def listing_of_otp_export(path: str | Path, rows: Rows, *, retrieved: date | None = None) -> Directory:
    """Read the export.

    Every program in it is certified as an opioid treatment program (42 CFR 8), which is all that it says of care: each
    has the code `OTP` and no other. How it is certified is kept beside.
    """
    certified = [name for name in rows.names if name.casefold() == "certification"]
    matching = match_columns(rows.names, None, path)
    raw = rows.table.rename(columns=matching.renames).drop(columns=list(matching.ignored))
    codes = pd.Series([(_CODE,)] * len(raw), raw.index, dtype="object")
    raw = raw.assign(codes=codes, facility_type=_CODE, **rows.marks)
    return build_directory(raw, matching, source=source_of_file(path, retrieved=retrieved), codes=certified)
