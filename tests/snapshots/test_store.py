"""What is in a store, is whole, stays, and is found."""

import hashlib
import json
import pickle
import shutil
import subprocess
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError, WriteError
from iopdir.snapshots.manifest import Request


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_snapshot_is_plain_files_that_common_tools_can_check(put):
    snapshot = put()
    assert [path.relative_to(snapshot.path).as_posix() for path in files_of(snapshot.path)] == [
        "SHA256SUMS",
        "listing.parquet",
        "manifest.json",
        "raw/page-0.json",
        "raw/page-1.json",
    ]
    assert snapshot.path_of("page-0.json").read_bytes() == b"one"
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=snapshot.path,
        check=False,
        capture_output=True,
    )
    assert checked.returncode == 0
    assert snapshot.manifest.sha256 == hashlib.sha256(b"onetwo").hexdigest()
    about = json.loads((snapshot.path / "manifest.json").read_text())
    assert about["version"] == 1
    assert about["rows"]["in"] == sum(about["rows"][name] for name in ("accepted", "merged", "rejected"))


def test_the_directory_comes_back_with_where_it_is_from(store, put, vermont):
    snapshot = put(notes=["only Vermont"])
    directory = store.latest()
    assert directory.table.equals(vermont.table)
    assert directory.synthetic
    assert directory.quality.warnings == ("only Vermont",)
    assert directory.provenance.parameters["snapshot"] == {
        "source": "findtreatment",
        "snapshot": snapshot.name,
        "url": "https://example.org/x",
        "asked": {"state": "VT"},
        "taken": "2026-11-24T12:00:00Z",
        "sha256": snapshot.manifest.sha256,
    }
    assert iop.read_directory(snapshot.path / "listing.parquet").provenance == directory.provenance


def test_snapshots_are_found_by_source_day_and_name(store, put):
    first, second = put(day=1), put(day=2, state="NH")
    third = put(day=2, state="RI", raw=(b"three",))
    other = put(day=3, source="otp")
    assert store.list()[["source", "taken", "status"]].to_numpy().tolist() == [
        ["findtreatment", "2026-11-01T12:00:00Z", "ok"],
        *[["findtreatment", "2026-11-02T12:00:00Z", "ok"]] * 2,
        ["otp", "2026-11-03T12:00:00Z", "ok"],
    ]
    last = max(second, third, key=lambda snapshot: snapshot.name)
    assert store.newest() == last
    assert store.newest("otp") == other
    assert len(store.open("2026-11-01")) == len(first.open())
    assert store.open(date(2026, 11, 1)).table.equals(first.open().table)
    assert store.open(datetime(2026, 11, 1, 23, 0)).table.equals(first.open().table)  # noqa: DTZ001
    assert store.open("2026-11-02").table.equals(last.open().table)
    assert store.open("2026-11-03", "otp").table.equals(other.open().table)
    assert store.open(other.name).table.equals(other.open().table)
    with pytest.raises(UnknownNameError, match=r"'2026-11-03'; did you mean 2026-11-02"):
        store.open("2026-11-03")
    with pytest.raises(UnknownNameError, match=r"source in .* 'directory'"):
        store.latest("directory")
    with pytest.raises(UnknownNameError, match="source in"):
        store.snapshots("nope")


def test_a_folder_within_a_store_means_what_it_is(store, put):
    first, second = put(day=1), put(day=2)
    assert iop.read_directory(store.path).provenance == second.open().provenance
    assert iop.read_directory(store.path / "findtreatment").provenance == second.open().provenance
    assert iop.read_directory(first.path).provenance == first.open().provenance
    for option in ({"columns": {"a": "name"}}, {"edition": "2022"}, {"sheet": "Sites"}):
        with pytest.raises(LoadError, match="a store, whose listings are read already"):
            iop.read_directory(store.path, **option)
    with pytest.raises(LoadError, match="a file or a snapshot store, found a folder"):
        iop.read_directory(store.path.parent)


def test_an_empty_store_says_so(store, tmp_path):
    assert store.list().empty
    assert store.verify().empty
    assert store.snapshots() == ()
    assert repr(store).endswith("empty")
    with pytest.raises(UnknownNameError, match="fetch one first"):
        store.latest()
    with pytest.raises(UnknownNameError):
        store.open("2026-11-24")


