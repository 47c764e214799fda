"""State standards on the National Directory of 2022: counties that fail, in straight lines."""

import pytest

import iopdir as iop

IOP, PHP, OUTPATIENT = ({"level_of_care": "iop"}, {"level_of_care": "php"}, {"level_of_care": "outpatient"})
OTP = {"setting": "opioid_treatment_program"}


@pytest.fixture(scope="module")
def directory(real_data):
    return iop.read_directory(real_data / "National_Directory_SA_Facilities_2022.xlsx")


@pytest.fixture(scope="module")
def everybody():
    return iop.demand_points("zcta")


@pytest.mark.real
@pytest.mark.parametrize(
    ("key", "asked", "counties", "failing", "unsettled", "short"),
    [
        ("nc-iop", IOP, 100, 2, 2, 2_327),
        ("nc-php", PHP, 100, 1, 1, 77),
        ("mi-otp", OTP, 83, 32, 51, 751_203),
        ("az-outpatient", IOP, 15, 0, 0, 0),
        ("ny-outpatient", OUTPATIENT, 62, 27, 27, 1_759_427),
    ],
    ids=["nc-iop", "nc-php", "mi-otp", "az", "ny"],
)
def test_failing_counties_by_state_standard(
    directory, everybody, key, asked, counties, failing, unsettled, short
):
    gaps = iop.coverage_gaps(everybody, directory, standard=key, state=key[:2], **asked)
    if key == "ny-outpatient":  # selected in the call, the whole listing is known, and half of it would do
        assert set(gaps["tested"]) == {"count"}
        gaps = iop.coverage_gaps(everybody, directory.select(**asked), standard=key, state="NY")
    assert len(gaps) == counties
    assert (gaps["verdict"] == "fail").sum() == failing
    assert (~gaps["settled"]).sum() == unsettled
    assert gaps["people_short"].sum() == pytest.approx(short, abs=1)
    assert set(gaps["status"]) == {"ok"}


@pytest.mark.real
def test_what_the_choice_of_standard_does_to_the_counties(directory, everybody):
    iops = directory.select(level_of_care="iop")
    table = iop.standards.compare(
        everybody, iops, standards=["cms-obh", "30 mi", "10 mi", "nc-iop"], share=0.9
    )
    fails = {
        name: int((table[name].str.rstrip("?") == "fail").sum())
        for name in table
        if name.endswith(("of people", "obh"))
    }
    assert fails == {"cms-obh": 141, "30 mi for 0.9 of people": 916, "10 mi for 0.9 of people": 2674}
    assert ((table["passes"] > 0) & (table["fails"] > 0)).sum() == 2552
