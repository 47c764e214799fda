"""The command line: a thin face over the public names."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from iopdir.errors import IopdirError, LoadError, UnknownNameError
from iopdir.vocabulary.crisis import IN_CRISIS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from iopdir.directory.directory import Directory
    from iopdir.eligibility.interview import Question

__all__ = ["app", "main"]

app = typer.Typer(
    help="Who can reach intensive outpatient care? Find it, list it, measure the gaps.",
    epilog=IN_CRISIS,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
out: Final = Console()
err: Final = Console(stderr=True)


class Format(StrEnum):
    """How a command prints its answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class By(StrEnum):
    """Areas that people are counted in."""

    COUNTY = "county"
    STATE = "state"
    NATION = "nation"


DirectoryFile = Annotated[
    Path | None,
    typer.Option(
        "--directory", "-d", help="Listing of facilities, any known format. Default: the SYNTHETIC demo."
    ),
]
Level = Annotated[
    str, typer.Option("--level", help="Level of care, e.g. iop, php, outpatient; 'any' for all.")
]
PaymentOption = Annotated[str | None, typer.Option("--payment", help="Way of paying, e.g. medicaid.")]
AgeOption = Annotated[
    str | None, typer.Option("--age-group", help="children, young_adults, adults or seniors.")
]
StateOption = Annotated[str | None, typer.Option("--state", help="Postal abbreviation, e.g. IL.")]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="table for people, json or csv for programs.")
]
StandardOption = Annotated[
    str,
    typer.Option("--standard", help="A distance such as '30 mi', a name such as cms-obh, or a TOML file."),
]
DemandFile = Annotated[
    Path | None,
    typer.Option("--demand", help="A Census CenPop file. Default: the embedded ZIP areas, ACS 2018-22."),
]


