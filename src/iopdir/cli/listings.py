"""Commands about files: what a listing says, and what is embedded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from iopdir.cli.options import Columns, Encoding, FormatOption, Sheet, open_listing
from iopdir.cli.printing import Format, out, plain, print_csv, print_frame, print_json, source_line, source_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check", "data"]

_FEW: Final = 3
"""Columns of codes that are named one by one."""


def check(
    file: Annotated[Path, typer.Argument(help="A listing of facilities.")],
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Read a listing and account for every row and column: what was understood, merged, repaired, rejected."""
    listing = open_listing(file, encoding, sheet, columns)
    quality = listing.quality
    said = "codes" not in quality.missing or any(map(len, listing.table["levels_of_care"]))
    iop = len(listing.select(level_of_care="iop")) if said else 0
    if output is Format.JSON:
        print_json(
            {
                "file": file.name,
                "rows_in": quality.rows_in,
                "accepted": quality.accepted,
                "merged": quality.merged,
                "rejected": quality.rejected,
                "iop": quality.iop_rows,
                "iop_facilities": iop,
                "geocoded_by": dict(quality.geocoded_by),
                "warnings": list(quality.warnings),
                "columns": dict(quality.columns.itertuples(index=False, name=None)),
                "missing": list(quality.missing),
                "merges": quality.merges.drop(columns="file").to_dict("records"),
                "issues": {str(reason): int(number) for reason, number in quality.counts().items()},
                "unknown_codes": dict(quality.unknown_codes),
                **source_of(listing.by_state()),
            }
        )
    elif output is Format.CSV:
        print_csv(quality.issues)
    else:
        for line in repr(quality).splitlines():
            out.print(plain(line), highlight=False)
        known = (
            f"{quality.iop_rows:,} rows, {iop:,} facilities" if said else "not known, no column of services"
        )
        out.print(f"  intensive outpatient: {known}", highlight=False)
        print_frame(_told(quality.columns), output, heading="What each column was read as")
        if len(quality.issues):
            print_frame(
                _in_words(quality.issues).head(20),
                output,
                heading=f"First issues of {plain(file.name)}",
            )
            out.print(f"All {len(quality.issues):,} of them: iopdir check {plain(file)} --format csv")
        out.print(source_line(listing), style="dim")


def _in_words(issues: pd.DataFrame) -> pd.DataFrame:
    """Give the issues for reading, without the file, which the heading names."""
    from iopdir.text import TEXT

    return issues.drop(columns="file").assign(reason=issues["reason"].astype(TEXT).str.replace("_", " "))


def _told(columns: pd.DataFrame) -> pd.DataFrame:
    """Leave out all but the first of many columns that are a code each, and say how many there are."""
    codes = columns.index[columns["read_as"] == "codes"]
    if len(codes) <= _FEW:
        return columns
    more = columns.loc[codes[0], "column"] + f" ... and {len(codes) - 1:,} more"
    return columns.assign(column=columns["column"].where(columns.index != codes[0], more)).drop(codes[1:])


def data(output: FormatOption = Format.TABLE) -> None:
    """List the embedded data packs with vintage, licence and checksum."""
    from iopdir.datasets import list_packs

    packs = list_packs().reset_index()
    shown = packs[["name", "vintage", "rows", "licence"]] if output is Format.TABLE else packs
    print_frame(shown, output, heading="Embedded data packs")
