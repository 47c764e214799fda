"""The one row pipeline: raw text rows in, clean facilities and an account of every change out.

Normalise, validate, place, merge, quarantine. Nothing is dropped in silence:
``rows_in == accepted + merged + rejected``, and every repair is a line in the quality table.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import phonenumbers
from numpy.typing import NDArray

from iopdir.geography.boundaries import county_list, locate_counties, states
from iopdir.geography.places import zip_counties, zip_points
from iopdir.provenance import Source
from iopdir.schema.facility import facility_id
from iopdir.spatial.geodesy import geodesic_m
from iopdir.vocabulary import taxonomy
from iopdir.vocabulary.taxonomy import LevelOfCare

__all__ = ["COLUMNS", "RAW_COLUMNS", "Quality", "Reason", "intake"]

RAW_COLUMNS: Final = (
    "name1", "name2", "street1", "street2", "city", "state", "zip", "county", "phone", "intake", "website",
    "latitude", "longitude", "facility_type", "codes", "unmapped", "defect",
)  # fmt: skip
"""What a loader hands over: text, blank where the file says nothing. `codes` are canonical, joined by space;
`unmapped` joined by ``" | "``; `defect` says why a row cannot be read at all.
The index is the 1-based row of the file."""

COLUMNS: Final = (
    "name", "program", "street1", "street2", "city", "state", "zip", "phone", "intake_phone", "website",
    "lon", "lat", "precision", "county_fips", "county_match", "vintage", "codes", "unmapped",
    "levels_of_care", "payments", "age_groups", "services", "languages", "edition", "source_row",
)  # fmt: skip
"""Columns of the clean table, indexed by `facility_id`."""

TRUSTED_DISTANCE_M: Final = 50_000.0
"""A point in another state than its address is believed when it is this near the middle of its ZIP: border
towns are real, a point beyond it is taken for a geocoding error. A choice of this package."""

FAR_FROM_ZIP_M: Final = 100_000.0
"""A point in the right state but farther than this from the middle of its ZIP is flagged, not moved. A choice
of this package."""


class Reason(StrEnum):
    """Why a row was rejected, merged, repaired or flagged."""

    MALFORMED_ROW = "malformed_row"
    NO_NAME = "no_name"
    NO_PLACE = "no_place"
    DUPLICATE = "duplicate"
    ZIP_LOST_ZEROS = "zip_lost_zeros"
    ZIP_MALFORMED = "zip_malformed"
    ZIP_UNPLACED = "zip_unplaced"
    STATE_UNKNOWN = "state_unknown"
    STATE_CONTRADICTION = "state_contradiction"
    PHONE_MALFORMED = "phone_malformed"
    WEBSITE_MALFORMED = "website_malformed"
    COORDINATE_MALFORMED = "coordinate_malformed"
    COORDINATE_ZERO = "coordinate_zero"
    COORDINATE_SWAPPED = "coordinate_swapped"
    COORDINATE_SIGN = "coordinate_sign"
    COORDINATE_ELSEWHERE = "coordinate_elsewhere"
    COORDINATE_FAR_FROM_ZIP = "coordinate_far_from_zip"
    COUNTY_CONTRADICTION = "county_contradiction"
    COUNTY_OF_OTHER_VINTAGE = "county_of_other_vintage"
    COUNTY_NEAREST = "county_nearest"
    NO_COUNTY_MATCH = "no_county_match"
    UNKNOWN_CODE = "unknown_code"
    NOT_SUBSTANCE_USE = "not_substance_use"


_REJECTING: Final = {Reason.MALFORMED_ROW, Reason.NO_NAME, Reason.NO_PLACE}
_REPAIRING: Final = {
    Reason.ZIP_LOST_ZEROS, Reason.COORDINATE_SWAPPED, Reason.COORDINATE_SIGN, Reason.COORDINATE_ZERO,
    Reason.COORDINATE_MALFORMED, Reason.COORDINATE_ELSEWHERE,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """The account of one intake.

    Parameters
    ----------
    rows_in, accepted, merged, rejected
        Rows of the file, and what became of them; the last three add up to the first.
    iop_rows
        Rows that state intensive outpatient care, before merging.
    issues
        Every rejected, merged, repaired or flagged value: `file, row, field, value, reason, action`.
    geocoded_by
        Facilities by precision of their point: ``address``, ``zip_centroid``, ``unknown``.
    unknown_codes
        Codes or labels that no edition has, with the number of rows that carry them.
    """

    rows_in: int
    accepted: int
    merged: int
    rejected: int
    iop_rows: int
    issues: pd.DataFrame
    geocoded_by: Mapping[str, int]
    unknown_codes: Mapping[str, int]

    def counts(self) -> pd.Series[int]:
        """Issues by reason, the most frequent first."""
        return self.issues["reason"].value_counts()

    def __repr__(self) -> str:
        placed = ", ".join(f"{number:,} {how}" for how, number in self.geocoded_by.items() if number)
        found = ", ".join(f"{number:,} {reason}" for reason, number in self.counts().items())
        return (
            f"Quality: {self.rows_in:,} rows in = {self.accepted:,} accepted + {self.merged:,} merged"
            f" + {self.rejected:,} rejected\n  placed by: {placed or 'nothing'}\n  issues: {found or 'none'}"
        )


class _Ledger:
    """Collects issues as columns, cheap to append to and read once."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._parts: list[pd.DataFrame] = []

    def note(self, reason: Reason, field: str, values: pd.Series[str]) -> None:
        """Note one line for each value; the index of `values` is the row of the file."""
        if values.empty:
            return
        action = (
            "rejected" if reason in _REJECTING
            else "merged" if reason is Reason.DUPLICATE
            else "repaired" if reason in _REPAIRING
            else "flagged"
        )  # fmt: skip
        self._parts.append(
            pd.DataFrame(
                {
                    "file": self._file, "row": values.index.astype("int64"), "field": field,
                    "value": values.astype(str).to_numpy(), "reason": reason.value, "action": action,
                }
            )
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        columns = ["file", "row", "field", "value", "reason", "action"]
        if not self._parts:
            return pd.DataFrame(
                {name: pd.Series(dtype="int64" if name == "row" else "str") for name in columns}
            )
        table = pd.concat(self._parts, ignore_index=True)
        return table.sort_values(["row", "field"], kind="stable", ignore_index=True)


def intake(
    raw: pd.DataFrame, *, source: Source, edition: str = "", prefix: str = "F"
) -> tuple[pd.DataFrame, Quality]:
    """Turn raw rows into clean facilities.

    Parameters
    ----------
    raw
        Text columns out of `RAW_COLUMNS` (missing ones count as blank), indexed by the row of the file.
    source
        The file.
    edition
        Edition of the service codes, kept with each facility.
    prefix
        First part of the ids.

    Returns
    -------
    tuple[pd.DataFrame, Quality]
        The facilities with `COLUMNS`, sorted and indexed by `facility_id`; and the account.
    """
    rows = pd.DataFrame({name: raw.get(name, "") for name in RAW_COLUMNS}, index=raw.index)
    rows = rows.astype("str").fillna("")
    for column in RAW_COLUMNS:
        rows[column] = rows[column].str.replace(r"\s+", " ", regex=True).str.strip()
    ledger = _Ledger(source.name)

    _read_states(rows, ledger)
    _read_zips(rows, ledger)
    _split_intake_numbers(rows)
    rows["phone"] = _normalised(rows["phone"], _phone, Reason.PHONE_MALFORMED, ledger)
    rows["intake"] = _normalised(rows["intake"], _phone, Reason.PHONE_MALFORMED, ledger)
    rows["website"] = _normalised(rows["website"], _website, Reason.WEBSITE_MALFORMED, ledger)
    _note_unmapped(rows, ledger)

    rows = _reject(rows, ledger)
    iop_rows = int(sum(LevelOfCare.IOP in taxonomy.levels_of_care(codes.split()) for codes in rows["codes"]))
    rows = _merge(rows, prefix, ledger)
    _place(rows, ledger)
    _read_codes(rows, ledger)

    clean = rows.rename(columns={"name1": "name", "name2": "program", "intake": "intake_phone"})
    clean["edition"] = edition
    clean["source_row"] = clean.index.astype("int64")
    clean = clean.set_index("facility_id").sort_index()[list(COLUMNS)]

    issues = ledger.table()
    merged = int((issues["action"] == "merged").sum())
    precision = Counter(clean["precision"])
    quality = Quality(
        rows_in=len(raw),
        accepted=len(clean),
        merged=merged,
        rejected=len(raw) - len(clean) - merged,
        iop_rows=iop_rows,
        issues=issues,
        geocoded_by={how: precision[how] for how in ("address", "zip_centroid", "unknown")},
        unknown_codes=dict(
            Counter(issues.loc[issues["reason"] == Reason.UNKNOWN_CODE, "value"]).most_common()
        ),
    )
    return clean, quality


# --- fields ----------------------------------------------------------------------------------------------


def _read_states(rows: pd.DataFrame, ledger: _Ledger) -> None:
    table = states()
    postal = {code: code for code in table["state"]} | {"FM": "FM", "MH": "MH", "PW": "PW"}
    postal |= {name.upper(): code for name, code in zip(table["name"], table["state"], strict=True)}
    given = rows["state"]
    read = _looked_up(given.str.upper().str.rstrip("."), postal)
    ledger.note(Reason.STATE_UNKNOWN, "state", given[(read == "") & (given != "")])
    rows["state"] = read


def _read_zips(rows: pd.DataFrame, ledger: _Ledger) -> None:
    given = rows["zip"]
    five = given.str.extract(r"^(\d{3,5})(?:\.0+)?(?:[- ]?\d{4})?$")[0].astype("str").fillna("")
    nine = given.str.fullmatch(r"\d{9}")
    five = five.mask(nine, given.str[:5])
    lost = (five.str.len() < 5) & (five != "")
    read = five.str.zfill(5).where(five != "", "")
    ledger.note(Reason.ZIP_LOST_ZEROS, "zip", given[lost])
    ledger.note(Reason.ZIP_MALFORMED, "zip", given[(read == "") & (given != "")])
    rows["zip"] = read


def _normalised(
    values: pd.Series[str], read: Callable[[str], str], reason: Reason, ledger: _Ledger
) -> pd.Series[str]:
    table = {value: read(value) for value in values.unique() if value}
    result = _looked_up(values, table)
    ledger.note(reason, str(values.name), values[(result == "") & (values != "")])
    return result


def _looked_up(values: pd.Series[str], table: Mapping[str, str]) -> pd.Series[str]:
    """Values through a table, blank where it has none."""
    return pd.Series([table.get(value, "") for value in values], index=values.index, dtype="str")


def _split_intake_numbers(rows: pd.DataFrame) -> None:
    """Take apart one field with two numbers, as the 2017 listing writes them: ``A Intake: B``."""
    both = rows["phone"].str.extract(r"^(.*?)\s*Intakes?:\s*(\S*)")
    found = both[0].notna()
    rows.loc[found & (rows["intake"] == ""), "intake"] = both.loc[found & (rows["intake"] == ""), 1]
    rows.loc[found, "phone"] = both.loc[found, 0]


@cache
def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return ""
    digits = str(number.national_number)
    if number.country_code != 1 or len(digits) != 10:
        return ""
    extension = f" x{number.extension}" if number.extension else ""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}{extension}"


