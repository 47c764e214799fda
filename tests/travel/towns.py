"""SYNTHETIC towns of streets of every kind, and points in them."""

import numpy as np
import pandas as pd

import iopdir as iop
from iopdir.provenance import Source
from iopdir.roads.extract import Ban, Detour, Extract
from iopdir.roads.network import build
from iopdir.roads.obstacles import Stop
from iopdir.roads.profile import car
from iopdir.roads.tags import read_way

KINDS = [
    read_way(tags, car())
    for tags in (
        {"highway": "residential"},
        {"highway": "residential", "oneway": "yes"},
        {"highway": "service", "access": "customers"},
        {"highway": "secondary"},
        {"route": "ferry", "duration": "00:04"},
    )
]


def town(seed, side=7):
    """A SYNTHETIC town: a grid of streets of every kind, some left out, with signals, bollards and forbidden turns."""
    rng = np.random.default_rng(seed)
    y, x = (axis.ravel() for axis in np.mgrid[0:side, 0:side])
    number = np.arange(side * side).reshape(side, side)
    a = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    b = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = rng.random(a.size) < 0.85
    a, b = a[kept], b[kept]
    flip = rng.random(a.size) < 0.5
    a, b = np.where(flip, b, a), np.where(flip, a, b)
    stops = {int(n): Stop(2.0, 2.0) for n in rng.choice(side * side, 6, replace=False)}
    stops[int(rng.integers(side * side))] = Stop(-1.0, -1.0)
    ways = [int(w) for w in rng.choice(a.size, 6)]
    bans = [
        Ban(one, int(b[one]), other, only=False)
        for one in ways
        for other in np.flatnonzero((a == b[one]) | (b == b[one]))[:1].tolist()
    ]
    detours = [
        Detour((first, over, last), (int(b[first]), int(b[over])), bool(rng.random() < 0.3))
        for first, over in rng.permutation(np.argwhere(b[:, None] == a))[:12].tolist()
        for last in np.flatnonzero(a == b[over])[:1].tolist()
    ]
    extract = Extract(
        lon=(x + rng.uniform(-0.3, 0.3, x.size)) * 0.002,
        lat=45 + (y + rng.uniform(-0.3, 0.3, y.size)) * 0.002,
        node=np.stack([a, b], axis=1).ravel().astype(np.int64),
        start=np.arange(0, 2 * a.size + 1, 2),
        passages=KINDS,
        kind=rng.choice(len(KINDS), a.size, p=[0.5, 0.2, 0.1, 0.17, 0.03]),
        stops=stops,
        bans=bans,
        detours=detours,
    )
    return iop.Roads(build(extract, car()), car(), Source(name="town", synthetic=True))


def scatter(seed, count, prefix):
    """Points in the town, some of them at one place."""
    rng = np.random.default_rng(seed)
    where = rng.uniform(-0.001, 0.013, (count, 2)).round(4)
    where[count // 2 :] = where[rng.integers(0, count, count - count // 2)]
    frame = pd.DataFrame(
        {"lon": where[:, 0], "lat": 45 + where[:, 1]}, index=[f"{prefix}{i}" for i in range(count)]
    )
    return frame.assign(
        population=rng.integers(0, 500, count).astype(float), beds=rng.integers(0, 9, count).astype(float)
    )
