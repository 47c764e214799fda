"""Fit the pack `drive_estimate`: minutes by car from metres over the ground and people within 10 miles.

    IOPDIR_REAL_DATA=FOLDER python datasets/drive_estimate/fit.py      # prints the error on states held out

The source is a table of OSRM minutes from each 2010 tract to the nearest of 14,034 facilities. Its shape decides how it
is fitted:

- Its ways lead from the middle of a tract to the middle of the *facility's* tract. A tract that has a facility of its
  own has 0 minutes, or the time to another tract: 10,263 rows say 0 and 1,079 nothing. They are left out. Metres are
  to the nearest facility itself, as they are wherever the estimate is used.
- Puerto Rico, Alaska and Hawaii are left out (hardly any times; islands; many tracts of Hawaii share one time), and
  rows of 600 minutes and more (islands again).
- It says how many facilities are within 30 minutes. The radius that holds as many is where 30 minutes end for *any*
  facility: in cities, where the nearest is never far, nothing else does.

Minutes add up ring by ring around the place where the way begins, each ring with its own pace, which falls with the
people around. Weighed by one over the minutes, by the Huber loss, close to a median. Medians draw long ways together:
fewer tracts would lie beyond 40 minutes than do. So long ways are fitted to a quantile above the middle. How far above
trades one error for another: a higher one is nearer where a real drive takes long, and farther off for one in ten.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from sources import DRIVE_MINUTES, FACILITIES_2021, TRACT_CENTERS_2010

from iopdir.geography.demand import read_popcenters
from iopdir.spatial.blocks import PackedTree
from iopdir.spatial.geodesy import FloatArray
from iopdir.spatial.knn import nearest_batch
from iopdir.travel.pace import Pace, people_around
from iopdir.units import METRES_PER_MILE

__all__ = ["drive_estimate", "errors", "fit", "read_table"]

RINGS_M: Final = (0.0, 800.0, 2_400.0, 8_000.0, 24_000.0)
LEFT_OUT: Final = ["AK", "HI", "PR"]
ISLANDS_MIN: Final = 600.0
COUNTED_MIN: Final = 30.0
ENOUGH: Final = 5  # facilities within 30 minutes that make a radius
COUNTED_WEIGHT: Final = 0.01  # of a radius beside a nearest facility
HUBER: Final = 0.1  # of the minutes
LONG_M: Final = (16_000.0, 48_000.0)  # where the quantile rises from the middle to QUANTILE
QUANTILE: Final = 0.67
RANGE: Final = (0.1, 0.9)
DIGITS: Final = 4


def read_table() -> pd.DataFrame:
    """Read the rows that tell something: minutes, metres, people around, state."""
    table = pd.read_csv(DRIVE_MINUTES.fetch(), dtype={"origin": str})
    centers = read_popcenters(TRACT_CENTERS_2010.fetch(), vintage=2010)
    places = pd.read_csv(FACILITIES_2021.fetch(), usecols=["longitude", "latitude"])
    table = table.set_index(table["origin"].str.zfill(11)).join(centers[["lon", "lat", "state"]], how="inner")
    table = table[~table["state"].isin(LEFT_OUT) & table["minutes"].notna()]
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    tree, most = PackedTree(places["longitude"], places["latitude"]), int(table["count within 30"].max())
    metres = nearest_batch(tree, lon, lat, most + 1)[1]
    count, rows = table["count within 30"].to_numpy(), np.arange(len(table))
    return table.assign(
        facility_m=metres[:, 0],
        people=people_around(lon, lat),
        counted_m=np.where(
            count >= ENOUGH, (metres[rows, np.maximum(count - 1, 0)] + metres[rows, count]) / 2, np.nan
        ),
    )


def timed(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows with a time of their own."""
    return table[(table["minutes"] > 0) & (table["minutes"] < ISLANDS_MIN)]


