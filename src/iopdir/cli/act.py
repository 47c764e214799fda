"""Commands that ask where to act: what opening and closing would do, where new sites would do most."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from iopdir.atomic import make_folder
from iopdir.cli.options import (
    By,
    ByOption,
    Columns,
    CostOption,
    DemandFile,
    DirectoryFile,
    Encoding,
    FormatOption,
    Level,
    PaymentOption,
    Sheet,
    StandardOption,
    StateOption,
    one_of,
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
    source_line,
    source_of,
    title,
)
from iopdir.extras import require
from iopdir.progress import during

if TYPE_CHECKING:
    from iopdir.directory.directory import Directory
    from iopdir.scenarios.plan import Plan
    from iopdir.scenarios.whatif import WhatIf

__all__ = ["site", "what_if"]

_SHOWN = 10


class Goal(StrEnum):
    """What a plan is to achieve."""

    COVERAGE = "coverage"
    ALL = "all"
    MEAN_COST = "mean_cost"
    WORST_COST = "worst_cost"
    EQUITY = "equity"
    STANDARD = "standard"


class Way(StrEnum):
    """How it is looked for."""

    OPTIMAL = "optimal"
    GREEDY = "greedy"


def what_if(
    close: Annotated[
        list[str] | None, typer.Option("--close", help="Id of a facility; give it once for each.")
    ] = None,
    open_: Annotated[
        list[str] | None,
        typer.Option("--open", help="ZIP, place or 'latitude, longitude' of a new one; once for each."),
    ] = None,
    by: ByOption = By.COUNTY,
    standard: StandardOption = "30 mi",
    level: Level = "iop",
    payment: PaymentOption = None,
    state: StateOption = None,
    directory: DirectoryFile = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
    demand: DemandFile = None,
    cost: CostOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Say what opening or closing facilities would do, and to whom."""
    import iopdir as iop

    if not (close or open_):
        raise typer.BadParameter("say what opens (--open '79903') or closes (--close ID)")
    listing = select(open_listing(directory, encoding, sheet, columns), level, payment=payment)
    people, way = open_people(demand), open_cost(cost)
    with during("Measuring the change"):
        asked = iop.what_if(
            people, listing, open=open_, close=close, standard=standard, by=by.value, state=state, cost=way
        )
    if output is Format.CSV:
        print_csv(asked.difference.reset_index())
    elif output is Format.JSON:
        body = {"gained": asked.gained, "lost": asked.lost, "rows": records(asked.difference.reset_index())}
        print_json({**body, "synthetic": listing.synthetic, **source_of(asked.difference)})
    else:
        _print_difference(asked, by, listing, standard)


def _print_difference(asked: WhatIf, by: By, listing: Directory, standard: str) -> None:
    out.print(
        f"{title('What if', listing)}: [bold]{asked.gained:,.0f}[/bold] people newly within {plain(standard)},"
        f" [bold]{asked.lost:,.0f}[/bold] no longer.",
        highlight=False,
    )
    changed = asked.difference[asked.difference["covered"].abs() >= 0.5]
    changed = changed.reindex(changed["covered"].abs().sort_values(ascending=False).index).head(_SHOWN)
    if by is By.NATION or changed.empty:
        return
    shown = Table()
    for name in (by.value, "people within, change", "share within, change"):
        shown.add_column(name, justify="left" if name == by.value else "right")
    for code, row in changed.iterrows():
        label = f"{row['name']}, {row['state']}" if by is By.COUNTY else str(code)
        shown.add_row(plain(label), f"{row['covered']:+,.0f}", f"{100 * row['share']:+.1f} points")
    show(title("Where most changes", listing), shown)


