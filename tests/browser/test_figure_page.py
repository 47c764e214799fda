"""A saved map opens offline, draws every county, and shows text of the data as text."""

import pytest

import iopdir as iop


@pytest.fixture(scope="module")
def nation(pages):
    iops = iop.demo_directory().select(level_of_care="iop")
    path = pages / "nation-map.html"
    iop.coverage_map(iop.coverage_gaps(iop.demand_points("zcta"), iops), iops).save(path)
    return path


@pytest.fixture(scope="module")
def vermont(pages, hostile_directory):
    iops = hostile_directory.select(level_of_care="iop")
    gaps = iop.coverage_gaps(iop.demand_points("zcta", state="VT"), iops)
    path = pages / "vermont-map.html"
    iop.coverage_map(gaps, iops).save(path)
    return path


def shapes(page):
    page.wait_for_selector(".mark-shape path")
    return page.eval_on_selector_all(
        ".mark-shape", "groups => groups.map((group) => group.childElementCount)"
    )


def test_every_county_and_the_borders_of_the_states_are_drawn(visit, nation):
    page = visit(nation)
    assert shapes(page) == [3144, 51]
    text = page.text_content("#chart svg")
    assert "SYNTHETIC: share of people within 30 mi of intensive outpatient care" in text
    assert "Source: US Census Bureau, American Community Survey" in text
    assert "99.5% or more" in text


def test_a_county_and_a_facility_tell_their_figures_as_text(visit, vermont):
    page = visit(vermont)
    assert shapes(page) == [14, 1]
    page.locator(".mark-shape path").first.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "Addison County, VT" in page.inner_text("#vg-tooltip-element")
    seen = set()
    for point in page.locator(".mark-symbol.role-mark path").all():
        point.hover(force=True)
        page.wait_for_selector("#vg-tooltip-element.visible >> text=Facility")
        seen.add(page.locator("#vg-tooltip-element td.value").first.inner_text())
        page.mouse.move(0, 0)
    assert '"><svg onload=alert(6)>' in seen
    assert "</script><script>alert(2)</script>" in seen or "<img src=x onerror=alert(1)>" in seen
    assert page.locator("#vg-tooltip-element img, #vg-tooltip-element svg").count() == 0


def test_axe_finds_nothing_serious(visit, axe, vermont):
    page = visit(vermont)
    shapes(page)
    assert axe(page) == []
