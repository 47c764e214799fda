"""The finder page in a real browser: what a person sees, hears and can reach with a keyboard."""

import re

import numpy as np
import pytest
from pyproj import Geod

import iopdir as iop
from iopdir.geography.places import find_place
from iopdir.report.document import asset

WGS84 = Geod(ellps="WGS84")


def names(page):
    return page.locator("#list h3").all_inner_texts()


def test_a_zip_lists_what_is_within_range_nearest_first_with_the_distance_of_the_ellipsoid(
    look_for, visit, demo_finder
):
    page = visit(demo_finder)
    look_for(page, "60614")
    origin = find_place("60614")
    frame = iop.demo_directory().select(level_of_care="iop").to_geodataframe()
    n = len(frame)
    _, _, metres = WGS84.inv(np.full(n, origin.lon), np.full(n, origin.lat), frame["lon"], frame["lat"])
    expected = np.sort(metres[metres <= 25 * 1609.344])
    assert page.inner_text("#results-title") == f"{len(expected)} places within 25 miles of Chicago, IL 60614"
    while page.is_visible("#more"):
        page.click("#more")
    shown = page.eval_on_selector_all(
        "#list > li", "items => items.map((item) => Number(item.dataset.distanceM))"
    )
    assert np.allclose(shown, expected, rtol=1e-3, atol=0.3)
    assert shown == sorted(shown)


def test_distances_agree_with_geod_to_a_millimetre_anywhere_in_the_country(visit, demo_finder):
    page = visit(demo_finder)
    rng = np.random.default_rng(7)
    lon = np.concatenate(
        [rng.uniform(-179.9, -65, (2, 4000)), [[-87.65, 144.8, 179.9], [-87.65, -66.1, -179.9]]], 1
    )
    lat = np.concatenate(
        [rng.uniform(-14, 71, (2, 4000)), [[41.92, 13.4, 51.9], [41.92, 18.4, 51.9]]], axis=1
    )
    lon[1, :2000] = lon[0, :2000] + rng.uniform(-1, 1, 2000)  # near pairs, where a search happens
    lat[1, :2000] = lat[0, :2000] + rng.uniform(-1, 1, 2000)
    pairs = np.stack([lon[0], lat[0], lon[1], lat[1]], axis=1)
    ours = page.evaluate(f"(pairs) => {{ {asset('geodesic.js')}; return pairs.map((p) => geodesicMetres(...p)); }}",
                         pairs.tolist())  # fmt: skip
    assert np.abs(np.array(ours) - WGS84.inv(lon[0], lat[0], lon[1], lat[1])[2]).max() < 1e-3


@pytest.mark.parametrize(
    "text", ["Montpelier, VT", "montpelier vermont", "MONTPELIER,VT", "05602", "44.26, -72.57"]
)
def test_a_place_may_be_written_in_many_ways(look_for, visit, hostile_finder, text):
    page = visit(hostile_finder)
    look_for(page, text)
    assert names(page)[0].endswith("Plain Clinic")


def test_a_city_is_where_find_place_has_it(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "st paul, mn")
    origin = find_place("Saint Paul, MN")
    assert page.inner_text("#results-title").endswith("of Saint Paul, MN")
    first = page.locator("#list > li").first
    found = iop.nearest(f"{origin.lat}, {origin.lon}", iop.demo_directory().select(level_of_care="iop"))
    assert float(first.get_attribute("data-distance-m")) == pytest.approx(found["distance_m"].iloc[0], abs=15)


@pytest.mark.parametrize(("text", "label"), [
    ("Helena, MT", "Helena, MT"), ("helena montana", "Helena, MT"), ("Mt Vernon IL", "Mount Vernon, IL"),
    ("Ft. Worth, TX", "Fort Worth, TX"), ("saint louis mo", "Saint Louis, MO"), ("Washington, D.C.", "Washington, DC"),
    ("New York", "New York, NY"), ("Kansas City, Kansas", "Kansas City, KS"), ("Cañon City", "Canon City, CO"),
])  # fmt: skip
def test_names_are_read_with_or_without_state_dots_accents_and_short_forms(
    look_for, visit, demo_finder, text, label
):
    page = visit(demo_finder)
    look_for(page, text)
    assert page.inner_text("#results-title").endswith(f" of {label}")


def test_a_name_of_several_cities_takes_the_largest_and_offers_the_others(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "Springfield")
    assert page.inner_text("#results-title").endswith("of Springfield, MO")
    page.click("#others >> text=Springfield, IL")
    assert page.inner_text("#results-title").endswith("of Springfield, IL")
    assert page.input_value("#place") == "Springfield, IL"


