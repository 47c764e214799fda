"""Nearest facility, side by side with what a user would pick instead, in one run; prints ratios.

    python benchmarks/nearest.py            # about a minute
    python benchmarks/nearest.py --full     # also 8.1 million and 10 million points, some minutes

With IOPDIR_REAL_DATA naming the folder of public files, origins are 242,335 points scattered around the 2020
centers of population of tracts (as many as there are block groups) and facilities the 14,034 of the 2021
locator pull; without it, SYNTHETIC facilities and scattered ZIP areas of the embedded packs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod

import iopdir as iop
from iopdir.spatial.blocks import PackedTree
from iopdir.spatial.geodesy import geodesic_m, to_xyz
from iopdir.spatial.knn import nearest_batch
from iopdir.spatial.pairs import within_batch
from iopdir.spatial.rings import ring_sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK_GROUPS = 242_335
BLOCKS = 8_100_000
SLOW_S = 3.0
"""Whoever takes longer runs once."""

GEOD = Geod(ellps="WGS84")


class Points(NamedTuple):
    """Degrees."""

    lon: Floats
    lat: Floats


Answer = tuple[Ints, Floats]
"""Position of the facility chosen, and the distance reported in metres."""


def facilities() -> tuple[str, Points]:
    """Read the facilities that are there to be read."""
    folder = os.environ.get("IOPDIR_REAL_DATA")
    if folder:
        table = pd.read_csv(Path(folder) / "oeps_substance_use_treatment_2021.csv")
        return "real facilities (locator pull of 2021)", _points(table, "longitude", "latitude")
    table = pd.DataFrame(iop.demo_directory().to_geodataframe())
    return "SYNTHETIC facilities", _points(table.dropna(subset=["lon"]), "lon", "lat")


def origins(n: int, seed: int = 0) -> tuple[str, Points]:
    """Scatter n points about 1 km around populated places, in random order."""
    folder = os.environ.get("IOPDIR_REAL_DATA")
    if folder:
        name, table = "tract centers", pd.read_csv(Path(folder) / "popcenters_tract_2020.csv.gz")
        base = _points(table, "LONGITUDE", "LATITUDE")
    else:
        name, base = "ZIP areas", _points(iop.demand_points("zcta"), "lon", "lat")
    rng = np.random.default_rng(seed)
    pick = rng.permutation(np.resize(np.arange(base.lon.size), n))
    lon = np.clip(base.lon[pick] + rng.normal(0, 0.01, n), -180, 180)
    return f"points around {name}", Points(lon, base.lat[pick] + rng.normal(0, 0.01, n))


def _points(table: pd.DataFrame, lon: str, lat: str) -> Points:
    return Points(table[lon].to_numpy(dtype=np.float64), table[lat].to_numpy(dtype=np.float64))


# The ways to answer: each builds its index and answers every origin.


def ours(here: Points, there: Points) -> Answer:
    """Pack, search, measure."""
    index, distance = nearest_batch(PackedTree(*there), *here)
    return index[:, 0], distance[:, 0]


def expert(here: Points, there: Points, k: int = 1) -> Answer:
    """Ask scipy's k-d tree over xyz on all cores, then measure what it named."""
    from scipy.spatial import cKDTree

    _, index = cKDTree(to_xyz(*there)).query(to_xyz(*here), k=k, workers=-1)
    index = index.ravel()
    lon, lat = (np.repeat(degrees, k) for degrees in here)
    return index, GEOD.inv(lon, lat, there.lon[index], there.lat[index])[2]


def pykdtree(here: Points, there: Points) -> Answer:
    """Ask pykdtree over xyz, then measure what it named."""
    from pykdtree.kdtree import KDTree

    _, index = KDTree(to_xyz(*there)).query(to_xyz(*here))
    return index.astype(np.int64), GEOD.inv(*here, there.lon[index], there.lat[index])[2]


