"""What became of a facility between two listings, and the evidence for it in words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iopdir.linking.scores import Comparison
from iopdir.linking.sides import Sides

__all__ = ["Kind", "evidence", "kinds"]

Words = NDArray[Any]


class Kind(StrEnum):
    """What became of a facility between two listings."""

    UNCHANGED = "unchanged"
    """Same names, street, suite and ZIP."""
    CORRECTED = "corrected"
    """The same facility at the same place, spelled or placed a little differently."""
    RENAMED = "renamed"
    """Another name at the same place."""
    MOVED = "moved"
    """Another place; the name may have changed as well."""
    OPENED = "opened"
    """In the second listing only."""
    CLOSED = "closed"
    """In the first listing only."""
    SPLIT = "split"
    """In the second listing only, at the place of a facility that another row of it continues."""
    MERGED = "merged"
    """In the first listing only, at the place of a facility that another row of it became."""


CORRECTED_NAME = 0.8
"""Names at least this alike are one name, spelled differently; a choice of this package."""


def kinds(s: Sides, pairs: Comparison) -> Words:
    """Name the kind of each linked pair."""
    left, right = pairs.left, pairs.right
    suite = np.logical_and.reduce(s.suite[left] == s.suite[right], axis=1)
    exact = (s.line[left] == s.line[right]) & suite & (s.zip[left] == s.zip[right])
    return np.select(
        [pairs.elsewhere, exact & (pairs.alike >= 1), pairs.alike >= CORRECTED_NAME],
        [Kind.MOVED.value, Kind.UNCHANGED.value, Kind.CORRECTED.value],
        Kind.RENAMED.value,
    ).astype(object)


def evidence(pairs: Comparison) -> list[str]:
    """Say in plain words what speaks for and against each pair."""
    said = [
        (pairs.alike >= 1, "same name"),
        (pairs.street & ~pairs.suite_differs, "same street"),
        (pairs.street & pairs.suite_differs, "same street, other suite"),
        (pairs.elsewhere, "other address"),
        (pairs.zip, "same ZIP"),
        (pairs.city & ~pairs.zip, "same city"),
        (pairs.phone, "same phone"),
        (pairs.domain, "same website"),
    ]
    names = np.char.mod("name %.2f", pairs.alike)
    rows = []
    for at, (alike, metres) in enumerate(zip(pairs.alike, pairs.distance_m, strict=True)):
        words = [] if alike >= 1 else [str(names[at])]
        words += [text for marks, text in said if marks[at]]
        if metres == metres:
            words.append(f"{metres / 1000:.1f} km apart" if metres >= 1000 else f"{metres:.0f} m apart")
        rows.append(", ".join(words))
    return rows
