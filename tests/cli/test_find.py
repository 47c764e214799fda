"""`iopdir near` and `iopdir list`, as a user meets it. Every facility here is SYNTHETIC."""

import csv
import io
import json
import re
import subprocess
import tempfile
import webbrowser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from urllib.request import url2pathname

import pandas as pd
import pytest
from commands import IOPDIR, RUNNER

import iopdir as iop
from iopdir.cli.app import app


def test_near_gives_json_with_the_nearest_first(run):
    answer = json.loads(run("near", "60614", "-k", "3", "--format", "json"))
    assert answer["synthetic"] is True
    rows = answer["results"]
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert [row["distance_m"] for row in rows] == sorted(row["distance_m"] for row in rows)
    assert all(row["name"].startswith("SYNTHETIC") for row in rows)
    assert "988" in answer["safety"]
    expected = iop.nearest("60614", iop.demo_directory().select(level_of_care="iop"), k=3)
    assert [row["facility_id"] for row in rows] == expected["facility_id"].tolist()


def test_near_in_a_listing_of_ones_own(run, listing):
    rows = list(
        csv.DictReader(io.StringIO(run("near", "Chicago, IL", "--directory", str(listing), "-f", "csv")))
    )
    assert [row["name"] for row in rows] == ["SYNTHETIC One", "SYNTHETIC Two"]
    assert [row["precision"] for row in rows] == ["zip_centroid", "zip_centroid"]
    shown = run("near", "60614", "--directory", str(listing))
    assert "~" in shown
    assert "Call to confirm" in shown
    assert "988" in shown


def test_near_says_when_there_is_nothing_in_reach(run, listing):
    assert "Nothing listed within reach" in run(
        "near", "59001", "--max-cost", "5 mi", "--directory", str(listing)
    )


@pytest.mark.parametrize(
    ("words", "label"),
    [
        (["chicago il"], "Chicago, IL"),
        (["NYC"], "New York, NY"),
        (["Cook County, IL"], "Cook County, IL"),
        (["texas"], "Texas"),
        (["--lat", "41.9", "--lon", "-87.6"], "41.9, -87.6"),
    ],
)
def test_near_understands_places_as_people_say_them(run, words, label):
    assert json.loads(run("near", *words, "-k", "1", "-f", "json"))["place"] == label


def test_near_says_that_a_county_or_state_is_its_middle(run):
    done = RUNNER.invoke(app, ["near", "Texas", "-k", "1"])
    assert "Measured from the middle of where people in Texas live" in done.stderr
    assert "iopdir list --state 'Texas'" in done.stderr
    county = run("list", "--county", "Cook County, IL", "-f", "csv")
    assert county == run("list", "--county", "17031", "-f", "csv")


def test_near_opens_the_finder_page_at_the_place(monkeypatch, tmp_path, listing):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(tempfile, "mkdtemp", lambda **_: str(tmp_path))
    done = RUNNER.invoke(
        app, ["near", "cook county il", "--payment", "medicaid", "-d", str(listing), "--open"]
    )
    assert done.exit_code == 0
    address, _, asked = opened[0].partition("#")
    assert dict(parse_qsl(asked)) == {"place": "cook county il", "level": "iop", "payment": "medicaid"}
    page = Path(url2pathname(urlsplit(address).path))
    assert page.parent == tmp_path
    assert "SYNTHETIC One" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words", ["near 60614", "list --state VT", "list", "near 60614 --cost drive-estimate"]
)
def test_a_table_fits_eighty_columns_and_keeps_telephones_whole(run, words):
    shown = run(*words.split())
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    assert words == "list" or len(re.findall(r" \d{3}-555-\d{4} ", shown)) >= 5


def test_list_by_state_and_in_a_county(run):
    rows = list(csv.DictReader(io.StringIO(run("list", "--state", "VT", "--format", "csv"))))
    assert len(rows) == len(iop.demo_directory().select(level_of_care="iop", state="VT"))
    assert all(len(row["county_fips"]) == 5 for row in rows)
    counts = list(csv.DictReader(io.StringIO(run("list", "--format", "csv"))))
    assert sum(int(row["iop"]) for row in counts) == len(iop.demo_directory().select(level_of_care="iop"))
    assert "SYNTHETIC" in run("list", "--county", "50007")