def sjoin_nearest(here: Points, there: Points) -> Answer:
    """Project to Albers, as the geopandas documentation advises, and join."""
    import geopandas as gpd

    frames = (gpd.GeoDataFrame(geometry=gpd.points_from_xy(*points), crs=4326) for points in (here, there))
    left, right = (frame.to_crs(5070) for frame in frames)
    joined = left.sjoin_nearest(right, distance_col="distance_m")
    joined = joined[~joined.index.duplicated()]
    return joined["index_right"].to_numpy(), joined["distance_m"].to_numpy()


def ball_tree(here: Points, there: Points) -> Answer:
    """Search on a sphere."""
    from sklearn.neighbors import BallTree

    tree = BallTree(np.radians(np.column_stack([there.lat, there.lon])), metric="haversine")
    angle, index = tree.query(np.radians(np.column_stack([here.lat, here.lon])))
    return index[:, 0], angle[:, 0] * 6_371_008.8


def str_tree_degrees(here: Points, there: Points) -> Answer:
    """Search in degrees, as if they were equally long."""
    import geopandas as gpd
    import shapely

    left, right = (gpd.points_from_xy(*points) for points in (here, there))
    tree = shapely.STRtree(np.asarray(right))
    (_, index), degrees = tree.query_nearest(np.asarray(left), all_matches=False, return_distance=True)
    return index, degrees * 111_195.0


def rtree_one_by_one(here: Points, there: Points) -> Answer:
    """Ask libspatialindex over xyz in a loop, then measure what it named."""
    from rtree.index import Index, Property

    xyz = to_xyz(*there)
    tree = Index((np.arange(len(xyz)), xyz, xyz), properties=Property(dimension=3))
    rows = to_xyz(*here).tolist()
    index = np.array([next(iter(tree.nearest((*row, *row), 1))) for row in rows])
    return index, GEOD.inv(*here, there.lon[index], there.lat[index])[2]


OURS = "iopdir nearest_batch"
TABLE = "iopdir nearest (table, names, bearing)"
FIVE = "the same, k = 5"
EXPERT_FIVE = "scipy cKDTree + Geod, k = 5"
WAYS: dict[str, Callable[[Points, Points], Answer]] = {
    OURS: ours,
    "scipy cKDTree xyz, all cores, + Geod": expert,
    "pykdtree xyz, all cores, + Geod": pykdtree,
    "geopandas sjoin_nearest, EPSG:5070": sjoin_nearest,
    "shapely STRtree, degrees": str_tree_degrees,
    "rtree xyz one by one, + Geod": rtree_one_by_one,
    "scikit-learn BallTree, haversine": ball_tree,
}


def race(runners: dict[str, Callable[[], Any]], rounds: int) -> dict[str, tuple[float, Any]]:
    """Let everyone run in turn, several rounds, and keep the best of each: other work shares the machine."""
    best: dict[str, tuple[float, Any]] = {}
    for turn in range(rounds):
        for name, work in runners.items():
            if turn and best[name][0] > SLOW_S:
                continue
            start = time.perf_counter()
            result = work()
            best[name] = min(
                best.get(name, (np.inf, None)), (time.perf_counter() - start, result), key=itemgetter(0)
            )
    return best


def brute_force(here: Points, there: Points) -> Floats:
    """Measure every pair."""
    n = there.lon.size
    best = [
        GEOD.inv(np.full(n, lon), np.full(n, lat), *there)[2].min() for lon, lat in zip(*here, strict=True)
    ]
    return np.array(best)


