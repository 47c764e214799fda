"""Roads in a file: all comes back, and what was damaged says so."""

import hashlib
import io
import json
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import LoadError, WriteError
from iopdir.provenance import file_sha256

STREET = {"highway": "residential"}


@pytest.fixture
def extract(draw_map):
    nodes = {1: (0, 0), 2: (10, 0), 3: (10, 10), 4: (0, 10), 5: (5, 5, {"highway": "traffic_signals"})}
    ways = {1: ([1, 2, 3], STREET), 2: ([3, 4, 1], STREET), 3: ([1, 5, 3], STREET | {"access": "private"})}
    return draw_map(nodes, ways)


@pytest.fixture
def saved(extract, tmp_path):
    path = tmp_path / "town.roads"
    iop.Roads.read_pbf(extract).save(path)
    return path


@pytest.fixture
def ends(at):
    return at(a=(1, 0), b=(9, 9), c=(3, 3.5))


def test_saved_roads_are_the_same_roads(extract, saved, ends):
    before, after = iop.Roads.read_pbf(extract), iop.Roads.open(saved)
    assert repr(after) == repr(before)
    assert after.sources == before.sources
    assert after.sources[0].sha256 == file_sha256(extract)
    assert after.counts == before.counts
    tables = [iop.nearest(ends, ends, cost=roads, k=3) for roads in (before, after)]
    pd.testing.assert_frame_equal(*tables)
    assert tables[0].attrs == tables[1].attrs


def test_saving_twice_writes_the_same_network(extract, saved, tmp_path):
    iop.Roads.open(saved).save(tmp_path / "again.roads")
    files = [zipfile.ZipFile(tmp_path / name) for name in ("town.roads", "again.roads")]
    assert {name: files[0].read(name) for name in files[0].namelist()} == {
        name: files[1].read(name) for name in files[1].namelist()
    }


def test_roads_and_a_reach_on_them_pickle(extract, ends):
    reach = iop.reach(ends, ends, cost=iop.Roads.read_pbf(extract))
    asked = reach.nearest(k=2)
    other = pickle.loads(pickle.dumps(reach))  # noqa: S301
    pd.testing.assert_frame_equal(other.nearest(k=2), asked)


def test_a_folder_is_not_overwritten(extract, tmp_path):
    with pytest.raises(WriteError, match="a folder is there"):
        iop.Roads.read_pbf(extract).save(tmp_path)


def rewrite(path, change):
    """Write the archive anew, with a member changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def about(**changes):
    def change(members):
        head = json.loads(members["about.json"]) | changes
        members["about.json"] = json.dumps({k: v for k, v in head.items() if v is not None}).encode()

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (about(kind="iopdir facility index"), "another kind"),
        (about(version=99), "version 99"),
        (about(version=None), "version None"),
        (about(counts=None), "unreadable"),
        (about(source=None), "a wrong head"),
        (about(source={"title": 1}), "a wrong head"),
        (about(profile="name = "), "TOML|head"),
        (about(profile=1.5), "TOML|head"),
        (lambda members: members.pop("graph.turn.npy"), "unreadable"),
        (lambda members: members.pop("about.json"), "unreadable"),
        (lambda members: members.update({"graph.before.npy": members["graph.took.npy"]}), "damaged"),
        (lambda members: members.update({"shapes.lon.npy": b"no array"}), "unreadable"),
    ],
    ids=[
        "kind", "version", "no version", "counts", "source", "source name", "profile", "no profile", "array", "head",
        "swapped", "bytes",
    ],
)  # fmt: skip
def test_a_file_that_is_something_else_is_a_load_error(saved, change, found):
    rewrite(saved, change)
    with pytest.raises(LoadError, match=found):
        iop.Roads.open(saved)


def numbers(member, change):
    """Change an array, and give it the hash that it has then."""

    def rehash(members):
        array = np.load(io.BytesIO(members[member])).copy()
        out = io.BytesIO()
        np.lib.format.write_array(out, np.asarray(change(array)), version=(2, 0))
        members[member] = out.getvalue()
        head = json.loads(members["about.json"])
        head["sha256"][member] = hashlib.sha256(out.getvalue()).hexdigest()
        members["about.json"] = json.dumps(head).encode()

    return rehash


def first(value):
    def change(array):
        array.flat[0] = value
        return array

    return change


@pytest.mark.parametrize(
    "change",
    [
        numbers("shapes.lat.npy", first(1e300)),
        numbers("shapes.lon.npy", first(np.nan)),
        numbers("shapes.took.npy", first(2**31 - 1)),
        numbers("graph.took.npy", first(2**30)),
        numbers("graph.start.npy", first(7)),
        numbers("shapes.start.npy", lambda array: array[::-1]),
        numbers("graph.took.npy", lambda array: array.astype("float64")),
        numbers("graph.start.npy", lambda array: np.stack([array, array])),
        about(counts={"segments": "many"}),
        about(counts={}),
        about(source={"name": [], "retrieved": None}),
    ],
)
def test_numbers_that_no_writer_writes_are_refused_before_anything_is_searched(saved, change):
    rewrite(saved, change)
    with pytest.raises(LoadError, match=saved.name):
        iop.Roads.open(saved)


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_byte_is_never_read_as_roads(saved, seed):
    rng = np.random.default_rng(seed)
    data = bytearray(saved.read_bytes())
    with zipfile.ZipFile(saved) as archive:
        inside = [info.header_offset + 80 for info in archive.infolist() if info.file_size > 300]
    place = int(rng.choice(inside)) + int(rng.integers(0, 60))
    data[place] ^= 1 + int(rng.integers(0, 255))
    saved.write_bytes(data)
    with pytest.raises(LoadError):
        iop.Roads.open(saved)


@pytest.mark.parametrize("size", [0, 10, -10])
def test_a_file_that_was_cut_is_a_load_error(saved, size):
    saved.write_bytes(saved.read_bytes()[:size])
    with pytest.raises(LoadError, match="unreadable"):
        iop.Roads.open(saved)


def test_a_missing_file_is_a_load_error(tmp_path):
    with pytest.raises(LoadError, match="No such file"):
        iop.Roads.open(tmp_path / "none.roads")
