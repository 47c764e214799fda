"""The command writes what the functions write."""

import pytest
from typer.testing import CliRunner

import iopdir as iop
from iopdir.cli.app import app


@pytest.fixture(scope="module")
def listing(tmp_path_factory):
    path = tmp_path_factory.mktemp("listing") / "SYNTHETIC.parquet"
    iop.demo_directory().select(state="VT").to_parquet(path)
    return path


@pytest.mark.parametrize(
    ("to", "name"), [("hsds", "x"), ("fhir", "x.ndjson"), ("excel", "x.xlsx"), ("gpkg", "x.gpkg"),
                     ("geojson", "x.geojson"), ("geoparquet", "x.parquet"), ("csv", "x.csv"), ("arrow", "x.arrow")]
)  # fmt: skip
def test_each_form_is_written(listing, tmp_path, to, name):
    asked = ["export", "--to", to, "--directory", str(listing), "--out", str(tmp_path / name)]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert done.exit_code == 0
    assert "Written" in done.stdout
    assert (tmp_path / name).exists()
    if to == "hsds":
        assert len(iop.read_hsds(tmp_path / name)) == 52
        assert "left out" in done.stdout
    elif to in ("excel", "gpkg", "geojson", "geoparquet", "csv"):
        assert len(iop.read_directory(tmp_path / name)) == 52
