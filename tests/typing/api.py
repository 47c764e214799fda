"""User code that must type-check: what the README shows, and the types it promises."""

from typing import assert_type

import pandas as pd

import iopdir as iop

snapshot = iop.fetch_findtreatment("listings/", state="IL")
assert_type(snapshot, iop.snapshots.Snapshot)
assert_type(snapshot.open(), iop.Directory)
store = iop.SnapshotStore("listings/")
assert_type(store.list(), pd.DataFrame)
assert_type(store.latest("findtreatment"), iop.Directory)
assert_type(store.open("2026-11-24"), iop.Directory)
assert_type(store.verify(), pd.DataFrame)

directory = iop.read_directory("National_Directory_SA_Facilities_2022.xlsx")
assert_type(directory, iop.Directory)
assert_type(iop.read_directory("listing.csv"), iop.Directory)
assert_type(iop.loaders.read_findtreatment("rows.json"), iop.Directory)
assert_type(iop.read_facilities("any.csv", columns={"Clinic": "name"}), iop.Directory)
assert_type(iop.demo_directory(), iop.Directory)

assert_type(directory.quality, iop.Quality)
assert_type(directory.quality.rows_in, int)
assert_type(directory.quality.issues, pd.DataFrame)
iops = directory.select(
    level_of_care="iop", payment=["medicaid", iop.vocabulary.Payment.MEDICARE], state="IL"
)
assert_type(iops, iop.Directory)
assert_type(iops.by_state(), pd.DataFrame)
assert_type(iops.provenance, iop.Provenance)
iops.to_parquet("iops.parquet")
assert_type(iop.Directory.read_parquet("iops.parquet"), iop.Directory)

for facility in iops:
    assert_type(facility, iop.Facility)
    assert_type(facility.levels_of_care, tuple[iop.vocabulary.LevelOfCare, ...])
    assert_type(facility.location, iop.schema.Location)
    assert_type(facility.location.lat, float | None)
    assert_type(facility.address, iop.schema.Address)

assert_type(iop.find_place("60614"), iop.Place)
assert_type(iop.nearest("60614", iops, k=5, max_cost="25 mi"), pd.DataFrame)
assert_type(iop.datasets.list_packs(), pd.DataFrame)
assert_type(iop.datasets.pack_source("zcta"), iop.Source)
assert_type(iop.vocabulary.describe_code("OIT").label, str)

try:
    iop.read_directory("missing.csv")
except iop.LoadError as error:
    assert_type(error.expected, str)
    assert_type(error.line, int | None)
except iop.IopdirError:
    pass

plan = iop.site(iop.demand_points("zcta"), iops, n=10, standard="30 mi", within="TX", method="greedy")
assert_type(plan, iop.scenarios.Plan)
assert_type(plan.gain, float)
assert_type(plan.sites, pd.DataFrame)
asked = iop.what_if(iop.demand_points("zcta"), iops, open="79903", close={"facility_county": "48141"})
assert_type(asked, iop.scenarios.WhatIf)
assert_type(asked.difference, pd.DataFrame)
assert_type(iop.scenarios.closures(iop.demand_points("zcta"), iops), pd.DataFrame)
