"""The live index: exact with every filter, alive between changes, safe on disk."""

import hashlib
import json
import zipfile
from inspect import signature

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import iopdir as iop
from iopdir.travel.sites import Filters

law = settings(deadline=None)  # other work shares the machine

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def directory():
    return iop.demo_directory().select(state=["VT", "NH"])


@pytest.fixture
def index(directory):
    return iop.FacilityIndex(directory)


FILTERS = [
    {},
    {"level_of_care": "iop"},
    {"level_of_care": ["iop", "php"], "payment": "medicaid"},
    {"facility_state": "nh", "age_group": "adults"},
    {"facility_county": "50023"},
]


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("k", [1, 5, 500])
def test_filtered_answers_are_the_nearest_that_match(index, directory, filters, k):
    for lat, lon in [(44.26, -72.58), (42.9, -71.4), (-44, 107), (90, 0)]:
        found = index.nearest(lat=lat, lon=lon, k=k, **filters)
        place = pd.DataFrame({"lon": [float(lon)], "lat": [float(lat)]})
        expected = iop.nearest(place, directory, k=k, **filters).drop(columns="origin")
        pd.testing.assert_frame_equal(found, expected, check_column_type=False)
        assert set(found["status"]) == {"ok"}


@pytest.mark.parametrize("filters", FILTERS)
def test_within_is_inclusive_and_lists_all_that_match(index, filters):
    every = index.nearest(lat=44.26, lon=-72.58, k=500, **filters)
    edge = every["distance_m"].iloc[len(every) // 2]
    found = index.within(lat=44.26, lon=-72.58, max_cost=edge, **filters)
    pd.testing.assert_frame_equal(found, every[every["distance_m"] <= edge])


def test_many_points_give_the_rows_of_the_bulk_join(index, directory):
    homes = iop.demand_points("zcta", state=["VT", "NH", "ME"])
    for points in (homes.head(50), homes):
        found = index.nearest_many(points, k=2, max_cost="10 mi", level_of_care="iop")
        expected = iop.nearest(points, directory.select(level_of_care="iop"), k=2, max_cost="10 mi")
        pd.testing.assert_frame_equal(found, expected, rtol=1e-12)
        assert set(found["status"]) == {"ok", "beyond_cap"}


def test_nothing_found_says_why(index):
    far = index.nearest(lat=44.26, lon=-72.58, max_cost="1 m")
    assert far["status"].tolist() == ["beyond_cap"]
    assert far[["facility_id", "name", "distance_m", "bearing_deg"]].isna().all(axis=None)
    assert index.nearest(lat=44, lon=-72, facility_county="23005")["status"].tolist() == ["no_facility"]
    empty = index.within(lat=0, lon=0, max_cost="1 mi")
    assert len(empty) == 0
    assert list(empty.columns) == ["rank", "facility_id", "name", "distance_m", "bearing_deg", "status"]


def test_insert_then_remove_leaves_the_answers(index, directory):
    newcomer = next(iter(iop.demo_directory().select(state="ME", level_of_care="iop")))
    before = index.nearest(lat=44.26, lon=-72.58, k=500, level_of_care="iop")
    index.insert(newcomer)
    assert newcomer.facility_id in index
    assert len(index) == len(directory) + 1
    there = {"lat": newcomer.location.lat, "lon": newcomer.location.lon}
    first = index.nearest(**there, level_of_care="iop").iloc[0]
    assert first[["facility_id", "name", "distance_m"]].tolist() == [newcomer.facility_id, newcomer.name, 0.0]
    assert index.nearest(**there, facility_state="ME")["facility_id"].tolist() == [newcomer.facility_id]
    index.remove(newcomer.facility_id)
    assert newcomer.facility_id not in index
    assert index.nearest(**there, facility_state="ME")["status"].tolist() == ["no_facility"]
    after = index.nearest(lat=44.26, lon=-72.58, k=500, level_of_care="iop")
    pd.testing.assert_frame_equal(after, before)


def test_removing_one_and_putting_it_back_changes_nothing(index, directory):
    before = index.nearest(lat=44.26, lon=-72.58, k=500, payment="medicaid")
    one = before["facility_id"].iloc[3]
    index.remove(one)
    without = index.nearest(lat=44.26, lon=-72.58, k=500, payment="medicaid")
    assert without["facility_id"].tolist() == before["facility_id"].drop(3).tolist()
    index.insert(directory[one])
    pd.testing.assert_frame_equal(index.nearest(lat=44.26, lon=-72.58, k=500, payment="medicaid"), before)


def test_the_directory_is_not_changed(index, directory):
    size, first = len(directory), next(iter(directory))
    index.remove(first.facility_id)
    assert len(directory) == size
    assert first.facility_id in directory


def test_an_id_goes_in_once_and_comes_out_once(index, directory):
    first = next(iter(directory))
    with pytest.raises(ValueError, match="is in the index already"):
        index.insert(first)
    index.remove(first.facility_id)
    with pytest.raises(iop.errors.UnknownNameError, match=first.facility_id):
        index.remove(first.facility_id)


def test_a_facility_without_a_point_cannot_go_in(index, directory):
    first = next(iter(directory))
    index.remove(first.facility_id)
    nowhere = first.model_copy(update={"location": iop.schema.Location(precision="unknown")})
    with pytest.raises(iop.errors.CoordinateError, match="has no known point"):
        index.insert(nowhere)
    assert first.facility_id not in index


numbers = st.integers(-20, 20)


@law
@given(
    spots=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=25),
    shuffle=st.randoms(use_true_random=False),
    lat=numbers,
    lon=numbers,
)
def test_relabelling_changes_nothing_but_the_labels(spots, shuffle, lat, lon):
    lons, lats = zip(*spots, strict=True)
    ids = [f"a{i:02}" for i in range(len(spots))]
    other = [f"z{i:02}" for i in range(len(spots))]
    order = list(range(len(spots)))
    shuffle.shuffle(order)
    plain = iop.FacilityIndex.from_lonlat(lons, lats, ids=ids).nearest(lat=lat, lon=lon, k=9)
    renamed = iop.FacilityIndex.from_lonlat(
        [lons[i] for i in order], [lats[i] for i in order], ids=[other[i] for i in order]
    ).nearest(lat=lat, lon=lon, k=9)
    pd.testing.assert_frame_equal(
        plain.assign(facility_id=plain["facility_id"].str.replace("a", "z")), renamed
    )


