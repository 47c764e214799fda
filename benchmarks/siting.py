"""Siting side by side with spopt, in one run: the same instance, the same optimum, build and solve; then growth.

    python benchmarks/siting.py             # some minutes, most of them spopt's
    python benchmarks/siting.py --states    # also ten sites for every state, and closing each site in turn

Facilities and people are those of `benchmarks/access.py`: with IOPDIR_REAL_DATA naming the folder of public files,
242,335 points scattered around the 2020 centers of population of tracts and the 14,034 facilities of the 2021 locator
pull; without it, SYNTHETIC facilities and scattered ZIP areas. Every demand point is a candidate, every facility stays.
spopt is given a matrix that is ready made, without any facility that stays, since it cannot lock one and leave the rest
free; iopdir measures for itself.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import warnings
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np

import iopdir as iop
from iopdir.spatial.geodesy import geodesic_m
from iopdir.units import METRES_PER_MILE

LIMIT_MI = 10
SIZES = (100, 200, 400, 800)
"""Demand points and candidates that spopt is given; each doubling takes it four times as long."""


def shared() -> Any:  # noqa: ANN401 - a module beside this one whose name another package has too
    """Load the facilities and people of the benchmark of access."""
    spec = spec_from_file_location("access_benchmark", Path(__file__).with_name("access.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def side_by_side(demand: Any, n: int) -> None:  # noqa: ANN401 - a frame
    """Solve maximal covering with both, and print times and the optimum of each."""
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        locate, pulp = importlib.import_module("spopt.locate"), importlib.import_module("pulp")
    iop.site(demand.head(50), demand.head(0), n=5, standard=f"{LIMIT_MI} mi")
    print(
        f"\nMaximal covering, {n} sites within {LIMIT_MI} mi, nothing there yet; both proven best\n"
        f"{'points':>8}{'spopt builds':>14}{'solves':>9}{'iopdir, all':>13}{'times faster':>14}{'same optimum':>14}"
    )
    for size in SIZES:
        part = demand.head(size)
        lon, lat = part["lon"].to_numpy(), part["lat"].to_numpy()
        one, two = (grid.ravel() for grid in np.meshgrid(np.arange(size), np.arange(size), indexing="ij"))
        matrix = geodesic_m(lon[one], lat[one], lon[two], lat[two]).reshape(size, size)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            begin = time.perf_counter()
            model = locate.MCLP.from_cost_matrix(
                matrix, part["population"].to_numpy(), LIMIT_MI * METRES_PER_MILE, n
            )
            built = time.perf_counter() - begin
            begin = time.perf_counter()
            model.solve(pulp.PULP_CBC_CMD(msg=False))
            solved = time.perf_counter() - begin
        begin = time.perf_counter()
        plan = iop.site(part, part.head(0), n=n, standard=f"{LIMIT_MI} mi")
        ours = time.perf_counter() - begin
        same = bool(np.isclose(plan.gain, model.problem.objective.value()))
        print(f"{size:8,}{built:14.2f}{solved:9.2f}{ours:13.3f}{(built + solved) / ours:14.0f}{same!s:>14}")


def nation(demand: Any, supply: Any) -> None:  # noqa: ANN401 - frames
    """Print times and bounds for the nation."""
    reach = iop.reach(demand, supply)
    iop.site(reach.part(slice(0, 5_000)), n=5)
    print(
        f"\nThe nation: {len(demand):,} demand points, {len(supply):,} facilities that stay\n"
        f"{'limit':>7}{'n':>5}{'greedy s':>10}{'optimal s':>11}{'greedy : best':>16}{'bound : best':>15}"
        f"{'people newly within':>21}"
    )
    for miles in (30, 10):
        for n in (25, 100):
            times, plans = [], []
            for method in ("greedy", "optimal"):
                begin = time.perf_counter()
                plans.append(iop.site(reach, n=n, standard=f"{miles} mi", method=method))
                times.append(time.perf_counter() - begin)
            greedy, best = plans
            print(
                f"{miles:4} mi{n:5}{times[0]:10.2f}{times[1]:11.2f}{greedy.gain / best.gain:16.4f}"
                f"{greedy.bound / best.gain:15.4f}{best.gain:21,.0f} ({best.status})"
            )
    for size in (10_000, 40_000, 120_000):
        part = iop.reach(demand.iloc[:: len(demand) // size], supply)
        begin = time.perf_counter()
        plan = iop.site(part, n=100, standard="10 mi")
        took = time.perf_counter() - begin
        print(f"{len(part.people):,} demand points, 10 mi, 100 sites: {took:.2f} s, {plan.status}")


def states(supply: Any) -> None:  # noqa: ANN401 - a frame
    """Print how long all states take, and closing every site in turn."""
    demand = iop.demand_points("zcta")
    begin = time.perf_counter()
    plans = [
        iop.site(demand, supply, n=10, standard="30 mi", within=state)
        for state in sorted(set(demand["state"]) - {"PR", "DC"})
    ]
    proven = sum(plan.status == "optimal" for plan in plans)
    print(f"\n{len(plans)} states, ten sites each: {time.perf_counter() - begin:.1f} s, {proven} proven best")
    reach = iop.reach(demand, supply)
    reach.homes()
    for _ in range(2):
        begin = time.perf_counter()
        table = iop.scenarios.closures(reach)
        took = time.perf_counter() - begin
    print(f"Closing {len(table):,} sites in turn, {len(demand):,} demand points: {took:.2f} s")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--states", action="store_true", help="also every state, and closing each site in turn"
    )
    chosen = parser.parse_args()
    peer = shared()
    supply, demand = peer.facilities(), peer.people(peer.BLOCK_GROUPS)
    kind = "real" if os.environ.get("IOPDIR_REAL_DATA") else "SYNTHETIC"
    print(f"{len(supply):,} {kind} facilities, {len(demand):,} demand points, {os.cpu_count()} cores")
    near = demand[demand["state"] == "IL"].sample(max(SIZES), random_state=0)
    side_by_side(near, 10)
    nation(demand, supply)
    if chosen.states:
        states(supply)
    print(f"\nPeak of memory of all of it: {peer.peak_gb():.2f} GB")


if __name__ == "__main__":
    main()
