"""How alike names, streets and suites are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iopdir.linking.sides import Floats, Ints, Sides

__all__ = ["Bools", "Lines", "lines_alike", "names_alike", "none_shared"]

Bools = NDArray[np.bool_]

_CHUNK: Final = 100_000
_SAME: Final = 0.8
"""Streets this alike are one, misspelled; a choice of this package, as are the next two."""

_HALF: Final = 0.5
"""Streets this alike are one if the house number is the same and at least `_LONG`."""

_LONG: Final = 100


class Lines(NamedTuple):
    """Address lines of pairs, compared; shape (n,) each."""

    same: Bools
    """Number and street are the same, or nearly."""
    half: Bools
    """The street is the same and one has no number, or a long number is the same and the street somewhat alike."""
    slip: Bools
    """The street is the same, and one digit of the number is another, missing or in excess."""
    numbers_differ: Bools
    """Both have a number, and it is another."""


def lines_alike(s: Sides, left: Ints, right: Ints) -> Lines:
    """Compare number and street; a range is the same as any number in it, and 14th and 114th Street are two."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    one, other = s.number[left], s.number[right]
    both = (one >= 0) & (other >= 0)
    differ = both & ((one > s.last[right]) | (other > s.last[left]))
    counted = np.array([text.rstrip("sthndr") for text in s.streets] + [""])
    counted = np.where(np.char.isdigit(counted), counted, "")[s.street]
    numbered = (counted[left] != "") & (counted[right] != "")
    alike = np.where(numbered, counted[left] == counted[right], _text_alike(s.street, s.streets, left, right))
    named = alike >= _SAME
    slip = np.zeros(left.size, dtype=bool)
    todo = np.flatnonzero(named & differ & (np.maximum(one, other) >= 10))
    if todo.size:
        numbers = [side[todo].astype(np.str_).tolist() for side in (one, other)]
        slip[todo] = cpdist(*numbers, scorer=OSA.distance, dtype=np.int32) <= 1
    lone = (one >= 0) ^ (other >= 0)
    long = both & ~differ & (np.minimum(one, other) >= _LONG)
    return Lines(named & ~differ & ~lone, (named & lone) | (long & ~named & (alike >= _HALF)), slip, differ)


def names_alike(s: Sides, left: Ints, right: Ints) -> Floats:
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


def none_shared(cells: Ints, left: Ints, right: Ints) -> Bools:
    """Whether both cells hold something, and nothing of it is the same."""
    ours, theirs = cells[left], cells[right]
    shared = np.zeros(left.size, dtype=bool)
    for place in range(theirs.shape[1]):
        shared |= ((ours == theirs[:, place, None]) & (ours >= 0)).any(axis=1)
    given = (ours >= 0).any(axis=1) & (theirs >= 0).any(axis=1)
    none: Bools = given & ~shared
    return none
