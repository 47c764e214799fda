"""Catchment measures side by side with PySAL `access`, in one run; prints ratios.

    python benchmarks/access.py             # two minutes, most of them PySAL's
    python benchmarks/access.py --full      # also 8.1 million demand points

With IOPDIR_REAL_DATA naming the folder of public files, people live at points scattered around the 2020 centers of
population of tracts, 242,335 as there are block groups, and facilities are the 14,034 of the 2021 locator pull; without
it, around the embedded ZIP areas, with SYNTHETIC facilities. Rings are 10, 20 and 30 miles in straight lines. `access`
is given the matrix it needs, ready made; iopdir works with and without it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import iopdir as iop
from iopdir.units import METRES_PER_MILE

BLOCK_GROUPS = 242_335
BLOCKS = 8_100_000
RINGS, WEIGHTS = ["10 mi", "20 mi", "30 mi"], [1.0, 0.68, 0.22]
STATE = "IL"


def facilities() -> pd.DataFrame:
    """Read the facilities that are there to be read, at one site a row."""
    folder = os.environ.get("IOPDIR_REAL_DATA")
    if folder:
        table = pd.read_csv(Path(folder) / "oeps_substance_use_treatment_2021.csv")
        return pd.DataFrame({"lon": table["longitude"], "lat": table["latitude"]})
    return pd.DataFrame(iop.demo_directory().to_geodataframe()[["lon", "lat"]])


def people(n: int) -> pd.DataFrame:
    """Scatter n demand points around real centers of population, in whole people."""
    folder = os.environ.get("IOPDIR_REAL_DATA")
    if folder:
        centers = iop.read_popcenters(Path(folder) / "popcenters_tract_2020.csv.gz")
    else:
        centers = iop.demand_points("zcta")
    rng = np.random.default_rng(4)
    pick = np.arange(n) % len(centers) if n >= len(centers) else rng.choice(len(centers), n, replace=False)
    share = np.bincount(pick, minlength=len(centers))[pick]
    spread_deg = 0.01 * (share > 1)
    frame = pd.DataFrame(
        {
            "lon": np.clip(centers["lon"].to_numpy()[pick] + rng.normal(0, 1, n) * spread_deg, -180, 180),
            "lat": centers["lat"].to_numpy()[pick] + rng.normal(0, 1, n) * spread_deg,
            "population": np.floor(centers["population"].to_numpy()[pick] / share).astype("int64"),
        }
    )
    if n <= BLOCK_GROUPS:
        frame["state"] = centers["state"].to_numpy()[pick]
    return frame


def timed(work: Callable[[], Any], repeat: int = 3) -> tuple[float, Any]:
    """Give the best time of a few, in seconds, and the result."""
    best, result = np.inf, None
    for _ in range(repeat):
        begin = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - begin)
    return best, result


def enhanced(
    demand: pd.DataFrame, supply: pd.DataFrame, cost: iop.CostMatrix | None = None
) -> pd.Series[float]:
    """Run E2SFCA with the rings of this benchmark."""
    return iop.enhanced_two_step_fca(demand, supply, rings=RINGS, weights=WEIGHTS, cost=cost)


def side_by_side(demand: pd.DataFrame, supply: pd.DataFrame) -> None:
    """Print both for one state, on one matrix, with the largest difference."""
    sys.path.remove(str(Path(__file__).resolve().parent))  # this file has the name of the package
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = importlib.import_module("access")

    cost = iop.CostMatrix.from_geodesic(demand, supply, max_cost=RINGS[-1])
    pairs, reached = cost.to_frame(), len(cost)
    pairs["cost"] /= METRES_PER_MILE
    theirs = peer.Access(
        demand_df=demand.rename_axis("home").reset_index(),
        demand_index="home",
        demand_value="population",
        supply_df=supply.assign(one=1).rename_axis("site").reset_index(),
        supply_index="site",
        supply_value=["one"],
        cost_df=pairs,
        cost_origin="origin",
        cost_dest="destination",
        cost_name="cost",
    )
    print(
        f"\n{STATE}: {len(demand):,} demand points, {reached:,} pairs within {RINGS[-1]}, both given the matrix"
    )
    print(f"{'':34}{'seconds':>10}{'ns a pair':>12}{'times faster':>14}{'difference':>12}")
    step = peer.weights.step_fn(dict(zip((10, 20, 30), WEIGHTS, strict=True)))
    for name, slow, quick in (
        (
            "E2SFCA",
            lambda: theirs.enhanced_two_stage_fca(weight_fn=step).iloc[:, 0],
            {
                "on the matrix": lambda: enhanced(demand, supply, cost=cost),
                "without a matrix": lambda: enhanced(demand, supply),
            },
        ),
        (
            "RAAM",
            lambda: theirs.raam(tau=30).iloc[:, 0],
            {
                "on the matrix": lambda: iop.measures.raam(demand, supply, cost=cost, tau="30 mi"),
                "without a matrix": lambda: iop.measures.raam(demand, supply, tau="30 mi"),
            },
        ),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds, expected = timed(slow, repeat=1)
        print(f"{name + ', access':34}{seconds:10.3f}{seconds / reached * 1e9:12.0f}")
        for how, work in quick.items():
            ours, found = timed(work)
            both = pd.DataFrame({"a": found, "b": expected}).replace(np.inf, np.nan).dropna()
            off = float((both["a"] / both["b"] - 1).abs().max())
            label = f"{name}, iopdir {how}"
            print(f"{label:34}{ours:10.3f}{ours / reached * 1e9:12.1f}{seconds / ours:14.0f}{off:12.1e}")


def grow(n: int) -> dict[str, float]:
    """Measure one size; called in a process of its own, so that the peak of memory is its own."""
    supply, demand = facilities(), people(n)
    enhanced(demand.head(10_000), supply)
    seconds, found = timed(lambda: enhanced(demand, supply), repeat=1 if n > BLOCK_GROUPS else 3)
    return {"seconds": seconds, "peak_gb": peak_gb(), "shared_out": float(found @ demand["population"])}


def peak_gb() -> float:
    """Give the peak of memory of this process alone (what `getrusage` says includes its parent's)."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1e6


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="also 8.1 million demand points")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.size:
        print(json.dumps(grow(chosen.size)))
        return
    supply, demand = facilities(), people(BLOCK_GROUPS)
    kind = "real" if os.environ.get("IOPDIR_REAL_DATA") else "SYNTHETIC"
    print(f"{len(supply):,} {kind} facilities, {len(demand):,} demand points, {os.cpu_count()} cores")
    side_by_side(demand[demand["state"] == STATE], supply)

    print(f"\nThe nation, without a matrix: {len(demand):,} demand points")
    seconds, found = timed(lambda: enhanced(demand, supply))
    pairs = int(iop.measures.cumulative_opportunities(demand, supply, max_cost=RINGS[-1]).sum())
    print(f"E2SFCA {seconds:.2f} s, {pairs:,} pairs not listed, {seconds / pairs * 1e9:.0f} ns for each")
    seconds, found = timed(lambda: iop.measures.raam(demand, supply, tau="30 mi"), repeat=1)
    print(
        f"RAAM {seconds:.1f} s, {np.isfinite(found).mean():.1%} of demand points within {RINGS[-1]} of a facility"
    )

    print(
        f"\nGrowth of E2SFCA, each size in a process of its own\n{'demand points':>14}{'seconds':>10}{'peak GB':>10}"
    )
    for n in (10_000, 100_000, BLOCK_GROUPS, 1_000_000, *([BLOCKS] if chosen.full else [])):
        done = subprocess.run(
            [sys.executable, __file__, "--size", str(n)], capture_output=True, text=True, check=True
        )
        row = json.loads(done.stdout)
        print(f"{n:14,}{row['seconds']:10.2f}{row['peak_gb']:10.2f}")


if __name__ == "__main__":
    main()
