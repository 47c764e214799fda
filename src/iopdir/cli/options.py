"""Options that several commands share, and what they open."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from iopdir.cli.printing import Format, err, plain
from iopdir.errors import UnknownNameError
from iopdir.progress import during

if TYPE_CHECKING:
    import pandas as pd

    from iopdir.directory.directory import Directory
    from iopdir.travel.cost import Cost

__all__ = ["By", "one_of", "open_cost", "open_listing", "open_people", "select", "store_here"]


class By(StrEnum):
    """Areas that people are counted in."""

    COUNTY = "county"
    STATE = "state"
    NATION = "nation"


_Word = TypeVar("_Word", bound=StrEnum)


def one_of(kind: type[_Word], called: str) -> Any:  # noqa: ANN401 - what typer takes
    """Make an option that is one of a few words, in any case; another one is answered with those."""

    def parse(text: str) -> _Word:
        if text.lower() not in [*kind]:
            raise UnknownNameError(called, text, kind)
        return kind(text.lower())

    return {"parser": parse, "metavar": f"<{'|'.join(kind)}>"}


DirectoryFile = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        "-d",
        help="Listing of facilities, any known format, or a store. Default: the store that IOPDIR_STORE names, the "
        "store listings/ here, else the SYNTHETIC demo.",
    ),
]
Encoding = Annotated[str, typer.Option("--encoding", help="Of a text listing, e.g. cp1252.")]
Sheet = Annotated[
    str | None,
    typer.Option("--sheet", help="Of a workbook, or layer of a GeoPackage; the first listing if left out."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", help="ours=theirs, e.g. name=Clinic; give it once for each column."),
]
Level = Annotated[
    str, typer.Option("--level", help="Level of care, e.g. iop, php, outpatient; 'any' for all.")
]
PaymentOption = Annotated[str | None, typer.Option("--payment", help="Way of paying, e.g. medicaid.")]
AgeOption = Annotated[
    str | None, typer.Option("--age-group", help="children, young_adults, adults or seniors.")
]
MedicationOption = Annotated[
    str | None, typer.Option("--medication", help="e.g. buprenorphine, methadone, naltrexone.")
]
PopulationOption = Annotated[
    str | None,
    typer.Option("--special-population", help="Whom it is for, e.g. veterans, pregnant_or_postpartum."),
]
SettingOption = Annotated[
    str | None, typer.Option("--setting", help="Kind of place, e.g. outpatient, opioid_treatment_program.")
]
CodesOption = Annotated[
    list[str] | None,
    typer.Option("--codes", help="SAMHSA service code; any will do if it is given more than once."),
]
TelehealthOption = Annotated[
    bool | None, typer.Option("--telehealth/--no-telehealth", help="Those that state telehealth, or do not.")
]
LanguageOption = Annotated[str | None, typer.Option("--language", help="e.g. spanish.")]
FormatOption = Annotated[
    Format,
    typer.Option(
        "--format", "-f", **one_of(Format, "format"), help="table for people, json or csv for programs."
    ),
]
ByOption = Annotated[By, typer.Option("--by", **one_of(By, "kind of area"), help="Areas to count people in.")]
StateOption = Annotated[
    str | None, typer.Option("--state", help="Only the people of this state, e.g. IL or Illinois.")
]
StandardOption = Annotated[
    str,
    typer.Option(
        "--standard", help="A distance such as '30 mi', a name such as cms-obh or nc-iop, or a TOML file."
    ),
]
StandardsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--standard",
        help="A distance such as '30 mi', a name such as cms-obh or nc-iop, or a TOML file; give it once for each. "
        "[default: 30 mi]",
    ),
]
CostOption = Annotated[
    str | None,
    typer.Option(
        "--cost",
        help="Instead of straight lines: drive-estimate, or a file of a matrix (Parquet, CSV), of saved roads, or of "
        "OpenStreetMap (PBF).",
    ),
]
DemandFile = Annotated[
    Path | None,
    typer.Option("--demand", help="A Census CenPop file. Default: the embedded ZIP areas, ACS 2018-22."),
]


def store_here() -> Path:
    """Name the folder of the store that is meant if none is named."""
    return Path(os.environ.get("IOPDIR_STORE") or "listings")


def _found_store() -> Path | None:
    """Find a store nobody named: by the environment, whose blank means none; else here, if a fetch has ended."""
    if os.environ.get("IOPDIR_STORE") == "":
        return None
    if "IOPDIR_STORE" in os.environ:
        return store_here()
    from iopdir.snapshots.store import MARK, SnapshotStore

    here = store_here()
    return here if (here / MARK).exists() and len(SnapshotStore(here).list()) else None


def open_listing(
    path: Path | None, encoding: str = "utf-8", sheet: str | None = None, columns: Iterable[str] | None = None
) -> Directory:
    """Read a listing, the store found here, or the SYNTHETIC one; say what is doubtful about it."""
    import iopdir as iop

    if path is None:
        path = _found_store()
        if path is None:
            err.print(
                "SYNTHETIC demo directory: no facility in it is real. For real ones: iopdir fetch findtreatment, or"
                " --directory FILE",
                style="yellow",
            )
            return iop.demo_directory()
        newest = iop.SnapshotStore(path).newest()
        when = f"{newest.source}, fetched {newest.taken:%Y-%m-%d}"
        err.print(f"From the store {plain(path)}: {when}", style="dim", highlight=False, soft_wrap=True)
    with during(f"Reading {path.name}"):
        listing = iop.read_directory(path, encoding=encoding, sheet=sheet, columns=_mapping(columns))
    for warning in listing.quality.warnings:
        err.print(f"WARNING: {plain(warning)}", style="bold yellow", soft_wrap=True)
    return listing


def _mapping(pairs: Iterable[str] | None) -> dict[str, str] | None:
    """Turn ours=theirs into theirs -> ours."""
    split = [pair.partition("=") for pair in pairs or ()]
    for ours, equals, theirs in split:
        if not (ours and equals and theirs):
            raise typer.BadParameter(
                f"write ours=theirs, such as name=Clinic, not {ours + equals + theirs!r}"
            )
    return {theirs: ours for ours, _, theirs in split} or None


def open_cost(name: str | None) -> Cost | None:
    """Open what a way costs: None stays, straight lines."""
    if name is None:
        return None
    from iopdir.travel.open_cost import open_cost

    with during(f"Opening {name}"):
        return open_cost(name)


def open_people(path: Path | None) -> pd.DataFrame:
    """Open demand points: a Census file, or the embedded ZIP areas."""
    import iopdir as iop

    with during("Opening the demand points"):
        points: pd.DataFrame = iop.demand_points("zcta") if path is None else iop.read_popcenters(path)
    return points


def select(listing: Directory, level: str, **filters: str | bool | list[str] | None) -> Directory:
    """Keep what is asked for; a listing that states no level of care at all is told from one without this level."""
    asked: dict[str, Any] = {name: value for name, value in filters.items() if value not in (None, [])}
    if level != "any":
        if not any(map(len, listing.table["levels_of_care"])):
            raise UnknownNameError(
                "level of care in this listing, which states none: use --level any; not", level
            )
        asked["level_of_care"] = level
    return listing.select(**asked)
