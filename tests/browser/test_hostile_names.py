"""Text of a listing is never run, whichever way it leaves: a stream, a notebook, a report."""

import io
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import iopdir as iop
from iopdir.report.page import write_gaps

NAMES = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "</text><script>alert(4)</script>",
    "]]><script>alert(5)</script>",
    "<!--<script>alert(6)//-->",
    "javascript:alert(7)",
    "<iframe srcdoc='<script>parent.alert(8)</script>'>",
    "<a href=javascript:alert(9)>x</a>",
    "</title><script>alert(10)</script>",
    "<style>@import url(https://example.org/11.css)</style>",
    "{{7*7}}${alert(12)}`alert(12)`",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(13)>",
    "&lt;script&gt;alert(14)&lt;/script&gt;",
]
CELLS = [
    "import pandas as pd, iopdir as iop\nnames = {names!r}",
    "listing = iop.read_directory({path!r})\nlisting",
    "listing.quality",
    "listing.to_geodataframe().drop(columns='geometry').head(20)",
    "iop.nearest('05401', listing, k=20)",
    "gaps = iop.coverage_gaps(iop.demand_points('zcta', state='VT'), listing)\niop.coverage_map(gaps, listing)",
    "demand = iop.demand_points('zcta', state='VT').head(len(names))\ndemand.index = names[: len(demand)]",
    "iop.reach(demand, listing)",
    "iop.what_if(demand, listing, open=demand.head(1), standard='5 mi')",
    "plan = iop.site(demand, listing, n=2, method='greedy', standard='5 mi')\nplan",
    "iop.Standard(name=names[1], limits={{None: iop.standards.Limit(distance_m=9e3)}}, source=names[0])",
    "iop.diff(listing, listing.remove(listing.table.index[:2]), years=(2018, 2019)).sites.head()",
    "iop.link(listing, listing).head()",
    "iop.report.rank_change_chart(pd.DataFrame(dict(a=range(len(names)), b=range(len(names), 0, -1)), index=names))",
    "iop.report.lorenz_chart(pd.DataFrame({{'people': [1]}} | {{name: [1.0] for name in names[:7]}}), title=names[1])",
]  # fmt: skip


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("listing") / "<img src=x onerror=alert(0)>.csv"
    columns = {
        "name1": NAMES,
        "name2": NAMES[::-1],
        "street1": NAMES,
        "city": NAMES,
        "<b onclick=alert(0)>": NAMES,
    }
    pd.DataFrame(columns | {"state": "VT", "zip": "05401", "service_code_info": "SA * OIT"}).to_csv(
        path, index=False
    )
    return path


def test_an_executed_notebook_runs_nothing_and_asks_for_nothing(visit, pages, listing):
    cells = [nbformat.v4.new_code_cell(text.format(names=NAMES, path=str(listing))) for text in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), pages / "hostile.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "--template", "basic"]
    done = subprocess.run([*command, pages / "hostile.ipynb"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    path = pages / "hostile.html"
    head = '<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><title>notebook</title>'
    path.write_text(head + path.read_text(encoding="utf-8"), encoding="utf-8")
    page = visit(path)
    page.wait_for_timeout(500)
    assert page.locator("img[src^='data:image/svg+xml']").count() == 3
    text = page.text_content("body")
    assert [name for name in NAMES if name.split()[0] not in text] == []
    assert page.locator("script, iframe, svg[onload], img:not([src^='data:'])").count() == 0


def page_of(kind, directory, path):
    demand = iop.demand_points("zcta", state="VT")
    if kind == "report":
        changes = iop.diff(directory, directory.remove(directory.table.index[:3]), years=(2018, 2019))
        return iop.write_report(demand, directory, path, state="VT", standard="5 mi", changes=changes)
    if kind == "gaps":
        rule = iop.Standard(
            name=NAMES[1], limits={None: iop.standards.Limit(distance_m=9_000)}, source=NAMES[0]
        )
        return write_gaps(iop.reach(demand, directory, state="VT"), directory, rule, path)
    return iop.write_finder(directory, path, title=NAMES[1], lang=kind[-2:])


@pytest.mark.parametrize("kind", ["report", "gaps", "finder-en", "finder-es"])
def test_a_page_of_hostile_names_shows_them_and_runs_none(visit, pages, listing, kind, look_for):
    path = page_of(kind, iop.read_directory(listing), pages / f"names-{kind}.html")
    page = visit(path)
    if kind.startswith("finder"):
        look_for(page, "05401")
    page.wait_for_timeout(500)
    if kind.startswith("finder"):
        text = page.text_content("body")
        assert [name for name in NAMES[:3] if name not in text] == []
    hostile = "img[src='x'], iframe, [onclick], [onload], [onerror], [href^='javascript'], math, style ~ img"
    assert page.locator(hostile).count() == 0


def test_a_figure_written_to_a_stream_is_as_inert_as_a_file(visit, pages):
    table = pd.DataFrame({"a": range(len(NAMES)), "b": range(len(NAMES), 0, -1)}, index=NAMES)
    stream = io.StringIO()
    iop.report.rank_change_chart(table, title=NAMES[9]).save(stream, "html")
    path = pages / "stream.html"
    path.write_text(stream.getvalue(), encoding="utf-8")
    page = visit(path)
    page.wait_for_selector("#chart svg")
    assert NAMES[1] in page.text_content("#chart svg")
    assert page.locator("#chart script, #chart img, #chart svg[onload]").count() == 0


def test_the_picture_of_a_notebook_is_inert_even_where_it_becomes_part_of_the_page(visit, pages, listing):
    table = pd.DataFrame({"a": range(len(NAMES)), "b": range(len(NAMES), 0, -1)}, index=NAMES)
    directory = iop.read_directory(listing)
    gaps = iop.coverage_gaps(iop.demand_points("zcta", state="VT"), directory)
    figures = [
        iop.report.rank_change_chart(table, title=NAMES[1]),
        iop.coverage_map(gaps, directory),
    ]
    bundles = [figure._repr_mimebundle_() for figure in figures]
    assert [set(bundle) for bundle in bundles] == [{"image/svg+xml", "text/plain"}] * 2
    path = pages / "inline.html"
    head = '<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><title>inline</title>'
    path.write_text(head + "".join(bundle["image/svg+xml"] for bundle in bundles), encoding="utf-8")
    page = visit(path)
    page.wait_for_timeout(500)
    assert NAMES[1] in page.locator("svg").first.text_content()
    assert page.locator("script, iframe, img, svg[onload], svg a").count() == 0
