"""Drive times on real extracts, against the seconds of OSRM 26.10's own car profile. Totals only."""

import numpy as np
import pandas as pd
import pytest

import iopdir as iop

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def baltimore(real_data):
    return iop.Roads.read_pbf(real_data / "roads" / "baltimore.osm.pbf")


def both(roads, table):
    """Our seconds and theirs, pair by pair; ours without the walks to the road, which OSRM does not count."""
    ends, walks = [], []
    for end in ("origin", "destination"):
        where = table[[f"{end}_lon", f"{end}_lat"]].set_axis(["lon", "lat"], axis=1).drop_duplicates()
        ends.append(where.set_index(pd.MultiIndex.from_frame(where).to_flat_index()))
        walks.append(pd.Series(roads.anchor(*where.to_numpy().T).walk / 10, index=ends[-1].index))
    cost = iop.CostMatrix.from_roads(roads, *ends, max_cost=None).to_frame()
    minutes = cost.set_index(["origin", "destination"])["cost"]
    keys = pd.MultiIndex.from_arrays(
        [
            list(zip(table[f"{end}_lon"], table[f"{end}_lat"], strict=True))
            for end in ("origin", "destination")
        ]
    )
    walked = (
        walks[0].reindex(keys.get_level_values(0)).to_numpy()
        + walks[1].reindex(keys.get_level_values(1)).to_numpy()
    )
    return minutes.reindex(keys).to_numpy() * 60 - walked, table["seconds"].to_numpy(), walked


@pytest.mark.parametrize("name", ["baltimore_points_osrm.csv", "baltimore_osrm.csv"])
def test_minutes_are_those_of_osrm(baltimore, real_data, name):
    ours, theirs, _ = both(baltimore, pd.read_csv(real_data / "roads" / name))
    some = theirs > 0
    ratio = ours[some] / theirs[some]
    assert not np.isnan(ours).any()
    assert np.corrcoef(ours, theirs)[0, 1] >= 0.9995
    assert 0.99 <= np.median(ratio) <= 1.01
    assert np.mean(np.abs(ratio - 1) <= 0.15) >= 0.99


def test_points_on_roads_are_not_walked_to_and_centers_of_tracts_are(baltimore, real_data):
    walks = [
        both(baltimore, pd.read_csv(real_data / "roads" / name))[2].max()
        for name in ("baltimore_points_osrm.csv", "baltimore_osrm.csv")
    ]
    assert walks[0] <= 0.4 < 30 < walks[1]


def test_the_way_back_is_another_way(baltimore, real_data):
    table = pd.read_csv(real_data / "roads" / "baltimore_points_osrm.csv")
    where = (
        table[["origin_lon", "origin_lat"]]
        .drop_duplicates()
        .set_axis(["lon", "lat"], axis=1)
        .reset_index(drop=True)
    )
    cost = iop.CostMatrix.from_roads(baltimore, where, where, max_cost=None).to_frame()
    square = cost.pivot_table(index="origin", columns="destination", values="cost").to_numpy()
    assert (np.diag(square) <= 0.01).all()  # no more than the walks to the road and back
    assert np.abs(square - square.T).max() > 0.5
    through = (square[:, :, None] + square[None]).min(axis=1)
    assert (
        square <= through + 1e-9 + 0.5
    ).all()  # half a minute: who stops on the way need not turn around there


@pytest.mark.parametrize("name", ["baltimore.osm.pbf", "liechtenstein-latest.osm.pbf"])
def test_an_extract_is_read_whole_and_saved_and_opened(real_data, tmp_path, name):
    roads = iop.Roads.read_pbf(real_data / "roads" / name)
    counts = roads.counts
    assert counts["directions off the largest part"] < 0.03 * counts["states"]
    roads.save(tmp_path / "roads")
    opened = iop.Roads.open(tmp_path / "roads")
    for part in ("shapes", "graph"):
        for ours, theirs in zip(getattr(roads._network, part), getattr(opened._network, part), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_a_cut_extract_is_refused_wherever_it_is_cut(real_data, tmp_path):
    data = (real_data / "roads" / "liechtenstein-latest.osm.pbf").read_bytes()
    for share in (0.1, 0.5, 0.9, 0.999):
        path = tmp_path / "cut.osm.pbf"
        path.write_bytes(data[: int(share * len(data))])
        with pytest.raises(iop.LoadError):
            iop.Roads.read_pbf(path)
