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
other = iop.read_facilities(vermont.table[["name", "street1", "city", "zip"]], name="SYNTHETIC other")
"""
"""What a process does first that has some libraries missing."""

USES = {
    "fetch": """
iop.fetch_findtreatment(".", state="VT")
iop.fetch.fetch_directory(".", year=2025)
iop.fetch.fetch_otp(".")
""",
    "linking": """
iop.link(vermont, vermont)
iop.diff(vermont, vermont)
iop.combine([vermont, other])
iop.changes.survival({2019: vermont, 2020: vermont})
vermont.locate_from(vermont)
""",
    "report": """
gaps.pipe(iop.coverage_map)
iop.report.maps_beside({"a": gaps, "b": gaps})
iop.report.standards_map(iop.standards.compare(demand, vermont, standards=["30 mi"]))
iop.report.lorenz_chart(gaps.query("people > 0")[["people", "share"]].astype(float))
iop.report.ring_profile_chart(demand, vermont)
plan.map()
plan.chart()
iop.report.turnover_chart(iop.diff(vermont, vermont))
""",
    "roads": """
iop.Roads.read_pbf("roads.osm.pbf")
iop.coverage_gaps(demand, vermont, cost=iop.Roads.read_pbf("roads.osm.pbf"))
""",
    "siting": """
iop.site(demand, vermont, n=1)
iop.site(demand, vermont, n=1, objective="equity")
iop.write_report(demand, vermont, "report.html", state="VT")
""",
}
"""Everything that needs an extra, a line each."""

MADE = """
gaps = iop.coverage_gaps(demand, vermont)
plan = iop.site(demand, vermont, n=1, method="greedy")
"""

COMMANDS = {
    "fetch findtreatment --state VT": "fetch",
    "fetch directory --year 2025": "fetch",
    "fetch otp": "fetch",
    "diff FILE FILE": "linking",
    "site --n 1 --within VT --method greedy --directory FILE --out out": "report",
    "near 05401 --directory FILE --cost roads.osm.pbf": "roads",
    "report FILE --state VT": "siting",
    "site --n 1 --within VT --directory FILE": "siting",
}
"""What one types, and the extra that it needs first."""

PLAIN_COMMANDS = [
    "near 05401 --directory FILE --cost drive-estimate",
    "list --state VT --directory FILE",
    "gaps --directory FILE --state VT --out out",
    "gaps --directory FILE --state VT --standard cms-obh --format json",
    "what-if --directory FILE --state VT --close ID",
    "site --n 1 --within VT --method greedy --directory FILE",
    "report FILE --state VT --standard tx-outpatient --cost drive-estimate",
    "finder --directory FILE --out finder.html",
    "check FILE",
    "data",
    "export --to excel --directory FILE --out listing.xlsx",
]
"""What needs no extra."""

TYPE = """
import io
from contextlib import redirect_stderr, redirect_stdout
from iopdir.cli.app import main
vermont.to_parquet("FILE")
Path("roads.osm.pbf").write_bytes(bytes([0, 0, 0, 13, 10, 9]) + b"OSMHeader")
def run(line):
    sys.argv = ["iopdir", *line.replace("ID", vermont.table.index[0]).split()]
    with redirect_stderr(io.StringIO()) as said, redirect_stdout(io.StringIO()):
        try:
            main()
        except SystemExit as done:
            return done.code, " ".join(said.getvalue().split())
"""
EVERYTHING = sorted(library for known in EXTRAS.values() for library in known)


def run(code, folder):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )


@pytest.mark.parametrize(
    ("extra", "library"), [(extra, library) for extra, known in EXTRAS.items() for library in known]
)
def test_a_missing_library_names_its_extra_wherever_it_is_used_and_not_before(tmp_path, extra, library):
    uses = USES[extra].strip().splitlines()
    code = f"""{START.format(blocked=[library])}{MADE if extra == "report" else ""}
import pickle
for use in {uses!r}:
    try:
        eval(use)
    except iop.errors.MissingExtraError as error:
        assert isinstance(error, ImportError) and isinstance(error, iop.errors.IopdirError)
        assert (error.extra, error.library) == ({extra!r}, {library!r})
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
        print(error)
    else:
        print("was not missed by", use)
assert not list(Path().iterdir())
"""
    done = run(code, tmp_path)
    expected = f'{library} is not installed, which this needs: pip install "iopdir[{extra}]"'
    assert done.stdout.splitlines() == [expected] * len(uses), done.stderr


def test_the_command_line_says_it_in_one_line(tmp_path):
    code = f"""{START.format(blocked=EVERYTHING)}{TYPE}