def test_an_unknown_place_says_what_to_type_and_moves_the_keyboard_there(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "Nowhere at all")
    assert "No place “Nowhere at all” is known" in page.inner_text("#place-problem")
    assert page.evaluate("document.activeElement.id") == "place"
    assert page.get_attribute("#place", "aria-invalid") == "true"
    assert page.is_hidden("#results")
    look_for(page, "60614")
    assert page.inner_text("#place-problem") == ""
    assert page.get_attribute("#place", "aria-invalid") is None


def test_the_location_of_the_device_is_used_and_leads_to_the_nearest(visit, demo_finder):
    page = visit(
        demo_finder, geolocation={"latitude": 41.92, "longitude": -87.65}, permissions=["geolocation"]
    )
    page.click("#near-me")
    page.wait_for_selector("#list .listing")
    found = iop.nearest("41.92, -87.65", iop.demo_directory().select(level_of_care="iop"))
    shown = float(page.locator("#list > li").first.get_attribute("data-distance-m"))
    assert shown == pytest.approx(found["distance_m"].iloc[0], abs=0.3)
    assert page.inner_text("#results-title").endswith("within 25 miles of you")


def test_a_denied_location_asks_for_a_zip_instead(visit, demo_finder):
    page = visit(demo_finder, permissions=[])
    page.click("#near-me")
    page.wait_for_function("document.getElementById('place-problem').textContent !== ''")
    assert "Type a ZIP code or a city" in page.inner_text("#place-problem")
    assert page.is_enabled("#near-me")
    assert page.is_hidden("#results")


def test_no_result_in_range_names_the_nearest_and_offers_to_search_wider(look_for, visit, hostile_finder):
    page = visit(hostile_finder)
    page.select_option("#range", "5")
    look_for(page, "05001")  # White River Junction, some 40 miles from Barre
    assert page.inner_text("#results-title") == "No place within 5 miles of White River Junction, VT 05001"
    assert re.search(
        r"The nearest listing that fits is 4\d miles away, in Montpelier, VT", page.inner_text("#widen")
    )
    assert page.is_hidden("#map")
    page.click("#widen button")
    assert page.input_value("#range") == "50"
    assert names(page) == ["1Plain Clinic"]


def test_choices_filter_the_list_at_once(look_for, visit, hostile_finder):
    page = visit(hostile_finder)
    look_for(page, "05401")
    page.select_option("#range", "100")
    assert len(names(page)) == 3
    page.select_option("#payment", label="Medicaid")
    assert [name[1:] for name in names(page)] == ["<img src=x onerror=alert(1)>", "Plain Clinic"]
    page.select_option("#payment", "")
    page.click("#more-choices summary")
    page.select_option("#age", label="young adults")
    assert page.inner_text("#choices-set") == "(1 set)"
    assert [name[1:] for name in names(page)] == ["</script><script>alert(2)</script>"]
    page.select_option("#age", "")
    page.select_option("#level", label="regular outpatient care")
    assert len(names(page)) == 1
    page.select_option("#level", label="residential care")
    assert "No listing fits these choices at any distance" in page.inner_text("#widen")


def test_text_of_a_listing_stays_text(look_for, visit, hostile_finder):
    page = visit(hostile_finder)
    page.select_option("#level", "")
    look_for(page, "05401")
    page.select_option("#range", "")
    assert [name[1:] for name in names(page)] == [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(2)</script>",
        "Plain Clinic",
        "{{title}} & Sons Ltd",
        '"><svg onload=alert(6)>',
    ]
    assert page.locator("#list img, #list script, #list b[onclick], #list svg").count() == 0
    links = page.eval_on_selector_all("#list a[target]", "links => links.map((link) => link.href)")
    assert [link for link in links if "openstreetmap" not in link] == [
        "https://www.example.org/%3Csvg%20onload=alert(5)%3E"
    ]


def test_a_listing_has_a_phone_link_its_services_its_source_and_the_words_call_to_confirm(
    look_for, visit, hostile_finder
):
    page = visit(hostile_finder)
    look_for(page, "05401")
    card = page.locator(".listing").nth(1)
    assert card.locator("a.button").get_attribute("href") == "tel:+18025550102;ext=7"
    text = card.inner_text()
    assert "individual counseling" in text
    assert "private insurance" in text
    assert "Call to confirm. Listed in hostile table, edition 2022" in text


