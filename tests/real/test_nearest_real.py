"""On the real files both indexes name the facilities that measuring every pair names."""

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.spatial.blocks import PackedTree
from iopdir.spatial.geodesy import geodesic_m
from iopdir.spatial.knn import nearest_batch
from iopdir.spatial.live import DynamicIndex
from iopdir.spatial.pairs import within_batch
from iopdir.spatial.rings import ring_sums

pytestmark = pytest.mark.real
PLACES = {
    "locator pull of 2021": ("oeps_substance_use_treatment_2021.csv", "longitude", "latitude"),
    "opioid treatment programs": ("oeps_opioid_treatment_programs.csv", "Longitude", "Latitude"),
    "programs of 2017": ("samhsa_otp_2017.csv", "Longitude", "Latitude"),
    "San Francisco stores": ("SF_store_site_16_longlat.csv", "long", "lat"),
    "San Francisco tracts": ("SF_demand_205_centroid_uniform_weight.csv", "long", "lat"),
    "county centers": ("popcenters_county_2020.csv.gz", "LONGITUDE", "LATITUDE"),
}


def points(folder, name):
    file, lon, lat = PLACES[name]
    table = pd.read_csv(folder / file, encoding="latin-1").dropna(subset=[lon, lat])
    return table[lon].to_numpy(float), table[lat].to_numpy(float)


@pytest.fixture(scope="module")
def homes(real_data):
    """Every 300th tract: a sample over all states and Puerto Rico."""
    table = pd.read_csv(real_data / "popcenters_tract_2020.csv.gz").iloc[::300]
    return table["LONGITUDE"].to_numpy(float), table["LATITUDE"].to_numpy(float)


def measure_all(here, there):
    shape = here[0].size, there[0].size
    pairs = [
        np.broadcast_to(values, shape).ravel() for values in (here[0][:, None], here[1][:, None], *there)
    ]
    return np.reshape(geodesic_m(*pairs), shape)


@pytest.mark.parametrize("name", PLACES)
def test_every_answer_equals_measuring_every_pair(real_data, homes, name):
    there = points(real_data, name)
    distances, tree, live = measure_all(homes, there), PackedTree(*there), DynamicIndex(*there)
    ranks = np.lexsort((np.broadcast_to(np.arange(there[0].size), distances.shape), distances))
    for k in (1, 5, 50):
        found = min(k, there[0].size)
        for index, distance in (nearest_batch(tree, *homes, k), live.nearest(*homes, k)):
            np.testing.assert_array_equal(index[:, :found], ranks[:, :found])
            best = np.take_along_axis(distances, ranks[:, :found], axis=1)
            np.testing.assert_array_equal(distance[:, :found], best)
    miles = [1609.344 * radius for radius in (1, 10, 30, 100)]
    np.testing.assert_array_equal(
        ring_sums(tree, *homes, miles), np.column_stack([(distances <= r).sum(axis=1) for r in miles])
    )
    origin, destination, _ = within_batch(tree, *homes, miles[2])
    assert set(zip(origin.tolist(), destination.tolist(), strict=True)) == set(
        zip(*(part.tolist() for part in np.nonzero(distances <= miles[2])), strict=True)
    )


def test_the_national_directory_joins_exactly_with_ties_by_id(real_data):
    """Its points are ZIP centroids: hundreds of facilities lie on top of one another."""
    directory = iop.read_directory(real_data / "National_Directory_SA_Facilities_2022.xlsx")
    iops = directory.select(level_of_care="iop")
    table = iops.to_geodataframe().dropna(subset=["lon"])
    assert table.duplicated(["lon", "lat"]).sum() > 100
    homes = iop.read_popcenters(real_data / "popcenters_county_2020.csv.gz").iloc[::15]
    found = iop.nearest(homes, iops, k=5)
    distances = measure_all(
        (homes["lon"].to_numpy(), homes["lat"].to_numpy()), (table["lon"].to_numpy(), table["lat"].to_numpy())
    )
    ranks = np.lexsort((np.broadcast_to(np.arange(len(table)), distances.shape), distances))[:, :5]
    assert found["facility_id"].tolist() == table.index[ranks.ravel()].tolist()
    assert found["origin"].tolist() == homes.index.repeat(5).tolist()
    assert set(found["status"]) == {"ok"}
    assert found.attrs["unplaced_facilities"] == len(iops) - len(table)


def test_the_live_index_filters_the_national_directory_exactly(real_data):
    directory = iop.read_directory(real_data / "National_Directory_SA_Facilities_2022.xlsx")
    index = iop.FacilityIndex(directory)
    for filters in (
        {"level_of_care": "iop", "payment": "medicaid"},
        {"facility_state": "AK"},
        {"language": "spanish"},
    ):
        for lat, lon in ((41.88, -87.63), (64.84, -147.72), (18.44, -66.06)):
            found = index.nearest(lat=lat, lon=lon, k=7, **filters)
            place = pd.DataFrame({"lon": [lon], "lat": [lat]})
            expected = iop.nearest(place, directory, k=7, **filters)
            pd.testing.assert_frame_equal(found, expected.drop(columns="origin"))


def test_every_county_center_finds_the_same_facility_in_bulk_and_alone(real_data):
    there, here = points(real_data, "locator pull of 2021"), points(real_data, "county centers")
    bulk, alone = nearest_batch(PackedTree(*there), *here, 5), DynamicIndex(*there).nearest(*here, 5)
    np.testing.assert_array_equal(bulk[0], alone[0])
    np.testing.assert_array_equal(bulk[1], alone[1])
