"""The finder page for somebody in a hurry: any way to name a place, minutes, a short list, a link, paper, Spanish."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.report.document import asset
from iopdir.report.finder import write_finder
from iopdir.report.languages import finder_words

CASES = pd.read_csv(Path(iop.__file__).parents[2] / "tests/geography/place_cases.csv", keep_default_na=False)


def run(page, names, expression, argument):
    """Ask the page's own functions, which nothing outside their block can reach."""
    scripts = "".join(asset(name) for name in names)
    return page.evaluate(f"(given) => {{ {scripts}; return given.map({expression}); }}", argument)


def test_the_page_understands_what_python_is_held_to_as_well(visit, demo_finder):
    page = visit(demo_finder)
    found = run(
        page, ["finder/tables.js", "finder/words.js", "finder/places.js"], "findPlace", CASES["text"].tolist()
    )
    kinds = [place["kind"] if place else "" for place in found]
    assert kinds == CASES["kind"].tolist()
    for place, label in zip(found, CASES["label"], strict=True):
        assert place is None or place["label"].endswith(label)


def test_minutes_are_those_of_python_on_the_same_cases(visit, demo_finder):
    cases = pd.read_csv(Path(iop.__file__).parents[2] / "tests/travel/drive_cases.csv")
    page = visit(demo_finder)
    names = ["geodesic.js", "finder/tables.js", "finder/minutes.js"]
    people = run(
        page, names, "([lon, lat]) => peopleAround({ lon, lat })", cases[["lon", "lat"]].values.tolist()
    )
    assert people == cases["people"].tolist()
    asked = cases[["people", "lon", "lat", "to_lon", "to_lat"]].values.tolist()
    minutes = run(page, names, "([n, ...way]) => driveMinutes(n, geodesicMetres(...way))", asked)
    np.testing.assert_allclose(minutes, cases[["low", "minutes", "high"]], rtol=0, atol=1e-4)


def test_a_listing_gives_minutes_with_their_range_and_directions_that_do_not_say_where_one_starts(
    look_for, visit, demo_finder, hostile_finder
):
    page = visit(demo_finder)
    look_for(page, "60614")
    card = page.locator(".listing").nth(12)
    assert re.search(r"miles \w+ · about \d+ min by car \(\d+ to \d+, estimated\)", card.inner_text())
    app, web = (link.get_attribute("href") for link in card.locator(".directions a").all())
    assert re.fullmatch(r"geo:-?\d+\.\d{6},-?\d+\.\d{6}\?q=[^ <>\"&]+", app)
    assert re.fullmatch(r"https://www\.openstreetmap\.org/directions\?to=[^ &]+", web)
    page = visit(hostile_finder)
    page.select_option("#range", "100")
    look_for(page, "05602")
    hostile = page.locator(".listing", has_text="onerror").locator(".directions a")
    assert hostile.count() == 2
    assert not re.search(r"[<>\" ]", hostile.first.get_attribute("href"))


def test_a_listing_placed_by_its_zip_says_so_at_each_number(look_for, visit, pages):
    table = pd.DataFrame(
        {"name": ["A", "B"], "street": "1 Example Street", "city": ["Barre", "Burlington"], "state": "VT",
         "zip": ["05641", "05401"], "codes": "SA OIT"}
    )  # fmt: skip
    page = visit(write_finder(iop.read_facilities(table, name="t"), pages / "rough.html"))
    page.select_option("#range", "")
    look_for(page, "05602")
    text = page.locator(".listing .far").all_inner_texts()
    assert all(
        re.match(r"~\d+(\.\d)? miles \w+ · ~\d+ min by car \(\d+ to \d+, estimated\)", line) for line in text
    )
    web = page.locator(".directions a").nth(1).get_attribute("href")
    assert web == "https://www.openstreetmap.org/search?query=1%20Example%20Street%2C%20Barre%2C%20VT%2005641"


def test_a_state_is_a_list_by_town_with_a_map_and_a_county_a_place(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "texas")
    assert re.fullmatch(
        r"Texas: [\d,]+ places for intensive outpatient care", page.inner_text("#results-title")
    )
    assert page.locator("#map .mark").count() > 20
    assert page.evaluate("document.getElementById('results').getBoundingClientRect().top") < 100
    look_for(page, "Cook County, IL")
    assert page.inner_text("#results-title").endswith("of Cook County, IL")
    assert "middle of the county" in page.inner_text("#results-note")
    look_for(page, "washington")
    page.click("#others >> text=Washington, DC")
    assert page.inner_text("#results-title").endswith("of Washington, DC")


