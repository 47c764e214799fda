"""The pack of state standards, kept by hand."""

from __future__ import annotations

import pandas as pd
from pack import POSTAL, Pack, read_kept

NUMBERS = [
    "minutes",
    "miles",
    "min_providers",
    "share",
    "telehealth_share",
    "min_facilities",
    "share_of_facilities",
]
SHARE = "share, 0 to 1"


def state_standards() -> pd.DataFrame:
    """Standards of access that states set for their Medicaid plans."""
    table = read_kept("state_standards", "standards.csv")
    table[NUMBERS] = table[NUMBERS].apply(pd.to_numeric).astype("float64")
    return table


PACKS = (
    Pack(
        name="state_standards",
        title="Standards of access that states set for their Medicaid plans",
        description="One line a class of counties. What is not in the source is blank: which county is of which class "
        "(FL, GA, TX), which share of people must be within (FL, GA, OH). California is left out until its tier for "
        "small counties is settled. Correct a line in standards.csv, with its source.",
        vintage="read in November 2026",
        fields={
            "key": ("", "Short name: state and care"),
            "state": POSTAL,
            "payer": ("", "Whose plans it binds"),
            "care": ("", "Care in the words of the source"),
            "care_keys": ("", "What this package finds it by: iop, php, outpatient, otp"),
            "county_class": ("", "Class of counties; blank where there is one rule for all"),
            "class_rule": ("", "How counties are sorted, in words"),
            "class_kind": (
                "",
                "county_type, density, named, not_known; blank where there is one rule for all",
            ),
            "class_value": ("", "Least people per square mile, or codes of the named counties"),
            "minutes": ("minutes", "Longest drive"),
            "miles": ("miles", "Longest distance"),
            "combine": ("", "Whether both must hold (and) or either will do (or)"),
            "min_providers": ("facilities", "How many must be within"),
            "share": (SHARE, "Share of people who must be within"),
            "telehealth_share": (SHARE, "The same where care by telehealth is offered too"),
            "min_facilities": ("facilities", "How many must be in the county, for a standard by count"),
            "share_of_facilities": (SHARE, "Or which share of those in the county"),
            "source": ("", "Where it stands"),
            "edition": ("", "Date of the source"),
            "confidence": ("", "S seen in a primary text, 2° in a transcription, M from memory"),
            "note": ("", "What to beware of"),
        },
        sources=(
            {
                "title": "Medicaid contracts and manuals of the states, one source a row",
                "what": "Published limits (facts), kept by hand in standards.csv",
                "licence": "Works of state governments; facts only",
            },
        ),
        licences=("MIT",),
        build=state_standards,
    ),
)
