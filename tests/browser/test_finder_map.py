"""The map of the finder page: moved by mouse, wheel, fingers and keys, and named so that a place is recognised."""

import re

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.report.finder import write_finder


def test_the_map_marks_the_places_of_the_list(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "60614")
    assert sorted(page.locator(".mark text").all_text_contents(), key=int) == [str(i) for i in range(1, 21)]
    assert page.get_attribute(".land", "d").startswith("M")
    page.locator(".mark text", has_text=re.compile("^7$")).dispatch_event("click")  # another may lie on top
    assert page.locator(".listing.chosen .rank").inner_text() == "7"


@pytest.mark.parametrize(
    ("text", "state"), [("99501", "AK"), ("96813", "HI"), ("00901", "PR"), ("99546", "AK")]
)
def test_far_states_have_a_map_too(look_for, visit, demo_finder, text, state):
    page = visit(demo_finder)
    page.select_option("#level", "")
    page.select_option("#range", "")
    look_for(page, text)
    if state != "PR":
        assert state in page.locator(".listing").first.inner_text()
    assert page.is_visible("#map .land")


def scale(page):
    """Miles that 100 pixels are."""
    miles = float(page.text_content("#map-scale text").split()[0])
    return miles / page.locator("#map-scale path").bounding_box()["width"] * 100


def here(page):
    box = page.locator(".here circle").bounding_box()
    return np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def test_the_map_is_moved_by_mouse_wheel_buttons_and_keys(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "60614")
    whole, start = scale(page), here(page)
    page.click("#zoom-in")
    page.wait_for_timeout(250)
    assert scale(page) == pytest.approx(whole / 1.6, rel=0.03)
    page.focus("#sheet")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(250)
    assert here(page) - start == pytest.approx([-60, 0], abs=1)
    page.keyboard.press("0")
    assert here(page) == pytest.approx(start, abs=1)
    page.mouse.move(start[0] + 40, start[1] + 90)
    page.mouse.down()
    page.mouse.move(start[0] + 70, start[1] + 140, steps=4)
    page.mouse.up()
    page.wait_for_timeout(250)
    assert here(page) - start == pytest.approx([30, 50], abs=1)
    held = here(page)
    page.mouse.move(*held)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(250)
    assert here(page) == pytest.approx(held, abs=1.5), "what is under the pointer stays there"
    assert scale(page) < whole * 0.8
    page.keyboard.press("0")
    assert scale(page) == pytest.approx(whole, rel=0.03)


def test_two_fingers_move_the_map_and_one_scrolls_the_page(look_for, visit, demo_finder):
    page = visit(demo_finder, width=390, height=844, has_touch=True)
    look_for(page, "60614")
    page.locator("#sheet").scroll_into_view_if_needed()
    whole, start = scale(page), here(page)
    touch = page.context.new_cdp_session(page)

    def fingers(kind, *apart):
        points = [{"x": start[0] + dx, "y": start[1] + 40} for dx in apart]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", -30, 30)
    fingers("touchMove", -45, 45)
    fingers("touchMove", -60, 60)
    fingers("touchEnd")
    page.wait_for_timeout(250)
    assert scale(page) == pytest.approx(whole / 2, rel=0.05)
    assert page.evaluate("getComputedStyle(document.getElementById('sheet')).touchAction") == "pan-x pan-y"


def test_listings_at_one_point_fan_out_so_that_each_can_be_touched(look_for, visit, pages):
    table = pd.DataFrame(
        {"name": list("ABCDE"), "city": "Barre", "state": "VT", "zip": "05641", "codes": "SA OIT"}
    )
    page = visit(write_finder(iop.read_facilities(table, name="t"), pages / "fan.html"))
    look_for(page, "05641")
    boxes = [mark.bounding_box() for mark in page.locator(".mark > g circle").all()]
    centres = np.array([[box["x"] + box["width"] / 2, box["y"] + box["height"] / 2] for box in boxes])
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    assert len(centres) == 5
    assert apart[~np.eye(5, dtype=bool)].min() > 24
    assert np.linalg.norm(centres - here(page), axis=1).min() > 20
    page.locator(".mark", has_text=re.compile("C")).locator("text").click()
    assert page.inner_text(".listing.chosen h3").endswith("C")


def test_on_a_wide_screen_the_map_follows_the_list(look_for, visit, demo_finder):
    page = visit(demo_finder)
    look_for(page, "60614")
    page.click("#zoom-in")
    page.locator("#list .listing").nth(14).evaluate("card => card.scrollIntoView({ behavior: 'instant' })")
    page.locator(".mark.chosen text", has_text=re.compile("^1[456]$")).wait_for()
    window, mark = page.locator("#sheet").bounding_box(), page.locator(".mark.chosen circle").bounding_box()
    assert 0 < mark["x"] - window["x"] < window["width"]
    assert 0 < mark["y"] - window["y"] < window["height"]
    assert window["y"] >= 0


def test_the_map_names_places_counties_and_zip_codes_where_they_are(look_for, visit, demo_finder):
    page = visit(demo_finder)
    page.select_option("#range", "50")
    look_for(page, "Springfield, IL")
    words = page.locator("#map-names text").all_text_contents()
    assert any(word.endswith("County") for word in words)
    assert {"Sangamon"} & set(words) or len(words) > 8
    look_for(page, "Madison, WI")
    assert page.get_attribute(".lake", "d").startswith("M")
    look_for(page, "00901")
    page.select_option("#level", "")
    page.select_option("#range", "")
    assert "Bayamon" in page.locator("#map-names text").all_text_contents()
