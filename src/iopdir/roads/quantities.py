"""Quantities as people write them into OpenStreetMap: limits, lengths, weights, durations."""

from __future__ import annotations

import re
from typing import Final

from iopdir.roads.profile import Profile

__all__ = ["duration_s", "kilograms", "metres", "posted_limit"]

KMH_PER_MPH: Final = 1.609
"""As OSRM reads miles per hour; the mile has 1.609344 km."""

_M_PER_INCH: Final = 0.0254
_KG_PER_LB: Final = 0.45359237
_UNSIGNED_HEIGHT_M: Final = 4.5
"""Where maxheight is a word, such as `default`: wiki.openstreetmap.org/wiki/Key:maxheight."""

_NUMBER: Final = re.compile(r"\d+\.?\d*")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_ISO: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_COUNTRY: Final = re.compile(r"[a-z]{2}:([a-z]+)")


def posted_limit(value: str | None, profile: Profile) -> float:
    """Read a posted limit as km/h; 0 where it says nothing.

    Examples
    --------
    >>> from iopdir.roads.profile import car
    >>> [posted_limit(said, car()) for said in ("50", "40 mph", "DE:rural", "XX:urban", "signals", None)]
    [50.0, 64.36, 100.0, 50.0, 0.0, 0.0]
    """
    if value is None:
        return 0.0
    digits = re.match(r"\d+", value)
    if digits:
        return float(digits[0]) * (KMH_PER_MPH if "mph" in value or "mp/h" in value else 1.0)
    word = value.lower()
    country = _COUNTRY.search(word)
    return profile.posted_limits.get(word, profile.posted_limits.get(country[1], 0.0) if country else 0.0)


def metres(value: str) -> float | None:
    """Read a length as metres.

    Examples
    --------
    >>> [metres(said) for said in ("3.5", "2,1 m", "default", "none of these")]
    [3.5, 2.1, 4.5, None]
    >>> round(metres("6'6"), 2)
    1.98
    """
    if value in ("default", "none", "no-sign", "unsigned"):
        return _UNSIGNED_HEIGHT_M
    found = _NUMBER.search(value.replace(",", "."))
    if not found:
        return None
    number = float(found[0])
    if "'" not in value:
        return number
    inches = re.search(r"\d+", value[value.index("'") :])
    return (number * 12 + (float(inches[0]) if inches else 0.0)) * _M_PER_INCH


def kilograms(value: str) -> float | None:
    """Read a weight as kilograms.

    Examples
    --------
    >>> kilograms("3.5"), kilograms("2500 kg"), round(kilograms("6000 lbs"))
    (3500.0, 2500.0, 2722)
    """
    found = _NUMBER.search(value.replace(",", "."))
    if not found:
        return None
    factor = _KG_PER_LB if "lbs" in value else 1.0 if "kg" in value else 1000.0
    return float(found[0]) * factor


def duration_s(value: str | None) -> float:
    """Read a duration as seconds; 0 where it says nothing that can be read.

    Examples
    --------
    >>> [duration_s(said) for said in ("00:35", "01:05:30", "PT1H30M", "20", "soon", None)]
    [2100.0, 3930.0, 5400.0, 1200.0, 0.0, 0.0]
    """
    if value is None:
        return 0.0
    text = value.strip()
    clock, iso = _CLOCK.fullmatch(text), _ISO.fullmatch(text)
    if clock:
        return int(clock[1]) * 3600.0 + int(clock[2]) * 60 + int(clock[3] or 0)
    if iso:
        days, hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        return days * 86400.0 + hours * 3600 + minutes * 60 + seconds
    return int(text) * 60.0 if text.isdigit() else 0.0
