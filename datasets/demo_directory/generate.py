"""The SYNTHETIC directory: survey totals by state, placed where people live. No facility in it exists.

`generate()` makes the raw table in the layout of the National Directory, with coordinates; `demo_directory()`
sends it through the same row pipeline as a real listing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.datasets import open_pack
from iopdir.directory.directory import Directory
from iopdir.geography.boundaries import locate_counties, states
from iopdir.intake.pipeline import intake
from iopdir.loaders.listing import read_codes, split_codes
from iopdir.provenance import Provenance, Source

HERE = Path(__file__).parent
EDITION = "2022"
NAMES = {
    "name1": "name",
    "name2": "program",
    "intake1": "intake_phone",
    "latitude": "lat",
    "longitude": "lon",
}
METRES_PER_DEGREE = 111_320.0
LARGEST_JITTER_M = 8_000.0
SHARED_ADDRESS = 0.03
"""Part of the facilities that are a second program at the address of another."""

ADJECTIVES = ("Example", "Sample", "Specimen", "Placeholder", "Imaginary", "Fictional", "Pretend", "Made-Up")
KINDS = ("Recovery Center", "Counseling Services", "Treatment Program", "Behavioral Health", "Clinic")
STREETS = ("Example Street", "Sample Avenue", "Specimen Road", "Placeholder Drive")
ONE_OF = ("FOP", "SMP", "FVP")
"""Categories of which a facility has exactly one code."""

WITHDRAWAL_MANAGEMENT = ("OD", "RD", "HID")
"""Any of them means DT, as in the real listing."""


def generate() -> pd.DataFrame:
    """Make the raw rows, the same every time.

    Columns as in the National Directory, plus `latitude` and `longitude`; all text. In each state with ZIP areas
    the totals of N-SSATS 2020 come out exactly: facilities, outpatient, regular outpatient, IOP, day treatment,
    residential, inpatient, Medicaid, and IOP that takes Medicaid.
    """
    survey = open_pack("nssats_2020_by_state").set_index("state")
    places = _places()
    parts = [
        _state_rows(state, survey.loc[state], places[places["state"] == state])
        for state in sorted(set(survey.index) & set(places["state"]))
    ]
    return pd.concat(parts, ignore_index=True)


def demo_directory() -> Directory:
    """Send the made-up rows through the real pipeline."""
    raw = generate().rename(columns=NAMES)
    raw.index = pd.RangeIndex(1, len(raw) + 1)
    codes = read_codes(split_codes(raw.pop("service_code_info")), edition=EDITION)
    source = Source(name="demo_directory", edition="N-SSATS 2020 totals", synthetic=True)
    frame, quality = intake(raw.join(codes), source=source, prefix="SYN")
    return Directory(frame, quality=quality, provenance=Provenance(sources=(source,), package="iopdir"))


def _uniform(*names: object, size: int) -> NDArray[np.float64]:
    """Numbers in (0, 1) that depend on the names only: the bits of PCG64, which numpy keeps as they are."""
    seed = int.from_bytes(hashlib.sha256("|".join(map(str, names)).encode()).digest()[:16])
    bits: NDArray[np.uint64] = np.random.PCG64(seed).random_raw(size)
    return ((bits >> np.uint64(11)).astype("float64") + 0.5) * 2.0**-53


def _pick(
    count: float, among: NDArray[np.bool_], weight: NDArray[np.float64], *names: object
) -> NDArray[np.bool_]:
    """Choose exactly `count` rows of those in `among`, a heavier one more readily."""
    key = np.log(_uniform(*names, size=len(among))) / weight
    key[~among] = -np.inf
    chosen = np.zeros(len(among), dtype=np.bool_)
    chosen[np.argsort(-key, kind="stable")[: int(count)]] = True
    chosen &= among
    return chosen


def _places() -> pd.DataFrame:
    """ZIP areas with people, a city, and a point that lies in its own state."""
    zips = open_pack("zip_points")[["zip", "city"]].rename(columns={"zip": "zcta"})
    places = open_pack("zcta").merge(zips, on="zcta")
    places = places[(places["population"] > 0) & (places["city"] != "")]
    found = _state_of(places["lon"].to_numpy(), places["lat"].to_numpy())
    inside: pd.DataFrame = places[found == places["state"].to_numpy()]
    return inside.sort_values("zcta", ignore_index=True)


def _state_of(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.object_]:
    """Postal code of the state whose outline contains each point, else a blank."""
    found = locate_counties(lon, lat)
    fips = found["county_fips"].where(found["county_match"] == "within", "")
    return fips.str[:2].map(states()["state"].to_dict()).fillna("").to_numpy(object)


def _state_rows(state: str, totals: pd.Series[float], places: pd.DataFrame) -> pd.DataFrame:
    n = int(totals["facilities"])
    people = places["population"].to_numpy("float64").cumsum()
    at = places.iloc[np.searchsorted(people, _uniform(state, "place", size=n) * people[-1])].reset_index()
    lon, lat = _jitter(state, at)
    serial = [f"{state}-{number:04d}" for number in range(1, n + 1)]
    area_code = str(pd.read_csv(HERE / "area_codes.csv").set_index("state").loc[state, "area_code"])
    lines = [int(draw * 100) for draw in _uniform(state, "phone", size=n)]
    names = zip(_word(ADJECTIVES, state, "adjective", n), _word(KINDS, state, "kind", n), serial, strict=True)
    houses = zip(_uniform(state, "house", size=n), _word(STREETS, state, "street", n), strict=True)
    rows = pd.DataFrame(
        {
            "name1": [f"SYNTHETIC {adjective} {kind} {number}" for adjective, kind, number in names],
            "name2": "",
            "street1": [f"{100 + int(draw * 9900)} {street}" for draw, street in houses],
            "street2": _some(
                0.3, state, "suite", [f"Suite {1 + int(u * 400)}" for u in _uniform(state, "room", size=n)]
            ),
            "city": at["city"],
            "state": state,
            "zip": at["zcta"],
            "phone": [f"{area_code}-555-01{line:02d}" for line in lines],
            "intake1": _some(
                0.35, state, "intake", [f"{area_code}-555-01{(line + 50) % 100:02d}" for line in lines]
            ),
            "website": _some(
                0.6,
                state,
                "website",
                [f"https://example.org/synthetic/{number.lower()}" for number in serial],
            ),
            "latitude": [f"{value:.6f}" for value in lat],
            "longitude": [f"{value:.6f}" for value in lon],
        }
    ).astype("str")
    _share_addresses(rows, state)
    rows["service_code_info"] = _codes(state, totals)
    return rows


def _some(share: float, state: str, what: str, values: list[str]) -> list[str]:
    """Keep about that share of the values, blank the others."""
    draws = _uniform(state, what, size=len(values))
    return [value if draw < share else "" for draw, value in zip(draws, values, strict=True)]


def _word(words: tuple[str, ...], state: str, what: str, n: int) -> list[str]:
    return [words[int(draw * len(words))] for draw in _uniform(state, what, size=n)]


def _jitter(state: str, at: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Move each point about in its ZIP area, taken for a disc; one that would leave the state stays put."""
    lon, lat = at["lon"].to_numpy("float64"), at["lat"].to_numpy("float64")
    radius = np.sqrt(at["land_area_m2"].to_numpy("float64") / np.pi)
    reach = np.minimum(0.7 * radius, LARGEST_JITTER_M) * np.sqrt(_uniform(state, "reach", size=len(at)))
    angle = 2 * np.pi * _uniform(state, "angle", size=len(at))
    new_lat = (lat + reach * np.cos(angle) / METRES_PER_DEGREE).round(6)
    new_lon = (lon + reach * np.sin(angle) / METRES_PER_DEGREE / np.cos(np.radians(lat))).round(6)
    stays = _state_of(new_lon, new_lat) == state
    return np.where(stays, new_lon, lon), np.where(stays, new_lat, lat)