def test_states_lead_to_lists_by_town_that_the_back_button_leaves(look_for, visit, hostile_finder):
    page = visit(hostile_finder)
    page.click("#by-state summary")
    assert page.inner_text("#states").split("\n") == ["Vermont", "4"]
    page.select_option("#level", "")
    page.click("#states >> text=Vermont")
    page.wait_for_selector("#list .listing")
    assert page.inner_text("#results-title") == "Vermont: 5 places for any kind"
    assert page.locator(".town-head").all_inner_texts() == [
        "Barre",
        "Brattleboro",
        "Burlington",
        "Montpelier",
    ]
    assert page.locator("#list > li[data-distance-m]").count() == 0
    page.go_back()
    page.wait_for_selector("#results", state="hidden")
    page.go_forward()
    page.wait_for_selector("#list .listing")
    look_for(page, "05602")
    assert page.inner_text("#results-title").endswith("of Montpelier, VT 05602")
    assert "#" not in page.url


def test_a_link_to_a_state_opens_its_list(visit, hostile_finder):
    page = visit(hostile_finder)
    page.evaluate("location.hash = 'state=VT'")
    page.wait_for_selector("#list .listing")
    assert page.inner_text("#results-title").startswith("Vermont: 4 places")


def test_a_search_needs_only_the_keyboard_and_moves_to_the_result(visit, demo_finder):
    page = visit(demo_finder)
    page.keyboard.press("Tab")
    assert page.inner_text("*:focus") == "Skip to the search"
    page.focus("#place")
    page.keyboard.type("60614")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "results-title"
    page.click("#more")
    assert page.locator(".listing").count() == 40
    assert page.evaluate("document.activeElement.textContent").startswith("21")


def test_suggestions_follow_what_is_typed(visit, demo_finder):
    page = visit(demo_finder)
    page.fill("#place", "chicago h")
    options = page.eval_on_selector_all("#suggestions option", "all => all.map((option) => option.value)")
    assert options == ["Chicago Heights, IL"]


def test_demo_data_is_marked_and_crisis_lines_come_before_the_search(visit, demo_finder, hostile_finder):
    page = visit(demo_finder)
    assert page.title().startswith("SYNTHETIC")
    assert page.inner_text(".banner").startswith("SYNTHETIC data")
    text = page.inner_text("body")
    assert text.index("988") < text.index("ZIP code, city, county or state")
    links = page.eval_on_selector_all(".crisis a", "links => links.map((link) => link.getAttribute('href'))")
    assert links == ["tel:988", "sms:988", "tel:911", "tel:+18006624357", "tel:+18007997233"]
    assert page.inner_text("#chat-site") == "988lifeline.org/chat"  # no link while there is no network
    assert visit(hostile_finder).locator(".banner").count() == 0


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_axe_finds_nothing_serious_and_nothing_runs_off_the_side(
    look_for, visit, axe, demo_finder, width, dark
):
    page = visit(demo_finder, width=width, dark=dark)
    look_for(page, "60614")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("by_state", [False, True])
def test_one_press_leaves_an_empty_page_and_going_back_brings_no_choice_back(
    look_for, visit, demo_finder, by_state
):
    page = visit(demo_finder)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.inner_text("*:focus") == "Leave this page"
    if by_state:
        page.click("#by-state summary")
        page.click("#states >> text=Vermont")
    else:
        look_for(page, "60614")
    page.click("#more-choices summary")
    page.select_option("#population", label="people who want to talk about safety at home")
    page.wait_for_selector("#list .listing")
    page.click("#leave")
    page.wait_for_url("about:blank")
    assert (page.inner_text("body"), page.title()) == ("", "")
    page.go_back()
    if by_state:  # the page without a state lies before it
        assert page.input_value("#population") == ""
        assert page.is_hidden("#results")
    else:
        assert page.url == "about:blank"


def test_nothing_on_screen_names_violence_since_somebody_may_be_watched(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "60614")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    shown = page.inner_text("body") + " ".join(page.locator("option").all_text_contents())
    assert not re.search(r"violen|abus|batter|partner|hurt you", shown, re.IGNORECASE)


def test_the_page_forbids_every_request(visit, demo_finder):
    page = visit(demo_finder)
    policy = page.get_attribute("meta[http-equiv='Content-Security-Policy']", "content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert page.evaluate("document.querySelectorAll('[onclick], [onerror], [onload]').length") == 0