def test_other_folders_and_files_beside_are_left_alone(store, put):
    snapshot = put()
    (store.path / "README.md").write_text("ours")
    (store.path / ".git").mkdir()
    (store.path / "findtreatment" / "notes").mkdir()
    (store.path / "empty").mkdir()
    assert store.snapshots() == (snapshot,)
    assert store.verify().empty


# --- damage -------------------------------------------------------------------------------------------------


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_any_changed_byte_is_found(store, put, data):
    (snapshot,) = store.snapshots() or [put()]
    file = data.draw(st.sampled_from([*files_of(snapshot.path), store.path / "iopdir-store.json"]))
    good = file.read_bytes()
    at, bit = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(0, 7))
    way = data.draw(st.sampled_from(["flip", "cut", "add"]))
    bad = {
        "flip": good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :],
        "cut": good[:at],
        "add": good + b"\n",
    }[way]
    assert store.verify().empty
    file.write_bytes(bad)
    try:
        found = store.verify()
        assert len(found) >= 1
        assert file.relative_to(
            snapshot.path if file.is_relative_to(snapshot.path) else store.path
        ).as_posix() in set(found["file"])
    finally:
        file.write_bytes(good)


@pytest.mark.parametrize("name", ["SHA256SUMS", "listing.parquet", "manifest.json", "raw/page-1.json"])
def test_any_lost_file_is_found(store, put, name):
    snapshot = put()
    (snapshot.path / name).unlink()
    assert name.split("/")[-1] in " ".join(store.verify().astype(str).to_numpy().ravel())


def test_a_file_too_many_is_found(store, put):
    (put().path / "raw" / "page-2.json").write_text("{}")
    assert store.verify()[["file", "found"]].to_numpy().tolist() == [
        ["raw/page-2.json", "a file that no manifest names"]
    ]


def instead(text):
    return lambda _: text


def other(**changes):
    return lambda about: json.dumps({**about, **changes}, indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (other(version=2), "version 1, found version 2, from a newer iopdir"),
        (other(version="x"), "found version 'x'"),
        (other(kind="something"), "another kind"),
        (other(rows={"in": 1, "accepted": 0, "merged": 0, "rejected": 0}), "a damaged one"),
        (other(rows={}), "a damaged one"),
        (other(rows=None), "a damaged one"),
        (other(raw=[{"path": "x"}]), "a damaged one"),
        (other(raw=[{"path": "../../x", "sha256": "0" * 64, "bytes": 0}]), "a damaged one"),
        (other(raw=[{"path": "raw/" + "1" * 300, "sha256": "0" * 64, "bytes": 0}]), "a damaged one"),
        (other(url="\ud800"), "a damaged one"),
        (other(**{"\ud800": 1}), r"'\ud800'"),
        (other(raw="x"), "a damaged one"),
        (other(table=None), "a damaged one"),
        (other(taken="yesterday"), "a damaged one"),
        (other(taken=5), "a damaged one"),
        (other(sha256=5), "a damaged one"),
        (other(more=5), "a damaged one"),
        (other(source="otp"), "was it moved"),
        (other(url="https://example.org/y"), "was it moved"),
        (json.dumps, "not as it was written"),
        (instead(""), "a damaged one"),
        (instead("{"), "a damaged one"),
        (instead("[" * 100_000), "a damaged one"),
        (instead("null"), "another kind"),
        (instead("\udcff"), "a damaged one"),
    ],
    ids=list("abcdefghijklmnopqrstuvwxy"),
)
def test_a_damaged_manifest_is_a_clear_error_and_nothing_else_is_lost(store, put, damage, words):
    good, bad = put(day=1), put(day=2)
    path = bad.path / "manifest.json"
    text = damage(json.loads(path.read_text()))
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for ask in (
        store.latest,
        store.snapshots,
        lambda: store.open("2026-11-02"),
        lambda: iop.read_directory(store.path),
    ):
        with pytest.raises(LoadError) as caught:
            ask()
        assert words in str(caught.value)
        assert str(bad.path) in str(caught.value)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301
    assert store.open("2026-11-01").table.equals(good.open().table)
    listed = store.list()
    assert listed["status"].tolist()[0] == "ok"
    assert words in listed["status"].tolist()[1]
    assert len(store.verify()) == 1


