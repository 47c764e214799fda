"""What SAMHSA's service codes mean: levels of care, payments, medications, whom a program is made for.

Each meaning has the codes that decide it. An umbrella decides no level of care: `OP` is stated also for outpatient
withdrawal management alone, `HI` mostly for that in hospital, so they say the setting and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Final, TypeVar

from iopdir.vocabulary.codes import printed_codes

__all__ = [
    "TELEHEALTH",
    "AgeGroup",
    "LevelOfCare",
    "Medication",
    "Payment",
    "Service",
    "Setting",
    "SpecialPopulation",
    "deciding_codes",
    "stated",
]


class LevelOfCare(StrEnum):
    """How intensive the care is, in the words of SAMHSA's surveys."""

    OUTPATIENT = "outpatient"
    IOP = "iop"
    PHP = "php"
    RESIDENTIAL = "residential"
    INPATIENT = "inpatient"
    WITHDRAWAL_MANAGEMENT = "withdrawal_management"
    MEDICATION = "medication"


class Setting(StrEnum):
    """What kind of place it is; a place may be several."""

    OUTPATIENT = "outpatient"
    RESIDENTIAL = "residential"
    HOSPITAL_INPATIENT = "hospital_inpatient"
    OPIOID_TREATMENT_PROGRAM = "opioid_treatment_program"
    GENERAL_HOSPITAL = "general_hospital"
    PSYCHIATRIC_HOSPITAL = "psychiatric_hospital"
    TRANSITIONAL_HOUSING = "transitional_housing"


class Payment(StrEnum):
    """Who pays, or how paying is made easier.

    Who cannot pay asks for a sliding fee or payment assistance. `NO_PAYMENT_ACCEPTED` is the listing's own words, and
    does not say that anybody is treated for nothing.
    """

    MEDICAID = "medicaid"
    MEDICARE = "medicare"
    PRIVATE_INSURANCE = "private_insurance"
    CASH = "cash"
    MILITARY = "military"
    STATE = "state"
    TRIBAL = "tribal"
    GOVERNMENT = "government"
    NO_PAYMENT_ACCEPTED = "no_payment_accepted"
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


class Medication(StrEnum):
    """Medications used here for opioid or alcohol use disorder, and what holds for people who are on one.

    `PRESCRIBED_ELSEWHERE`: accepts people on a medication for opioid use disorder that somebody else prescribes; no
    code says which one. `NOT_USED`: uses none for opioid use disorder. Some listings state both.
    """

    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"
    NALTREXONE = "naltrexone"
    ACAMPROSATE = "acamprosate"
    DISULFIRAM = "disulfiram"
    PRESCRIBED_ELSEWHERE = "prescribed_elsewhere"
    NOT_USED = "not_used"


class SpecialPopulation(StrEnum):
    """Whom a program or group is made for; others may be accepted too."""

    ADOLESCENTS = "adolescents"
    YOUNG_ADULTS = "young_adults"
    OLDER_ADULTS = "older_adults"
    WOMEN = "women"
    PREGNANT_OR_POSTPARTUM = "pregnant_or_postpartum"
    MEN = "men"
    LGBTQ = "lgbtq"
    VETERANS = "veterans"
    ACTIVE_DUTY = "active_duty"
    MILITARY_FAMILIES = "military_families"
    CRIMINAL_JUSTICE = "criminal_justice"
    IMPAIRED_DRIVING = "impaired_driving"
    CO_OCCURRING = "co_occurring"
    CO_OCCURRING_PAIN = "co_occurring_pain"
    HIV = "hiv"
    TRAUMA = "trauma"
    SEXUAL_TRAUMA = "sexual_trauma"
    PARTNER_VIOLENCE = "partner_violence"


TELEHEALTH: Final = "TELE"
"""The code that states telehealth."""