def test_languages_are_a_choice(look_for, visit, demo_finder):
    page = visit(demo_finder)
    page.click("#more-choices summary")
    page.select_option("#language", "spanish")
    look_for(page, "77002")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    cards = page.locator("#list .listing").all_inner_texts()
    assert cards
    assert all("spanish" in card.lower() for card in cards)


def test_a_link_opens_the_same_search_and_carries_no_position(look_for, visit, demo_finder):
    page = visit(demo_finder)
    page.select_option("#payment", "medicaid")
    look_for(page, "chicago il")
    title = page.inner_text("#results-title")
    assert "#" not in page.url
    page.click("#link")
    link = page.input_value("#link-text")
    assert link.endswith("#place=Chicago%2C+IL&payment=medicaid")
    page.goto("about:blank")
    page.goto(link)
    assert page.inner_text("#results-title") == title
    assert page.input_value("#payment") == "medicaid"
    page.evaluate("location.hash = 'place=%3Cimg src=x onerror=alert(9)%3E&payment=nothing'")
    page.wait_for_timeout(100)
    assert page.locator("main img").count() == 0


def test_the_link_of_a_search_around_the_device_has_no_place(visit, demo_finder):
    page = visit(
        demo_finder, geolocation={"latitude": 41.92, "longitude": -87.65}, permissions=["geolocation"]
    )
    page.click("#near-me")
    page.wait_for_selector("#list .listing")
    assert page.text_content(".here text") == "You are here"
    page.click("#link")
    assert page.input_value("#link-text").endswith("demo-finder.html#")


def test_a_short_list_is_made_of_three_or_by_hand_and_stored_nowhere(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "60614")
    page.click("#three")
    assert page.locator("#short-list > li").count() == 3
    page.locator("[data-keep]").nth(7).click()
    assert page.locator("#short-list > li").count() == 4
    assert page.inner_text("#short-link") == "My list (4)"
    assert page.locator("[data-keep][aria-pressed=true]").count() == 4
    page.locator("#short-list button").first.click()
    look_for(page, "77002")
    assert page.locator("#short-list > li").count() == 3, "a new search keeps the list"
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.length]") == [0, 0, 0]
    page.click("#short-empty")
    assert page.is_hidden("#short")
    page.reload()
    assert page.is_hidden("#short-link")


def sheets(page, path):
    page.pdf(path=path, format="Letter")
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes()))


@pytest.mark.parametrize("text", ["60614", "77002", "90012"])
def test_twenty_results_print_on_three_sheets_and_a_short_list_on_one(
    look_for, visit, demo_finder, tmp_path, text
):
    page = visit(demo_finder)
    look_for(page, text)
    assert page.locator(".listing").count() == 20
    assert sheets(page, tmp_path / "list.pdf") == 3
    page.evaluate("window.print = () => {}")
    page.click("#three")
    page.click("#short-print")
    assert sheets(page, tmp_path / "short.pdf") == 1


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_a_page_in_spanish_is_spanish_throughout(look_for, visit, axe, pages, demo_finder, width, dark):
    page = visit(write_finder(iop.demo_directory(), pages / "es.html", lang="es"), width=width, dark=dark)
    assert page.get_attribute("html", "lang") == "es"
    look_for(page, "Houston, TX")
    page.click("#three")
    page.click("#by-state summary")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    shown = page.inner_text("body")
    english = {
        words.lower() for table in finder_words("en").values() for words in table.values()
        if len(words) > 12 and "{" not in words
    } - {words.lower() for table in finder_words("es").values() for words in table.values()}  # fmt: skip
    assert {words for words in english if words in shown.lower()} == set()
    links = page.eval_on_selector_all(".crisis a", "links => links.map((link) => link.getAttribute('href'))")
    assert links[:2] == ["tel:988", "sms:988?body=AYUDA"]


def test_the_links_of_a_crisis_are_the_largest_things_to_press(visit, demo_finder):
    for width in (390, 1280):
        page = visit(demo_finder, width=width)
        size = (
            "all => all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => width * height)"
        )
        crisis = page.eval_on_selector_all(".crisis .crisis a", size)
        others = page.eval_on_selector_all("main a, main button, #leave", size)
        assert min(crisis) > max(others)