def test_a_half_written_snapshot_is_named(store, put):
    put(day=1)
    half = put(day=2)
    (half.path / "manifest.json").unlink()
    with pytest.raises(LoadError, match=r"a whole snapshot, found one without manifest.json"):
        store.latest()
    assert store.list()["status"].str.contains("without manifest.json").tolist() == [False, True]


def test_a_damaged_table_is_not_opened(store, put):
    snapshot = put()
    table = snapshot.path / "listing.parquet"
    table.write_bytes(iop.datasets.pack_path("demo_directory").read_bytes())  # a good file, but another
    with pytest.raises(LoadError, match="expected sha256"):
        store.latest()
    table.unlink()
    with pytest.raises(LoadError, match="no file"):
        store.latest()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"kind": "iopdir snapshot store", "version": 2}', "version 2, from a newer iopdir"),
        ('{"kind": "iopdir snapshot store"}', "version None"),
        ('{"kind": "x", "version": 1}', "of another kind"),
        ("[]", "of another kind"),
        ("{", "a damaged iopdir-store.json"),
    ],
    ids=["newer", "none", "kind", "list", "broken"],
)
def test_a_store_of_another_version_or_kind_is_refused(store, put, text, words):
    put()
    (store.path / "iopdir-store.json").write_text(text)
    for ask in (iop.SnapshotStore, iop.read_directory):
        with pytest.raises(LoadError, match=words):
            ask(store.path)


def test_a_store_is_not_laid_over_something_else(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(LoadError, match=r"a snapshot store, found a folder without iopdir-store.json"):
        iop.SnapshotStore(tmp_path)
    with pytest.raises(LoadError, match="found a file"):
        iop.SnapshotStore(tmp_path / "thesis.txt")


# --- writing ------------------------------------------------------------------------------------------------


def test_what_is_there_is_never_changed(store, put):
    first = put(day=1)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files_of(first.path)}
    put(day=2)
    put(day=1)  # the same again
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files_of(first.path)} == before
    assert len(store.snapshots()) == 2
    assert not list((store.path / ".drafts").iterdir())


def test_a_draft_that_fails_leaves_no_snapshot(store, put, monkeypatch):
    from iopdir.snapshots import draft

    monkeypatch.setattr(draft.Draft, "_move", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space"):
        put()
    assert store.list().empty
    monkeypatch.undo()
    snapshot = put()
    assert store.snapshots() == (snapshot,)


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    from datetime import UTC

    request = Request(source="x", url="")
    (tmp_path / "file").write_text("")
    store = iop.SnapshotStore(tmp_path / "file" / "below")
    with pytest.raises(WriteError), store.draft(request, now=datetime(2026, 1, 1, tzinfo=UTC)):
        pass
    with (
        pytest.raises(UnknownNameError, match="name for a source"),
        iop.SnapshotStore(tmp_path / "s").draft(
            Request(source="../x", url=""), now=datetime(2026, 1, 1, tzinfo=UTC)
        ),
    ):
        pass


def test_a_copy_elsewhere_is_as_good(store, put, tmp_path):
    put()
    shutil.copytree(store.path, tmp_path / "copy")
    copy = iop.SnapshotStore(tmp_path / "copy")
    assert copy.verify().empty
    assert copy.latest().table.equals(store.latest().table)


def test_a_notebook_shows_a_store_and_runs_nothing_of_it(tmp_path, put, store):
    assert iop.SnapshotStore(tmp_path / "<i>none")._repr_html_().startswith("<p>SnapshotStore(")
    assert "&lt;i&gt;none&#x27;): empty</p>" in iop.SnapshotStore(tmp_path / "<i>none")._repr_html_()
    snapshots = [put(day, notes=["<script>alert(1)</script>"], raw=(bytes([day]),)) for day in range(1, 13)]
    page = store._repr_html_()
    assert "12 of findtreatment</p>" in page
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 10
    assert [one.name in page for one in snapshots] == [False] * 2 + [True] * 10
