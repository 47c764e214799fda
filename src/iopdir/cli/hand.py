"""The command that hands a directory over."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from iopdir.atomic import make_folder
from iopdir.cli.options import Columns, DirectoryFile, Encoding, Sheet, one_of, open_listing
from iopdir.cli.printing import out, plain
from iopdir.progress import during

__all__ = ["export"]


class To(StrEnum):
    """What a directory is written as."""

    HSDS = "hsds"
    FHIR = "fhir"
    EXCEL = "excel"
    GPKG = "gpkg"
    GEOJSON = "geojson"
    GEOPARQUET = "geoparquet"
    CSV = "csv"
    ARROW = "arrow"


_ENDINGS = {To.EXCEL: "xlsx", To.GEOPARQUET: "parquet"}


def export(
    to: Annotated[To, typer.Option("--to", **one_of(To, "form to write"), help="What to write.")],
    out_path: Annotated[
        Path | None, typer.Option("--out", help="File, or folder for hsds and fhir. Default: facilities.*")
    ] = None,
    directory: DirectoryFile = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
) -> None:
    """Hand a listing over: HSDS, FHIR, or a table that other programs read."""
    import iopdir as iop

    listing = open_listing(directory, encoding, sheet, columns)
    standard = to in (To.HSDS, To.FHIR)
    ending = f"_{to}" if standard else f".{_ENDINGS.get(to, to.value)}"
    path = out_path or Path(f"{'SYNTHETIC_' if listing.synthetic else ''}facilities{ending}")
    make_folder(path.parent)
    with during("Writing"):
        if standard:
            account = (iop.write_hsds if to is To.HSDS else iop.write_fhir)(listing, path)
        else:
            iop.exports.write_table(listing, path)
    if standard:
        silent = int((account["written"] == 0).sum())
        out.print(
            f"{silent} of {len(account)} elements are said by no facility and left out.", highlight=False
        )
    out.print(f"Written: {plain(path)}", highlight=False, soft_wrap=True)