_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::\d+)?")


@cache
def _website(text: str) -> str:
    """Only http and https leave: a link in a report must never run a script."""
    candidate = text if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text) and "://" in text else f"http://{text}"
    try:
        parts = urlsplit(candidate)
    except ValueError:
        return ""
    host = parts.netloc.lower()
    if parts.scheme.lower() not in {"http", "https"} or not _HOST.fullmatch(host) or " " in candidate:
        return ""
    return parts._replace(scheme=parts.scheme.lower(), netloc=host).geturl()


def _note_unmapped(rows: pd.DataFrame, ledger: _Ledger) -> None:
    unmapped = rows.loc[rows["unmapped"] != "", "unmapped"].str.split(" | ", regex=False).explode()
    ledger.note(Reason.UNKNOWN_CODE, "codes", unmapped)


# --- rejecting and merging -------------------------------------------------------------------------------


def _reject(rows: pd.DataFrame, ledger: _Ledger) -> pd.DataFrame:
    broken = rows["defect"] != ""
    nameless = ~broken & (rows["name1"] == "")
    adrift = ~broken & ~nameless & (rows[["state", "zip", "latitude"]] == "").all(axis=1)
    ledger.note(Reason.MALFORMED_ROW, "row", rows.loc[broken, "defect"])
    ledger.note(Reason.NO_NAME, "name1", rows.loc[nameless, "name1"])
    ledger.note(Reason.NO_PLACE, "state, zip, latitude", rows.loc[adrift, "name1"])
    return rows.loc[~broken & ~nameless & ~adrift].copy()


