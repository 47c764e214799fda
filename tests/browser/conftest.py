"""Drive headless Chromium; every page must make no request and leave the console silent."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pandas as pd
import pytest

import iopdir as iop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            if item.get_closest_marker("xdist_group") is None:
                item.add_marker(pytest.mark.xdist_group(item.path.stem))  # pages are made once a file


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def tabs(browser: Any) -> Iterator[Callable[..., tuple[Any, list[str]]]]:
    """One tab for each kind of visitor, the network cut, and what it complained about."""
    opened: dict[str, tuple[Any, list[str]]] = {}

    def tab(**options: Any) -> tuple[Any, list[str]]:
        if repr(options) not in opened:
            page = browser.new_context(offline=True, **options).new_page()
            page.set_default_timeout(30_000)
            trouble: list[str] = []
            page.on("console", lambda message: trouble.append(f"console: {message.text}"))
            page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
            page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
            page.on("request", lambda request: trouble.append(f"request: {request.url}"))
            opened[repr(options)] = page, trouble
        return opened[repr(options)]

    yield tab
    for page, _ in opened.values():
        page.context.close()


@pytest.fixture
def visit(tabs: Callable[..., tuple[Any, list[str]]]) -> Iterator[Callable[..., Any]]:
    """Open a file; at the end, no other request and no console message may have been made."""
    own = ["request: data:", "request: blob:"]
    seen: list[list[str]] = []

    def open_page(
        path: Path, *, width: int = 1280, height: int = 900, dark: bool = False, **options: Any
    ) -> Any:
        page, trouble = tabs(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **options
        )
        page.goto("about:blank")
        page.emulate_media(media="null")  # the tab is shared: what an earlier test pretended is over
        trouble.clear()
        seen.append(trouble)
        own.append(f"request: {path.as_uri()}")
        page.goto(path.as_uri())
        return page

    yield open_page
    assert [line for trouble in seen for line in trouble if not line.startswith(tuple(own))] == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """Name every serious or critical finding of axe-core on a page."""
    script = AXE.read_text(encoding="utf-8")

    def findings(page: Any) -> list[str]:
        page.evaluate(script)
        result = page.evaluate("axe.run(document)")
        return [
            f"{rule['id']}: {node['html'][:120]}"
            for rule in result["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"][:3]
        ]

    return findings


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def look_for() -> Callable[[Any, str], None]:
    """Do what a person does first on a finder page."""

    def search(page: Any, text: str) -> None:
        page.fill("#place", text)
        page.click("button[type=submit]")

    return search


@pytest.fixture(scope="session")
def demo_finder(pages: Path) -> Path:
    return iop.write_finder(iop.demo_directory(), pages / "demo-finder.html")


@pytest.fixture(scope="session")
def hostile_finder(pages: Path, hostile_directory: iop.Directory) -> Path:
    """As if the readers had let every website pass."""
    frame = hostile_directory.to_geodataframe().drop(columns="geometry")
    frame["website"] = frame["name"].map(WEBSITES).fillna("")
    directory = iop.Directory(
        frame, quality=hostile_directory.quality, provenance=hostile_directory.provenance
    )
    return iop.write_finder(directory, pages / "hostile-finder.html")


HOSTILE = "<img src=x onerror=alert(1)>"
ALONE = '"><svg onload=alert(6)>'
WEBSITES = {
    "<img src=x onerror=alert(1)>": "javascript:alert(4)",
    "</script><script>alert(2)</script>": "https://www.example.org/<svg onload=alert(5)>",
    "Plain Clinic": "not a link",
}


@pytest.fixture(scope="session")
def hostile_directory() -> iop.Directory:
    """Listings whose text tries to be more than text, around Burlington, VT."""
    table = pd.DataFrame(
        {
            "name1": [
                HOSTILE,
                "</script><script>alert(2)</script>",
                "Plain Clinic",
                "{{title}} & Sons \u2028 Ltd",
                ALONE,
            ],
            "name2": ["", "<b onclick=alert(3)>bold</b>", "", '"quoted"', ""],
            "street1": [
                "1 Example Street",
                "2 <i>Example</i>",
                "3 Example Street",
                "4 Example Street",
                "5 Example",
            ],
            "city": ["Burlington", "Burlington", "Montpelier", "Barre", "Brattleboro"],
            "state": "VT",
            "zip": ["05401", "05401", "05602", "05641", "05301"],
            "phone": ["802-555-0101", "802-555-0102 x7", "802-555-0103", "", "802-555-0105"],
            "latitude": [44.4795, 44.49, 44.26, 44.2, 42.86],
            "longitude": [-73.2121, -73.2, -72.57, -72.5, -72.6],
            "codes": [
                "SA OIT MD ADLT GCO",
                "SA OIT PI YAD ICO",
                "SA OIT MD ADLT",
                "SA OP ORT ADLT",
                "SA OIT ADLT",
            ],
        }
    )
    return iop.read_facilities(table, name="hostile table")
