import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from iopdir import datasets
from iopdir.errors import LoadError, UnknownNameError

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.parent.name for path in (ROOT / "datasets").glob("*/datapackage.json"))
ROWS = {"counties": 3233, "states": 56, "zcta": 33774, "connecticut_2020": 8, "nssats_2020_by_state": 53}


def test_every_pack_folder_is_listed():
    assert list(datasets.list_packs().index) == NAMES
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_is_the_file_its_description_names(name):
    about = json.loads((ROOT / "datasets" / name / "datapackage.json").read_text())
    datasets.verify_pack(name)
    table = datasets.open_pack(name)
    resource = about["resources"][0]
    assert len(table) == resource["rows"] == ROWS.get(name, len(table))
    described = [field["name"] for field in resource["schema"]["fields"]]
    assert set(described) == set(table.reset_index().columns) - {"index"}
    assert all(field["description"] for field in resource["schema"]["fields"])
    assert about["licenses"]
    assert about["sources"]
    assert all(source["title"] and source["licence"] for source in about["sources"])
    assert about["synthetic"] == ("SYNTHETIC" in about["title"])


@pytest.mark.parametrize("name", NAMES)
def test_codes_are_text(name):
    table = datasets.open_pack(name)
    for column in table.columns:
        if column in {"county_fips", "state_fips", "zip", "zcta", "old_fips", "code"}:
            assert table[column].dtype == "str", column


def test_the_packs_hold_the_published_totals():
    assert datasets.open_pack("zcta")["population"].sum() == 334_365_877
    survey = datasets.open_pack("nssats_2020_by_state")
    assert survey[["facilities", "iop", "iop_medicaid"]].sum().tolist() == [16066, 7243, 5268]
    weights = datasets.open_pack("zcta_county")
    assert weights.groupby("zip")["weight"].sum().sub(1).abs().max() < 1e-9
    assert set(weights["county_fips"]) <= set(datasets.open_pack("counties")["county_fips"])


def test_an_unknown_pack_is_named_with_its_neighbours():
    with pytest.raises(UnknownNameError, match="no data pack 'county'; did you mean"):
        datasets.open_pack("county")


def test_a_damaged_pack_is_found_out(monkeypatch, tmp_path):
    (tmp_path / "x").mkdir()
    about = json.loads((ROOT / "datasets" / "states" / "datapackage.json").read_text())
    about["resources"][0]["path"] = "x.parquet"
    (tmp_path / "x" / "datapackage.json").write_text(json.dumps(about))
    (tmp_path / "x" / "x.parquet").write_bytes(b"damaged")
    monkeypatch.setattr(datasets, "_ROOT", tmp_path)
    with pytest.raises(LoadError, match="sha256"):
        datasets.verify_pack("x")


def test_packs_that_need_nothing_from_outside_are_rebuilt_byte_for_byte(tmp_path):
    kept_by_hand = {"service_codes", "nssats_series", "county_changes", "state_standards"}
    assert rebuild(tmp_path, *kept_by_hand, "demo_directory") == kept_by_hand | {"demo_directory"}


@pytest.mark.real
def test_packs_whose_sources_are_within_reach_are_rebuilt_byte_for_byte(real_data, tmp_path):
    """Fetches the packages by the ordinary clients where they are not in the cache; offline, checks the others."""
    assert rebuild(tmp_path, *(set(NAMES) - {"demo_directory"})) >= {"county_changes", "nssats_2020_by_state"}


def rebuild(folder, *names):
    """Build packs anew, hold each against the kept one, and name those that could be built."""
    command = [sys.executable, "datasets/build.py", "--where-possible", "--to", str(folder), *sorted(names)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    rebuilt = {path.stem: path for path in folder.glob("*/*.parquet")}
    for name, path in rebuilt.items():
        kept = datasets.pack_path(name)
        if writers(path) == writers(kept):
            assert path.read_bytes() == kept.read_bytes(), name
            descriptions = [
                (folder / "datapackage.json").read_bytes() for folder in (path.parent, kept.parent)
            ]
            assert descriptions[0] == descriptions[1], name
        else:
            pd.testing.assert_frame_equal(pd.read_parquet(path), pd.read_parquet(kept))
    return set(rebuilt)


def writers(path):
    """Libraries whose versions stand in the file, and so in its bytes."""
    about = pq.read_metadata(path)
    notes = about.metadata
    geo = json.loads(notes.get(b"geo", b"{}")).get("creator")
    return about.created_by, json.loads(notes.get(b"pandas", b"{}")).get("pandas_version"), geo


def test_the_wheel_carries_every_pack(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.stat().st_size < 10_000_000
    inside = set(zipfile.ZipFile(wheel).namelist())
    for name in NAMES:
        assert {f"iopdir/packs/{name}/datapackage.json", f"iopdir/packs/{name}/{name}.parquet"} <= inside
    assert "iopdir/py.typed" in inside
    assert not [name for name in inside if name.endswith((".csv", "build.py"))]