def _merge(rows: pd.DataFrame, prefix: str, ledger: _Ledger) -> pd.DataFrame:
    """Keep the first row of each site; fill its blanks and add codes from the rows merged into it."""
    parts = rows[["name1", "name2", "street1", "street2", "zip"]].itertuples(index=False, name=None)
    rows["facility_id"] = pd.Series(
        [facility_id(*part, prefix=prefix) for part in parts], rows.index, dtype="str"
    )
    repeats = rows["facility_id"].duplicated()
    ledger.note(Reason.DUPLICATE, "facility_id", rows.loc[repeats, "facility_id"])
    kept = rows.loc[~repeats].copy()
    again = rows.loc[rows["facility_id"].duplicated(keep=False)]
    for _, group in again.groupby("facility_id", sort=False):
        first = group.index[0]
        for column in RAW_COLUMNS:
            values = [value for value in group[column] if value]
            if column == "codes":
                kept.loc[first, column] = " ".join(dict.fromkeys(" ".join(values).split()))
            elif column == "unmapped":
                kept.loc[first, column] = " | ".join(dict.fromkeys(" | ".join(values).split(" | ")))
            elif values:
                kept.loc[first, column] = values[0]
    return kept


# --- placing ---------------------------------------------------------------------------------------------


def _place(rows: pd.DataFrame, ledger: _Ledger) -> None:
    """Settle point, precision and county of each row."""
    centre = zip_points().reindex(rows["zip"])
    zip_lon, zip_lat = centre["lon"].to_numpy("float64"), centre["lat"].to_numpy("float64")
    zip_state = centre["state"].astype("str").fillna("").to_numpy("str")
    lon, lat = _stated_points(rows, ledger)
    stated = np.isfinite(lon)

    found = _counties(lon, lat)
    ok = stated & _fits(rows, found, lon, lat, zip_lon, zip_lat, zip_state)
    for reason, other_lon, other_lat in (
        (Reason.COORDINATE_SWAPPED, lat, lon),
        (Reason.COORDINATE_SIGN, -np.abs(lon), np.abs(lat)),
    ):
        todo = stated & ~ok & (np.abs(other_lat) <= 90)
        other = _counties(np.where(todo, other_lon, np.nan), np.where(todo, other_lat, np.nan))
        better = todo & _fits(rows, other, other_lon, other_lat, zip_lon, zip_lat, zip_state, strict=True)
        ledger.note(reason, "latitude, longitude", _pairs(rows, better))
        lon, lat = np.where(better, other_lon, lon), np.where(better, other_lat, lat)
        found.loc[better] = other.loc[better]
        ok |= better

    elsewhere = stated & ~ok
    ledger.note(Reason.COORDINATE_ELSEWHERE, "latitude, longitude", _pairs(rows, elsewhere))
    by_zip = ~ok & np.isfinite(zip_lon)
    lon = np.where(ok, lon, np.where(by_zip, zip_lon, np.nan))
    lat = np.where(ok, lat, np.where(by_zip, zip_lat, np.nan))
    found.loc[~ok] = _counties(np.where(by_zip, lon, np.nan), np.where(by_zip, lat, np.nan)).loc[~ok]

    rows["lon"], rows["lat"] = lon, lat
    rows["precision"] = np.select([ok, by_zip], ["address", "zip_centroid"], "unknown")
    unplaced = ~ok & ~by_zip
    ledger.note(Reason.ZIP_UNPLACED, "zip", rows.loc[unplaced, "zip"])

    point_state = found["state"].to_numpy("str")
    contradicted = (
        ok & (point_state != "") & (rows["state"] != "").to_numpy() & (point_state != rows["state"])
    )
    ledger.note(
        Reason.STATE_CONTRADICTION, "state", (rows["state"] + " (point in " + point_state + ")")[contradicted]
    )
    far = np.zeros(len(rows), dtype=bool)
    both = ok & np.isfinite(zip_lon)
    far[both] = geodesic_m(lon[both], lat[both], zip_lon[both], zip_lat[both]) > FAR_FROM_ZIP_M
    ledger.note(Reason.COORDINATE_FAR_FROM_ZIP, "latitude, longitude", _pairs(rows, far))
    rows.loc[rows["state"] == "", "state"] = np.where(point_state != "", point_state, zip_state)[
        rows["state"] == ""
    ]

    _assign_counties(rows, found, unplaced, ledger)


