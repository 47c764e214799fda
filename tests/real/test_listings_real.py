"""Every real listing loads, or fails with its right error; the known defects are found. Totals only."""

import csv

import pytest

import iopdir as iop
from iopdir.errors import LoadError
from iopdir.evidence.registry import IOP_LISTINGS_2022
from iopdir.loaders.workbooks import read_sheets

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def national(real_data):
    return iop.read_directory(real_data / "National_Directory_SA_Facilities_2022.xlsx")


@pytest.fixture(scope="module")
def oeps(real_data):
    return iop.read_directory(real_data / "oeps_substance_use_treatment_2021.csv")


def test_the_national_directory_2022(national):
    quality = national.quality
    assert (quality.rows_in, quality.merged, quality.rejected) == (12_176, 6, 0)
    assert quality.accepted == len(national) == 12_170
    assert quality.iop_rows == 5_525
    assert len(national.select(level_of_care="iop")) == 5_524  # one of the six repeats offers it
    assert quality.unknown_codes == {}
    assert quality.geocoded_by["address"] == 0
    assert quality.geocoded_by["unknown"] <= 2
    assert national.by_state()["iop_medicaid"].sum() == 4_181


@pytest.mark.parametrize(
    ("asked", "everywhere", "iop_listings"),
    [
        ({"level_of_care": "outpatient"}, 9_282, 5_225), ({"setting": "outpatient"}, 9_948, 5_524),
        ({"level_of_care": "inpatient"}, 524, 234), ({"setting": "hospital_inpatient"}, 654, 289),
        ({"level_of_care": "residential"}, 2_770, 781), ({"setting": "residential"}, 2_878, 808),
        ({"level_of_care": "withdrawal_management"}, 2_902, 1_235), ({"codes": "OD"}, 1_524, 806),
        ({"level_of_care": "medication"}, 4_769, 2_375),
        ({"setting": "opioid_treatment_program"}, 1_498, 408),
        ({"medication": "methadone"}, 1_426, 367), ({"medication": "buprenorphine"}, 6_034, 2_684),
        ({"medication": "naltrexone"}, 5_867, 2_847), ({"medication": "not_used"}, 654, 276),
        ({"medication": "prescribed_elsewhere"}, 6_866, 3_508), ({"telehealth": True}, 8_790, 4_440),
        ({"special_population": "veterans"}, 3_440, 1_686), ({"special_population": "lgbtq"}, 3_703, 1_802),
        ({"special_population": "pregnant_or_postpartum"}, 3_846, 1_756),
        ({"special_population": "adolescents"}, 3_023, 1_795),
        ({"special_population": "criminal_justice"}, 5_290, 2_734),
        ({"special_population": "co_occurring"}, 7_295, 3_694),
        ({"payment": "sliding_fee"}, 4_684, 2_368), ({"payment": "payment_assistance"}, 2_741, 1_260),
        ({"payment": "no_payment_accepted"}, 235, 76),
    ],
)  # fmt: skip
def test_what_the_national_directory_states(national, asked, everywhere, iop_listings):
    assert len(national.select(**asked)) == everywhere
    assert len(national.select(level_of_care="iop").select(**asked)) == iop_listings


def test_the_claims_count_the_listings_of_2022(national):
    iops = national.select(level_of_care="iop")
    services = [service.value for service in iop.vocabulary.Service]
    all_six = iops
    for service in services:
        all_six = all_six.select(services=service)
    counted = {"listings": iops, "all_six": all_six, "outpatient_withdrawal": iops.select(codes="OD")}
    counted |= {"outpatient": iops.select(setting="outpatient")}
    counted |= {
        medication: iops.select(medication=medication)
        for medication in ("methadone", "buprenorphine", "naltrexone", "not_used", "prescribed_elsewhere")
    }
    counted |= {
        service: iops.select(services=service) for service in services if service != "withdrawal_management"
    }
    helped = counted["medication_management"]
    agonists = helped.select(medication=["methadone", "buprenorphine"])
    counted["neither_methadone_nor_buprenorphine"] = helped.remove(agonists.table.index)
    assert {name: len(found) for name, found in counted.items()} == IOP_LISTINGS_2022


