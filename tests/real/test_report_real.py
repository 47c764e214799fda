"""The pages made from the real National Directory of 2022."""

import json
import re

import pytest

import iopdir as iop
from iopdir.report.findings import collect

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def directory(real_data):
    return iop.read_directory(real_data / "National_Directory_SA_Facilities_2022.xlsx")


@pytest.fixture(scope="module")
def nation(directory, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "nation.html"
    return iop.write_report(iop.demand_points("zcta"), directory, path)


def test_the_report_of_the_nation_states_the_known_share_and_stays_small(nation):
    page = nation.read_text(encoding="utf-8")
    share = float(re.search(r'<p class="lead">([\d.]+)% of people live within 30 miles', page)[1])
    assert share == pytest.approx(96.9, abs=0.2)
    assert nation.stat().st_size < 4e6
    assert page.count('<path class="county ') == page.count('<tr id="r') == 3144 + 78, "Puerto Rico besides"
    assert "SYNTHETIC" not in page
    assert (
        "Of the 5,524 facilities of the listing that state the care, 5,510 stand in the 50 states and DC, 12 in Puerto "
        "Rico, the island areas or abroad, and 2 have no known point"
    ) in page
    assert "The listing has 12,176 rows: 12,170 were accepted, 6 merged" in page


def test_other_distances_bear_out_the_figures_in_the_text(nation):
    page = nation.read_text(encoding="utf-8")
    bars = dict(re.findall(r"<span>(\d+) miles</span>.*?</span>([\d.]+)%", page))
    assert float(bars["10"]) == pytest.approx(79.0, abs=0.1), "as the section on how sure we are says"
    assert float(bars["30"]) == pytest.approx(96.9, abs=0.1)


def test_a_report_by_the_rule_of_cms_gives_every_county_a_verdict(directory, tmp_path):
    demand = iop.demand_points("zcta", state="MT")
    path = iop.write_report(demand, directory, tmp_path / "mt.html", state="MT", standard="cms-obh")
    page = path.read_text(encoding="utf-8")
    notes = re.findall(
        r"<td>((?:CEAC|Rural|Micro|Metro|Large Metro): (?:meets|below) the required 8?9?[05].0%)</td>", page
    )
    assert len(notes) == page.count('<tr id="r') == 56


def test_single_points_are_the_same_for_a_state_alone_and_within_the_nation(directory):
    options = {
        "level_of_care": "iop",
        "standard": "30 mi",
        "payment": None,
        "age_group": None,
        "published": None,
    }
    alone = collect(iop.demand_points("zcta", state="MT"), directory, state="MT", **options)
    within = collect(iop.demand_points("zcta"), directory, state="MT", **options)
    assert alone.lonely["people_depending"].sum() > 0
    assert alone.lonely.equals(within.lonely)


def test_the_finder_holds_every_listing_in_under_six_megabytes(directory, tmp_path):
    path = iop.write_finder(directory, tmp_path / "finder.html")
    page = path.read_text(encoding="utf-8")
    rows = json.loads(re.search(r'json" id="directory">(.*?)</script>', page)[1])
    assert len(rows["name"]) == len(directory) > 12_000
    assert path.stat().st_size < 6e6
    assert rows["sources"] == ["SAMHSA, National Directory of treatment facilities, 2022"]


def test_the_map_of_the_nation_opens_from_one_file(directory, tmp_path):
    iops = directory.select(level_of_care="iop")
    path = tmp_path / "map.html"
    iop.coverage_map(iop.coverage_gaps(iop.demand_points("zcta"), iops), iops).save(path)
    page = path.read_text(encoding="utf-8")
    assert "SYNTHETIC" not in page
    assert "Share of people within 30 mi of intensive outpatient care" in page
    assert path.stat().st_size < 4e6
