"""From nothing to real answers on the command line, over loopback."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

import iopdir as iop
from iopdir.cli.app import app

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        done = CliRunner().invoke(app, list(words), catch_exceptions=code == 1)
        assert done.exit_code == code, done.output
        return done

    return run


def test_a_newcomer_fetches_and_then_gets_real_answers(run, locator):
    assert "SYNTHETIC demo directory" in run("near", "60614").stderr
    done = run("fetch", "findtreatment", "--state", "IL", "--url", locator.url)
    assert "10 rows in = 10 accepted + 0 merged + 0 rejected" in done.stdout
    assert "this listing holds only state IL" in done.stderr
    done = run("near", "60614", "--format", "json")
    assert "From the store listings: findtreatment, fetched" in done.stderr
    assert "this listing holds only state IL" in done.stderr
    answer = json.loads(done.stdout)
    assert {row["source"] for row in answer["results"]} == {"findtreatment.gov"}
    assert "findtreatment.gov" in {source["name"] for source in answer["provenance"]["sources"]}
    again = run("fetch", "findtreatment", "--state", "IL", "--url", locator.url)
    assert "Unchanged since then" in again.stdout


def test_a_first_fetch_that_was_broken_off_leaves_the_demo_in_charge(run, locator, tmp_path):
    run("fetch", "otp", "--url", f"{locator.root}/absent", code=1)
    assert (tmp_path / "listings" / "iopdir-store.json").exists()
    for words in (["near", "60614"], ["list"], ["gaps", "--by", "nation"]):
        assert "SYNTHETIC demo directory" in run(*words).stderr


def test_a_store_serves_wherever_a_listing_does(run, locator, time, monkeypatch, tmp_path):
    monkeypatch.setenv("IOPDIR_STORE", str(tmp_path / "elsewhere"))
    run("fetch", "findtreatment", "--url", locator.url)
    assert (tmp_path / "elsewhere" / "iopdir-store.json").exists()
    rows = list(csv.DictReader(io.StringIO(run("list", "--state", "IL", "--format", "csv").stdout)))
    assert len(rows) == 10
    monkeypatch.setenv("IOPDIR_STORE", "")
    assert "SYNTHETIC" in run("list").stderr
    monkeypatch.delenv("IOPDIR_STORE")
    assert json.loads(run("check", "elsewhere", "--format", "json").stdout)["rows_in"] == 10
    assert "SYNTHETIC 1" in run("near", "60614", "-k", "10", "--directory", "elsewhere").stdout
    assert "Written" in run("finder", "--directory", "elsewhere/findtreatment").stdout


def test_a_store_is_listed_and_verified(run, locator, time):
    run("fetch", "otp", "--url", f"{locator.root}/x", code=1)
    locator.files["/x"] = (
        b"Program Name,Street,City,State,Zip,Phone,Certification,First Full Certification Date\n"
        b"SYNTHETIC Clinic,1 Example St,Detroit,MI,48201,313-555-0101,Certified,2003-05-01\n"
    )
    run("fetch", "otp", "--url", f"{locator.root}/x", "--into", "s")
    run("fetch", "findtreatment", "--url", locator.url, "--into", "s")
    rows = json.loads(run("store", "list", "s", "--format", "json").stdout)["rows"]
    assert sorted((row["source"], row["accepted"], row["status"]) for row in rows) == [
        ("findtreatment", 10, "ok"),
        ("otp", 1, "ok"),
    ]
    assert "findtreatment" in run("store", "list", "s").stdout
    assert "All as it was written" in run("store", "verify", "s").stdout
    page = next(iop.SnapshotStore("s").newest().path.glob("raw/*"))
    page.write_bytes(page.read_bytes() + b" ")
    done = run("store", "verify", "s", "--format", "csv", code=1)
    assert {row["file"] for row in csv.DictReader(io.StringIO(done.stdout))} == {
        "manifest.json",
        "raw/page-00001.json",
    }


@pytest.mark.parametrize(
    "words",
    [["--near", "60614"], ["--within", "5 mi"], ["--state", "IL", "--near", "60614", "--within", "5 mi"]],
    ids=["near", "within", "both"],
)
def test_half_a_question_is_a_usage_error(run, words):
    assert "or none of them" in run("fetch", "findtreatment", *words, code=2).output
