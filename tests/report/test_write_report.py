"""What a report says; how it looks and behaves is tested in tests/browser."""

import re
from datetime import date

import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import UnitError, UnknownNameError
from iopdir.report.findings import RING_MILES, collect
from iopdir.report.page import write_report

DAY = date(2026, 11, 4)


@pytest.fixture(scope="module")
def demo():
    return iop.demo_directory()


def facts(demand, directory, **options):
    asked = {"level_of_care": "iop", "standard": "30 mi", "state": None, "payment": None, "age_group": None}
    return collect(demand, directory, published=DAY, **asked | options)


def text_of(path):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8").split("<script")[0]))


def test_a_state_report_is_that_part_of_the_national_one(demo):
    demand = iop.demand_points("zcta")
    nation, state = facts(demand, demo), facts(demand, demo, state="nh")
    assert state.gaps.equals(nation.gaps[nation.gaps["state"] == "NH"])
    assert nation.total["people"] == pytest.approx(nation.gaps["people"].sum())
    by_state = iop.coverage_gaps(demand, demo.select(level_of_care="iop"), by="state").loc["NH"]
    assert state.total["share"] == by_state["share"]
    assert (state.state, state.place) == ("NH", "New Hampshire")


def test_other_distances_never_cover_fewer_and_meet_the_headline_at_its_own(demo):
    found = facts(iop.demand_points("zcta", state="VT"), demo, state="VT")
    shares = [share for _, share, _ in found.rings]
    assert [miles for miles, _, _ in found.rings] == list(RING_MILES)
    assert shares == sorted(shares)
    assert {miles: share for miles, share, _ in found.rings}[30] == found.total["share"]


def test_choices_reach_every_figure(demo):
    demand = iop.demand_points("zcta", state="VT")
    found = facts(
        demand, demo, state="VT", level_of_care="residential", payment="medicaid", age_group="adults"
    )
    chosen = demo.select(level_of_care="residential", payment="medicaid", age_group="adults")
    assert len(found.selection) == len(chosen)
    assert found.gaps.equals(iop.coverage_gaps(demand, chosen))
    assert set(found.lonely.index) <= set(chosen.to_geodataframe().index)


def test_the_islands_can_be_reported_on_their_own(demo):
    found = facts(iop.demand_points("zcta"), demo, state="PR")
    assert len(found.gaps) == 78
    assert found.total["people"] > 3e6


@pytest.mark.parametrize(("options", "error"), [
    ({"level_of_care": "iops"}, UnknownNameError), ({"payment": "medicade"}, UnknownNameError),
    ({"age_group": "teens"}, UnknownNameError), ({"state": "ZZ"}, UnknownNameError),
    ({"state": "CA"}, UnknownNameError), ({"standard": "30"}, UnitError), ({"standard": "20 min"}, UnitError),
    ({"standard": "nobody"}, UnknownNameError),
])  # fmt: skip
def test_what_is_not_known_is_refused_before_anything_is_written(demo, tmp_path, options, error):
    path = tmp_path / "report.html"
    with pytest.raises(error):
        write_report(iop.demand_points("zcta", state="VT"), demo, path, **options)
    assert not path.exists()


def test_the_page_says_what_was_measured_from_what_and_how_sure(demo, tmp_path):
    demand = iop.demand_points("zcta", state="VT")
    path = write_report(demand, demo, tmp_path / "vt.html", state="VT", payment="medicaid", published=DAY)
    found = facts(demand, demo, state="VT", payment="medicaid")
    text = text_of(path)
    assert "Who in Vermont can reach intensive outpatient care?" in text
    assert f"{found.total['share']:.1%} of people live within 30 miles of a listed facility" in text
    assert "that states it takes Medicaid" in text
    assert "November 4, 2026" in text
    for source in found.gaps.attrs["provenance"]["sources"]:
        assert source["sha256"] in text
    assert "988" in text
    assert "1-800-662-4357" in text
    assert "no figure here holds anywhere" in text
    assert path.stat().st_size < 1e6


def test_the_same_report_is_written_twice_to_the_byte(demo, tmp_path):
    demand = iop.demand_points("zcta", state="DE")
    first, second = (
        write_report(demand, demo, tmp_path / name, state="DE", published=DAY).read_bytes()
        for name in ("a", "b")
    )
    assert first == second


def test_a_standard_by_county_type_gives_each_county_its_verdict(demo, tmp_path):
    demand = iop.demand_points("zcta", state="NV")
    path = write_report(demand, demo, tmp_path / "nv.html", state="NV", standard="cms-obh")
    text = text_of(path)
    gaps = iop.coverage_gaps(demand, demo.select(level_of_care="iop"), standard="cms-obh")
    assert text.count("meets the required") >= (gaps["verdict"] == "pass").sum()
    assert "CEAC: " in text
    assert (
        "42 CFR 422.116(d), facility specialty Outpatient Behavioral Health; seen: 2°; tested: distance only"
        in text
    )


def test_a_listing_where_nobody_offers_the_care_still_makes_a_report(demo, tmp_path):
    nobody = demo.select(level_of_care="inpatient", state="VT").select(level_of_care="iop", county="99999")
    path = write_report(iop.demand_points("zcta", state="VT"), nobody, tmp_path / "vt.html", state="VT")
    text = text_of(path)
    assert "0% of people live within 30 miles" in text
    assert "no facility listed" in text


def test_a_listing_that_states_no_care_at_all_is_refused_rather_than_called_a_desert(tmp_path):
    table = pd.DataFrame({"name": ["SYNTHETIC One"], "zip": ["05602"], "state": ["VT"]})
    silent, people = iop.read_facilities(table), iop.demand_points("zcta", state="VT")
    with pytest.raises(iop.errors.UnknownNameError, match="states none"):
        write_report(people, silent, tmp_path / "vt.html", state="VT")
    path = write_report(people, silent, tmp_path / "vt.html", state="VT", level_of_care=None)
    assert "treatment of any kind" in text_of(path)