def side_by_side(n: int, rounds: int) -> None:
    """Time everyone on the same points and check every answer."""
    (what, there), (where, here) = facilities(), origins(n)
    print(f"\n{n:,} {where} x {there.lon.size:,} {what}, k = 1, exact distances included on our side")
    ours(Points(*(part[:2] for part in here)), there)  # compiled, as in every process but the first
    frame, directory = pd.DataFrame(here._asdict()), _as_directory(there)
    runners: dict[str, Callable[[], Any]] = {name: partial(way, here, there) for name, way in WAYS.items()}
    runners[TABLE] = partial(iop.nearest, frame, directory)
    runners[FIVE] = partial(iop.nearest, frame, directory, k=5)
    runners[EXPERT_FIVE] = partial(expert, here, there, 5)
    results = race(runners, rounds)
    others = {name: results.pop(name)[0] for name in (TABLE, FIVE, EXPERT_FIVE)}
    mine, (_, truth) = results[OURS]
    sample = np.random.default_rng(1).choice(n, min(300, n), replace=False)
    slow = brute_force(Points(here.lon[sample], here.lat[sample]), there)
    print(
        f"brute force over {sample.size} of them: {(np.abs(slow - truth[sample]) > 1e-8).sum()} answers differ"
    )
    print(f"{'':<38}{'time s':>9}{'ratio':>8}{'wrong %':>9}{'farther by km':>15}{'distance off by m':>19}")
    for name, (seconds, (index, distance)) in results.items():
        detour = geodesic_m(*here, there.lon[index], there.lat[index]) - truth
        off = np.abs(distance - truth)
        print(
            f"{name:<38}{seconds:>9.3f}{seconds / mine:>8.2f}{(detour > 1).mean() * 100:>9.2f}"
            f"{detour.max() / 1000:>15.1f}{off.max():>19.2f}"
        )
    for name, seconds in others.items():
        print(f"{name:<38}{seconds:>9.3f}{seconds / mine:>8.2f}")


def _as_directory(there: Points) -> iop.Directory:
    """Dress bare points as a directory: only what `nearest` reads."""
    rows = pd.DataFrame(there._asdict(), index=[f"F-{i:06}" for i in range(there.lon.size)])
    demo = iop.demo_directory().select(state="VT")
    blank = (
        pd.DataFrame(demo.to_geodataframe().drop(columns="geometry"))
        .iloc[[0] * len(rows)]
        .set_index(rows.index)
    )
    blank[["lon", "lat"]] = rows
    return iop.Directory(blank, quality=demo.quality, provenance=demo.provenance)


