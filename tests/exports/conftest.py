import sys
from pathlib import Path

import pytest

import iopdir as iop

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def vermont():
    return iop.demo_directory().select(state="VT")
