"""Packs of survey totals and service codes, and the SYNTHETIC directory made from them."""

from __future__ import annotations

import sys

import pandas as pd
from pack import HERE, Pack, read_kept
from sources import NSSATS_2020, PUBLIC_DOMAIN

from iopdir.directory.directory import Directory
from iopdir.schema.columns import COLUMNS

sys.path.insert(0, str(HERE / "demo_directory"))

SURVEY_ITEMS = {
    "outpatient": ("CTYPE1", "Offering outpatient treatment"),
    "regular_outpatient": ("CTYPE3", "Offering regular outpatient treatment"),
    "iop": ("CTYPE2", "Offering intensive outpatient treatment"),
    "day_treatment": ("CTYPEOP", "Offering outpatient day treatment or partial hospitalization"),
    "residential": ("CTYPE7", "Offering residential treatment"),
    "inpatient": ("CTYPE4", "Offering hospital inpatient treatment"),
    "medicaid": ("REVCHK5", "Accepting Medicaid"),
}
"""Field -> variable of the public use file, and its words."""


def nssats_2020_by_state() -> pd.DataFrame:
    """Facilities of the survey file, counted by state."""
    variables = {variable: field for field, (variable, _) in SURVEY_ITEMS.items()}
    survey = pd.read_csv(NSSATS_2020.fetch(), usecols=["STATE", *variables], dtype=str)
    said = survey[list(variables)].apply(pd.to_numeric, errors="coerce").eq(1).rename(columns=variables)
    said.insert(0, "facilities", value=True)
    said["iop_medicaid"] = said["iop"] & said["medicaid"]
    counts = said.groupby(survey["STATE"].rename("state")).sum().astype("int64")
    table: pd.DataFrame = counts.reset_index().astype({"state": "str"})
    return table


def nssats_series() -> pd.DataFrame:
    """Facility totals of the surveys by year, kept by hand."""
    table = read_kept("nssats_series", "series.csv").astype({"year": "int64"})
    counts = table[["facilities", "iop"]].apply(pd.to_numeric).astype("float64")
    table[["facilities", "iop"]] = counts
    table.insert(5, "iop_share", counts["iop"] / counts["facilities"])
    return table


def service_codes() -> pd.DataFrame:
    """SAMHSA's service codes by edition, kept by hand."""
    return read_kept("service_codes", "codes.csv")


def demo_directory() -> Directory:
    """Make the SYNTHETIC directory."""
    from generate import demo_directory

    return demo_directory()


FACILITIES = "facilities"
FLAG = "S seen in an official file or report, M from memory, NF looked for and not found"

PACKS = (
    Pack(
        name="nssats_2020_by_state",
        title="N-SSATS 2020: facilities by state",
        description="Totals computed from the public use file. ZZ stands for other jurisdictions. Totals only: "
        "the survey's terms forbid tying its records to named facilities.",
        vintage="2020",
        fields={
            "state": ("", "Postal abbreviation; ZZ other jurisdictions"),
            "facilities": (FACILITIES, "All that answered"),
            **{
                field: (FACILITIES, f"{words} ({variable})")
                for field, (variable, words) in SURVEY_ITEMS.items()
            },
            "iop_medicaid": (FACILITIES, "Offering intensive outpatient treatment and accepting Medicaid"),
        },
        sources=(NSSATS_2020,),
        licences=(PUBLIC_DOMAIN,),
        build=nssats_2020_by_state,
    ),
    Pack(
        name="nssats_series",
        title="Treatment facilities by survey year, 2006 to 2022",
        description="Two surveys and a directory that must not be joined: N-SSATS to 2020, the 2022 National "
        "Directory, N-SUMHSS after. Most years have no count of intensive outpatient facilities: it was looked "
        "for and not found.",
        vintage="2006 to 2022",
        fields={
            "year": ("year", "Survey year"),
            "survey": ("", "N-SSATS, N-SUMHSS, or the directory"),
            "facilities": (FACILITIES, "All substance use treatment facilities"),
            "facilities_confidence": ("", FLAG),
            "iop": (FACILITIES, "Offering intensive outpatient treatment; missing where not found"),
            "iop_share": ("share, 0 to 1", "iop divided by facilities"),
            "iop_confidence": ("", FLAG),
            "source": ("", "Table it was read from"),
            "note": ("", "What to beware of"),
        },
        sources=(
            {
                "title": "SAMHSA survey reports and public use files, one source a row",
                "what": "Published totals (facts), kept by hand in series.csv",
                "licence": PUBLIC_DOMAIN,
            },
        ),
        licences=(PUBLIC_DOMAIN,),
        build=nssats_series,
    ),
    Pack(
        name="service_codes",
        title="SAMHSA service codes by edition",
        description="Codes of 2017, 2022 and 2025 and labels of the locator's rows, each with the code of 2022 it "
        "means. Readings that are ours, not the publisher's, say so in `confidence`.",
        vintage="2017, 2022, 2025",
        fields={
            "edition": ("", "2017, 2022, 2025, or label for words seen in locator rows"),
            "code": ("", "Code of that edition, upper case; blank for labels"),
            "canonical": ("", "Code of 2022 with the same meaning, or the code itself"),
            "category_code": ("", "Group"),
            "category": ("", "Group in words"),
            "label": ("", "Words of the publisher; blank where none was found"),
            "confidence": ("", "S seen in an official file, M from memory, or what was inferred"),
            "source": ("", "Where it was seen"),
        },
        sources=(
            {
                "title": "SAMHSA National Directory 2022 (sheet Service Code Reference), locator rows, header of the "
                "2025 export, opioid treatment program listing 2017",
                "what": "Codes and labels (facts), kept by hand in codes.csv",
                "licence": PUBLIC_DOMAIN,
            },
        ),
        licences=(PUBLIC_DOMAIN,),
        build=service_codes,
    ),
    Pack(
        name="demo_directory",
        title="SYNTHETIC directory of facilities that do not exist",
        description="SYNTHETIC. As many facilities and programs in each state as N-SSATS 2020 counts, placed where "
        "people live, with invented names, streets and phones (555-01xx); services as frequent as in the real "
        "listing. Never send anybody there. Saved by Directory.to_parquet, so that Directory.read_parquet opens "
        "it with quality and provenance.",
        vintage="N-SSATS 2020 totals",
        fields={
            name: ({"lon": "degrees", "lat": "degrees", "vintage": "year"}.get(name, ""), column.meaning)
            for name, column in COLUMNS.items()
        },
        sources=(
            {
                "title": "Packs nssats_2020_by_state, zcta and zip_points",
                "what": "Totals by state, places where people live",
                "licence": "MIT; CC BY 4.0",
            },
            {
                "title": "SAMHSA National Directory 2022, code_shares.csv",
                "what": "National shares of each service code",
                "licence": PUBLIC_DOMAIN,
            },
            {
                "title": "phonenumbers 9, area_codes.csv",
                "what": "One area code for each state",
                "licence": "Apache-2.0",
            },
        ),
        licences=("MIT",),
        build=demo_directory,
        synthetic=True,
    ),
)
