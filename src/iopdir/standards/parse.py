"""Read a standard however it is given."""

from __future__ import annotations

from pathlib import Path

from iopdir.errors import UnknownNameError
from iopdir.standards.own import read_standard
from iopdir.standards.published import STANDARDS
from iopdir.standards.standard import GIVEN, Limit, Standard
from iopdir.standards.states import find_state_standard, state_keys
from iopdir.travel.cost import parse_cost
from iopdir.units import format_distance

__all__ = ["parse_standard"]


def parse_standard(standard: str | Path | Standard) -> Standard:
    """Read a standard however it is given.

    Parameters
    ----------
    standard
        A distance (``"30 mi"``), a time (``"20 min"``), a short name (``"cms-obh"``, ``"nc-iop"``), the path of a
        TOML file, or a standard.

    Returns
    -------
    Standard
        That standard.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    UnitError
        If it starts with a number but is no quantity.
    LoadError
        If it is a file that cannot be read.

    Examples
    --------
    >>> parse_standard("30 mi").limits[None].distance_m
    48280.32
    >>> parse_standard("cms-obh").confidence, parse_standard("nc-iop").min_providers
    ('2°', 2)
    """
    if isinstance(standard, Standard):
        return standard
    text = str(standard).strip()
    if text.lower() in STANDARDS:
        return STANDARDS[text.lower()]
    if text.lower().endswith(".toml"):
        return read_standard(text)
    if not text[:1].isdigit() and text[:1] != ".":
        found = find_state_standard(text)
        if found is None:
            raise UnknownNameError("standard", text, [*STANDARDS, *state_keys()])
        return found
    limit = _limit(text)
    if limit.distance_m is not None:
        name = format_distance(limit.distance_m)
        name = name if name == text else f"{text} ({name})"
    else:
        name = f"{limit.duration_min:g} min"
    return Standard(name=name, limits={None: limit}, source=GIVEN)


def _limit(text: str) -> Limit:
    amount, unit = parse_cost(text)
    return Limit(distance_m=amount) if unit == "m" else Limit(duration_min=amount)
