"""Drive times, side by side with routers, and how they grow; prints ratios.

    python benchmarks/roads.py                       # two small real extracts, and a generated network of 250,000 nodes
    python benchmarks/roads.py --nodes 1e6 6e6       # the growth curve at these sizes
    python benchmarks/roads.py --nodes 24e6 --goals 200    # about the roads of the United States; needs 20 GB to build

Extracts are read from the folder `roads` in IOPDIR_REAL_DATA. Peers are asked where they can be imported, or where
their programs are found, and it is said when not: OSRM (programs of the wheel `osrm-bindings` in the folder that
OSRM_BIN names), Valhalla (`pyvalhalla`), `pyroutingkit`, and `scipy` on the very same graph of states.

The generated network is SYNTHETIC: a grid with moved corners and streets left out, one junction in 0.33 km2 as in the
United States, every 8th line faster than streets, every 32nd faster still, every 128th a motorway.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import iopdir as iop
from iopdir.provenance import Source
from iopdir.roads.anchors import goals as seeds_of
from iopdir.roads.between import Between
from iopdir.roads.extract import Extract
from iopdir.roads.network import Network, build
from iopdir.roads.profile import car
from iopdir.roads.search import FAR, Seeds, ring_size, settle
from iopdir.roads.tags import Passage, read_way
from iopdir.travel.by_road import Roads

Floats = NDArray[np.float64]
T = TypeVar("T")
_CLASSES = ("residential", "tertiary", "secondary", "motorway")
_HIERARCHY = 200_000


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Run something, and say how long it took."""
    begin = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - begin


def peak_mb() -> float:
    """Most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def generate(nodes: int, seed: int = 1) -> Extract:
    """Make a SYNTHETIC network that is planar and has a hierarchy of speeds."""
    rng = np.random.default_rng(seed)
    side = int(np.sqrt(nodes))
    step = np.sqrt(0.33) / 111.32
    y, x = (axis.ravel() for axis in np.mgrid[0:side, 0:side])
    lat = 38.0 + step * (y - side / 2) + rng.uniform(-0.3, 0.3, y.size) * step
    lon = -96.0 + (step * (x - side / 2) + rng.uniform(-0.3, 0.3, x.size) * step) / np.cos(np.radians(38))
    number = np.arange(side * side, dtype=np.int64).reshape(side, side)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    line = np.concatenate([np.repeat(np.arange(side), side - 1), np.tile(np.arange(side), side - 1)])
    kind = (line % 8 == 0).astype(np.int64) + (line % 32 == 0) + (line % 128 == 0)
    kept = (kind > 0) | (rng.random(a.size) < 0.7)
    a, b, kind = a[kept], b[kept], kind[kept]
    passages = [read_way({"highway": road}, car()) for road in _CLASSES]
    both: list[Passage] = [p._replace(backward=p.forward) for p in passages if p is not None]
    return Extract(
        lon=lon,
        lat=lat,
        node=np.stack([a, b], axis=1).ravel(),
        start=np.arange(0, 2 * a.size + 1, 2),
        passages=both,
        kind=kind,
        stops={},
        bans=[],
        counts={},
    )


def growth(nodes: int, goals: int, sites: int) -> None:
    """Measure building, bounded searches and one sweep on a generated network."""
    network, built = timed(lambda: build(generate(nodes), car()))
    states = network.graph.took.size
    print(f"\n{nodes:,} nodes: {states:,} states, {network.graph.before.size:,} turns")
    print(f"  generated, contracted and ordered   {built:8.1f} s   {peak_mb():8,.0f} MB at most so far")
    roads = Roads(network, car(), Source(name="generated network", synthetic=True))
    rng = np.random.default_rng(2)
    where = [points_on(network, count, rng) for count in (goals, sites)]
    clinics, laid = timed(lambda: roads.anchor(*where[0]))
    print(f"  grid laid, {goals:,} points snapped   {laid:8.1f} s")
    homes = roads.anchor(*where[1])
    Between(network, homes, homes).pairs(0)  # compiled
    ways = Between(network, homes, clinics)
    ways.pairs(0)  # tied to states beforehand
    found, took = timed(lambda: ways.pairs(36_000))
    print(
        f"  60 minutes from {goals:,} goals          {took:8.1f} s   {1e3 * took / goals:8.2f} ms a goal,"
        f" {found.who.size:,} pairs with {sites:,} points"
    )
    ways = Between(network, clinics, homes)
    ways.nearest(1, 0)
    _, took = timed(lambda: ways.nearest(1, 10**9))
    print(f"  nearest of {sites:,} for every state     {took:8.1f} s   {peak_mb():8,.0f} MB at most so far")
    _scipy(network, roads, where[0])
    _routingkit(network)


def points_on(network: Network, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Scatter points over the roads."""
    shapes = network.shapes
    chain = np.repeat(np.arange(shapes.doorstep.size), np.diff(shapes.start))
    one = rng.choice(np.flatnonzero(shapes.doorstep[chain]), count)
    a, share = one + chain[one], rng.random(count)
    lon, lat = (axis[a] * (1 - share) + axis[a + 1] * share for axis in (shapes.lon, shapes.lat))
    return np.round(lon, 6), np.round(lat, 6)


