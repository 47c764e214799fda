"""HSDS 3.0 packages back as a directory: what `write_hsds` wrote, perhaps edited since."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.directory.corrections import refuse_problems
from iopdir.directory.directory import Directory
from iopdir.directory.saved import account_of
from iopdir.errors import LoadError
from iopdir.exports.hsds import JSON_NAME, PACKAGE_NAME, hash_of
from iopdir.exports.hsds_mapping import ADDRESS, TERMS, Taxonomy
from iopdir.exports.hsds_record import IDENTIFIER_TYPE
from iopdir.exports.hsds_tables import NESTED, TABLES, flatten
from iopdir.intake.quality import Ledger
from iopdir.limits import check_nesting, check_size, check_width, read_whole, readable
from iopdir.provenance import Provenance
from iopdir.schema.columns import COLUMNS, SEPARATOR
from iopdir.schema.frames import typed

__all__ = ["read_hsds"]

_EXPECTED: Final = "HSDS 3.0 as write_hsds makes it"
_MAX_BYTES: Final = 1_000_000_000
"""Of a file: some ten times the attributes of all facilities of the country."""

_MAX_OBJECTS: Final = 10_000_000
"""Lists and objects in a file, likewise: all facilities of the country have 1.1 million."""

_READ: Final = (
    "organization", "organization_identifier", "program", "location", "address", "service", "phone", "language",
    "taxonomy_term", "attribute",
)  # fmt: skip
"""Tables that hold what a facility says, each after those it refers to."""

_PARENTS: Final = ("organization", "location", "service")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sheet:
    """One table as text, column by column, with the file and the line of each row."""

    path: Path
    columns: dict[str, list[str]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)

    def __getitem__(self, name: str) -> list[str]:
        return self.columns[name]

    def fail(self, row: int, expected: str, found: str) -> LoadError:
        return LoadError(self.path, expected=expected, found=found, line=self.lines[row] or None)


def read_hsds(folder: str | Path) -> Directory:
    """Read a directory from the HSDS 3.0 package that [`write_hsds`][iopdir.write_hsds] wrote.

    Parameters
    ----------
    folder
        With `datapackage.json` and its CSV files, or else with `organizations.json`; or either of these files.

    Returns
    -------
    Directory
        The same facilities: every column, sources and the mark SYNTHETIC. The account of quality is that of this
        reading; from JSON alone, selections made before are not known. A CSV file that was edited since is read as it
        is: `quality.warnings` names it, and `provenance.parameters["edited"]` has its hash.

    Raises
    ------
    LoadError
        If a file is missing, damaged or of another version, an id stands twice or is missing, a reference leads
        nowhere, or an organization is not one facility.

    Examples
    --------
    >>> import iopdir as iop, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = iop.write_hsds(iop.demo_directory().select(state="VT", level_of_care="iop"), folder)
    ...     iop.read_hsds(folder)
    SYNTHETIC Directory of 14 facilities (SYNTHETIC demo_directory)
    """
    place = Path(folder)
    package = place if place.name == PACKAGE_NAME else place / PACKAGE_NAME
    hashes: dict[Path, str] = {}  # from JSON, nothing is stated
    if package.is_file():
        sheets, about, hashes = _read_package(package)
    else:
        sheets, about = _read_json(place / JSON_NAME if place.is_dir() else place), Provenance()
    _check_references(sheets)
    with readable(place, expected=_EXPECTED, kind="what no text or number is"):
        table = _facilities(sheets)
    refuse_problems(table, str(place))
    quality, edited = account_of(table, Ledger(place.name).table()), _edited(hashes)
    words = [
        f"{name} was edited after it was written" + ("; the CSV files count" if name == JSON_NAME else "")
        for name in edited
    ]
    return Directory(
        table,
        quality=replace(quality, warnings=(*quality.warnings, *words)),
        provenance=replace(about, parameters={**about.parameters, **({"edited": edited} if edited else {})}),
    )


# --- files -------------------------------------------------------------------------------------------------


def _load(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    data = read_whole(path, expected=_EXPECTED, most=_MAX_BYTES)
    with readable(path, expected=_EXPECTED, kind="damaged JSON"):
        text = data.decode("utf-8-sig")
        check_nesting(path, text, expected=_EXPECTED, most=_MAX_OBJECTS)
        return json.loads(text)


def _read_package(path: Path) -> tuple[dict[str, _Sheet], Provenance, dict[Path, str]]:
    """Read the tables, where they came from, and the hashes that their files should have."""
    about = _load(path)
    if not isinstance(about, dict) or not isinstance(resources := about.get("resources"), list):
        raise LoadError(path, expected=_EXPECTED, found="no description of a data package")
    version = str(about.get("version", "none"))
    if version.split(".")[:2] != ["3", "0"]:
        raise LoadError(path, expected="HSDS of version 3.0", found=f"version {version}")
    paths, hashes = {}, {}
    for resource in resources:
        if isinstance(resource, dict) and isinstance(name := resource.get("path"), str):
            paths[str(resource.get("name"))] = name
            hashes[name] = str(resource.get("hash", ""))
    sheets = {}
    for name in _READ:
        if name not in paths:
            raise LoadError(path, expected=f"a table {name}", found=", ".join(map(str, paths)) or "no tables")
        file = Path(paths[name])
        if file.is_absolute() or ".." in file.parts or ":" in paths[name]:
            raise LoadError(path, expected="files within the package", found=paths[name])
        sheets[name] = _read_csv(path.parent / file, name)
    with readable(path, expected=_EXPECTED, kind="an unknown account of sources"):
        provenance = Provenance.from_dict(ours := about.get("iopdir", {}))
        stated = {sheets[name].path: hashes[paths[name]] for name in _READ}
        stated[path.parent / JSON_NAME] = str(ours.get("json_hash", ""))
    return sheets, provenance, stated


def _read_csv(path: Path, name: str) -> _Sheet:
    check_size(path, expected=(expected := f"the table {name} of HSDS 3.0"), most=_MAX_BYTES)
    wanted = [one.name for one in TABLES[name].fields]
    with (
        readable(path, expected=expected, kind="damaged CSV"),
        path.open(encoding="utf-8-sig", newline="") as stream,
    ):
        reader = csv.reader(stream, strict=True)
        header = next(reader, [])
        check_width(path, len(header), expected=expected)
        missing = [one for one in wanted if one not in header]
        if missing:
            raise LoadError(
                path, expected=f"columns {', '.join(wanted)}", found=f"no {', '.join(missing)}", line=1
            )
        lines, rows = [], []
        for row in reader:
            if len(row) != len(header):
                found = f"{len(row)} cells"
                raise LoadError(path, expected=f"{len(header)} cells", found=found, line=reader.line_num)
            lines.append(reader.line_num)
            rows.append(row)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    return _Sheet(path=path, columns={one: list(columns[header.index(one)]) for one in wanted}, lines=lines)


def _edited(hashes: Mapping[Path, str]) -> dict[str, str]:
    """Find the files that are not as they were written, and the hash that each has now."""
    now = {
        path: hash_of(path)
        for path, stated in hashes.items()
        if stated.startswith("sha256:") and path.is_file()
    }
    return {path.name: found for path, found in now.items() if found != hashes[path].lower()}


def _read_json(path: Path) -> dict[str, _Sheet]:
    content = _load(path)
    listed = content.get("contents") if isinstance(content, dict) else content
    if not isinstance(listed, list):
        kind = content.get("resourceType") if isinstance(content, dict) else None
        found = f"FHIR ({kind})" if kind else f"a {type(content).__name__}"
        raise LoadError(path, expected="an array of HSDS organizations", found=found)
    sheets = {name: _Sheet(path=path) for name in _READ}
    for name, sheet in sheets.items():
        sheet.columns.update({one.name: [] for one in TABLES[name].fields})
    terms: set[str] = set()
    for number, record in enumerate(listed, start=1):
        if not isinstance(record, dict) or _misshapen(record):
            raise LoadError(path, expected="an HSDS organization", found=f"{record!s:.60}", line=number)
        for name, row in flatten(record):
            if name not in sheets or (name == "taxonomy_term" and row["id"] in terms):
                continue
            if name == "taxonomy_term":
                terms.add(row["id"])
            sheets[name].lines.append(number)
            for one, cells in sheets[name].columns.items():
                value = row.get(one, "")
                cells.append("" if value is None else str(value))
    return sheets


def _misshapen(record: Mapping[str, Any], table: str = "organization") -> bool:
    """Whether a list of records is something else, here or deeper."""
    for key, child in NESTED.get(table, {}).items():
        inner = record.get(key, [])
        if not isinstance(inner, list) or not all(
            isinstance(one, dict) and not _misshapen(one, child) for one in inner
        ):
            return True
    term = record.get("taxonomy_term", {"id": ""})
    return not isinstance(term, dict) or not isinstance(term.get("id"), str)


def _check_references(sheets: Mapping[str, _Sheet]) -> None:
    """Make sure that every id is there once and every reference leads somewhere."""
    ids = {}
    for name, sheet in sheets.items():
        ids[name] = set(sheet["id"])
        if len(ids[name]) < len(sheet["id"]) or "" in ids[name]:
            seen: set[str] = set()
            for row, one in enumerate(sheet["id"]):
                if one in seen or not one:
                    raise sheet.fail(row, f"a row of {name} with an id of its own", repr(one))
                seen.add(one)
    for name, sheet in sheets.items():
        for link in TABLES[name].fields:
            if link.refers_to in ids:
                _check_links(sheet, link.name, ids[link.refers_to], link.refers_to, required=link.required)
    _check_links(sheets["attribute"], "link_id", set().union(*ids.values()), "record", required=True)


def _check_links(sheet: _Sheet, column: str, ids: set[str], table: str, *, required: bool) -> None:
    for row, one in enumerate(sheet[column]):
        if one not in ids and (one or required):
            raise sheet.fail(row, f"{column} of a {table} that is there", repr(one))


# --- facilities --------------------------------------------------------------------------------------------


def _facilities(sheets: Mapping[str, _Sheet]) -> pd.DataFrame:
    places = _owners(sheets)
    n = len(sheets["organization"]["id"])
    values: dict[str, list[Any]] = {name: [column.blank] * n for name, column in COLUMNS.items()}
    _fill(values, "facility_id", _facility_ids(sheets, places))
    _fill(values, "name", enumerate(sheets["organization"]["name"]))
    _fill(values, "website", enumerate(sheets["organization"]["website"]))
    _fill(values, "program", _of(sheets["program"], "organization_id", "name", places))
    for name, element in ADDRESS.items():
        _fill(values, name, _of(sheets["address"], "location_id", element, places))
    for name, element in (("lon", "longitude"), ("lat", "latitude")):
        _fill(values, name, _of(sheets["location"], "organization_id", element, places))
    phones = sheets["phone"]
    numbers = [
        f"{number} x{extension}" if extension else number
        for number, extension in zip(phones["number"], phones["extension"], strict=True)
    ]
    for name, link in (("phone", "location_id"), ("intake_phone", "service_id")):
        _fill(
            values, name, ((places[key], one) for key, one in zip(phones[link], numbers, strict=True) if key)
        )
    for place, one in _of(sheets["language"], "service_id", "name", places):
        values["languages"][place] = (*values["languages"][place], one)
    extra = _read_attributes(sheets, places, values)
    frame = typed(pd.DataFrame({name: pd.Series(cells, dtype="object") for name, cells in values.items()}))
    for name, (kind, cells) in extra.items():
        frame[name] = _typed_extra(sheets["attribute"], name, kind, [cells.get(row, "") for row in range(n)])
    return frame


def _fill(values: dict[str, list[Any]], name: str, found: Iterable[tuple[int, str]]) -> None:
    for place, one in found:
        if one:
            values[name][place] = one


def _of(sheet: _Sheet, link: str, name: str, places: Mapping[str, int]) -> Iterable[tuple[int, str]]:
    return ((places[key], one) for key, one in zip(sheet[link], sheet[name], strict=True) if key)


def _owners(sheets: Mapping[str, _Sheet]) -> dict[str, int]:
    """Id of an organization, its location and its service -> position of the facility."""
    places = {key: row for row, key in enumerate(sheets["organization"]["id"])}
    for name in ("location", "service"):
        sheet, taken = sheets[name], set()
        for row, (key, owner) in enumerate(zip(sheet["id"], sheet["organization_id"], strict=True)):
            if owner not in places or owner in taken:
                raise sheet.fail(row, f"one {name} for each organization", f"organization_id {owner!r}")
            taken.add(owner)
            places[key] = places[owner]
    return places


def _facility_ids(sheets: Mapping[str, _Sheet], places: Mapping[str, int]) -> list[tuple[int, str]]:
    sheet, organizations = sheets["organization_identifier"], sheets["organization"]
    found = {
        places[owner]: key
        for owner, kind, key in zip(
            sheet["organization_id"], sheet["identifier_type"], sheet["identifier"], strict=True
        )
        if kind == IDENTIFIER_TYPE
    }
    for row in range(len(organizations["id"])):
        if not found.get(row):
            raise organizations.fail(
                row, f"an organization with an identifier of type {IDENTIFIER_TYPE}", "none"
            )
    return list(found.items())


def _read_attributes(
    sheets: Mapping[str, _Sheet], places: Mapping[str, int], values: dict[str, list[Any]]
) -> dict[str, tuple[Taxonomy, dict[int, str]]]:
    """Read attributes into `values`; give the columns that the listing has besides, with their values by place."""
    terms = dict(zip(sheets["taxonomy_term"]["id"], sheets["taxonomy_term"]["code"], strict=True))
    extra: dict[str, tuple[Taxonomy, dict[int, str]]] = {}
    for code in terms.values():
        group, _, name = code.partition(":")
        if group in set(Taxonomy) - {Taxonomy.COLUMN}:
            extra[name] = (Taxonomy(group), {})
    sheet = sheets["attribute"]
    listed: dict[str, dict[int, list[str]]] = {name: {} for name in TERMS}
    rows = zip(sheet["link_id"], sheet["taxonomy_term_id"], sheet["value"], strict=True)
    for row, (link, term, value) in enumerate(rows):
        group, _, name = terms[term].partition(":")
        place = places.get(link)
        if place is None:
            raise sheet.fail(row, f"an attribute of an {', '.join(_PARENTS)}", f"link_id {link!r}")
        if group in listed:
            listed[group].setdefault(place, []).append(name)
        elif group == Taxonomy.COLUMN and name in COLUMNS:
            values[name][place] = tuple(value.split(SEPARATOR)) if COLUMNS[name].many else value
        elif name in extra:
            extra[name][1][place] = value
    for name, cells in listed.items():
        for place, words in cells.items():
            values[name][place] = tuple(words)
    return extra


def _typed_extra(sheet: _Sheet, name: str, kind: Taxonomy, cells: list[str]) -> NDArray[Any]:
    text = np.array(cells, dtype=object)
    if kind is Taxonomy.TEXT:
        return text
    if kind is Taxonomy.FLAG:
        return np.asarray(text == "true")
    with readable(sheet.path, expected=f"numbers in {name}", kind="something else"):
        return np.array(
            [float(cell or "nan") if kind is Taxonomy.NUMBER else int(cell or 0) for cell in cells]
        )
