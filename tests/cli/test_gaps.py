"""`iopdir gaps`, as a user meets it. Every facility here is SYNTHETIC."""

import io
import json
import re
import subprocess

import pandas as pd
import pytest
from commands import IOPDIR

import iopdir as iop


def test_gaps_by_county_have_a_row_for_each_and_add_up_to_the_nation(run):
    text = run("gaps", "--by", "county", "--format", "csv")
    counties = pd.read_csv(io.StringIO(text), dtype={"county_fips": str})
    nation = json.loads(run("gaps", "--by", "nation", "--format", "json"))
    located = counties[counties["county_fips"].notna()]
    assert located["county_fips"].str.fullmatch(r"\d{5}").all()
    assert len(located) == 3144
    assert counties["people"].sum() == pytest.approx(nation["people"])
    assert counties["covered"].sum() == pytest.approx(nation["covered"])
    assert counties["status"].notna().all()
    assert 0 < nation["share"] < 1
    assert nation["synthetic"] is True
    assert (counties["source"] == "SYNTHETIC demo_directory").all()


def test_people_are_whole_in_csv_and_add_up(run):
    table = pd.read_csv(io.StringIO(run("gaps", "--state", "VT", "--standard", "5 mi", "--format", "csv")))
    assert table[["people", "covered", "gap"]].dtypes.eq("int64").all()
    assert (table["people"] == table["covered"] + table["gap"]).all()


def test_gaps_write_a_table_a_geoparquet_and_an_offline_map(run, tmp_path):
    import geopandas as gpd

    shown = run("gaps", "--state", "VT", "--out", str(tmp_path))
    assert "SYNTHETIC" in shown
    assert {path.name for path in tmp_path.iterdir()} == {
        "SYNTHETIC_gaps_by_county.dictionary.csv", "SYNTHETIC_gaps_by_county.csv",
        "SYNTHETIC_gaps_by_county.parquet", "SYNTHETIC_gaps_by_county.html",
    }  # fmt: skip
    shapes = gpd.read_parquet(tmp_path / "SYNTHETIC_gaps_by_county.parquet")
    assert len(shapes) == 14
    assert shapes.geometry.notna().all()
    assert "http://" not in (tmp_path / "SYNTHETIC_gaps_by_county.html").read_text()[:500]


def test_a_standard_with_a_share_says_its_verdict(run, listing):
    shown = run("gaps", "--standard", "cms-obh", "--state", "tx", "--directory", str(listing))
    assert "254 of 254 counties fail" in shown
    assert "needs least" in shown


def test_a_state_standard_is_judged_in_its_state_and_says_what_is_open(run):
    shown = " ".join(run("gaps", "--standard", "nc-iop", "--level", "php").split())
    assert "of people in NC live near enough" in shown
    assert "of 100 counties fail" in shown
    assert "Tested: distance only" in shown
    assert "seen: 2°" in shown
    body = json.loads(
        run("gaps", "--standard", "nc-iop", "--level", "php", "--by", "nation", "--format", "json")
    )
    assert "of 100 counties fail" in body["verdict"]


def test_several_standards_have_a_part_each(run, tmp_path):
    words = ["gaps", "--state", "NC", "--standard", "10 mi", "--standard", "nc-iop", "--standard", "10 mi"]
    shown = " ".join(run(*words, "--out", str(tmp_path)).split())
    assert shown.index("live within 10 mi of") < shown.index("of 100 counties fail") < shown.index("Source:")
    assert shown.count("live within 10 mi of") == 1
    pages = ["SYNTHETIC_gaps_by_county_1_10_mi.html", "SYNTHETIC_gaps_by_county_2_nc_iop.html"]
    assert sorted(path.name for path in tmp_path.glob("*.html")) == pages
    rows = pd.read_csv(io.StringIO(run(*words, "--format", "csv")))
    alone = pd.read_csv(io.StringIO(run("gaps", "--state", "NC", "--standard", "10 mi", "--format", "csv")))
    assert rows.groupby("standard").size().tolist() == [100, 100]
    assert rows.loc[rows["standard"] == "10 mi", "gap"].tolist() == alone["gap"].tolist()
    body = json.loads(run(*words, "--by", "nation", "--format", "json"))
    assert [row["standard"] for row in body["rows"]] == body["standards"]
    assert list(body["verdicts"]) == body["standards"][1:]


def test_miles_beside_minutes_are_straight_lines(run, tmp_path):
    asked = [
        "gaps",
        "--state",
        "VT",
        "--cost",
        "drive-estimate",
        "--standard",
        "30 mi",
        "--standard",
        "20 min",
    ]
    shown = " ".join(run(*asked, "--out", str(tmp_path)).split())
    miles = " ".join(run("gaps", "--state", "VT", "--standard", "30 mi").split())
    share = re.search(r"([\d.]+%) of people in VT live within 30 mi of", miles)
    assert share is not None
    assert share[0] in shown
    assert "live within 20 min of" in shown
    assert len(list(tmp_path.glob("*.html"))) == 2
    rows = pd.read_csv(io.StringIO(run(*asked, "--format", "csv")))
    alone = pd.read_csv(io.StringIO(run("gaps", "--state", "VT", "--standard", "30 mi", "--format", "csv")))
    assert rows.loc[rows["standard"] == "30 mi", "gap"].tolist() == alone["gap"].tolist()


