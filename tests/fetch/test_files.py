"""The yearly workbook and the opioid treatment programs, over loopback."""

import io

import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import FetchError, UnknownNameError

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

DIRECTORY = pd.DataFrame(
    {
        "name1": ["SYNTHETIC One", "SYNTHETIC Two"],
        "name2": ["", "Youth"],
        "street1": ["1 Example St", "2 Example St"],
        "street2": "",
        "city": ["Chicago", "Boston"],
        "state": ["IL", "MA"],
        "zip": ["60614", "02108"],
        "phone": ["312-555-0101", ""],
        "intake1": "",
        "service_code_info": ["SA * OP IOP * MD", "SA * OP ORT"],
    }
)
PROGRAMS = (
    "Program Name,Street,City,State,Zip,Phone,Certification,First Full Certification Date\n"
    "SYNTHETIC Clinic,1 Example St,Detroit,MI,48201,313-555-0101,Certified,2003-05-01\n"
    '"SYNTHETIC Clinic, East",2 Example St,Detroit,MI,48202,313-555-0102,Provisional,\n'
)


def workbook(frame):
    file = io.BytesIO()
    with pd.ExcelWriter(file, engine="xlsxwriter") as book:
        frame.to_excel(book, sheet_name="Facilities List", index=False)
        pd.DataFrame({"code": ["OP"], "meaning": ["Outpatient"]}).to_excel(
            book, sheet_name="Key", index=False
        )
    return file.getvalue()


@pytest.fixture
def site(locator):
    locator.files["/2025_SU.xlsx"] = workbook(DIRECTORY)
    locator.files["/export"] = PROGRAMS.encode()
    return locator


def test_the_workbook_is_kept_as_it_came_and_read(site, time, tmp_path):
    snapshot = iop.fetch.fetch_directory(
        tmp_path, year=2025, url=f"{site.root}/2025_SU.xlsx", client=time.client()
    )
    assert snapshot.path_of("2025_SU.xlsx").read_bytes() == site.files["/2025_SU.xlsx"]
    directory = iop.SnapshotStore(tmp_path).latest("directory")
    assert len(directory.select(level_of_care="iop")) == 1
    assert directory.provenance.sources[0].name == "2025_SU.xlsx"
    assert directory.provenance.parameters["snapshot"]["asked"] == {"year": "2025"}
    assert directory.provenance.sources[0].sha256 == snapshot.manifest.sha256


def test_opioid_treatment_programs_say_so_themselves(site, time, tmp_path):
    snapshot = iop.fetch.fetch_otp(tmp_path, url=f"{site.root}/export?page&_format=csv", client=time.client())
    assert site.asked[0][0] == {"page": "", "_format": "csv"}
    directory = snapshot.open()
    assert snapshot.path_of("otp.csv").read_bytes() == PROGRAMS.encode()
    assert len(directory.select(level_of_care="medication")) == 2
    assert sorted(directory.table["Certification"]) == ["Certified", "Provisional"]


def test_half_a_packed_file_is_asked_for_again(site, time, tmp_path):
    site.faults["/export"] = [("half_gzip",)]
    snapshot = iop.fetch.fetch_otp(tmp_path, url=f"{site.root}/export", client=time.client())
    assert snapshot.path_of("otp.csv").read_bytes() == PROGRAMS.encode()
    assert len(site.asked) == 2


@pytest.mark.parametrize("etags", [True, False], ids=["etag", "plain"])
def test_the_same_file_is_one_snapshot(site, time, tmp_path, etags):
    site.etags = etags
    first, again = (
        iop.fetch.fetch_otp(tmp_path, url=f"{site.root}/export", client=time.client()) for _ in range(2)
    )
    assert first == again
    assert ("If-None-Match" in site.asked[1][1]) is etags
    site.files["/export"] += b"SYNTHETIC New,3 Example St,Detroit,MI,48203,,Certified,\n"
    time.sleep(60)
    assert len(iop.fetch.fetch_otp(tmp_path, url=f"{site.root}/export", client=time.client()).open()) == 3
    assert len(iop.SnapshotStore(tmp_path).list()) == 2


@pytest.mark.parametrize(
    ("column", "gone"), [("service_code_info", "codes"), ("street1", "street1"), ("name1", "program")]
)
def test_a_workbook_that_changed_its_columns_is_refused_and_kept(site, time, tmp_path, column, gone):
    site.files["/2025_SU.xlsx"] = changed = workbook(DIRECTORY.rename(columns={column: "Something else"}))
    with pytest.raises(FetchError, match=f"columns for {gone}") as caught:
        iop.fetch.fetch_directory(tmp_path, year=2025, url=f"{site.root}/2025_SU.xlsx", client=time.client())
    (kept,) = tmp_path.glob(".drafts/refused-*/snapshot/raw/*")
    assert str(kept.parent) in str(caught.value)
    assert kept.read_bytes() == changed
    assert iop.SnapshotStore(tmp_path).list().empty


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>not found, kindly</html>", "an HTML page"),
        (b"PK\x03\x04 no workbook", "damaged workbook"),
        (b"", "found nothing, 6 times"),
    ],
    ids=["html", "zip", "empty"],
)
def test_what_is_no_workbook_is_refused(site, time, tmp_path, body, words):
    site.files["/2025_SU.xlsx"] = body
    with pytest.raises(FetchError, match=words):
        iop.fetch.fetch_directory(tmp_path, year=2025, url=f"{site.root}/2025_SU.xlsx", client=time.client())
    assert iop.SnapshotStore(tmp_path).list().empty


def test_addresses_are_settings(site, time, tmp_path, monkeypatch):
    monkeypatch.setenv("IOPDIR_DIRECTORY_URL", f"{site.root}/{{year}}_SU.xlsx")
    monkeypatch.setenv("IOPDIR_OTP_URL", f"{site.root}/export")
    assert iop.fetch.fetch_directory(tmp_path, year=2025, client=time.client()).source == "directory"
    assert iop.fetch.fetch_otp(tmp_path, client=time.client()).source == "otp"


def test_a_year_without_an_address_is_named(time, tmp_path):
    with pytest.raises(UnknownNameError, match=r"give url.*'1999'; known: 2022, 2024, 2025"):
        iop.fetch.fetch_directory(tmp_path, year=1999, client=time.client())


def test_a_store_answers_from_the_locator_before_the_directory_before_the_programs(site, time, tmp_path):
    iop.fetch_findtreatment(tmp_path, url=site.url, client=time.client())
    time.sleep(60)
    iop.fetch.fetch_otp(tmp_path, url=f"{site.root}/export", client=time.client())
    time.sleep(60)
    iop.fetch.fetch_directory(tmp_path, year=2025, url=f"{site.root}/2025_SU.xlsx", client=time.client())
    store = iop.SnapshotStore(tmp_path)
    assert store.newest().source == "findtreatment"
    assert repr(store).endswith("1 of findtreatment, 1 of directory, 1 of otp")
    assert [snapshot.source for snapshot in store.snapshots()] == ["findtreatment", "otp", "directory"]
    assert len(iop.read_directory(tmp_path)) == 10
    assert len(iop.read_directory(tmp_path / "otp")) == 2
    assert len(iop.read_directory(store.newest("directory").path)) == 2