def fit(table: pd.DataFrame) -> Pace:
    """Fit the paces, then the range around them."""
    near, counted = timed(table), table[table["counted_m"].notna()]
    minutes = np.append(near["minutes"], np.full(len(counted), COUNTED_MIN))
    metres = np.append(near["facility_m"], counted["counted_m"])
    people = np.append(near["people"], counted["people"])
    weight = np.append(np.ones(len(near)), np.full(len(counted), COUNTED_WEIGHT)) / np.maximum(minutes, 1.0)
    first, last = np.log(LONG_M)
    rise = np.clip((np.log(np.maximum(metres, 1.0)) - first) / (last - first), 0, 1)
    quantile = np.where(np.arange(minutes.size) < len(near), 0.5 + (QUANTILE - 0.5) * rise, 0.5)
    lengths = ring_lengths(metres) / 1000
    design = np.hstack([lengths, lengths[:, :-1] * Pace.scale(people)[:, None]])
    found = regress(design, minutes, weight, HUBER * np.maximum(minutes, 1.0), quantile)
    rings = len(RINGS_M)
    middle, slope = found[:rings].round(DIGITS), np.append(found[rings:], 0.0).round(DIGITS)
    passed = ring_lengths(near["facility_m"].to_numpy()) / 1000
    passed *= middle + slope * Pace.scale(near["people"].to_numpy())[:, None]
    taken = near["minutes"].to_numpy()
    ratio = [
        regress(
            passed, taken, 1 / np.maximum(taken, 1.0), 0.01 * np.maximum(taken, 1.0), np.full(taken.size, tau)
        )
        for tau in RANGE
    ]
    return Pace(np.array(RINGS_M), middle, slope, ratio[0].round(DIGITS), ratio[1].round(DIGITS))


def ring_lengths(metres: FloatArray) -> FloatArray:
    """How many metres of each way lie in each ring, shape (n, rings)."""
    edges = np.append(RINGS_M, np.inf)
    lengths: FloatArray = np.clip(metres[:, None], edges[:-1], edges[1:]) - edges[:-1]
    return lengths


def regress(
    design: FloatArray, y: FloatArray, weight: FloatArray, delta: FloatArray, quantile: FloatArray
) -> FloatArray:
    """Minimise the Huber loss, tilted to a quantile, by repeated least squares."""
    q = weight
    found: FloatArray = np.zeros(design.shape[1])
    for _ in range(60):
        tilted = design * q[:, None]
        found = np.asarray(np.linalg.solve(design.T @ tilted, tilted.T @ y), dtype=np.float64)
        off = y - design @ found
        q = weight * np.where(off > 0, quantile, 1 - quantile) / np.maximum(np.abs(off) / delta, 1.0)
    return found


def drive_estimate() -> pd.DataFrame:
    """Make the pack."""
    return fit(read_table()).to_frame()


def errors(table: pd.DataFrame, folds: int = 3) -> pd.DataFrame:
    """Estimate each state from a fit on others: held out in turn are those of one FIPS code modulo `folds`."""
    part = table.index.str[:2].astype(int).to_numpy() % folds
    parts = []
    for fold in range(folds):
        rows = timed(table[part == fold])
        pace = fit(table[part != fold])
        metres, people = rows["facility_m"].to_numpy()[:, None], rows["people"].to_numpy()
        guess = {
            name: kind.minutes(people, metres)[:, 0]
            for name, kind in (("estimate", pace), ("low", pace.quick), ("high", pace.slow))
        }
        parts.append(rows.assign(**guess, fold=fold))
    return pd.concat(parts)


def main() -> None:
    """Print the parameters, and the error on states held out."""
    table = read_table()
    print(fit(table).to_frame().to_string(index=False))
    out = errors(table)
    off = out["estimate"] - out["minutes"]
    around = pd.cut(out["people"], [0, 1e4, 3e4, 1e5, 3e5, 1e6, np.inf], right=False)
    miles = pd.cut(out["facility_m"] / METRES_PER_MILE, [0, 1, 3, 10, 20, 30, np.inf], right=False)
    groups = {"all": out} | {
        str(k): v for by in ("fold", around, miles) for k, v in out.groupby(by, observed=True)
    }
    for name, rows in groups.items():
        e = off[rows.index]
        far, said = e[rows["minutes"] > 40], e[rows["estimate"] > 40]
        inside = ((rows["minutes"] >= rows["low"]) & (rows["minutes"] <= rows["high"])).mean()
        print(
            f"{name:24}{len(rows):7,} median {e.abs().median():5.2f} p90 {e.abs().quantile(0.9):6.2f} bias"
            f" {e.median():5.2f}; over 40 min {len(far):5,} bias {far.median():6.2f}, said so {said.median():6.2f};"
            f" in range {inside:.2f}"
        )
    beyond = {
        c: f"{(out['estimate'] > c).sum() / (out['minutes'] > c).sum():.2f}" for c in (10, 20, 30, 40, 60, 90)
    }
    print("tracts beyond so many minutes, estimated to real:", beyond)


if __name__ == "__main__":
    main()