@app.command()
def near(
    place: Annotated[str, typer.Argument(help="A ZIP, 'lat,lon', or 'City, ST'.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many to list.")] = 5,
    max_distance: Annotated[str | None, typer.Option(help="No farther than this, e.g. '25 mi'.")] = None,
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    directory: DirectoryFile = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Find the nearest facilities, by distance over the ground."""
    from iopdir.geography.places import find_place
    from iopdir.travel.nearest import nearest
    from iopdir.units import format_distance

    where = find_place(place)
    listing = _select(_open(directory), level, payment=payment, age_group=age_group)
    found = nearest(place, listing, k=k, max_distance=max_distance)
    details = listing.to_geodataframe()[["program", "street1", "city", "state", "zip", "phone", "precision"]]
    rows = found.join(details, on="facility_id")
    if output is Format.JSON:
        about = {"place": where.label, "lat": where.lat, "lon": where.lon, "synthetic": listing.synthetic}
        _print_json(
            about | {"results": _records(rows), "note": _NOTE, "safety": IN_CRISIS, **_source_of(found)}
        )
    elif output is Format.CSV:
        _print_csv(rows)
    elif not (rows["status"] == "ok").any():
        out.print(f"Nothing listed within reach of {escape(where.label)} ({rows['status'].iloc[0]}).")
        out.print(IN_CRISIS)
    else:
        table = Table(title=_title(f"Nearest to {where.label}", listing), title_justify="left")
        for name in ("distance", "name", "where", "phone"):
            table.add_column(name, justify="right" if name == "distance" else "left")
        for row in rows.fillna("").to_dict("records"):
            approximate = "" if row["precision"] == "address" else "~"
            table.add_row(
                approximate + format_distance(row["distance_m"]),
                escape(" - ".join(part for part in (row["name"], row["program"]) if part)),
                escape(f"{row['street1']}, {row['city']}, {row['state']} {row['zip']}"),
                escape(row["phone"]),
            )
        out.print(table)
        out.print(f"{_NOTE} ~ means the middle of the ZIP area.")
        out.print(IN_CRISIS)
        out.print(_source_line(listing), style="dim")


@app.command(name="list")
def list_(
    state: StateOption = None,
    county: Annotated[str | None, typer.Option(help="Five-digit county code.")] = None,
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    directory: DirectoryFile = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """List facilities of a state or county; without either, count them by state."""
    listing = _select(
        _open(directory), level, payment=payment, age_group=age_group, state=state, county=county
    )
    if state is None and county is None:
        _print_frame(listing.by_state().reset_index(), output, title=_title("Facilities by state", listing))
    else:
        columns = ["name", "program", "street1", "street2", "city", "state", "zip", "phone", "website"]
        columns += ["levels_of_care", "payments", "age_groups", "services", "county_fips", "vintage"]
        frame = listing.to_geodataframe()[columns].sort_values(["state", "city", "name"]).reset_index()
        shown = frame[["name", "street1", "city", "zip", "phone"]] if output is Format.TABLE else frame
        _print_frame(shown, output, title=_title(f"{len(listing):,} facilities", listing))
    if output is Format.TABLE:
        out.print(_NOTE)
        out.print(IN_CRISIS)
        out.print(_source_line(listing), style="dim")


@app.command()
def gaps(
    by: Annotated[By, typer.Option(help="Areas to count people in.")] = By.COUNTY,
    standard: StandardOption = "30 mi",
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    state: Annotated[str | None, typer.Option("--state", help="Only the people of this state.")] = None,
    directory: DirectoryFile = None,
    demand: DemandFile = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Folder for CSV, GeoParquet and an offline map.")
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Count the people whom no facility is near enough to serve."""
    from iopdir.measures.coverage import coverage_gaps
    from iopdir.standards.standard import parse_standard

    rule = parse_standard(standard)
    listing = _select(_open(directory), level, payment=payment, age_group=age_group)
    with _busy("Opening the demand points"):
        people = _people(demand, state)
    with _busy("Measuring distances"):
        table = coverage_gaps(people, listing, by=by.value, standard=rule)
        national = table if by is By.NATION else coverage_gaps(people, listing, by="nation", standard=rule)
    if state and by is By.COUNTY:
        table = table[table["state"] == state]
    if listing.synthetic:
        table = table.assign(source="SYNTHETIC demo_directory")
    if output is Format.CSV:
        _print_csv(table.reset_index())
    elif output is Format.JSON:
        rows = _records(table.reset_index())
        body = rows[0] if by is By.NATION else {"rows": rows}
        _print_json({**body, "standard": rule.name, "synthetic": listing.synthetic, **_source_of(table)})
    else:
        _print_gaps(table, national, by, listing, rule.name)
    if out_dir is not None:
        _write_gaps(table, by, listing, out_dir)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A listing of facilities.")],
    output: FormatOption = Format.TABLE,
) -> None:
    """Read a listing and account for every row: accepted, merged, rejected, and what was repaired."""
    from iopdir.loaders.recognise import read_directory

    with _busy(f"Reading {file.name}"):
        listing = read_directory(file)
    quality = listing.quality
    iop = listing.select(level_of_care="iop")
    if output is Format.JSON:
        _print_json(
            {
                "file": file.name,
                "rows_in": quality.rows_in,
                "accepted": quality.accepted,
                "merged": quality.merged,
                "rejected": quality.rejected,
                "iop": quality.iop_rows,
                "iop_facilities": len(iop),
                "geocoded_by": dict(quality.geocoded_by),
                "issues": {str(reason): int(number) for reason, number in quality.counts().items()},
                "unknown_codes": dict(quality.unknown_codes),
                **_source_of(listing.by_state()),
            }
        )
    elif output is Format.CSV:
        _print_csv(quality.issues)
    else:
        out.print(repr(quality), highlight=False)
        out.print(
            f"  intensive outpatient: {quality.iop_rows:,} rows, {len(iop):,} facilities", highlight=False
        )
        if len(quality.issues):
            _print_frame(
                quality.issues.drop(columns="file").head(20), output, title=f"First issues of {file.name}"
            )
            out.print(f"All {len(quality.issues):,} of them: iopdir check {escape(str(file))} --format csv")
        out.print(_source_line(listing), style="dim")


@app.command()
def eligibility(
    answers: Annotated[
        Path | None, typer.Option("--json", help="Read answers as JSON from a file, or - for standard input.")
    ] = None,
    near_place: Annotated[str | None, typer.Option("--near", help="Also list places near here.")] = None,
    directory: DirectoryFile = None,
) -> None:
    """Ask a few questions and say what the answers lean to, with reasons. Nothing is kept or sent."""
    from pydantic import ValidationError

    from iopdir.eligibility.assessment import Profile, assess
    from iopdir.eligibility.interview import INTRODUCTION, questions, render
    from iopdir.eligibility.matching import match

    if answers is None:
        out.print(IN_CRISIS)
        for line in INTRODUCTION:
            out.print(line)
        safety = [question for question in questions() if question.urgent]
        given = {question.field: _ask(question) for question in safety}
        if "yes" not in given.values():  # in danger nothing else is asked
            given |= {question.field: _ask(question) for question in questions() if not question.urgent}
        text = json.dumps(given)
    else:
        text = sys.stdin.read() if str(answers) == "-" else _read(answers)
    try:
        profile = Profile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc'])) or 'answers'}: {first['msg']}") from None
    assessment = assess(profile)
    places = match(profile, _open(directory), near=near_place) if near_place else None
    if answers is not None:
        body = assessment.to_dict()
        _print_json(body if places is None else body | {"places": _records(places)})
        return
    out.print()
    out.print(render(assessment), highlight=False)
    if places is not None and len(places):
        _print_frame(places[["kind", "name", "phone", "reason"]], Format.TABLE, title="Places to call")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LoadError(path, expected="answers as JSON", found=f"none that can be read ({error})") from error


