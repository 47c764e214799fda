import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from loopback import FakeTime, Locator


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    for name in ("FINDTREATMENT_URL", "DIRECTORY_URL", "OTP_URL", "STORE"):
        monkeypatch.delenv(f"IOPDIR_{name}", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def locator():
    with Locator() as server:
        yield server


@pytest.fixture
def time():
    return FakeTime()
