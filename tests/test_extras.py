"""A small install: what the wheel asks for, what works without extras, and what is said when one is missing."""

import re
import subprocess
import sys
import tomllib
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest

from iopdir.extras import EXTRAS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

START = """
import sys
from pathlib import Path
for library in {blocked!r}:
    sys.modules[library] = None
import iopdir as iop
demand = iop.demand_points("zcta", state="VT")
vermont = iop.demo_directory().select(state="VT")
"""
"""What a process does first that has some libraries missing."""

USES = {
    "fetch": "iop.fetch_findtreatment({folder!r}, state='VT')",
    "linking": "iop.diff(vermont, vermont)",
    "report": "iop.coverage_map(iop.coverage_gaps(demand, vermont))",
    "roads": "iop.Roads.read_pbf({folder!r} + '/roads.osm.pbf')",
    "siting": "iop.site(demand, vermont, n=1)",
}

COMMANDS = {
    "fetch": ["fetch", "findtreatment", "--state", "VT"],
    "linking": ["diff", "FILE", "FILE"],
    "report": ["report"],
    "siting": ["site", "--n", "1", "--within", "VT"],
}


def run(code, folder):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )


@pytest.mark.parametrize(
    ("extra", "library"), [(extra, library) for extra, known in EXTRAS.items() for library in known]
)
def test_a_missing_library_names_its_extra_when_it_is_used_and_not_before(tmp_path, extra, library):
    use = USES[extra].format(folder=str(tmp_path))
    code = f"""{START.format(blocked=[library])}
from iopdir import coverage_map, diff, fetch_findtreatment, site
import pickle
try:
    {use}
except iop.errors.MissingExtraError as error:
    assert isinstance(error, ImportError) and isinstance(error, iop.errors.IopdirError)
    assert (error.extra, error.library) == ({extra!r}, {library!r})
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    print(error)
"""
    done = run(code, tmp_path)
    expected = f'{library} is not installed, which this needs: pip install "iopdir[{extra}]"'
    assert done.stdout.strip() == expected, done.stderr


@pytest.mark.parametrize("extra", COMMANDS)
def test_the_command_line_says_it_in_one_line(tmp_path, extra):
    words = list(COMMANDS[extra])
    code = START.format(blocked=[EXTRAS[extra][0]])
    code += f"""
vermont.to_parquet("FILE")
from iopdir.cli.app import main
sys.argv = ["iopdir", *{words!r}]
main()
"""
    done = run(code, tmp_path)
    assert done.returncode == 1
    assert re.sub(r"\s+", " ", done.stderr).strip().endswith(f'pip install "iopdir[{extra}]"')
    assert "Traceback" not in done.stderr


def test_distances_gaps_and_what_is_handed_over_need_no_extra(tmp_path):
    blocked = sorted(library for known in EXTRAS.values() for library in known)
    code = f"""{START.format(blocked=blocked)}
assert len(iop.nearest("05401", vermont, k=3)) == 3
gaps = iop.coverage_gaps(demand, vermont, measures={{"e2sfca": iop.enhanced_two_step_fca}}, geometry=True)
for ending in ("xlsx", "csv", "gpkg", "geojson", "parquet", "arrow"):
    iop.exports.write_table(gaps, f"gaps.{{ending}}")
iop.write_hsds(vermont, "hsds")
assert iop.read_hsds("hsds").table.equals(vermont.table)
iop.write_fhir(vermont, "listing.ndjson")
iop.write_finder(vermont, "finder.html")
iop.site(demand, vermont, n=1, method="greedy")
Path("listing.csv").write_text("name,zip,phone\\nSYNTHETIC One,05401,+1 (802) 555-0101 ext. 7\\n")
print(*iop.read_directory("listing.csv").table["phone"])
"""
    done = run(code, tmp_path)
    assert done.stdout.strip() == "802-555-0101 x7", done.stderr


def test_another_missing_library_is_not_taken_for_an_extra(tmp_path):
    done = run(f"{START.format(blocked=['shapely'])}\niop.coverage_map", tmp_path)
    assert "ModuleNotFoundError: import of shapely halted" in done.stderr


def test_extras_are_declared_as_they_are_asked_for():
    called = {"vl_convert": "vl-convert-python"}
    given = PROJECT["optional-dependencies"]
    for extra, libraries in EXTRAS.items():
        names = {re.split(r"[<>=\[]", one)[0] for one in given[extra]} - {"iopdir"}
        assert names == {called.get(library, library) for library in libraries}
    assert given["all"] == [f"iopdir[{','.join(EXTRAS)}]"]


def test_the_wheel_says_what_the_project_says(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(about))
        commands = archive.read(about.replace("METADATA", "entry_points.txt")).decode()
    required = [one.partition(";")[0].strip() for one in metadata.get_all("Requires-Dist", [])]
    always = [one for one in metadata.get_all("Requires-Dist", []) if "extra ==" not in one]
    assert sorted(always) == sorted(PROJECT["dependencies"])
    assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])
    assert {"httpx>=0.28", "osmium>=4.3", "altair>=6"} <= set(required)
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert "iopdir = iopdir.cli.app:main" in commands
    packs = {path.parent.name for path in ROOT.glob("datasets/*/datapackage.json")}
    assert {f"iopdir/packs/{pack}/{pack}.parquet" for pack in packs} <= names
    sources = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sources <= names
