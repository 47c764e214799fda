"""Do the tests see a small wrong? Put seeded ones into a copy of the code, one at a time, and run its room's tests.

    python tests/mutation/run.py [--seed 1] [--each 20] [--seconds 3600] [ROOM ...]

A wrong is killed if a test fails, or hangs. What survives is listed with its place: a hole in the tests. What nobody
could see is no wrong; `equivalent.toml` says of each such change why, and it does not count.

The tests of a room and of its neighbours run once before, on a few examples each, and it is written down which of them
run which lines. A wrong is tried on those that run its statement, the quickest first, up to two minutes of them; if it
survives that, on others that run its module (what is cached or shared runs in one test only), for half a minute. What
is compiled cannot be recorded and is tried on all, for two minutes. Each wrong runs in a process of its own, forked
from one that has loaded everything but iopdir. Property tests try the same examples every time.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from sites import Wrong, statement_of, wrong_text, wrongs

ROOT = Path(__file__).parents[2]
ROOMS: dict[str, tuple[str, str]] = {
    "units": ("units.py", "tests/test_units.py src/iopdir/units.py"),
    "equity": (
        "measures/inequality.py",
        "tests/measures/test_inequality.py src/iopdir/measures/inequality.py",
    ),
    "measures": ("measures/*.py", "tests/measures src/iopdir/measures"),
    "loaders": (
        "loaders/*.py",
        "tests/loaders src/iopdir/loaders tests/intake tests/fetch tests/snapshots/test_store.py",
    ),
    "intake": ("intake/*.py", "tests/intake src/iopdir/intake tests/loaders tests/directory"),
    "travel": ("travel/*.py", "tests/travel src/iopdir/travel tests/measures/test_floating.py"),
    "spatial": ("spatial/*.py", "tests/spatial src/iopdir/spatial tests/travel/test_area.py"),
}
"""Room -> its modules, and the tests that hold it."""

LOADED = (
    "coverage geopandas hypothesis narwhals numba numpy pandas pyarrow.parquet pydantic pyproj pytest scipy"
    " shapely"
)
PATIENCE = 60
"""Seconds that a test may take beyond three times what it took; it may have to compile."""

LONGEST = 120
"""Seconds of tests that a wrong must survive."""

QUIET = "-x -q -p no:cacheprovider -p no:xdist -p no:randomly -W ignore::pytest.PytestAssertRewriteWarning"
_KEPT = Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8")
ALIKE = {(change["of"], change["text"]) for change in tomllib.loads(_KEPT)["change"]}
"""Module, and what is no wrong in it."""


def sample(tree: Path, room: str, each: int, seed: int) -> list[Wrong]:
    """Choose wrongs of a room, the same for the same seed."""
    modules = sorted((tree / "src" / "iopdir").glob(ROOMS[room][0]))
    if room == "measures":
        modules = [path for path in modules if path.name != "inequality.py"]
    found = [wrong for path in modules for wrong in wrongs(path)]
    return random.Random(f"{seed} {room}").sample(found, min(each, len(found)))  # noqa: S311 - repeatable


class Recorder:
    """Writes down which lines each test runs, and for how long it does."""

    def __init__(self, tree: Path) -> None:
        from coverage import Coverage

        self.tree, self.seconds = tree, dict[str, float]()
        self.coverage = Coverage(data_file=None, config_file=False, source=[str(tree / "src")])
        self.coverage.start()

    def pytest_runtest_protocol(self, item: Any) -> None:
        """Know which test runs."""
        self.coverage.switch_context(item.nodeid)
        self.seconds[item.nodeid] = 0.0

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Know how long it took."""
        self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write it down: tests by time, and for each line the tests that ran it."""
        self.coverage.stop()
        data = self.coverage.get_data()
        runs = {path: data.contexts_by_lineno(path) for path in data.measured_files()}
        (self.tree / "record.json").write_text(json.dumps([self.seconds, runs]))


class Chosen:
    """Runs some tests only, the quickest first; one that takes far too long ends the process."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Choose and order."""
        items[:] = [item for item in items if item.nodeid in self.seconds]
        items.sort(key=lambda item: self.seconds[item.nodeid])

    def pytest_runtest_protocol(self, item: Any) -> None:
        """Set the clock."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 3 * self.seconds[item.nodeid] + PATIENCE)


def passes(tree: Path, tests: list[str], cache: Path, seconds: dict[str, float] | None = None) -> bool:
    """Run tests in a fork of this process: all, and record them, or some."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = _tests(tree, tests, cache, seconds)
        except BaseException:  # noqa: BLE001 - whatever it is, this process must end here
            traceback.print_exc()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def _tests(tree: Path, tests: list[str], cache: Path, seconds: dict[str, float] | None) -> int:
    os.setsid()
    quiet = os.open(tree / "tests.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(tree)
    os.environ |= {"PYTHONPATH": str(tree / "src"), "NUMBA_CACHE_DIR": str(cache)}
    sys.path[:] = [str(tree / "src"), *(one for one in sys.path if "iopdir" not in one)]
    import numba
    import pytest
    from hypothesis import settings

    numba.config.CACHE_DIR = str(cache)
    sys.dont_write_bytecode = seconds is not None  # of code that is wrong
    settings.register_profile("few", max_examples=3, deadline=None, derandomize=True)
    plugin, profile = (Recorder(tree), "few") if seconds is None else (Chosen(seconds), "ci")
    return int(pytest.main([*QUIET.split(), f"--hypothesis-profile={profile}", *tests], plugins=[plugin]))


def copy(folder: Path) -> Path:
    """Copy the code; all else is linked."""
    tree = folder / "tree"
    tree.mkdir()
    for one in ROOT.iterdir():
        if one.name in ("src", "tests"):
            shutil.copytree(one, tree / one.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif not one.name.startswith("."):
            (tree / one.name).symlink_to(one)
    compileall.compile_dir(tree / "src", quiet=1)
    return tree


def survives(wrong: Wrong, tree: Path, cache: Path, room: str) -> bool:
    """Try one wrong: on the tests that run its statement, then on others that run its module."""
    seconds, runs = json.loads((tree / f"{room}.json").read_text())
    lines = {int(line): seconds.keys() & set(tests) for line, tests in runs.get(str(wrong.path), {}).items()}
    statement = statement_of(wrong) or ()
    near = set().union(*(lines.get(line, ()) for line in statement))
    others = set().union(*lines.values()) - near if near else set(seconds)
    text, times = wrong.path.read_bytes(), wrong.path.stat()
    wrong.path.write_text(wrong_text(wrong), encoding="utf-8")
    try:
        with tempfile.TemporaryDirectory(dir=cache.parent) as folder:
            own = Path(folder) / "numba"
            shutil.copytree(cache, own, copy_function=os.link)
            for stale in _users(tree, wrong.path):  # a loop that holds another is kept by its own text alone
                for kept in own.rglob(f"{stale}.*"):
                    kept.unlink()
            for tests, longest in ((near, LONGEST), (others, LONGEST / 4 if near else LONGEST)):
                chosen = quickest(tests, seconds, longest)
                files = sorted({test.partition("::")[0] for test in chosen})
                if chosen and not passes(tree, files, own, chosen):
                    return False
            return True
    finally:
        wrong.path.write_bytes(text)
        os.utime(wrong.path, ns=(times.st_atime_ns, times.st_mtime_ns))


def quickest(tests: set[str], seconds: dict[str, float], longest: float) -> dict[str, float]:
    """Choose tests that together take no longer, and say how long each does."""
    chosen = dict[str, float]()
    for test in sorted(tests, key=seconds.__getitem__):
        if sum(chosen.values()) + seconds[test] <= longest:
            chosen[test] = seconds[test]
    return chosen


def _users(tree: Path, path: Path) -> Iterator[str]:
    """Names of a module and of all that import it, or what imports it."""
    imports = {
        one: set(re.findall(r"from iopdir\.([\w.]+) import", one.read_text(encoding="utf-8")))
        for one in (tree / "src" / "iopdir").rglob("*.py")
    }
    todo, done = [path], set[Path]()
    while todo:
        one = todo.pop()
        if one not in done:
            done.add(one)
            name = ".".join(one.relative_to(tree / "src" / "iopdir").with_suffix("").parts)
            todo += [other for other, names in imports.items() if name in names]
            yield one.stem


def main() -> int:
    """Run the campaign and print its table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("rooms", nargs="*", choices=[*ROOMS, []], default=[])
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--each", type=int, default=20, help="wrongs a room")
    asked.add_argument("--seconds", type=float, default=3600, help="begin no further wrong after that")
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    for name in LOADED.split():
        __import__(name)
    assert not any(name.startswith("iopdir") for name in sys.modules)
    begun, table, holes = time.monotonic(), [], []
    with tempfile.TemporaryDirectory() as folder:
        tree, cache = copy(Path(folder)), Path(folder) / "numba"
        cache.mkdir()
        for room in given.rooms or ROOMS:
            if not passes(tree, ROOMS[room][1].split(), cache):
                print((tree / "tests.log").read_text()[-3000:])
                print(f"{room}: the tests fail before anything is wrong")
                return 1
            (tree / "record.json").rename(tree / f"{room}.json")
            counts = dict.fromkeys(("killed", "SURVIVED", "no wrong"), 0)
            for wrong in sample(tree, room, given.each, given.seed):
                if time.monotonic() - begun > given.seconds:
                    break
                began = time.monotonic()
                what = f"{wrong.path.relative_to(tree)}:{wrong.line}: {wrong.text} | {wrong.what}"
                module = wrong.path.relative_to(tree / "src" / "iopdir").as_posix()
                if (module, f"{wrong.text} | {wrong.what}") in ALIKE:
                    fate = "no wrong"
                else:
                    fate = "SURVIVED" if survives(wrong, tree, cache, room) else "killed"
                counts[fate] += 1
                holes += [what] if fate == "SURVIVED" else []
                print(f"{room:10} {fate:8} {time.monotonic() - began:4.0f} s {what}", flush=True)
            tried = counts["killed"] + counts["SURVIVED"]
            share = f", {counts['killed'] / tried:.0%}" if tried else ""
            alike = f", {counts['no wrong']} more are no wrong" if counts["no wrong"] else ""
            table.append(f"{room:10} {counts['killed']:4} of {tried:4} killed{share}{alike}")
    print("\n".join(["", *holes, "", *table]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
