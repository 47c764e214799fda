from datetime import UTC, datetime, timedelta

import pytest

import iopdir as iop
from iopdir.snapshots.manifest import Request

ABOUT = dict.fromkeys(("url", "content_type", "etag", "last_modified"), "")


@pytest.fixture(scope="session")
def vermont():
    return iop.demo_directory().select(state="VT")


@pytest.fixture
def store(tmp_path):
    return iop.SnapshotStore(tmp_path / "store")


@pytest.fixture
def put(store, vermont):
    """Put a SYNTHETIC snapshot into the store."""

    def put(day=24, source="findtreatment", state="VT", raw=(b"one", b"two"), notes=()):
        now = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=day - 1)
        request = Request(source=source, url="https://example.org/x", parameters={"state": state})
        with store.draft(request, now=now) as draft:
            for number, data in enumerate(raw):
                draft.keep(f"page-{number}.json", data, now=now, about=ABOUT)
            return draft.finish(vermont, notes=notes)

    return put