def _scipy(network: Network, roads: Roads, where: tuple[Floats, Floats], goals: int = 5) -> None:
    """Search the same states with scipy, from the first goals, and hold the costs against ours bit for bit."""
    try:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra
    except ImportError:
        print("  scipy cannot be imported")
        return
    graph, shapes = network.graph, network.shapes
    n = graph.took.size
    seeds = seeds_of(roads.anchor(where[0][:goals], where[1][:goals]), shapes, graph)
    weight = graph.turn + np.repeat(graph.took, np.diff(graph.start)).astype(np.float64)
    count = seeds.start[-1]
    rows = np.concatenate([graph.start, graph.start[-1] + seeds.start[1:]])
    columns = np.concatenate([graph.before, seeds.state])
    matrix = csr_array((np.concatenate([weight, seeds.cost]), columns, rows), shape=(n + goals, n + goals))
    theirs, slow = timed(lambda: dijkstra(matrix, indices=np.arange(n, n + goals), limit=36000.0)[:, :n])
    ring = np.full(ring_size(graph, seeds), -1, dtype=np.int32)

    def ours() -> NDArray[np.int32]:
        table = np.full((goals, n), FAR, dtype=np.int32)
        for goal in range(goals):
            settle(graph, seeds, goal, 36000, table[goal], ring, np.empty((2, 4096), dtype=np.int32))
        return table

    mine, quick = timed(ours)
    same = bool((np.where(mine == FAR, np.inf, mine) == theirs).all())
    print(
        f"  scipy, the same {goals} goals, {count} seeds   {1e3 * slow / goals:8.1f} ms a goal, ours on one core"
        f" {1e3 * quick / goals:.1f}: {slow / quick:.1f} times; equal bit for bit: {same}"
    )
    assert same


def judge(ours: Floats, theirs: Floats) -> str:
    """Say how two tables of seconds agree."""
    good = np.isfinite(ours) & np.isfinite(theirs) & (theirs > 0)
    ratio = ours[good] / theirs[good]
    return (
        f"n {good.sum():,}, r {np.corrcoef(ours[good], theirs[good])[0, 1]:.4f}, median ratio {np.median(ratio):.3f},"
        f" {np.mean(np.abs(ratio - 1) <= 0.15):.1%} within 15 %"
    )