def _ask(question: Question) -> str | None:
    out.print(f"\n{question.text}")
    for answer, meaning in question.answers.items():
        out.print(f"  {answer}{': ' if meaning else ''}{meaning}", highlight=False)
    while True:
        said = typer.prompt(
            "", default="", show_default=False, hide_input=question.private, prompt_suffix="> "
        )
        answer = said.strip().lower()
        if not answer:
            return None
        matching = [choice for choice in question.answers if choice.startswith(answer)]
        if len(matching) == 1:
            return matching[0]
        out.print(f"Please write one of: {', '.join(question.answers)}. Or leave it empty.")


@app.command()
def data(output: FormatOption = Format.TABLE) -> None:
    """List the embedded data packs with vintage, licence and checksum."""
    from iopdir.datasets import list_packs

    packs = list_packs().reset_index()
    shown = packs[["name", "vintage", "rows", "licence"]] if output is Format.TABLE else packs
    _print_frame(shown, output, title="Embedded data packs")


@app.command()
def report(
    file: Annotated[Path | None, typer.Argument(help="A listing; the SYNTHETIC demo if left out.")] = None,
    to: Annotated[Path, typer.Option("--out", help="Where to write the page.")] = Path("report.html"),
    standard: StandardOption = "30 mi",
    level: Level = "iop",
    payment: PaymentOption = None,
    age_group: AgeOption = None,
    state: StateOption = None,
    demand: DemandFile = None,
) -> None:
    """Write one self-contained page that can be published: figures, map, table, method, how sure."""
    from iopdir.report.page import write_report
    from iopdir.standards.standard import parse_standard

    listing = _open(file)
    with _busy("Measuring and writing"):
        path = write_report(
            _people(demand, state),
            listing,
            to,
            level_of_care=level,
            standard=parse_standard(standard),
            state=state,
            payment=payment,
            age_group=age_group,
        )
    out.print(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB)", highlight=False, soft_wrap=True)


@app.command()
def finder(
    to: Annotated[Path, typer.Option("--out", help="Where to write the page.")] = Path("finder.html"),
    directory: DirectoryFile = None,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
) -> None:
    """Write one self-contained page on which a person finds care near them, with no network."""
    from iopdir.report.finder import write_finder

    listing = _open(directory)
    with _busy("Writing"):
        path = write_finder(listing, to, title=title)
    out.print(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB)", highlight=False, soft_wrap=True)


# --- shared ---------------------------------------------------------------------------------------------------

_NOTE: Final = "Call to confirm: listings go out of date."


def _open(path: Path | None) -> Directory:
    from iopdir.loaders.recognise import demo_directory, read_directory

    if path is None:
        err.print(
            "SYNTHETIC demo directory: no facility in it is real. For real ones: --directory FILE",
            style="yellow",
        )
        return demo_directory()
    with _busy(f"Reading {path.name}"):
        return read_directory(path)


def _people(path: Path | None, state: str | None) -> gpd.GeoDataFrame:
    from iopdir.geography.demand import demand_points, read_popcenters

    if path is None:
        return demand_points("zcta", states=state)
    points = read_popcenters(path)
    if state is not None and state not in set(points["state"]):
        raise UnknownNameError(f"state in {path.name}", state, points["state"].unique())
    return points if state is None else points[points["state"] == state]


def _select(listing: Directory, level: str, **filters: str | None) -> Directory:
    asked: dict[str, Any] = {name: value for name, value in filters.items() if value is not None}
    if level != "any":
        if not any(
            listing.by_state()[name].any()
            for name in ("outpatient", "iop", "php", "residential", "medication")
        ):
            raise UnknownNameError(
                "level of care in this listing, which states none: use --level any; not", level
            )
        asked["level_of_care"] = level
    return listing.select(**asked)


