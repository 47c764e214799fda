"""Plain words for what service codes mean, the same on every page and in every export."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
)

__all__ = [
    "AGE_GROUPS",
    "LEVELS",
    "MEDICATIONS",
    "PAYMENTS",
    "POPULATIONS",
    "SERVICES",
    "SETTINGS",
    "words_for",
]

LEVELS: Final[Mapping[LevelOfCare, str]] = {
    LevelOfCare.IOP: "intensive outpatient care",
    LevelOfCare.PHP: "day treatment or partial hospitalization",
    LevelOfCare.OUTPATIENT: "regular outpatient care",
    LevelOfCare.RESIDENTIAL: "residential care",
    LevelOfCare.INPATIENT: "hospital inpatient care",
    LevelOfCare.WITHDRAWAL_MANAGEMENT: "withdrawal management",
    LevelOfCare.MEDICATION: "medication treatment",
}
PAYMENTS: Final[Mapping[Payment, str]] = {
    Payment.MEDICAID: "Medicaid",
    Payment.MEDICARE: "Medicare",
    Payment.PRIVATE_INSURANCE: "private insurance",
    Payment.CASH: "cash or self-payment",
    Payment.MILITARY: "military insurance (TRICARE)",
    Payment.STATE: "state-financed plan other than Medicaid",
    Payment.TRIBAL: "IHS, tribal or urban Indian funds",
    Payment.GOVERNMENT: "other government funds",
    Payment.NO_PAYMENT_ACCEPTED: "no payment accepted (ask what that means)",
    Payment.SLIDING_FEE: "sliding fee by income",
    Payment.PAYMENT_ASSISTANCE: "payment assistance",
}
AGE_GROUPS: Final[Mapping[AgeGroup, str]] = {
    AgeGroup.CHILDREN: "children and adolescents",
    AgeGroup.YOUNG_ADULTS: "young adults",
    AgeGroup.ADULTS: "adults",
    AgeGroup.SENIORS: "older adults",
}
SERVICES: Final[Mapping[Service, str]] = {
    Service.GROUP_COUNSELING: "group counseling",
    Service.INDIVIDUAL_COUNSELING: "individual counseling",
    Service.FAMILY_COUNSELING: "family counseling",
    Service.MEDICATION_MANAGEMENT: "medication management",
    Service.WITHDRAWAL_MANAGEMENT: "withdrawal management",
    Service.AFTERCARE: "aftercare",
}
MEDICATIONS: Final[Mapping[Medication, str]] = {
    Medication.METHADONE: "methadone",
    Medication.BUPRENORPHINE: "buprenorphine",
    Medication.NALTREXONE: "naltrexone",
    Medication.ACAMPROSATE: "acamprosate",
    Medication.DISULFIRAM: "disulfiram",
    Medication.PRESCRIBED_ELSEWHERE: "accepts people whose opioid medication is prescribed elsewhere",
    Medication.NOT_USED: "no medications for opioid use disorder",
}
POPULATIONS: Final[Mapping[SpecialPopulation, str]] = {
    SpecialPopulation.ADOLESCENTS: "adolescents",
    SpecialPopulation.YOUNG_ADULTS: "young adults",
    SpecialPopulation.OLDER_ADULTS: "older adults",
    SpecialPopulation.WOMEN: "women",
    SpecialPopulation.PREGNANT_OR_POSTPARTUM: "women who are pregnant or have a newborn",
    SpecialPopulation.MEN: "men",
    SpecialPopulation.LGBTQ: "LGBTQ people",
    SpecialPopulation.VETERANS: "veterans",
    SpecialPopulation.ACTIVE_DUTY: "active duty military",
    SpecialPopulation.MILITARY_FAMILIES: "military families",
    SpecialPopulation.CRIMINAL_JUSTICE: "people referred by a court",
    SpecialPopulation.IMPAIRED_DRIVING: "people with a DUI or DWI",
    SpecialPopulation.CO_OCCURRING: "people who also have a mental health condition",
    SpecialPopulation.CO_OCCURRING_PAIN: "people who also have pain",
    SpecialPopulation.HIV: "people with HIV",
    SpecialPopulation.TRAUMA: "people who have been through trauma",
    SpecialPopulation.SEXUAL_TRAUMA: "people who have been through sexual trauma",
    SpecialPopulation.PARTNER_VIOLENCE: "people who want to talk about safety at home",
}
SETTINGS: Final[Mapping[Setting, str]] = {
    Setting.OUTPATIENT: "outpatient",
    Setting.RESIDENTIAL: "residential",
    Setting.HOSPITAL_INPATIENT: "hospital inpatient",
    Setting.OPIOID_TREATMENT_PROGRAM: "opioid treatment program",
    Setting.GENERAL_HOSPITAL: "general hospital",
    Setting.PSYCHIATRIC_HOSPITAL: "psychiatric hospital",
    Setting.TRANSITIONAL_HOUSING: "transitional housing",
}

_WORDS: Final[Mapping[type[StrEnum], Mapping[Any, str]]] = {
    LevelOfCare: LEVELS, Payment: PAYMENTS, AgeGroup: AGE_GROUPS, Service: SERVICES, Medication: MEDICATIONS,
    SpecialPopulation: POPULATIONS, Setting: SETTINGS,
}  # fmt: skip


def words_for(meaning: StrEnum) -> str:
    """Say a meaning in plain words.

    Examples
    --------
    >>> words_for(LevelOfCare.IOP), words_for(Setting.OUTPATIENT)
    ('intensive outpatient care', 'outpatient')
    """
    return _WORDS[type(meaning)][meaning]
