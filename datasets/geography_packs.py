"""Packs of outlines and county codes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pack import FIPS, PEOPLE, POSTAL, YEAR, Pack, read_kept
from sources import (
    COVIDCAST,
    GEONAMES,
    LAKES,
    LAND,
    NATURAL_EARTH,
    PUBLIC_DOMAIN,
    RIVERS,
    TRACT_CENTERS,
    US_ATLAS,
)

from iopdir.geography.boundaries import locate_counties

POSTAL_OF = {
    "01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE", "11": "DC",
    "12": "FL", "13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA", "20": "KS", "21": "KY",
    "22": "LA", "23": "ME", "24": "MD", "25": "MA", "26": "MI", "27": "MN", "28": "MS", "29": "MO", "30": "MT",
    "31": "NE", "32": "NV", "33": "NH", "34": "NJ", "35": "NM", "36": "NY", "37": "NC", "38": "ND", "39": "OH",
    "40": "OK", "41": "OR", "42": "PA", "44": "RI", "45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT",
    "50": "VT", "51": "VA", "53": "WA", "54": "WV", "55": "WI", "56": "WY", "60": "AS", "66": "GU", "69": "MP",
    "72": "PR", "78": "VI",
}  # fmt: skip
"""State FIPS code -> postal abbreviation (both ANSI INCITS 38)."""

FALLS_CHURCH = "51610"
CONNECTICUT = "09"


def _read_atlas(layer: str) -> gpd.GeoDataFrame:
    """Read a layer of the atlas; make every shape valid, keep only its areas."""
    shapes = gpd.read_file(US_ATLAS.fetch(), layer=layer).set_crs("EPSG:4326", allow_override=True)
    shapes.geometry = shapely.make_valid(shapes.geometry.values, method="structure", keep_collapsed=False)
    return shapes.sort_values("id", ignore_index=True)


def _read_census_2019() -> gpd.GeoDataFrame:
    return gpd.read_file(COVIDCAST.fetch()).to_crs("EPSG:4326").set_index("GEOID").sort_index()


def _read_names() -> pd.Series[str]:
    table = pd.read_json(GEONAMES.fetch(), dtype=False)
    return pd.Series(table["name"].to_numpy("str"), index=table["fips"].astype("str"))


def states() -> pd.DataFrame:
    """Outlines of the states, DC and the island areas."""
    atlas = _read_atlas("states")
    fips = atlas["id"].astype("str")
    table = {
        "state_fips": fips,
        "state": fips.map(POSTAL_OF).astype("str"),
        "name": atlas["name"].astype("str"),
    }
    shapes: pd.DataFrame = gpd.GeoDataFrame(table | {"geometry": atlas.geometry}, crs="EPSG:4326")
    return shapes


def counties() -> pd.DataFrame:
    """Outlines of the counties, 2023: Connecticut in planning regions, Falls Church made whole."""
    atlas, census = _read_atlas("counties"), _read_census_2019()
    atlas.loc[atlas["id"] == FALLS_CHURCH, "geometry"] = census.geometry[FALLS_CHURCH]
    fips, short = atlas["id"].astype("str"), atlas["name"].astype("str")
    names = (
        fips.map(_read_names()).fillna(short).mask(fips.str[:2] == CONNECTICUT, short + " Planning Region")
    )
    return _outlines(fips, names, atlas.geometry, 2023)


def connecticut_2020() -> pd.DataFrame:
    """Outlines of the eight counties that Connecticut had until 2022."""
    census = _read_census_2019()
    old = census[census["STATEFP"] == CONNECTICUT].reset_index()
    fips = old["GEOID"].astype("str")
    return _outlines(fips, fips.map(_read_names()), old.geometry, 2020)


def _outlines(
    fips: pd.Series[str], names: pd.Series[str], shapes: gpd.GeoSeries, vintage: int
) -> pd.DataFrame:
    land = fips.map(_read_census_2019()["ALAND"]).astype("float64")
    geod = pyproj.Geod(ellps="WGS84")
    area = pd.Series(
        [round(abs(geod.geometry_area_perimeter(shape)[0])) for shape in shapes], dtype="float64"
    )
    source = pd.Series(np.where(land.isna(), "outline", "census_2019"), dtype="str")
    table: pd.DataFrame = gpd.GeoDataFrame(
        {
            "county_fips": fips,
            "vintage": vintage,
            "name": names.astype("str"),
            "state": fips.str[:2].map(POSTAL_OF).astype("str"),
            "land_area_m2": land.fillna(area),
            "land_area_source": source,
            "geometry": shapes,
        },
        crs="EPSG:4326",
    )
    if not (shapes.is_valid & ~shapes.is_empty).all() or table.isna().any(axis=None):
        raise RuntimeError("a county without a valid area or a name")
    return table


def county_changes() -> pd.DataFrame:
    """List the changes of county codes, kept by hand."""
    return read_kept("county_changes", "changes.csv")


def county_crosswalk() -> pd.DataFrame:
    """People who live in each overlap of a county of 2020 and one of 2023, where codes changed."""
    tracts = pd.read_csv(TRACT_CENTERS.fetch(), dtype=str, encoding="utf-8-sig")
    tracts = tracts[tracts["STATEFP"] == CONNECTICUT]
    lon, lat = (tracts[name].to_numpy("float64") for name in ("LONGITUDE", "LATITUDE"))
    table = pd.DataFrame(
        {
            "county_fips_2020": (tracts["STATEFP"] + tracts["COUNTYFP"]).to_numpy("str"),
            "county_fips_2023": locate_counties(lon, lat)["county_fips"],
            "people": tracts["POPULATION"].astype("int64").to_numpy(),
        }
    )
    codes = ["county_fips_2020", "county_fips_2023"]
    return table.groupby(codes)["people"].sum().reset_index().astype(dict.fromkeys(codes, "str"))


WATER_DEGREES = 0.002
"""How far lines of water may be moved to have fewer corners: some 200 m, as the borders are."""


ABROAD_DEGREES = 0.02
ABROAD = shapely.union_all([shapely.box(-130, 17, -55, 53), shapely.box(-142, 48, -125, 70)])
"""Where Canada, Mexico and the islands are drawn beside the states; past it nobody looks."""


def water() -> pd.DataFrame:
    """Lakes and rivers on the land of the states, and the land of the neighbors, for maps."""
    from iopdir.geography.boundaries import states

    land = states().geometry.union_all()
    lakes, rivers = gpd.read_file(LAKES.fetch()), gpd.read_file(RIVERS.fetch())
    whole = lakes.geometry.values
    inland = shapely.area(shapely.intersection(whole, land)) > shapely.area(whole) / 2
    around = gpd.read_file(LAND.fetch()).geometry.union_all().intersection(ABROAD)
    abroad = around.difference(
        shapely.union_all([land.buffer(ABROAD_DEGREES), *whole[shapely.area(whole) > 1]])
    )
    parts = shapely.get_parts(abroad.simplify(ABROAD_DEGREES))
    neighbors = gpd.GeoDataFrame(geometry=parts[shapely.area(parts) > ABROAD_DEGREES], crs="EPSG:4326")
    named = gpd.GeoDataFrame(
        pd.concat(
            [
                neighbors.assign(kind="abroad", name="", rank=0),
                lakes.loc[inland, ["geometry"]].assign(kind="lake", name="", rank=0),
                gpd.clip(rivers[rivers["featurecla"] != "Lake Centerline"], land)
                .assign(kind="river", rank=lambda table: table["scalerank"].astype("int64"))
                .fillna({"name": ""}),
            ],
            ignore_index=True,
        ),
        crs="EPSG:4326",
    )[["kind", "name", "rank", "geometry"]]
    named.geometry = shapely.set_precision(shapely.simplify(named.geometry.values, WATER_DEGREES), 1e-4)
    named = named[~named.geometry.is_empty].astype({"kind": "str", "name": "str"})
    order = named.assign(west=named.bounds["minx"]).sort_values(["kind", "rank", "name", "west"]).index
    table: pd.DataFrame = named.loc[order].reset_index(drop=True)
    return table


OUTLINE = ("degrees, EPSG:4326", "Outline, valid")
COUNTY_FIELDS = {
    "county_fips": FIPS,
    "vintage": YEAR,
    "name": ("", "Name with its kind"),
    "state": POSTAL,
    "land_area_m2": ("square metres", "Land area"),
    "land_area_source": (
        "",
        "census_2019: land area the Census states; outline: area of the outline on WGS84, inland water included",
    ),
    "geometry": OUTLINE,
}

PACKS = (
    Pack(
        name="states",
        title="States, DC and island areas: outlines",
        description="Cartographic boundaries, generalised: for maps, not for deciding on which side a door is.",
        vintage="2023",
        fields={
            "state_fips": ("", "Two-digit Census code, text"),
            "state": POSTAL,
            "name": ("", "Name"),
            "geometry": OUTLINE,
        },
        sources=(US_ATLAS,),
        licences=("ISC",),
        build=states,
    ),
    Pack(
        name="counties",
        title="Counties and county equivalents, 2023",
        description="Cartographic boundaries, generalised; 3,144 in the 50 states and DC, and the island areas. "
        "Connecticut is in its nine planning regions. Falls Church, VA comes from the 2019 file, since it has "
        "no area in the generalised one. Near coasts and rivers a point can fall outside every outline.",
        vintage="2023",
        fields=COUNTY_FIELDS,
        sources=(US_ATLAS, COVIDCAST, GEONAMES),
        licences=("ISC", "MIT"),
        build=counties,
    ),
    Pack(
        name="water",
        title="Lakes and rivers inside the states, and land around them",
        description="For maps on which a person recognises a place, not for measuring. The Great Lakes and the sea are "
        "what the outlines of the states and of the land abroad leave out. Lines are moved by 200 m at most, abroad by "
        "2 km; lakes have no names here.",
        vintage="Natural Earth 1:10,000,000, as carried in 2026",
        fields={
            "kind": ("", "lake or abroad (areas), or river (lines)"),
            "name": ("", "Name of a river; blank where none is given"),
            "rank": ("", "0 for areas; for rivers the lower, the larger"),
            "geometry": ("degrees, EPSG:4326", "Areas and lines"),
        },
        sources=(LAKES, LAND, RIVERS),
        licences=(NATURAL_EARTH,),
        build=water,
    ),
    Pack(
        name="connecticut_2020",
        title="Connecticut's eight counties, 2020",
        description="What replaces the planning regions where county codes are of 2020; all other counties have "
        "the same codes in both years.",
        vintage="2020",
        fields=COUNTY_FIELDS,
        sources=(COVIDCAST, GEONAMES),
        licences=("MIT",),
        build=connecticut_2020,
    ),
    Pack(
        name="county_crosswalk",
        title="People in each overlap of a 2020 and a 2023 county, where codes changed",
        description="Connecticut only. Each census tract counts where its center of population lies; the outlines "
        "are generalised, so a share can be off by some tenths of a percent.",
        vintage="2020, 2023",
        fields={
            "county_fips_2020": ("", "County code of 2020, text"),
            "county_fips_2023": ("", "County code of 2023, text"),
            "people": (PEOPLE, "Census 2020 population"),
        },
        sources=(TRACT_CENTERS, US_ATLAS),
        licences=(PUBLIC_DOMAIN, "ISC"),
        build=county_crosswalk,
    ),
    Pack(
        name="county_changes",
        title="Changes of county codes, 1995 to 2019",
        description="One row for each pair of an old and a new code, 1995 to 2019. They are from memory and say so: "
        "check them before relying on them. Connecticut's change of 2022 is the pack county_crosswalk.",
        vintage="1995 to 2019",
        fields={
            "old_fips": ("", "Code before, text"),
            "old_name": ("", "Name before"),
            "new_fips": ("", "Code after, text"),
            "new_name": ("", "Name after"),
            "effective": ("", "Day or year of the change"),
            "relation": ("", "recoded, merged, split or formed_from"),
            "confidence": ("", "M from memory; S would mean seen in a Census file"),
        },
        sources=(
            {
                "title": "Kept by hand in changes.csv",
                "what": "Codes, names, days",
                "licence": "MIT",
            },
        ),
        licences=("MIT",),
        build=county_changes,
    ),
)
