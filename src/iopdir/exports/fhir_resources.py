"""One facility as FHIR R4 resources: Organization, Location, HealthcareService, and the Provenance of all three."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from iopdir.exports.fhir_mapping import (
    CHARACTERISTICS,
    PLAN_NET,
    SERVICE_TYPES,
    SPECIALTIES,
    SPECIALTY_NAMES,
)
from iopdir.exports.hsds_mapping import TERMS
from iopdir.exports.identity import FACILITY_SYSTEM, stable_id
from iopdir.provenance import package_version
from iopdir.vocabulary.codes import describe_code
from iopdir.vocabulary.taxonomy import LevelOfCare, Setting
from iopdir.vocabulary.words import words_for

__all__ = ["resources_of"]

_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
_ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_UNPRINTABLE: Final = re.compile(r"[^\S \r\n\t]|[\x00-\x08\x0e-\x1f\x7f]")
_ABROAD: Final = {"FM", "MH", "PW"}
_SIGN_LANGUAGE: Final = "AH"

Resource = dict[str, Any]


def resources_of(row: Mapping[str, Any], recorded: str, *, within: bool = False) -> Iterator[Resource]:
    """Write one facility as resources.

    Parameters
    ----------
    row
        Of the facility table, `facility_id` among its columns.
    recorded
        When, as FHIR writes an instant.
    within
        Whether references lead to entries of the same bundle.

    Yields
    ------
    dict
        As JSON has them.
    """
    key = str(row["facility_id"])

    def refer(kind: str) -> dict[str, str]:
        one = stable_id(kind.lower(), key)
        return {"reference": f"urn:uuid:{one}" if within else f"{kind}/{one}"}

    for kind, content in (
        ("Organization", _organization(row)),
        ("Location", _location(row) | {"managingOrganization": refer("Organization")}),
        (
            "HealthcareService",
            _service(row) | {"providedBy": refer("Organization"), "location": [refer("Location")]},
        ),
    ):
        yield {
            "resourceType": kind,
            "id": stable_id(kind.lower(), key),
            "meta": {"profile": [f"{PLAN_NET}/StructureDefinition/plannet-{kind}"]} | _mark(row),
            "identifier": [
                {"type": {"text": "facility_id"}, "system": FACILITY_SYSTEM, "value": _clean(key)}
            ],
            **content,
        }
    targets = [refer(kind) for kind in ("Organization", "Location", "HealthcareService")]
    yield {
        "resourceType": "Provenance",
        "id": stable_id("provenance", key),
        **({"meta": _mark(row)} if row["synthetic"] else {}),
        "target": targets,
        **({"occurredDateTime": row["retrieved"]} if row["retrieved"] else {}),
        "recorded": recorded,
        "agent": [
            {
                "type": _concept(f"{_TERMINOLOGY}/provenance-participant-type", "assembler", "Assembler"),
                "who": {"display": package_version()},
            }
        ],
        "entity": [{"role": "source", "what": _what(row)}],
    }


def _organization(row: Mapping[str, Any]) -> Resource:
    numbers = [*_telecom("phone", row["phone"]), *_telecom("url", row["website"])]
    return {
        "active": True,
        "type": [_concept(f"{PLAN_NET}/CodeSystem/OrgTypeCS", "fac", "Facility")],
        "name": _clean(row["name"]) or "not stated",
        **({"telecom": numbers} if numbers else {}),
        "address": [_address(row) or {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}],
    }


def _location(row: Mapping[str, Any]) -> Resource:
    location: Resource = {"status": "active", "name": _clean(row["name"]) or "not stated"}
    if _SIGN_LANGUAGE in row["codes"]:
        location["extension"] = [
            {
                "url": f"{PLAN_NET}/StructureDefinition/accessibility",
                "valueCodeableConcept": {"text": describe_code(_SIGN_LANGUAGE).label},
            }
        ]
    if numbers := _telecom("phone", row["phone"]):
        location["telecom"] = numbers
    if address := _address(row):
        location["address"] = address
    if row["precision"] == "address":
        location["position"] = {"longitude": float(row["lon"]), "latitude": float(row["lat"])}
    return location


def _service(row: Mapping[str, Any]) -> Resource:
    service: Resource = {
        "active": True,
        "category": [
            _concept(f"{PLAN_NET}/CodeSystem/HealthcareServiceCategoryCS", "behav", "Behavioral Health")
        ],
    }
    many = {
        "extension": list(_delivery(row)),
        "type": [_type(LevelOfCare(level)) for level in dict.fromkeys(row["levels_of_care"])],
        "specialty": _specialties(row),
        "telecom": _telecom("phone", row["intake_phone"]),
        "program": [{"text": text}] if (text := _clean(row["program"])) else [],
        "characteristic": list(_characteristics(row)),
        "communication": [{"text": word} for one in row["languages"] if (word := _clean(one))],
    }
    name = _clean(row["program"]) or _clean(row["name"])
    return service | {key: value for key, value in many.items() if value} | ({"name": name} if name else {})


def _delivery(row: Mapping[str, Any]) -> Iterator[Resource]:
    """Say how care is given: at the place if a setting is stated, at a distance if telehealth is, in a way unknown."""
    kinds = (["physical"] if row["settings"] else []) + (["virtual"] if row["telehealth"] else [])
    for kind in kinds:
        code = _concept(f"{PLAN_NET}/CodeSystem/DeliveryMethodCS", kind, kind.capitalize())
        parts: list[Resource] = [{"url": "type", "valueCodeableConcept": code}]
        if kind == "virtual":
            unknown = _concept(f"{_TERMINOLOGY}/data-absent-reason", "unknown", "Unknown")
            parts.append({"url": "virtualModalities", "valueCodeableConcept": unknown})
        yield {"url": f"{PLAN_NET}/StructureDefinition/delivery-method", "extension": parts}


def _type(level: LevelOfCare) -> Resource:
    codings = [_coding("levels_of_care", level)]
    if known := SERVICE_TYPES.get(level):
        code, words = known
        codings.insert(0, {"system": f"{_TERMINOLOGY}/service-type", "code": code, "display": words})
    return {"coding": codings, "text": words_for(level)}


def _specialties(row: Mapping[str, Any]) -> list[Resource]:
    stated = [*map(LevelOfCare, row["levels_of_care"]), *map(Setting, row["settings"])]
    found = dict.fromkeys(code for kind, code in _NUCC if kind in {(type(one), one) for one in stated})
    return [_concept("http://nucc.org/provider-taxonomy", code, SPECIALTY_NAMES[code]) for code in found]


_NUCC: Final = [((type(meaning), meaning), code) for meaning, code in SPECIALTIES.items()]
"""By type and value, because meanings of two kinds may go by one word."""


def _characteristics(row: Mapping[str, Any]) -> Iterator[Resource]:
    for name in CHARACTERISTICS:
        for value in dict.fromkeys(row[name]):
            meaning = TERMS[name](value)
            yield {"coding": [_coding(name, meaning)], "text": words_for(meaning)}
    if codes := _clean(", ".join(row["codes"])):
        yield {"text": f"SAMHSA service codes: {codes}"}


def _coding(name: str, meaning: StrEnum) -> Resource:
    return {"system": f"{FACILITY_SYSTEM}#{name}", "code": meaning.value, "display": words_for(meaning)}


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _telecom(system: str, value: str) -> list[Resource]:
    text = _clean(value)
    return [{"system": system, "value": text, "use": "work"}] if text else []


def _address(row: Mapping[str, Any]) -> Resource:
    parts: Resource = {}
    if lines := [text for name in ("street1", "street2") if (text := _clean(row[name]))]:
        parts["line"] = lines
    for element, column in (("city", "city"), ("state", "state"), ("postalCode", "zip")):
        if text := _clean(row[column]):
            parts[element] = text
    if parts and row["state"]:
        parts["country"] = row["state"] if row["state"] in _ABROAD else "US"
    return {"type": "physical", **parts} if parts else {}


def _mark(row: Mapping[str, Any]) -> Resource:
    if not row["synthetic"]:
        return {}
    test = {"system": f"{_TERMINOLOGY}/v3-ActReason", "code": "HTEST", "display": "test health data"}
    return {
        "security": [test],
        "tag": [{"system": FACILITY_SYSTEM, "code": "SYNTHETIC", "display": "SYNTHETIC: made up"}],
    }


def _what(row: Mapping[str, Any]) -> Resource:
    parts = [row["synthetic"] and "SYNTHETIC", row["source"] or "a directory"]
    parts += [
        row["edition"] and f"edition {row['edition']}",
        row["source_row"] and f"row {row['source_row']}",
    ]
    parts += [row["licence"] and f"licence {row['licence']}"]
    what: Resource = {"display": _clean(", ".join(filter(None, parts)))}
    if digest := _clean(row["sha256"]):
        what["identifier"] = {"type": {"text": "sha256"}, "value": digest}
    return what


def _clean(text: str) -> str:
    """Leave out what FHIR's strings cannot carry."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())
