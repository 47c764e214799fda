"""What a report says; how it looks and behaves is tested in tests/browser."""

import re
from datetime import date

import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import UnitError, UnknownNameError
from iopdir.report.credits import PACKS
from iopdir.report.findings import RING_MILES, RING_MINUTES, collect
from iopdir.report.page import write_report

DAY = date(2026, 11, 4)


@pytest.fixture(scope="module")
def demo():
    return iop.demo_directory()


def facts(demand, directory, **options):
    asked = {"level_of_care": "iop", "standard": "30 mi", "state": None, "payment": None, "age_group": None}
    return collect(demand, directory, published=DAY, **asked | options)


def _body(path):
    return path.read_text(encoding="utf-8").partition("</style>")[2].split("<script")[0]


def text_of(path):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _body(path)))


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
    assert list(found.rings.index) == [f"{miles} mi" for miles in RING_MILES]
    assert found.rings["share"].is_monotonic_increasing
    assert found.rings.loc["30 mi", "share"] == found.total["share"]


def test_choices_reach_every_figure(demo):
    demand = iop.demand_points("zcta", state="VT")
    found = facts(
        demand, demo, state="VT", level_of_care="residential", payment="medicaid", age_group="adults"
    )
    chosen = demo.select(level_of_care="residential", payment="medicaid", age_group="adults")
    assert len(found.selection) == len(chosen)
    assert found.gaps.drop(columns="by_zip").equals(iop.coverage_gaps(demand, chosen))
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


def test_no_sentence_about_people_rests_on_made_up_facilities_unsaid(demo, tmp_path):
    path = write_report(
        iop.demand_points("zcta"),
        demo,
        tmp_path / "r.html",
        state="VT",
        standard=["30 mi", "cms-obh"],
        published=DAY,
    )
    said = [
        re.sub(r"<[^>]+>|\s+", " ", words)
        for _, words in re.findall(r"<(p|li)\b[^>]*>(.*?)</\1>", _body(path), re.DOTALL)
    ]
    figures = [text for text in said if re.search(r"\d%? (million )?(\([^)]*\) )?(of )?people", text)]
    assert len(figures) >= 5
    unsaid = [text for text in figures if "SYNTHETIC" not in text]
    assert all("national directory of 2022" in text for text in unsaid)  # what was measured on the real one


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


@pytest.fixture
def by_zip(demo):
    """The demo around Vermont as a listing that has ZIP codes and no points, and one site nobody can place."""
    near = demo.select(level_of_care="iop", state=["VT", "NH"]).to_geodataframe()
    table = pd.DataFrame(near[["name", "city", "state", "zip", "codes"]])
    table.loc["lost"] = ["SYNTHETIC Lost", "Nowhere", "VT", "00000", ("SA", "OIT")]
    return iop.read_facilities(table.assign(codes=table["codes"].map(" ".join)), name="clinics.csv")


def test_a_short_distance_that_placement_does_not_carry_has_no_single_figure(by_zip, tmp_path):
    demand = iop.demand_points("zcta", state="VT")
    path = write_report(demand, by_zip, tmp_path / "vt.html", state="VT", standard="5 mi", published=DAY)
    total = facts(demand, by_zip, state="VT", standard="5 mi").total
    assert total["placement_high"] - total["placement_low"] > 1 / 3
    text = text_of(path)
    assert (
        f"Somewhere between {total['placement_low']:.1%} and {total['placement_high']:.1%} of people" in text
    )
    assert f"{total['share']:.1%}" not in text
    assert f"{total['placement_low']:.1%} to {total['placement_high']:.1%}: too roughly placed" in text


def test_medians_that_lead_to_the_middle_of_a_zip_code_are_marked(by_zip, demo, tmp_path):
    demand = iop.demand_points("zcta", state="VT")
    rough = text_of(write_report(demand, by_zip, tmp_path / "rough.html", state="VT", published=DAY))
    exact = text_of(write_report(demand, demo, tmp_path / "exact.html", state="VT", published=DAY))
    assert len(re.findall(r"~\d+(\.\d)? miles", rough)) >= 1
    assert "“~” before a distance" in rough
    assert "~" not in exact


def test_facility_counts_are_reconciled_in_one_sentence(by_zip, tmp_path):
    path = write_report(iop.demand_points("zcta", state="VT"), by_zip, tmp_path / "vt.html", state="VT")
    inside = int((by_zip.table["state"] == "VT").sum()) - 1
    beyond = int((by_zip.table["state"] == "NH").sum())
    total = len(by_zip)
    assert total == inside + beyond + 1
    assert (
        f"Of the {total:,} facilities of the listing that state the care, {inside:,} stand in Vermont, {beyond:,} "
        "elsewhere; those across the border count too where they are near enough, and 1 has no known point"
    ) in text_of(path)


def test_in_minutes_the_page_speaks_of_minutes_and_their_range(demo, tmp_path):
    demand = iop.demand_points("zcta", state="VT")
    asked = {"state": "VT", "standard": "20 min", "cost": "drive-estimate"}
    path = write_report(demand, demo, tmp_path / "vt.html", published=DAY, **asked)
    found = facts(demand, demo, **asked)
    assert list(found.rings.index) == [f"{minutes} min" for minutes in RING_MINUTES]
    text = text_of(path)
    low, high = found.total["estimate_low"], found.total["estimate_high"]
    assert f"{found.total['share']:.1%} of people live within 20 minutes of a listed facility" in text
    assert f"By the range of the estimate it is {low:.1%} to {high:.1%}." in text
    assert "Minutes by car, estimated" in text.replace("minutes by car", "Minutes by car")
    assert "straight line" not in text.lower()
    assert "nearest_min" in path.read_text(encoding="utf-8")
    with pytest.raises(UnitError, match="do not mix"):
        write_report(demand, demo, tmp_path / "no.html", **asked | {"standard": "30 mi"})


def test_sources_are_named_as_the_public_knows_them(demo, tmp_path):
    path = write_report(iop.demand_points("zcta", state="DE"), demo, tmp_path / "de.html", state="DE")
    citation = re.search(r'<p class="cite">(.*?)</p>', path.read_text(encoding="utf-8"))[1]
    assert "US Census Bureau, American Community Survey 2018-22 5-year estimates" in citation
    assert "Department of Housing and Urban Development" in citation
    assert not re.search(r"\bzcta\b|zcta_county|demo_directory", citation)


def test_every_embedded_pack_has_a_public_name():
    assert set(PACKS) == set(iop.datasets.list_packs().index)