def first_calls() -> None:
    """Time a process that has to compile, and one that finds the result on disk."""
    code = (
        "import time; t = time.perf_counter();"
        "from iopdir import PackedTree, nearest_batch, ring_sums;"
        "print(time.perf_counter() - t); t = time.perf_counter();"
        "tree = PackedTree([0.0], [0.0]); nearest_batch(tree, [1.0], [1.0]);"
        "print(time.perf_counter() - t); t = time.perf_counter();"
        "ring_sums(tree, [1.0], [1.0], [1.0]); print(time.perf_counter() - t)"
    )
    print(f"\n{'First calls, seconds':<38}{'import':>9}{'nearest':>9}{'ring_sums':>11}")
    with tempfile.TemporaryDirectory() as cache:
        for label in ("first process ever (compiles)", "the next process", "the one after that"):
            run = subprocess.run(  # our own code
                [sys.executable, "-c", code],
                env={**os.environ, "NUMBA_CACHE_DIR": cache},
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            imported, nearest, rings_too = map(float, run.stdout.split())
            print(f"{label:<38}{imported:>9.3f}{nearest:>9.3f}{rings_too:>11.3f}")


def cell(n: int, m: int) -> dict[str, float]:
    """One cell of the growth table, in a process of its own: time and peak memory."""
    rng = np.random.default_rng(2)
    _, base = facilities()
    pick = rng.integers(0, base.lon.size, m)
    spread = 0.0 if m == base.lon.size else 0.02
    if spread:
        there = Points(base.lon[pick] + rng.normal(0, spread, m), base.lat[pick] + rng.normal(0, spread, m))
    else:
        there = base
    _, few = origins(100_000)
    ours(few, there)
    before = peak_bytes()
    _, here = origins(n)
    used = []

    def once() -> None:
        start = time.process_time()
        ours(here, there)
        used.append(time.process_time() - start)

    seconds, _ = race({OURS: once}, 3)[OURS]
    peak = peak_bytes()
    per_point = {"cpu": min(used) / n, "bytes": (peak - before) / n}
    return {"seconds": seconds, "peak_mb": peak / 2**20, **per_point}


def peak_bytes() -> int:
    """Read the most memory this process ever held; unlike `getrusage` it forgets the parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def growth(sizes: list[tuple[int, int]]) -> None:
    """Show how time and memory grow with the size of the question."""
    print(
        "\nGrowth of nearest_batch, k = 1: wall clock; time on all cores together, which other work disturbs less;"
    )
    print("peak memory of the process; what the points, their making and their answers added to it.")
    print(
        f"{'points':>12}{'facilities':>12}{'time s':>9}{'ns/point':>10}{'core ns':>9}{'peak MB':>9}{'bytes/point':>13}"
    )
    for n, m in sizes:
        run = subprocess.run(  # this file
            [sys.executable, __file__, "--cell", str(n), str(m)], check=True, capture_output=True, text=True
        )
        found = json.loads(run.stdout)
        print(
            f"{n:>12,}{m:>12,}{found['seconds']:>9.3f}{found['seconds'] / n * 1e9:>10.0f}"
            f"{found['cpu'] * 1e9:>9.0f}{found['peak_mb']:>9.0f}{found['bytes']:>13.0f}"
        )


def rings(n: int, rounds: int) -> None:
    """Weighted sums within 10, 20 and 30 miles both ways, as the E2SFCA method needs them."""
    from scipy.spatial import cKDTree

    (_, there), (_, here) = facilities(), origins(n)
    miles = [1609.344 * radius for radius in (10, 20, 30)]
    people, places, tree = PackedTree(*here), PackedTree(*there), cKDTree(to_xyz(*there))
    some = Points(here.lon[:20_000], here.lat[:20_000])
    xyz = to_xyz(*some)
    ring_sums(places, here.lon[:2], here.lat[:2], miles)
    found = race(
        {
            "out": lambda: ring_sums(people, *there, miles),
            "back": lambda: ring_sums(places, *here, miles),
            "some": lambda: ring_sums(places, *some, miles),
            "listed": lambda: within_batch(places, *some, miles[-1]),
            "peer": lambda: [tree.query_ball_point(xyz, r, return_length=True, workers=-1) for r in miles],
        },
        rounds,
    )
    seconds = {name: best for name, (best, _) in found.items()}
    pairs = found["back"][1][:, -1].sum()
    print(
        f"\nring_sums within 10, 20 and 30 miles: {n:,} origins x {there.lon.size:,} facilities, {pairs:,.0f} pairs"
    )
    print(f"facilities over origins {seconds['out']:.3f} s, origins over facilities {seconds['back']:.3f} s")
    print(
        f"20,000 origins {seconds['some']:.3f} s; as a list of measured pairs {seconds['listed'] / seconds['some']:.0f}"
        f" x that; cKDTree counting chords on all cores {seconds['peer'] / seconds['some']:.1f} x"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="also the large sizes")
    parser.add_argument("--cell", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cell:
        print(json.dumps(cell(*options.cell)))
        return
    first_calls()
    side_by_side(len(iop.demand_points("zcta")), 5)
    side_by_side(BLOCK_GROUPS, 5)
    rings(BLOCK_GROUPS, 3)
    real = facilities()[1].lon.size
    sizes = [(10**n, real) for n in (4, 5, 6)]
    if options.full:
        sizes = [(10**n, 10**m) for m in (3, 4, 5) for n in (4, 5, 6, 7)] + [(BLOCKS, real)]
    growth(sizes)


if __name__ == "__main__":
    main()
