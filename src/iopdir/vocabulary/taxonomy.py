"""SAMHSA service codes, by edition, and what they mean: level of care, payment, age group, services.

The same letters mean different things in different years: `MI` was military insurance in 2022 and is a
treatment approach in the 2025 export, where `tricare` took its place. So a code is always read together
with its edition, and turned into the *canonical* code, the one the 2022 National Directory uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple, TypeVar

from iopdir.datasets import open_pack
from iopdir.errors import UnknownNameError

__all__ = [
    "EDITIONS",
    "AgeGroup",
    "CodeInfo",
    "LevelOfCare",
    "Payment",
    "Service",
    "age_groups",
    "canonical_code",
    "code_for_label",
    "describe_code",
    "languages",
    "levels_of_care",
    "payments",
    "services",
]

EDITIONS: Final = ("2017", "2022", "2025")
"""Editions of the code list that can be read."""


class LevelOfCare(StrEnum):
    """How intensive the care is, in the words of SAMHSA's surveys."""

    OUTPATIENT = "outpatient"
    IOP = "iop"
    PHP = "php"
    RESIDENTIAL = "residential"
    INPATIENT = "inpatient"
    DETOXIFICATION = "detoxification"
    MEDICATION = "medication"


class Payment(StrEnum):
    """Who pays, or how paying is made easier."""

    MEDICAID = "medicaid"
    MEDICARE = "medicare"
    PRIVATE_INSURANCE = "private_insurance"
    CASH = "cash"
    MILITARY = "military"
    STATE = "state"
    TRIBAL = "tribal"
    GOVERNMENT = "government"
    FREE = "free"
    SLIDING_FEE = "sliding_fee"
    PAYMENT_ASSISTANCE = "payment_assistance"


class AgeGroup(StrEnum):
    """Whom a facility accepts, by age."""

    CHILDREN = "children"
    YOUNG_ADULTS = "young_adults"
    ADULTS = "adults"
    SENIORS = "seniors"


class Service(StrEnum):
    """The six services that the source document says an intensive outpatient program offers."""

    GROUP_COUNSELING = "group_counseling"
    INDIVIDUAL_COUNSELING = "individual_counseling"
    FAMILY_COUNSELING = "family_counseling"
    MEDICATION_MANAGEMENT = "medication_management"
    WITHDRAWAL_MANAGEMENT = "withdrawal_management"
    AFTERCARE = "aftercare"


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


T = TypeVar("T", bound=StrEnum)


def _meanings(table: Mapping[T, str]) -> dict[str, T]:
    return {code: meaning for meaning, codes in table.items() for code in codes.split()}


_LEVELS: Final = _meanings(
    {
        LevelOfCare.OUTPATIENT: "OP ORT",
        LevelOfCare.IOP: "OIT",
        LevelOfCare.PHP: "ODT",
        LevelOfCare.RESIDENTIAL: "RES RL RS",
        LevelOfCare.INPATIENT: "HI HIT",
        LevelOfCare.DETOXIFICATION: "DT OD RD HID",
        LevelOfCare.MEDICATION: "OMB OTP MM MMW BUM BMW UB UN RPN",
    }
)
_PAYMENTS: Final = _meanings(
    {
        Payment.MEDICAID: "MD",
        Payment.MEDICARE: "MC",
        Payment.PRIVATE_INSURANCE: "PI",
        Payment.CASH: "SF",
        Payment.MILITARY: "MI",
        Payment.STATE: "SI",
        Payment.TRIBAL: "ITU",
        Payment.GOVERNMENT: "FSA SAMF",
        Payment.FREE: "NP",
        Payment.SLIDING_FEE: "SS",
        Payment.PAYMENT_ASSISTANCE: "PA",
    }
)
_AGE_GROUPS: Final = _meanings(
    {
        AgeGroup.CHILDREN: "CHLD",
        AgeGroup.YOUNG_ADULTS: "YAD",
        AgeGroup.ADULTS: "ADLT",
        AgeGroup.SENIORS: "SNR",
    }
)
_SERVICES: Final = _meanings(
    {
        Service.GROUP_COUNSELING: "GCO",
        Service.INDIVIDUAL_COUNSELING: "ICO",
        Service.FAMILY_COUNSELING: "FCO",
        Service.MEDICATION_MANAGEMENT: "OMB OTP MM MMW BUM BMW UB UN RPN MU BU NU PMAT",
        Service.WITHDRAWAL_MANAGEMENT: "DT OD RD HID DB DM ULC ADTX BDTX CDTX MDTX ODTX MDET",
        Service.AFTERCARE: "ACC",
    }
)
_LANGUAGE_CATEGORIES: Final = ("SL", "OL")


@cache
def _codes() -> tuple[dict[tuple[str, str], str], dict[str, str], dict[str, tuple[str, str, str, str]]]:
    """(edition, code) -> canonical; folded label -> canonical; canonical -> label, category and so on."""
    by_code: dict[tuple[str, str], str] = {}
    by_label: dict[str, str] = {}
    info: dict[str, tuple[str, str, str, str]] = {}
    table = open_pack("service_codes")
    for edition, code, canonical, category_code, category, label, confidence in table[
        ["edition", "code", "canonical", "category_code", "category", "label", "confidence"]
    ].itertuples(index=False):
        if code:
            by_code[edition, code] = canonical
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
    if edition not in EDITIONS:
        raise UnknownNameError("edition of the service codes", edition, EDITIONS)
    return _codes()[0].get((edition, code.strip().upper()))


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


def _read(codes: Iterable[str], table: Mapping[str, T], order: type[T]) -> tuple[T, ...]:
    stated = table.keys() & (codes if isinstance(codes, frozenset) else frozenset(codes))
    if not stated:
        return ()
    found = {table[code] for code in stated}
    return tuple(meaning for meaning in order.__members__.values() if meaning in found)


def levels_of_care(codes: Iterable[str]) -> tuple[LevelOfCare, ...]:
    """Levels of care that canonical codes state.

    Examples
    --------
    >>> levels_of_care(["SA", "OP", "OIT"])
    (<LevelOfCare.OUTPATIENT: 'outpatient'>, <LevelOfCare.IOP: 'iop'>)
    """
    return _read(codes, _LEVELS, LevelOfCare)


def payments(codes: Iterable[str]) -> tuple[Payment, ...]:
    """Ways of paying that canonical codes state.

    Examples
    --------
    >>> payments(["MD", "SS"])
    (<Payment.MEDICAID: 'medicaid'>, <Payment.SLIDING_FEE: 'sliding_fee'>)
    """
    return _read(codes, _PAYMENTS, Payment)


def age_groups(codes: Iterable[str]) -> tuple[AgeGroup, ...]:
    """Age groups that canonical codes state.

    Examples
    --------
    >>> age_groups(["ADLT"])
    (<AgeGroup.ADULTS: 'adults'>,)
    """
    return _read(codes, _AGE_GROUPS, AgeGroup)


def services(codes: Iterable[str]) -> tuple[Service, ...]:
    """Which of the document's six services canonical codes state.

    Examples
    --------
    >>> services(["GCO", "ACC"])
    (<Service.GROUP_COUNSELING: 'group_counseling'>, <Service.AFTERCARE: 'aftercare'>)
    """
    return _read(codes, _SERVICES, Service)


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
