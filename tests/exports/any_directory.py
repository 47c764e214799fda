"""Directories that say anything a facility table may say."""

import pandas as pd
from hypothesis import strategies as st

import iopdir as iop
from iopdir.directory.saved import account_of
from iopdir.intake.quality import Ledger
from iopdir.provenance import Provenance, Source
from iopdir.schema.columns import COLUMNS, SEPARATOR
from iopdir.schema.frames import typed

odd = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
words = odd | st.sampled_from(
    ['say "no"', "a, b", "l'été", "=1+1", "007", "NaN", "two\nlines", "two\r\nlines", " ", "\xa0", "希望"]
)
listed = words.filter(lambda word: word and SEPARATOR not in word and not word.startswith(("['", '["', "[]")))
texts = {
    "zip": st.sampled_from(["", "60614", "05602"]),
    "state": st.sampled_from(["", "IL", "VT", "FM"]),
    "county_fips": st.sampled_from(["", "17031"]),
    "retrieved": st.sampled_from(["", "2026-11-24"]),
    "phone": st.sampled_from(["", "312-555-0100", "312-555-0100 x7", "312-555-0100 x007", "x5", "1 x 2"])
    | words,
    "website": st.sampled_from(["", "https://a.example/?q=%20#f", "http://a b", "http://a.example/%zz"])
    | words,
    "name": words.map("SYNTHETIC {}".format),
}


def cells(column):
    if column.name in texts:
        return texts[column.name]
    if column.values:
        one = st.sampled_from(column.values)
        return st.lists(one, max_size=3).map(tuple) if column.many else one
    if column.many:
        return st.lists(listed, max_size=3).map(tuple)
    numbers = st.floats(min_value=0, allow_infinity=False) | st.just(float("nan"))
    return {"number": numbers, "text": words, "whole": st.integers(0, 2030), "flag": st.booleans()}[
        column.kind
    ]


points = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
rows = st.fixed_dictionaries({
    "point": points,
    **{name: cells(column) for name, column in COLUMNS.items() if name not in ("facility_id", "lon", "lat")},
    "beds": st.integers(0, 99),
    "rate": st.floats(allow_infinity=False) | st.just(float("nan")),
    "note": words,
    "open: late": st.booleans(),
    "rooms": st.integers(-5, 5),
})  # fmt: skip


def directory_of(listed_rows):
    table = []
    for number, row in enumerate(listed_rows):
        lon, lat = (float("nan"),) * 2 if row["precision"] == "unknown" else row["point"]
        table.append({"facility_id": f"SYN-{number}", **row, "lon": lon, "lat": lat})
    names = ["facility_id", *list(COLUMNS)[1:], "beds", "rate", "note", "open: late", "rooms"]
    frame = typed(pd.DataFrame(table, columns=names)).astype({"rate": float, "note": str})
    frame = frame.astype({"beds": "int64", "rooms": "int64", "open: late": bool})
    about = Provenance.of([Source(name="SYNTHETIC", synthetic=True)], select=[{"state": ["IL"]}])
    return iop.Directory(frame, quality=account_of(frame, Ledger("x").table()), provenance=about)


directories = st.lists(rows, max_size=6).map(directory_of)
