"""Siting beside others who solve the same: spopt on the San Francisco stores, an independent program on a state."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import bmat, csr_array, eye

import iopdir as iop

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pulp
    from spopt.locate import LSCP, MCLP, PCenter, PMedian

RADIUS_M = 5_000.0
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the peer builds models by an old way


@pytest.fixture(scope="module")
def stores(real_data):
    """Demand, stores without any that is open, and network distances between them, in metres."""
    table = pd.read_csv(real_data / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    people = table.groupby("DestinationName")["demand"].first().rename("population").astype(float)
    matrix = iop.CostMatrix.from_frame(
        table, origin="DestinationName", destination="name", cost="distance", unit="m"
    )
    square = table.pivot_table(index="DestinationName", columns="name", values="distance")
    homes = people.to_frame().assign(lon=-122.4, lat=37.7)
    spots = pd.DataFrame({"name": square.columns}, index=square.columns)
    return homes, spots, matrix, square.loc[homes.index]


def ours(stores, **options):
    homes, spots, matrix, _ = stores
    return iop.site(homes, spots.iloc[:0], candidates=spots, cost=matrix, **options)


def solved(model):
    return model.solve(pulp.PULP_CBC_CMD(msg=False))


@pytest.mark.real
@pytest.mark.parametrize("n", [1, 3, 5])
def test_maximal_covering(stores, n):
    homes, _, _, square = stores
    peer = solved(MCLP.from_cost_matrix(square.to_numpy(), homes["population"].to_numpy(), RADIUS_M, n))
    plan = ours(stores, n=n, standard=f"{RADIUS_M} m")
    assert plan.gain == pytest.approx(peer.problem.objective.value())
    assert plan.status == "optimal"


@pytest.mark.real
def test_set_covering(stores):
    _, _, _, square = stores
    radius = square.min(axis=1).max()
    peer = solved(LSCP.from_cost_matrix(square.to_numpy(), radius))
    plan = ours(stores, objective="all", standard=f"{radius} m")
    assert plan.value == peer.problem.objective.value()
    lost = ours(stores, objective="all", standard=f"{radius - 1} m")
    assert lost.status == "infeasible"
    assert lost.unreachable.index.tolist() == [square.min(axis=1).idxmax()]
    assert lost.unreachable["nearest_candidate_m"].iloc[0] == pytest.approx(radius)


@pytest.mark.real
@pytest.mark.parametrize("n", [1, 4])
def test_p_median(stores, n):
    homes, _, _, square = stores
    weight = homes["population"].to_numpy()
    peer = solved(PMedian.from_cost_matrix(square.to_numpy(), weight, n))
    plan = ours(stores, n=n, objective="mean_cost")
    assert plan.value * weight.sum() == pytest.approx(peer.problem.objective.value(), rel=1e-6)
    assert plan.value == plan.bound


@pytest.mark.real
@pytest.mark.parametrize("n", [1, 4])
def test_p_center(stores, n):
    _, _, _, square = stores
    peer = solved(PCenter.from_cost_matrix(square.to_numpy(), n))
    plan = ours(stores, n=n, objective="worst_cost")
    assert plan.value == pytest.approx(peer.problem.objective.value(), rel=1e-6)


@pytest.mark.parametrize(("state", "miles", "n"), [("NV", 15, 5), ("KS", 20, 6)])
def test_an_independent_program_finds_the_same_for_a_state(state, miles, n):
    demand = iop.demand_points("zcta", state=state)
    iops = iop.demo_directory().select(level_of_care="iop")
    limit = miles * 1609.344
    near = iop.nearest(demand, iops).set_index("origin")["distance_m"].loc[demand.index] > limit
    outside = demand[near.to_numpy()]
    pairs = iop.reach(outside, demand).within(limit)
    rows = outside.index.get_indexer(pairs["origin"])
    columns = demand.index.get_indexer(pairs["facility_id"])
    covers = csr_array((np.ones(len(pairs)), (rows, columns)), shape=(len(outside), len(demand)))
    weight = outside["population"].to_numpy()
    result = milp(
        -np.append(weight, np.zeros(len(demand))),
        constraints=[
            LinearConstraint(bmat([[eye(len(outside)), -covers]]).tocsr(), ub=np.zeros(len(outside))),
            LinearConstraint(np.append(np.zeros(len(outside)), np.ones(len(demand)))[None], ub=[n]),
        ],
        integrality=np.append(np.zeros(len(outside)), np.ones(len(demand))),
        bounds=(0, 1),
    )
    plan = iop.site(demand, iops, n=n, standard=f"{miles} mi")
    assert plan.gain == pytest.approx(-result.fun, rel=1e-6)
    assert plan.status == "optimal"