def test_all_methadone_of_2022_is_in_opioid_treatment_programs(national):
    assert len(national.select(medication="methadone", setting="opioid_treatment_program")) == 1_426


def test_some_listings_of_2022_state_medications_and_none(national):
    none = national.select(medication="not_used")
    assert [len(none.select(medication=m)) for m in ("buprenorphine", "prescribed_elsewhere")] == [62, 31]


def test_the_csv_form_of_the_directory_has_the_same_ids(national, real_data, tmp_path):
    sheets = read_sheets(real_data / "National_Directory_SA_Facilities_2022.xlsx", expected="it")
    cells = dict(sheets)["Facilities List"]
    path = tmp_path / "directory.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(cells)
    assert list(iop.read_directory(path).table.index) == list(national.table.index)


METHADONE = {
    "otp_editions/meth-1998.csv": (749, 3, 4_068),
    "otp_editions/meth-2000.csv": (1_059, 2, 4_423),
    "otp_editions/meth-2003.csv": (934, 3, 2_012),
    "otp_editions/meth-2005.csv": (925, 3, 1_304),
    "otp_editions/meth-2006.csv": (908, 3, 1_175),
    "otp_editions/meth-2007.csv": (939, 2, 1_185),
    "otp_editions/meth-2008.csv": (961, 2, 1_213),
    "kiang/TreatmentProgram_20200704.csv": (1_767, 1, 0),
}


@pytest.mark.parametrize("name", METHADONE)
def test_methadone_lists_merge_only_on_evidence_and_warn_of_codes_of_their_own(real_data, name):
    quality = iop.read_directory(real_data / name).quality
    rows, merged, unknown = METHADONE[name]
    assert (quality.rows_in, quality.merged, quality.rejected) == (rows, merged, 0)
    assert quality.accepted == rows - merged
    assert quality.counts().get("unknown_code", 0) == unknown
    # the quality table counts the codes of every row, the warning those the facilities kept after merging
    kept = sum(quality.unknown_codes.values())
    assert (unknown > kept > 0.99 * unknown) if unknown else kept == 0
    assert [warning.split()[0] for warning in quality.warnings] == ([f"{kept:,}"] if unknown else [])
    assert not (quality.merges["distance_m"] > 100).any()
    assert set(quality.columns["read_as"]) >= {"name", "street1", "city", "state", "zip", "phone"}


def test_programs_certified_in_2020_all_have_the_code(real_data):
    listing = iop.read_directory(real_data / "kiang/TreatmentProgram_20200704.csv")
    assert set(listing.table["codes"]) == {("OTP",)}
    assert len(listing.select(level_of_care="medication")) == 1_766


def test_the_geocoded_pull_of_2021(oeps):
    # 7 repeats, and 57 rows within 100 m of one of their name: houses of one campus
    quality = oeps.quality
    counts = quality.counts()
    assert (quality.rows_in, quality.merged, quality.rejected) == (
        14_034,
        64,
        0,
    )
    assert counts["zip_lost_zeros"] == 1_382
    assert 180 <= counts["county_contradiction"] <= 250
    assert counts["county_nearest"] == 14
    assert quality.geocoded_by == {"address": 13_970, "zip_centroid": 0, "unknown": 0}
    frame = oeps.to_geodataframe()
    assert (frame["county_match"] != "none").all()
    shared = frame.duplicated(["lon", "lat"], keep=False).sum()
    assert shared > 700  # 804 rows of the file share their coordinates with another, before merging


def test_the_opioid_treatment_programs_are_not_utf8(real_data):
    path = real_data / "oeps_opioid_treatment_programs.csv"
    with pytest.raises(LoadError, match=r"line 423.*byte 0xed, which is not utf-8"):
        iop.read_directory(path)
    listing = iop.read_facilities(path, encoding="cp1252", columns={"ID": "name"})
    assert listing.quality.rows_in == len(listing) + listing.quality.merged
    assert listing.quality.counts()["zip_lost_zeros"] > 200


def test_the_programs_of_2017(real_data):
    listing = iop.read_directory(real_data / "samhsa_otp_2017.csv")
    assert listing.quality.rows_in == 1_090
    assert listing.quality.iop_rows == 275
    assert listing.quality.unknown_codes == {}
    assert listing.quality.counts().get("phone_malformed", 0) < 60


