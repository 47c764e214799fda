"""The command that counts who is too far from care."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from iopdir.atomic import make_folder
from iopdir.cli.options import (
    AgeOption,
    By,
    ByOption,
    CodesOption,
    Columns,
    CostOption,
    DemandFile,
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
    StandardsOption,
    StateOption,
    TelehealthOption,
    open_cost,
    open_listing,
    open_people,
    select,
)
from iopdir.cli.printing import (
    Format,
    out,
    plain,
    print_csv,
    print_json,
    records,
    show,
    source_of,
    title,
)
from iopdir.progress import during

if TYPE_CHECKING:
    import pandas as pd

    from iopdir.directory.directory import Directory
    from iopdir.standards.standard import Standard
    from iopdir.travel.reach import Reach

__all__ = ["gaps"]

_PLURAL: Final = {By.COUNTY: "counties", By.STATE: "states"}
_SHOWN: Final = 10


def gaps(
    by: ByOption = By.COUNTY,
    standard: StandardsOption = None,
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    medication: MedicationOption = None,
    special_population: PopulationOption = None,
    setting: SettingOption = None,
    telehealth: TelehealthOption = None,
    codes: CodesOption = None,
    language: LanguageOption = None,
    state: StateOption = None,
    directory: DirectoryFile = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
    demand: DemandFile = None,
    cost: CostOption = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder for CSV, GeoParquet and an offline map.")
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Count the people whom no facility is near enough to serve."""
    import iopdir as iop

    words = list(dict.fromkeys(standard or ["30 mi"]))
    rules = [iop.standards.parse_standard(word) for word in words]
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
    people, way = open_people(demand), open_cost(cost)
    with during("Measuring"):
        homes = {rule.state for rule in rules} - {None}
        whose = state or (homes.pop() if len(homes) == 1 else None)
        reach = iop.reach(people, listing, cost=way, state=whose)
        reaches = [reach] * len(rules)
        if reach.unit == "min" and any(
            rule.has_duration for rule in rules
        ):  # miles beside them are meant as such
            lines = iop.reach(people, listing, state=whose)
            reaches = [reach if rule.has_duration or rule.count else lines for rule in rules]
        each = [
            iop.coverage_gaps(one, by=by.value, standard=rule)
            for one, rule in zip(reaches, rules, strict=True)
        ]
        table = each[0] if len(each) == 1 else iop.coverage_gaps(reach, by=by.value, standard=rules)
    if listing.synthetic:
        table = table.assign(source="SYNTHETIC demo_directory")
    if output is Format.CSV:
        print_csv(table.reset_index())
    elif output is Format.JSON:
        rows = records(table.reset_index())
        verdicts = {
            rule.name: said
            for rule, one, alone in zip(rules, reaches, each, strict=True)
            if (said := _verdict(alone, one, by, rule))
        }
        body: dict[str, object] = {
            "rows": rows,
            "standards": [rule.name for rule in rules],
            "verdicts": verdicts,
        }
        if len(rules) == 1:
            body = rows[0] if by is By.NATION else {"rows": rows}
            body |= {
                "standard": rules[0].name,
                **({"verdict": said} if (said := "".join(verdicts.values())) else {}),
            }
        print_json({**body, "synthetic": listing.synthetic, **source_of(table)})
    else:
        for position, (rule, one, alone) in enumerate(zip(rules, reaches, each, strict=True)):
            if position:
                out.print()
            _print(alone, one, by, listing, rule)
        _print_sources(table)
    if out_dir is not None:
        _write(
            table,
            reach,
            by,
            listing,
            dict(zip(words, zip(rules, reaches, strict=True), strict=True)),
            out_dir,
        )


def _verdict(table: pd.DataFrame, reach: Reach, by: By, rule: Standard) -> str:
    """Say how the counties are judged, by a standard that somebody published."""
    import iopdir as iop
    from iopdir.report.verdicts import outcome_text
    from iopdir.standards.standard import GIVEN

    if rule.source == GIVEN:
        return ""
    return outcome_text(table if by is By.COUNTY else iop.coverage_gaps(reach, standard=rule), rule)


