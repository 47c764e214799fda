"""FHIR resources hold what Plan-Net requires and nothing that a listing does not say.

The rules are those of the guide's profiles plannet-Organization, plannet-Location and plannet-HealthcareService (HL7
davinci-pdex-plan-net 2.0.0-ballot), read as elements, cardinalities and bindings.
"""

import json
import re
import uuid
from datetime import date

import pandas as pd
import pytest
from any_directory import directories
from hypothesis import HealthCheck, given, settings

import iopdir as iop
from iopdir.errors import UnknownNameError
from iopdir.exports.fhir_mapping import FHIR_MAPPING
from iopdir.schema.columns import COLUMNS

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BASE = "http://hl7.org/fhir/us/davinci-pdex-plan-net"
NUCC = {"261QR0405X", "261QM2800X", "324500000X"}


def written(directory, folder):
    iop.write_fhir(directory, folder / "all.ndjson")
    return [json.loads(line) for line in (folder / "all.ndjson").read_text(encoding="utf-8").splitlines()]


def leaves(value):
    if isinstance(value, dict | list):
        assert value, "FHIR has no empty lists or objects"
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def codes(concepts, system):
    return [
        coding["code"] for one in concepts for coding in one.get("coding", ()) if coding["system"] == system
    ]


def check(resource, ids):
    """What Plan-Net, US Core and FHIR ask of each resource."""
    kind = resource["resourceType"]
    assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", resource["id"])
    for leaf in leaves(resource):
        assert leaf is not None
        if isinstance(leaf, str):
            assert re.fullmatch(r"[ \r\n\t\S]+", leaf), leaf
            assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", leaf)
    if kind == "Provenance":
        assert len(resource["target"]) == 3
        assert all(one["reference"] in ids for one in resource["target"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", resource["recorded"])
        assert resource["agent"][0]["who"]["display"].startswith("iopdir")
        assert resource["entity"][0]["role"] == "source"
        return
    assert resource["meta"]["profile"] == [f"{BASE}/StructureDefinition/plannet-{kind}"]
    assert resource["identifier"][0]["system"].startswith("urn:uuid:")
    if kind == "Organization":
        assert resource["active"] is True
        assert resource["name"]
        assert codes(resource["type"], f"{BASE}/CodeSystem/OrgTypeCS") == ["fac"]
        assert len(resource["address"]) == 1
    elif kind == "Location":
        assert resource["status"] == "active"
        assert resource["name"]
        assert "mode" not in resource
        assert resource["managingOrganization"]["reference"] in ids
        assert resource["managingOrganization"]["reference"].startswith("Organization/")
        if "position" in resource:
            assert set(resource["position"]) == {"longitude", "latitude"}
    else:
        assert kind == "HealthcareService"
        assert resource["active"] is True
        assert codes(resource["category"], f"{BASE}/CodeSystem/HealthcareServiceCategoryCS") == ["behav"]
        specialties = resource.get("specialty", [])
        assert set(codes(specialties, "http://nucc.org/provider-taxonomy")) <= NUCC
        assert all(one["coding"][0]["system"] == "http://nucc.org/provider-taxonomy" for one in specialties)
        assert resource["providedBy"]["reference"] in ids
        assert [one["reference"].partition("/")[0] for one in resource["location"]] == ["Location"]
        for one in resource.get("extension", ()):
            assert one["url"] == f"{BASE}/StructureDefinition/delivery-method"
            parts = {part["url"]: part["valueCodeableConcept"] for part in one["extension"]}
            (code,) = codes([parts["type"]], f"{BASE}/CodeSystem/DeliveryMethodCS")
            assert code in {"virtual", "physical"}
            assert ("virtualModalities" in parts) == (code == "virtual")
        never = {
            "availableTime",
            "notAvailable",
            "appointmentRequired",
            "coverageArea",
            "endpoint",
            "eligibility",
        }
        assert not never & set(resource)
    for number in resource.get("telecom", ()):
        assert number["system"] in {"phone", "url"}
        assert number["value"]


@few
@given(directories)
def test_every_resource_is_what_plan_net_requires(tmp_path_factory, directory):
    resources = written(directory, tmp_path_factory.mktemp("fhir"))
    assert len(resources) == 4 * len(directory)
    ids = {f"{one['resourceType']}/{one['id']}" for one in resources}
    assert len(ids) == len(resources)
    for resource in resources:
        check(resource, ids)
        marks = {one["code"] for one in resource.get("meta", {}).get("tag", ())}
        assert "SYNTHETIC" not in marks or directory.synthetic
    by_name = {one["identifier"][0]["value"]: one for one in resources if one["resourceType"] == "Location"}
    asked = ["street1", "street2", "city", "state", "zip"]
    for one in resources:
        if one["resourceType"] == "Organization":
            row = directory.table.loc[one["identifier"][0]["value"]]
            blank = not any(row[name].split() for name in asked)
            assert ("extension" in one["address"][0]) == blank
    for facility_id, row in directory.table.iterrows():
        assert ("position" in by_name[facility_id]) == (row["precision"] == "address")


def test_the_demo_directory_says_what_it_states(vermont, tmp_path):
    resources = written(vermont, tmp_path)
    services = {
        one["identifier"][0]["value"]: one for one in resources if one["resourceType"] == "HealthcareService"
    }
    for facility in vermont:
        service = services[facility.facility_id]
        said = {
            coding["code"]
            for one in service.get("type", []) + service.get("characteristic", [])
            for coding in one.get("coding", ())
            if "#" in coding["system"]
        }
        listed = (
            *facility.levels_of_care, *facility.settings, *facility.payments, *facility.age_groups,
            *facility.services, *facility.medications, *facility.special_populations,
        )  # fmt: skip
        assert said == set(map(str, listed))
        assert [one["text"] for one in service.get("communication", ())] == list(facility.languages)
        assert [one["value"] for one in service.get("telecom", ())] == list(
            filter(None, [facility.intake_phone])
        )
        virtual = "virtual" in json.dumps(service.get("extension", ""))
        assert virtual == facility.telehealth
        specialty = codes(service.get("specialty", []), "http://nucc.org/provider-taxonomy")
        levels = set(map(str, facility.levels_of_care))
        assert ("324500000X" in specialty) == ("residential" in levels)
        assert ("261QM2800X" in specialty) == ("opioid_treatment_program" in set(map(str, facility.settings)))
        assert ("261QR0405X" in specialty) == bool(levels & {"outpatient", "iop", "php"})
    assert all(one["meta"]["tag"][0]["code"] == "SYNTHETIC" for one in resources)
    assert all(one["meta"]["security"][0]["code"] == "HTEST" for one in resources)
    cited = next(one for one in resources if one["resourceType"] == "Provenance")["entity"][0]["what"]
    assert cited["display"].startswith("SYNTHETIC")
    assert cited["identifier"]["value"] == vermont.table["sha256"].iloc[0]


def test_three_forms_hold_the_same(vermont, tmp_path):
    day = date(2026, 11, 24)
    iop.write_fhir(vermont, tmp_path / "all.ndjson", written=day)
    iop.write_fhir(vermont, tmp_path / "folder", written=day)
    iop.write_fhir(vermont, tmp_path / "all.json", written=day)
    lines = (tmp_path / "all.ndjson").read_text().splitlines()
    apart = [
        line for path in sorted((tmp_path / "folder").iterdir()) for line in path.read_text().splitlines()
    ]
    assert sorted(apart) == sorted(lines)
    kinds = {path.stem: path for path in (tmp_path / "folder").iterdir()}
    assert set(kinds) == {"Organization", "Location", "HealthcareService", "Provenance"}
    for kind, path in kinds.items():
        assert {json.loads(line)["resourceType"] for line in path.read_text().splitlines()} == {kind}
    bundle = json.loads((tmp_path / "all.json").read_text())
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
    places = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(places) == len(lines)
    for entry, line in zip(bundle["entry"], lines, strict=True):
        resource = json.loads(line)
        assert entry["request"] == {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
        again = re.sub(r'"(Organization|Location|HealthcareService)/([0-9a-f-]{36})"', r'"urn:uuid:\2"', line)
        assert entry["resource"] == json.loads(again)
        assert set(re.findall(r'"reference": "([^"]*)"', json.dumps(entry))) <= places


def test_ids_hang_on_the_facility_alone(vermont, tmp_path):
    whole = {one["id"] for one in written(vermont, tmp_path)}
    part = {one["id"] for one in written(vermont.select(level_of_care="iop"), tmp_path)}
    assert part < whole
    assert {uuid.UUID(one).version for one in whole} == {5}


def test_nothing_is_written_as_nothing(vermont, tmp_path):
    none = vermont.remove(vermont.table.index)
    assert written(none, tmp_path) == []
    iop.write_fhir(none, tmp_path / "none.json")
    assert json.loads((tmp_path / "none.json").read_text()) == {
        "resourceType": "Bundle",
        "type": "transaction",
    }


def test_another_ending_is_refused_and_writes_nothing(vermont, tmp_path):
    with pytest.raises(UnknownNameError, match=r"FHIR form with the ending '.xml'"):
        iop.write_fhir(vermont, tmp_path / "x.xml")
    assert list(tmp_path.iterdir()) == []


@few
@given(directories)
def test_every_facility_is_accounted_for(tmp_path_factory, directory):
    table = iop.write_fhir(directory, tmp_path_factory.mktemp("fhir") / "x.ndjson")
    assert (table["written"] + table["left_out"] == len(directory)).all()
    assert table["element"].tolist() == [one.element for one in FHIR_MAPPING]
    assert set(COLUMNS) <= set(table["column"])
    counted = table.set_index("element")["written"]
    position = (directory.table["precision"] == "address").sum()
    assert pd.Series(counted["Location.position"]).eq(position).all()


def test_a_listing_without_streets_says_what_it_knows(tmp_path):
    frame = pd.DataFrame({"name": ["SYNTHETIC One"], "lat": [41.9], "lon": [-87.6]})
    organization, location, service, _ = written(iop.read_facilities(frame, name="SYNTHETIC"), tmp_path)
    assert organization["address"] == [{"type": "physical", "state": "IL", "country": "US"}]
    assert location["address"] == organization["address"][0]
    assert "specialty" not in service
    assert location["position"] == {"longitude": -87.6, "latitude": 41.9}