def against_table(folder: Path) -> None:
    """Hold Baltimore against the seconds of OSRM that lie beside it."""
    roads = iop.Roads.read_pbf(folder / "baltimore.osm.pbf")
    for name in ("baltimore_points_osrm.csv", "baltimore_osrm.csv"):
        table = pd.read_csv(folder / name)
        ends = []
        for end in ("origin", "destination"):
            where = table[[f"{end}_lon", f"{end}_lat"]].set_axis(["lon", "lat"], axis=1).drop_duplicates()
            ends.append(where.set_index(pd.MultiIndex.from_frame(where).to_flat_index()))
        cost = iop.CostMatrix.from_roads(roads, *ends, max_cost=None).to_frame()
        ours = cost.set_index(["origin", "destination"])["cost"] * 60
        keys = zip(
            zip(table["origin_lon"], table["origin_lat"], strict=True),
            zip(table["destination_lon"], table["destination_lat"], strict=True),
            strict=True,
        )
        seconds = np.array([ours.get(key, np.nan) for key in keys])
        print(f"  {name}: {judge(seconds, table['seconds'].to_numpy())}")


def side_by_side(pbf: Path, size: int = 40) -> None:
    """Build and ask for one table: ours and every router there is."""
    print(f"\n{pbf.name}, {size} x {size} points on roads")
    roads, built = timed(lambda: iop.Roads.read_pbf(pbf))
    rng = np.random.default_rng(3)
    ends = [points_on(roads._network, size, rng) for _ in range(2)]
    frames = [pd.DataFrame({"lon": lon, "lat": lat}) for lon, lat in ends]
    iop.CostMatrix.from_roads(roads, *frames, max_cost=None)
    cost, asked = timed(lambda: iop.CostMatrix.from_roads(roads, *frames, max_cost=None).to_frame())
    ours = np.full((size, size), np.nan)
    ours[cost["origin"], cost["destination"]] = cost["cost"] * 60
    print(f"  ours          built in {built:6.2f} s, table in {1e3 * asked:7.1f} ms")
    for name, router in {"OSRM": _osrm, "Valhalla": _valhalla}.items():
        try:
            theirs, build_s, table_s = router(pbf, ends)
        except (ImportError, FileNotFoundError) as error:
            print(f"  {name:13} not asked: {error}")
            continue
        print(
            f"  {name:13} built in {build_s:6.2f} s, table in {1e3 * table_s:7.1f} ms; {judge(ours, theirs)}"
        )


