"""`iopdir diff`, as a user meets it. Every facility here is SYNTHETIC."""

import csv
import io
import json

import pytest
from listings import IDS, VERMONT
from typer.testing import CliRunner

from iopdir.cli.app import app


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "old.parquet", tmp_path / "new.parquet"]
    VERMONT.to_parquet(paths[0])
    VERMONT.remove(IDS[:4]).to_parquet(paths[1])
    return [str(path) for path in paths]


def run(*words):
    done = CliRunner().invoke(app, ["diff", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_diff_as_json_and_csv(files):
    answer = json.loads(run(*files, "--years", "2020", "2022", "--format", "json"))
    assert answer["sites"]["closed"] + answer["sites"]["merged"] == 4
    assert "no trend" in answer["warnings"][0]
    assert {row["state"] for row in answer["access"]} >= {"VT"}
    assert answer["provenance"]["synthetic"]
    rows = list(csv.DictReader(io.StringIO(run(*files, "--format", "csv"))))
    assert len(rows) == 4
    assert {row["b_id"] for row in rows} == {""}


def test_diff_as_a_table_says_synthetic(files):
    shown = run(*files)
    assert "SYNTHETIC" in shown
    assert "unchanged" in shown
