import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from iopdir.intake.identity import facility_id
from iopdir.schema.facility import Address, Facility, Location, RowProvenance

words = st.text(
    st.characters(codec="ascii", categories=["Lu", "Ll", "Nd", "Zs", "Po"]), min_size=1, max_size=20
)


@given(words, words, words)
def test_an_id_ignores_case_and_spacing_only(name, program, street):
    first = facility_id(name, program, street, "", "60614")
    assert first == facility_id(name.upper(), f"  {program}  ", street.replace(" ", "   "), "", "60614")
    assert first != facility_id(name, program, street, "Suite 2", "60614")
    assert first != facility_id(name, program, street, "", "60615")


def test_an_id_does_not_mix_up_neighbouring_fields():
    assert facility_id("Alpha", "Beta") != facility_id("Alpha Beta", "")


@pytest.mark.parametrize(
    "bad",
    [
        {"lon": 181.0, "lat": 0.0, "precision": "address"},
        {"lon": 0.0, "lat": -90.5, "precision": "address"},
        {"lon": float("nan"), "lat": 0.0, "precision": "address"},
        {"lon": 1.0, "precision": "address"},
        {"lon": 1.0, "lat": 1.0, "precision": "unknown"},
        {"precision": "zip_centroid"},
        {"lon": 1.0, "lat": 1.0, "precision": "roughly"},
        {"lon": "1.0", "lat": 1.0, "precision": "address"},
    ],
)
def test_a_location_is_a_real_point_or_says_unknown(bad):
    with pytest.raises(ValidationError):
        Location.model_validate(bad)


@pytest.mark.parametrize(
    "bad", [{"zip": "1234"}, {"zip": 60614}, {"state": "Illinois"}, {"state": "il"}, {"town": "X"}]
)
def test_an_address_is_strict(bad):
    with pytest.raises(ValidationError):
        Address.model_validate(bad)


def test_a_facility_cannot_be_changed():
    facility = Facility(
        facility_id="SYN-1",
        name="SYNTHETIC One",
        address=Address(),
        location=Location(precision="unknown"),
        provenance=RowProvenance(source="SYNTHETIC", row=2),
    )
    with pytest.raises(ValidationError, match="frozen"):
        facility.name = "Other"
    assert Facility.model_validate_json(facility.model_dump_json()) == facility
