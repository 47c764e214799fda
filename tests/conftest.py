import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = os.environ.get("IOPDIR_REAL_DATA")
    if not folder:
        pytest.skip("IOPDIR_REAL_DATA does not name the folder of real files")
    return Path(folder)
