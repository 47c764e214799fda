"""Real listings as HSDS and FHIR: valid by the published schemas, and back again. Counts only."""

import json
from functools import cache

import frictionless
import pandas as pd
import pytest
from jsonschema.validators import validator_for

import iopdir as iop
from iopdir.exports.hsds_tables import TABLES, descriptor

pytestmark = pytest.mark.real

OTP = "oeps_opioid_treatment_programs.csv"
LISTINGS = [
    "National_Directory_SA_Facilities_2022.xlsx", "oeps_substance_use_treatment_2021.csv",
    "samhsa_otp_2017.csv", "findtreatment_listing_sample.json", OTP, "otp_editions/meth-1998.csv",
    "otp_editions/meth-2008.csv", "kiang/TreatmentProgram_20200704.csv",
]  # fmt: skip


@cache
def listing(folder, name):
    """A real listing; of a large one some 800 facilities from everywhere in it."""
    if name == OTP:
        whole = iop.read_facilities(folder / name, encoding="cp1252", columns={"ID": "name"})
    else:
        whole = iop.read_directory(folder / name)
    table = whole.table.iloc[:: max(1, len(whole) // 800)]
    return iop.Directory(table, quality=whole.quality, provenance=whole.provenance)


@pytest.fixture(scope="module")
def schemas(real_data):
    folder = real_data.parents[1] / "standards" / "hsds-3.0"
    if not folder.is_dir():
        pytest.skip("the HSDS schemas are not there")
    return folder


def test_our_tables_are_those_of_the_specification(schemas):
    theirs = json.loads((schemas / "datapackage.json").read_text())["resources"]
    ours = descriptor()["resources"]
    assert [(one["name"], one["path"]) for one in ours] == [(one["name"], one["path"]) for one in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        fields = other["schema"]["fields"]
        told = [
            {key: field[key] for key in ("name", "type", "format") if key in field}
            | {"constraints": {"required": False, "unique": False, **field["constraints"]}}
            for field in fields
        ]
        enums = [field.get("constraints", {}).get("enum") for field in fields]
        assert mine["schema"]["fields"] == told, other["name"]
        assert enums == [field["constraints"].get("enum") for field in mine["schema"]["fields"]]
        keys = [
            (key["fields"], key["reference"]["resource"]) for key in other["schema"].get("foreignKeys", [])
        ]
        assert sorted(keys) == sorted(
            (key["fields"], key["reference"]["resource"]) for key in mine["schema"].get("foreignKeys", [])
        )
    assert len(TABLES) == 21


@pytest.mark.parametrize("name", LISTINGS)
def test_a_real_listing_goes_there_and_back(real_data, schemas, tmp_path, name):
    directory = listing(real_data, name)
    iop.write_hsds(directory, tmp_path)
    again = iop.read_hsds(tmp_path)
    pd.testing.assert_frame_equal(again.table, directory.table, check_exact=True, check_dtype=False)
    assert again.provenance == directory.provenance
    part = iop.Directory(
        directory.table.iloc[::20], quality=directory.quality, provenance=directory.provenance
    )
    iop.write_hsds(part, tmp_path)
    for described in ("datapackage.json", "theirs.json"):
        if described == "theirs.json":
            (tmp_path / described).write_text((schemas / "datapackage.json").read_text())
        report = frictionless.validate(str(tmp_path / described))
        assert report.valid, report.flatten(["message"])[:5]
    schema = json.loads((schemas / "organization.json").read_text())
    kind = validator_for(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    organizations = json.loads((tmp_path / "organizations.json").read_text())
    assert len(organizations) == len(part)
    for organization in organizations:
        assert next(validator.iter_errors(organization), None) is None


@pytest.mark.parametrize("name", LISTINGS)
def test_a_real_listing_has_every_facility_in_fhir(real_data, tmp_path, name):
    directory = listing(real_data, name)
    account = iop.write_fhir(directory, tmp_path).set_index("element")
    for kind in ("Organization", "Location", "HealthcareService", "Provenance"):
        lines = (tmp_path / f"{kind}.ndjson").read_text(encoding="utf-8").splitlines()
        assert len(lines) == len(directory)
    exact = int((directory.table["precision"] == "address").sum())
    assert account.loc["Location.position", "written"].eq(exact).all()
    assert account.loc["HealthcareService.availableTime", "left_out"] == len(directory)
