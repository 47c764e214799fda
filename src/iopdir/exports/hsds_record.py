"""One facility as a nested HSDS record: an organization with its location and its service."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import pandas as pd

from iopdir.exports.hsds_mapping import ADDRESS, ENTITY, NATIVE, TERMS, Taxonomy, describe_term
from iopdir.exports.identity import FACILITY_SYSTEM, stable_id
from iopdir.provenance import package_version
from iopdir.schema.columns import COLUMNS, SEPARATOR
from iopdir.vocabulary.codes import describe_code

__all__ = ["IDENTIFIER_TYPE", "extra_columns", "organization_record", "taxonomy_rows"]

IDENTIFIER_TYPE: Final = "facility_id"

_KINDS: Final = {"f": Taxonomy.NUMBER, "i": Taxonomy.WHOLE, "u": Taxonomy.WHOLE, "b": Taxonomy.FLAG}
"""Kind of a NumPy type -> taxonomy of a column that the listing has besides; text otherwise."""

_SIGN_LANGUAGE: Final = "AH"
_PHONE: Final = re.compile(r"(.*\d) x([1-9]\d{0,14}|0)", re.DOTALL | re.ASCII)
_URI: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(:\d{1,5})?([/?#]([A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?"
)
_ABROAD: Final = {"FM", "MH", "PW"}
_POINTS: Final = {
    "address": "Latitude and longitude are those of the listing for this address.",
    "zip_centroid": "Latitude and longitude are the middle of the ZIP code area, not the address.",
    "unknown": "Where this is on the map is not known.",
}
_ALERT: Final = "Listed is not the same as open: call to confirm."
_MADE_UP: Final = "SYNTHETIC: made up, no such facility exists; never send anybody there."


def extra_columns(table: pd.DataFrame) -> dict[str, Taxonomy]:
    """Name the columns that the listing has besides those of the facility table, and the kind of each."""
    return {
        str(name): _KINDS.get(table[name].dtype.kind, Taxonomy.TEXT) for name in table if name not in COLUMNS
    }


def taxonomy_rows(extra: Mapping[str, Taxonomy]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give every taxonomy and every term there is, used or not, as rows of their tables."""
    terms = [(group, meaning.value) for group, kind in TERMS.items() for meaning in kind]
    terms += [(Taxonomy.COLUMN, name) for name in COLUMNS if name not in TERMS]
    terms += [(kind, name) for name, kind in extra.items()]
    for group in dict.fromkeys(group for group, _ in terms):
        words = f"Column {group} of the facility table." if group in TERMS else "Columns, each with a value."
        yield "taxonomy", {"id": stable_id("taxonomy", group), "name": str(group), "description": words}
    for group, value in terms:
        more = {"taxonomy_id": stable_id("taxonomy", group), "language": "en"}
        yield "taxonomy_term", _term(group, value) | more


@cache
def _term(group: str, value: str) -> dict[str, str]:
    name, description = describe_term(group, value)
    code = f"{group}:{value}"
    key = stable_id("taxonomy_term", code)
    return {"id": key, "code": code, "name": name, "description": description, "taxonomy": str(group)}


def organization_record(row: Mapping[str, Any], extra: Mapping[str, Taxonomy], day: str) -> dict[str, Any]:
    """Write one facility as a nested record.

    Parameters
    ----------
    row
        Of the facility table, `facility_id` among its columns.
    extra
        What `extra_columns` gives.
    day
        What `metadata` says where the listing has no day.

    Returns
    -------
    dict
        An organization as the JSON form of HSDS has it.
    """
    key = str(row["facility_id"])
    about = _listed(row)
    whole = all(row[name] for name in ("street1", "city", "state", "zip"))
    linked = bool(_URI.fullmatch(row["website"]))
    fitting = {*NATIVE} - ({*ADDRESS} if not whole else set()) - ({"website"} if not linked else set())
    attributes = _attributes(row, extra, fitting)
    record: dict[str, Any] = {
        "id": stable_id("organization", key),
        "name": row["name"],
        "description": about,
        "organization_identifiers": [
            {
                "id": stable_id("organization_identifier", key),
                "identifier_scheme": FACILITY_SYSTEM,
                "identifier_type": IDENTIFIER_TYPE,
                "identifier": key,
            }
        ],
        "locations": [_location(row, key, attributes["location"], whole=whole)],
        "services": [_service(row, key, attributes["service"])],
        "attributes": attributes["organization"],
        "metadata": [_metadata(row, key, day)],
    }
    if linked:
        record["website"] = row["website"]
    if row["program"]:
        program = stable_id("program", key)
        record["programs"] = [{"id": program, "name": row["program"], "description": about}]
        record["services"][0]["program_id"] = program
    return record


