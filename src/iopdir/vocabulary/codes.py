"""SAMHSA service codes, by edition.

The same letters mean different things in different years: `MI` was military insurance in 2022 and is a
treatment approach in the 2025 export, where `tricare` took its place. So a code is always read together
with its edition, and turned into the *canonical* code, the one the 2022 National Directory uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from iopdir.datasets import open_pack
from iopdir.errors import UnknownNameError

__all__ = [
    "EDITIONS",
    "CodeInfo",
    "canonical_code",
    "code_for_label",
    "describe_code",
    "languages",
    "printed_codes",
]

EDITIONS: Final = ("2017", "2022", "2025")
"""Editions of the code list that can be read."""

_LANGUAGE_CATEGORIES: Final = ("SL", "OL")


class CodeInfo(NamedTuple):
    """One service code as its publisher lists it.

    Attributes
    ----------
    code
        Canonical code.
    label
        Words of the publisher; empty where none was found.
    category
        Group the code stands in.
    confidence
        How sure the reading is, as the pack `service_codes` states it.
    """

    code: str
    label: str
    category: str
    confidence: str


@cache
def _codes() -> tuple[dict[str, dict[str, str]], dict[str, str], dict[str, tuple[str, str, str, str]]]:
    """Edition -> code -> canonical; folded label -> canonical; canonical -> label, category and so on."""
    by_code: dict[str, dict[str, str]] = {edition: {} for edition in EDITIONS}
    by_label: dict[str, str] = {}
    info: dict[str, tuple[str, str, str, str]] = {}
    table = open_pack("service_codes")
    for edition, code, canonical, category_code, category, label, confidence in table[
        ["edition", "code", "canonical", "category_code", "category", "label", "confidence"]
    ].itertuples(index=False):
        if code:
            by_code[edition][code] = canonical
        if label:
            by_label.setdefault(_fold(label), canonical)
        if canonical not in info or edition == "2022":
            info[canonical] = (label, category, category_code, confidence)
    return by_code, by_label, info


def _fold(label: str) -> str:
    return " ".join(label.split()).casefold()


def canonical_code(code: str, *, edition: str) -> str | None:
    """Turn a code of one edition into the canonical code.

    Parameters
    ----------
    code
        Code as printed, in any case.
    edition
        One of `EDITIONS`.

    Returns
    -------
    str | None
        The canonical code; None where the edition has no such code.

    Raises
    ------
    UnknownNameError
        If there is no such edition.

    Examples
    --------
    `mi` changed its meaning between editions, `iop` replaced `OIT`:

    >>> canonical_code("MI", edition="2022"), canonical_code("mi", edition="2025")
    ('MI', 'MOTI')
    >>> canonical_code("iop", edition="2025"), canonical_code("tricare", edition="2025")
    ('OIT', 'MI')
    >>> canonical_code("XYZ", edition="2022") is None
    True
    """
    return printed_codes(edition).get(code.strip().upper())


def printed_codes(edition: str) -> dict[str, str]:
    """List the codes of an edition, as printed in upper case, each with its canonical code.

    Raises
    ------
    UnknownNameError
        If there is no such edition.

    Examples
    --------
    >>> printed_codes("2025")["TRICARE"]
    'MI'
    """
    if edition not in EDITIONS:
        raise UnknownNameError("edition of the service codes", edition, EDITIONS)
    return _codes()[0][edition]


def code_for_label(label: str) -> str | None:
    """Find the canonical code of a label, whatever its case and spacing; None if unknown.

    Examples
    --------
    >>> code_for_label("Intensive Outpatient treatment")
    'OIT'
    """
    return _codes()[1].get(_fold(label))


def describe_code(code: str) -> CodeInfo:
    """Say what a canonical code means.

    Parameters
    ----------
    code
        A canonical code, as `Facility.codes` holds them.

    Returns
    -------
    CodeInfo
        Label, category and how sure the reading is.

    Raises
    ------
    UnknownNameError
        If no edition has the code.

    Examples
    --------
    >>> describe_code("OIT").label
    'Intensive outpatient treatment'
    """
    info = _codes()[2]
    if code not in info:
        raise UnknownNameError("service code", code, info)
    label, category, _, confidence = info[code]
    return CodeInfo(code, label, category, confidence)


def languages(codes: Iterable[str]) -> tuple[str, ...]:
    """Languages, in the publisher's words and lower case, that canonical codes state.

    Examples
    --------
    >>> languages(["SP", "F92"])
    ('spanish', 'vietnamese')
    """
    info = _codes()[2]
    return tuple(
        info[code][0].lower() for code in codes if code in info and info[code][2] in _LANGUAGE_CATEGORIES
    )
