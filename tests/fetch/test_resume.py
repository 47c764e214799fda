"""A fetch that is killed goes on where it was, and gives the same bytes; any number may fetch at once."""

import signal
import subprocess
import sys

import pytest

import iopdir as iop

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

FETCH = """
import sys
from datetime import UTC, datetime
import iopdir as iop
client = iop.fetch.Client(pace_s=0, now=lambda: datetime(2026, 11, 24, 20, 15, tzinfo=UTC))
print("ready", flush=True)
iop.fetch_findtreatment(sys.argv[1], url=sys.argv[2], page_size=2, client=client)
"""


def fetching(store, url):
    return subprocess.Popen([sys.executable, "-c", FETCH, store, url], stdout=subprocess.PIPE)


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_after_a_kill_the_rest_is_asked_for_and_the_bytes_are_the_same(locator, time, tmp_path):
    client = time.client(pace_s=0)
    whole = iop.fetch_findtreatment(tmp_path / "whole", url=locator.url, page_size=2, client=client)
    locator.asked.clear()
    locator.faults[4] = [("hang",)]
    with fetching(tmp_path / "killed", locator.url) as process:
        assert locator.arrived.wait(60)
        process.send_signal(signal.SIGKILL)
    assert iop.SnapshotStore(tmp_path / "killed").list().empty
    again = iop.fetch_findtreatment(tmp_path / "killed", url=locator.url, page_size=2, client=client)
    assert locator.pages_asked() == [1, 2, 3, 4, 4, 5]
    assert content(again.path) == content(whole.path)
    assert not list((tmp_path / "killed" / ".drafts").iterdir())
    assert iop.SnapshotStore(tmp_path / "killed").verify().empty


def test_what_is_all_there_is_not_asked_for_at_all(locator, time, tmp_path, monkeypatch):
    """Killed when every page had come, before the whole was put in its place."""
    from iopdir.snapshots.draft import Draft

    with monkeypatch.context() as patch:
        patch.setattr(Draft, "finish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            iop.fetch_findtreatment(tmp_path, url=locator.url, client=time.client())
    locator.asked.clear()
    assert len(iop.fetch_findtreatment(tmp_path, url=locator.url, client=time.client()).open()) == 10
    assert locator.asked == []


def test_a_draft_of_another_day_is_begun_anew(locator, time, tmp_path):
    locator.faults[2] = [("status", 404)]
    with pytest.raises(iop.errors.FetchError):
        iop.fetch_findtreatment(tmp_path, url=locator.url, page_size=5, client=time.client())
    locator.asked.clear()
    time.sleep(86_401)
    snapshot = iop.fetch_findtreatment(tmp_path, url=locator.url, page_size=5, client=time.client())
    assert locator.pages_asked() == [1, 2]
    assert snapshot.manifest.taken.startswith("2026-11-25")


@pytest.mark.parametrize("damage", ["log", "part", "gone"])
def test_a_damaged_draft_costs_only_what_is_damaged(locator, time, tmp_path, damage):
    locator.faults[2] = [("status", 404)]
    with pytest.raises(iop.errors.FetchError):
        iop.fetch_findtreatment(tmp_path, url=locator.url, page_size=5, client=time.client())
    (draft,) = (tmp_path / ".drafts").iterdir()
    if damage == "log":
        (draft / "draft.json").write_text('{"taken": "now"}')
    elif damage == "part":
        (draft / "snapshot" / "raw" / "page-00001.json").write_text("{")
    else:
        (draft / "snapshot" / "raw" / "page-00001.json").unlink()
    assert (
        len(iop.fetch_findtreatment(tmp_path, url=locator.url, page_size=5, client=time.client()).open())
        == 10
    )


def test_what_a_killed_process_left_half_is_not_taken_in(locator, time, tmp_path):
    locator.faults[2] = [("status", 404)]
    with pytest.raises(iop.errors.FetchError):
        iop.fetch_findtreatment(tmp_path, url=locator.url, page_size=5, client=time.client())
    (body,) = tmp_path.glob(".drafts/*/snapshot")
    for name in ("raw/.page-00002.json.0a1b.part", "raw/page-00002.json", "listing.parquet", "manifest.json"):
        (body / name).write_text("half")
    snapshot = iop.fetch_findtreatment(tmp_path, url=locator.url, page_size=5, client=time.client())
    assert iop.SnapshotStore(tmp_path).verify().empty
    assert len(content(snapshot.path)) == 5
    assert locator.pages_asked() == [1, 2, 2]


def test_two_processes_may_fetch_the_same_and_another_thing_at_once(locator, time, tmp_path):
    processes = [fetching(tmp_path / "store", locator.url) for _ in range(2)]
    iop.fetch_findtreatment(tmp_path / "store", url=locator.url, state="IL", client=time.client())
    assert [process.wait(120) for process in processes] == [0, 0]
    for process in processes:
        process.stdout.close()
    store = iop.SnapshotStore(tmp_path / "store")
    assert len(store.list()) == 2  # the same bytes of the same second are one snapshot
    assert (store.list()["status"] == "ok").all()
    assert store.verify().empty
    assert not list((tmp_path / "store" / ".drafts").iterdir())
    assert [len(snapshot.open()) for snapshot in store.snapshots()] == [10, 10]


def test_two_drafts_of_one_request_do_not_meet(time, tmp_path):
    from iopdir.snapshots.manifest import Request

    request = Request(source="findtreatment", url="http://127.0.0.1/")
    store = iop.SnapshotStore(tmp_path)
    about = dict.fromkeys(("url", "content_type", "etag", "last_modified"), "")
    with store.draft(request, now=time.now()) as one, store.draft(request, now=time.now()) as other:
        one.keep("a.json", b"1", now=time.now(), about=about)
        assert one.path_of("a.json") != other.path_of("a.json")
        assert other.parts == {}
    with store.draft(request, now=time.now()) as again:
        assert list(again.parts) == ["a.json"]
