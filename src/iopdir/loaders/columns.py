"""What the columns of a listing mean, by the names people really use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from iopdir.errors import LoadError, UnknownNameError
from iopdir.intake.fields import INPUTS
from iopdir.schema.columns import COLUMNS
from iopdir.text import TEXT

__all__ = ["EXPECTED", "Matching", "looks_like_header", "match_columns"]

EXPECTED: Final = "a listing of facilities (XLSX, CSV, JSON, GeoJSON, GeoPackage or Parquet)"

SYNONYMS: Final[Mapping[str, str]] = {
    "name": "name1 facilityname facility providername provider sitename clinicname clinic organization"
    " organizationname agency agencyname title",
    "program": "name2 programname dba doingbusinessas",
    "street1": "street address1 address streetaddress addressline1 addr1 addr facilityaddress mailingaddress"
    " line1 streetaddress1 locationaddress",
    "street2": "address2 addressline2 addr2 suite unit line2 streetaddress2",
    "city": "town municipality locality facilitycity",
    "state": "stateabbr stateabbreviation st statecode province region facilitystate",
    "zip": "zipcode postal postalcode zip5 postcode zcta facilityzip",
    "county": "countyname",
    "phone": "contact telephone phonenumber tel phone1 mainphone facilityphone",
    "intake_phone": "intake intake1 intakenumber",
    "website": "url web homepage weburl site",
    "lat": "latitude y ycoord latitudey gpslat",
    "lon": "longitude lng long x xcoord longitudex gpslon",
    "facility_type": "typefacility facilitykind",
    "codes": "keys servicecodeinfo servicecodes servicecode",
}
"""Our column -> what else it is called, letters and digits only, the likeliest first."""

_INPUTS: Final = tuple(name for name in INPUTS if name not in ("unmapped", "defect", "short"))
_USUAL: Final = ("name", "street1", "city", "state", "zip", "phone", "lat", "lon", "codes")
_DERIVED: Final = {*COLUMNS} - {*INPUTS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Matching:
    """How the columns of a listing were understood.

    Parameters
    ----------
    names
        All of them, in the order of the file.
    renames
        Their name -> ours.
    extra
        Columns that are kept under their own name.
    ignored
        Columns that are not, since the facility table has one of that name which it works out itself.
    missing
        Columns of ours that listings usually have and this one has not.
    """

    names: tuple[str, ...]
    renames: dict[str, str]
    extra: tuple[str, ...]
    ignored: tuple[str, ...]
    missing: tuple[str, ...]

    def account(self, codes: Iterable[str] = ()) -> pd.DataFrame:
        """Say of every column what it was read as; those of `codes` are codes themselves."""
        read = self.renames | dict.fromkeys(self.extra, "extra") | dict.fromkeys(codes, "codes")
        rows = [(name, read.get(name, "ignored")) for name in dict.fromkeys([*self.names, *codes])]
        return pd.DataFrame(rows, columns=["column", "read_as"], dtype=TEXT)


def _fold(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


def _found(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Ours -> theirs, by the table of synonyms."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_fold(name), name)
    found = {}
    used = set(taken)
    for ours in _INPUTS:
        for word in (_fold(ours), *SYNONYMS[ours].split()):
            theirs = folded.get(word)
            if theirs is not None and theirs not in used:
                found[ours] = theirs
                used.add(theirs)
                break
    if "name" not in found and "program" in found:
        found["name"] = found.pop("program")
    return found


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether a row of a workbook names the columns of a listing."""
    return _is_listing(_found(cell for cell in cells if cell.strip()))


def _is_listing(found: Iterable[str]) -> bool:
    ours = set(found)
    return "name" in ours and ("zip" in ours or {"lat", "lon"} <= ours or {"city", "state"} <= ours)


def match_columns(
    names: Sequence[str], columns: Mapping[str, str] | None, where: str | Path, *, points: bool = False
) -> Matching:
    """Find out what each column is.

    Parameters
    ----------
    names
        Column names of the table.
    columns
        Theirs -> ours, for columns that do not go by a usual name.
    where
        What to call the table in an error.
    points
        Whether a geometry says where the facilities are.

    Returns
    -------
    Matching
        For every column what became of it.

    Raises
    ------
    LoadError
        If there is no name column, or nothing to place a facility by.
    UnknownNameError
        If `columns` names a column that is not there, theirs or ours.
    """
    given = dict(columns or {})
    for theirs, ours in given.items():
        if theirs not in names:
            hint = " (write theirs -> ours)" if theirs in _INPUTS else ""
            raise UnknownNameError(f"column of {where}{hint}", theirs, names)
        if ours not in _INPUTS:
            raise UnknownNameError("facility column", ours, _INPUTS)
    fixed = {ours: theirs for theirs, ours in given.items()}
    found = _found(names, given) | fixed
    shown = ", ".join(map(repr, list(names)[:8]))
    if "name" not in found:
        expected = f"{EXPECTED} with a name column (or columns={{'Their name': 'name'}})"
        raise LoadError(where, expected=expected, found=shown)
    if not (points or _is_listing(found)):
        expected = f"{EXPECTED} with a ZIP, a city and state, or latitude and longitude"
        raise LoadError(where, expected=expected, found=shown)
    if points:
        found = {ours: theirs for ours, theirs in found.items() if _fold(theirs) not in ("x", "y")}
    renames = {theirs: ours for ours, theirs in found.items()}
    others = [name for name in names if name not in renames]
    return Matching(
        names=tuple(names),
        renames=renames,
        extra=tuple(name for name in others if name not in _DERIVED and name not in INPUTS),
        ignored=tuple(name for name in others if name in _DERIVED or name in INPUTS),
        missing=tuple(
            name for name in _USUAL if name not in found and not (points and name in ("lat", "lon"))
        ),
    )