def test_the_locator_rows(real_data):
    listing = iop.read_directory(real_data / "findtreatment_listing_sample.json")
    assert (listing.quality.rows_in, len(listing)) == (25, 25)
    assert listing.quality.unknown_codes == {}
    assert all(facility.levels_of_care for facility in listing)
    assert all(facility.location.precision == "address" for facility in listing)


def test_the_export_header_of_2025(real_data):
    listing = iop.read_directory(real_data / "findtreatment_csv_header_2025.csv")
    assert (len(listing), listing.quality.rows_in) == (0, 0)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("NSSATS_PUF_2020.csv.gz", "a gzip file"),
        ("popcenters_county_2020.csv.gz", "a gzip file"),
        ("popcenters_tract_2020.csv.gz", "a gzip file"),
        ("SF_network_distance_candidateStore_16_censusTract_205_new.csv", "'distance', 'name'"),
    ],
)
def test_files_that_are_no_listing_say_so(real_data, name, found):
    with pytest.raises(LoadError) as caught:
        iop.read_directory(real_data / name)
    assert found in caught.value.found


def test_centers_of_population(real_data):
    for level, places in (("county", 3_221), ("tract", 85_395)):
        points = iop.read_popcenters(real_data / f"popcenters_{level}_2020.csv.gz")
        assert len(points) == places
        assert points["population"].sum() == 334_735_155
        assert (points["state"] != "").all()
        assert set(points["vintage"]) == {2020}
    with pytest.raises(LoadError, match="without STATEFP"):
        iop.read_popcenters(real_data / "SF_store_site_16_longlat.csv")


def test_county_people_by_zip_area_agree_with_the_census_within_the_stated_error(real_data):
    """At least as near as was found before: standard deviation 6.5 %, p1 to p99 0.82 to 1.15."""
    census = iop.read_popcenters(real_data / "popcenters_county_2020.csv.gz")["population"]
    demand = iop.demand_points("zcta")
    weights = iop.geography.county_weights(demand)
    people = weights["demand_id"].map(demand["population"]) * weights["weight"]
    assert people.sum() == pytest.approx(334_365_877)
    ours = people.groupby(weights["county_fips"]).sum()
    ratio = (ours / census).dropna()
    assert len(ratio) > 3_200
    assert ratio.median() == pytest.approx(1.0005, abs=0.002)
    assert ratio.std() < 0.05
    assert ratio.quantile(0.01) > 0.87
    assert ratio.quantile(0.99) < 1.17


def test_located_counties_agree_with_the_codes_of_county_centers(real_data):
    points = iop.read_popcenters(real_data / "popcenters_county_2020.csv.gz")
    found = iop.geography.locate_counties(points["lon"].to_numpy(), points["lat"].to_numpy())
    same = found["county_fips"].to_numpy() == points["county_fips"].to_numpy()
    outside_connecticut = (points["state"] != "CT").to_numpy()
    assert same[outside_connecticut].mean() > 0.995
    assert not same[~outside_connecticut].any()


@pytest.mark.parametrize(
    ("name", "read", "kept", "ignored", "missing"),
    [
        ("National_Directory_SA_Facilities_2022.xlsx", 10, 3, 0, ("lat", "lon")),
        ("oeps_substance_use_treatment_2021.csv", 10, 1, 0, ("phone", "codes")),
        ("samhsa_otp_2017.csv", 11, 5, 0, ()),
        ("findtreatment_listing_sample.json", 14, 0, 4, ()),
        ("findtreatment_csv_header_2025.csv", 247, 1, 0, ()),
        ("kiang/TreatmentProgram_20200704.csv", 7, 2, 0, ("lat", "lon")),
        ("otp_editions/meth-1998.csv", 11, 6, 0, ()),
        ("otp_editions/meth-2008.csv", 12, 5, 0, ()),
    ],
)  # fmt: skip
def test_every_column_is_accounted_for(real_data, name, read, kept, ignored, missing):
    quality = iop.read_directory(real_data / name).quality
    fate = quality.columns["read_as"].replace(["extra", "ignored"], ["kept", "left"])
    assert (~fate.isin(["kept", "left"])).sum() == read
    assert ((fate == "kept").sum(), (fate == "left").sum()) == (kept, ignored)
    assert quality.missing == missing