def _osrm(pbf: Path, ends: list[tuple[Floats, Floats]]) -> tuple[Floats, float, float]:
    folder = os.environ.get("OSRM_BIN")
    if not folder:
        raise FileNotFoundError("OSRM_BIN does not name the folder of its programs")
    binary = Path(folder)
    profile = next(binary.parent.rglob("car.lua"))
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(pbf, Path(work) / "roads.osm.pbf")

        def run(*words: str) -> None:
            subprocess.run([str(binary / words[0]), *words[1:]], cwd=work, check=True, capture_output=True)

        _, first = timed(lambda: run("osrm-extract", "-p", str(profile), "roads.osm.pbf"))
        _, second = timed(lambda: run("osrm-contract", "roads.osrm"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [str(binary / "osrm-routed"), "-p", str(port), "--max-table-size", "10000", "roads.osrm"],
            cwd=work,
            stdout=subprocess.DEVNULL,
        )
        try:
            points = ";".join(f"{x:.6f},{y:.6f}" for lon, lat in ends for x, y in zip(lon, lat, strict=True))
            n, m = (end[0].size for end in ends)
            here, there = ";".join(map(str, range(n))), ";".join(map(str, range(n, n + m)))
            url = f"http://127.0.0.1:{port}/table/v1/driving/{points}?sources={here}&destinations={there}"
            for _ in range(100):
                try:
                    with urllib.request.urlopen(url) as answer:
                        answer.read()
                    break
                except OSError:
                    time.sleep(0.1)

            def ask() -> Any:  # noqa: ANN401  # JSON
                with urllib.request.urlopen(url) as answer:
                    return json.load(answer)

            table, took = timed(ask)
        finally:
            server.terminate()
            server.wait()
    return np.array(table["durations"], dtype=np.float64), first + second, took


def _valhalla(pbf: Path, ends: list[tuple[Floats, Floats]]) -> tuple[Floats, float, float]:
    import valhalla
    from valhalla.config import get_config

    with tempfile.TemporaryDirectory() as work:
        config = get_config(tile_extract="", tile_dir=work, verbose=False)
        config["service_limits"]["auto"]["max_matrix_location_pairs"] = 10**7
        written = Path(work) / "valhalla.json"
        written.write_text(json.dumps(config), encoding="utf-8")
        command = ["valhalla_build_tiles", "-c", str(written), str(pbf)]
        _, built = timed(lambda: subprocess.run(command, check=True, capture_output=True))
        actor = valhalla.Actor(str(written))
        body = {
            "costing": "auto",
            **{
                name: [{"lon": x, "lat": y} for x, y in zip(lon, lat, strict=True)]
                for name, (lon, lat) in zip(("sources", "targets"), ends, strict=True)
            },
        }
        answer, took = timed(lambda: actor.matrix(body))
    rows = answer["sources_to_targets"]
    return np.array([[cell["time"] for cell in row] for row in rows], dtype=np.float64), built, took


def _routingkit(network: Network, size: int = 50) -> None:
    """Contract the very same states with pyroutingkit, and hold many to many against ours bit for bit."""
    graph, n = network.graph, network.graph.took.size
    try:
        import pyroutingkit as rk
    except ImportError:
        print("  pyroutingkit cannot be imported")
        return
    if n > _HIERARCHY:
        print(f"  pyroutingkit is asked up to {_HIERARCHY:,} states: contraction takes minutes beyond")
        return
    head = np.repeat(np.arange(n, dtype=np.uint32), np.diff(graph.start))
    weight = (graph.turn + graph.took[head]).astype(np.uint32)
    chain = np.zeros(n, dtype=np.int64)
    rows = network.shapes.state.reshape(4, -1)
    for row in rows:
        chain[row[row >= 0]] = np.flatnonzero(row >= 0)
    first = network.shapes.start[:-1][chain] + chain
    where = [axis[first].astype(np.float32) for axis in (network.shapes.lat, network.shapes.lon)]
    topology = rk.CCHTopology()
    _, built = timed(lambda: topology.build(graph.before.astype(np.uint32), head, *where, n))
    metric = rk.CCHMetric(topology)
    _, weighed = timed(lambda: metric.customize(weight))
    rng = np.random.default_rng(4)
    ends = rng.choice(n, (2, size), replace=False).astype(np.uint32)
    theirs, slow = timed(lambda: np.asarray(metric.distances_many_to_many(*ends)).reshape(size, size))
    seeds = Seeds(np.arange(size + 1), ends[1].astype(np.int32), np.zeros(size, dtype=np.int32))
    ring = np.full(ring_size(graph, seeds), -1, dtype=np.int32)
    ours = np.empty((size, size), dtype=np.int64)
    begin = time.perf_counter()
    for goal in range(size):
        table = np.full(n, FAR, dtype=np.int32)
        settle(graph, seeds, goal, 10**9, table, ring, np.empty((2, 4096), dtype=np.int32))
        ours[:, goal] = table[ends[0]]
    quick = time.perf_counter() - begin
    print(
        f"  pyroutingkit  built in {built:.1f} s, weighed in {weighed:.1f} s, {size} x {size} without a limit in"
        f" {slow:.2f} s, ours in {quick:.2f} s; equal bit for bit: {bool((ours == theirs).all())}"
    )
    assert (ours == theirs).all()


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", nargs="*", type=float, default=[2.5e5], help="sizes of generated networks")
    parser.add_argument("--goals", type=int, default=200, help="bounded searches at each size")
    parser.add_argument("--sites", type=int, default=14_034, help="facilities of the sweep")
    asked = parser.parse_args()
    folder = os.environ.get("IOPDIR_REAL_DATA")
    if folder:
        print("Against the seconds of OSRM 26.10")
        against_table(Path(folder) / "roads")
        for name in ("baltimore.osm.pbf", "liechtenstein-latest.osm.pbf"):
            side_by_side(Path(folder) / "roads" / name)
    else:
        print("IOPDIR_REAL_DATA does not name a folder: no real extract")
    for nodes in asked.nodes:
        growth(int(nodes), asked.goals, asked.sites)


if __name__ == "__main__":
    main()