_DECIDED_BY: Final[tuple[Mapping[StrEnum, str], ...]] = (
    {
        LevelOfCare.OUTPATIENT: "ORT",
        LevelOfCare.IOP: "OIT",
        LevelOfCare.PHP: "ODT",
        LevelOfCare.RESIDENTIAL: "RL RS",
        LevelOfCare.INPATIENT: "HIT",
        LevelOfCare.WITHDRAWAL_MANAGEMENT: "DT OD RD HID",
        LevelOfCare.MEDICATION: "OMB OTP",
    },
    {
        Setting.OUTPATIENT: "OP ORT OIT ODT OD OMB",
        Setting.RESIDENTIAL: "RES RL RS RD",
        Setting.HOSPITAL_INPATIENT: "HI HIT HID",
        Setting.OPIOID_TREATMENT_PROGRAM: "OTP",
        Setting.GENERAL_HOSPITAL: "GH",
        Setting.PSYCHIATRIC_HOSPITAL: "PSYH",
        Setting.TRANSITIONAL_HOUSING: "HH",
    },
    {
        Payment.MEDICAID: "MD",
        Payment.MEDICARE: "MC",
        Payment.PRIVATE_INSURANCE: "PI",
        Payment.CASH: "SF",
        Payment.MILITARY: "MI",
        Payment.STATE: "SI",
        Payment.TRIBAL: "ITU",
        Payment.GOVERNMENT: "FSA SAMF",
        Payment.NO_PAYMENT_ACCEPTED: "NP",
        Payment.SLIDING_FEE: "SS",
        Payment.PAYMENT_ASSISTANCE: "PA",
    },
    {
        AgeGroup.CHILDREN: "CHLD",
        AgeGroup.YOUNG_ADULTS: "YAD",
        AgeGroup.ADULTS: "ADLT",
        AgeGroup.SENIORS: "SNR",
    },
    {
        Service.GROUP_COUNSELING: "GCO",
        Service.INDIVIDUAL_COUNSELING: "ICO",
        Service.FAMILY_COUNSELING: "FCO",
        Service.MEDICATION_MANAGEMENT: "OMB OTP MM MMW BUM BMW UB UN RPN MU BU NU PMAT",
        Service.WITHDRAWAL_MANAGEMENT: "DT OD RD HID DB DM ULC ADTX BDTX CDTX MDTX ODTX MDET",
        Service.AFTERCARE: "ACC",
    },
    {
        Medication.METHADONE: "MU METH MM MMW",
        Medication.BUPRENORPHINE: "BU UB BUM BMW BWN BWON BERI BSDM",
        Medication.NALTREXONE: "NU UN RPN NXN VTRL",
        Medication.ACAMPROSATE: "ACM",
        Medication.DISULFIRAM: "DSF",
        Medication.PRESCRIBED_ELSEWHERE: "MOA",
        Medication.NOT_USED: "NMOA",
    },
    {
        SpecialPopulation.ADOLESCENTS: "AD",
        SpecialPopulation.YOUNG_ADULTS: "TAY",
        SpecialPopulation.OLDER_ADULTS: "SE",
        SpecialPopulation.WOMEN: "WN",
        SpecialPopulation.PREGNANT_OR_POSTPARTUM: "PW",
        SpecialPopulation.MEN: "MN",
        SpecialPopulation.LGBTQ: "GL",
        SpecialPopulation.VETERANS: "VET",
        SpecialPopulation.ACTIVE_DUTY: "ADM",
        SpecialPopulation.MILITARY_FAMILIES: "MF",
        SpecialPopulation.CRIMINAL_JUSTICE: "CJ",
        SpecialPopulation.IMPAIRED_DRIVING: "DU DUO",
        SpecialPopulation.CO_OCCURRING: "CO",
        SpecialPopulation.CO_OCCURRING_PAIN: "COPSU",
        SpecialPopulation.HIV: "HV",
        SpecialPopulation.TRAUMA: "TRMA",
        SpecialPopulation.SEXUAL_TRAUMA: "XA",
        SpecialPopulation.PARTNER_VIOLENCE: "DV",
    },
)
"""Canonical codes any of which states a meaning, one table for each kind of meaning."""

T = TypeVar("T", bound=StrEnum)


@cache
def _meanings(kind: type[T]) -> dict[str, T]:
    """Canonical code -> the meaning of that kind which it states."""
    table = next(table for table in _DECIDED_BY if isinstance(next(iter(table)), kind))
    return {code: meaning for meaning in kind for code in table[meaning].split()}


def stated(kind: type[T], codes: Iterable[str]) -> tuple[T, ...]:
    """Read what canonical codes state.

    Parameters
    ----------
    kind
        `LevelOfCare`, `Setting`, `Payment`, `AgeGroup`, `Service`, `Medication` or `SpecialPopulation`.
    codes
        Canonical codes, as `Facility.codes` holds them.

    Returns
    -------
    tuple[StrEnum, ...]
        The meanings of that kind, in the order of the kind; empty where nothing is stated.

    Examples
    --------
    Outpatient is where it happens; only intensive outpatient care is stated:

    >>> stated(LevelOfCare, ["SA", "OP", "OIT"]), stated(Setting, ["SA", "OP", "OIT"])
    ((<LevelOfCare.IOP: 'iop'>,), (<Setting.OUTPATIENT: 'outpatient'>,))
    >>> stated(Medication, ["UB", "MOA"])
    (<Medication.BUPRENORPHINE: 'buprenorphine'>, <Medication.PRESCRIBED_ELSEWHERE: 'prescribed_elsewhere'>)
    """
    table = _meanings(kind)
    found = {table[code] for code in table.keys() & set(codes)}
    return tuple(meaning for meaning in kind if meaning in found) if found else ()


def deciding_codes(meaning: StrEnum, *, edition: str = "2022") -> tuple[str, ...]:
    """Say which codes of an edition decide a meaning; any of them does.

    Parameters
    ----------
    meaning
        E.g. ``LevelOfCare.OUTPATIENT``.
    edition
        One of `EDITIONS`.

    Returns
    -------
    tuple[str, ...]
        Codes as that edition prints them, in the order of its list; none where it cannot say so.

    Raises
    ------
    UnknownNameError
        If there is no such edition.

    Examples
    --------
    >>> deciding_codes(LevelOfCare.RESIDENTIAL)
    ('RL', 'RS')
    >>> deciding_codes(LevelOfCare.IOP, edition="2025"), deciding_codes(SpecialPopulation.LGBTQ, edition="2025")
    (('IOP',), ())
    """
    table = _meanings(type(meaning))
    return tuple(
        code for code, canonical in printed_codes(edition).items() if table.get(canonical) is meaning
    )
