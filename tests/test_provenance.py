"""Provenance comes back as it was told, or is refused."""

from datetime import date

import pytest

from iopdir.provenance import Provenance, Source

SOURCE = Source(
    name="SYNTHETIC", edition="2022", sha256="0" * 64, retrieved=date(2026, 11, 29), synthetic=True
)


def test_what_is_told_comes_back():
    told = Provenance.of([SOURCE, SOURCE], standard="30 mi")
    assert told.sources == (SOURCE,)
    assert Provenance.from_dict(told.to_dict()) == told
    assert Provenance.from_dict({}) == Provenance()


@pytest.mark.parametrize("field", ["name", "edition", "sha256", "licence", "retrieved", "synthetic"])
@pytest.mark.parametrize("value", [{"a": 1}, 7, ["x"]], ids=str)
def test_a_source_of_another_kind_is_refused(field, value):
    plain = Provenance.of([SOURCE]).to_dict()
    plain["sources"][0][field] = value
    with pytest.raises((TypeError, ValueError)):
        Provenance.from_dict(plain)