def _share_addresses(rows: pd.DataFrame, state: str) -> None:
    """Make some rows a second program of the facility before them, at its address."""
    second = np.flatnonzero(_uniform(state, "second", size=len(rows)) < SHARED_ADDRESS)
    second = second[second > 0]
    second = second[np.diff(second, prepend=-2) > 1]
    address = ["name1", "street1", "street2", "city", "zip", "phone", "website", "latitude", "longitude"]
    rows.loc[second, address] = rows.loc[second - 1, address].to_numpy()
    rows.loc[second, "name2"] = "SYNTHETIC second program"


def _codes(state: str, totals: pd.Series[float]) -> list[str]:
    """Give codes: those that the survey counts exactly, the others as often as the real listing does."""
    n = int(totals["facilities"])
    everybody, even = np.ones(n, dtype=bool), np.ones(n)
    has: dict[str, NDArray[np.bool_]] = {"SA": everybody}
    has["OP"] = op = _pick(totals["outpatient"], everybody, even, state, "OP")
    has["OIT"] = iop = _pick(totals["iop"], op, even, state, "OIT")
    has["ORT"] = _pick(totals["regular_outpatient"], op, even, state, "ORT")
    has["ODT"] = _pick(totals["day_treatment"], op, np.where(iop, 12.0, 1.0), state, "ODT")
    # whoever has no outpatient care has residential or inpatient care
    only_inpatient = _pick(max(0, (~op).sum() - totals["residential"]), ~op, even, state, "only HI")
    must = ~op & ~only_inpatient
    rest = totals["residential"] - must.sum()
    has["RES"] = must | _pick(rest, op, np.where(iop, 4.0, 1.0), state, "RES")
    rest = totals["inpatient"] - only_inpatient.sum()
    has["HI"] = only_inpatient | _pick(rest, ~only_inpatient, even, state, "HI")
    both = _pick(totals["iop_medicaid"], iop, even, state, "MD with OIT")
    has["MD"] = both | _pick(totals["medicaid"] - totals["iop_medicaid"], ~iop, even, state, "MD")

    # each code after the one it goes with; a group such as "medication" is drawn like a code, but not written
    waiting = pd.read_csv(HERE / "code_shares.csv", keep_default_na=False).to_dict("records")
    while waiting:
        ready = [row for row in waiting if not row["given"] or row["given"] in has]
        waiting = [row for row in waiting if row["given"] and row["given"] not in has]
        for row in ready:
            draw = _uniform(state, row["code"], size=n) < np.where(iop, row["share_iop"], row["share_other"])
            has[row["code"]] = draw & has[row["given"]] if row["given"] else draw
        if "DT" not in has:
            has["DT"] = np.logical_or.reduce([has[code] for code in WITHDRAWAL_MANAGEMENT])
    has["OMB"] &= op
    return _written(has, state)


def _written(has: dict[str, NDArray[np.bool_]], state: str) -> list[str]:
    """Join the codes as the listing prints them: by category, ``" * "`` between the categories."""
    table = open_pack("service_codes").query("edition == '2022'").drop_duplicates("code")
    groups = table.groupby("category_code", sort=False)["code"].agg(list)
    n = len(has["SA"])
    for category in ONE_OF:
        codes = [code for code in groups[category] if code in has]
        first = (_uniform(state, category, size=n) * len(codes)).astype(int)
        given = np.array([has[code] for code in codes])
        for row in range(n):
            own = np.flatnonzero(given[:, row])
            keep = own[first[row] % len(own)] if len(own) else first[row]
            given[:, row] = False
            given[keep, row] = True
        has |= dict(zip(codes, given, strict=True))
    lines = []
    for row in range(n):
        parts = [" ".join(code for code in codes if code in has and has[code][row]) for codes in groups]
        lines.append(" * ".join(part for part in parts if part))
    return lines
