"""`iopdir site` and `iopdir what-if`, as a user meets it. Every facility here is SYNTHETIC."""

import csv
import io
import json

import pytest
from commands import RUNNER

import iopdir as iop
from iopdir.cli.act import _write as write_plan
from iopdir.cli.app import app
from iopdir.errors import WriteError


def test_site_gives_the_plan_that_the_library_gives(run):
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


def test_site_writes_sites_map_and_chart(run, tmp_path):
    shown = run(
        "site", "--n", "2", "--within", "NV", "--method", "greedy", "--draws", "2", "--out", str(tmp_path)
    )
    assert "stability" in shown
    names = {path.name for path in tmp_path.iterdir()}
    made = {"plan.csv", "plan.dictionary.csv", "plan_map.html", "plan_curve.html"}
    assert names == {f"SYNTHETIC_{name}" for name in made}


def test_what_if_says_who_gains_and_who_loses(run):
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


@pytest.mark.parametrize("words", [("site", "--within", "NV"), ("what-if",), ("site", "--n", "one")], ids=str)
def test_where_to_act_says_what_is_missing(words):
    assert RUNNER.invoke(app, list(words)).exit_code == 2


def test_a_plan_with_a_file_in_the_place_of_its_folder_is_a_write_error(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(WriteError, match="File exists"):
        write_plan(None, iop.demo_directory(), path)
    assert path.read_text() == "old"