def _location(
    row: Mapping[str, Any], key: str, attributes: list[dict[str, Any]], *, whole: bool
) -> dict[str, Any]:
    location: dict[str, Any] = {
        "id": stable_id("location", key),
        "location_type": "physical",
        "name": row["name"],
        "description": _POINTS[row["precision"]],
        "attributes": attributes,
    }
    for field, column in (("latitude", "lat"), ("longitude", "lon")):
        if row[column] == row[column]:
            location[field] = float(row[column])
    if whole:
        location["addresses"] = [_address(row, stable_id("address", key))]
    if row["phone"]:
        location["phones"] = [_phone(row["phone"], stable_id("phone", f"{key}/main"), "Main number")]
    if _SIGN_LANGUAGE in row["codes"]:
        words = describe_code(_SIGN_LANGUAGE).label
        location["accessibility"] = [{"id": stable_id("accessibility", key), "description": words}]
    return location


def _service(row: Mapping[str, Any], key: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    at = {"id": stable_id("service_at_location", key), "location_id": stable_id("location", key)}
    service: dict[str, Any] = {
        "id": stable_id("service", key),
        "name": row["program"] or row["name"],
        "status": "active",
        "alert": _MADE_UP if row["synthetic"] else _ALERT,
        "service_at_locations": [at],
        "languages": [
            {"id": stable_id("language", f"{key}/{number}/{name}"), "name": name}
            for number, name in enumerate(row["languages"])
        ],
        "attributes": attributes,
    }
    if row["intake_phone"]:
        number = _phone(row["intake_phone"], stable_id("phone", f"{key}/intake"), "For new patients")
        service["phones"] = [number]
    return service


def _attributes(
    row: Mapping[str, Any], extra: Mapping[str, Taxonomy], fitting: set[str]
) -> dict[str, list[dict[str, Any]]]:
    """Put what has no field of its own, or does not fit it, into attributes, by entity."""
    found: dict[str, list[dict[str, Any]]] = {"organization": [], "location": [], "service": []}

    def add(column: str, term: dict[str, str], value: str = "", mark: str = "") -> None:
        key = f"{row['facility_id']}/{term['code']}{mark}"
        one: dict[str, Any] = {"id": stable_id("attribute", key), "link_type": column, "taxonomy_term": term}
        found[ENTITY.get(column, "organization")].append(one | ({"value": value} if value else {}))

    for name, column in COLUMNS.items():
        value = row[name]
        if name in fitting or value == column.blank or value != value:
            continue
        if name not in TERMS:
            add(name, _term(Taxonomy.COLUMN, name), _text(value))
            continue
        for number, one in enumerate(value):
            add(name, _term(name, one), mark=f"/{number}" if value.index(one) < number else "")
    for name, kind in extra.items():
        value = row[name]
        if value is not None and value == value and (text := _text(value)):
            add(name, _term(kind, name), text)
    return found


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return SEPARATOR.join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _address(row: Mapping[str, Any], key: str) -> dict[str, str]:
    country = row["state"] if row["state"] in _ABROAD else "US"
    parts = {field: row[column] for column, field in ADDRESS.items() if row[column]}
    return {"id": key, **parts, "country": country, "address_type": "physical"}


def _phone(text: str, key: str, description: str) -> dict[str, Any]:
    found = _PHONE.fullmatch(text)
    number: dict[str, Any] = {"number": found[1], "extension": int(found[2])} if found else {"number": text}
    return {"id": key, **number, "type": "voice", "description": description}


def _listed(row: Mapping[str, Any]) -> str:
    edition = f", edition {row['edition']}" if row["edition"] else ""
    mark = f"{_MADE_UP} " if row["synthetic"] else ""
    return f"{mark}Treatment facility listed in {row['source'] or 'a directory'}{edition}."


def _metadata(row: Mapping[str, Any], key: str, day: str) -> dict[str, str]:
    parts = [row["source"] or "a directory", row["edition"] and f"edition {row['edition']}"]
    parts += [row["source_row"] and f"row {row['source_row']}", row["sha256"] and f"sha256 {row['sha256']}"]
    parts += [row["licence"] and f"licence {row['licence']}", row["synthetic"] and "SYNTHETIC"]
    return {
        "id": stable_id("metadata", key),
        "last_action_date": row["retrieved"] or day,
        "last_action_type": "import",
        "field_name": "source",
        "previous_value": "none",
        "replacement_value": ", ".join(filter(None, parts)),
        "updated_by": package_version(),
    }