def _stated_points(rows: pd.DataFrame, ledger: _Ledger) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numbers as the file gives them, NaN where it gives none or nonsense."""
    given = (rows["latitude"] != "") | (rows["longitude"] != "")
    lat = pd.to_numeric(rows["latitude"], errors="coerce").to_numpy("float64")
    lon = pd.to_numeric(rows["longitude"], errors="coerce").to_numpy("float64")
    zero = (np.abs(lat) < 1e-9) & (np.abs(lon) < 1e-9)
    in_range = (np.abs(lat) <= 180) & (np.abs(lon) <= 180)  # 90 < |lat| <= 180 may still be a swapped pair
    ledger.note(Reason.COORDINATE_ZERO, "latitude, longitude", _pairs(rows, zero))
    ledger.note(
        Reason.COORDINATE_MALFORMED, "latitude, longitude", _pairs(rows, given.to_numpy() & ~in_range)
    )
    usable = in_range & ~zero
    return np.where(usable, lon, np.nan), np.where(usable, lat, np.nan)


def _pairs(rows: pd.DataFrame, chosen: NDArray[np.bool_]) -> pd.Series[str]:
    part = rows.loc[chosen]
    return part["latitude"] + ", " + part["longitude"]


def _counties(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pd.DataFrame:
    """County of each point; blank where there is no usable point or no county within reach."""
    result = pd.DataFrame(
        {"county_fips": "", "county_match": "none", "state": "", "vintage": 0}, index=pd.RangeIndex(len(lon))
    )
    usable = np.isfinite(lon) & (np.abs(lat) <= 90)
    if usable.any():
        located = locate_counties(lon[usable], lat[usable])
        fips = located["county_fips"].fillna("")
        result.loc[usable, "county_fips"] = fips.to_numpy()
        result.loc[usable, "county_match"] = located["county_match"].to_numpy()
        result.loc[usable, "vintage"] = located["vintage"].to_numpy()
        postal = {str(code): str(state) for code, state in states()["state"].items()}
        result.loc[usable, "state"] = _looked_up(fips.str[:2], postal).to_numpy()
    return result


def _fits(
    rows: pd.DataFrame,
    found: pd.DataFrame,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    zip_lon: NDArray[np.float64],
    zip_lat: NDArray[np.float64],
    zip_state: NDArray[np.str_],
    *,
    strict: bool = False,
) -> NDArray[np.bool_]:
    """Whether a point agrees with the address it stands beside.

    It does when it lies in the state of the row or of the ZIP, or near the middle of the ZIP. Where the row
    has neither a known state nor a known ZIP, any county will do.
    """
    row_state, point_state = rows["state"].to_numpy("str"), found["state"].to_numpy("str")
    agrees = (point_state != "") & ((point_state == row_state) | (point_state == zip_state))
    near = np.zeros(len(rows), dtype=bool)
    known = np.isfinite(lon) & np.isfinite(zip_lon) & (np.abs(lat) <= 90)
    near[known] = geodesic_m(lon[known], lat[known], zip_lon[known], zip_lat[known]) <= TRUSTED_DISTANCE_M
    nothing_to_hold_against = (row_state == "") & (zip_state == "")
    # states without county polygons here (freely associated states): the point cannot be checked
    no_polygons = np.isin(row_state, ("FM", "MH", "PW")) & (np.abs(lat) <= 90)
    in_some_county = point_state != ""
    lenient = near | (nothing_to_hold_against & in_some_county) | no_polygons
    fits: NDArray[np.bool_] = agrees | (near & in_some_county if strict else lenient)
    return fits


def _assign_counties(
    rows: pd.DataFrame, found: pd.DataFrame, unplaced: NDArray[np.bool_], ledger: _Ledger
) -> None:
    rows["county_fips"] = found["county_fips"].to_numpy()
    rows["county_match"] = found["county_match"].to_numpy()
    rows["vintage"] = found["vintage"].to_numpy()
    by_home = zip_counties().reindex(rows["zip"])
    from_zip = unplaced & by_home["county_fips"].notna().to_numpy()
    rows.loc[from_zip, "county_fips"] = by_home["county_fips"].to_numpy()[from_zip]
    rows.loc[from_zip, "vintage"] = by_home["vintage"].to_numpy()[from_zip]
    rows.loc[from_zip, "county_match"] = "zip"
    names, known = _county_names()
    said, is_in = rows["county"], _looked_up(rows["county_fips"], names)
    differs = (said != "") & (is_in != "") & (rows["precision"] == "address")
    differs &= said.map(_county_key) != is_in.map(_county_key)
    current = (rows["state"] + " " + said.map(_county_key)).isin(known)
    text = said + " (point in " + is_in + ")"
    ledger.note(Reason.COUNTY_CONTRADICTION, "county", text[differs & current])
    ledger.note(Reason.COUNTY_OF_OTHER_VINTAGE, "county", text[differs & ~current])
    nearest = rows["county_match"] == "nearest"
    ledger.note(Reason.COUNTY_NEAREST, "latitude, longitude", _pairs(rows, nearest.to_numpy()))
    none = rows["county_match"] == "none"
    ledger.note(Reason.NO_COUNTY_MATCH, "county_fips", rows.loc[none, "zip"])


@cache
def _county_names() -> tuple[dict[str, str], set[str]]:
    """Name of each county by code; and every state with a county's folded name in it."""
    table = county_list()
    known = {
        f"{state} {_county_key(name)}" for state, name in zip(table["state"], table["name"], strict=True)
    }
    return {str(code): str(name) for code, name in table["name"].items()}, known


