"""The locator, over loopback: whole or not at all, politely, every record accounted for."""

import gzip
import json
from datetime import timedelta

import pytest
from loopback import record

import iopdir as iop
from iopdir.errors import FetchError, LoadError, UnknownNameError
from iopdir.fetch.client import _unpacked
from iopdir.snapshots.draft import Draft

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def fetch(locator, time, tmp_path):
    def fetch(into="store", settings=None, **asked):
        asked = {"page_size": 4, **asked}
        return iop.fetch_findtreatment(
            tmp_path / into, url=locator.url, client=time.client(**settings or {}), **asked
        )

    return fetch


def test_every_page_is_asked_for_once_and_kept_as_it_came(fetch, locator, time):
    snapshot = fetch()
    assert locator.pages_asked() == [1, 2, 3]
    for page in (1, 2, 3):
        rows = locator.rows[(page - 1) * 4 : page * 4]
        kept = snapshot.path_of(f"page-{page:05}.json").read_bytes()
        assert kept == json.dumps({"page": page, "totalPages": 3, "recordCount": 10, "rows": rows}).encode()
    directory = snapshot.open()
    assert len(directory) == 10
    assert directory.select(level_of_care="iop").table["name"].tolist() != []
    assert snapshot.manifest.rows == {"in": 10, "accepted": 10, "merged": 0, "rejected": 0}
    assert snapshot.manifest.taken == "2026-11-24T20:15:00Z"
    assert snapshot.manifest.package == iop.demo_directory().provenance.package
    about = directory.provenance.parameters["snapshot"]
    assert about["url"] == locator.url
    assert about["sha256"] == snapshot.manifest.sha256 == directory.provenance.sources[0].sha256
    assert directory.provenance.sources[0].retrieved.isoformat() == "2026-11-24"
    assert time.slept == [1.0, 1.0]  # the pace
    assert {headers["User-Agent"] for _, headers in locator.asked} == {
        iop.demo_directory().provenance.package.replace(" ", "/")
    }


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({}, {}),
        ({"state": "il"}, {"limitType": "0", "limitValue": "32"}),
        ({"state": "ME"}, {"limitType": "0", "limitValue": "1"}),
        (
            {"near": "41.9,-87.65", "within": "100 mi"},
            {"limitType": "2", "limitValue": "160934.4", "sAddr": "41.900000,-87.650000"},
        ),
        ({"service_type": "SA"}, {"sType": "sa"}),
    ],
    ids=["country", "il", "me", "near", "type"],
)
def test_what_is_asked_is_said_in_the_locators_words(fetch, locator, asked, sent):
    snapshot = fetch(**asked)
    assert locator.asked[0][0] == {"pageSize": "4", "page": "1"} | sent
    warnings = snapshot.open().quality.warnings
    assert bool(warnings) is bool(asked)
    assert all("this listing holds only" in words for words in warnings)
    assert snapshot.manifest.parameters == {"pageSize": "4"} | sent


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"state": "XX"}, UnknownNameError),
        ({"state": "PR"}, UnknownNameError),
        ({"service_type": "x"}, UnknownNameError),
        ({"near": "60614"}, ValueError),
        ({"within": "5 mi"}, ValueError),
        ({"state": "IL", "near": "60614", "within": "5 mi"}, ValueError),
        ({"near": "60614", "within": "five"}, ValueError),
        ({"page_size": 0}, ValueError),
        ({"page_size": 2_001}, ValueError),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused_before_asking(fetch, locator, asked, error):
    with pytest.raises(error):
        fetch(**asked)
    assert locator.asked == []


@pytest.mark.parametrize(
    ("fault", "slept"),
    [
        (("status", 429, 7), 7),
        (("status", 503), 1),
        (("status", 500), 1),
        (("cut",), 1),
        (("half",), 1),
        (("half_gzip",), 1),
        (("says", "{not json"), 1),
        (("says", '{"page": 2, "totalPages": 3, "recordCount": 10}'), 1),
        (("says", '{"page": 1, "totalPages": 3, "recordCount": 10, "rows": []}'), 1),
        (("says", '{"page": 2, "totalPages": null, "recordCount": 10, "rows": []}'), 1),
        (("says", "<html>down for maintenance</html>"), 1),
    ],
    ids=str,
)
def test_what_may_go_right_the_next_time_is_asked_again(fetch, locator, time, fault, slept):
    whole = fetch("whole").manifest.sha256
    time.slept.clear()
    locator.asked.clear()
    locator.faults[2] = [fault]
    assert fetch("again").manifest.sha256 == whole
    assert locator.pages_asked() == [1, 2, 2, 3]
    assert sum(time.slept) == max(slept, 1) + 2  # the wait, and the pace before pages 2 and 3


def test_a_server_that_names_a_date_is_left_alone_until_then(fetch, locator, time):
    locator.faults[1] = [("status", 429, time.now() + timedelta(seconds=90))]
    fetch()
    assert time.slept[0] == 90


