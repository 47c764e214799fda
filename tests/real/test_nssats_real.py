import pytest

import iopdir as iop
from iopdir.evidence.registry import IOP_PRIVATE_INSURANCE_2020

pytestmark = pytest.mark.real


def test_the_survey_of_2020(real_data):
    survey = iop.read_nssats(real_data / "NSSATS_PUF_2020.csv.gz")
    totals = survey.totals
    assert (totals["facilities"], totals["iop"], totals["iop_medicaid"]) == (16_066, 7_243, 5_268)
    assert totals["iop"] / totals["facilities"] == pytest.approx(0.451, abs=0.0005)
    assert (totals["iop_private_insurance"], totals["iop"]) == IOP_PRIVATE_INSURANCE_2020
    assert (
        iop.evidence.claim("employer_insurance").reproduce(survey)
        == iop.evidence.claim("employer_insurance").reproduce()
    )
    assert (
        iop.evidence.claim("medicaid_usable").reproduce(survey)
        == iop.evidence.claim("medicaid_usable").reproduce()
    )
    embedded = iop.datasets.open_pack("nssats_2020_by_state").set_index("state")
    for name in ("facilities", "outpatient", "iop", "day_treatment", "iop_medicaid"):
        assert survey.by_state()[name].to_dict() == embedded[name].to_dict()
