"""How a facility becomes an organization with a location and a service in HSDS: declared once, and written from it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from iopdir.exports.account import Mapped
from iopdir.schema.columns import COLUMNS, SEPARATOR
from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
    deciding_codes,
)
from iopdir.vocabulary.words import words_for

__all__ = [
    "ADDRESS",
    "ENTITY",
    "HSDS_MAPPING",
    "NATIVE",
    "TERMS",
    "Taxonomy",
    "describe_term",
]

_WHOLE: Final = "the whole address or none: without street, city, state and ZIP its parts are attributes"

NATIVE: Final[Mapping[str, tuple[str, str]]] = {
    "facility_id": ("organization_identifier.identifier", "every UUID is made from it"),
    "name": ("organization.name", "also of the location"),
    "program": ("program.name", "also of the service"),
    "street1": ("address.address_1", _WHOLE),
    "street2": ("address.address_2", _WHOLE),
    "city": ("address.city", _WHOLE),
    "state": ("address.state_province", _WHOLE),
    "zip": ("address.postal_code", _WHOLE),
    "lon": ("location.longitude", "what kind of point it is says location.description"),
    "lat": ("location.latitude", "what kind of point it is says location.description"),
    "phone": ("phone.number of the location", "with extension"),
    "intake_phone": ("phone.number of the service", "with extension"),
    "website": ("organization.website", "an attribute if it is no URI"),
    "languages": ("language.name", "of the service"),
}
"""Column -> the field that HSDS has for it, and how it is filled."""

ADDRESS: Final = {
    column: element.removeprefix("address.")
    for column, (element, _) in NATIVE.items()
    if element.startswith("address.")
}
"""Column -> field of an address."""

TERMS: Final[Mapping[str, type[StrEnum]]] = {
    "levels_of_care": LevelOfCare,
    "settings": Setting,
    "payments": Payment,
    "age_groups": AgeGroup,
    "services": Service,
    "medications": Medication,
    "special_populations": SpecialPopulation,
}
"""Column of several values -> the taxonomy whose terms they are; each is an attribute of the service."""

ENTITY: Final[Mapping[str, str]] = {
    **dict.fromkeys((*ADDRESS, "precision", "location_source", "reference_id", "replaced_m"), "location"),
    **dict.fromkeys(("county_fips", "vintage", "county_match"), "location"),
    **dict.fromkeys((*TERMS, "codes", "unmapped", "telehealth"), "service"),
}
"""Column -> what its attributes are of; of the organization if it is not here."""

_NEVER: Final = (
    "organization.tax_id", "service.application_process", "service.wait_time", "service.fees_description",
    "service.accreditations", "service.minimum_age", "service.assured_date", "location.transportation", "contact.name",
    "schedule.opens_at", "funding.source", "service_area.extent", "required_document.document", "cost_option.amount",
)  # fmt: skip


def _entries() -> list[Mapped]:
    rows = []
    for name, column in COLUMNS.items():
        if name in NATIVE:
            element, how = NATIVE[name]
        else:
            element = f"attribute[{name}] of the {ENTITY.get(name, 'organization')}"
            how = "a taxonomy term each" if name in TERMS else "as a value"
            how += f", joined by {SEPARATOR.strip()!r}" if column.many and name not in TERMS else ""
        rows.append(Mapped(column=name, element=element, how=how))
    rows.append(
        Mapped(column="codes", element="accessibility.description", how="sign language only, code AH")
    )
    return rows + [Mapped(column="", element=element, how="no listing says it") for element in _NEVER]


HSDS_MAPPING: Final = tuple(_entries())
"""Every column of the facility table with its place in HSDS, and what HSDS asks that no listing says."""


class Taxonomy(StrEnum):
    """The kinds of term; the code of a term starts with one."""

    COLUMN = "column"
    TEXT = "extra.text"
    NUMBER = "extra.number"
    WHOLE = "extra.whole"
    FLAG = "extra.flag"


def describe_term(group: str, value: str) -> tuple[str, str]:
    """Name a term and say what it means.

    Parameters
    ----------
    group
        A column of `TERMS`, or a `Taxonomy`.
    value
        The meaning, or the column.

    Returns
    -------
    tuple[str, str]
        Name and description.

    Examples
    --------
    >>> describe_term("levels_of_care", "iop")
    ('intensive outpatient care', 'Stated by any of the SAMHSA service codes OIT (2022 edition).')
    """
    if group in TERMS:
        meaning = TERMS[group](value)
        codes = ", ".join(deciding_codes(meaning))
        said = (
            f"Stated by any of the SAMHSA service codes {codes} (2022 edition)."
            if codes
            else words_for(meaning)
        )
        return words_for(meaning), said
    if group == Taxonomy.COLUMN:
        return value, COLUMNS[value].meaning.replace("``", "").replace("`", "")
    return value, "A column that the listing has besides."
