"""The documentation in a real browser: built strictly, it asks nobody outside for anything, and search works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    "index.html", "gallery.html", "tutorials/first-ten-minutes.html", "how-to/load-each-source.html",
    "reference/index.html", "reference/directory.html", "explanation/safety.html", "data/packs.html",
    "notebooks/06_coverage_gaps.html",
]  # fmt: skip

pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if built := os.environ.get("IOPDIR_SITE"):
        return Path(built)
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "docs/generate.py"], cwd=ROOT, check=True, capture_output=True)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def server(site):
    command = [
        sys.executable,
        "-u",
        "-m",
        "http.server",
        "0",
        "--bind",
        "127.0.0.1",
        "--directory",
        str(site),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        port = re.search(r"port (\d+)", process.stdout.readline())
        assert port is not None
        yield f"http://127.0.0.1:{port[1]}/"
        process.terminate()


@pytest.fixture
def reader(browser):
    page = browser.new_context().new_page()
    page.trouble = []
    page.on("requestfailed", lambda request: page.trouble.append(f"failed: {request.url}"))
    page.on("pageerror", lambda error: page.trouble.append(f"error: {error}"))
    page.on(
        "request",
        lambda request: page.trouble.append(request.url) if "127.0.0.1" not in request.url else None,
    )
    yield page
    page.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_nobody_outside_and_fails_at_nothing(reader, server, path):
    reader.goto(server + path, wait_until="networkidle")
    assert reader.locator("h1").first.inner_text()
    assert [line for line in reader.trouble if not line.startswith(("data:", "blob:"))] == []


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("coverage_gaps", "reference/"),
        ("telehealth", "reference/commands"),
        ("shapefile", "how-to/own-areas"),
        ("GeoPackage", "how-to/"),
        ("legislative district", "how-to/own-areas"),
    ],
)
def test_search_finds_what_people_call_it(reader, server, words, page):
    reader.goto(server + "index.html", wait_until="networkidle")
    field = reader.locator("input[name=query]")
    field.click()
    field.press_sequentially(words)
    # what the first letters found is listed before what the words find
    reader.locator(f".md-search-result__link[href*='{page}']").first.wait_for(timeout=30_000)


def test_pages_show_what_their_blocks_give(reader, server):
    reader.goto(server + "index.html", wait_until="networkidle")
    picture = reader.locator("img.shown").first
    assert picture.evaluate("image => image.naturalWidth") > 600
    assert "SYNTHETIC" in picture.get_attribute("alt")
    assert reader.locator("div.shown table").count() >= 2
    reader.goto(server + "how-to/standard.html", wait_until="networkidle")
    assert "SYNTHETIC" in reader.locator("pre.shown").first.inner_text()


@pytest.mark.parametrize("path", ["index.html", "how-to/site.html", "how-to/standard.html", "gallery.html"])
def test_code_is_not_cut_off_at_1280(reader, server, path):
    reader.set_viewport_size({"width": 1280, "height": 900})
    reader.goto(server + path, wait_until="networkidle")
    wide = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
    assert reader.locator(".highlight pre > code").evaluate_all(wide) == []


@pytest.mark.parametrize(
    "path", ["index.html", "reference/directory.html", "notebooks/10_claims_scoreboard.html"]
)
def test_axe_finds_nothing_serious_in_the_text(reader, server, axe, path):
    reader.goto(server + path, wait_until="networkidle")
    assert axe(reader) == []
