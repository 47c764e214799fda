"""A directory in a file: Parquet with its account and provenance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from iopdir.atomic import replacing
from iopdir.directory.corrections import refuse_problems
from iopdir.errors import LoadError
from iopdir.intake.quality import Quality, told_of
from iopdir.limits import readable
from iopdir.parquet import check_parquet
from iopdir.provenance import Provenance
from iopdir.schema.columns import COLUMNS
from iopdir.schema.frames import from_arrow, to_arrow, typed
from iopdir.vocabulary.taxonomy import LevelOfCare

__all__ = ["METADATA_KEY", "account_of", "load", "save"]

METADATA_KEY: Final = b"iopdir.directory"
_VERSION: Final = 2
_ADDED: Final = ("reference_id", "replaced_m")
"""Columns that older files of this version do not have."""


def account_of(table: pd.DataFrame, issues: pd.DataFrame) -> Quality:
    """Account for a facility table that was taken as it stands."""
    return Quality(
        rows_in=len(table),
        accepted=len(table),
        merged=0,
        rejected=0,
        iop_rows=sum(LevelOfCare.IOP in levels for levels in table["levels_of_care"]),
        issues=issues,
        **told_of(table),
    )


def save(path: str | Path, table: pd.DataFrame, quality: Quality, provenance: Provenance) -> None:
    """Write a directory as Parquet."""
    import pyarrow.parquet as pq

    about = {"version": _VERSION, "quality": quality.to_dict(), "provenance": provenance.to_dict()}
    content = to_arrow(table)
    metadata = {METADATA_KEY: json.dumps(about, sort_keys=True).encode()}
    with replacing(path) as draft:
        pq.write_table(
            content.replace_schema_metadata(metadata), draft, compression="zstd", compression_level=15
        )


def load(path: str | Path) -> tuple[pd.DataFrame, Quality, Provenance]:
    """Read a directory from Parquet, and check all of it.

    Raises
    ------
    LoadError
        If the file is not one, is of another version, or says what cannot be.
    """
    import pyarrow.parquet as pq

    expected = "a directory saved by Directory.to_parquet"
    text = check_parquet(path, expected=expected).get(METADATA_KEY)
    if text is None:
        raise LoadError(path, expected=expected, found="a Parquet file of another kind")
    with readable(path, expected=expected, kind="one that cannot be read"):
        about: dict[str, Any] = json.loads(text)
        if about["version"] != _VERSION:
            raise LoadError(
                path, expected=f"{expected}, version {_VERSION}", found=f"version {about['version']!r}"
            )
        content = pq.read_table(path)
        missing = [name for name in COLUMNS if name not in {*content.column_names, *_ADDED}]
        if missing:
            raise LoadError(path, expected=expected, found=f"one without {', '.join(missing)}")
        quality = Quality.from_dict(about["quality"])
        provenance = Provenance.from_dict(about["provenance"])
        table = typed(from_arrow(content))
        if quality.rows_in != quality.accepted + quality.merged + quality.rejected:
            raise LoadError(path, expected=expected, found="an account of rows that does not add up")
    refuse_problems(table, str(path))
    return table, quality, provenance
