"""Kill writers, or fetches from an address: `kills.py WRITER FOLDER FIRST COUNT`; print what was left as JSON.

A child writes over an old file and is killed with signal 9: by a clock, or by itself at its n-th step, a step being any
file that it opens, renames or removes. What is there afterwards must be the old or the new, whole.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pandas as pd

import iopdir as iop
from iopdir.report.document import write_page
from iopdir.snapshots.manifest import Request

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.listdir", "os.scandir", "os.truncate"}
VERMONT = iop.demo_directory().select(state="VT")
CONTENTS = VERMONT, VERMONT.remove(VERMONT.table.index[:7])
"""Old and new."""


def matrix(number):
    pairs = {
        "origin": ["a", "b"] * 400,
        "destination": [f"f{n // 2}" for n in range(800)],
        "cost": float(number),
    }
    return iop.CostMatrix.from_frame(pd.DataFrame(pairs), unit="min")


def index(number):
    return iop.FacilityIndex(CONTENTS[number])


def chart(number):
    import altair as alt

    from iopdir.report.figure import Tables, figure

    rows = [{"x": n, "y": n * number} for n in range(500)]
    mark = alt.Chart(alt.NamedData(name="rows")).mark_point().encode(x="x:Q", y="y:Q")
    about = {"title": f"SYNTHETIC {number}", "caption": "x", "source": "x", "width": 300, "height": 200}
    return figure([mark], tables=Tables(rows=rows), **about)


def page(number):
    return f"<p>{number}</p>" * 100_000


def snapshot(place, number):
    """Put the second of two snapshots into a store."""
    now = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(minutes=number)
    about = dict.fromkeys(("url", "content_type", "etag", "last_modified"), "")
    with iop.SnapshotStore(place).draft(Request(source="findtreatment", url="x"), now=now) as draft:
        for part in range(3):
            draft.keep(f"page-{part}.json", f"{number} {part}".encode() * 10_000, now=now, about=about)
        draft.finish(CONTENTS[number])


def roads(number):
    """Give roads of one lane or of two."""
    from families import extract

    if not hasattr(roads, "made"):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "map"
            extract(path)
            roads.made = iop.Roads.read_pbf(path)
    source = iop.Source(name=f"SYNTHETIC {number}", sha256="0" * 64)
    return iop.Roads(roads.made._network, roads.made._profile, source)


def gaps(number):
    if not hasattr(gaps, "made"):
        demand = iop.demand_points("zcta", state="VT")
        gaps.made = [iop.coverage_gaps(demand, one, by="county", geometry=True) for one in CONTENTS]
    return gaps.made[number]


def report(place, number):
    demand = iop.demand_points("zcta", state="VT")
    iop.write_report(demand, CONTENTS[number], place, state="VT", published=date(2026, 11, 24))


def each(place):
    """Give every file of a folder by itself."""
    return tuple((name, data) for name, data in sorted(names(place).items()) if not hidden(name))


def sizes(place):
    """Open every snapshot of a store whose every byte is as it was written."""
    store = iop.SnapshotStore(place)
    assert store.verify().empty
    return tuple(len(one.open()) for one in store.snapshots())


def table_of(read):
    return lambda place: tuple(read(place).table.index)


def same(place):
    return place.read_bytes()


WRITERS = {
    "parquet": (lambda p, n: CONTENTS[n].to_parquet(p), table_of(iop.Directory.read_parquet), ".parquet"),
    "excel": (lambda p, n: CONTENTS[n].to_excel(p), table_of(iop.read_facilities), ".xlsx"),
    "geopackage": (lambda p, n: CONTENTS[n].to_file(p), table_of(iop.read_facilities), ".gpkg"),
    "geojson": (lambda p, n: CONTENTS[n].to_file(p), table_of(iop.read_facilities), ".geojson"),
    "matrix": (
        lambda p, n: matrix(n).to_parquet(p),
        lambda p: iop.CostMatrix.read_parquet(p).to_frame()["cost"][0],
        ".parquet",
    ),
    "index": (lambda p, n: index(n).save(p), lambda p: len(iop.FacilityIndex.open(p)), ".index"),
    "finder": (lambda p, n: iop.write_finder(CONTENTS[n], p), same, ".html"),
    "page": (lambda p, n: write_page(p, page(n)), same, ".html"),
    "figure": (lambda p, n: chart(n).save(p), same, ".json"),
    "store": (snapshot, sizes, ""),
    "roads": (lambda p, n: roads(n).save(p), lambda p: repr(iop.Roads.open(p)), ".roads"),
    "report": (report, same, ".html"),
    "hsds": (lambda p, n: iop.write_hsds(CONTENTS[n], p), table_of(iop.read_hsds), ""),
    "fhir": (lambda p, n: iop.write_fhir(CONTENTS[n], p, written=date(2026, 11, 24)), same, ".ndjson"),
    "fhir-folder": (lambda p, n: iop.write_fhir(CONTENTS[n], p, written=date(2026, 11, 24)), each, ""),
    "gaps-book": (
        lambda p, n: iop.exports.write_table(gaps(n), p),
        lambda p: pd.read_excel(p, sheet_name="table", engine="calamine")["share"].sum(),
        ".xlsx",
    ),
    "gaps-csv": (lambda p, n: iop.exports.write_table(gaps(n), p), same, ".csv"),
    "gaps-parquet": (
        lambda p, n: iop.exports.write_table(gaps(n), p),
        lambda p: pd.read_parquet(p)["share"].sum(),
        ".parquet",
    ),
    "gaps-layer": (
        lambda p, n: iop.exports.write_table(gaps(n), p),
        lambda p: gpd.read_file(p)["share"].sum(),
        ".gpkg",
    ),
    "gaps-arrow": (lambda p, n: iop.exports.write_table(gaps(n), p), same, ".arrow"),
}
"""Writer -> how it writes old (0) or new (1), how that is read back whole, the ending of the file."""

APART = ("fhir-folder",)
"""Folders whose files are each old or new; one says by itself what it is."""


def child(write, place, step=0):
    """Write the new in a child, which kills itself at a step, or ends with the number of its steps."""
    number = os.fork()
    if number:
        return number
    taken, status = 0, 255
    try:

        def hook(event, _):
            nonlocal taken
            if event in STEPS:
                taken += 1
                if taken == step:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        write(place, 1)
        status = min(taken, 200)
    finally:
        os._exit(status)


def names(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def lay(folder, files):
    """Make a folder hold these files and no others."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def kill(write, place, chance, steps, lasted):
    """Kill a child at a step or by the clock; say whether it was before its end."""
    step = chance.randint(1, steps) if chance.random() < 0.5 else 0
    number = child(write, place, step)
    if not step:
        time.sleep(chance.uniform(0, lasted))
        os.kill(number, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(number, 0)[1])


