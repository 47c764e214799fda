"""Matrices from routing servers: every pair, block by block, kept, asked again, and told from nonsense."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.errors import FetchError, LoadError, UnitError

sys.path.insert(0, str(Path(__file__).parent))
from routing import Router, seconds

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def ends():
    rng = np.random.default_rng(1)
    homes = pd.DataFrame({"lon": rng.uniform(-88, -87, 45), "lat": rng.uniform(41, 42, 45)}).round(5)
    homes.index = [f"h{i}" for i in range(45)]
    places = pd.DataFrame({"lon": rng.uniform(-88, -87, 23), "lat": rng.uniform(41, 42, 23)}).round(5)
    places.index = [f"c{i:02}" for i in range(23)]
    places.loc["c22"] = [-87.5, 51.0]  # no road leads there
    return homes, places


def truth(homes, places, limit=np.inf):
    rows = []
    for origin, lon, lat in homes.itertuples():
        for destination, x, y in places.itertuples():
            taken = seconds((lon, lat), (x, y))
            if taken is not None and taken / 60 <= limit:
                rows.append((origin, destination, taken / 60))
    return pd.DataFrame(rows, columns=["origin", "destination", "cost"])


def ask(server, kind, ends, **options):
    make = {"osrm": iop.CostMatrix.from_osrm, "valhalla": iop.CostMatrix.from_valhalla}[kind]
    patient = iop.fetch.Client(pace_s=0, attempts=3, sleep=lambda _: None)
    return make(server.url, *ends, **({"client": patient} | options))


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
@pytest.mark.parametrize("most", [4, 17, 100])
def test_every_pair_comes_whatever_the_size_of_a_block(kind, most, ends):
    with Router(most=most) as server:
        cost = ask(server, kind, ends, max_cost=None, most=most)
    pd.testing.assert_frame_equal(cost.to_frame(), truth(*ends), check_dtype=False)
    assert cost.unit == "min"
    assert cost.provenance.parameters["asked"].startswith("http://127.0.0.1")


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
def test_a_limit_leaves_out_pairs_and_does_not_ask_for_the_impossible(kind, ends):
    with Router() as server:
        cost = ask(server, kind, ends, max_cost="20 min", most=6)
        near = len(server.asked)
        ask(server, kind, ends, max_cost=None, most=6)
        assert near < len(server.asked) - near
    pd.testing.assert_frame_equal(cost.to_frame(), truth(*ends, limit=20), check_dtype=False)
    iop.nearest(ends[0], ends[1], cost=cost)


def test_newer_valhalla_says_it_in_short(ends):
    with Router(short=True) as server:
        cost = ask(server, "valhalla", ends, max_cost=None)
    pd.testing.assert_frame_equal(cost.to_frame(), truth(*ends), check_dtype=False)


def test_a_busy_server_is_asked_again(ends):
    with Router() as server:
        server.faults = [(503, {}), None, (200, b'{"code": "Ok", "durations": [[1'), (429, {})]
        cost = ask(server, "osrm", ends, max_cost=None, most=40)
    assert len(cost) == len(truth(*ends))


def test_what_has_come_is_kept_and_not_asked_for_again(ends, tmp_path):
    kept = tmp_path / "blocks.jsonl"
    with Router() as server:
        server.faults = [
            None,
            None,
            (400, {"code": "NoSegment", "message": "Could not find a matching segment"}),
        ]
        with pytest.raises(FetchError, match="NoSegment: Could not find"):
            ask(server, "osrm", ends, max_cost=None, most=10, resume=kept)
        with kept.open("a") as file:
            file.write('{"7": [[1')  # as a killed process leaves it
        server.asked.clear()
        cost = ask(server, "osrm", ends, max_cost=None, most=10, resume=kept)
        first = len(server.asked)
        again = ask(server, "osrm", ends, max_cost=None, most=10, resume=kept)
        assert len(server.asked) == first
        kept.write_text(
            kept.read_text() + '{"0": [[null]], "1": "x", "x": 1}\n[1]\n"x"\n' + "[" * 9999 + "\n"
        )
        damaged = ask(server, "osrm", ends, max_cost=None, most=10, resume=kept)
        assert len(server.asked) == first + 2  # two blocks that are none are asked for again
    pd.testing.assert_frame_equal(cost.to_frame(), truth(*ends), check_dtype=False)
    pd.testing.assert_frame_equal(damaged.to_frame(), cost.to_frame())
    pd.testing.assert_frame_equal(again.to_frame(), cost.to_frame())
    with pytest.raises(LoadError, match="another question"):
        iop.CostMatrix.from_osrm("http://127.0.0.1:1", *ends, resume=kept)
    kept.write_text("name,city\n")
    with pytest.raises(LoadError, match="something else"):
        iop.CostMatrix.from_osrm("http://127.0.0.1:1", *ends, resume=kept)
    with pytest.raises(LoadError, match="found a folder"):
        iop.CostMatrix.from_osrm("http://127.0.0.1:1", *ends, resume=tmp_path)


@pytest.mark.parametrize(
    ("kind", "fault", "words"),
    [
        (
            "osrm",
            (400, {"code": "TooBig", "message": "Too many table coordinates"}),
            "TooBig: Too many table",
        ),
        ("osrm", (400, {"code": "InvalidVersion", "message": "v1 not found"}), "InvalidVersion"),
        ("osrm", (200, b"<html>welcome</html>"), "another answer"),
        ("osrm", (200, {"code": "Ok", "durations": [[1.0]]}), "shape"),
        ("osrm", (200, {"code": "Ok"}), "durations"),
        ("osrm", (200, {"code": "Ok", "durations": "none"}), "another answer"),
        ("osrm", (200, []), "another answer"),
        ("osrm", (200, {"status": 0, "distance_table": []}), "no code"),
        ("valhalla", (400, {"error_code": 150, "error": "Exceeded max locations: 50"}), "150: Exceeded max"),
        ("valhalla", (200, {"sources_to_targets": [[{"to": 1}]]}), "time"),
        ("valhalla", (200, {"one_to_many": []}), "sources_to_targets"),
    ],
    ids=[
        "too big",
        "version",
        "web page",
        "shape",
        "no table",
        "word",
        "list",
        "version 4",
        "too many",
        "cell",
        "old",
    ],
)
def test_another_answer_is_told_in_the_words_of_the_server(kind, fault, words, ends):
    with Router() as server:
        server.faults = [fault] * 3
        with pytest.raises(FetchError, match=words):
            ask(server, kind, ends)


def test_no_server_no_address_and_no_time_are_told(ends):
    with Router() as server:
        gone = server.url
    client = iop.fetch.Client(pace_s=0, attempts=2, sleep=lambda _: None)
    with pytest.raises(FetchError, match="OSRM table"):
        iop.CostMatrix.from_osrm(gone, *ends, client=client)
    with pytest.raises(FetchError, match="address"):
        iop.CostMatrix.from_valhalla("localhost:8002", *ends)
    with pytest.raises(UnitError):
        iop.CostMatrix.from_osrm(gone, *ends, max_cost="20 mi")


def asked_for(server, kind, ends, **options):
    before = len(server.asked)
    ask(server, kind, ends, max_cost=None, **options)
    return len(server.asked) - before


def many(n):
    return pd.DataFrame({"lon": np.linspace(-88, -87, n), "lat": 41.0}, index=[f"p{i}" for i in range(n)])


@pytest.mark.parametrize(("kind", "most"), [("osrm", 100), ("valhalla", 50)])
def test_blocks_are_as_large_as_such_servers_allow(kind, most):
    homes, places = many(most + 1), many(most + 1)
    with Router() as server:
        left_out, written = (asked_for(server, kind, (homes, places), **how) for how in ({}, {"most": most}))
        assert left_out == written == 8  # half a block of people each, and what is left of it for places
        assert asked_for(server, kind, (homes[: most // 2], places[: most // 2])) == 1
        assert asked_for(server, kind, (homes[: most // 2], places[: most // 2 + 1])) == 2
        assert (
            asked_for(server, kind, (homes[:0], places)) == asked_for(server, kind, (homes, places[:0])) == 0
        )
        assert asked_for(server, kind, (homes[:3], places[:2]), most=1) == 6


@pytest.mark.parametrize(("km", "asked"), [(159, 1), (161, 0)])
def test_no_car_drives_faster_than_160_km_in_an_hour(km, asked):
    there = pd.DataFrame({"lon": [0.0], "lat": [0.0]})
    place = pd.DataFrame({"lon": [km / 111.319_49], "lat": [0.0]})
    with Router() as server:
        cost = ask(server, "osrm", (there, place), max_cost="60 min")
        assert len(server.asked) == asked
    assert cost.provenance.parameters["max_cost_min"] == 60


def test_blocks_of_another_question_are_not_taken_for_those_of_this_one(ends, tmp_path):
    homes, places = ends
    with Router() as server:
        kept = tmp_path / "blocks.jsonl"
        ask(server, "osrm", ends, max_cost="30 min", resume=kept)
        moved, renamed = homes.copy(), homes.rename({"h3": "h99"})
        moved.loc["h3", "lat"] += 0.01
        for other, how in (
            ((moved, places), {}), ((renamed, places), {}), ((homes, places.rename({"c03": "x"})), {}),
            ((homes, places[:-1]), {}), (ends, {"max_cost": "31 min"}), (ends, {"most": 99}),
            (ends, {"profile": "foot"}),
        ):  # fmt: skip
            with pytest.raises(LoadError, match="another question"):
                ask(server, "osrm", other, **({"max_cost": "30 min", "resume": kept} | how))
        before = len(server.asked)
        again = ask(server, "osrm", ends, max_cost="30 min", resume=kept)
        assert len(server.asked) == before
    pd.testing.assert_frame_equal(again.to_frame(), truth(*ends, limit=30), check_dtype=False)


def test_a_matrix_says_whom_it_asked_and_within_what(ends):
    with Router() as server:
        cost = ask(server, "osrm", ends, max_cost=None)
        assert cost.provenance.parameters["max_cost_min"] is None
        assert [source.name for source in cost.provenance.sources] == ["OSRM server"]
        server.faults = [(200, {"code": "Ok", "durations": [[-1.0]]})]
        with pytest.raises(FetchError, match="negative seconds"):
            ask(server, "osrm", (ends[0][:1], ends[1][:1]), max_cost=None)
