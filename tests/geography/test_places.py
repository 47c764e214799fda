import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import CoordinateError, UnknownNameError
from iopdir.geography.boundaries import county_list
from iopdir.geography.places import zip_counties, zip_points

CASES = list(
    csv.DictReader((Path(__file__).parent / "place_cases.csv").read_text(encoding="utf-8").splitlines())
)


@pytest.mark.parametrize("text", ["60614", " 60614 ", "60614-1234"])
def test_a_zip_is_found(text):
    place = iop.find_place(text)
    assert (place.kind, place.label) == ("zip", "Chicago, IL 60614")


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_pair_is_latitude_first(lat, lon):
    place = iop.find_place(f"{lat:.6f},{lon:.6f}")
    assert (place.lat, place.lon) == (float(f"{lat:.6f}"), float(f"{lon:.6f}"))


def test_a_city_is_found_whatever_its_spelling():
    places = [iop.find_place(text) for text in ("St. Louis, MO", "saint louis,mo", "SAINT  LOUIS, mo.")]
    assert len({(place.lon, place.lat) for place in places}) == 1
    assert places[0].lat == pytest.approx(38.63, abs=0.05)
    assert places[0].lon == pytest.approx(-90.25, abs=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("00000", "no ZIP '00000'"),
        ("Chcago, IL", "did you mean Chicago"),
        ("Chicago, XX", "no state 'XX'"),
        ("Chicago", "write a ZIP, .*did you mean Chicago, IL"),
        ("Springfield", "did you mean Springfield, "),
        ("Cok County, IL", "did you mean Cook County"),
        ("", "no place"),
    ],
)
def test_an_unknown_place_says_what_to_write(text, message):
    with pytest.raises(UnknownNameError, match=message):
        iop.find_place(text)


def test_longitude_first_is_found_out_where_it_can_be():
    with pytest.raises(CoordinateError, match="latitude comes first"):
        iop.find_place("-97.65, 41.92")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_what_people_type_is_understood_as_the_finder_page_does(case):
    if not case["kind"]:
        with pytest.raises(UnknownNameError):
            iop.find_place(case["text"])
        return
    place = iop.find_place(case["text"])
    label = place.label.rpartition(" ")[2] if place.kind == "zip" else place.label
    assert (place.kind, label) == (case["kind"], case["label"])


def test_a_county_or_state_is_the_middle_of_where_its_people_live():
    """Cook County against its center of population of 2020; Alaska has homes on both sides of the antimeridian."""
    cook, alaska = iop.find_place("Cook County, IL"), iop.find_place("Alaska")
    assert (cook.lat, cook.lon) == pytest.approx((41.84, -87.76), abs=0.05)
    assert (alaska.lat, alaska.lon) == pytest.approx((61.4, -148.9), abs=0.5)


def test_counties_are_found_by_the_names_of_their_own_list():
    """Not a city that is called as a county is, such as Carson City."""
    some = county_list().iloc[::60]
    found = [
        iop.find_place(f"{name}, {state}") for name, state in zip(some["name"], some["state"], strict=True)
    ]
    assert [place.label for place in found] == (some["name"] + ", " + some["state"]).tolist()
    assert {place.kind for place in found} == {"county"}


def test_every_zip_is_found_where_its_table_says():
    points = zip_points()
    for code in points.index[::4000]:
        place = iop.find_place(code)
        assert (place.lon, place.lat) == tuple(points.loc[code, ["lon", "lat"]])


def test_zip_points_are_on_land_of_their_states_and_say_where_they_come_from():
    points = zip_points()
    assert points.index.is_unique
    assert points["point_source"].value_counts().to_dict() == {"census_gazetteer": 33_791, "geonames": 7_406}
    assert (points[["state", "city"]] != "").all(axis=None)
    assert set(points["kind"]) == {"standard", "po_box", "unique"}
    found = iop.geography.locate_counties(points["lon"].to_numpy(), points["lat"].to_numpy())
    state = iop.geography.county_list()["state"].reindex(found["county_fips"]).to_numpy(object)
    same = (state == points["state"].to_numpy(object)) & (found["county_match"] != "none").to_numpy()
    census = (points["point_source"] == "census_gazetteer").to_numpy()
    assert same[census].mean() > 0.998
    assert same[~census].mean() > 0.98


def test_tables_given_out_are_copies():
    for table in (zip_points, zip_counties, iop.geography.counties, iop.geography.county_list):
        given_out = table()
        column = given_out.columns[0]
        given_out[column] = None
        assert table()[column].notna().all()


def test_the_county_of_a_zip_is_the_one_with_most_homes():
    table = zip_counties()
    assert table.loc["60614"].tolist() == ["17031", 2023, 1.0]
    assert table.index.is_unique
    assert table["weight"].between(0, 1, inclusive="right").all()
