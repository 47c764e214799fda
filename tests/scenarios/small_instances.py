"""Small instances, and every plan there is for them."""

from itertools import chain, combinations

import numpy as np
import pandas as pd
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
LIMIT_M = 30_000.0


def instance(seed, people=14, places=4, candidates=7):
    """Scatter people, open facilities and candidates over a square degree of Illinois, all with ids of their own."""
    rng = np.random.default_rng(seed)

    def scatter(n, mark):
        spots = {"lon": rng.uniform(-89.5, -88.5, n), "lat": rng.uniform(39.5, 40.5, n)}
        return pd.DataFrame(spots, index=[f"{mark}{number}" for number in range(n)])

    homes = scatter(people, "h").assign(population=rng.integers(0, 50, people).astype(float))
    homes["poor"] = np.floor(homes["population"] * rng.random(people))
    county = rng.choice(["17115", "17113", "17147"], people)
    homes = homes.assign(county_fips=county, vintage=2023, state="IL")
    return homes, scatter(places, "f"), scatter(candidates, "c")


def costs(homes, places):
    """Measure every pair, shape (homes, places)."""
    if not len(places):
        return np.zeros((len(homes), 0))
    ends = [np.meshgrid(homes[name], places[name], indexing="ij") for name in ("lon", "lat")]
    return GEOD.inv(ends[0][0], ends[1][0], ends[0][1], ends[1][1])[2]


def plans(candidates, n):
    """List every choice of up to n candidates, by position."""
    return chain.from_iterable(combinations(range(len(candidates)), k) for k in range(n + 1))


def newly(homes, places, candidates, chosen, limit=LIMIT_M, column="population"):
    """Count the people whom a choice newly reaches."""
    already = (costs(homes, places) <= limit).any(axis=1)
    reached = (costs(homes, candidates.iloc[list(chosen)]) <= limit).any(axis=1)
    return float(homes[column].to_numpy()[reached & ~already].sum())
