"""`iopdir check` and `iopdir data`, as a user meets it. Every facility here is SYNTHETIC."""

import csv
import io
import json

from commands import RUNNER

import iopdir as iop
from iopdir.cli.app import app


def test_check_accounts_for_every_row(run, listing):
    answer = json.loads(run("check", str(listing), "--format", "json"))
    assert {key: answer[key] for key in ("rows_in", "accepted", "merged", "rejected", "iop")} == {
        "rows_in": 3, "accepted": 2, "merged": 0, "rejected": 1, "iop": 2,
    }  # fmt: skip
    assert answer["geocoded_by"] == {"address": 0, "zip_centroid": 2, "unknown": 0}
    issues = list(csv.DictReader(io.StringIO(run("check", str(listing), "--format", "csv"))))
    assert [(row["row"], row["reason"]) for row in issues] == [("3", "zip_lost_zeros"), ("4", "no_name")]


def test_data_lists_the_packs(run):
    rows = json.loads(run("data", "--format", "json"))["rows"]
    assert {row["name"] for row in rows} == set(iop.datasets.list_packs().index)


def test_a_listing_with_names_of_its_own_is_read_as_told(run, tmp_path):
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


def test_a_listing_cannot_act_on_the_terminal_or_a_spreadsheet(run, tmp_path):
    path = tmp_path / "evil.csv"
    path.write_text('name,zip,state\n"SYNTHETIC \x1b[2J[bold]x[/bold]",60614,IL\n"=SYNTHETIC()",60614,IL\n')
    words = ["list", "--state", "il", "-d", str(path), "--level", "any"]
    shown = run(*words)
    assert "\x1b" not in shown
    assert "[bold]" in shown
    rows = list(csv.DictReader(io.StringIO(run(*words, "-f", "csv"))))
    assert {row["name"][0] for row in rows} == {"S", "'"}


def test_check_does_not_count_care_that_no_column_states(run, tmp_path):
    path = tmp_path / "silent.csv"
    path.write_text("name,zip,state\nSYNTHETIC A,05401,VT\n", encoding="utf-8")
    assert "intensive outpatient: not known, no column of services" in run("check", str(path))


def test_check_names_one_of_many_columns_of_codes(run, tmp_path):
    head = "name1,name2,street1,street2,city,state,zip,county,phone,latitude,longitude,type_facility"
    codes = ["sa", "op", "iop", "md", "tele", "mh", "pi", "adlt"]
    row = "SYNTHETIC A,,1 Sample Street,,Burlington,VT,05401,Chittenden,,44.48,-73.21,SA"
    path = tmp_path / "export.csv"
    path.write_text(f"{head},{','.join(codes)}\n{row},{','.join('1' * len(codes))}\n", encoding="utf-8")
    shown = run("check", str(path))
    assert f"sa ... and {len(codes) - 1} more" in shown
    assert "tele" in run("check", str(path), "--format", "json")
