"""How long an extract as large as a state takes, and how much memory: read, saved, opened, and a table of minutes.

    python benchmarks/extract.py roads.osm.pbf              # an extract of one's own
    python benchmarks/extract.py roads.osm.pbf --times 100  # laid beside itself 10 x 10 times first

Laid out so, the streets of central Baltimore (0.65 MB, without houses) become 43 MB: 5.1 million points, 0.7 million
ways, each copy tied to the next by 30 roads. The result is SYNTHETIC: its streets are real, their places are not.
"""

from __future__ import annotations

import argparse
import math
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import osmium
import pandas as pd
from osmium.osm import mutable

import iopdir as iop

TIES = 30
_ROADS = {"residential", "unclassified", "tertiary", "secondary", "primary"}
_PEOPLE, _SITES = 4_000, 300
T = TypeVar("T")


class Area:
    """All that an extract holds; things are numbered from one, and points outside it are left out."""

    def __init__(self, path: Path) -> None:
        self.points, self.tags = list[tuple[float, float]](), list[dict[str, str]]()
        self.ways = list[tuple[list[int], dict[str, str]]]()
        self.relations = list[tuple[list[tuple[str, int, str]], dict[str, str]]]()
        number: dict[tuple[str, int], int] = {}
        for one in osmium.FileProcessor(path):
            tags = {tag.k: tag.v for tag in one.tags}
            if isinstance(one, osmium.osm.Node):
                self.points.append((one.location.lon, one.location.lat))
                self.tags.append(tags)
                number["n", one.id] = len(self.points)
            elif isinstance(one, osmium.osm.Way):
                self.ways.append(
                    ([number["n", end.ref] for end in one.nodes if ("n", end.ref) in number], tags)
                )
                number["w", one.id] = len(self.ways)
            elif isinstance(one, osmium.osm.Relation):
                kept = [
                    (m.type, number[m.type, m.ref], m.role) for m in one.members if (m.type, m.ref) in number
                ]
                self.relations.append((kept, tags))

    def ties(self, axis: int) -> list[tuple[int, int]]:
        """Find points on roads near both ends of an axis, band by band across it."""
        on_roads = {point for points, tags in self.ways if tags.get("highway") in _ROADS for point in points}
        numbers = np.array(sorted(on_roads))
        at = np.array(self.points)[numbers - 1]
        edges = np.linspace(at[:, 1 - axis].min(), at[:, 1 - axis].max(), TIES + 1)
        band = pd.Series(np.searchsorted(edges[1:-1], at[:, 1 - axis]))
        by = pd.Series(at[:, axis]).groupby(band)
        return list(zip(numbers[by.idxmin()].tolist(), numbers[by.idxmax()].tolist(), strict=True))


def lay_out(area: Area, times: int, path: Path) -> None:
    """Write an area many times, westward and southward, each copy tied to its neighbours."""
    side = math.isqrt(times)
    wide, high = 0.98 * np.ptp(np.array(area.points), axis=0)
    size = {"n": len(area.points), "w": len(area.ways), "r": len(area.relations)}
    copies, west_east, south_north = range(side * side), area.ties(0), area.ties(1)
    ties = list[tuple[int, int]]()
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for copy in copies:
            for one, ((lon, lat), tags) in enumerate(zip(area.points, area.tags, strict=True), start=1):
                where = (lon - wide * (copy % side), lat - high * (copy // side))
                writer.add_node(mutable.Node(id=copy * size["n"] + one, version=1, location=where, tags=tags))
        for copy in copies:
            for one, (points, tags) in enumerate(area.ways, start=1):
                ends = [copy * size["n"] + point for point in points]
                writer.add_way(mutable.Way(id=copy * size["w"] + one, version=1, nodes=ends, tags=tags))
            here, beside, below = (number * size["n"] for number in (copy, copy + 1, copy + side))
            if copy % side < side - 1:
                ties += [(here + west, beside + east) for west, east in west_east]
            if copy + side < len(copies):
                ties += [(here + south, below + north) for south, north in south_north]
        for number, tie in enumerate(ties, start=len(copies) * size["w"] + 1):
            writer.add_way(mutable.Way(id=number, version=1, nodes=tie, tags={"highway": "tertiary"}))
        for copy in copies:
            for one, (members, tags) in enumerate(area.relations, start=1):
                moved = [(kind, copy * size[kind] + number, role) for kind, number, role in members]
                number = copy * size["r"] + one
                writer.add_relation(mutable.Relation(id=number, version=1, members=moved, tags=tags))


def told(what: str, work: Callable[[], T]) -> T:
    """Run something; say how long it took, and the most memory so far."""
    begin = time.perf_counter()
    answer = work()
    took = time.perf_counter() - begin
    print(f"  {what:38} {took:7.2f} s {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8,.0f} MB")
    return answer


def measure(pbf: Path, folder: Path) -> None:
    """Read, save and open roads, and ask them twice for a table."""
    print(f"{pbf.name}, {pbf.stat().st_size / 1e6:,.1f} MB")
    roads = told("read", lambda: iop.Roads.read_pbf(pbf))
    saved = folder / "roads.iopdir"
    told("saved", lambda: roads.save(saved))
    roads = told(f"opened, {saved.stat().st_size / 1e6:,.0f} MB", lambda: iop.Roads.open(saved))
    print(f"  {roads}")
    shapes, rng = roads._network.shapes, np.random.default_rng(0)
    picked = [rng.integers(0, shapes.lon.size, count) for count in (_PEOPLE, _SITES)]
    ends = [pd.DataFrame({"lon": shapes.lon[one], "lat": shapes.lat[one]}) for one in picked]
    for _ in range(2):
        what = f"{_PEOPLE:,} x {_SITES} within 30 minutes"
        cost = told(what, lambda: iop.CostMatrix.from_roads(roads, *ends, max_cost="30 min"))
    print(f"  {len(cost.to_frame()):,} pairs")


def main() -> None:
    """Lay out an extract where that is asked for, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("extract", type=Path)
    parser.add_argument("--times", type=int, default=1, help="copies; a square number")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pbf = asked.extract
        if asked.times > 1:
            pbf = Path(folder) / "SYNTHETIC.osm.pbf"
            lay_out(Area(asked.extract), asked.times, pbf)
        measure(pbf, Path(folder))


if __name__ == "__main__":
    main()
