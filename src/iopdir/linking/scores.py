"""How much speaks for two rows being one facility: points for and against, as an account a reader can check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from iopdir.linking.sides import Floats, Ints, Sides
from iopdir.spatial.geodesy import geodesic_m

__all__ = ["ENOUGH", "NEAR_M", "Comparison", "compare", "score_of"]

Bools = NDArray[np.bool_]

ENOUGH: Final = 1.5
"""Points from which two rows may be one facility. Points are meant as natural logarithms of odds. No procedure
estimated them; they were chosen by hand while looking at how links of the methadone editions of 1998 to 2008 came out,
so that figures measured on those editions are in-sample."""

NEAR_M: Final = 150.0
"""Points of addresses this near may be one place."""

_ALIKE: Final = ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (-3.0, -2.5, -0.5, 1.0, 3.0, 4.0))
"""How alike two names are, and what it is worth."""

_CHUNK: Final = 100_000


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
        Whether streets differ, or ZIP or town where a street is not given.
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


def compare(s: Sides, left: Ints, right: Ints) -> Comparison:
    """Compare pairs of rows."""

    def same(codes: Ints) -> Bools:
        equal: Bools = (codes[left] == codes[right]) & (codes[left] >= 0)
        return equal

    def differ(codes: Ints) -> Bools:
        unequal: Bools = (codes[left] != codes[right]) & (codes[left] >= 0) & (codes[right] >= 0)
        return unequal

    alike = _names_alike(s, left, right)
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
    number = same(s.number) | ((s.number[left] < 0) & (s.number[right] < 0))
    line = number & (_text_alike(s.street, s.streets, left, right) >= 0.8)
    street = line & (in_zip | in_city | (near <= 2_000) | (in_state & (alike >= 0.6)))
    suite_differs = _none_shared(s.suite, left, right)
    phone = same(s.phone) | same(s.intake_phone)
    phone |= (s.phone[left] == s.intake_phone[right]) & (s.phone[left] >= 0)
    phone |= (s.phone[right] == s.intake_phone[left]) & (s.phone[right] >= 0)
    domain = same(s.domain)

    points = np.interp(alike, *_ALIKE)
    namesakes = np.maximum(s.counted(s.name)[left], s.counted(s.name)[right])
    points += np.where(alike >= 1, 1 - np.log2(namesakes), 0)
    points += np.where(street, _street_points(s, left, right) - 2.0 * suite_differs, 0)
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
        elsewhere=~street
        & (differ(s.line) | _other_town(in_zip, differ(s.zip), differ(s.city) | differ(s.state))),
        suite_differs=suite_differs,
        zip=in_zip,
        city=in_city,
        phone=phone,
        domain=domain,
        distance_m=distance_m,
        points=np.round(points, 6),
    )


def _other_town(in_zip: Bools, zips_differ: Bools, towns_differ: Bools) -> Bools:
    other: Bools = zips_differ | (~in_zip & towns_differ)
    return other


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


# --- names and other text ------------------------------------------------------------------------------------


def _names_alike(s: Sides, left: Ints, right: Ints) -> Floats:
    """Take the better of two views: how much of the rare words both have, and how alike the letters are."""
    both = s.name[left] * (len(s.names) + 1) + s.name[right]
    pair, at = np.unique(both, return_index=True, return_inverse=True)[1:]
    shared = _shared_words(s, left[pair], right[pair])
    letters = np.clip(2 * _text_alike(s.name, s.names, left[pair], right[pair]) - 1, 0, 1)
    alike = np.minimum(np.maximum(shared, letters), 0.99)
    alike[s.name[left[pair]] == s.name[right[pair]]] = 1.0
    alike[(s.name[left[pair]] < 0) | (s.name[right[pair]] < 0)] = 0.0
    result: Floats = alike.astype(np.float64).round(6)[at]
    return result


def _shared_words(s: Sides, left: Ints, right: Ints) -> Floats:
    """Mean of the shares of the rare words that both have: of all, and of the shorter name's."""
    weight = np.append(s.rarity, 0.0)
    whole = weight[s.words].sum(axis=1)
    shared = np.zeros(left.size)
    for begin in range(0, left.size, _CHUNK):
        part = slice(begin, begin + _CHUNK)
        ours, theirs = s.words[left[part]], s.words[right[part]]
        common = np.zeros(ours.shape, dtype=bool)
        for place in range(theirs.shape[1]):
            common |= ours == theirs[:, place, None]
        shared[part] = (weight[ours] * common).sum(axis=1)
    one, other = (np.maximum(whole[side], 1e-9) for side in (left, right))
    result: Floats = (shared / (one + other - shared) + shared / np.minimum(one, other)) / 2
    return result


def _text_alike(codes: Ints, texts: Sequence[str], left: Ints, right: Ints) -> Floats:
    """Share of letters that two texts have in common, in order (rapidfuzz's normalised indel similarity)."""
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cpdist

    result = np.zeros(left.size)
    todo = np.flatnonzero((codes[left] >= 0) & (codes[right] >= 0))
    if todo.size:
        one, other = codes[left[todo]], codes[right[todo]]
        result[todo] = cpdist(
            [texts[code] for code in np.minimum(one, other).tolist()],
            [texts[code] for code in np.maximum(one, other).tolist()],
            scorer=Indel.normalized_similarity,
            dtype=np.float64,
        )
    return result


def _none_shared(cells: Ints, left: Ints, right: Ints) -> Bools:
    """Whether both cells hold something, and nothing of it is the same."""
    ours, theirs = cells[left], cells[right]
    shared = np.zeros(left.size, dtype=bool)
    for place in range(theirs.shape[1]):
        shared |= ((ours == theirs[:, place, None]) & (ours >= 0)).any(axis=1)
    given = (ours >= 0).any(axis=1) & (theirs >= 0).any(axis=1)
    none: Bools = given & ~shared
    return none