def test_the_wait_doubles_and_ends(fetch, locator, time):
    locator.faults[1] = [("status", 500)] * 9
    with pytest.raises(FetchError, match=r"page of the FindTreatment.gov locator, found HTTP 500.*, 6 times"):
        fetch()
    assert time.slept == [1, 2, 4, 8, 16]
    assert len(locator.asked) == 6


def test_a_server_that_wants_to_be_left_alone_for_long_is(fetch, locator, tmp_path):
    locator.faults[2] = [("status", 429, 3_600)]
    with pytest.raises(FetchError, match="left alone for 3,600 s"):
        fetch()
    assert iop.SnapshotStore(tmp_path / "store").list().empty
    locator.asked.clear()
    assert len(fetch().open()) == 10
    assert locator.pages_asked() == [2, 3]  # what was whole is not asked for again


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (("status", 403), "HTTP 403"),
        (("status", 404), "HTTP 404"),
        (("status", 304), "HTTP 304"),
        (("bomb",), "at most 1,000,000 bytes, found more"),
        (("packed",), "packed with 'br'"),
        (("moved", "https://elsewhere.example/x"), "a redirect to another site, https://elsewhere.example/x"),
        (("moved", "file:///etc/passwd"), "another"),
        (("moved", "http://127.0.0.1:1/x"), "a redirect to another site"),
    ],
    ids=str,
)
def test_what_will_not_go_right_is_an_error_at_once(fetch, locator, fault, words):
    locator.faults[1] = [fault]
    with pytest.raises(FetchError, match=words):
        fetch(settings={"max_bytes": 1_000_000})
    assert len(locator.asked) == 1


def test_a_redirect_within_the_site_is_followed_but_not_for_ever(fetch, locator):
    there = "/locator/exportsAsJson/v2?page=1&pageSize=4"
    locator.faults[1] = [("moved", there)] * 2
    assert len(fetch().open()) == 10
    locator.faults[1] = [("moved", there)] * 6
    with pytest.raises(FetchError, match="more than 5 redirects"):
        fetch("other")


def test_a_server_that_drips_is_given_up(locator, tmp_path):
    locator.faults[1] = [("drip",)] * 2
    hasty = iop.fetch.Client(answer_s=0.05, attempts=2, sleep=lambda _: None)
    with pytest.raises(FetchError, match="no end of it after 0 s, 2 times"):
        iop.fetch_findtreatment(tmp_path, url=locator.url, client=hasty)


def test_pages_may_come_packed(fetch, locator):
    plain = fetch("plain")
    locator.gzip = True
    packed = fetch("packed")
    assert packed.manifest.sha256 == plain.manifest.sha256


# --- a listing that moves -----------------------------------------------------------------------------------


def test_records_that_come_twice_are_merged_and_counted(fetch, locator):
    locator.rows.insert(0, record(11))  # before page 2 is asked for, everything moves by one
    locator.rows[3]["street1"] = locator.rows[3]["latitude"] = None  # nothing but the record itself tells it
    first = locator.rows[:4]
    locator.page = lambda page, _: first if page == 1 else locator.rows[(page - 1) * 4 - 1 : page * 4 - 1]
    snapshot = fetch()
    assert snapshot.manifest.rows == {"in": 12, "accepted": 11, "merged": 1, "rejected": 0}
    directory = snapshot.open()
    merge = directory.quality.merges.iloc[0]
    assert (merge["row"], merge["into_row"]) == (5, 4)
    assert merge["evidence"] == "the record of page 1 again on page 2"
    assert merge["facility_id"] in directory
    assert directory.quality.warnings == ()
    assert directory.provenance.parameters["repeated"] == 1


def test_a_rejected_record_that_comes_twice_is_rejected_twice(fetch, locator):
    locator.rows[3]["name1"] = ""
    locator.rows.insert(4, locator.rows[3])
    snapshot = fetch()
    assert snapshot.manifest.rows == {"in": 11, "accepted": 9, "merged": 0, "rejected": 2}
    assert snapshot.open().quality.counts()["no_name"] == 2


def test_the_locators_count_may_change_and_a_shortfall_is_said(fetch, locator):
    locator.count = lambda page: 10 if page == 1 else 12
    snapshot = fetch()
    assert snapshot.manifest.notes == (
        "the locator counted 10 records at first and 12 at last",
        "2 of 12 records that the locator counts did not come",
    )
    assert snapshot.open().quality.warnings == snapshot.manifest.notes


def test_pages_may_grow_and_shrink(fetch, locator):
    locator.count = lambda page: 4 if page == 1 else 10
    assert locator.rows
    assert len(fetch("stays").open()) == 4
    locator.count = lambda page: 5 if page == 1 else 10
    assert len(fetch("grows").open()) == 10
    locator.count = lambda page: 10 if page == 1 else 8
    assert len(fetch("shrinks").open()) == 8


