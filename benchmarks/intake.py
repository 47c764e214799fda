"""How intake grows with the number of rows and of columns, on SYNTHETIC tables of the shapes that make it slow.

Twice as many should take twice the time; budget: 5 s for 100,000 different rows on an idle machine.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from iopdir.geography.places import zip_points
from iopdir.intake.pipeline import intake
from iopdir.loaders.tabular import read_facilities
from iopdir.provenance import Source

SIZES = (10_000, 20_000, 40_000)


def shapes(n: int) -> dict[str, pd.DataFrame]:
    """Make the tables: one row repeated, one name at scattered, crowded and lined-up points, and all different."""
    chance = np.random.default_rng(1)
    one = pd.DataFrame({"name": ["SYNTHETIC Clinic"] * n})
    address = {"street1": "1 Example St", "city": "Springfield", "state": "IL", "zip": "62701"}
    homes = zip_points().sample(n, replace=True, random_state=1)

    def at(lon: tuple[float, float], lat: tuple[float, float]) -> dict[str, pd.Series[str]]:
        return {
            name: pd.Series(chance.uniform(*ends, n)).astype("str")
            for name, ends in (("lon", lon), ("lat", lat))
        }

    return {
        "one row repeated": one.assign(**address),
        "one name, scattered": one.assign(**at((-110, -80), (30, 45))),
        "one name, crowded": one.assign(**at((-87.66, -87.65), (41.9, 41.91))),
        "one name, on a line": one.assign(**at((-110, -80), (41.9, 41.9))),
        "one address, scattered": one.assign(**address, **at((-91, -88), (37.5, 42))),
        "all different": pd.DataFrame(
            {
                "name": [f"SYNTHETIC Clinic {number}" for number in range(n)],
                "street1": [f"{number} Example St" for number in range(n)],
                "zip": homes.index.to_numpy(),
            }
        ),
    }


def measure(name: str, table: pd.DataFrame) -> None:
    """Print how long one intake takes."""
    begun = time.perf_counter()
    _, quality = intake(table, source=Source(name="SYNTHETIC"))
    seconds = time.perf_counter() - begun
    print(f"{name:24} {len(table):8,} rows {seconds:6.2f} s, {quality.merged:,} merged")


def measure_columns(n: int) -> None:
    """Print how long it takes to read three rows with many columns."""
    table = pd.DataFrame([["SYNTHETIC Clinic", "60614", *["x"] * n]] * 3)
    table.columns = ["name", "zip", *(f"column {number}" for number in range(n))]
    begun = time.perf_counter()
    read_facilities(table, name="SYNTHETIC")
    print(f"{'wide':24} {n:8,} columns {time.perf_counter() - begun:6.2f} s")


if __name__ == "__main__":
    intake(shapes(10)["all different"], source=Source(name="SYNTHETIC"))  # packs and kernels are loaded
    tables = {n: shapes(n) for n in SIZES}
    for shape in tables[SIZES[0]]:
        for n in SIZES:
            measure(shape, tables[n][shape])
    measure("all different", shapes(100_000)["all different"])
    for n in (7_500, 15_000, 30_000):
        measure_columns(n)
