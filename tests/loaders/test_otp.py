"""Exports of the directory of opioid treatment programs are known by their columns, under either name of the date."""

import pytest

import iopdir as iop

ROW = "SYNTHETIC Clinic,1 Example St,Detroit,MI,48201,Certified,9/30/10\n"


@pytest.mark.parametrize(
    "since", ["First Full Certification Date", "FullCertification", "Full Certification"]
)
def test_every_program_of_an_export_has_its_code_and_the_account_says_from_where(tmp_path, since):
    path = tmp_path / "SYNTHETIC.csv"
    path.write_text(f"Program Name,Street,City,State,Zipcode,Certification,{since}\n{ROW}")
    listing = iop.read_directory(path)
    assert listing.table["codes"].tolist() == [("OTP",)]
    assert listing.table[[since, "Certification"]].to_numpy().tolist() == [["9/30/10", "Certified"]]
    assert "codes" not in listing.quality.missing
    read = listing.quality.columns.set_index("column")["read_as"]
    assert read["Certification"] == "codes"


def test_a_listing_of_certified_programs_of_another_kind_is_no_export(tmp_path):
    path = tmp_path / "SYNTHETIC.csv"
    path.write_text(f"Program Name,Street,City,State,Zipcode,Certification,Note\n{ROW}")
    listing = iop.read_directory(path)
    assert listing.table["codes"].tolist() == [()]
    assert "codes" in listing.quality.missing