@contextmanager
def _busy(what: str) -> Iterator[None]:
    if err.is_terminal:
        with err.status(what):
            yield
    else:
        yield


def _title(text: str, listing: Directory) -> str:
    return escape(f"SYNTHETIC {text}" if listing.synthetic else text)


def _source_line(listing: Directory) -> str:
    sources = "; ".join(str(source) for source in listing.provenance.sources)
    return f"Source: {escape(sources)}. {listing.provenance.package}"


def _source_of(table: pd.DataFrame) -> dict[str, Any]:
    return {"provenance": table.attrs.get("provenance", {})}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return rows


def _print_json(body: object) -> None:
    sys.stdout.write(json.dumps(body, ensure_ascii=False, indent=2, default=str) + "\n")


def _print_csv(frame: pd.DataFrame) -> None:
    frame.to_csv(sys.stdout, index=False, lineterminator="\n")


def _print_frame(frame: pd.DataFrame, output: Format, *, title: str) -> None:
    if output is Format.JSON:
        _print_json({"rows": _records(frame), **_source_of(frame)})
    elif output is Format.CSV:
        _print_csv(frame)
    else:
        table = Table(title=title, title_justify="left")
        for name in frame.columns:
            table.add_column(str(name), justify="right" if frame[name].dtype.kind in "iuf" else "left")
        for row in frame.itertuples(index=False):
            table.add_row(*(f"{v:,}" if isinstance(v, int) else escape(str(v)) for v in row))
        out.print(table)


def _print_gaps(table: pd.DataFrame, national: pd.DataFrame, by: By, listing: Directory, rule: str) -> None:
    whole = national.iloc[0]
    where = "of people in the 50 states and DC" if national is table or len(table) > 60 else "of people"
    out.print(
        f"[bold]{whole['share']:.1%}[/bold] {where} live within {escape(rule)} of one of"
        f" {len(listing):,} {_title('facilities', listing)}; {whole['gap']:,.0f} do not.",
        highlight=False,
    )
    if by is not By.NATION:
        worst = table.sort_values("gap", ascending=False).head(10)
        shown = Table(
            title=_title(f"The ten {_PLURAL[by]} with most people outside", listing), title_justify="left"
        )
        for name in (by.value, "people", "outside", "share within", "nearest (median)"):
            shown.add_column(name, justify="left" if name == by.value else "right")
        from iopdir.units import format_distance

        for code, row in worst.iterrows():
            label = f"{row['name']}, {row['state']}" if by is By.COUNTY else str(code)
            nearest = format_distance(row["nearest_m"]) if row["status"] == "ok" else row["status"]
            shown.add_row(
                escape(label), f"{row['people']:,.0f}", f"{row['gap']:,.0f}", f"{row['share']:.1%}", nearest
            )
        out.print(shown)
    for source in table.attrs["provenance"]["sources"]:
        mark = "SYNTHETIC " if source["synthetic"] else ""
        out.print(
            f"Source: {mark}{source['name']} {source['edition']} sha256 {source['sha256'][:12]}", style="dim"
        )
    out.print(
        "Straight-line distance, not driving time; listed is not the same as open. See docs/explanation.",
        style="dim",
    )


_PLURAL: Final = {By.COUNTY: "counties", By.STATE: "states"}


def _write_gaps(table: pd.DataFrame, by: By, listing: Directory, folder: Path) -> None:
    import geopandas as gpd

    from iopdir.geography.boundaries import counties, states
    from iopdir.report.maps import coverage_map

    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{'SYNTHETIC_' if listing.synthetic else ''}gaps_by_{by}"
    paths = [folder / f"{stem}.csv"]
    with _busy("Writing"):
        table.reset_index().to_csv(paths[0], index=False, lineterminator="\n")
        if by is not By.NATION:
            shapes = counties() if by is By.COUNTY else states().set_index("state")
            joined = gpd.GeoDataFrame(table.join(shapes[["geometry"]]), geometry="geometry", crs=shapes.crs)
            joined.attrs = table.attrs
            paths.append(folder / f"{stem}.parquet")
            joined.to_parquet(paths[-1])
        if by is By.COUNTY:
            paths.append(folder / f"{stem}.html")
            coverage_map(table, listing).save(paths[-1])
    out.print("Written:")
    for path in paths:
        out.print(f"  {path}", highlight=False, soft_wrap=True)


def main() -> None:
    """Run a command; say errors in one line, without a traceback."""
    try:
        app()
    except IopdirError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of a pipe closed it, as `head` does
        sys.stderr.close()
