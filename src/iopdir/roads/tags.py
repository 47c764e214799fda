"""What the tags of a way and of a node let a vehicle do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from iopdir.roads.profile import Profile
from iopdir.roads.quantities import duration_s, kilograms, metres, posted_limit

__all__ = ["WAY_KEYS", "Passage", "Tags", "read_way", "resolve"]

Tags = Mapping[str, str]

_POSTED: Final = ("maxspeed:advisory", "maxspeed", "source:maxspeed", "maxspeed:type")
_LIMITS: Final = (
    ("height_m", ("maxheight:physical", "maxheight")),
    ("width_m", ("maxwidth:physical", "maxwidth", "width", "est_width")),
    ("length_m", ("maxlength",)),
    ("weight_kg", ("maxweightrating", "maxweight")),
)
_DIRECTED: Final = (
    "motorcar",
    "motor_vehicle",
    "vehicle",
    "access",
    *_POSTED,
    *(k for _, ks in _LIMITS for k in ks),
)
_PLAIN: Final = (
    "highway", "route", "bridge", "area", "railway", "construction", "proposed", "impassable", "status", "oneway",
    "oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "junction", "service", "duration", "capacity:car",
    "surface", "tracktype", "smoothness", "driving_side",
)  # fmt: skip
WAY_KEYS: Final = frozenset(
    (*_PLAIN, *(key + end for key in _DIRECTED for end in ("", ":forward", ":backward")))
)
"""Keys of ways that can matter, whatever the profile's keys of access are."""

_CLOSED_CLASSES: Final = frozenset(
    ("area", "reversible", "impassable", "hov_lanes", "steps", "construction", "proposed")
)


class Passage(NamedTuple):
    """How a way is passed.

    Parameters
    ----------
    forward, backward
        km/h along and against its drawn direction, 0 where closed.
    seconds
        What the whole way takes, 0 where its speed says it.
    ends_forward, ends_backward
        Whether only those drive there whose way begins or ends there.
    carried
        Whether something carries the vehicle, a ferry or a train.
    roundabout, left
        Whether it is a roundabout; whether traffic keeps left.
    doorstep
        Whether a way may begin or end there.
    """

    forward: float
    backward: float
    seconds: float = 0.0
    ends_forward: bool = False
    ends_backward: bool = False
    carried: bool = False
    roundabout: bool = False
    left: bool = False
    doorstep: bool = True


def read_way(tags: Tags, profile: Profile) -> Passage | None:
    """Say how a way is passed.

    Parameters
    ----------
    tags
        Of the way.
    profile
        How the vehicle drives.

    Returns
    -------
    Passage | None
        None if it is closed.

    Notes
    -----
    The order of questions is the one that OSRM's car profile documents: what closes a way, access by the first key of
    the hierarchy, direction, what carries vehicles, speed by class, posted limits, surface.

    Examples
    --------
    >>> from iopdir.roads.profile import car
    >>> street = read_way({"highway": "residential", "maxspeed": "25 mph", "oneway": "yes"}, car())
    >>> round(street.forward, 1), street.backward
    (32.2, 0.0)
    >>> read_way({"highway": "footway"}, car()) is None
    True
    """
    road, route = tags.get("highway"), tags.get("route")
    if not (road or route) or _closed(tags, road, profile):
        return None
    open_ways = [_fits(tags, side, profile) for side in _SIDES]
    access = [resolve(first(tags, profile.access.keys, side), profile) for side in _SIDES]
    ends = [road in profile.speeds and said in profile.access.only_at_the_ends for said in access]
    shut = profile.access.closed | profile.access.only_at_the_ends
    for side in (0, 1):
        open_ways[side] &= said_open(access[side], shut) or ends[side]
    for side in _against_oneway(tags, road):
        open_ways[side] = False
    if not any(open_ways):
        return None
    carried, speeds, seconds = _carried(tags, route, profile)
    if speeds[0] <= 0:
        speeds = _by_class(road, access, shut, profile)
    for side in (0, 1):
        posted = posted_limit(first(tags, _POSTED, _SIDES[side]), profile)
        if posted > 0:
            speeds[side] = posted * profile.speed.posted
        speeds[side] = min(speeds[side], *_surface(tags, profile)) if speeds[side] > 0 else 0.0
        speeds[side] = speeds[side] if open_ways[side] else 0.0
    if not (any(speed > 0 for speed in speeds)):
        return None
    private = road == "service" and access[0] == "private"
    return Passage(
        forward=speeds[0],
        backward=speeds[1],
        seconds=seconds,
        ends_forward=ends[0],
        ends_backward=ends[1],
        carried=carried,
        roundabout=tags.get("junction") == "roundabout",
        left=tags.get("driving_side", profile.driving_side) == "left",
        doorstep=not (carried or private),
    )


