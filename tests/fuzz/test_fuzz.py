"""However a file is damaged, it is read, every row of a listing accounted for, or refused as a `LoadError`.

`IOPDIR_FUZZ=100000` tries that many of each format, `IOPDIR_FIRST=1000000` others than the first ones.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
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
