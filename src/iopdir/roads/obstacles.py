"""What stands on a node: barriers, gates, signals and signs."""

from __future__ import annotations

from typing import Final, NamedTuple

from iopdir.roads.profile import Profile
from iopdir.roads.quantities import metres
from iopdir.roads.tags import Tags, resolve

__all__ = ["BLOCKED", "MINOR_SIGN", "NODE_KEYS", "SIGN", "Stop", "read_node"]

NODE_KEYS: Final = (
    "highway",
    "barrier",
    "motorcar",
    "motor_vehicle",
    "vehicle",
    "access",
)
"""Keys without which a node of a road is only a point of its line."""


class Stop(NamedTuple):
    """What a node costs: seconds for those who come along and against the way, and of which kind it is."""

    along: float
    against: float
    kind: int = 0


BLOCKED: Final = Stop(-1.0, -1.0)
"""Nobody passes."""

SIGN, MINOR_SIGN = 1, 2
"""Kinds of `Stop`: a stop sign that does not say for which direction; one for the minor road only."""

_ONE_SIDE: Final = ("forward", "backward", "both")


def read_node(tags: Tags, profile: Profile) -> Stop | None:
    """Say what a node costs those who pass it.

    Parameters
    ----------
    tags
        Of the node.
    profile
        How the vehicle drives.

    Returns
    -------
    Stop | None
        `BLOCKED`, seconds, or None for nothing.

    Examples
    --------
    >>> from iopdir.roads.profile import car
    >>> read_node({"barrier": "bollard"}, car()) is BLOCKED, read_node({"highway": "traffic_signals"}, car())
    (True, Stop(along=2.0, against=2.0, kind=0))
    """
    said = resolve(next((tags[key] for key in profile.access.keys if key in tags), None), profile)
    gate = 0.0
    if said is not None:
        if said in profile.access.closed and said not in profile.access.only_at_the_ends:
            return BLOCKED
    elif tags.get("barrier") in profile.barriers.gates:
        gate = profile.barriers.gate_s
    elif _stands_in_the_way(tags, profile):
        return BLOCKED
    along, against, kind = _wait(tags, profile)
    return Stop(along + gate, against + gate, kind) if along or against or gate else None


def _stands_in_the_way(tags: Tags, profile: Profile) -> bool:
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    if barrier == "height_restrictor":
        height = metres(tags.get("maxheight", ""))
        return height is not None and height < profile.vehicle.height_m
    harmless = (
        barrier in profile.barriers.open
        or tags.get("bollard") == "rising"
        or tags.get("kerb") in ("lowered", "flush")
        or (barrier == "kerb" and tags.get("highway") == "crossing")
        or (barrier == "fence" and tags.get("sensory") in ("audible", "audio"))
    )
    return not harmless


def _wait(tags: Tags, profile: Profile) -> tuple[float, float, int]:
    """Seconds at a signal or a sign along and against the way, and the kind."""
    what = tags.get("highway")
    seconds = {
        "traffic_signals": profile.waits.traffic_signals,
        "stop": profile.waits.stop,
        "give_way": profile.waits.give_way,
    }.get(what or "", 0.0)
    direction = tags.get("direction")
    if what == "traffic_signals":
        direction = tags.get("traffic_signals:direction", direction)
    kind = 0
    if what == "stop":
        kind = MINOR_SIGN if tags.get("stop") == "minor" else 0 if direction in _ONE_SIDE else SIGN
    along = 0.0 if direction == "backward" else seconds
    return along, 0.0 if direction == "forward" else seconds, kind
