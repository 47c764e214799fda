"""Small SYNTHETIC files of every format that is read: how a good one is written, damaged and read."""

import functools
import gzip
import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import damage
import geopandas as gpd
import pandas as pd

import iopdir as iop

FRAME = pd.DataFrame(
    {
        "name1": ["SYNTHETIC One", "SYNTHETIC Zwei, “Ñ”", "SYNTHETIC One", "SYNTHETIC 希望"],
        "name2": ["", "Youth", "", ""],
        "street1": ["1 Example St", "2 Example St", "1 Example St", ""],
        "city": ["Chicago", "Boston", "Chicago", "Montpelier"],
        "state": ["IL", "MA", "il", "Vermont"],
        "zip": ["60614", "02108", "60614", "5602"],
        "phone": ["312-555-0101", "", "(312) 555-0101 x7", "802.555.0102"],
        "latitude": ["41.92", "", "41.92", "44.26"],
        "longitude": ["-87.65", "", "-87.65", "-72.58"],
        "service_code_info": ["SA * OP OIT * MD", "SA * OP", "SA * OIT", "QQ"],
        "beds": [1, 2, 3, 4],
    }
)
LABELS = [{"f1": "Settings", "f2": "SET", "f3": "Outpatient; Intensive Outpatient treatment"}]
PLACES = pd.DataFrame({"lon": [0.0, 0.004, 1.0], "lat": [0.001, 0.002, 1.0]}, index=["a", "b", "c"])
STANDARDS = (
    '[limits.large_metro]\ndistance = "5 mi"\nduration = "20 min"\n[limits.metro]\ndistance = "10 mi"\n'
    '[limits.micro]\ndistance = "20 mi"\n[limits.rural]\ndistance = "30 mi"\n'
    '[limits.ceac]\ndistance = "60 mi"\n'
)
OWN = (
    'name = "Ours"\nsource = "a contract"\nretrieved = 2026-11-24\ncombine = "and"\nmin_providers = 2\n'
    + STANDARDS
)
CLASSES = (
    'name = "Ours"\nsource = "a contract"\n[limits.near]\ndistance = "5 mi"\n[limits.far]\ndistance = "9 mi"\n'
    "[classes.density]\nnear = 500\nfar = 0\n"
)


class Family(NamedTuple):
    """How a good file is written, how one is read and used, and how one is damaged."""

    write: Callable[[Path], object]
    read: Callable[[Path], object]
    ways: tuple[Callable[..., bytes], ...] = (damage.some_bytes,)


def frame_with_numbers() -> pd.DataFrame:
    return FRAME.assign(**{name: pd.to_numeric(FRAME[name]) for name in ("latitude", "longitude")})


def points() -> gpd.GeoDataFrame:
    frame = frame_with_numbers()
    where = gpd.points_from_xy(frame.pop("longitude"), frame.pop("latitude"))
    return gpd.GeoDataFrame(frame, geometry=where, crs="EPSG:4326")


@functools.cache
def directory() -> iop.Directory:
    return iop.read_facilities(FRAME, name="SYNTHETIC")


def dump(content: object) -> Callable[[Path], object]:
    return lambda path: path.write_text(content if isinstance(content, str) else json.dumps(content))


def workbook(path: Path) -> None:
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        frame_with_numbers().to_excel(book, index=False)


def listing(path: Path) -> None:
    """Read a listing; every row must be accounted for."""
    quality = iop.read_directory(path).quality
    assert quality.rows_in == quality.accepted + quality.merged + quality.rejected, quality


def pages(path: Path) -> None:
    from iopdir.loaders.pages import listing_of_pages

    listing_of_pages([path, path], source=iop.Source(name=path.name))


def export(path: Path) -> None:
    named = FRAME.drop(columns=["beds", "service_code_info"]).assign(
        type_facility="SA", intake1="", sa=1, oit=["1", "", "1", "0"]
    )
    named.to_csv(path, index=False)


