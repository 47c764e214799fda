"""Two listings side by side, every value spelled the way it is compared, and equal values given equal numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from iopdir.errors import KindError, LoadError
from iopdir.geography.places import zip_points
from iopdir.intake.identity import fold
from iopdir.linking.spelling import digits_of, first_domain, is_address, read_street, read_words
from iopdir.schema.frames import INDEX, typed

__all__ = ["Listing", "Sides", "Tabled", "facility_table"]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
_WORDS: Final = 24
_LINES: Final = ("street1", "street2", "program", "name")
_NAMES: Final = ("name", "program", "city")


class Tabled(Protocol):
    """What has a facility table, as a `Directory` has."""

    @property
    def table(self) -> pd.DataFrame:
        """The facility table."""
        ...


Listing: TypeAlias = "Tabled | pd.DataFrame"
"""A directory, or a facility table as `Directory.to_geodataframe` gives it."""


def facility_table(listing: Listing, called: str) -> pd.DataFrame:
    """Take the facility table of a directory, or type and check a frame.

    Raises
    ------
    KindError
        If it is neither.
    LoadError
        If a frame has no `facility_id` or no `name`, or an id stands twice or is blank.
    """
    if not isinstance(listing, pd.DataFrame):
        table = getattr(listing, "table", None)
        if not isinstance(table, pd.DataFrame):
            found = f"a {type(listing).__name__}"
            raise KindError(called, expected="a Directory, or a facility table", found=found)
        return table
    missing = {INDEX, "name"} - {*map(str, listing.columns), *map(str, listing.index.names)}
    expected = "a directory, or a facility table with facility_id and name"
    if missing:
        raise LoadError(called, expected=expected, found=f"a table without {', '.join(sorted(missing))}")
    table = typed(pd.DataFrame(listing))
    wrong = np.flatnonzero(table.index.duplicated() | (table.index == ""))
    if wrong.size:
        first = int(wrong[0])
        raise LoadError(
            called, expected="an id of its own in every row", found=repr(table.index[first]), line=first + 1
        )
    return table


@dataclass(frozen=True, eq=False, slots=True)
class Sides:
    """The rows of `a`, then those of `b`; codes are -1 where a value is blank, for a blank equals nothing.

    Parameters
    ----------
    size
        Rows of `a`.
    ids
        Of every row.
    words
        Number of each word of the names, shape (n, w), rising, -1 beyond the last.
    rarity
        Weight of each word, the larger the fewer rows have it.
    name
        Code of all the words together.
    spelled, spelling
        Code of the words in text, and the texts.
    number, last
        House number and the last of its range, -1 if there is none.
    street, line, zip, city, state, phone, intake_phone, domain
        Codes.
    streets
        Texts of `street`.
    suite
        Codes of the parts of the suite, shape (n, w), like `words`.
    lon, lat
        The point of the address, else the middle of the ZIP; NaN where neither is known.
    stated
        Whether it is the point of the address.
    """

    size: int
    ids: NDArray[Any]
    words: Ints
    rarity: Floats
    name: Ints
    names: Sequence[str]
    first: Ints
    number: Ints
    last: Ints
    street: Ints
    streets: Sequence[str]
    line: Ints
    suite: Ints
    zip: Ints
    city: Ints
    state: Ints
    phone: Ints
    intake_phone: Ints
    domain: Ints
    lon: Floats
    lat: Floats
    stated: NDArray[np.bool_]

    @classmethod
    def of(cls, a: pd.DataFrame, b: pd.DataFrame) -> Sides:
        """Put two facility tables side by side."""
        columns = ["name", "program", "street1", "street2", "city", "state", "zip", "phone", "intake_phone"]
        both = pd.concat([part[[*columns, "website", "precision", "lon", "lat"]] for part in (a, b)])
        text = {name: both[name].tolist() for name in both}
        names_of = [_names(*parts) for parts in zip(*(text[n] for n in _NAMES), strict=True)]
        first = [read_words(lines[0]) for lines in names_of]
        words = [
            tuple(sorted({word for line in lines for word in read_words(line)}))[:_WORDS]
            for lines in names_of
        ]
        streets = [read_street(*parts) for parts in zip(*(text[n] for n in _LINES), strict=True)]
        word_codes, rarity = _listed(words)
        name, names = _coded([" ".join(one) for one in words])
        street, street_texts = _coded([one.name for one in streets])
        phones = [digits_of(phone) for phone in (*text["phone"], *text["intake_phone"])]
        phone = _coded(phones)[0]
        stated = both["precision"].to_numpy(object) == "address"
        centre = zip_points()[["lon", "lat"]].reindex(both["zip"]).to_numpy("float64")
        lon, lat = (
            np.where(stated, both[n].to_numpy("float64"), centre[:, at])
            for at, n in enumerate(("lon", "lat"))
        )
        return cls(
            size=len(a),
            ids=np.concatenate([part.index.to_numpy(object) for part in (a, b)]),
            words=word_codes,
            rarity=rarity,
            name=name,
            names=names,
            first=_coded([" ".join(one) for one in first])[0],
            number=np.array([one.number for one in streets], dtype=np.int64),
            last=np.array([one.last for one in streets], dtype=np.int64),
            street=street,
            streets=street_texts,
            line=_coded([one.line for one in streets])[0],
            suite=_listed([one.suite[:_WORDS] for one in streets])[0],
            zip=_coded([zip5[:5] for zip5 in text["zip"]])[0],
            city=_coded([" ".join(read_words(city)) if city else "" for city in text["city"]])[0],
            state=_coded([fold(state) for state in text["state"]])[0],
            phone=phone[: len(both)],
            intake_phone=phone[len(both) :],
            domain=_coded([first_domain(site) for site in text["website"]])[0],
            lon=lon,
            lat=lat,
            stated=stated & np.isfinite(lon),
        )

    def counted(self, *codes: Ints) -> Ints:
        """Say of each row how many rows of its own listing share these codes, or of the other if more do."""
        _, group = np.unique(np.stack(codes), axis=1, return_inverse=True)
        sides = np.arange(group.size) < self.size
        counts = [
            np.bincount(group[side], minlength=int(group.max(initial=0)) + 1) for side in (sides, ~sides)
        ]
        return np.maximum(*counts)[group]


def _names(name: str, program: str, city: str) -> list[str]:
    """Keep the lines that name a facility: no address, and not the town if a program follows."""
    lines = [line for line in (name, program) if line and not is_address(line)]
    if len(lines) > 1 and fold(name) == fold(city):
        del lines[0]
    return lines or [name]


def _coded(texts: list[str]) -> tuple[Ints, list[str]]:
    """Give texts numbers in their alphabetical order; -1 for a blank."""
    known = sorted({*texts} - {""})
    number = {text: at for at, text in enumerate(known)} | {"": -1}
    return np.array([number[text] for text in texts], dtype=np.int64), known


def _listed(cells: Sequence[Iterable[str]]) -> tuple[Ints, Floats]:
    """Give the words of each cell numbers, and words a weight by how few cells have them."""
    lists = [sorted(cell) for cell in cells]
    wide = max(map(len, lists), default=0)
    flat, known = _coded([word for cell in lists for word in cell])
    table = np.full((len(lists), max(wide, 1)), -1, dtype=np.int64)
    lengths = np.array([len(cell) for cell in lists], dtype=np.int64)
    table[np.arange(table.shape[1]) < lengths[:, None]] = flat
    rarity = np.log1p(len(lists) / np.maximum(np.bincount(flat, minlength=len(known)), 1))
    return table, rarity
