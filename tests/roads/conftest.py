"""Small maps, written as PBF."""

from pathlib import Path

import numpy as np
import pytest

STEP = 0.001  # degrees; a step from south to north is 111 m at the equator, from west to east too


@pytest.fixture
def draw_map(tmp_path):
    """Write a map whose nodes are `{id: (x, y)}` or `{id: (x, y, tags)}` in steps of some 111 m near the equator."""
    import osmium
    from osmium.osm import mutable

    def draw(nodes, ways, relations=(), *, name="map.osm.pbf") -> Path:
        path = tmp_path / name
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path)) as writer:
            for number, (x, y, *tags) in sorted(nodes.items()):
                writer.add_node(
                    mutable.Node(id=number, location=(x * STEP, y * STEP), tags=tags[0] if tags else {})
                )
            for number, (refs, tags) in sorted(ways.items()):
                writer.add_way(mutable.Way(id=number, nodes=refs, tags=tags))
            for number, (members, tags) in enumerate(relations, start=1):
                writer.add_relation(mutable.Relation(id=number, members=members, tags=tags))
        return path

    return draw


@pytest.fixture
def at():
    """Place points on a map: a frame of `lon` and `lat`, by id."""
    import pandas as pd

    def frame(**places):
        table = pd.DataFrame(places, index=["lon", "lat"]).T * STEP
        return table.astype(np.float64)

    return frame


@pytest.fixture
def seconds():
    """Drive from places to places; NaN where nobody gets."""
    import iopdir as iop

    def drive(roads, origins, destinations):
        if isinstance(roads, Path):
            roads = iop.Roads.read_pbf(roads)
        cost = iop.CostMatrix.from_roads(roads, origins, destinations, max_cost=None).to_frame()
        table = cost.pivot_table(index="origin", columns="destination", values="cost") * 60
        return table.reindex(index=origins.index, columns=destinations.index)

    return drive
