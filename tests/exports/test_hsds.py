"""HSDS packages are valid, and bring everything back."""

import csv
import hashlib
import json
import uuid
from datetime import date
from pathlib import Path

import frictionless
import pandas as pd
import pytest
from any_directory import directories
from hypothesis import HealthCheck, given, settings

import iopdir as iop
from iopdir.errors import LoadError, WriteError
from iopdir.exports.account import stated_in
from iopdir.exports.hsds_mapping import HSDS_MAPPING
from iopdir.exports.hsds_tables import TABLES
from iopdir.exports.identity import NAMESPACE
from iopdir.schema.columns import COLUMNS

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def content(folder, name):
    with (folder / TABLES[name].path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# --- there and back ---


@few
@given(directories)
def test_everything_comes_back_field_by_field(tmp_path_factory, directory):
    folder = tmp_path_factory.mktemp("hsds")
    iop.write_hsds(directory, folder)
    again = iop.read_hsds(folder)
    pd.testing.assert_frame_equal(
        again.table, directory.table, check_exact=True, check_dtype=len(directory) > 0
    )
    assert again.provenance == directory.provenance
    assert again.synthetic == directory.synthetic
    from_json = iop.read_hsds(folder / "organizations.json")
    assert len(from_json) == len(directory)
    if len(directory):
        shared = list(COLUMNS)[1:]
        pd.testing.assert_frame_equal(from_json.table[shared], directory.table[shared], check_exact=True)
        for facility_id in directory.table.index:
            assert again[facility_id].address == directory[facility_id].address


@settings(few, max_examples=4)
@given(directories)
def test_the_package_is_valid_whatever_a_listing_says(tmp_path_factory, directory):
    folder = tmp_path_factory.mktemp("hsds")
    iop.write_hsds(directory, folder)
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["message"])


def test_the_demo_directory_comes_back(vermont, tmp_path):
    iop.write_hsds(vermont, tmp_path)
    again = iop.read_hsds(tmp_path)
    pd.testing.assert_frame_equal(again.table, vermont.table, check_exact=True)
    assert again.provenance == vermont.provenance
    assert again.synthetic
    assert list(again) == list(vermont)


def test_nothing_is_a_package_too(vermont, tmp_path):
    iop.write_hsds(vermont.remove(vermont.table.index), tmp_path)
    assert len(iop.read_hsds(tmp_path)) == len(iop.read_hsds(tmp_path / "organizations.json")) == 0
    assert frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_ids_hang_on_the_facility_alone(vermont, tmp_path):
    day = date(2026, 11, 24)
    iop.write_hsds(vermont, tmp_path / "a", written=day)
    iop.write_hsds(vermont, tmp_path / "b", written=day)
    iop.write_hsds(vermont.select(level_of_care="iop"), tmp_path / "c", written=day)
    for table in TABLES.values():
        assert (tmp_path / "a" / table.path).read_bytes() == (tmp_path / "b" / table.path).read_bytes()
    for name in ("organization", "location", "service", "address", "phone", "attribute", "taxonomy_term"):
        ids = [{row["id"] for row in content(tmp_path / part, name)} for part in "ac"]
        assert ids[1] < ids[0] or ids[1] == ids[0]
        assert {uuid.UUID(one).version for one in ids[0]} == {5}
    first = vermont.table.index[0]
    organization = next(
        row for row in content(tmp_path / "a", "organization_identifier") if row["identifier"] == first
    )
    assert organization["organization_id"] == str(uuid.uuid5(NAMESPACE, f"organization/{first}"))


# --- what it says ---


def test_others_find_levels_payments_languages_phones_and_what_is_made_up(vermont, tmp_path):
    iop.write_hsds(vermont, tmp_path)
    terms = {row["id"]: row["code"] for row in content(tmp_path, "taxonomy_term")}
    found = pd.DataFrame(content(tmp_path, "attribute"))
    codes = found["taxonomy_term_id"].map(terms)
    for code, expected in {
        "levels_of_care:iop": vermont.select(level_of_care="iop"),
        "payments:medicaid": vermont.select(payment="medicaid"),
        "special_populations:veterans": vermont.select(special_population="veterans"),
    }.items():
        assert (codes == code).sum() == len(expected) > 0
    assert set(found["link_entity"]) == {"organization", "location", "service"}
    assert len(content(tmp_path, "language")) == vermont.table["languages"].map(len).sum()
    phones = content(tmp_path, "phone")
    assert sum(row["location_id"] != "" for row in phones) == (vermont.table["phone"] != "").sum()
    assert sum(row["service_id"] != "" for row in phones) == (vermont.table["intake_phone"] != "").sum()
    assert all(row["alert"].startswith("SYNTHETIC") for row in content(tmp_path, "service"))
    assert all("SYNTHETIC" in row["replacement_value"] for row in content(tmp_path, "metadata"))
    deaf = vermont.select(codes="AH")
    assert len(content(tmp_path, "accessibility")) == len(deaf) > 0
    about = json.loads((tmp_path / "datapackage.json").read_text())
    assert about["title"].startswith("SYNTHETIC")
    assert "SYNTHETIC demo_directory" in about["sources"][0]["title"]