def test_equally_near_facilities_come_by_id_whatever_their_order():
    index = iop.FacilityIndex.from_lonlat([1, 1, 1], [1, 1, 1], ids=["c", "a", "b"])
    assert index.nearest(lat=0, lon=0, k=5)["facility_id"].tolist() == ["a", "b", "c"]
    assert index.within(lat=0, lon=0, max_cost="200 km")["facility_id"].tolist() == ["a", "b", "c"]
    many = pd.DataFrame({"lon": np.zeros(600), "lat": np.zeros(600)})
    assert index.nearest_many(many, k=2)["facility_id"].tolist() == ["a", "b"] * 600


def test_numbers_may_be_ids():
    index = iop.FacilityIndex.from_lonlat([0, 1], [0, 1], ids=[20, 10])
    assert index.nearest(lat=0, lon=0, k=2)["facility_id"].tolist() == [20, 10]
    assert 10 in index


def test_plain_points_have_nothing_to_filter_by():
    index = iop.FacilityIndex.from_lonlat([0], [0], ids=["x"])
    with pytest.raises(iop.errors.UnknownNameError, match="no attribute of plain points 'level_of_care'"):
        index.nearest(lat=0, lon=0, level_of_care="iop")


@pytest.mark.parametrize("ids", [["a"], ["a", "a"], ["a", "b", "c"]])
def test_every_point_needs_an_id_of_its_own(ids):
    with pytest.raises(ValueError, match="expected one id for each of 2 points"):
        iop.FacilityIndex.from_lonlat([0, 1], [0, 1], ids=ids)


def test_an_empty_index_answers_and_grows(directory):
    index = iop.FacilityIndex(directory.select(state="VT", county="33001"))
    assert len(index) == 0
    assert index.nearest(lat=0, lon=0)["status"].tolist() == ["no_facility"]
    first = next(iter(directory))
    index.insert(first)
    assert index.nearest(lat=0, lon=0)["facility_id"].tolist() == [first.facility_id]


@pytest.mark.parametrize(("lat", "lon"), [(np.nan, 0), (0, np.nan), (91, 0), (0, 181)])
def test_a_place_off_the_earth_is_refused(index, lat, lon):
    with pytest.raises(iop.errors.CoordinateError, match="row 0 has"):
        index.nearest(lat=lat, lon=lon)
    with pytest.raises(iop.errors.CoordinateError, match="row 0 has"):
        index.within(lat=lat, lon=lon, max_cost="1 mi")
    points = pd.DataFrame({"lon": [0, lon], "lat": [0, lat]})
    with pytest.raises(iop.errors.CoordinateError, match="row 1 has") as caught:
        index.nearest_many(points)
    assert caught.value.rows == (1,)
    with pytest.raises(iop.errors.CoordinateError, match="row 1 has"):
        iop.FacilityIndex.from_lonlat(points["lon"], points["lat"], ids=["a", "b"])


def test_a_saved_index_answers_alike(index, tmp_path):
    newcomer = next(iter(iop.demo_directory().select(state="ME", level_of_care="iop")))
    index.insert(newcomer)
    index.remove(next(iter(iop.demo_directory().select(state="VT"))).facility_id)
    index.save(tmp_path / "index")
    again = iop.FacilityIndex.open(tmp_path / "index")
    assert len(again) == len(index)
    for filters in (*FILTERS, {"facility_state": "ME"}):
        asked = {"lat": 44.26, "lon": -72.58, "k": 20, **filters}
        pd.testing.assert_frame_equal(again.nearest(**asked), index.nearest(**asked))
    assert again.nearest(lat=44, lon=-72).attrs["provenance"]["synthetic"]