def programs(path: Path) -> None:
    renames = {
        "name1": "Program Name",
        "street1": "Street",
        "city": "City",
        "state": "State",
        "zip": "Zipcode",
    }
    table = FRAME[[*renames, "phone"]].rename(columns=renames)
    table.assign(Certification="Certified", **{"First Full Certification Date": "01/01/2020"}).to_csv(
        path, index=False
    )


# --- saved ---------------------------------------------------------------------------------------------------


def index(path: Path) -> None:
    """Open an index and ask it."""
    found = iop.FacilityIndex.open(path)
    found.nearest(lat=41.9, lon=-87.6, k=2)
    found.within(lat=41.9, lon=-87.6, max_cost="9 mi")


def plain_index(path: Path) -> None:
    iop.FacilityIndex.from_lonlat(PLACES["lon"], PLACES["lat"], ids=PLACES.index).save(path)


def extract(path: Path) -> None:
    """Draw a small map: blocks, one way, a gate, a signal and a forbidden turn."""
    import osmium
    from osmium.osm import mutable

    nodes = {(x, y): 1 + x + 5 * y for x in range(5) for y in range(3)}
    lines = [[(x, y) for x in range(5)] for y in range(3)] + [[(x, y) for y in range(3)] for x in range(5)]
    tags = [
        {"highway": "primary", "maxspeed": "35 mph"},
        {"highway": "residential", "oneway": "yes"},
        {"highway": "service"},
    ]
    path.with_suffix(".osm.pbf").unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path.with_suffix(".osm.pbf"))) as writer:
        for (x, y), number in sorted(nodes.items(), key=lambda one: one[1]):
            about = {(2, 1): {"highway": "traffic_signals"}, (4, 2): {"barrier": "gate"}}.get((x, y), {})
            writer.add_node(mutable.Node(id=number, location=(x / 1000, y / 1000), tags=about))
        for number, line in enumerate(lines, start=1):
            writer.add_way(mutable.Way(id=number, nodes=[nodes[at] for at in line], tags=tags[number % 3]))
        rule = [("w", 1, "from"), ("n", nodes[2, 0], "via"), ("w", 6, "to")]
        writer.add_relation(
            mutable.Relation(id=1, members=rule, tags={"type": "restriction", "restriction": "no_left_turn"})
        )
    path.with_suffix(".osm.pbf").replace(path)


def save_roads(path: Path) -> None:
    extract(path)
    iop.Roads.read_pbf(path).save(path)


def drive(roads: iop.Roads) -> None:
    """Ask all that roads answer: the nearest, those within a time, and a matrix."""
    iop.nearest(PLACES, PLACES, cost=roads, k=2)
    iop.reach(PLACES, PLACES, cost=roads).within("9 min")
    iop.CostMatrix.from_roads(roads, PLACES, PLACES, max_cost=None)


def pairs() -> pd.DataFrame:
    listed = {
        "origin": ["a", "a", "b", "c"],
        "destination": ["f", "g", "f", "g"],
        "duration_min": [0.0, 1.5, 2, 99],
    }
    return pd.DataFrame(listed)


def matrix(path: Path) -> None:
    iop.CostMatrix.from_frame(pairs(), unit="min", cost="duration_min").to_parquet(path)


def matrix_csv(path: Path) -> None:
    pairs().to_csv(path, index=False)


def costs(path: Path) -> None:
    """Open a matrix as a command does, and ask it."""
    from iopdir.travel.open_cost import open_cost

    found: Any = open_cost(path)
    assert isinstance(found.to_frame() if hasattr(found, "to_frame") else pd.DataFrame(), pd.DataFrame)


# --- people, rules, surveys ----------------------------------------------------------------------------------


SURVEY = (
    "STATE,CTYPE1,CTYPE2,CTYPE3,CTYPEOP,REVCHK2,REVCHK5\nVT,1,1,1,0,1,1\nVT,1,0,1,,1,1\nIL,0,0,1,1,1,-9\n"
)
CENTERS = (
    "STATEFP,COUNTYFP,TRACTCE,BLKGRPCE,POPULATION,LATITUDE,LONGITUDE\n17,031,010100,1,10,+41.8,-087.7\n"
    "17,031,010100,2,0,+41.9,-087.6\n50,007,000100,1,7,+44.4,-073.2\n"
)
ANSWERS = {
    "suicidality": False,
    "withdrawal_risk": "managed",
    "support": "some",
    "age_group": "adults",
    "payment": None,
}


