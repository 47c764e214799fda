"""A directory in a file: Parquet with its account and provenance, a workbook, a map layer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from iopdir.atomic import replacing
from iopdir.directory.corrections import refuse_problems
from iopdir.errors import LoadError, UnknownNameError
from iopdir.intake.quality import Quality, told_of
from iopdir.limits import check_parquet, readable
from iopdir.provenance import Provenance
from iopdir.schema.columns import COLUMNS
from iopdir.schema.frames import from_arrow, to_arrow, typed
from iopdir.vocabulary.taxonomy import LevelOfCare

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["METADATA_KEY", "account_of", "load", "save", "write_book", "write_excel", "write_geo"]

METADATA_KEY: Final = b"iopdir.directory"
_VERSION: Final = 2
_ADDED: Final = ("reference_id", "replaced_m")
"""Columns that older files of this version do not have."""

_DRIVERS: Final = {".gpkg": "GPKG", ".geojson": "GeoJSON"}


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


def write_excel(path: str | Path, table: pd.DataFrame, provenance: Provenance) -> None:
    """Write a workbook of three sheets; text is text, never a formula or a link."""
    meanings = pd.DataFrame(
        [
            (column.name, column.kind, "list" if column.many else "", column.meaning)
            for column in COLUMNS.values()
        ],
        columns=["column", "type", "many", "meaning"],
    )
    sources = pd.DataFrame(provenance.to_dict()["sources"])
    write_book(path, {"facilities": table, "columns": meanings, "sources": sources})


def write_book(path: str | Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Write a workbook; text is text, never a formula or a link."""
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with (
        replacing(path, suffix=".xlsx") as draft,
        pd.ExcelWriter(draft, engine="xlsxwriter", engine_kwargs={"options": plain}) as book,
    ):
        for name, sheet in sheets.items():
            sheet.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))


def write_geo(path: str | Path, table: gpd.GeoDataFrame, *, layer: str = "facilities") -> None:
    """Write a map layer.

    Raises
    ------
    UnknownNameError
        If the ending is none of ``.gpkg`` and ``.geojson``.
    """
    driver = _DRIVERS.get(Path(path).suffix.lower())
    if driver is None:
        raise UnknownNameError("map format with the ending", Path(path).suffix, _DRIVERS)
    with replacing(path, suffix=Path(path).suffix) as draft:
        table.to_file(draft, driver=driver, engine="pyogrio", layer=layer)
