"""The tables of the Human Services Data Specification 3.0: names, types and references, in CSV and in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["NESTED", "TABLES", "VERSION", "Field", "HsdsTable", "descriptor", "flatten"]

VERSION: Final = "3.0.0"

_DECLARED: Final = {
    "organization": "organizations.csv id name! alternate_name description! email:email website:uri tax_status tax_id"
    " year_incorporated:number legal_status logo uri:uri parent_organization_id",
    "program": "programs.csv id organization_id!* name! alternate_name description!",
    "service": "services.csv id organization_id! program_id name! alternate_name description url:uri email:email"
    " status!=active|inactive|defunct|temporarily_closed interpretation_services application_process"
    " fees_description wait_time fees accreditations eligibility_description minimum_age:number maximum_age:number"
    " assured_date:date assurer_email:email licenses alert last_modified:datetime",
    "attribute": "attributes.csv id link_id! taxonomy_term_id! link_type link_entity! value",
    "service_at_location": "service_at_location.csv id service_id! location_id! description",
    "location": "locations.csv id location_type!=physical|postal|virtual url:uri organization_id name alternate_name"
    " description transportation latitude:number longitude:number external_identifier external_identifier_type",
    "phone": "phones.csv id location_id service_id organization_id contact_id service_at_location_id number!"
    " extension:number type description",
    "contact": "contacts.csv id organization_id service_id service_at_location_id location_id name title department"
    " email:email",
    "address": "addresses.csv id location_id attention address_1! address_2 city! region state_province! postal_code!"
    " country! address_type!=physical|postal|virtual",
    "schedule": "schedules.csv id service_id location_id service_at_location_id valid_from:date valid_to:date"
    " dtstart:date timezone:number until:date count:number wkst=MO|TU|WE|TH|FR|SA|SU freq=WEEKLY|MONTHLY"
    " interval:number byday byweekno bymonthday byyearday description opens_at:time closes_at:time"
    " schedule_link:uri attending_type notes",
    "funding": "funding.csv id organization_id service_id source",
    "service_area": "service_areas.csv id service_id name description extent extent_type uri",
    "required_document": "required_documents.csv id service_id document uri:uri",
    "language": "languages.csv id service_id location_id phone_id name code note",
    "accessibility": "accessibility.csv id location_id description details url:uri",
    "taxonomy_term": "taxonomy_terms.csv id code* name! description! parent_id taxonomy language taxonomy_id"
    " term_uri:uri",
    "metadata": "metadata.csv id resource_id! resource_type! last_action_date!:date last_action_type! field_name!"
    " previous_value! replacement_value! updated_by!",
    "meta_table_description": "meta_table_descriptions.csv id name language character_set",
    "cost_option": "cost_options.csv id service_id! valid_from:date valid_to:date option currency amount:number"
    " amount_description",
    "organization_identifier": "organization_identifiers.csv id organization_id! identifier_scheme identifier_type!"
    " identifier!",
    "taxonomy": "taxonomies.csv id name! description! uri:uri version",
}
"""File, then fields: ``!`` required, ``*`` unique, ``:`` type or format of text, ``=`` the only values."""

_TYPES: Final = {"number", "date", "datetime", "time"}
_NO_UUID: Final = {"tax_id"}

NESTED: Final[Mapping[str, Mapping[str, str]]] = {
    "organization": {
        "organization_identifiers": "organization_identifier",
        "programs": "program",
        "locations": "location",
        "services": "service",
        "phones": "phone",
        "attributes": "attribute",
        "metadata": "metadata",
    },
    "location": {
        "addresses": "address",
        "phones": "phone",
        "accessibility": "accessibility",
        "languages": "language",
        "attributes": "attribute",
        "metadata": "metadata",
    },
    "service": {
        "service_at_locations": "service_at_location",
        "phones": "phone",
        "languages": "language",
        "attributes": "attribute",
        "metadata": "metadata",
    },
}
"""Table -> key of a list within its JSON record -> table of the records there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of a table.

    Parameters
    ----------
    name
        As the specification has it.
    type, format
        As Table Schema calls them; format may be blank.
    required, unique
        What a value must be.
    values
        The only ones there are, if they are few.
    refers_to
        Table whose id it holds; blank if none.
    """

    name: str
    type: str
    format: str
    required: bool
    unique: bool
    values: tuple[str, ...]
    refers_to: str

    @classmethod
    def read(cls, text: str) -> Field:
        """Read a field as `_DECLARED` writes it."""
        text, _, values = text.partition("=")
        text, _, kind = text.partition(":")
        name = text.rstrip("!*")
        is_id = name == "id" or (name.endswith("_id") and name not in _NO_UUID)
        return cls(
            name=name,
            type=kind if kind in _TYPES else "string",
            format="uuid" if is_id else "" if kind in _TYPES else kind,
            required="!" in text or name == "id",
            unique="*" in text or name == "id",
            values=tuple(values.replace("_", " ").split("|")) if values else (),
            refers_to=name.removesuffix("_id") if is_id and name.removesuffix("_id") in _DECLARED else "",
        )

    def describe(self) -> dict[str, Any]:
        """Write it as a field of Table Schema."""
        rules: dict[str, Any] = {"required": self.required, "unique": self.unique}
        rules |= {"enum": list(self.values)} if self.values else {}
        form = {"format": self.format} if self.format else {}
        return {"name": self.name, "type": self.type, **form, "constraints": rules}


@dataclass(frozen=True, kw_only=True, slots=True)
class HsdsTable:
    """One table: its file and its fields."""

    name: str
    path: str
    fields: tuple[Field, ...]

    def describe(self) -> dict[str, Any]:
        """Write it as a resource of a Tabular Data Package."""
        keys = [
            {"fields": field.name, "reference": {"resource": field.refers_to, "fields": "id"}}
            for field in self.fields
            if field.refers_to
        ]
        schema = {"primaryKey": "id", "fields": [field.describe() for field in self.fields]}
        return {
            "name": self.name,
            "path": self.path,
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": schema | ({"foreignKeys": keys} if keys else {}),
        }


def _table(name: str, text: str) -> HsdsTable:
    path, *fields = text.split()
    return HsdsTable(name=name, path=path, fields=tuple(map(Field.read, fields)))


TABLES: Final[Mapping[str, HsdsTable]] = {name: _table(name, text) for name, text in _DECLARED.items()}
"""By name, in the order of the specification."""


def descriptor(**more: object) -> dict[str, Any]:
    """Write the `datapackage.json` of a package with every table."""
    return {
        "name": "human_services_data",
        "profile": "tabular-data-package",
        "version": VERSION,
        **more,
        "resources": [table.describe() for table in TABLES.values()],
    }


def flatten(record: Mapping[str, Any], table: str = "organization") -> Iterator[tuple[str, dict[str, Any]]]:
    """Take a nested record apart into rows of the tables, each with the ids of those it stood in.

    Parameters
    ----------
    record
        As the JSON form has it.
    table
        Whose it is.

    Yields
    ------
    tuple[str, dict]
        Table, and row.

    Examples
    --------
    >>> for table, row in flatten({"id": "o", "locations": [{"id": "l", "phones": [{"id": "p"}]}]}):
    ...     print(table, row)
    organization {'id': 'o'}
    location {'organization_id': 'o', 'id': 'l'}
    phone {'location_id': 'l', 'id': 'p'}
    """
    row = {key: value for key, value in record.items() if not isinstance(value, list | dict)}
    if table == "attribute" and isinstance(term := record.get("taxonomy_term"), dict):
        row["taxonomy_term_id"] = term.get("id", "")
        yield "taxonomy_term", term
    yield table, row
    for key, child in NESTED.get(table, {}).items():
        link = _link(table, record.get("id", ""), child)
        for inner in record.get(key, ()):
            yield from flatten({**link, **inner}, child)


def _link(table: str, key: str, child: str) -> dict[str, str]:
    """Say in a child which record it stood in."""
    if child == "attribute":
        return {"link_id": key, "link_entity": table}
    if child == "metadata":
        return {"resource_id": key, "resource_type": table}
    return {f"{table}_id": key}