def test_standards_of_one_state_and_of_anywhere_are_asked_of_that_state(run):
    words = ["gaps", "--by", "nation", "--format", "json", "--standard", "30 mi", "--standard"]
    carolina, both = (
        json.loads(run(*words, *more))["rows"] for more in (["nc-iop"], ["nc-iop", "--standard", "oh-iop"])
    )
    assert {row["nation"] for row in carolina} == {"NC"}
    assert {row["nation"] for row in both} == {"50 states and DC"}


def test_a_standard_without_a_share_says_so(run):
    shown = " ".join(run("gaps", "--standard", "oh-iop", "--by", "state").split())
    assert "names no share of people, so no county passes or fails" in shown


def test_elsewhere_a_state_standard_judges_nobody(run):
    shown = " ".join(run("gaps", "--standard", "nc-iop", "--state", "VA").split())
    assert "The standard holds in NC only" in shown
    assert "nan" not in shown


def test_gaps_of_2020_are_drawn_in_the_counties_of_2020(run, tmp_path):
    """Connecticut had eight counties then, of other codes."""
    import geopandas as gpd

    people = tmp_path / "CenPop2020_Mean_CO.txt"
    header = "STATEFP,COUNTYFP,POPULATION,LATITUDE,LONGITUDE\n"
    people.write_text(header + "".join(f"09,{code:03},10,+41.7,-72.7\n" for code in range(1, 16, 2)))
    out = tmp_path / "out"
    run("gaps", "--demand", str(people), "--out", str(out), "--state", "ct")
    drawn = gpd.read_parquet(out / "SYNTHETIC_gaps_by_county.parquet")
    assert len(drawn) == 8
    assert drawn.geometry.notna().all()
    assert drawn.geometry.is_valid.all()


def test_gaps_in_minutes_say_how_sure_and_by_what(run, tmp_path):
    words = ("gaps", "--standard", "20 min", "--cost", "drive-estimate", "--state", "VT")
    table = json.loads(run(*words, "--by", "nation", "--format", "json"))
    assert table["estimate_low"] <= table["share"] <= table["estimate_high"]
    text = run(*words, "--out", str(tmp_path))
    assert "By the range of the estimate" in text
    assert "Minutes by car, estimated" in text
    assert " min" in (tmp_path / "SYNTHETIC_gaps_by_county.html").read_text(encoding="utf-8")


def test_gaps_of_a_state_speak_of_its_people_its_facilities_and_its_counties(run):
    text = " ".join(run("gaps", "--state", "TX").split())
    assert "of people in TX live within 30 mi of a listed facility" in text
    assert "50 states and DC" not in text
    iops = iop.demo_directory().select(level_of_care="iop")
    here = int((iops.table["state"] == "TX").sum())
    assert f"{here:,} of the {len(iops):,} facilities stand there" in text
    few = " ".join(run("gaps", "--state", "DE", "--standard", "5 mi").split())
    assert "The 3 counties with most people outside" in few, "no row is padded with nobody"
    assert "The 1 state with" in " ".join(run("gaps", "--state", "TX", "--by", "state").split())


def test_a_matrix_in_a_file_is_a_cost(run, tmp_path):
    path = tmp_path / "drive.csv"
    rows = iop.demand_points("zcta", state="DC").index.to_numpy()
    first = iop.demo_directory().select(level_of_care="iop").table.index[0]
    pd.DataFrame({"origin": rows, "destination": first, "duration_min": 15.0}).to_csv(path, index=False)
    words = ("gaps", "--by", "nation", "--standard", "20 min", "--state", "DC", "--cost", str(path))
    assert json.loads(run(*words, "--format", "json"))["share"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["near", "60614", "--cost", "drive"], "no cost or file 'drive'"),
        (["gaps", "--cost", "drive-estimate"], "which do not mix"),
        (["gaps", "--cost", "."], "expected a file of costs, found a folder"),
    ],
    ids=["unknown", "miles in minutes", "folder"],
)
def test_a_cost_that_is_none_is_told(words, message):
    done = subprocess.run([*IOPDIR, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert message in done.stderr.replace("\n", " ")


def test_gaps_say_how_much_hangs_on_where_in_their_zip_facilities_stand(run, tmp_path):
    rows = [f"SYNTHETIC {name},1 Sample Street,Town,VT,{name},SA OIT" for name in ("05401", "05602")]
    path = tmp_path / "listing.csv"
    path.write_text("\n".join(["name,street1,city,state,zip,codes", *rows]), encoding="utf-8")
    for words in (["--standard", "10 mi"], ["--standard", "20 min", "--cost", "drive-estimate"]):
        asked = ["gaps", "--state", "VT", "--by", "state", "-d", str(path), *words]
        row = json.loads(run(*asked, "-f", "json"))["rows"][0]
        assert row["placement_low"] + 0.05 < row["placement_high"]
        low, high = (f"{row[f'placement_{side}']:.1%}" for side in ("low", "high"))
        said = f"Where in their ZIP codes facilities stand is not known: by that it is {low} to {high}."
        assert said in " ".join(run(*asked).split())
    assert "Where in their ZIP" not in run("gaps", "--state", "VT", "--by", "state")
