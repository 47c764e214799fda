"""What all commands share: start-up, errors, pages, as a user meets it. Every facility here is SYNTHETIC."""

import csv
import io
import re
import shlex
import subprocess

import pytest
from commands import IOPDIR, RUNNER

import iopdir as iop
from iopdir.cli.app import app


def test_a_word_that_begins_with_a_dash_and_a_digit_is_a_point_or_what_it_says(fails):
    assert "within this reach '-12'" in fails("what-if", "--close", "-12")
    assert "latitude comes first" in fails("near", "-87.6 41.9")
    assert "No such option" in fails("near", "-12")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["near", "Chcago, IL"], "did you mean Chicago"),
        (["near", "60614", "--level", "iopp"], "did you mean iop"),
        (["near", "60614", "--max-cost", "30"], "write a number and a unit"),
        (["check", "absent.csv"], "none that can be opened"),
        (["gaps", "--standard", "nonsense"], "nonsense"),
        (["gaps", "--standard", "ca-iop"], "small counties is not settled"),
        (["gaps", "--standard", "tx-iop"], "give --cost drive-estimate"),
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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("gaps --standard '30 min'", "give --cost drive-estimate, or --cost and a file of minutes"),
        ("near 60614 --max-cost '20 min'", "give --cost drive-estimate"),
        ("site --n 1 --within VT --standard '30 min'", "give --cost drive-estimate"),
        ("what-if --open 05602 --state VT --standard '30 min'", "give --cost drive-estimate"),
        ("check LATIN", "say --encoding, perhaps 'cp1252'"),
        ("check NAMELESS", "--columns name='Their name'"),
        ("fetch directory --year 1900 --into STORE", "give --url"),
        ("eligibility --json ABSENT", "No such file or directory"),
        ("store verify ABSENT", "expected a store of snapshots, found none"),
        ("site --n 0", "greater than or equal to 1"),
        ("near 60614 --payment medcaid", "no payment 'medcaid'; did you mean medicaid"),
        ("near 60614 --age-group adult", "no age group 'adult'; did you mean adults?"),
        ("near 60614 --cost drive", "known: drive-estimate"),
        ("list --state Ilinois", "no state 'Ilinois'; did you mean Illinois?"),
        ("list --county Cook", "write five digits, or 'Cook County, IL'"),
        ("list --county 'Cok County, IL'", "did you mean Cook County"),
        ("gaps --by town", "no kind of area 'town'; known: county, nation, state"),
        ("gaps --by conty", "did you mean county?"),
        ("site --n 1 --objective covrage", "no objective 'covrage'; did you mean coverage?"),
        ("export --to exel", "did you mean excel?"),
        ("data --format jsn", "did you mean json?"),
        ("near", "say where: a place such as 60614"),
        ("near 60614 --lat 41 --lon -87", "say where"),
        ("near --lat 41", "say where"),
        ("near Springfield", "did you mean Springfield, "),
        ("near -87.6,41.9", "latitude comes first: write 41.9,-87.6"),
        ("near -- -87.6,41.9", "latitude comes first: write 41.9,-87.6"),
    ],
)
def test_an_error_speaks_of_options_and_never_of_python(fails, tmp_path, words, message):
    paths = {name: tmp_path / name for name in ("LATIN", "NAMELESS", "STORE", "ABSENT")}
    paths["LATIN"].write_bytes(b"name,zip\nSYNTHETIC \xe9,60614\n")
    paths["NAMELESS"].write_text("what,zip\nSYNTHETIC,60614\n")
    said = fails(*(str(paths.get(word, word)) for word in shlex.split(words)))
    assert message in said
    assert not re.search(r"[a-z_]=[^'A-Za-z]|\biop\.|Errno|\bNone\b|Traceback|CostMatrix|[{}]", said)


def test_values_are_read_in_any_case_and_with_spaces(run):
    words = "list --state illinois --level PHP --payment Medicare --age-group 'Young Adults' --format CSV"
    rows = list(csv.DictReader(io.StringIO(run(*shlex.split(words)))))
    asked = {"level_of_care": "php", "payment": "medicare", "age_group": "young_adults", "state": "IL"}
    assert (
        {row["facility_id"] for row in rows} == {*iop.demo_directory().select(**asked).table.index} != set()
    )
    assert run("gaps", "--by", "Nation", "-f", "Json") == run("gaps", "--by", "nation", "-f", "json")


def test_warnings_speak_of_options_too(listing):
    done = RUNNER.invoke(app, ["diff", str(listing), str(listing), "--by", "nation"])
    assert "--years 2020 2022" in done.stderr


def test_pages_are_written_for_a_listing(run, listing, tmp_path):
    assert "Written" in run("finder", "--directory", str(listing), "--out", str(tmp_path / "finder.html"))
    assert "Written" in run("report", str(listing), "--state", "IL", "--out", str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").stat().st_size > 10_000
    two = ("--standard", "10 mi", "--standard", "cms-obh")
    run("report", str(listing), "--state", "IL", *two, "--out", str(tmp_path / "two.html"))
    page = (tmp_path / "two.html").read_text(encoding="utf-8")
    assert "10 mi" in page
    assert "CMS Medicare Advantage, outpatient behavioral health" in page


@pytest.mark.parametrize("words", ["", "near", "gaps", "site", "list", "fetch", "fetch findtreatment"])
@pytest.mark.parametrize("columns", [80, 120])
def test_help_is_whole_in_a_narrow_window(words, columns):
    """No option, and no word of its explanation, is cut short."""
    done = RUNNER.invoke(
        app, [*words.split(), "--help"], env={"COLUMNS": str(columns), "TERMINAL_WIDTH": str(columns)}
    )
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= columns
    assert "…" not in done.stdout
    assert "..." not in done.stdout.replace("[ARGS]...", "")


def test_a_wrong_word_is_a_usage_error():
    done = subprocess.run([*IOPDIR, "nowhere"], capture_output=True, text=True, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize("words", [
    "site --n 1 --standard '30 mi' --standard '20 mi'", "near 60614 -k 2 -k 3", "list --level iop --level php",
    "fetch otp --into here --into there", "store list --format json -f csv", "diff a b --standard 5mi --standard 9mi",
])  # fmt: skip
def test_an_option_that_means_one_thing_is_not_taken_twice(words):
    done = RUNNER.invoke(app, shlex.split(words))
    assert done.exit_code == 2
    assert "given 2 times, and it takes one" in done.stderr


def test_the_version_is_that_of_the_package(run):
    assert run("--version").strip() == iop.demo_directory().provenance.package


def test_a_report_in_minutes_says_so(run, tmp_path):
    path = tmp_path / "vt.html"
    run("report", "--state", "VT", "--standard", "20 min", "--cost", "drive-estimate", "--out", str(path))
    assert "within 20 minutes of a listed facility" in path.read_text(encoding="utf-8")
