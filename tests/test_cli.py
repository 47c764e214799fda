"""The command line as a user meets it: real processes for start-up and errors, the runner for the rest."""

import csv
import io
import json
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

import iopdir as iop
from iopdir.cli.app import app
from iopdir.eligibility.interview import questions

RUNNER = CliRunner()
IOPDIR = [sys.executable, "-c", "from iopdir.cli.app import main; main()"]


def run(*words: str) -> str:
    done = RUNNER.invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def listing(tmp_path):
    path = tmp_path / "SYNTHETIC.csv"
    path.write_text(
        "name1,street1,city,state,zip,phone,keys\n"
        "SYNTHETIC One,1 X St,Chicago,IL,60614,312-555-0101,SA OP OIT MD\n"
        "SYNTHETIC Two,2 X St,Boston,MA,2108,,SA OP OIT\n"
        ",3 X St,Boston,MA,02108,,SA\n"
    )
    return path


def test_near_gives_json_with_the_nearest_first():
    answer = json.loads(run("near", "60614", "-k", "3", "--format", "json"))
    assert answer["synthetic"] is True
    rows = answer["results"]
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert [row["distance_m"] for row in rows] == sorted(row["distance_m"] for row in rows)
    assert all(row["name"].startswith("SYNTHETIC") for row in rows)
    assert "988" in answer["safety"]
    expected = iop.nearest("60614", iop.demo_directory().select(level_of_care="iop"), k=3)
    assert [row["facility_id"] for row in rows] == expected["facility_id"].tolist()


def test_near_in_a_listing_of_ones_own(listing):
    rows = list(
        csv.DictReader(io.StringIO(run("near", "Chicago, IL", "--directory", str(listing), "-f", "csv")))
    )
    assert [row["name"] for row in rows] == ["SYNTHETIC One", "SYNTHETIC Two"]
    assert [row["precision"] for row in rows] == ["zip_centroid", "zip_centroid"]
    shown = run("near", "60614", "--directory", str(listing))
    assert "~" in shown
    assert "Call to confirm" in shown
    assert "988" in shown


def test_near_says_when_there_is_nothing_in_reach(listing):
    assert "Nothing listed within reach" in run(
        "near", "59001", "--max-cost", "5 mi", "--directory", str(listing)
    )


def test_list_by_state_and_in_a_county():
    rows = list(csv.DictReader(io.StringIO(run("list", "--state", "VT", "--format", "csv"))))
    assert len(rows) == len(iop.demo_directory().select(level_of_care="iop", state="VT"))
    assert all(len(row["county_fips"]) == 5 for row in rows)
    counts = list(csv.DictReader(io.StringIO(run("list", "--format", "csv"))))
    assert sum(int(row["iop"]) for row in counts) == len(iop.demo_directory().select(level_of_care="iop"))
    assert "SYNTHETIC" in run("list", "--county", "50007")


def test_check_accounts_for_every_row(listing):
    answer = json.loads(run("check", str(listing), "--format", "json"))
    assert {key: answer[key] for key in ("rows_in", "accepted", "merged", "rejected", "iop")} == {
        "rows_in": 3, "accepted": 2, "merged": 0, "rejected": 1, "iop": 2,
    }  # fmt: skip
    assert answer["geocoded_by"] == {"address": 0, "zip_centroid": 2, "unknown": 0}
    issues = list(csv.DictReader(io.StringIO(run("check", str(listing), "--format", "csv"))))
    assert [(row["row"], row["reason"]) for row in issues] == [("3", "zip_lost_zeros"), ("4", "no_name")]


def test_gaps_by_county_have_a_row_for_each_and_add_up_to_the_nation():
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


def test_gaps_write_a_table_a_geoparquet_and_an_offline_map(tmp_path):
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


