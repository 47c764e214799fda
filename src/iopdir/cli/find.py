"""Commands that find and list facilities."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Annotated, Any

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
    busy,
    out,
    plain,
    print_csv,
    print_frame,
    print_json,
    records,
    source_line,
    source_of,
    title,
)  # fmt: skip
from iopdir.units import format_distance
from iopdir.vocabulary.crisis import IN_CRISIS

__all__ = ["list_", "near"]


def near(
    place: Annotated[
        str, typer.Argument(help="A ZIP, 'lat,lon' (after -- if it starts with -), or 'City, ST'.")
    ],
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
) -> None:
    """Find the nearest facilities, by distance over the ground or by minutes."""
    import iopdir as iop
    from iopdir.report.words import cost_text

    where = iop.find_place(place)
    listing = select(
        open_listing(directory, encoding, sheet, columns),
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
    with busy("Measuring"):
        found = iop.nearest(where, listing, k=k, max_cost=max_cost, cost=way)
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
        table = Table(title=title(f"Nearest to {where.label}", listing), title_justify="left")
        measured = (
            "distance" if "distance_m" in rows else "by car" if "duration_low_min" in rows else "minutes"
        )
        for name in (measured, "name", "where", "phone"):
            table.add_column(name, justify="right" if name == measured else "left")
        for row in rows.fillna("").to_dict("records"):
            approximate = "" if row["precision"] == "address" else "~"
            table.add_row(
                approximate + _way(row),
                plain(" - ".join(part for part in (row["name"], row["program"]) if part)),
                plain(f"{row['street1']}, {row['city']}, {row['state']} {row['zip']}"),
                plain(row["phone"]),
            )
        out.print(table)
        out.print(f"{CALL} ~ means the middle of the ZIP area.")
        if measured != "distance":
            out.print(cost_text(found.attrs["provenance"]["parameters"]), highlight=False)
        out.print(IN_CRISIS)
        out.print(source_line(listing), style="dim")


def _way(row: Mapping[Hashable, Any]) -> str:
    """Write miles, or minutes with their range."""
    if "distance_m" in row:
        return format_distance(row["distance_m"])
    minutes = f"{row['duration_min']:.0f} min"
    if "duration_low_min" not in row:
        return minutes
    return f"about {minutes} ({row['duration_low_min']:.0f} to {row['duration_high_min']:.0f})"


def list_(
    state: Annotated[str | None, typer.Option("--state", help="Postal abbreviation, e.g. IL.")] = None,
    county: Annotated[str | None, typer.Option(help="Five-digit county code.")] = None,
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
        print_frame(listing.by_state().reset_index(), output, heading=title("Facilities by state", listing))
    else:
        frame = listing.table.sort_values(["state", "city", "name"]).reset_index()
        shown = frame[["name", "street1", "city", "zip", "phone"]] if output is Format.TABLE else frame
        print_frame(shown, output, heading=title(f"{len(listing):,} facilities", listing))
    if output is Format.TABLE:
        out.print(CALL)
        out.print(IN_CRISIS)
        out.print(source_line(listing), style="dim")