for line in {list(COMMANDS)!r}:
    print(*run(line))
"""
    done = run(code, tmp_path)
    found = dict(zip(COMMANDS, done.stdout.splitlines(), strict=True))
    for line, extra in COMMANDS.items():
        library = EXTRAS[extra][0]
        expected = f'error: {library} is not installed, which this needs: pip install "iopdir[{extra}]"'
        assert found[line].startswith("1 "), (line, found[line])
        assert found[line].endswith(expected), (line, found[line])
    assert {path.name for path in tmp_path.iterdir()} == {"FILE", "roads.osm.pbf"}


def test_commands_that_need_no_extra_need_none(tmp_path):
    code = f"""{START.format(blocked=EVERYTHING)}{TYPE}
for line in {PLAIN_COMMANDS!r}:
    print(*run(line))
"""
    done = run(code, tmp_path)
    assert [line.partition(" ")[0] for line in done.stdout.splitlines()] == ["0"] * len(PLAIN_COMMANDS), (
        done.stdout + done.stderr
    )
    assert len(list((tmp_path / "out").glob("*.html"))) == 1


def test_only_what_draws_cannot_be_imported_without_extras(tmp_path):
    """A module below that cannot be imported would fail with an error of Python's, not with ours."""
    code = f"""
import sys
for library in {EVERYTHING!r}:
    sys.modules[library] = None
import pkgutil, types
import iopdir as iop
for module in pkgutil.walk_packages(iop.__path__, "iopdir."):
    try:
        __import__(module.name)
    except ModuleNotFoundError:
        print(module.name)
for room in [iop, *(one for one in map(iop.__getattr__, dir(iop)) if isinstance(one, types.ModuleType))]:
    for name in getattr(room, "__all__", ()):
        getattr(room, name)
"""
    done = run(code, tmp_path)
    drawing = {"charts", "choices", "figure", "maps", "multiples", "plans", "turnover"}
    assert set(done.stdout.split()) == {f"iopdir.report.{name}" for name in drawing}, done.stderr
    assert not done.stderr


def test_distances_gaps_and_what_is_handed_over_need_no_extra(tmp_path):
    code = f"""{START.format(blocked=EVERYTHING)}
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


ALONE = {
    "fetch": """
try:
    iop.fetch.fetch_otp(".", url="http://127.0.0.1:9/", client=iop.fetch.Client(attempts=1))
except iop.errors.FetchError:
    pass
""",
    "linking": """
assert iop.diff(vermont, vermont).counts()["unchanged"] == len(vermont)
vermont.locate_from(vermont), iop.combine([vermont, other])
""",
    "report": """
iop.coverage_map(gaps, vermont).save("map.html")
plan.map().save("plan.png")
iop.write_report(demand, vermont, "report.html", state="VT")
""",
    "roads": """
import osmium
from osmium.osm import mutable
with osmium.SimpleWriter("map.osm.pbf") as writer:
    for number in (1, 2):
        writer.add_node(mutable.Node(id=number, location=(-72.5, 44 + number / 100)))
    writer.add_way(mutable.Way(id=1, nodes=[1, 2], tags={"highway": "residential"}))
assert iop.coverage_gaps(demand, vermont, cost=iop.Roads.read_pbf("map.osm.pbf"), standard="30 min")["people"].sum() > 0
""",
    "siting": """
assert iop.site(demand, vermont, n=1).status == "optimal"
iop.write_report(demand, vermont, "report.html", state="VT")
""",
}


@pytest.mark.parametrize("extra", ALONE)
def test_an_extra_needs_no_other(tmp_path, extra):
    brought = {"report": ["report", "siting"]}.get(extra, [extra])
    blocked = sorted(set(EVERYTHING) - {library for one in brought for library in EXTRAS[one]})
    done = run(f"{START.format(blocked=blocked)}{MADE}{ALONE[extra]}\nprint('done')", tmp_path)
    assert done.stdout == "done\n", done.stderr


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
    shipped = {
        f"iopdir/packs/{pack}/{name}" for pack in packs for name in ("datapackage.json", f"{pack}.parquet")
    }
    sources = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    told = {name for name in names if ".dist-info/" in name}
    assert names - told == sources | shipped
    assert {name.partition("/")[2] for name in told} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "licenses/datasets/NOTICE.md",
    }  # fmt: skip