def _print(table: pd.DataFrame, reach: Reach, by: By, listing: Directory, rule: Standard) -> None:
    """Say it of one standard, and show where most people are outside."""
    import iopdir as iop
    from iopdir.report.verdicts import standard_text
    from iopdir.report.words import people_text, placement_text, range_text, share_text, way_text
    from iopdir.standards.standard import GIVEN

    with during("Measuring"):
        whole = table if by is By.NATION else iop.coverage_gaps(reach, by="nation", standard=rule)
        verdict = _verdict(table, reach, by, rule)
    total = whole.iloc[0]
    near = f"within {rule.name} of" if rule.source == GIVEN else f"near enough, by “{rule.name}”, to"
    listed = title(f"{total['facilities']:,} of the {len(listing):,} facilities stand there", listing)
    if total["status"] != "not_required":
        out.print(
            f"[bold]{share_text(total['share'])}[/bold] of people in {plain(whole.index[0])} live {plain(near)} a"
            f" listed facility; {people_text(total['gap'])} do not. {listed}; those across a border count too.",
            highlight=False,
        )
        if "estimate_low" in total:
            out.print(f"By the range of the estimate: {range_text(total, 'estimate')}.", highlight=False)
        if hangs := placement_text(total):
            out.print(hangs, highlight=False)
    if verdict:
        out.print(plain(verdict), highlight=False)
        out.print(plain(standard_text(rule)), style="dim", highlight=False)
    worst = table[table["gap"] >= 0.5].sort_values("gap", ascending=False).head(_SHOWN)
    if by is not By.NATION and len(worst):
        shown = Table()
        for name in (by.value, "people", "outside", "share within", "nearest (median)"):
            shown.add_column(name, justify="left" if name == by.value else "right")
        for code, row in worst.iterrows():
            label = f"{row['name']}, {row['state']}" if by is By.COUNTY else str(code)
            way = way_text(row, "nearest")
            shown.add_row(
                plain(label), f"{row['people']:,.0f}", f"{row['gap']:,.0f}", share_text(row["share"]),
                plain(row["status"]) if way == "none" else way,
            )  # fmt: skip
        named = _PLURAL[by] if len(worst) > 1 else by.value
        show(title(f"The {len(worst)} {named} with most people outside", listing), shown)


def _print_sources(table: pd.DataFrame) -> None:
    from iopdir.report.credits import credit
    from iopdir.report.words import cost_text

    for source in table.attrs["provenance"]["sources"]:
        out.print(f"Source: {plain(credit(source))}", style="dim", highlight=False)
    way = plain(cost_text(table.attrs["provenance"]["parameters"]))
    out.print(f"{way} Listed is not the same as open.", style="dim", highlight=False)


def _write(
    table: pd.DataFrame,
    reach: Reach,
    by: By,
    listing: Directory,
    asked: dict[str, tuple[Standard, Reach]],
    folder: Path,
) -> None:
    import iopdir as iop
    from iopdir.exports.tables import write_table
    from iopdir.report.page import write_gaps

    make_folder(folder)
    stem = f"{'SYNTHETIC_' if listing.synthetic else ''}gaps_by_{by}"
    with during("Writing"):
        paths = [write_table(table, folder / f"{stem}.csv", round_people=1)]
        if by is not By.NATION:
            rules = [rule for rule, _ in asked.values()]
            drawn = iop.coverage_gaps(reach, by=by.value, standard=rules, geometry=True)
            drawn = drawn.assign(source=table["source"]) if listing.synthetic else drawn
            paths.append(write_table(drawn, folder / f"{stem}.parquet"))
        if by is By.COUNTY:
            for number, (word, (rule, one)) in enumerate(asked.items(), 1):
                which = re.sub(r"\W+", "_", f"_{number}_{Path(word).name}") if len(asked) > 1 else ""
                paths.append(folder / f"{stem}{which}.html")
                write_gaps(one, listing, rule, paths[-1])
    out.print("Written:")
    for path in paths:
        out.print(f"  {plain(path)}", highlight=False, soft_wrap=True)
