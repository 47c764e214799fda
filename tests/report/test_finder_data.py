"""What the finder page carries, read back from its JSON; the page itself is driven in tests/browser."""

import json
import re

import numpy as np
import pytest

import iopdir as iop
from iopdir.geography.places import find_place, zip_points
from iopdir.report.finder import write_finder
from iopdir.vocabulary.words import AGE_GROUPS, LEVELS, MEDICATIONS, PAYMENTS, POPULATIONS, SERVICES, SETTINGS


def read_back(path):
    page = path.read_text(encoding="utf-8")
    return {
        name: json.loads(text) for name, text in re.findall(r'json" id="(\w+)">(.*?)</script>', page)
    }, page


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = write_finder(iop.demo_directory(), tmp_path_factory.mktemp("finder") / "deep" / "finder.html")
    return *read_back(path), path


def summed(steps, scale):
    known = np.array([step is not None for step in steps])
    values = np.full(len(steps), np.nan)
    values[known] = np.cumsum([step for step in steps if step is not None]) / scale
    return values


def test_every_listing_is_there_to_a_tenth_of_a_metre_with_all_it_states(demo):
    data, _, _ = demo
    rows = data["directory"]
    frame = iop.demo_directory().to_geodataframe()
    assert rows["name"] == frame["name"].tolist()
    assert rows["zip"] == frame["zip"].tolist()
    assert np.abs(summed(rows["lon"], 1e6) - frame["lon"]).max() < 1e-6
    assert np.abs(summed(rows["lat"], 1e6) - frame["lat"]).max() < 1e-6
    for key, column, words in (
        ("level", "levels_of_care", LEVELS), ("payment", "payments", PAYMENTS),
        ("age", "age_groups", AGE_GROUPS), ("service", "services", SERVICES),
        ("medication", "medications", MEDICATIONS), ("population", "special_populations", POPULATIONS),
        ("setting", "settings", SETTINGS),
    ):  # fmt: skip
        stated = [{word for bit, word in enumerate(words) if mask & 1 << bit} for mask in rows[key]]
        assert stated == [set(cell) for cell in frame[column]]
    assert rows["telehealth"] == frame["telehealth"].astype(int).tolist()
    assert [rows["states"][i] if i >= 0 else "" for i in rows["state"]] == frame["state"].tolist()
    assert [rows["cities"][i] if i >= 0 else "" for i in rows["city"]] == frame["city"].tolist()
    assert [rows["languages"][i] for i in rows["language"]] == frame["languages"].map("; ".join).tolist()


def test_every_zip_is_there_in_order(demo):
    data, _, _ = demo
    zips = zip_points().sort_index()
    codes = summed(data["zips"]["zip"], 1)
    assert codes.astype(int).tolist() == zips.index.astype(int).tolist()
    assert (np.diff(codes) > 0).all(), "the page searches by halves"
    assert np.abs(summed(data["zips"]["lon"], 1e6) - zips["lon"]).max() < 1e-6


@pytest.mark.parametrize("text", ["Chicago, IL", "Anchorage, AK", "Burlington, VT", "San Juan, PR"])
def test_a_city_stands_where_find_place_has_it(demo, text):
    data, _, _ = demo
    table, states = data["cities"], data["directory"]["states"]
    name, _, state = text.partition(", ")
    (row,) = [
        i for i, city in enumerate(table["name"]) if city == name and states[table["state"][i]] == state
    ]
    place = find_place(text)
    assert summed(table["lon"], 1e4)[row] == pytest.approx(place.lon, abs=1e-4)
    assert summed(table["lat"], 1e4)[row] == pytest.approx(place.lat, abs=1e-4)


def test_a_page_of_the_whole_demo_directory_stays_small(demo):
    _, _, path = demo
    assert len(iop.demo_directory()) > 12_000
    assert path.stat().st_size < 6e6


def test_demo_data_is_marked_and_listings_name_their_edition(demo):
    data, page, _ = demo
    assert page.count("SYNTHETIC data.") == 1
    assert "<title>SYNTHETIC: Find intensive outpatient care near you</title>" in page
    assert all(source.startswith("SYNTHETIC ") for source in data["directory"]["sources"])


def test_a_listing_without_a_point_is_kept_and_a_title_is_text(tmp_path):
    import pandas as pd

    table = pd.DataFrame(
        {"name": ["No place", "Place"], "city": ["", "Barre"], "state": "VT", "zip": ["", "05641"]}
    )
    path = write_finder(iop.read_facilities(table, name="t"), tmp_path / "f.html", title="Care & <b>more</b>")
    data, page = read_back(path)
    rows = data["directory"]
    assert sorted(rows["name"]) == ["No place", "Place"]
    missing = rows["name"].index("No place")
    assert (rows["lon"][missing], rows["lat"][missing], rows["city"][missing]) == (None, None, -1)
    assert rows["rough"] == [1, 1]
    assert "<h1>Care &amp; &lt;b&gt;more&lt;/b&gt;</h1>" in page
    assert "SYNTHETIC" not in page


def test_the_words_of_the_page_judge_nobody(demo):
    _, page, _ = demo
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL).lower()
    assert not re.search(r"ineligible|addict|abuser|\bclean\b|relapse|\bdirty\b", text)
    assert text.index("988") < text.index("<form")