def test_a_point_in_the_middle_of_a_zip_says_so(tmp_path):
    frame = pd.DataFrame({"name": ["SYNTHETIC One"], "zip": ["60614"], "codes": ["OIT"]})
    iop.write_hsds(iop.read_facilities(frame, name="SYNTHETIC"), tmp_path)
    (location,) = content(tmp_path, "location")
    assert "not the address" in location["description"]
    assert content(tmp_path, "address") == []  # no street: its ZIP is an attribute


@few
@given(directories)
def test_every_facility_is_accounted_for(tmp_path_factory, directory):
    table = iop.write_hsds(directory, tmp_path_factory.mktemp("hsds"))
    assert (table["written"] + table["left_out"] == len(directory)).all()
    assert table["element"].tolist() == [one.element for one in HSDS_MAPPING]
    assert set(COLUMNS) <= set(table["column"])
    for row in table.itertuples():
        assert row.stated == (stated_in(directory.table, row.column) if row.column else 0)
        if row.column == "" or row.column not in (
            "street1",
            "street2",
            "city",
            "state",
            "zip",
            "website",
            "codes",
        ):
            assert row.written == row.stated, row
        else:
            assert row.written <= row.stated


# --- bad input ---


def edit(folder, name, change):
    rows = content(folder, name)
    rows = change(rows) or rows
    with (folder / TABLES[name].path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def describe(folder, change):
    about = json.loads((folder / "datapackage.json").read_text())
    change(about)
    (folder / "datapackage.json").write_text(json.dumps(about))


def text(name, old, new):
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(old, new, 1))


NOWHERE = "00000000-0000-0000-0000-000000000000"
BAD = {
    "no file": (lambda f: (f / "services.csv").unlink(), "services.csv: .*No such file"),
    "no table": (lambda f: describe(f, lambda a: a["resources"].pop(0)), "a table organization"),
    "no name": (lambda f: describe(f, lambda a: a["resources"][0].update(name={})), "a table organization"),
    "old": (lambda f: describe(f, lambda a: a.update(version="2.0.1")), "version 3.0, found version 2.0.1"),
    "next": (lambda f: describe(f, lambda a: a.update(version="3.1.1")), "version 3.0, found version 3.1.1"),
    "no version": (lambda f: describe(f, lambda a: a.pop("version")), "found version none"),
    "no package": (lambda f: (f / "datapackage.json").write_text("[]"), "no description of a data package"),
    "no JSON": (lambda f: (f / "datapackage.json").write_text("{"), "damaged JSON"),
    "elsewhere": (lambda f: describe(f, lambda a: a["resources"][0].update(path="../x.csv")), "within the package"),
    "absolute": (lambda f: describe(f, lambda a: a["resources"][0].update(path="/etc/passwd")), "within the package"),
    "remote": (lambda f: describe(f, lambda a: a["resources"][0].update(path="http://a.example/o")), "within the"),
    "nowhere": (lambda f: edit(f, "service", lambda r: r[3].update(organization_id=NOWHERE)), "line 5.*000000"),
    "no location": (lambda f: edit(f, "address", lambda r: r[0].update(location_id=NOWHERE)), "location_id of a"),
    "no term": (lambda f: edit(f, "attribute", lambda r: r[0].update(taxonomy_term_id=NOWHERE)), "taxonomy_term_id"),
    "of nothing": (lambda f: edit(f, "attribute", lambda r: r[0].update(link_id=NOWHERE)), "link_id of a record"),
    "twice": (lambda f: edit(f, "location", lambda r: [*r, r[0]]), "with an id of its own"),
    "no id": (lambda f: edit(f, "location", lambda r: r[0].update(id="")), "with an id of its own"),
    "two places": (
        lambda f: edit(f, "location", lambda r: [*r, {**r[0], "id": NOWHERE}]), "one location for each organization"
    ),
    "not ours": (
        lambda f: edit(f, "organization_identifier", lambda r: r[0].update(identifier_type="EIN")),
        "identifier of type facility_id",
    ),
    "no column": (text("phones.csv", "extension", "ext"), "phones.csv, line 1: .*no extension"),
    "cells": (text("languages.csv", "\n", ",x\n"), "languages.csv, line 2: expected 8 cells, found 7"),
    "quote": (text("services.csv", ",active", ',"act"ive'), "damaged CSV"),
    "latitude": (lambda f: edit(f, "location", lambda r: r[0].update(latitude="95")), "degrees on Earth"),
    "state": (lambda f: edit(f, "address", lambda r: r[0].update(state_province="Vt.")), "'Vt.'"),
    "level": (
        lambda f: edit(f, "taxonomy_term", lambda r: r[0].update(code="levels_of_care:spa")), "spa"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_package_is_refused_with_its_place(vermont, tmp_path, kind):
    damage, found = BAD[kind]
    iop.write_hsds(vermont, tmp_path)
    assert len(iop.read_hsds(tmp_path)) == len(vermont)
    damage(tmp_path)
    with pytest.raises(LoadError, match=f"(?s){found}") as caught:
        iop.read_hsds(tmp_path)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('{"resourceType": "Bundle"}', r"FHIR \(Bundle\)"),
        ('{"organizations": []}', "a dict"),
        ("[1]", "an HSDS organization, found 1"),
        ('[{"id": "o", "locations": {}}]', "an HSDS organization"),
        ('[{"id": "o", "attributes": [{"id": "a", "taxonomy_term": 1}]}]', "an HSDS organization"),
        ('[{"id": "o"}]', "identifier of type facility_id"),
        ("nonsense", "damaged JSON"),
    ],
)
def test_json_of_something_else_is_refused(tmp_path, body, found):
    (tmp_path / "organizations.json").write_text(body)
    with pytest.raises(LoadError, match=found):
        iop.read_hsds(tmp_path)