def measured(write, place):
    """Count the steps of a writer, and take its time."""
    begun = time.perf_counter()
    steps = os.waitstatus_to_exitcode(os.waitpid(child(write, place), 0)[1])
    assert steps != 255, "the writer failed"
    return max(steps, 1), time.perf_counter() - begun


def main(kind, folder, first, count):
    write, read, ending = WRITERS[kind]
    place = folder / f"SYNTHETIC{ending}"
    write(place, 0)
    files, old = names(folder), read(place)
    measured(write, place)  # brings what is needed into memory
    lay(folder, files)
    steps, lasted = measured(write, place)
    new = read(place)
    assert old != new
    found, faults = Counter(), {}
    for seed in range(first, first + count):
        lay(folder, files)
        killed = kill(write, place, random.Random(seed), steps, lasted)  # noqa: S311 - repeatable is wanted
        try:
            state = told(read(place), old, new, apart=kind in APART)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
            state = f"{type(error).__name__}: {error}"[:300]
        strange = [
            name for name in names(folder) if name not in files and not hidden(name) and kind != "store"
        ]
        if state not in ("old", "new", "new in part") or strange or (state == "old" and not killed):
            faults[seed] = f"{state} {strange} {killed}"
        found[f"killed, {state}" if killed else f"done, {state}"] += 1
    return {"steps": steps, "found": found, "faults": faults}


def told(found, old, new, *, apart):
    """Say whether what is there is the old or the new, or files of both where each stands alone."""
    known = {old: "old", new: "new"}.get(found, "neither")
    if known == "neither" and apart and {*found} <= {*old, *new} and len(found) == len(new):
        return "new in part"
    return known


def fetches(url, folder, first, count):
    """Kill fetches, again and again, and let the last one through: the same bytes as if nothing had been."""

    def fetch(place, _):
        client = iop.fetch.Client(pace_s=0, now=lambda: datetime(2026, 11, 24, tzinfo=UTC))
        iop.fetch_findtreatment(place, url=url, page_size=2, client=client)

    measured(fetch, folder / "first")
    steps, lasted = measured(fetch, folder / "whole")
    whole = names(iop.SnapshotStore(folder / "whole").newest().path)
    found, faults = Counter(), {}
    for seed in range(first, first + count):
        chance, place = random.Random(seed), folder / str(seed)  # noqa: S311 - repeatable is wanted
        for _ in range(chance.randint(1, 4)):
            found["killed" if kill(fetch, place, chance, steps, lasted) else "done"] += 1
        os.waitpid(child(fetch, place), 0)
        store = iop.SnapshotStore(place)
        if [names(one.path) for one in store.snapshots()] != [whole] or len(store.verify()):
            faults[seed] = repr(store)
    return {"steps": steps, "found": found, "faults": faults}


def hidden(name):
    return name.rpartition("/")[2].startswith(".")


if __name__ == "__main__":
    what, numbers = sys.argv[1], (Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    figures = fetches(what, *numbers) if "://" in what else main(what, *numbers)
    sys.stdout.write(json.dumps(figures))
