"""Whenever a writer is killed, the old is there or the new, whole, and no draft that is taken for either.

`IOPDIR_KILLS=500` kills that often over all writers, `IOPDIR_FIRST=1000` at other moments than the first ones.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fetch"))
from loopback import Locator  # noqa: E402

WRITERS = (
    "parquet", "excel", "geopackage", "geojson", "matrix", "index", "roads", "finder", "page", "report", "figure",
    "store", "hsds", "fhir", "fhir-folder", "gaps-book", "gaps-csv", "gaps-parquet", "gaps-layer",
    "gaps-arrow",
)  # fmt: skip
KILLS, FIRST = int(os.environ.get("IOPDIR_KILLS", "66")), os.environ.get("IOPDIR_FIRST", "0")
EACH = -(-KILLS // (len(WRITERS) + 1))


def kills(what, folder):
    run = subprocess.run(
        [sys.executable, HERE / "kills.py", what, folder, FIRST, str(EACH)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-800:]
    told = json.loads(run.stdout)
    print(what, told["found"])  # noqa: T201 - the figures of a campaign
    assert told["faults"] == {}
    return told["found"]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_killed_writer_leaves_the_old_or_the_new(kind, tmp_path):
    found = kills(kind, tmp_path)
    assert any(state.startswith("killed") for state in found)
    assert sum(found.values()) == EACH


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_killed_fetch_goes_on_and_asks_for_nothing_twice_that_was_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Locator() as locator:
        found = kills(locator.url, tmp_path)
        pages = len(locator.rows) // 2
        assert found["killed"]
        assert len(locator.asked) <= (EACH + 2 + found.get("done", 0)) * pages + found["killed"]
