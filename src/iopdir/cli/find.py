"""Commands that find and list facilities."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

import typer
from rich.table import Table

from iopdir.cli.options import (
    AgeOption,
    CodesOption,
    Columns,
    CostOption,
    DirectoryFile,
    Encoding,
    FormatOption,
    LanguageOption,
    Level,
    MedicationOption,
    PaymentOption,
    PopulationOption,
    SettingOption,
    Sheet,
    TelehealthOption,
    open_cost,
    open_listing,
    select,
)
from iopdir.cli.printing import (
    CALL,
    Format,
    err,
    out,
    plain,
    print_csv,
    print_frame,
    print_json,
    records,
    show,
    source_line,
    source_of,
    title,
)  # fmt: skip
from iopdir.errors import CoordinateError, UnknownNameError
from iopdir.progress import during
from iopdir.units import format_distance
from iopdir.vocabulary.crisis import IN_CRISIS

if TYPE_CHECKING:
    import pandas as pd

    from iopdir.directory.directory import Directory
    from iopdir.geography.places import Place
    from iopdir.travel.matrix import CostMatrix

__all__ = ["list_", "near"]

_COUNTED: Final = ["state", "facilities", "outpatient", "iop", "php", "residential", "iop_medicaid"]
"""What of the counts by state fits a narrow terminal; JSON and CSV have all."""


def near(
    place: Annotated[
        str | None,
        typer.Argument(help="A ZIP, 'City, ST', 'County, ST', a state, or 'lat,lon', as 41.9,-87.6."),
    ] = None,
    lat: Annotated[
        float | None, typer.Option("--lat", help="Degrees north, with --lon in the place of a place.")
    ] = None,
    lon: Annotated[
        float | None, typer.Option("--lon", help="Degrees east: below zero all over the mainland.")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many to list.")] = 5,
    max_cost: Annotated[
        str | None, typer.Option("--max-cost", help="No farther than this, e.g. '25 mi', or '20 min'.")
    ] = None,
    cost: CostOption = None,
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    medication: MedicationOption = None,
    special_population: PopulationOption = None,
    setting: SettingOption = None,
    telehealth: TelehealthOption = None,
    codes: CodesOption = None,
    language: LanguageOption = None,
    directory: DirectoryFile = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
    output: FormatOption = Format.TABLE,
    *,
    open_: Annotated[
        bool, typer.Option("--open", help="Also write the finder page and open it at this place.")
    ] = False,
) -> None:
    """Find the nearest facilities, by distance over the ground or by minutes."""
    import iopdir as iop
    from iopdir.report.words import cost_text

    where = _where(place, lat, lon)
    whole = open_listing(directory, encoding, sheet, columns)
    listing = select(
        whole,
        level,
        payment=payment,
        age_group=age_group,
        medication=medication,
        special_population=special_population,
        setting=setting,
        telehealth=telehealth,
        codes=codes,
        language=language,
    )
    way = open_cost(cost)
    home: Place | pd.DataFrame = where
    if isinstance(way, iop.CostMatrix):
        home, way = _in_matrix(where, way, listing)
    with during("Measuring"):
        found = iop.nearest(home, listing, k=k, max_cost=max_cost, cost=way)
    shown = ["program", "street1", "city", "state", "zip", "phone", "precision", "source", "retrieved"]
    rows = found.join(listing.table[shown], on="facility_id")
    if output is Format.JSON:
        about = {"place": where.label, "lat": where.lat, "lon": where.lon, "synthetic": listing.synthetic}
        print_json(about | {"results": records(rows), "note": CALL, "safety": IN_CRISIS, **source_of(found)})
    elif output is Format.CSV:
        print_csv(rows)
    elif rows["facility_id"].isna().all():
        out.print(f"Nothing listed within reach of {plain(where.label)} ({rows['status'].iloc[0]}).")
        out.print(IN_CRISIS)
    else:
        table = Table()
        measured = (
            "distance" if "distance_m" in rows else "by car" if "duration_low_min" in rows else "minutes"
        )
        table.add_column(measured, justify="right")
        _add_columns(table)
        for row in rows.fillna("").to_dict("records"):
            table.add_row(_way(row), *_cells(row))
        show(title(f"Nearest to {where.label}", listing), table)
        if more := _at_the_last(rows, listing):
            out.print(f"{more:,} more stand at the same point as the last: -k {k + more} lists them too.")
        out.print(f"{CALL} ~ means the middle of the ZIP area.")
        if measured != "distance":
            out.print(cost_text(found.attrs["provenance"]["parameters"]), highlight=False)
        out.print(IN_CRISIS)
        out.print(source_line(listing), style="dim")
    if open_:
        asked = {"level": level, "payment": payment, "age_group": age_group, "medication": medication,
                 "special_population": special_population, "setting": setting, "language": language}  # fmt: skip
        _open(
            whole, {"place": place or where.label, **{name: value for name, value in asked.items() if value}}
        )


def _where(place: str | None, lat: float | None, lon: float | None) -> Place:
    """Find what is meant, and say of a county or a state that it is its middle."""
    import iopdir as iop

    if (lat is None) != (lon is None) or (place is None) == (lat is None):
        raise typer.BadParameter("say where: a place such as 60614 or 'Chicago, IL', or --lat and --lon")
    if lat is not None and lon is not None:
        return iop.Place(lat=lat, lon=lon)
    where = iop.find_place(place or "")
    if where.kind == "point" and where.lat < -15 < 0 < where.lon:  # the Antarctic, for the United States
        raise CoordinateError(f"latitude comes first: write {where.lon:g},{where.lat:g}")
    if where.kind in ("county", "state"):
        every = f"iopdir list --{where.kind} '{where.label}'"
        err.print(
            f"Measured from the middle of where people in {plain(where.label)} live. For all that is there: {every}",
            style="yellow", highlight=False, soft_wrap=True,
        )  # fmt: skip
    return where


def _in_matrix(where: Place, matrix: CostMatrix, listing: Directory) -> tuple[pd.DataFrame, CostMatrix]:
    """Find a ZIP code among the origins of a matrix, which knows places by their ids only."""
    import pandas as pd

    if where.kind != "zip":
        raise typer.BadParameter(
            "a matrix knows where it starts by ids: say a ZIP code that it has, such as 60614"
        )
    zip_code = where.label.split()[-1]
    home = pd.DataFrame({"lon": [where.lon], "lat": [where.lat]}, index=[zip_code])
    rows = matrix.select(home, listing)
    if not len(rows):
        raise UnknownNameError("way in this matrix to a facility asked for, from ZIP code", zip_code)
    return home, rows


def _open(listing: Directory, asked: Mapping[str, str]) -> None:
    """Write the page on which a person searches further, and open it."""
    import iopdir as iop

    folder = Path(tempfile.mkdtemp(prefix="iopdir-"))
    page = iop.write_finder(listing, folder / "finder.html")
    webbrowser.open(f"{page.as_uri()}#{urlencode(asked)}")
    err.print(f"Opened: {plain(page)}", highlight=False, soft_wrap=True)


def _add_columns(table: Table) -> None:
    table.add_column("name", ratio=1)
    table.add_column("where", ratio=1)
    table.add_column("phone", no_wrap=True)


def _cells(row: Mapping[Hashable, Any]) -> tuple[str, str, str]:
    """Name, address and telephone of a facility, for the columns of these."""
    name = " - ".join(part for part in (row["name"], row["program"]) if part)
    where = ", ".join(part for part in (row["street1"], row["city"]) if part)
    return plain(name), plain(f"{where}, {row['state']} {row['zip']}"), plain(row["phone"])


def _at_the_last(rows: pd.DataFrame, listing: Directory) -> int:
    """Count the facilities not shown that stand where the last one shown does, and so are as near."""
    points = listing.table[["lon", "lat"]]
    last = points.loc[rows["facility_id"].iloc[-1]]
    return int(points.drop(rows["facility_id"]).eq(last).all(axis=1).sum())


def _way(row: Mapping[Hashable, Any]) -> str:
    """Write miles, or minutes with their range; "~" before those to the middle of a ZIP area, none within that ZIP."""
    mark = "" if row["precision"] == "address" else "~"
    if mark and row.get("distance_m", row.get("duration_min")) == 0:
        return "same ZIP"
    if "distance_m" in row:
        return mark + format_distance(row["distance_m"])
    minutes = f"{row['duration_min']:.0f} min"
    if "duration_low_min" not in row:
        return mark + minutes
    return f"{mark or 'about '}{minutes} ({row['duration_low_min']:.0f} to {row['duration_high_min']:.0f})"


def list_(
    state: Annotated[str | None, typer.Option("--state", help="e.g. IL or Illinois.")] = None,
    county: Annotated[str | None, typer.Option(help="e.g. 'Cook County, IL', or five digits.")] = None,
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    medication: MedicationOption = None,
    special_population: PopulationOption = None,
    setting: SettingOption = None,
    telehealth: TelehealthOption = None,
    codes: CodesOption = None,
    language: LanguageOption = None,
    directory: DirectoryFile = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """List facilities of a state or county; without either, count them by state."""
    listing = open_listing(directory, encoding, sheet, columns)
    listing = select(
        listing, level, payment=payment, age_group=age_group, medication=medication, telehealth=telehealth,
        special_population=special_population, setting=setting, codes=codes, language=language, state=state,
        county=county,
    )  # fmt: skip
    if state is None and county is None:
        counts = listing.by_state().reset_index()
        if output is Format.TABLE:
            counts = counts[_COUNTED]
        print_frame(counts, output, heading=title("Facilities by state", listing))
    else:
        frame = listing.table.sort_values(["state", "city", "name"]).reset_index()
        heading = title(f"{len(listing):,} facilities", listing)
        if output is not Format.TABLE:
            print_frame(frame, output, heading=heading)
        elif listing.table.empty:
            out.print("Nothing listed that states all of this.")
        else:
            table = Table()
            _add_columns(table)
            for row in frame.to_dict("records"):
                table.add_row(*_cells(row))
            show(heading, table)
    if output is Format.TABLE:
        out.print(CALL)
        out.print(IN_CRISIS)
        out.print(source_line(listing), style="dim")
