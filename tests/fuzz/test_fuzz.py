"""However a file is damaged, it is read, every row of a listing accounted for, or refused as a `LoadError`.

`IOPDIR_FUZZ=100000` tries that many of each format, `IOPDIR_FIRST=1000000` others than the first ones.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iopdir.errors import LoadError

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from batch import fault  # noqa: E402
from families import FAMILIES, mutant, seed  # noqa: E402

TRIED, FIRST = int(os.environ.get("IOPDIR_FUZZ", "30")), int(os.environ.get("IOPDIR_FIRST", "0"))
BATCH = 2_000


@pytest.mark.parametrize("kind", FAMILIES)
def test_damaged_files_are_read_or_refused(kind):
    for first in range(FIRST, FIRST + TRIED, BATCH):
        count = min(BATCH, FIRST + TRIED - first)
        run = subprocess.run(
            [sys.executable, "-W", "error", HERE / "batch.py", kind, str(first), str(count)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"died at {run.stderr[-800:]}"
        assert json.loads(run.stdout) == {}


@pytest.mark.parametrize("kind", FAMILIES)
def test_mutants_are_many_and_the_same_for_the_same_seed(tmp_path, kind):
    good = seed(kind, tmp_path / f"SYNTHETIC.{kind}")
    some = [mutant(kind, good, number) for number in range(30)]
    again = [mutant(kind, good, number) for number in range(30)]
    assert some == again
    assert len({*some, good}) > 20


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_pipe_or_a_device_is_not_read_without_end(tmp_path, kind):
    path = tmp_path / f"SYNTHETIC.{kind}"
    FAMILIES[kind].write(path)
    places = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
    handler = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("still waiting")))
    for place in places:
        kept = place.with_suffix(".kept")
        place.replace(kept)
        for make in (os.mkfifo, lambda where: where.symlink_to("/dev/zero")):
            make(place)
            signal.alarm(20)
            assert fault(kind, path) == "", place
            signal.alarm(0)
            place.unlink()
        kept.replace(place)
    signal.signal(signal.SIGALRM, handler)


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_path_that_is_not_in_utf_8_is_refused(tmp_path, kind):
    good = tmp_path / f"SYNTHETIC.{kind}"
    FAMILIES[kind].write(good)
    path = tmp_path / "SYNTHETIC odd\udce9"
    good.rename(path)
    with pytest.raises(LoadError, match=r"odd\\udce9.*not in UTF-8"):
        FAMILIES[kind].read(path)
