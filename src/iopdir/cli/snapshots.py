"""Commands that fetch real listings into a store, and look after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iopdir.cli.options import FormatOption, store_here
from iopdir.cli.printing import Format, err, out, plain, print_frame
from iopdir.errors import LoadError

if TYPE_CHECKING:
    from iopdir.snapshots.snapshot import Snapshot

__all__ = ["fetch", "store"]

fetch = typer.Typer(
    rich_markup_mode=None,
    help="Fetch a real listing into a store; `near`, `list`, `gaps` and the others then answer from it.",
    no_args_is_help=True,
)
store = typer.Typer(
    rich_markup_mode=None, help="Look after a store of fetched listings.", no_args_is_help=True
)

Into = Annotated[
    Path | None,
    typer.Option("--into", help="Folder of the store. Default: what IOPDIR_STORE names, or listings/ here."),
]
Url = Annotated[str | None, typer.Option("--url", help="Another address of the source.")]
StorePath = Annotated[
    Path | None,
    typer.Argument(help="Folder of the store. Default: what IOPDIR_STORE names, or listings/ here."),
]


@fetch.command()
def findtreatment(
    into: Into = None,
    state: Annotated[
        str | None, typer.Option("--state", help="Only this state, e.g. IL or Illinois.")
    ] = None,
    near: Annotated[str | None, typer.Option("--near", help="Only around a place, e.g. 60614.")] = None,
    within: Annotated[str | None, typer.Option("--within", help="How far around it, e.g. '100 mi'.")] = None,
    service_type: Annotated[
        str | None, typer.Option("--service-type", help="sa, mh or both; all that there is if left out.")
    ] = None,
    url: Url = None,
) -> None:
    """Fetch the FindTreatment.gov locator: the country, a state, or what lies around a place."""
    import iopdir as iop

    if (near is None) != (within is None) or (near is not None and state is not None):
        raise typer.BadParameter("give --state, or --near and --within, or none of them")
    place, before = _place(into)
    snapshot = iop.fetch_findtreatment(
        place, state=state, near=near, within=within, service_type=service_type, url=url
    )
    _say(snapshot, before)


@fetch.command()
def directory(
    year: Annotated[int, typer.Option(help="Year in its title, e.g. 2025.")],
    into: Into = None,
    url: Url = None,
) -> None:
    """Fetch SAMHSA's yearly National Directory of substance use facilities."""
    import iopdir as iop

    place, before = _place(into)
    snapshot = iop.fetch.fetch_directory(place, year=year, url=url)
    _say(snapshot, before)


@fetch.command()
def otp(into: Into = None, url: Url = None) -> None:
    """Fetch SAMHSA's directory of opioid treatment programs."""
    import iopdir as iop

    place, before = _place(into)
    snapshot = iop.fetch.fetch_otp(place, url=url)
    _say(snapshot, before)


def _place(into: Path | None) -> tuple[Path, set[str]]:
    """Say where to, and what is there already."""
    import iopdir as iop

    place = into or store_here()
    return place, set(iop.SnapshotStore(place).list()["snapshot"])


def _say(snapshot: Snapshot, before: set[str]) -> None:
    manifest = snapshot.manifest
    rows = manifest.rows
    sums = " + ".join(f"{rows[name]:,} {name}" for name in ("accepted", "merged", "rejected"))
    word = "Unchanged since then" if snapshot.name in before else "Fetched"
    out.print(f"{word}: {plain(snapshot.path)}", highlight=False, soft_wrap=True)
    out.print(f"  {rows['in']:,} rows in = {sums}", highlight=False)
    for note in manifest.notes:
        err.print(f"WARNING: {plain(note)}", style="bold yellow", soft_wrap=True)


@store.command(name="list")
def list_(path: StorePath = None, output: FormatOption = Format.TABLE) -> None:
    """List the snapshots of a store, damaged ones too."""
    import iopdir as iop

    place = path or store_here()
    table = iop.SnapshotStore(place).list()
    if table.empty and output is Format.TABLE:
        out.print(
            f"No snapshots in {plain(place)}: iopdir fetch brings one.", highlight=False, soft_wrap=True
        )
        return
    shown = table[["source", "taken", "accepted", "notes", "status"]] if output is Format.TABLE else table
    print_frame(shown, output, heading=plain(f"Snapshots in {place}"))


@store.command()
def verify(path: StorePath = None, output: FormatOption = Format.TABLE) -> None:
    """Look at every byte of a store; fail if one is not as it was written."""
    import iopdir as iop

    held = iop.SnapshotStore(path or store_here())
    if held.list().empty:
        raise LoadError(held.path, expected="a store of snapshots", found="none")
    wrong = held.verify()
    if len(wrong) or output is not Format.TABLE:
        print_frame(wrong, output, heading="Not as it was written")
    else:
        out.print(f"All as it was written: {plain(held)}", highlight=False, soft_wrap=True)
    raise typer.Exit(code=int(len(wrong) > 0))