def test_a_listing_without_codes_says_what_to_do(run, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("name,zip,state\nSYNTHETIC One,60614,IL\n")
    done = subprocess.run(
        [*IOPDIR, "near", "60614", "-d", str(path)], capture_output=True, text=True, check=False
    )
    assert "use --level any" in done.stderr
    rows = json.loads(run("near", "60614", "-d", str(path), "--level", "any", "-f", "json"))["results"]
    assert [row["name"] for row in rows] == ["SYNTHETIC One"]


def test_a_listed_table_comes_back_as_the_same_directory(run, tmp_path):
    path = tmp_path / "vt.csv"
    path.write_text(run("list", "--state", "VT", "--level", "any", "--format", "csv"))
    again, first = iop.read_directory(path), iop.demo_directory().select(state="VT")
    assert again.table.equals(first.table)
    assert again.synthetic


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
def test_facilities_are_found_by_what_they_state(run, words, asked):
    rows = list(csv.DictReader(io.StringIO(run("list", "--state", "il", *words.split(), "-f", "csv"))))
    chosen = iop.demo_directory().select(level_of_care="iop", state="IL", **asked)
    assert {row["facility_id"] for row in rows} == set(chosen.table.index) != set()


def test_minutes_are_estimated_on_the_command_line(run, listing):
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


def test_near_says_same_zip_where_the_middle_of_it_is_all_that_is_known(run, tmp_path):
    rows = [f"SYNTHETIC {name},{name} Sample Street,Burlington,VT,05401,SA OIT" for name in "ABC"]
    path = tmp_path / "listing.csv"
    path.write_text("\n".join(["name,street1,city,state,zip,codes", *rows]), encoding="utf-8")
    for more in ([], ["--cost", "drive-estimate"]):
        shown = run("near", "05401", "-k", "1", "-d", str(path), *more)
        assert "same ZIP" in shown
        assert not re.search(r"~0|\b0 min", shown)
        assert "2 more stand at the same point as the last: -k 3 lists them too." in shown
    assert "more stand" not in run("near", "05401", "-k", "3", "-d", str(path))
    assert "~" in run("near", "05602", "-k", "3", "-d", str(path)).split("Call")[0]


def test_list_says_when_nothing_states_all_that_is_asked(run, listing):
    assert "Nothing listed that states all of this." in run("list", "-d", str(listing), "--state", "VT")


@pytest.mark.parametrize("words", ["name", "=Clinic", "name="])
def test_columns_are_told_as_ours_and_theirs(fails, listing, words):
    assert "write ours=theirs, such as name=Clinic" in fails("list", "-d", str(listing), "--columns", words)


def test_minutes_of_a_matrix_have_no_range_and_those_of_an_estimate_do(run, listing, tmp_path):
    facilities = iop.read_directory(listing).table.index
    zips = iop.demand_points("zcta", state="IL").index
    pairs = pd.DataFrame({"origin": zips, "destination": facilities[0], "duration_min": 12.4})
    pairs.to_csv(tmp_path / "minutes.csv", index=False)
    words = ("near", "60614", "-d", str(listing), "--cost")
    shown = run(*words, str(tmp_path / "minutes.csv"))
    assert "~12 min " in shown
    assert "Minutes as a matrix of 1 pairs says." in shown
    assert re.search(r"~\d+ min \(\d+ to \d+\)|same ZIP", run(*words, "drive-estimate"))


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("Chicago, IL", "say a ZIP code that it has"),
        ("02108", "no way in this matrix to a facility asked for"),
    ],
)
def test_a_matrix_is_asked_by_its_ids(fails, listing, tmp_path, place, message):
    first = iop.read_directory(listing).table.index[0]
    (tmp_path / "minutes.csv").write_text(f"origin,destination,duration_min\n60614,{first},12\n")
    assert message in fails("near", place, "-d", str(listing), "--cost", str(tmp_path / "minutes.csv"))