def test_a_kept_page_that_belongs_no_more_is_left_out(fetch, locator, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Draft, "finish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fetch()
    next((tmp_path / "store" / ".drafts").glob("*/snapshot/raw/page-00002.json")).unlink()
    locator.count = lambda page: 10 if page == 1 else 8
    snapshot = fetch()
    assert locator.pages_asked() == [1, 2, 3, 2]
    assert [part.path for part in snapshot.manifest.raw] == ["raw/page-00001.json", "raw/page-00002.json"]
    assert iop.SnapshotStore(tmp_path / "store").verify().empty
    assert len(snapshot.open()) == 8


def test_no_more_of_a_bomb_is_unpacked_than_the_limit():
    bomb = gzip.compress(b"x" * 10_000_000)
    assert len(next(_unpacked([bomb], 1_000))) == 1_001  # enough to see that it is too long


def test_services_may_be_null_and_an_opioid_treatment_program_states_its_kind(fetch, locator):
    locator.rows = [record(1, services=None), record(2, services=None, typeFacility="OTP")]
    directory = fetch().open()
    by_name = {facility.name: facility for facility in directory}
    assert by_name["SYNTHETIC 1"].levels_of_care == ()
    assert [level.value for level in by_name["SYNTHETIC 2"].levels_of_care] == ["medication"]


def test_a_listing_without_a_record_is_no_listing(fetch, locator, tmp_path):
    locator.rows = []
    with pytest.raises(FetchError, match="register"):
        fetch()
    assert iop.SnapshotStore(tmp_path / "store").list().empty


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"max_pages": 2}, "at most 2 pages"), ({"max_total_bytes": 3_000}, "at most 3,000 bytes")],
    ids=["pages", "bytes"],
)
def test_a_listing_longer_than_agreed_is_refused(fetch, locator, settings, words):
    with pytest.raises(FetchError, match=words):
        fetch(settings=settings)
    assert len(locator.asked) <= 2


def test_a_source_that_changed_its_columns_is_refused_and_what_came_is_kept(fetch, locator, tmp_path):
    locator.rows = [{("town" if key == "city" else key): row[key] for key in row} for row in locator.rows]
    with pytest.raises(
        LoadError, match=r"with city, found records of other columns.*kept in (?P<where>[^)]+)\)"
    ) as caught:
        fetch()
    kept = next((tmp_path / "store" / ".drafts").glob("refused-*/snapshot/raw"))
    assert str(kept) in str(caught.value)
    assert len(list(kept.iterdir())) == 3
    assert iop.SnapshotStore(tmp_path / "store").list().empty
    locator.rows = [record(1)]
    assert len(fetch().open()) == 1


# --- again --------------------------------------------------------------------------------------------------


def test_the_same_bytes_make_no_second_snapshot(fetch, locator, time, tmp_path):
    first = fetch()
    time.sleep(86_400)
    assert fetch() == first
    locator.rows[0]["phone"] = "312-555-0199"
    second = fetch()
    assert second.name > first.name
    store = iop.SnapshotStore(tmp_path / "store")
    assert store.list()["snapshot"].tolist() == [first.name, second.name]
    assert store.verify().empty


def test_what_has_not_changed_is_not_sent_again(fetch, locator, time):
    locator.etags = True
    first = fetch()
    time.sleep(86_400)
    locator.asked.clear()
    locator.rows[9]["phone"] = "312-555-0199"
    second = fetch()
    assert all("If-None-Match" in headers for _, headers in locator.asked)
    assert second.path_of("page-00001.json").read_bytes() == first.path_of("page-00001.json").read_bytes()
    assert second.path_of("page-00003.json").read_bytes() != first.path_of("page-00003.json").read_bytes()
    assert [part.etag for part in second.manifest.raw][:2] == [part.etag for part in first.manifest.raw][:2]
    locator.asked.clear()
    first.path_of("page-00001.json").write_bytes(b"damaged")
    second.path_of("page-00001.json").write_bytes(b"damaged")
    assert json.loads(fetch().path_of("page-00002.json").read_bytes())["page"] == 2
    assert "If-None-Match" not in locator.asked[0][1]


def test_another_question_is_another_snapshot(fetch, locator, time, tmp_path):
    whole = fetch()
    time.sleep(60)
    part = fetch(state="IL")
    assert part.path != whole.path
    store = iop.SnapshotStore(tmp_path / "store")
    assert store.newest().name == part.name
    assert len(store.list()) == 2


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "nonsense", "http://a\x7fb", "file:///etc/passwd", ""])
def test_an_address_that_is_none_is_refused(tmp_path, time, url, monkeypatch):
    monkeypatch.setenv("IOPDIR_FINDTREATMENT_URL", url or "x:y")
    with pytest.raises(FetchError, match="address"):
        iop.fetch_findtreatment(tmp_path / "store", client=time.client())
    assert time.slept == []


def test_the_address_is_a_setting_and_a_password_in_it_is_not_kept(locator, time, tmp_path, monkeypatch):
    monkeypatch.setenv("IOPDIR_FINDTREATMENT_URL", locator.url.replace("http://", "http://me:secret@"))
    snapshot = iop.fetch_findtreatment(tmp_path / "store", client=time.client())
    assert "Authorization" in locator.asked[0][1]
    assert not any(b"secret" in path.read_bytes() for path in snapshot.path.rglob("*") if path.is_file())
    assert snapshot.manifest.url == locator.url
