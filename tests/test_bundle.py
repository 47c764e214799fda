"""Bundles: what was written comes back, and nothing is read before its size is known."""

import hashlib
import io
import json
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from iopdir.bundle import open_bundle, write_bundle
from iopdir.errors import LoadError

ASKED = {"kind": "SYNTHETIC", "version": 3, "expected": "a SYNTHETIC bundle"}
NUMBERS = arrays.arrays(
    st.sampled_from(["i4", "i8", "f8", "u2", "?"]), arrays.array_shapes(min_dims=1, max_dims=3, min_side=0)
)


def write(path, members, **about):
    write_bundle(path, members, kind=ASKED["kind"], version=ASKED["version"], about=about)


@settings(deadline=None)  # it writes files
@given(array=NUMBERS, data=st.binary(max_size=99), turned=st.booleans())
def test_arrays_and_bytes_come_back(tmp_path_factory, array, data, turned):
    path = tmp_path_factory.mktemp("bundle") / "one"
    array = array.T if turned else array
    write(path, {"array": array, "data": data}, note=[1, "ä"])
    with open_bundle(path, **ASKED) as bundle:
        again = bundle.array("array")
        assert bundle.read("data") == data
        assert bundle.about == {"note": [1, "ä"]}
    np.testing.assert_array_equal(again, array)
    assert (again.dtype, again.shape) == (array.dtype, array.shape)
    assert again.flags.writeable


def forge(path, members, packed=zipfile.ZIP_STORED, sums=None, about=None):
    """Write an archive that says what one likes of itself, with hashes that are right."""
    right = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    head = {"kind": "SYNTHETIC", "version": 3, "sha256": right if sums is None else sums}
    with zipfile.ZipFile(path, "w", packed) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr("about.json", json.dumps(head) if about is None else about)


def claiming(shape, dtype="<f8", body=b""):
    """Make an array file that promises more than it holds."""
    stream = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_2_0(stream, header)
    return stream.getvalue() + body


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda path: forge(path, {"a": claiming((10**13,))}), "no array of numbers, or of 0 bytes"),
        (lambda path: forge(path, {"a": claiming((1,), "|O", b"12345678")}), "no array|Object|object"),
        (lambda path: forge(path, {"a": claiming((1,), body=b"1234567")}), "or of 7 bytes"),
        (lambda path: forge(path, {"a": b"\0" * 10**6}, packed=zipfile.ZIP_DEFLATED), "packed"),
        (lambda path: forge(path, {"a": b""}, about=" " * 2_000_000), "too large"),
        (lambda path: forge(path, {"a": b""}, about="[]"), "another kind"),
        (lambda path: forge(path, {"a": b""}, about="{"), "unreadable"),
        (lambda path: forge(path, {"a": b"", "b": b""}, sums={"a": ""}), "other members"),
        (lambda path: forge(path, {"a": b""}, sums={"a": "", "b": ""}), "other members"),
        (lambda path: forge(path, {str(n): b"" for n in range(200)}), "other members"),
        (lambda path: forge(path, {"a": claiming((0,))}, sums={"a": "0"}), "sha256 .*: damaged"),
        (lambda path: forge(path, {"b": claiming((0,))}), "unreadable"),
    ],
    ids=["promise", "objects", "short", "packed", "long head", "list", "head", "more", "less", "many", "hash", "name"],
)  # fmt: skip
def test_what_is_no_bundle_is_refused(tmp_path, spoil, found):
    path = tmp_path / "one"
    spoil(path)
    with pytest.raises(LoadError, match=found) as caught, open_bundle(path, **ASKED) as bundle:
        bundle.array("a")
    assert caught.value.path == path


def test_members_that_claim_more_than_the_file_holds_are_refused(tmp_path):
    path = tmp_path / "one"
    forge(path, {"a": claiming((0,))})
    raw = bytearray(path.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 20 : entry + 28] = struct.pack("<LL", 10**9, 10**9)
    path.write_bytes(raw)
    with pytest.raises(LoadError, match="larger than the file"), open_bundle(path, **ASKED):
        pass
