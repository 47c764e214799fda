"""Commands that write pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iopdir.cli.options import (
    AgeOption,
    Columns,
    CostOption,
    DemandFile,
    DirectoryFile,
    Encoding,
    Level,
    PaymentOption,
    Sheet,
    StandardsOption,
    open_cost,
    open_listing,
    open_people,
)  # fmt: skip
from iopdir.cli.printing import out, plain

__all__ = ["finder", "report"]


def report(
    file: Annotated[Path | None, typer.Argument(help="A listing; the SYNTHETIC demo if left out.")] = None,
    to: Annotated[Path, typer.Option("--out", help="Where to write the page.")] = Path("report.html"),
    standard: StandardsOption = None,
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    state: Annotated[str | None, typer.Option("--state", help="Only the people of this state.")] = None,
    demand: DemandFile = None,
    cost: CostOption = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
) -> None:
    """Write one self-contained page that can be published: figures, map, table, method, how sure."""
    import iopdir as iop

    listing = open_listing(file, encoding, sheet, columns)
    people, way = open_people(demand), open_cost(cost)
    path = iop.write_report(
        people, listing, to, level_of_care=None if level == "any" else level, standard=standard or "30 mi",
        state=state, payment=payment, age_group=age_group, cost=way,
    )  # fmt: skip
    _say(path)


def finder(
    to: Annotated[Path, typer.Option("--out", help="Where to write the page.")] = Path("finder.html"),
    directory: DirectoryFile = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the page: en or es.")] = "en",
) -> None:
    """Write one self-contained page on which a person finds care near them, with no network."""
    import iopdir as iop

    listing = open_listing(directory, encoding, sheet, columns)
    path = iop.write_finder(listing, to, title=title, lang=lang)
    _say(path)


def _say(path: Path) -> None:
    out.print(f"Written: {plain(path)} ({path.stat().st_size / 1e6:.1f} MB)", highlight=False, soft_wrap=True)
