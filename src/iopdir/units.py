"""Quantities with their unit: `"30 mi"` to metres, `"20 min"` to minutes."""

from __future__ import annotations

import math
import re
from typing import Final

from iopdir.errors import UnitError

__all__ = ["METRES_PER_MILE", "format_distance", "parse_distance", "parse_duration"]

METRES_PER_MILE: Final = 1609.344
"""International mile, exact: 24 FR 5348 (1959)."""

_METRES: Final = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "km": 1000.0, "kilometre": 1000.0, "kilometres": 1000.0, "kilometer": 1000.0, "kilometers": 1000.0,
    "mi": METRES_PER_MILE, "mile": METRES_PER_MILE, "miles": METRES_PER_MILE,
}  # fmt: skip
_MINUTES: Final = {
    "s": 1 / 60, "sec": 1 / 60, "min": 1.0, "mins": 1.0, "minute": 1.0, "minutes": 1.0,
    "h": 60.0, "hr": 60.0, "hour": 60.0, "hours": 60.0,
}  # fmt: skip
_QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([A-Za-z]+)\s*")


def _parse(text: str | float, units: dict[str, float], example: str) -> float:
    if isinstance(text, str):
        match = _QUANTITY.fullmatch(text)
        factor = units.get(match[2].lower()) if match else None
        if match is None or factor is None:
            raise UnitError(f"cannot read {text!r}: write a number and a unit, such as {example!r}")
        return float(match[1]) * factor
    if not (math.isfinite(text) and text >= 0):
        raise UnitError(f"{text!r} is not a finite amount of zero or more")
    return float(text)


def parse_distance(distance: str | float) -> float:
    """Read a distance as metres.

    Parameters
    ----------
    distance
        Text with a unit (m, km, mi), or a number of metres.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    UnitError
        If the text has no or no known unit of length, or the number is negative or not finite.

    Examples
    --------
    >>> parse_distance("30 mi")
    48280.32
    >>> parse_distance("1.5km"), parse_distance(250)
    (1500.0, 250.0)
    """
    return _parse(distance, _METRES, "30 mi")


def parse_duration(duration: str | float) -> float:
    """Read a duration as minutes.

    Parameters
    ----------
    duration
        Text with a unit (s, min, h), or a number of minutes.

    Returns
    -------
    float
        Minutes.

    Raises
    ------
    UnitError
        If the text has no or no known unit of time, or the number is negative or not finite.

    Examples
    --------
    >>> parse_duration("1.5 h")
    90.0
    """
    return _parse(duration, _MINUTES, "20 min")


def format_distance(distance_m: float) -> str:
    """Write metres as miles, the unit of US access standards.

    Examples
    --------
    >>> format_distance(48280.32)
    '30 mi'
    >>> format_distance(1000)
    '0.62 mi'
    """
    miles = distance_m / METRES_PER_MILE
    return f"{miles:.2f}".rstrip("0").rstrip(".") + " mi" if miles < 100 else f"{miles:,.0f} mi"
