"""Sources as the public knows them: who published what, where a table knows a pack or a file by its own name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["PACKS", "credit", "credits_of"]

_CENSUS: Final = "US Census Bureau"

PACKS: Final[Mapping[str, str]] = {
    "connecticut_2020": f"{_CENSUS}, cartographic boundaries 2019, Connecticut",
    "counties": f"{_CENSUS}, cartographic boundaries of counties, 2023",
    "county_changes": f"{_CENSUS}, changes of county codes, 1995 to 2019",
    "county_crosswalk": f"{_CENSUS}, centers of population by tract 2020, in counties of 2020 and 2023",
    "demo_directory": "SYNTHETIC directory of facilities that do not exist",
    "drive_estimate": "iopdir, drive times estimated from GeoDa Center, Opioid Environment Policy Scan, 2021",
    "nssats_2020_by_state": "SAMHSA, National Survey of Substance Abuse Treatment Services (N-SSATS), 2020",
    "nssats_series": "SAMHSA, survey reports 2006 to 2022",
    "service_codes": "SAMHSA, service codes 2017, 2022 and 2025",
    "state_standards": "Medicaid contracts and manuals of the states, read in November 2026",
    "states": f"{_CENSUS}, cartographic boundaries of states, 2023",
    "water": "Natural Earth, land, lakes and rivers, 1:10,000,000",
    "zcta": f"{_CENSUS}, American Community Survey 2018-22 5-year estimates, by ZIP area (ZCTA)",
    "zcta_county": "US Department of Housing and Urban Development (HUD), ZIP to county crosswalk, 4th quarter of 2025",
    "zip_points": f"{_CENSUS}, Gazetteer 2022; GeoNames",
}
"""Embedded pack -> publisher, title and year."""

_FILES: Final = (
    (r"National[_ ]Directory.*", "SAMHSA, National Directory of treatment facilities"),
    (r"(?i)findtreatment.*", "SAMHSA, FindTreatment.gov"),
    (r"(?i)cenpop.*_bg.*", f"{_CENSUS}, centers of population by block group"),
    (r"(?i)(cenpop.*_tr|popcenters_tract).*", f"{_CENSUS}, centers of population by census tract"),
    (r"(?i)(cenpop.*_co|popcenters_county).*", f"{_CENSUS}, centers of population by county"),
)
"""Names of files as their publishers give them."""


def credit(source: Mapping[str, Any]) -> str:
    """Name a source as its publisher does, with its edition; by its own name where nothing else is known.

    Parameters
    ----------
    source
        One of the `sources` of a provenance.

    Examples
    --------
    >>> credit({"name": "zcta", "edition": "ACS 2018-22"})
    'US Census Bureau, American Community Survey 2018-22 5-year estimates, by ZIP area (ZCTA)'
    >>> credit({"name": "our_clinics.csv", "edition": "2026"})
    'our_clinics.csv, edition 2026'
    """
    name, edition = str(source["name"]), str(source.get("edition") or "")
    if name in PACKS:
        return PACKS[name]
    for pattern, title in _FILES:
        if re.fullmatch(pattern, name):
            return f"{title}, {edition}" if edition else title
    words = ", ".join(part for part in (name, edition and f"edition {edition}") if part)
    return f"SYNTHETIC {words}" if source.get("synthetic") and "SYNTHETIC" not in words else words


def credits_of(provenance: Mapping[str, Any]) -> str:
    """Name every source of a provenance once.

    Examples
    --------
    >>> credits_of({"sources": [{"name": "states"}, {"name": "states"}]})
    'US Census Bureau, cartographic boundaries of states, 2023'
    """
    return "; ".join(dict.fromkeys(map(credit, provenance.get("sources", ()))))
