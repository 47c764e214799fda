"""What came of a standard in words, and drawn: counts are those of the table, and what is open is said."""

import pandas as pd
import pytest

import iopdir as iop
from iopdir.report.verdicts import outcome, outcome_text, standard_text


@pytest.fixture(scope="module")
def homes():
    return iop.demand_points("zcta", state=["NC", "VT"])


@pytest.fixture(scope="module")
def listing():
    return iop.demo_directory().select(level_of_care="php", state=["NC", "VT"])


def test_figures_are_those_of_the_table(homes, listing):
    rule = iop.standards.parse_standard("20 mi").with_share(0.9)
    gaps = iop.coverage_gaps(homes, listing, standard=rule)
    found, text = outcome(gaps), outcome_text(gaps, rule)
    failing = gaps[gaps["verdict"] == "fail"]
    assert (found.counties, found.failing, found.unsettled) == (len(gaps), len(failing), 0)
    assert found.people_short == pytest.approx(failing["people_short"].sum())
    assert found.least["people_short"] == failing["people_short"].min()
    assert text.startswith(
        f"{len(failing)} of {len(gaps)} counties fail; {failing['people_short'].sum():,.0f} people"
    )
    assert f"{found.least['name']}, {found.least['state']}, needs least to pass" in text
    assert "Tested" not in text


@pytest.mark.parametrize(
    ("standard", "words"),
    [
        ("nc-php", "of 100 counties fail"),
        ("nc-php", "a county that fails may still pass by time"),
        ("cms-obh", "of 114 counties fail"),
        ("cms-obh", "a county that passes may still fail by time"),
        ("va-iop", None),
        ("az-outpatient", "No county here is judged. The standard holds in AZ only."),
    ],
)
def test_what_is_open_is_said(homes, listing, standard, words):
    if words is None:
        with pytest.raises(iop.errors.UnknownNameError, match="known are those of"):
            iop.standards.parse_standard(standard)
        return
    rule = iop.standards.parse_standard(standard)
    assert words in outcome_text(iop.coverage_gaps(homes, listing, standard=rule), rule)


def test_without_a_share_nothing_passes_or_fails():
    homes, listing = iop.demand_points("zcta", state="OH"), iop.demo_directory().select(level_of_care="iop")
    rule = iop.standards.state("OH")
    gaps = iop.coverage_gaps(homes, listing, standard=rule)
    outside = int((gaps["gap"] >= 0.5).sum())
    assert f"no county passes or fails; in {outside} of 88 somebody is outside" in outcome_text(gaps, rule)


def test_classes_not_known_and_counts_are_said():
    homes = iop.demand_points("zcta", state=["GA", "NY"])
    listing = iop.demo_directory().select(level_of_care="php", state=["GA", "NY"])
    georgia, new_york = (
        iop.standards.state("GA").with_share(0.9),
        iop.standards.state("NY", care="outpatient"),
    )
    assert "strictest limit holds for all" in outcome_text(
        iop.coverage_gaps(homes, listing, standard=georgia), georgia
    )
    counted = outcome_text(iop.coverage_gaps(homes, listing, standard=new_york), new_york)
    assert "needs least to pass: 1 more facilit" in counted
    assert "may still pass by share of all facilities" in counted


def test_with_minutes_the_limit_needed_is_in_minutes(homes, listing):
    rule = iop.standards.parse_standard("20 min").with_share(0.9)
    gaps = iop.coverage_gaps(homes, listing, standard=rule, cost="drive-estimate")
    text, least = outcome_text(gaps, rule), outcome(gaps).least
    assert text.endswith(f", or a limit of {least['needed_min']:.1f} min.")


def test_who_says_so_is_said_with_the_flag_and_the_note():
    text = standard_text(iop.standards.state("AZ"))
    assert "ACOM 436" in text
    assert "seen: S" in text
    assert "45 miles" in text
    assert standard_text(iop.standards.parse_standard("30 mi")) == ""


def test_small_maps_show_every_county_by_every_standard(homes, listing):
    table = iop.standards.compare(homes, listing, standards=["nc-php", "cms-obh", "30 mi"], share=0.9)
    chart = iop.report.standards_map(table).to_dict(validate=False)
    shapes = chart["datasets"]["areas"]["objects"]["shapes"]["geometries"]
    assert len(shapes) == 3 * len(table)
    drawn = pd.DataFrame(shape["properties"] for shape in shapes)
    for label in ("nc-php", "cms-obh", "30 mi for 0.9 of people"):
        mine = drawn[drawn["standard"] == label]["class"]
        assert (mine == "fails").sum() == (table[label] == "fail").sum()
        assert (mine == "not judged").sum() == (table[label] == "not_required").sum()
    heads = [head["text"] for head in chart["datasets"]["heads"]]
    assert f"{(table['nc-php'].str.rstrip('?') == 'fail').sum()} of 100 counties fail" in heads
    assert chart["title"]["text"].startswith("SYNTHETIC")


def test_a_table_that_compare_did_not_make_is_refused(homes, listing):
    with pytest.raises(iop.errors.UnknownNameError, match="did not make"):
        iop.report.standards_map(iop.coverage_gaps(homes, listing))


def test_a_report_takes_several_standards(tmp_path, homes):
    directory = iop.demo_directory()
    path = tmp_path / "nc.html"
    iop.write_report(homes, directory, path, level_of_care="php", standard=["nc-php", "30 mi", "cms-obh"])
    page = path.read_text(encoding="utf-8")
    gaps = iop.coverage_gaps(homes, directory, standard="nc-php", state="NC", level_of_care="php")
    failing = int((gaps["verdict"] == "fail").sum())
    assert f"<b>{failing}</b><span>of 100 counties fail, SYNTHETIC</span>" in page
    assert "By other standards" in page
    assert "no share named" in page
    assert "CMS Medicare Advantage, outpatient behavioral health" in page
    assert "North Carolina" in page
    alone = iop.write_report(homes, directory, tmp_path / "vt.html", state="VT").read_text(encoding="utf-8")
    assert "By other standards" not in alone