_COUNTY_WORDS: Final = re.compile(
    r"\b(county|parish|borough|census area|municipality|municipio|city and borough|city|planning region)\b"
)


@cache
def _county_key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    folded = plain.casefold().replace("saint", "st").replace("ste.", "ste").replace("st.", "st")
    return re.sub(r"[^a-z0-9]", "", _COUNTY_WORDS.sub("", folded))


# --- codes -----------------------------------------------------------------------------------------------


def _read_codes(rows: pd.DataFrame, ledger: _Ledger) -> None:
    """Say what the codes mean. A listing of mental health care alone states no level of care for us."""
    split: dict[str, list[str]] = {text: text.split() for text in rows["codes"].unique()}
    readers = {
        "payments": taxonomy.payments,
        "age_groups": taxonomy.age_groups,
        "services": taxonomy.services,
        "languages": taxonomy.languages,
        "levels_of_care": taxonomy.levels_of_care,
    }
    for column, read in readers.items():
        separator = "; " if column == "languages" else " "
        table = {text: _join(read(codes), separator) for text, codes in split.items()}
        rows[column] = _looked_up(rows["codes"], table)
    treats = {text: not {"SA", "DT"}.isdisjoint(codes) for text, codes in split.items()}
    other = (rows["facility_type"].str.upper() == "MH") & ~rows["codes"].map(treats).astype(bool)
    ledger.note(Reason.NOT_SUBSTANCE_USE, "facility_type", rows.loc[other, "facility_type"])
    rows.loc[other, "levels_of_care"] = ""


def _join(values: Iterable[str], separator: str) -> str:
    return separator.join(str(value) for value in values)
