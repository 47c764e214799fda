"""The command that says what changed between two listings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from iopdir.cli.options import (
    By,
    ByOption,
    CostOption,
    DemandFile,
    FormatOption,
    StandardOption,
    open_cost,
    open_listing,
    open_people,
)
from iopdir.cli.printing import (
    Format,
    as_options,
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
)
from iopdir.progress import during

if TYPE_CHECKING:
    from iopdir.travel.sites import Filters

__all__ = ["diff"]

_SHOWN = 10
_DIGITS = 4
_SITE = ["kind", "name", "city", "state", "evidence"]


def diff(
    old: Annotated[Path, typer.Argument(help="The earlier listing, or a store of snapshots.")],
    new: Annotated[Path, typer.Argument(help="The later one.")],
    years: Annotated[
        tuple[int, int] | None, typer.Option("--years", help="Years of the two, if they do not say so.")
    ] = None,
    by: ByOption = By.STATE,
    standard: StandardOption = "30 mi",
    level: Annotated[
        str, typer.Option("--level", help="Level of care for access, e.g. iop; 'any' for all.")
    ] = "any",
    demand: DemandFile = None,
    cost: CostOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Say what opened, closed, moved or was renamed between two listings, and what that did to access."""
    import iopdir as iop
    from iopdir.report.words import share_text

    before, after = open_listing(old), open_listing(new)
    with during("Linking"):
        found = iop.diff(before, after, years=years)
    for warning in found.warnings:
        err.print(f"WARNING: {plain(as_options(warning))}", style="bold yellow", soft_wrap=True)
    changed = found.sites[found.sites["kind"] != "unchanged"]
    if output is Format.CSV:
        print_csv(changed.fillna(dict.fromkeys(["a_id", "b_id", "other_id"], "")))
        return
    people, way = open_people(demand), open_cost(cost)
    with during("Measuring access"):
        care: Filters = {} if level == "any" else {"level_of_care": level}
        access = found.access(people, by=by.value, standard=standard, cost=way, **care)
    if output is Format.JSON:
        print_json(
            {
                "sites": found.counts().to_dict(),
                "warnings": list(found.warnings),
                "changed": records(changed),
                "stated": records(found.stated),
                "by_state": records(found.by().reset_index()),
                "access": records(access.reset_index()),
                **source_of(found.sites),
            }
        )
        return
    heading = title(f"{len(before):,} facilities, then {len(after):,}", after)
    print_frame(found.counts().rename_axis("kind").reset_index(), output, heading=heading)
    if len(changed):
        first = f"the first {_SHOWN}" if len(changed) > _SHOWN else "all"
        print_frame(changed[_SITE].head(_SHOWN), output, heading=f"{len(changed):,} changed; {first}")
    moved = access[access["change"].abs() >= 0.5 * 10**-_DIGITS]
    moved = moved.loc[moved["change"].abs().sort_values(ascending=False, kind="stable").index].head(_SHOWN)
    if len(moved):
        shown = Table()
        for name in (by.value, "before", "after", "change", "by sites", "by listings"):
            shown.add_column(name, justify="left" if name == by.value else "right")
        for code, row in moved.iterrows():
            label = f"{row['name']}, {row['state']}" if by is By.COUNTY else str(code)
            shares = (share_text(row[name]) for name in ("share_before", "share_after"))
            points = (f"{100 * row[name]:+.2f} points" for name in ("change", "by_sites", "by_listing"))
            shown.add_row(plain(label), *shares, *points)
        show(f"Share of people within {plain(standard)}, where it changed most", shown)
    else:
        out.print(f"The share of people within {plain(standard)} changed nowhere.", highlight=False)
    out.print(source_line(before), style="dim")
    out.print(source_line(after), style="dim")
