"""The report in a real browser: the map for mouse, finger and keyboard, the table, print, dark and narrow."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

import iopdir as iop
from iopdir.measures.coverage import coverage_gaps
from iopdir.report.page import write_gaps, write_report
from iopdir.report.shades import classify

FIRST = ".county[tabindex='0']"


@pytest.fixture(scope="module")
def nation(pages):
    demand = iop.demand_points("zcta")
    return write_report(demand, iop.demo_directory(), pages / "nation.html", published=date(2026, 11, 24))


@pytest.fixture(scope="module")
def vermont(pages, hostile_directory):
    demand = iop.demand_points("zcta", state="VT")
    return write_report(demand, hostile_directory, pages / "vermont.html", state="vt", standard="15 mi")


@pytest.fixture(scope="module")
def vermont_gaps(hostile_directory):
    chosen = hostile_directory.select(level_of_care="iop")
    return coverage_gaps(iop.demand_points("zcta", state="VT"), chosen, standard="15 mi")


def rows_shown(page):
    return page.locator("#table tbody tr:visible th").all_inner_texts()


def shares(page):
    return page.eval_on_selector_all(
        "#table tbody tr", "rows => rows.map((r) => Number(r.cells[4].dataset.v))"
    )


def test_the_map_draws_every_county_of_the_nation(visit, nation):
    page = visit(nation)
    drawn = page.eval_on_selector_all(
        ".county",
        "shapes => shapes.filter((s) => { const b = s.getBBox(); return b.width > 0 && b.height > 0; })"
        ".map((s) => s.dataset.fips)",
    )
    counties = iop.geography.counties().query("state not in ['AS', 'GU', 'MP', 'VI']")
    assert sorted(drawn) == sorted(counties.index)
    frame = page.evaluate("(() => { const v = document.querySelector('#map svg').viewBox.baseVal;"
                          "const b = document.getElementById('counties').getBBox();"
                          "return [b.x, b.y, v.width - b.x - b.width, v.height - b.y - b.height]; })()")  # fmt: skip
    assert min(frame) >= 0, "nothing lies outside the sheet"


def test_a_tooltip_appears_on_hover_and_goes_away(visit, vermont, vermont_gaps):
    page = visit(vermont)
    row = vermont_gaps.loc["50007"]
    page.hover(".county[data-fips='50007']")
    text = page.inner_text("#tip")
    assert text.startswith("Chittenden County, VT")
    assert f"{row['share']:.1%} within 15 miles" in text
    assert f"{row['gap']:,.0f} of {row['people']:,.0f} people outside" in text
    assert "2 facilities in the county" in text
    page.hover("h1")
    assert page.is_hidden("#tip")


def test_the_keyboard_reaches_every_county_and_each_shows_its_tooltip_on_focus(visit, vermont):
    page = visit(vermont)
    page.focus("#search")
    for _ in ("second map", "facilities", "map"):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('.county')")
    assert page.is_visible("#tip")
    seen = {page.evaluate("document.activeElement.dataset.fips")}
    keys = [
        "Home",
        "ArrowRight",
        "ArrowDown",
        "ArrowDown",
        "ArrowLeft",
        "ArrowUp",
        "ArrowRight",
        "End",
        "ArrowUp",
    ]
    for key in keys:
        page.keyboard.press(key)
        seen.add(page.evaluate("document.activeElement.dataset.fips"))
        assert page.inner_text("#tip b") in page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert len(seen) >= 6
    page.keyboard.press("Escape")
    assert page.is_hidden("#tip")
    for shape in page.query_selector_all(".county"):
        shape.focus()
        assert page.is_visible("#tip")
    assert page.locator(FIRST).count() == 1


def test_enter_on_a_county_goes_to_its_row_even_if_it_was_filtered_away(visit, vermont):
    page = visit(vermont)
    page.fill("#search", "nothing like it")
    page.focus(FIRST)
    page.keyboard.press("End")
    fips = page.evaluate("document.activeElement.dataset.fips")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.id") == f"r{fips}"
    assert page.locator("tr.chosen").count() == 1
    assert page.input_value("#search") == ""


def test_a_finger_shows_the_figures_and_does_not_jump_away(visit, vermont):
    page = visit(vermont, width=390, height=844, has_touch=True)
    page.tap(".county[data-fips='50007']")
    assert page.inner_text("#tip b") == "Chittenden County, VT"
    assert page.locator("tr.chosen").count() == 0


def test_the_table_holds_the_figures_of_every_county(visit, vermont, vermont_gaps):
    page = visit(vermont)
    cells = page.eval_on_selector_all(
        "#table tbody tr", "rows => rows.map((r) => [r.id, ...[...r.cells].map((c) => c.textContent)])"
    )
    expected = [
        [f"r{fips}", row["name"], "VT", f"{row['people']:,.0f}", f"{row['gap']:,.0f}"]
        for fips, row in vermont_gaps.sort_values(["gap", "people"], ascending=False).iterrows()
    ]
    assert [row[:5] for row in cells] == expected
    assert [row[7] for row in cells] == [str(vermont_gaps.loc[row[0][1:], "facilities"]) for row in cells]


def test_the_table_sorts_by_number_and_by_name_and_says_so(visit, vermont, vermont_gaps):
    page = visit(vermont)
    page.click("thead >> text=Share within")
    assert shares(page) == sorted(vermont_gaps["share"].round(5), reverse=True)
    page.click("thead >> text=Share within")
    assert shares(page) == sorted(vermont_gaps["share"].round(5))
    assert page.get_attribute("#table thead th:nth-child(5)", "aria-sort") == "ascending"
    page.click("thead >> text=County")
    assert rows_shown(page) == sorted(vermont_gaps["name"])
    assert page.locator("th[aria-sort]").count() == 1


def test_the_table_filters_by_text_by_state_and_by_gap(visit, nation):
    page = visit(nation)
    assert page.inner_text("#count") == "3,222 counties, the first 200 of them below"
    assert len(rows_shown(page)) == 200
    page.fill("#search", "doña ana")
    assert rows_shown(page) == ["Doña Ana County"]
    page.fill("#search", "DONA ANA NM")
    assert rows_shown(page) == ["Doña Ana County"]
    page.fill("#search", "35013")
    assert rows_shown(page) == ["Doña Ana County"]
    page.fill("#search", "")
    page.select_option("#state", "DE")
    assert sorted(rows_shown(page)) == ["Kent County", "New Castle County", "Sussex County"]
    page.select_option("#state", "")
    page.check("#gaps-only")
    gaps = page.eval_on_selector_all(
        "#table tbody tr[data-fits=true]", "rows => rows.map((r) => Number(r.dataset.gap))"
    )
    assert 0 < len(gaps) < 3222
    assert min(gaps) > 0
    assert page.inner_text("#count").startswith(f"{len(gaps):,} of 3,222 counties")
    page.uncheck("#gaps-only")
    page.click("#all")
    assert page.locator("#table tbody tr:not([hidden])").count() == 3222


def test_what_is_shown_can_be_saved_as_csv(visit, nation):
    page = visit(nation, accept_downloads=True)
    page.select_option("#state", "DE")
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "SYNTHETIC_gaps_US.csv"
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))
    assert sorted(row["county_fips"] for row in rows) == ["10001", "10003", "10005"]
    assert {(row["vintage"], row["state"]) for row in rows} == {("2023", "DE")}
    assert all(float(row["gap"]) <= float(row["people"]) and 0 <= float(row["share"]) <= 1 for row in rows)


def test_text_of_the_directory_stays_text(visit, vermont):
    page = visit(vermont)
    names = page.locator("section[aria-labelledby='h-lonely'] tbody td:first-child").all_inner_texts()
    assert '"><svg onload=alert(6)>' in names
    assert page.locator("main img, main script, td svg").count() == 0
    assert page.locator(".banner").count() == 0, "nothing SYNTHETIC here"


def test_demo_data_is_marked_on_screen_in_print_and_in_the_title(visit, nation):
    page = visit(nation)
    assert page.title().startswith("SYNTHETIC")
    assert page.inner_text(".lead").startswith("SYNTHETIC")
    page.emulate_media(media="print")
    watermark = page.evaluate("getComputedStyle(document.body, '::after').content")
    assert watermark == '"SYNTHETIC"'


def test_print_keeps_the_figures_and_drops_the_controls(visit, nation):
    page = visit(nation)
    page.emulate_media(media="print")
    visible = page.locator("#table tbody tr:visible").count()
    controls = page.locator("input:visible, select:visible, #save:visible").count()
    note = page.is_visible(".first-rows-note")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    head = page.evaluate("getComputedStyle(document.querySelector('#table th'), '::before').content")
    assert head == '"County"', "text, which is printed anew on every sheet; buttons are not"
    assert (visible, controls, note, background) == (60, 0, True, "rgb(255, 255, 255)")
    assert page.pdf().startswith(b"%PDF")


def test_points_can_be_hidden(visit, vermont):
    page = visit(vermont)
    assert page.get_attribute(".sites.dot", "d").count("m") == 4, "four sites state intensive outpatient care"
    page.uncheck("#show-sites")
    assert page.is_hidden(".sites.dot")


def view(page):
    """West, north, width and height of what the map shows."""
    return [float(part) for part in page.get_attribute("#map svg", "viewBox").split()]


def middle(page):
    page.locator("#map svg").scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # until the page has come to rest
    box = page.locator("#map svg").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_buttons_wheel_and_keys_zoom_and_the_whole_map_comes_back(visit, vermont):
    page = visit(vermont)
    whole = view(page)
    page.click("[data-zoom='2']")
    assert view(page)[2] == whole[2] / 2
    page.click("[data-zoom='0']")
    assert view(page) == whole
    assert page.is_disabled("[data-zoom='0']")
    page.mouse.move(*middle(page))
    page.mouse.wheel(0, -300)
    page.wait_for_selector(".map.moved")
    assert view(page)[2] < 9000
    page.focus(FIRST)
    page.keyboard.press("0")
    assert view(page) == whole
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert view(page)[2] == whole[2] / 4
    for key in ("End", "Home"):  # the county in hand is never out of sight
        page.keyboard.press(key)
        box = page.evaluate("(() => { const b = document.activeElement.getBBox();"
                            "return [b.x + b.width / 2, b.y + b.height / 2]; })()")  # fmt: skip
        left, top, width, height = view(page)
        assert left <= box[0] <= left + width
        assert top <= box[1] <= top + height


def test_a_wheel_that_scrolls_the_page_is_not_caught_by_the_map(visit, vermont):
    page = visit(vermont)
    whole = view(page)
    page.mouse.move(*middle(page))
    scrolled = page.evaluate("scrollY")
    page.mouse.wheel(0, 400)
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") > scrolled
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(200)
    assert view(page) == whole


def test_a_drag_moves_the_map_and_does_not_jump_to_the_table(visit, vermont):
    page = visit(vermont)
    page.click("[data-zoom='2']")
    page.click("[data-zoom='2']")
    before = view(page)
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 40, steps=4)
    page.mouse.up()
    after = view(page)
    assert after[0] > before[0]
    assert after[1] > before[1]
    assert page.locator("tr.chosen").count() == 0


def test_two_fingers_zoom(visit, vermont):
    page = visit(vermont, width=390, height=844, has_touch=True)
    page.locator("#map").scroll_into_view_if_needed()
    x, y = middle(page)
    session = page.context.new_cdp_session(page)
    for kind, apart in (
        ("touchStart", 20),
        ("touchMove", 30),
        ("touchMove", 45),
        ("touchMove", 60),
        ("touchEnd", None),
    ):
        points = (
            [] if apart is None else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        )
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert view(page)[2] < 6000


def test_towns_neighbours_and_lakes_tell_where_one_is_and_more_of_them_close_up(visit, vermont):
    page = visit(vermont)
    named = (
        "[...document.querySelectorAll('.towns text')].filter((t) => getComputedStyle(t).display !== 'none')"
    )
    first = page.evaluate(f"{named}.map((t) => t.textContent)")
    assert {"Burlington", "Rutland", "Brattleboro"} <= set(first)
    boxes = page.evaluate(f"{named}.map((t) => {{ const b = t.getBoundingClientRect();"
                          "return [b.left, b.top + 2, b.right, b.bottom - 2]; })")  # fmt: skip
    for number, (left, top, right, bottom) in enumerate(boxes):
        assert not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in boxes[number + 1 :]
        ), "no name lies over another"
    assert page.get_attribute(".around", "d").count("M") >= 3, "New York, New Hampshire, Massachusetts"
    assert page.get_attribute(".lakes", "d").startswith("M")
    assert page.is_hidden(".points")
    page.click("[data-zoom='2']")
    assert len(page.evaluate(f"{named}.map((t) => t.textContent)")) > len(first)
    assert page.is_visible(".points")
    dots = sum(page.get_attribute(f".points .p{kind}", "d").count("m") for kind in range(6))
    assert dots == len(iop.demand_points("zcta", state="VT"))


def test_the_colour_shows_what_is_chosen_and_a_second_map_compares(visit, vermont, vermont_gaps):
    page = visit(vermont)
    page.select_option(".colour", "1")
    gaps = classify(vermont_gaps, "gap")
    kinds = page.eval_on_selector_all(
        "#counties .county", "all => all.map((s) => [s.dataset.fips, s.getAttribute('class')])"
    )
    assert dict(kinds) == {fips: f"county c{kind}" for fips, kind in gaps.items()}
    assert page.inner_text(".legend:visible").startswith("nobody")
    page.check("#second")
    assert page.locator(".atlas").count() == 2
    assert [page.locator(".colour").nth(i).input_value() for i in (0, 1)] == ["1", "0"]
    page.click("[data-zoom='2'] >> nth=0")
    both = page.eval_on_selector_all(".map svg", "all => all.map((s) => s.getAttribute('viewBox'))")
    assert both[0] == both[1]
    page.hover(".atlas:nth-child(2) .county[data-fips='50007']", force=True)
    assert page.locator(".tip:visible b").inner_text() == "Chittenden County, VT"
    assert page.locator("[id]").evaluate_all("all => new Set(all.map((e) => e.id)).size === all.length")
    page.uncheck("#second")
    assert page.locator(".atlas").count() == 1


def test_a_state_can_be_looked_at_close_up_puerto_rico_too(visit, nation):
    page = visit(nation)
    for state in ("PR", "DE"):
        page.select_option("#place", state)
        left, top, width, height = view(page)
        boxes = page.evaluate(
            "state => [...document.querySelectorAll('#counties .county')].filter((s) =>"
            " document.getElementById('r' + s.dataset.fips).dataset.state === state).map((s) => {"
            " const b = s.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; })", state
        )  # fmt: skip
        assert left <= min(b[0] for b in boxes)
        assert max(b[2] for b in boxes) <= left + width
        assert top <= min(b[1] for b in boxes)
        assert max(b[3] for b in boxes) <= top + height
        assert width < 4800
    assert "Puerto Rico (3.3 million people) is on the map" in page.inner_text("main")


@pytest.fixture(scope="module")
def gaps_page(pages):
    iops = iop.demo_directory().select(level_of_care="iop", payment="medicaid")
    reach = iop.reach(iop.demand_points("zcta", state="VT"), iops, state="VT")
    return write_gaps(reach, iops, iop.standards.parse_standard("15 mi"), pages / "gaps.html")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_page_of_gaps_has_the_map_the_table_and_the_marks_of_the_report(
    visit, axe, gaps_page, width, dark
):
    page = visit(gaps_page, width=width, dark=dark)
    assert page.title() == "SYNTHETIC: Who in Vermont can reach intensive outpatient care?"
    assert "that states it takes Medicaid" in page.inner_text(".lead")
    assert page.locator("#counties .county").count() == page.locator("#table tbody tr").count() == 14
    assert page.locator("#h-rings, #h-lonely, #h-ten-more").count() == 0
    page.focus(FIRST)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert gaps_page.stat().st_size < 200_000


def test_light_and_dark_shade_the_worst_class_unlike_the_ground(visit, nation):
    colours = {}
    for dark in (False, True):
        page = visit(nation, dark=dark)
        style = "getComputedStyle(document.querySelector('.county.c5')).fill"
        colours[dark] = (
            page.evaluate(style),
            page.evaluate("getComputedStyle(document.body).backgroundColor"),
        )
    assert colours[False] == ("rgb(86, 26, 104)", "rgb(251, 250, 246)")
    assert colours[True] == ("rgb(226, 180, 242)", "rgb(19, 25, 28)")


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_axe_finds_nothing_serious_and_nothing_runs_off_the_side(visit, axe, vermont, width, dark):
    page = visit(vermont, width=width, dark=dark)
    page.focus(FIRST)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_forbids_every_request(visit, nation):
    policy = visit(nation).get_attribute("meta[http-equiv='Content-Security-Policy']", "content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