def test_a_package_replaced_in_part_is_the_old_or_the_new_one(vermont, tmp_path, monkeypatch):
    """Whichever step fails, one reads the old directory or the new one; and the next writing mends it."""
    old = vermont.select(level_of_care="iop")
    table = old.table.assign(name=[f"SYNTHETIC New {number}" for number in range(len(old))])
    new = iop.Directory(table, quality=old.quality, provenance=old.provenance)
    paths = [*(one.path for one in TABLES.values()), "organizations.json", "datapackage.json"]
    replace, seen = Path.replace, set()
    for last in paths:

        def stop(self, target, last=last):
            if Path(target).name == last:
                raise OSError("stopped")
            return replace(self, target)

        iop.write_hsds(old, tmp_path)
        monkeypatch.setattr(Path, "replace", stop)
        with pytest.raises(WriteError, match="stopped"):
            iop.write_hsds(new, tmp_path)
        monkeypatch.setattr(Path, "replace", replace)
        assert not (tmp_path / "datapackage.json").exists()
        names = iop.read_hsds(tmp_path).table["name"].tolist()
        assert names in (old.table["name"].tolist(), table["name"].tolist())
        seen.add(names[0])
        iop.write_hsds(new, tmp_path)
        pd.testing.assert_frame_equal(iop.read_hsds(tmp_path).table, new.table, check_exact=True)
    assert len(seen) == 2


def test_an_empty_folder_says_what_it_looked_for(tmp_path):
    with pytest.raises(LoadError, match=r"organizations.json: expected HSDS 3.0 .*No such file"):
        iop.read_hsds(tmp_path)


def test_a_field_that_was_edited_counts_and_the_edit_is_told(vermont, tmp_path):
    iop.write_hsds(vermont, tmp_path)
    assert iop.read_hsds(tmp_path).quality.warnings == vermont.quality.warnings
    edit(tmp_path, "phone", lambda rows: rows[0].update(number="802-555-0199"))
    again = iop.read_hsds(tmp_path)
    (row,) = again.table.index[again.table["phone"] != vermont.table["phone"]]
    assert again.table.loc[row, "phone"] == "802-555-0199"
    pd.testing.assert_frame_equal(again.table.drop(columns="phone"), vermont.table.drop(columns="phone"))
    assert "phones.csv was edited after it was written" in again.quality.warnings
    digits = hashlib.sha256((tmp_path / "phones.csv").read_bytes()).hexdigest()
    assert again.provenance.parameters["edited"] == {"phones.csv": f"sha256:{digits}"}
    assert again.select(level_of_care="iop").quality.warnings == again.quality.warnings
    assert again.synthetic
    describe(tmp_path, lambda a: [one.pop("hash") for one in a["resources"]])
    assert iop.read_hsds(tmp_path).quality.warnings == vermont.quality.warnings


def test_json_that_was_edited_is_not_passed_over_in_silence(vermont, tmp_path):
    iop.write_hsds(vermont, tmp_path)
    text("organizations.json", "SYNTHETIC", "SYNTHETIC Edited")(tmp_path)
    assert (
        iop.read_hsds(tmp_path)
        .quality.warnings[-1]
        .endswith("edited after it was written; the CSV files count")
    )
    assert iop.read_hsds(tmp_path / "organizations.json").table["name"].str.contains("Edited").any()


def test_a_reader_of_listings_says_what_a_standard_is(vermont, tmp_path):
    iop.write_hsds(vermont, tmp_path)
    iop.write_fhir(vermont, tmp_path / "bundle.json")
    iop.write_fhir(vermont, tmp_path / "all.ndjson")
    for name, found in {
        "bundle.json": r"FHIR \(Bundle\)", "all.ndjson": r"FHIR \(Organization\)",
        "organizations.json": "iop.read_hsds reads", "datapackage.json": "iop.read_hsds reads",
    }.items():  # fmt: skip
        with pytest.raises(LoadError, match=found):
            iop.read_directory(tmp_path / name)
    assert len(iop.read_hsds(tmp_path / "datapackage.json")) == len(vermont)