def test_saved_plain_points_answer_alike(tmp_path):
    index = iop.FacilityIndex.from_lonlat([0, 1, 2], [0, 1, 2], ids=["c", "b", "a"])
    index.remove("b")
    index.save(tmp_path / "index")
    again = iop.FacilityIndex.open(tmp_path / "index")
    assert again.nearest(lat=0, lon=0, k=3)["facility_id"].tolist() == ["c", "a"]


@pytest.mark.parametrize("column", ["lon", "lat", "facility_id"])
def test_a_body_that_is_none_is_an_error_of_the_index_though_its_hash_is_right(tmp_path, column):
    path, body = tmp_path / "index", tmp_path / "body"
    iop.FacilityIndex.from_lonlat([0, 1], [0, 1], ids=["x", "y"]).save(path)
    table = pd.DataFrame({"facility_id": ["x", "y"], "lon": [0.0, 1.0], "lat": [0.0, 1.0]})
    for wrong in (table.drop(columns=column), table.assign(**{column: [["x"], ["y"]]}), table.loc[[0, 0]]):
        wrong.to_parquet(body)
        sums = {"facilities.parquet": hashlib.sha256(body.read_bytes()).hexdigest()}
        rewrite(path, body=body.read_bytes(), sha256=sums)
        for content in ("points", "directory"):
            rewrite(path, content=content)
            with pytest.raises(iop.LoadError) as caught:
                iop.FacilityIndex.open(path)
            assert caught.value.path == path


def rewrite(path, **changes):
    with zipfile.ZipFile(path) as archive:
        about, data = json.loads(archive.read("about.json")), archive.read("facilities.parquet")
    body = changes.pop("body", data)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("about.json", json.dumps(about | changes))
        archive.writestr("facilities.parquet", body)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "none that can be opened"),
        (lambda path: path.write_bytes(b"not a zip"), "an unreadable file"),
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "an unreadable file"),
        (lambda path: rewrite(path, kind="other"), "an archive of another kind"),
        (
            lambda path: rewrite(path, version=1),
            "expected iopdir facility index of version 2, found version 1",
        ),
        (
            lambda path: rewrite(path, body=b"other bytes"),
            "expected sha256 [0-9a-f]{64} of facilities.parquet, found sha256 .*: damaged",
        ),
    ],
)
def test_a_damaged_file_is_explained(tmp_path, damage, message):
    path = tmp_path / "index"
    iop.FacilityIndex.from_lonlat([0], [0], ids=["x"]).save(path)
    damage(path)
    with pytest.raises(iop.LoadError, match=message) as caught:
        iop.FacilityIndex.open(path)
    assert caught.value.path == path


@law
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_is_noticed_or_harmless(tmp_path_factory, where, flip):
    path = tmp_path_factory.mktemp("damaged") / "index"
    iop.FacilityIndex.from_lonlat([0, 1], [0, 1], ids=["x", "y"]).save(path)
    data = bytearray(path.read_bytes())
    data[int(where * len(data))] ^= flip
    path.write_bytes(bytes(data))
    try:
        index = iop.FacilityIndex.open(path)
    except iop.LoadError:
        return
    assert index.nearest(lat=1, lon=1, k=2)["facility_id"].tolist() == ["y", "x"]


def test_saving_leaves_nothing_else_behind(tmp_path):
    for ids in (["x"], ["y"]):
        iop.FacilityIndex.from_lonlat([0], [0], ids=ids).save(tmp_path / "index")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]
    assert "y" in iop.FacilityIndex.open(tmp_path / "index")


def test_what_is_inserted_is_named_among_the_sources(index, directory):
    asked = {"lat": 44, "lon": -72}
    before = [source["name"] for source in index.nearest(**asked).attrs["provenance"]["sources"]]
    index.insert(next(iter(iop.demo_directory().select(state="ME"))))
    assert [s["name"] for s in index.nearest(**asked).attrs["provenance"]["sources"]] == before
    other = next(iter(iop.demo_directory().select(state="CT")))
    row = other.provenance.model_copy(update={"source": "elsewhere.csv"})
    index.insert(other.model_copy(update={"provenance": row}))
    after = index.nearest(**asked).attrs["provenance"]
    assert {source["name"] for source in after["sources"]} == {*before, "elsewhere.csv"}
    assert after["synthetic"]


def test_filters_are_those_of_select():
    asked = signature(iop.Directory.select).parameters.keys() - {"self"}
    assert asked == {name.removeprefix("facility_") for name in Filters.__annotations__}


def test_it_says_what_it_is(index):
    assert repr(index) == f"SYNTHETIC FacilityIndex of {len(index):,} facilities"
    assert repr(iop.FacilityIndex.from_lonlat([0], [0], ids=["x"])) == "FacilityIndex of 1 points"


@pytest.mark.parametrize("k", [0, -1])
def test_k_is_at_least_one(index, k):
    with pytest.raises(ValueError, match="k must be at least 1"):
        index.nearest(lat=0, lon=0, k=k)
