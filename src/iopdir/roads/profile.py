"""How a vehicle drives, as data: a TOML file that a person can read and change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, get_args

from iopdir.errors import LoadError
from iopdir.limits import parse_toml, toml_text

__all__ = [
    "Access",
    "Barriers",
    "Profile",
    "Speed",
    "Turns",
    "Vehicle",
    "Waits",
    "Walk",
    "car",
    "read_profile",
]

Side = Literal["right", "left"]


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Share of a posted limit that is driven; km/h on a way of another class that says it is open."""

    posted: float
    opened: float


@dataclass(frozen=True, kw_only=True)
class Access:
    """Keys of access, the first that is there decides, and what their values mean."""

    keys: tuple[str, ...]
    open: frozenset[str]
    only_at_the_ends: frozenset[str]
    closed: frozenset[str]
    closed_services: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """Size and weight, for roads that are closed to larger ones."""

    height_m: float
    width_m: float
    length_m: float
    weight_kg: float


@dataclass(frozen=True, kw_only=True)
class Barriers:
    """What on a node lets vehicles through, and what they must open first."""

    open: frozenset[str]
    gates: frozenset[str]
    gate_s: float


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Seconds at a node."""

    traffic_signals: float
    stop: float
    give_way: float


@dataclass(frozen=True, kw_only=True)
class Turns:
    """Seconds at a junction: of the sharpest turn, its bias, waiting for oncoming traffic, turning around."""

    full_s: float
    bias: float
    oncoming_s: float
    around_s: float


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How fast a person gets from a point to the nearest road, and how far at most."""

    speed_kmh: float
    limit_m: float


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How a vehicle drives on the roads of OpenStreetMap.

    Speeds are in km/h, waits and turns in seconds. `text` is the file it was read from, which travels with a saved
    network.
    """

    name: str
    driving_side: Side
    speeds: dict[str, float]
    speed: Speed
    posted_limits: dict[str, float]
    surface_limits: dict[str, float]
    tracktype_limits: dict[str, float]
    smoothness_limits: dict[str, float]
    carried: dict[str, float]
    access: Access
    vehicle: Vehicle
    barriers: Barriers
    waits: Waits
    turns: Turns
    walk: Walk
    text: str


_SECTIONS: Final[dict[str, type]] = {
    "speed": Speed,
    "access": Access,
    "vehicle": Vehicle,
    "barriers": Barriers,
    "waits": Waits,
    "turns": Turns,
    "walk": Walk,
}
_TABLES: Final = (
    "speeds",
    "posted_limits",
    "surface_limits",
    "tracktype_limits",
    "smoothness_limits",
    "carried",
)
_POSITIVE: Final = ("speeds", "posted_limits", "carried", "speed_kmh", "posted", "opened", "bias")
_MOST: Final = 1e9
_EXPECTED: Final = "a profile in TOML"


@cache
def car() -> Profile:
    """Give the profile of a car that comes with the package.

    Returns
    -------
    Profile
        Speeds and costs as the car profile of OSRM documents them.

    Examples
    --------
    >>> car().speeds["motorway"], car().turns.around_s
    (90.0, 20.0)
    """
    path = files("iopdir.roads") / "car.toml"
    return parse_profile(path.read_text(encoding="utf-8"), "car.toml")


def read_profile(path: str | Path) -> Profile:
    """Read a profile.

    Parameters
    ----------
    path
        TOML with the sections of `car.toml`, all of them.

    Returns
    -------
    Profile
        Checked.

    Raises
    ------
    LoadError
        If the file cannot be read, lacks a section, or states a name or a value that makes no sense; with its line.
    """
    return parse_profile(toml_text(path, expected=_EXPECTED), path)


def parse_profile(text: str, path: str | Path) -> Profile:
    """Check the text of a profile.

    Parameters
    ----------
    text
        TOML.
    path
        What to call it in an error.

    Returns
    -------
    Profile
        Checked.

    Raises
    ------
    LoadError
        As for `read_profile`.
    """
    raw = parse_toml(text, path, expected=_EXPECTED)
    return Profile(**_Reading(text, path).profile(raw), text=text)


@dataclass(frozen=True)
class _Reading:
    """A profile being read, to say on which line something is wrong."""

    text: str
    path: str | Path

    def profile(self, raw: dict[str, Any]) -> dict[str, Any]:
        self._names(raw, {"name", "driving_side", *_TABLES, *_SECTIONS}, "")
        if not isinstance(raw["name"], str):
            self._refuse("", "name", "text", raw["name"])
        if raw["driving_side"] not in get_args(Side):
            self._refuse("", "driving_side", " or ".join(map(repr, get_args(Side))), raw["driving_side"])
        done: dict[str, Any] = {"name": raw["name"], "driving_side": raw["driving_side"]}
        for section in (*_TABLES, *_SECTIONS):
            if not isinstance(raw[section], dict):
                self._refuse("", section, "a section", raw[section])
        for section in _TABLES:
            least_is_zero = section not in _POSITIVE
            done[section] = {
                key.lower(): self._number(section, key, value, zero=least_is_zero)
                for key, value in raw[section].items()
            }
        for section, kind in _SECTIONS.items():
            wanted = {field.name: field.type for field in fields(kind)}
            self._names(raw[section], set(wanted), section)
            done[section] = kind(
                **{key: self._value(section, key, wanted[key], raw[section][key]) for key in wanted}
            )
        return done

    def _value(self, section: str, key: str, kind: object, value: Any) -> object:  # noqa: ANN401  # from TOML
        if kind == "float":
            return self._number(section, key, value, zero=key not in _POSITIVE)
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            self._refuse(section, key, "a list of words", value)
        return tuple(value) if "tuple" in str(kind) else frozenset(value)

    def _number(self, section: str, key: str, value: Any, *, zero: bool) -> float:  # noqa: ANN401  # from TOML
        good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST
        if not good or value < 0 or (value == 0 and not zero):
            self._refuse(section, key, "a number of zero or more" if zero else "a number above zero", value)
        return float(value)

    def _names(self, given: dict[str, Any], wanted: set[str], section: str) -> None:
        where = f"in [{section}]" if section else "at the top"
        for key in given:
            if key not in wanted:
                known = ", ".join(sorted(wanted))
                raise LoadError(
                    self.path,
                    expected=f"{where} one of {known}",
                    found=repr(key),
                    line=self._line(section, key),
                )
        missing = sorted(wanted - set(given))
        if missing:
            line = self._line("", section) if section else None
            raise LoadError(self.path, expected=f"{missing[0]!r} {where}", found="none", line=line)

    def _refuse(self, section: str, key: str, expected: str, value: object) -> None:
        where = f"{section}.{key}" if section else key
        raise LoadError(
            self.path, expected=f"{where} as {expected}", found=repr(value), line=self._line(section, key)
        )

    def _line(self, section: str, key: str) -> int | None:
        """Find the line of a key within its section, 1-based."""
        inside = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            words = line.strip()
            if words.startswith("["):
                inside = words[1:].partition("]")[0].strip()
                if not section and inside == key:
                    return number
            elif inside == section and words.partition("=")[0].strip().strip("\"'") == key:
                return number
        return None
