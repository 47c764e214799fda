"""What the finder page carries, read back from its JSON; the page itself is driven in tests/browser."""

import json
import re

import numpy as np
import pytest

import iopdir as iop
from iopdir.geography.places import zip_points
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
        assert list(data["speech"][key]) == [str(word) for word in words], "bits are counted in this order"
        stated = [{word for bit, word in enumerate(words) if mask & 1 << bit} for mask in rows[key]]
        assert stated == [set(cell) for cell in frame[column]]
    assert rows["telehealth"] == frame["telehealth"].astype(int).tolist()
    assert [rows["states"][i] if i >= 0 else "" for i in rows["state"]] == frame["state"].tolist()
    assert [rows["cities"][i] if i >= 0 else "" for i in rows["city"]] == frame["city"].tolist()
    assert [rows["languages"][i] for i in rows["language"]] == frame["languages"].map(list).tolist()


def test_every_zip_is_there_in_order(demo):
    data, _, _ = demo
    zips = zip_points().sort_index()
    codes = summed(data["zips"]["zip"], 1)
    assert codes.astype(int).tolist() == zips.index.astype(int).tolist()
    assert (np.diff(codes) > 0).all(), "the page searches by halves"
    assert np.abs(summed(data["zips"]["lon"], 1e6) - zips["lon"]).max() < 1e-6


def test_every_zip_names_its_city_and_its_people(demo):
    data, _, _ = demo
    zips, table, states = zip_points().sort_index(), data["cities"], data["directory"]["states"]
    named = [(table["name"][i], states[table["state"][i]]) for i in data["zips"]["city"]]
    assert named == list(zip(zips["city"], zips["state"], strict=True))
    assert sum(data["zips"]["people"]) == 334_365_877
    people = np.bincount(data["zips"]["city"], data["zips"]["people"])
    assert (np.diff(people) <= 0).all(), "most people first"
    assert table["larger"] == [int((people >= size).sum()) for size in (500_000, 100_000, 20_000)]


def test_a_county_stands_where_its_people_live_and_is_named_inside_its_outline(demo):
    data, _, _ = demo
    table, states = data["counties"], data["directory"]["states"]
    shapes = iop.geography.counties()
    known = {(name, state): code for code, name, state in shapes[["name", "state"]].itertuples()}
    lon, lat = (summed(table[f"label_{name}"], data["outlines"]["scale"]) for name in ("lon", "lat"))
    found = iop.geography.locate_counties(lon, lat)
    codes = [known[name, states[i]] for name, i in zip(table["name"], table["state"], strict=True)]
    assert len(set(codes)) == len(shapes)
    assert (found["county_fips"] == codes).mean() > 0.99  # to 200 m
    assert table["name"][:2] == ["Los Angeles County", "Cook County"]
    assert (summed(table["lon"], 1e4)[1], summed(table["lat"], 1e4)[1]) == pytest.approx(
        (-87.75, 41.85), abs=0.05
    )


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
