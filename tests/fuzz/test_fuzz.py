"""However a file is damaged, it is read and every row accounted for, or refused as a `LoadError`.

`IOPDIR_FUZZ=100000` tries that many of each format.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from mutants import FORMATS, mutant, seeds  # noqa: E402

TRIED = int(os.environ.get("IOPDIR_FUZZ", "80"))
BATCH = 2_000


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_files_are_read_or_refused(kind):
    for first in range(0, TRIED, BATCH):
        count = min(BATCH, TRIED - first)
        run = subprocess.run(
            [sys.executable, "-W", "error", HERE / "batch.py", kind, str(first), str(count)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"died at {run.stderr[-800:]}"
        assert json.loads(run.stdout) == {}


def test_mutants_are_many_and_the_same_for_the_same_seed(tmp_path):
    for kind, good in seeds(tmp_path).items():
        some = [mutant(kind, good, seed) for seed in range(30)]
        assert some == [mutant(kind, good, seed) for seed in range(30)] or kind == "xlsx"  # ZIP has the time
        assert len({*some, good}) > 20