def site(
    n: Annotated[
        int | None, typer.Option("--n", min=1, help="How many sites; not for all and standard.")
    ] = None,
    within: Annotated[
        str | None,
        typer.Option(
            "--within", help="State whose people are to be reached, from within it, e.g. TX or Texas."
        ),
    ] = None,
    standard: StandardOption = "30 mi",
    objective: Annotated[
        Goal, typer.Option(**one_of(Goal, "objective"), help="What the plan is to achieve.")
    ] = Goal.COVERAGE,
    method: Annotated[
        Way, typer.Option(**one_of(Way, "method"), help="Proven best, or always the best next site.")
    ] = Way.OPTIMAL,
    draws: Annotated[
        int, typer.Option(min=0, help="How often to redraw unsure places, for the column stability.")
    ] = 0,
    level: Level = "iop",
    payment: PaymentOption = None,
    directory: DirectoryFile = None,
    encoding: Encoding = "utf-8",
    sheet: Sheet = None,
    columns: Columns = None,
    demand: DemandFile = None,
    cost: CostOption = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder for the sites as CSV, the map and the chart.")
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Find where new facilities would do most; those there are stay where they are."""
    import iopdir as iop

    if n is None and objective not in (Goal.ALL, Goal.STANDARD):
        raise typer.BadParameter(f"say how many: --n 10, for --objective {objective}")
    if out_dir is not None:
        require("report")  # what draws the map, before anything long begins
    listing = select(open_listing(directory, encoding, sheet, columns), level, payment=payment)
    people, way = open_people(demand), open_cost(cost)
    options: dict[str, Any] = {"n": n, "within": within, "standard": standard, "draws": draws, "cost": way}
    with during("Measuring"):
        plan = iop.site(people, listing, objective=objective.value, method=method.value, **options)
    if output is Format.CSV:
        print_csv(plan.sites.reset_index())
    elif output is Format.JSON:
        body = {name: getattr(plan, name) for name in ("gain", "value", "bound", "status", "objective")}
        rows = {
            "sites": records(plan.sites.reset_index()),
            "unreachable": records(plan.unreachable.reset_index()),
        }
        print_json({**body, **rows, "synthetic": listing.synthetic, **source_of(plan.sites)})
    else:
        _print_plan(plan, listing)
    if out_dir is not None:
        _write(plan, listing, out_dir)


def _print_plan(plan: Plan, listing: Directory) -> None:
    from iopdir.report.words import cost_text

    out.print(plain(repr(plan)), highlight=False)
    shown = Table()
    drawn = bool(plan.sites["stability"].notna().any())
    names = ["", "at", "state", "people newly within", "in all", *(["stability"] if drawn else [])]
    for name in names:
        shown.add_column(name, justify="left" if name in ("at", "state") else "right")
    for place, row in plan.sites.iterrows():
        cells = [
            str(row["order"]), plain(row.get("name", _label(str(place)))), plain(row.get("state", "")),
            f"{row['people']:,.0f}", f"{row['cumulative']:,.0f}",
        ]  # fmt: skip
        shown.add_row(*cells, *([f"{row['stability']:.0%}"] if drawn else []))
    show(title("New sites, most people first", listing), shown)
    if len(plan.unreachable):
        lost = plan.unreachable["people"].sum()
        places = ", ".join(plain(place) for place in plan.unreachable.index[:_SHOWN])
        out.print(f"{lost:,.0f} people cannot be reached from any candidate, at {places}", highlight=False)
    out.print(source_line(listing), style="dim", highlight=False)
    out.print(
        f"{plain(cost_text(plan.sites.attrs['provenance']['parameters']))} A place on a map is no building, staff or"
        " license.",
        style="dim",
    )


def _label(place: str) -> str:
    """Say where a ZIP is; other points go by their own names."""
    from iopdir.geography.places import zip_points

    city = zip_points()["city"].get(place)
    return f"{place}, {city!s}" if city else place


def _write(plan: Plan, listing: Directory, folder: Path) -> None:
    from iopdir.exports.tables import write_table

    make_folder(folder)
    stem = f"{'SYNTHETIC_' if listing.synthetic else ''}plan"
    with during("Writing"):
        write_table(plan.sites, folder / f"{stem}.csv", round_people=1)
        plan.map().save(folder / f"{stem}_map.html")
        plan.chart().save(folder / f"{stem}_curve.html")
    out.print("Written:")
    for name in (f"{stem}.csv", f"{stem}_map.html", f"{stem}_curve.html"):
        out.print(f"  {plain(folder / name)}", highlight=False, soft_wrap=True)