_SIDES: Final = (":forward", ":backward")


def first(tags: Tags, keys: tuple[str, ...], side: str) -> str | None:
    """Give the value of the first key that is there for a direction or for both."""
    for key in keys:
        value = tags.get(key + side, tags.get(key))
        if value is not None:
            return value
    return None


def resolve(value: str | None, profile: Profile) -> str | None:
    """Of several values, such as `customers;permissive`, take the most open one."""
    if value is None or ";" not in value:
        return value
    access = profile.access
    order = (access.open, access.only_at_the_ends, access.closed)
    parts = [part.strip() for part in value.split(";")]
    return min(parts, key=lambda part: next((i for i, some in enumerate(order) if part in some), len(order)))


def said_open(value: str | None, shut: frozenset[str]) -> bool:
    """Whether a value of access lets through: all but the known ones that do not."""
    return value not in shut


def _closed(tags: Tags, road: str | None, profile: Profile) -> bool:
    """Whether a way is closed whatever its access says."""
    construction = tags.get("construction")
    return (
        road in _CLOSED_CLASSES
        or tags.get("area") == "yes"
        or tags.get("railway") == "construction"
        or (construction is not None and construction not in ("no", "widening", "minor"))
        or (tags.get("proposed") is not None and not road)
        or tags.get("oneway") == "reversible"
        or tags.get("impassable") == "yes"
        or tags.get("status") == "impassable"
        or tags.get("service") in profile.access.closed_services
    )


def _fits(tags: Tags, side: str, profile: Profile) -> bool:
    """Whether the vehicle is small and light enough."""
    for name, keys in _LIMITS:
        said = first(tags, keys, side)
        if said is not None:
            limit = kilograms(said) if name == "weight_kg" else metres(said)
            size = getattr(profile.vehicle, name)
            if limit is not None and (limit <= size if name == "width_m" else limit < size):
                return False
    return True


def _against_oneway(tags: Tags, road: str | None) -> tuple[int, ...]:
    """Directions that a one-way rule closes."""
    rule = next(
        (
            tags[key]
            for key in ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
            if key in tags
        ),
        None,
    )
    if rule == "-1":
        return (0,)
    implied = road == "motorway" or tags.get("junction") in ("roundabout", "circular")
    return (1,) if rule in ("yes", "1", "true") or (implied and rule != "no") else ()


def _carried(tags: Tags, route: str | None, profile: Profile) -> tuple[bool, list[float], float]:
    """Whether something carries the vehicle, how fast, and how long the whole takes."""
    speed = profile.carried.get(route or "", 0.0)
    if speed > 0:
        return True, [speed, speed], duration_s(tags.get("duration"))
    if tags.get("bridge") == "movable" and profile.carried.get("movable_bridge"):
        seconds = duration_s(tags.get("duration"))
        speed = 0.0 if seconds else profile.carried["movable_bridge"]
        return False, [speed, speed], seconds
    return False, [0.0, 0.0], 0.0


def _by_class(
    road: str | None, access: list[str | None], shut: frozenset[str], profile: Profile
) -> list[float]:
    """Speed by class of road; of other ways, only where they say that they are open."""
    speed = profile.speeds.get(road or "")
    if speed is not None:
        return [speed, speed]
    return [profile.speed.opened if said is not None and said not in shut else 0.0 for said in access]


def _surface(tags: Tags, profile: Profile) -> tuple[float, float, float]:
    """Speeds that surface, grade of track and smoothness allow."""
    return (
        profile.surface_limits.get(tags.get("surface", ""), math.inf),
        profile.tracktype_limits.get(tags.get("tracktype", ""), math.inf),
        profile.smoothness_limits.get(tags.get("smoothness", ""), math.inf),
    )
