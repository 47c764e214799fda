"""How much speaks for two rows being one facility: points for and against, as an account a reader can check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from iopdir.linking.likeness import Bools, lines_alike, names_alike, none_shared
from iopdir.linking.sides import Floats, Ints, Sides
from iopdir.progress import during
from iopdir.spatial.geodesy import geodesic_m

__all__ = ["ENOUGH", "Comparison", "compare", "score_of"]

ENOUGH: Final = 1.0
"""Points from which two rows may be one facility. Points are meant as natural logarithms of odds. No procedure
estimated them; they were chosen by hand while looking at how links of the methadone editions of 1998 to 2008 came out,
so that figures measured on those editions are in-sample."""

NEAR_M: Final = 150.0
"""Points of addresses this near may be one place."""

_ALIKE: Final = ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (-3.0, -2.5, -0.5, 1.0, 3.0, 4.0))
"""How alike two names are, and what it is worth."""


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Pairs of rows, compared.

    Parameters
    ----------
    left, right
        Positions of the rows side by side, shape (n,) as all below.
    alike
        How alike the names are, 0 to 1; 1 only if all words are the same.
    street
        Whether number and street are the same, or nearly, and nothing says that they are in two towns.
    suite_differs
        Whether both name a suite, and no part of it is the same.
    elsewhere
        Whether it is another place: another street or house number, or another ZIP or town where a street is not given;
        not if that looks like a slip of one digit, or points are near and no house number says otherwise.
    zip, city, phone, domain
        Whether both give the same.
    distance_m
        Between points that are addresses, else NaN.
    points
        What it comes to.
    """

    left: Ints
    right: Ints
    alike: Floats
    street: Bools
    elsewhere: Bools
    suite_differs: Bools
    zip: Bools
    city: Bools
    phone: Bools
    domain: Bools
    distance_m: Floats
    points: Floats

    def take(self, chosen: Bools | Ints) -> Comparison:
        """Keep some of the pairs."""
        return Comparison(*(getattr(self, name)[chosen] for name in self.__slots__))


def score_of(points: Floats) -> Floats:
    """Turn points into a score from 0 to 1, 0.5 where they are just enough."""
    score: Floats = 1.0 / (1.0 + np.exp(ENOUGH - points))
    return score


@during("Comparing")
def compare(s: Sides, left: Ints, right: Ints) -> Comparison:
    """Compare pairs of rows."""

    def same(codes: Ints) -> Bools:
        equal: Bools = (codes[left] == codes[right]) & (codes[left] >= 0)
        return equal

    def differ(codes: Ints) -> Bools:
        unequal: Bools = (codes[left] != codes[right]) & (codes[left] >= 0) & (codes[right] >= 0)
        return unequal

    alike = names_alike(s, left, right)
    distance_m = np.full(left.size, np.nan)
    both = np.isfinite(s.lon[left]) & np.isfinite(s.lon[right])
    distance_m[both] = geodesic_m(
        s.lon[left[both]], s.lat[left[both]], s.lon[right[both]], s.lat[right[both]]
    )
    distance_m = np.round(distance_m, 3)
    rough = np.nan_to_num(distance_m, nan=np.inf)
    distance_m[~(s.stated[left] & s.stated[right])] = np.nan
    near = np.nan_to_num(distance_m, nan=np.inf)
    in_zip, in_city, in_state = same(s.zip), same(s.city) & ~differ(s.state), same(s.state)
    here = in_zip | in_city | (near <= 2_000)
    lines = lines_alike(s, left, right)
    street = (lines.same & (here | (in_state & (alike >= 0.6)))) | (lines.half & here)
    beside = (lines.slip & here) | ((near <= NEAR_M) & ~lines.numbers_differ)
    town = differ(s.zip) | (~in_zip & (differ(s.city) | differ(s.state)))
    suite_differs = none_shared(s.suite, left, right)
    phone = same(s.phone) | same(s.intake_phone)
    phone |= (s.phone[left] == s.intake_phone[right]) & (s.phone[left] >= 0)
    phone |= (s.phone[right] == s.intake_phone[left]) & (s.phone[right] >= 0)
    domain = same(s.domain)

    points = np.interp(alike, *_ALIKE)
    points += np.where(alike >= 1, 1 - np.log2(_namesakes(s, left, right, in_zip, in_city)), 0)
    points += np.where(street, _street_points(s, left, right) - 2.0 * suite_differs - 2.0 * lines.half, 0)
    family = np.maximum(s.counted(s.first)[left], s.counted(s.first)[right])
    apart = (
        _place_points(near, rough, in_zip, in_city, differ(s.state))
        - 0.5 * np.log2(family) * (rough > 5_000) * ~in_zip
    )
    points += np.where(street, 0, apart)
    callers = np.maximum(s.counted(s.phone)[left], s.counted(s.phone)[right])
    points += np.where(phone, np.maximum(4.5 - np.log2(callers), 1), -0.4 * differ(s.phone))
    hosts = np.maximum(s.counted(s.domain)[left], s.counted(s.domain)[right])
    points += np.where(domain, np.maximum(1.5 - 0.3 * np.log2(hosts), 0.2), -0.2 * differ(s.domain))
    return Comparison(
        left=left,
        right=right,
        alike=alike,
        street=street,
        elsewhere=~street & ~beside & (differ(s.line) | town),
        suite_differs=suite_differs,
        zip=in_zip,
        city=in_city,
        phone=phone,
        domain=domain,
        distance_m=distance_m,
        points=np.round(points, 6),
    )


def _namesakes(s: Sides, left: Ints, right: Ints, in_zip: Bools, in_city: Bools) -> Ints:
    """Count who has the name in the ZIP, town or nation that the two have in common, the more of both."""
    near = [s.counted(*codes) for codes in ((s.name, s.zip), (s.name, s.city, s.state), (s.name,))]
    counts = [np.maximum(count[left], count[right]) for count in near]
    return np.where(in_zip, counts[0], np.where(in_city, counts[1], counts[2]))


def _street_points(s: Sides, left: Ints, right: Ints) -> Floats:
    """6 for an address that nobody shares, less the more facilities of either listing are there."""
    here = s.counted(s.zip, s.number, s.street)
    points: Floats = 6.0 - 1.2 * np.log2(np.maximum(here[left], here[right]))
    return points


def _place_points(near: Floats, rough: Floats, in_zip: Bools, in_city: Bools, elsewhere: Bools) -> Floats:
    """Value nearness where the street is not the same; the middle of a ZIP will do to measure from."""
    by_metres = np.select(
        [near <= NEAR_M, rough <= 5e3, rough <= 2e4, rough <= 5e4], [2.0, 1.0, -0.5, -2.0], -4.0
    )
    by_area = np.select([in_zip, in_city], [1.0, 0.5], -4.0)
    points: Floats = np.maximum(by_metres, np.where(np.isfinite(near), -4.0, by_area)) - 3.0 * elsewhere
    return points
