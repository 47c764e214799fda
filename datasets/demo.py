"""The SYNTHETIC directory: made up from survey totals and where people live; no facility in it exists."""

from __future__ import annotations

import numpy as np
import pandas as pd

from iopdir.datasets import open_pack
from iopdir.directory import Directory
from iopdir.geography.counties import locate_counties, states
from iopdir.intake import intake
from iopdir.provenance import Provenance, Source

SEED = 2020
METRES_PER_DEGREE = 111_320.0

SHARES = {
    "SUMH": 0.6, "PI": 0.74, "SF": 0.9, "MC": 0.42, "SI": 0.49, "MI": 0.39, "SS": 0.55, "PA": 0.45, "FSA": 0.4,
    "ADLT": 0.93, "YAD": 0.85, "CHLD": 0.25, "SNR": 0.7, "FEM": 0.9, "MALE": 0.88, "SP": 0.3, "AH": 0.3,
    "ICO": 0.98, "GCO": 0.94, "FCO": 0.8, "ACC": 0.75, "DP": 0.9, "OMB": 0.36, "OD": 0.12, "RES": 0.24,
    "CBT": 0.9, "MOTI": 0.9, "RELP": 0.95, "TELE": 0.6,
}  # fmt: skip
"""How often each code is given: plausible, invented, not to be cited."""

KINDS = (
    "Recovery Center",
    "Counseling Services",
    "Treatment Program",
    "Wellness Clinic",
    "Outpatient Services",
)
WORDS = (
    "Alder",
    "Birch",
    "Cedar",
    "Dogwood",
    "Elm",
    "Fir",
    "Hazel",
    "Juniper",
    "Linden",
    "Maple",
    "Oak",
    "Pine",
)


def generate() -> pd.DataFrame:
    """Make the raw rows: as many facilities and programs in each state as the survey counts."""
    rng = np.random.default_rng(SEED)
    survey = open_pack("nssats_2020_by_state").set_index("state")
    areas = open_pack("zcta").merge(open_pack("zip_points")[["zip", "city"]], left_on="zcta", right_on="zip")
    parts = []
    for state, totals in survey.iterrows():
        places = areas[(areas["state"] == state) & (areas["population"] > 0)]
        if not places.empty:
            parts.append(_state_rows(rng, str(state), totals, places))
    return pd.concat(parts, ignore_index=True)


def _state_rows(
    rng: np.random.Generator, state: str, totals: pd.Series, places: pd.DataFrame
) -> pd.DataFrame:
    n = int(totals["facilities"])
    weight = places["population"].to_numpy("float64")
    chosen = places.iloc[rng.choice(len(places), size=n, p=weight / weight.sum())]
    lon, lat = _jitter(rng, chosen, state)
    names = [
        f"SYNTHETIC {WORDS[rng.integers(len(WORDS))]} {KINDS[rng.integers(len(KINDS))]} {state}-{number:04d}"
        for number in range(1, n + 1)
    ]
    return pd.DataFrame(
        {
            "name1": names,
            "street1": [f"{number} Example Street" for number in rng.integers(1, 9999, n)],
            "city": chosen["city"].to_numpy("str"),
            "state": state,
            "zip": chosen["zcta"].to_numpy("str"),
            "phone": [f"555-555-01{number:02d}" for number in rng.integers(0, 100, n)],
            "latitude": [f"{value:.6f}" for value in lat],
            "longitude": [f"{value:.6f}" for value in lon],
            "codes": _codes(rng, n, totals),
        }
    ).astype("str")


def _jitter(rng: np.random.Generator, chosen: pd.DataFrame, state: str) -> tuple[np.ndarray, np.ndarray]:
    """Move each point about inside its ZIP area, back to the middle where that leaves the state."""
    lon, lat = chosen["lon"].to_numpy("float64"), chosen["lat"].to_numpy("float64")
    reach = np.minimum(np.sqrt(chosen["land_area_m2"].fillna(0.0).to_numpy("float64") / np.pi), 10_000.0)
    step = rng.normal(0.0, 0.35, (2, len(chosen))) * reach / METRES_PER_DEGREE
    new_lon, new_lat = lon + step[0] / np.cos(np.radians(lat)), lat + step[1]
    fips = locate_counties(new_lon, new_lat)["county_fips"].str[:2].map(states()["state"].to_dict())
    inside = (fips == state).to_numpy()
    return np.where(inside, new_lon, lon), np.where(inside, new_lat, lat)


def _codes(rng: np.random.Generator, n: int, totals: pd.Series) -> list[str]:
    """Give codes so that the totals of the survey come out exactly."""
    order = rng.permutation(n)
    outpatient, iop = int(totals["outpatient"]), int(totals["iop"])
    has = {"SA": np.ones(n, dtype=bool), **{code: rng.random(n) < share for code, share in SHARES.items()}}
    has["OP"] = np.zeros(n, dtype=bool)
    has["OP"][order[: max(outpatient, iop)]] = True
    has["OIT"] = np.zeros(n, dtype=bool)
    has["OIT"][order[:iop]] = True
    has["ORT"] = np.zeros(n, dtype=bool)
    has["ORT"][order[max(0, outpatient - int(totals["regular_outpatient"])) : outpatient]] = True
    has["ODT"] = np.zeros(n, dtype=bool)
    has["ODT"][order[: int(totals["day_treatment"])]] = True
    both, medicaid = int(totals["iop_medicaid"]), int(totals["medicaid"])
    has["MD"] = np.zeros(n, dtype=bool)
    has["MD"][order[:both]] = True
    has["MD"][order[iop : iop + medicaid - both]] = True
    return [" ".join(code for code in has if has[code][row]) for row in range(n)]


def demo_directory() -> Directory:
    """Send the made-up rows through the real pipeline."""
    source = Source(name="demo_directory", edition="N-SSATS 2020 totals", synthetic=True)
    frame, quality = intake(generate(), source=source, edition="2022", prefix="SYN")
    return Directory(frame, quality=quality, provenance=Provenance.of([source]))
