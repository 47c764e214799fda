"""Loops run whatever the state of the disk, and without a compiler too."""

import os
import subprocess
import sys

import pytest

from iopdir.spatial.compiled import compiled

ADD = "from iopdir.spatial.compiled import compiled\n\n\n@compiled\ndef add_one(x):\n    return x + 1\n"


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Import a compiled function in a process of its own, as a user's next process does."""
    (tmp_path / "loops.py").write_text(ADD)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)

    def run(before=""):
        code = (
            f"{before}\nimport loops\nprint(loops.add_one(1), sum(loops.add_one.stats.cache_hits.values()))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


def test_later_processes_read_what_the_first_one_kept(fresh):
    assert [fresh(), fresh()] == [["2", "0"], ["2", "1"]]


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize(("share", "then"), [(0, b""), (0.5, b""), (0, b"nonsense")])
def test_a_damaged_compilation_is_made_anew(fresh, tmp_path, suffix, share, then):
    fresh()
    for file in (tmp_path / "cache").rglob(f"*.{suffix}"):
        data = file.read_bytes()
        file.write_bytes(data[: int(share * len(data))] + then)
    assert [fresh(), fresh()] == [["2", "0"], ["2", "1"]]


def test_a_full_disk_keeps_nothing_and_stops_nothing(fresh):
    full = """
import numba.core.caching as caching
def refuse(*_): raise OSError(28, "No space left on device")
caching.IndexDataCacheFile.save = refuse
"""
    assert [fresh(full), fresh()] == [["2", "0"], ["2", "0"]]


def test_where_nothing_can_be_kept_on_disk_it_compiles_all_the_same(monkeypatch):
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    assert compiled(lambda x: x + 1)(1) == 2


def test_without_a_compiler_the_answers_are_the_same(monkeypatch):
    code = """
import numpy as np
from iopdir.arrays import PackedTree, disk_sums, nearest_batch, ring_sums, within_batch
from iopdir.spatial.live import DynamicIndex
rng = np.random.default_rng(1)
there, here = rng.uniform(-60, 60, (2, 100)), rng.uniform(-60, 60, (2, 20))
tree, live = PackedTree(*there), DynamicIndex(*there)
for k in (1, 3, 100):
    for ours, theirs in zip(nearest_batch(tree, *here, k), live.nearest(*here, k), strict=True):
        np.testing.assert_array_equal(ours, theirs)
distances = live.nearest(*here, 100)[1]
within = distances <= 2e6
assert (ring_sums(tree, *here, [2e6])[:, 0] == within.sum(axis=1)).all()
assert (disk_sums(tree, *here, np.full((100, 1), 2e6))[:, 0] == within.sum(axis=1)).all()
assert within_batch(tree, *here, 2e6)[0].size == within.sum()
"""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