def packed(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(gzip.compress(text.encode(), mtime=0))


def answers(path: Path) -> None:
    """Read answers as the command does; it says in its own words what they should be."""
    import typer

    from iopdir.cli.care import eligibility

    try:
        with redirect_stdout(io.StringIO()):
            eligibility(answers=path)
    except typer.BadParameter as error:
        raise iop.LoadError(path, expected="answers", found=str(error)) from error


def open_times(folder: Path) -> None:
    place = folder / "version=0.0.1/mode=car/year=2024/geography=tract/state=17"
    place.mkdir(parents=True, exist_ok=True)
    ends = {"origin_id": ["17031010100", "17031010200"], "destination_id": ["17031010200", "17031010100"]}
    pd.DataFrame(ends | {"duration_sec": [60.0, 90.0]}).to_parquet(place / "x.parquet", index=False)


def times(folder: Path) -> None:
    homes = pd.DataFrame({"lon": [-87.6, -87.7], "lat": [41.8, 41.9]}, index=["17031010100", "17031010200"])
    iop.CostMatrix.from_opentimes(folder, homes, homes.set_axis(["f", "g"])).to_frame()


# --- folders -------------------------------------------------------------------------------------------------


def put_snapshot(folder: Path) -> None:
    from iopdir.snapshots.manifest import Request

    now = datetime(2026, 11, 24, tzinfo=UTC)
    about = dict.fromkeys(("url", "content_type", "etag", "last_modified"), "")
    with iop.SnapshotStore(folder).draft(Request(source="findtreatment", url="x"), now=now) as draft:
        draft.keep("page-1.json", b'{"rows": []}', now=now, about=about)
        draft.finish(directory())


def store(folder: Path) -> None:
    """List and verify whatever is there, and open it."""
    found = iop.SnapshotStore(folder)
    assert len(found.list()) <= 1
    assert len(repr(found)) + len(found.verify()) > 0
    found.latest()
    iop.read_directory(folder)


def hsds_json(path: Path) -> None:
    folder = path.with_suffix(".written")
    iop.write_hsds(directory(), folder)
    (folder / "organizations.json").replace(path)


def fhir(path: Path) -> None:
    iop.write_fhir(directory(), path.with_suffix(".json"))
    path.with_suffix(".json").replace(path)


def hsds_package(folder: Path) -> None:
    iop.write_hsds(directory(), folder)
    (folder / "organizations.json").unlink()


ALL = damage.some_bytes, damage.cells
JSON = damage.some_bytes, damage.json_value, damage.json_value
TOML = damage.some_bytes, damage.toml_value, damage.toml_value
TABLE = damage.some_bytes, damage.columns, damage.columns
BUNDLE = damage.some_bytes, *[damage.inside_bundle] * 3
PACKED = damage.some_bytes, damage.inside_gzip(damage.some_bytes), damage.inside_gzip(damage.cells)
FOLDER = (damage.one_file,)


def rules(path: Path) -> None:
    from iopdir.eligibility import Rules

    Rules.load(path)


def profile(path: Path) -> None:
    from iopdir.roads.profile import read_profile

    read_profile(path)


FAMILIES = {
    "csv": Family(lambda p: FRAME.to_csv(p, index=False), listing, ALL),
    "tsv": Family(lambda p: FRAME.to_csv(p, index=False, sep="\t"), listing, (damage.some_bytes, damage.tabbed)),
    "export": Family(export, listing, ALL),
    "otp": Family(programs, listing, ALL),
    "xlsx": Family(workbook, listing, (damage.some_bytes, *[damage.inside_zip] * 8)),
    "json": Family(dump({"facilities": FRAME.to_dict("records"), "more": 1}), listing, JSON),
    "locator": Family(
        dump({"page": 1, "totalPages": 1, "recordCount": 4, "rows": [
            one | {"typeFacility": "SA", "services": LABELS} for one in FRAME.to_dict("records")
        ]}), listing, JSON,
    ),
    "pages": Family(
        dump({"page": 1, "totalPages": 1, "recordCount": 4, "rows": [
            one | {"typeFacility": "SA", "services": LABELS} for one in FRAME.to_dict("records")
        ]}), pages, JSON,
    ),
    "ndjson": Family(
        dump("\n".join(map(json.dumps, FRAME.to_dict("records")))), listing, (damage.some_bytes, damage.json_line)
    ),
    "geojson": Family(lambda p: p.write_text(points().to_json()), listing, JSON),
    "gpkg": Family(
        lambda p: points().to_file(p, driver="GPKG", engine="pyogrio"), listing, (damage.some_bytes, damage.records)
    ),
    "parquet": Family(lambda p: frame_with_numbers().to_parquet(p), listing, TABLE),
    "geoparquet": Family(lambda p: points().to_parquet(p), listing, TABLE),
    "facilities": Family(lambda p: directory().to_geodataframe().to_parquet(p), listing, TABLE),
    "saved": Family(lambda p: directory().to_parquet(p), listing, TABLE),
    "index": Family(lambda p: iop.FacilityIndex(directory()).save(p), index, BUNDLE),
    "points": Family(plain_index, index, BUNDLE),
    "matrix": Family(matrix, costs, TABLE),
    "matrix-csv": Family(matrix_csv, costs, ALL),
    "matrix-gz": Family(packed(pairs().to_csv(index=False)), costs, PACKED),
    "roads": Family(save_roads, lambda p: drive(iop.Roads.open(p)), BUNDLE),
    "pbf": Family(extract, lambda p: drive(iop.Roads.read_pbf(p))),
    "profile": Family(dump(files("iopdir.roads").joinpath("car.toml").read_text()), profile, TOML),
    "standard": Family(dump(OWN), iop.standards.read_standard, TOML),
    "classes": Family(dump(CLASSES), iop.standards.read_standard, TOML),
    "rules": Family(dump(files("iopdir.eligibility").joinpath("rules.toml").read_text()), rules, TOML),
    "answers": Family(dump(ANSWERS), answers, JSON),
    "nssats": Family(dump(SURVEY), lambda p: iop.read_nssats(p).by_state(), ALL),
    "nssats-gz": Family(packed(SURVEY), lambda p: iop.read_nssats(p).by_state(), PACKED),
    "centers": Family(dump(CENTERS), iop.read_popcenters, ALL),
    "centers-gz": Family(packed(CENTERS), iop.read_popcenters, PACKED),
    "opentimes": Family(open_times, times, FOLDER),
    "store": Family(put_snapshot, store, FOLDER),
    "hsds": Family(hsds_json, iop.read_hsds, JSON),
    "package": Family(hsds_package, iop.read_hsds, FOLDER),
    "fhir": Family(fhir, listing, JSON),
}  # fmt: skip
"""Format -> its family."""


def seed(kind: str, path: Path) -> bytes:
    """Write one good file, or the files of a folder as JSON."""
    family = FAMILIES[kind]
    family.write(path)
    if family.ways != FOLDER:
        return path.read_bytes()
    every = sorted(one for one in path.rglob("*") if one.is_file())
    return json.dumps(
        {one.relative_to(path).as_posix(): one.read_bytes().decode("latin-1") for one in every}
    ).encode()


def put(kind: str, path: Path, data: bytes) -> None:
    """Put a file in its place, or the folder that it stands for."""
    if FAMILIES[kind].ways != FOLDER:
        path.write_bytes(data)
        return
    named = json.loads(data)
    for one in path.rglob("*"):
        if one.is_file() and one.relative_to(path).as_posix() not in named:
            one.unlink()
    for name, text in named.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(text.encode("latin-1"))


def mutant(kind: str, good: bytes, number: int) -> bytes:
    """Damage a file in one of many ways, the same for the same number."""
    return damage.mutant(kind, good, number, FAMILIES[kind].ways)
