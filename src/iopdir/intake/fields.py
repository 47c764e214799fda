"""Single values brought to one form: state, ZIP, phone, website, coordinates. What cannot be read is noted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.geography.boundaries import states
from iopdir.intake.quality import Ledger, Reason
from iopdir.text import numbers

__all__ = ["INPUTS", "looked_up", "pairs", "read_fields", "stated_points"]

INPUTS: Final = (
    "name", "program", "street1", "street2", "city", "state", "zip", "county", "phone", "intake_phone",
    "website", "lat", "lon", "facility_type", "codes", "unmapped", "defect", "short",
)  # fmt: skip
"""Columns that a loader hands over, as text, blank where the file says nothing; `codes` (canonical) and `unmapped` are
tuples; `defect` says why a row cannot be read at all, `short` that its end is missing. Others are kept as they are. The
index is the 1-based row."""

ASSOCIATED: Final = ("FM", "MH", "PW")
"""States in free association, which have ZIP codes but no county outlines here."""

_DIGITS: Final = ("zip", "phone", "intake_phone", "lat", "lon")
_ALSO: Final = {"WASHINGTON DC": "DC", "WASHINGTON D C": "DC", "D C": "DC"}


def read_fields(rows: pd.DataFrame, ledger: Ledger) -> None:
    """Bring every text column to one form, in place."""
    for name in INPUTS:
        if name not in ("codes", "unmapped"):
            rows[name] = _each(rows[name], _digits if name in _DIGITS else _spaced)
    _read_states(rows, ledger)
    _read_zips(rows, ledger)
    _split_intake_numbers(rows)
    for name, read, reason in (
        ("phone", _phone, Reason.PHONE_MALFORMED),
        ("intake_phone", _phone, Reason.PHONE_MALFORMED),
        ("website", _website, Reason.WEBSITE_MALFORMED),
    ):
        rows[name] = _normalised(rows[name], read, reason, ledger)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _digits(text: str) -> str:
    return unicodedata.normalize("NFKC", _spaced(text))


def _read_states(rows: pd.DataFrame, ledger: Ledger) -> None:
    table = states()
    postal: dict[str, str] = {code: code for code in (*table["state"], *ASSOCIATED)} | _ALSO
    postal |= {name.upper(): code for name, code in zip(table["name"], table["state"], strict=True)}

    def read(text: str) -> str:
        words = re.sub(r"[.,]+", " ", text.upper()).split()
        return postal.get(" ".join(words)) or postal.get("".join(words), "")

    rows["state"] = _normalised(rows["state"], read, Reason.STATE_UNKNOWN, ledger)


def _read_zips(rows: pd.DataFrame, ledger: Ledger) -> None:
    given = rows["zip"]
    short = _each(given, _short_zip)
    ledger.note(Reason.ZIP_LOST_ZEROS, "zip", given[short.str.len().between(1, 4)])
    ledger.note(Reason.ZIP_MALFORMED, "zip", given[(short == "") & (given != "")])
    rows["zip"] = short.str.zfill(5).where(short != "", "")


_ZIP: Final = re.compile(r"(\d{3,5})(?:\.0+)?(?:[- ]?\d{4})?")


def _short_zip(text: str) -> str:
    """Read a ZIP, perhaps without its leading zeros; blank if it is none."""
    found = _ZIP.fullmatch(text)
    return found[1] if found else ""


def _each(values: pd.Series[Any], read: Callable[[str], str]) -> pd.Series[Any]:
    """Read every distinct text once."""
    table = {text: read(text) for text in set(values.tolist())}
    return values if all(text == given for given, text in table.items()) else looked_up(values, table)


def _normalised(
    values: pd.Series[str], read: Callable[[str], str], reason: Reason, ledger: Ledger
) -> pd.Series[str]:
    result = _each(values, lambda text: read(text) if text else "")
    ledger.note(reason, str(values.name), values[(result == "") & (values != "")])
    return result


def looked_up(values: pd.Series[str], table: Mapping[str, str]) -> pd.Series[str]:
    """Values through a table, blank where it has none."""
    return pd.Series([table.get(value, "") for value in values.tolist()], index=values.index, dtype="object")


def _split_intake_numbers(rows: pd.DataFrame) -> None:
    """Take apart one field with two numbers, as the 2017 listing writes them: ``A Intake: B``."""
    if not any("Intake" in text for text in rows["phone"]):
        return
    both = rows["phone"].str.extract(r"^(.*?)\s*Intakes?:\s*(\S*)")
    found = both[0].notna()
    spare = found & (rows["intake_phone"] == "")
    rows.loc[spare, "intake_phone"] = both.loc[spare, 1]
    rows.loc[found, "phone"] = both.loc[found, 0]


_PLAIN_PHONE: Final = re.compile(
    r"\(?([2-9]\d{2})\)?[-. ]?([2-9]\d{2})[-. ]?(\d{4})(?:\.0)?(?: ?(?:x|ext\.?) ?(\d{1,7}))?", re.IGNORECASE
)


@cache
def _phone(text: str) -> str:
    """Read a US number; what is not written in the plain way goes to the library that knows the others."""
    if plain := _PLAIN_PHONE.fullmatch(text):
        area, exchange, line, extension = plain.groups()
        return f"{area}-{exchange}-{line}" + (f" x{extension}" if extension else "")
    import phonenumbers

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


def stated_points(rows: pd.DataFrame, ledger: Ledger) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes as the file gives them, NaN where it gives none or nonsense."""
    given = (rows["lat"] != "") | (rows["lon"] != "")
    lat, lon = numbers(rows["lat"]), numbers(rows["lon"])
    zero = (np.abs(lat) < 1e-9) & (np.abs(lon) < 1e-9)
    in_range = (np.abs(lat) <= 180) & (np.abs(lon) <= 180)  # 90 < |lat| <= 180 may still be a swapped pair
    ledger.note(Reason.COORDINATE_ZERO, "lat, lon", pairs(rows, zero))
    ledger.note(Reason.COORDINATE_MALFORMED, "lat, lon", pairs(rows, given.to_numpy() & ~in_range))
    usable = in_range & ~zero
    return np.where(usable, lon, np.nan), np.where(usable, lat, np.nan)


def pairs(rows: pd.DataFrame, chosen: NDArray[np.bool_]) -> pd.Series[str]:
    """Coordinates of some rows as the file writes them."""
    part = rows.loc[chosen]
    return part["lat"] + ", " + part["lon"]