def test_data_lists_the_packs():
    rows = json.loads(run("data", "--format", "json"))["rows"]
    assert {row["name"] for row in rows} == set(iop.datasets.list_packs().index)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["near", "Chcago, IL"], "did you mean Chicago"),
        (["near", "60614", "--level", "iopp"], "did you mean iop"),
        (["near", "60614", "--max-cost", "30"], "write a number and a unit"),
        (["check", "absent.csv"], "none that can be opened"),
        (["gaps", "--standard", "nonsense"], "nonsense"),
        (["gaps", "--standard", "ca-iop"], "small counties is not settled"),
        (["gaps", "--standard", "tx-iop"], "give cost="),
        (["gaps", "--state", "XX"], "no state 'XX'"),
    ],
)
def test_an_error_is_one_line_without_a_traceback(words, message):
    done = subprocess.run([*IOPDIR, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_answers_come_as_json_and_danger_goes_first(tmp_path):
    path = tmp_path / "answers.json"
    path.write_text('{"suicidality": true, "home_stable": true}')
    answer = json.loads(run("eligibility", "--json", str(path)))
    assert next(iter(answer)) == "urgent"
    assert "988" in answer["urgent"][0]
    assert answer["lean"] == "urgent_help"
    path.write_text('{"home_stable": true, "payment": "medicaid"}')
    answer = json.loads(run("eligibility", "--json", str(path), "--near", "60614"))
    assert answer["lean"] == "talk_first"
    assert answer["places"][0]["name"].startswith("SYNTHETIC")


@pytest.mark.parametrize("text", ["{", '{"name": "Jane"}', '{"suicidality": "perhaps"}', "[]"])
def test_answers_that_cannot_be_read_are_a_usage_error(tmp_path, text):
    path = tmp_path / "answers.json"
    path.write_text(text)
    done = subprocess.run(
        [*IOPDIR, "eligibility", "--json", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_interview_asks_all_about_safety_then_gives_every_advice_and_asks_no_more():
    asked = [question for question in questions() if question.urgent]
    danger = RUNNER.invoke(app, ["eligibility"], input="yes\nyes\n\nyes\n" + "\n" * (len(asked) - 4))
    assert danger.exit_code == 0
    shown = " ".join(danger.stdout.split())
    assert (
        shown.index("Thoughts of ending")
        < shown.index("Your safety comes")
        < shown.index("After an overdose")
    )
    assert [question for question in questions() if question.text in shown] == asked
    private, after = (shown.index(question.text) for question in asked[1:3])
    assert "> yes" in shown[:private]
    assert "> yes" not in shown[private:after]


def test_the_interview_takes_silence_for_unknown():
    silent = RUNNER.invoke(app, ["eligibility"], input="maybe\n" + "\n" * 30)
    assert silent.exit_code == 0
    assert "Please write one of" in silent.stdout
    assert "Talk with a clinician first" in silent.stdout


def test_pages_are_written_for_a_listing(listing, tmp_path):
    assert "Written" in run("finder", "--directory", str(listing), "--out", str(tmp_path / "finder.html"))
    assert "Written" in run("report", str(listing), "--state", "IL", "--out", str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_a_wrong_word_is_a_usage_error():
    done = subprocess.run([*IOPDIR, "nowhere"], capture_output=True, text=True, check=False)
    assert done.returncode == 2


def test_a_listing_without_codes_says_what_to_do(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("name,zip,state\nSYNTHETIC One,60614,IL\n")
    done = subprocess.run(
        [*IOPDIR, "near", "60614", "-d", str(path)], capture_output=True, text=True, check=False
    )
    assert "use --level any" in done.stderr
    rows = json.loads(run("near", "60614", "-d", str(path), "--level", "any", "-f", "json"))["results"]
    assert [row["name"] for row in rows] == ["SYNTHETIC One"]


def test_the_version_is_that_of_the_package():
    assert run("--version").strip() == iop.demo_directory().provenance.package


def test_a_listing_with_names_of_its_own_is_read_as_told(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes("Clinica,PLZ\nSYNTHETIC Cl\u00ednica,60614\n".encode("cp1252"))
    words = ["--encoding", "cp1252", "--columns", "name=Clinica", "--columns", "zip=PLZ"]
    answer = json.loads(run("check", str(path), *words, "--format", "json"))
    assert answer["columns"] == {"Clinica": "name", "PLZ": "zip"}
    assert answer["missing"] == ["street1", "city", "state", "phone", "lat", "lon", "codes"]
    rows = json.loads(run("near", "60614", "-d", str(path), *words, "--level", "any", "-f", "json"))[
        "results"
    ]
    assert [row["name"] for row in rows] == ["SYNTHETIC Cl\u00ednica"]


def test_what_is_doubtful_is_said_aloud(tmp_path):
    path = tmp_path / "abroad.csv"
    path.write_text("name,lat,lon\n" + "".join(f"SYNTHETIC {n},23.{n},90.4\n" for n in range(5)))
    done = RUNNER.invoke(app, ["check", str(path)])
    assert "no facility lies in the United States" in done.output


def test_a_listing_cannot_act_on_the_terminal_or_a_spreadsheet(tmp_path):
    path = tmp_path / "evil.csv"
    path.write_text('name,zip,state\n"SYNTHETIC \x1b[2J[bold]x[/bold]",60614,IL\n"=SYNTHETIC()",60614,IL\n')
    words = ["list", "--state", "il", "-d", str(path), "--level", "any"]
    shown = run(*words)
    assert "\x1b" not in shown
    assert "[bold]" in shown
    rows = list(csv.DictReader(io.StringIO(run(*words, "-f", "csv"))))
    assert {row["name"][0] for row in rows} == {"S", "'"}


def test_a_listed_table_comes_back_as_the_same_directory(tmp_path):
    path = tmp_path / "vt.csv"
    path.write_text(run("list", "--state", "VT", "--level", "any", "--format", "csv"))
    again, first = iop.read_directory(path), iop.demo_directory().select(state="VT")
    assert again.table.equals(first.table)
    assert again.synthetic


def test_a_standard_with_a_share_says_its_verdict(listing):
    shown = run("gaps", "--standard", "cms-obh", "--state", "tx", "--directory", str(listing))
    assert "254 of 254 counties fail" in shown
    assert "needs least" in shown


def test_a_state_standard_is_judged_in_its_state_and_says_what_is_open():
    shown = " ".join(run("gaps", "--standard", "nc-iop", "--level", "php").split())
    assert "of people in NC live near enough" in shown
    assert "of 100 counties fail" in shown
    assert "Tested: distance only" in shown
    assert "seen: 2°" in shown
    body = json.loads(
        run("gaps", "--standard", "nc-iop", "--level", "php", "--by", "nation", "--format", "json")
    )
    assert "of 100 counties fail" in body["verdict"]


def test_a_standard_without_a_share_says_so():
    shown = " ".join(run("gaps", "--standard", "oh-iop", "--by", "state").split())
    assert "names no share of people, so no county passes or fails" in shown


def test_elsewhere_a_state_standard_judges_nobody():
    shown = " ".join(run("gaps", "--standard", "nc-iop", "--state", "VA").split())
    assert "The standard holds in NC only" in shown
    assert "nan" not in shown


def test_gaps_of_2020_are_drawn_in_the_counties_of_2020(tmp_path):
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


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (
            "--medication Buprenorphine --telehealth --special-population veterans",
            {"medication": "buprenorphine", "telehealth": True, "special_population": "veterans"},
        ),
        ("--setting residential --no-telehealth", {"setting": "residential", "telehealth": False}),
        ("--codes vet --codes PW", {"codes": ["VET", "PW"]}),
    ],
)
def test_facilities_are_found_by_what_they_state(words, asked):
    rows = list(csv.DictReader(io.StringIO(run("list", "--state", "il", *words.split(), "-f", "csv"))))
    chosen = iop.demo_directory().select(level_of_care="iop", state="IL", **asked)
    assert {row["facility_id"] for row in rows} == set(chosen.table.index) != set()


# --- where to act ---


def test_site_gives_the_plan_that_the_library_gives():
    words = ("site", "--n", "2", "--within", "NV", "--standard", "30 mi")
    answer = json.loads(run(*words, "--format", "json"))
    demand, iops = iop.demand_points("zcta"), iop.demo_directory().select(level_of_care="iop")
    plan = iop.site(demand, iops, n=2, within="NV", standard="30 mi")
    assert answer["synthetic"] is True
    assert answer["gain"] == plan.gain == answer["bound"]
    assert [row["facility_id"] for row in answer["sites"]] == plan.sites["facility_id"].tolist()
    rows = list(csv.DictReader(io.StringIO(run(*words, "-f", "csv"))))
    assert [float(row["people"]) for row in rows] == plan.sites["people"].tolist()
    assert f"{plan.gain:,.0f}" in run(*words)


def test_site_writes_sites_map_and_chart(tmp_path):
    shown = run(
        "site", "--n", "2", "--within", "NV", "--method", "greedy", "--draws", "2", "--out", str(tmp_path)
    )
    assert "stability" in shown
    names = {path.name for path in tmp_path.iterdir()}
    made = {"plan.csv", "plan.dictionary.csv", "plan_map.html", "plan_curve.html"}
    assert names == {f"SYNTHETIC_{name}" for name in made}


def test_what_if_says_who_gains_and_who_loses():
    closed = iop.demo_directory().select(level_of_care="iop", state="NV").table.index[0]
    words = ("what-if", "--close", closed, "--open", "89045", "--state", "NV")
    answer = json.loads(run(*words, "--format", "json"))
    demand, iops = iop.demand_points("zcta", state="NV"), iop.demo_directory().select(level_of_care="iop")
    asked = iop.what_if(demand, iops, close=closed, open="89045")
    assert answer["gained"] == pytest.approx(asked.gained)
    assert answer["lost"] == pytest.approx(asked.lost)
    assert len(answer["rows"]) == len(asked.difference)
    assert "people newly within" in run(*words)
    assert len(list(csv.DictReader(io.StringIO(run(*words, "-f", "csv"))))) == len(asked.difference)


@pytest.mark.parametrize(
    "words", [("site", "--within", "NV"), ("what-if",), ("site", "--n", "1", "--objective", "best")], ids=str
)
def test_where_to_act_says_what_is_missing(words):
    assert RUNNER.invoke(app, list(words)).exit_code == 2


def test_minutes_are_estimated_on_the_command_line(listing):
    words = (
        "near",
        "60657",
        "--level",
        "any",
        "--directory",
        str(listing),
        "--cost",
        "drive-estimate",
        "-k",
        "1",
    )
    (row,) = json.loads(run(*words, "--format", "json"))["results"]
    assert row["duration_low_min"] < row["duration_min"] < row["duration_high_min"]
    text = run(*words)
    assert "by car" in text
    assert "estimated" in text


def test_gaps_in_minutes_say_how_sure_and_by_what(tmp_path):
    words = ("gaps", "--standard", "20 min", "--cost", "drive-estimate", "--state", "VT")
    table = json.loads(run(*words, "--by", "nation", "--format", "json"))
    assert table["estimate_low"] <= table["share"] <= table["estimate_high"]
    text = run(*words, "--out", str(tmp_path))
    assert "By the range of the estimate" in text
    assert "Minutes by car, estimated" in text
    assert " min" in (tmp_path / "SYNTHETIC_gaps_by_county.html").read_text(encoding="utf-8")


def test_gaps_of_a_state_speak_of_its_people_its_facilities_and_its_counties():
    text = " ".join(run("gaps", "--state", "TX").split())
    assert "of people in TX live within 30 mi of a listed facility" in text
    assert "50 states and DC" not in text
    iops = iop.demo_directory().select(level_of_care="iop")
    here = int((iops.table["state"] == "TX").sum())
    assert f"{here:,} of the {len(iops):,} facilities stand there" in text
    few = " ".join(run("gaps", "--state", "DE", "--standard", "5 mi").split())
    assert "The 3 counties with most people outside" in few, "no row is padded with nobody"
    assert "The 1 state with" in " ".join(run("gaps", "--state", "TX", "--by", "state").split())


def test_a_report_in_minutes_says_so(tmp_path):
    path = tmp_path / "vt.html"
    run("report", "--state", "VT", "--standard", "20 min", "--cost", "drive-estimate", "--out", str(path))
    assert "within 20 minutes of a listed facility" in path.read_text(encoding="utf-8")


def test_a_matrix_in_a_file_is_a_cost(tmp_path):
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
