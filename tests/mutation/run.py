"""Do the tests see a small wrong? Put seeded ones into a copy of the code, one at a time, and run its room's tests.

    python tests/mutation/run.py [--seed 1] [--each 20] [--seconds 3600] [ROOM ...]

A wrong is killed if a test fails, or hangs. What survives is listed with its place: a hole in the tests, or a change
that nobody could see (an equivalent one), which a person tells apart. Each wrong runs in a process of its own, forked
from one that has loaded everything but iopdir. Property tests try the same examples every time.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from sites import Wrong, wrong_text, wrongs

ROOT = Path(__file__).parents[2]
ROOMS: dict[str, tuple[str, str]] = {
    "units": ("units.py", "tests/test_units.py src/iopdir/units.py"),
    "equity": (
        "measures/inequality.py",
        "tests/measures/test_inequality.py src/iopdir/measures/inequality.py",
    ),
    "measures": ("measures/*.py", "tests/measures src/iopdir/measures"),
    "loaders": ("loaders/*.py", "tests/loaders src/iopdir/loaders"),
    "intake": ("intake/*.py", "tests/intake src/iopdir/intake tests/loaders"),
    "travel": ("travel/*.py", "tests/travel src/iopdir/travel"),
    "spatial": ("spatial/*.py", "tests/spatial src/iopdir/spatial"),
}
"""Room -> its modules, and the tests that hold it, in the order they are asked."""

LOADED = (
    "geopandas hypothesis narwhals numba numpy pandas pyarrow.parquet pydantic pyproj pytest scipy shapely"
)
LONGEST = 900


def sample(tree: Path, room: str, each: int, seed: int) -> list[Wrong]:
    """Choose wrongs of a room, the same for the same seed."""
    modules = sorted((tree / "src" / "iopdir").glob(ROOMS[room][0]))
    if room == "measures":
        modules = [path for path in modules if path.name != "inequality.py"]
    found = [wrong for path in modules for wrong in wrongs(path)]
    return random.Random(f"{seed} {room}").sample(found, min(each, len(found)))  # noqa: S311 - repeatable


def passes(tree: Path, tests: list[str], limit: float, cache: Path) -> tuple[bool, float]:
    """Run tests in a fork of this process; a hang is no pass."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = _tests(tree, tests, cache)
        except BaseException:  # noqa: BLE001 - whatever it is, this process must end here
            traceback.print_exc()
        os._exit(code)
    while time.monotonic() - begun < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0, time.monotonic() - begun
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False, time.monotonic() - begun


def _tests(tree: Path, tests: list[str], cache: Path) -> int:
    os.setsid()
    quiet = os.open(tree / "tests.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(tree)
    os.environ |= {"PYTHONPATH": str(tree / "src"), "NUMBA_CACHE_DIR": str(cache)}
    sys.path[:] = [str(tree / "src"), *(one for one in sys.path if "iopdir" not in one)]
    import numba
    import pytest

    numba.config.CACHE_DIR = str(cache)
    options = [
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "--hypothesis-profile=ci",
    ]
    return int(pytest.main([*options, *tests]))


def copy(folder: Path) -> Path:
    """Copy the code; all else is linked."""
    tree = folder / "tree"
    tree.mkdir()
    for one in ROOT.iterdir():
        if one.name in ("src", "tests"):
            shutil.copytree(one, tree / one.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif not one.name.startswith("."):
            (tree / one.name).symlink_to(one)
    return tree


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
        for room in given.rooms or ROOMS:
            tests = ROOMS[room][1].split()
            good, seconds = passes(tree, tests, 3 * LONGEST, cache)
            if not good:
                print((tree / "tests.log").read_text()[-3000:])
                print(f"{room}: the tests fail before anything is wrong")
                return 1
            tried = killed = 0
            for wrong in sample(tree, room, given.each, given.seed):
                if time.monotonic() - begun > given.seconds:
                    break
                text = wrong.path.read_bytes()
                wrong.path.write_text(wrong_text(wrong), encoding="utf-8")
                compiles = room == "spatial"  # a kernel that holds another is kept by its own text alone
                fresh = Path(tempfile.mkdtemp(dir=folder)) if compiles else cache
                survived, _ = passes(tree, tests, min(LONGEST, 3 * seconds + 60), fresh)
                wrong.path.write_bytes(text)
                tried += 1
                killed += not survived
                if survived:
                    holes.append(f"{wrong.path.relative_to(tree)}:{wrong.line}: {wrong.what}")
                print(
                    f"{room:10} {'SURVIVED' if survived else 'killed  '} {wrong.path.name}:{wrong.line} {wrong.what}",
                    flush=True,
                )
            table.append(
                f"{room:10} {killed:4} of {tried:4} killed" + (f", {killed / tried:.0%}" if tried else "")
            )
    print("\n".join(["", *holes, "", *table]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
