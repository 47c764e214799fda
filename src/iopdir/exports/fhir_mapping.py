"""How a facility becomes FHIR R4 resources in the shapes of DaVinci PDEX Plan-Net: declared once, written from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from iopdir.exports.account import Mapped
from iopdir.vocabulary.taxonomy import LevelOfCare, Setting

__all__ = [
    "CHARACTERISTICS",
    "FHIR_MAPPING",
    "PLAN_NET",
    "RESOURCES",
    "SERVICE_TYPES",
    "SPECIALTIES",
    "SPECIALTY_NAMES",
]

PLAN_NET: Final = "http://hl7.org/fhir/us/davinci-pdex-plan-net"
"""Canonical base of the guide; version 2.0.0-ballot was read."""

RESOURCES: Final = ("Organization", "Location", "HealthcareService", "Provenance")
"""Types that are written, each after those it refers to."""

SPECIALTIES: Final[Mapping[LevelOfCare | Setting, str]] = {
    LevelOfCare.OUTPATIENT: "261QR0405X",
    LevelOfCare.IOP: "261QR0405X",
    LevelOfCare.PHP: "261QR0405X",
    LevelOfCare.RESIDENTIAL: "324500000X",
    Setting.OPIOID_TREATMENT_PROGRAM: "261QM2800X",
}
"""What a listing states -> NUCC code; nothing else is clear enough to name a specialty by."""

SPECIALTY_NAMES: Final = {
    "261QR0405X": "Clinic/Center, Rehabilitation, Substance Use Disorder",
    "324500000X": "Substance Abuse Rehabilitation Facility",
    "261QM2800X": "Clinic/Center, Methadone",
}

SERVICE_TYPES: Final[Mapping[LevelOfCare, tuple[str, str]]] = {
    LevelOfCare.OUTPATIENT: ("108", "Non-resid. Alcohol/Drug Treatment"),
    LevelOfCare.IOP: ("108", "Non-resid. Alcohol/Drug Treatment"),
    LevelOfCare.PHP: ("108", "Non-resid. Alcohol/Drug Treatment"),
    LevelOfCare.RESIDENTIAL: ("111", "Residential Alcohol/Drug Treatment"),
    LevelOfCare.WITHDRAWAL_MANAGEMENT: ("317", "Detoxification"),
}
"""Level of care -> code and words of HL7's code system `service-type`; our own code stands beside."""

CHARACTERISTICS: Final = (
    "settings", "payments", "age_groups", "services", "medications", "special_populations",
)  # fmt: skip
"""Columns whose values are characteristics of the service."""

_SOURCE: Final = "Provenance.entity"
_ADDRESS: Final = "also of the Location"

FHIR_MAPPING: Final = tuple(
    Mapped(column=column, element=element, how=how)
    for column, element, how in (
        ("facility_id", "Organization.identifier", "also of the others; every id is a UUID made from it"),
        ("name", "Organization.name", "also of the Location"),
        ("program", "HealthcareService.program", "also HealthcareService.name"),
        ("street1", "Organization.address.line", _ADDRESS),
        ("street2", "Location.address.line", "second line"),
        ("city", "Organization.address.city", _ADDRESS),
        ("state", "Organization.address.state", _ADDRESS),
        ("zip", "Organization.address.postalCode", _ADDRESS),
        ("lon", "Location.position", "only where it is the point of the address"),
        ("lat", "Location.position", "only where it is the point of the address"),
        ("precision", "Location.position", "decides whether there is one"),
        ("location_source", "", "left out"),
        ("reference_id", "", "left out"),
        ("replaced_m", "", "left out"),
        ("phone", "Organization.telecom.phone", "also of the Location"),
        ("intake_phone", "HealthcareService.telecom.phone", "as it is listed"),
        ("website", "Organization.telecom.url", "as it is listed"),
        ("county_fips", "", "left out: follows from the point"),
        ("vintage", "", "left out"),
        ("county_match", "", "left out"),
        ("facility_type", "", "left out"),
        ("codes", "HealthcareService.characteristic.codes", "in one text"),
        ("unmapped", "", "left out: nobody knows what they mean"),
        ("levels_of_care", "HealthcareService.type", "code of HL7 service types, ours beside it"),
        ("levels_of_care", "HealthcareService.specialty", "NUCC, where it is clear"),
        *((name, f"HealthcareService.characteristic.{name}", "a concept each") for name in CHARACTERISTICS),
        ("settings", "HealthcareService.extension.deliverymethod.physical", "where any setting is stated"),
        ("telehealth", "HealthcareService.extension.deliverymethod.virtual", "how is not stated: modality unknown"),
        ("languages", "HealthcareService.communication", "in the listing's words"),
        ("codes", "Location.extension.accessibility", "sign language only, code AH"),
        ("source", _SOURCE, "with edition, row, licence and checksum"),
        ("edition", _SOURCE, "in words"),
        ("sha256", f"{_SOURCE}.identifier", "as an identifier of the file"),
        ("licence", _SOURCE, "in words"),
        ("retrieved", "Provenance.occurredDateTime", "as it is"),
        ("source_row", _SOURCE, "in words"),
        ("synthetic", "Organization.meta.security", "HTEST, and a tag SYNTHETIC, on every resource"),
        *(
            ("", element, "no listing says it")
            for element in (
                "HealthcareService.extension.newpatients", "HealthcareService.availableTime",
                "HealthcareService.notAvailable", "HealthcareService.appointmentRequired",
                "HealthcareService.coverageArea", "HealthcareService.endpoint", "Location.hoursOfOperation",
                "Organization.partOf", "Organization.contact", "Organization.extension.qualification",
            )
        ),
    )
)  # fmt: skip
"""Every column of the facility table with its element, and what Plan-Net asks that no listing says."""
