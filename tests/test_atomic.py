"""A file is old or new, never half; nothing of a draft stays."""

import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from iopdir.atomic import replacing
from iopdir.errors import WriteError

SLOW = """
import sys, time
from iopdir.atomic import replacing
with replacing(sys.argv[1]) as draft:
    draft.write_text("new" * 1000)
    print("half", flush=True)
    time.sleep(60)
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_process_killed_while_writing_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    with subprocess.Popen([sys.executable, "-c", SLOW, path], stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"half\n"
        writer.send_signal(signal.SIGKILL)
    assert path.read_text() == "old"
    with replacing(path) as draft:
        draft.write_text("new")
    assert path.read_text() == "new"


def test_a_full_disk_is_a_write_error_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(WriteError, match="File too large"), replacing(path) as draft:
            draft.write_bytes(b"x" * 5_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["x.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_writer_that_fails_leaves_the_old_file_and_no_draft(tmp_path, error):
    path = tmp_path / "x.txt"
    path.write_text("old")

    def write():
        with replacing(path) as draft:
            draft.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["x.txt"]


def test_a_symbolic_link_is_replaced_not_followed(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with replacing(link) as draft:
        draft.write_text("new")
    assert (target.read_text(), link.read_text(), link.is_symlink()) == ("old", "new", False)
    for nowhere in (tmp_path / "absent", tmp_path):
        link.unlink()
        link.symlink_to(nowhere)
        with replacing(link) as draft:
            draft.write_text("new")
        assert not link.is_symlink()


def test_folders_devices_and_absent_places_are_refused(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    begun = time.monotonic()
    for place, words in (
        (tmp_path, "a folder is there"),
        (pipe, "no regular file"),
        ("/dev/null", "no regular file"),
        (tmp_path / "absent" / "x", "No such file"),
        (tmp_path / "odd\udce9.csv", "not in UTF-8"),
        (tmp_path / "nothing\0", "null byte"),
    ):
        with pytest.raises(WriteError, match=words), replacing(place) as draft:
            draft.write_text("never")
    assert names(tmp_path) == ["pipe"]
    assert time.monotonic() - begun < 5
