"""Ways between points on a network: pairs, the nearest, and sums, goal by goal on every core."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple

import numpy as np

from iopdir.progress import during
from iopdir.roads.anchors import Anchors, Doors, doors, goals, neighbours
from iopdir.roads.network import Network
from iopdir.roads.search import FAR, Graph, Int32, Seeds, insert, label, ring_size, settle
from iopdir.spatial.compiled import compiled
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.spatial.threads import in_threads

__all__ = ["Between", "Found"]

_GOALS: Final = 16
"""Goals that a thread takes at once."""


class Found(NamedTuple):
    """Pairs: who, which place, tenths of a second."""

    who: Int32
    place: Int32
    cost: Int32


class _Room(NamedTuple):
    """What a search needs, clean between searches."""

    best: Int32  # (states,), FAR
    head: Int32  # (ring,), -1
    stack: Int32
    least: Int32  # (people,), FAR
    met: Int32  # (people,)


@dataclass(frozen=True, eq=False)
class Between:
    """People and places on one network.

    Parameters
    ----------
    network
        Roads.
    people, places
        Where ways begin and end.
    """

    network: Network
    people: Anchors
    places: Anchors
    _rooms: SimpleQueue[_Room] = field(default_factory=SimpleQueue, repr=False)

    @cached_property
    def _doors(self) -> Doors:
        return doors(self.people, self.network.shapes, self.network.graph.took.size)

    @cached_property
    def _seeds(self) -> Seeds:
        return goals(self.places, self.network.shapes, self.network.graph)

    @cached_property
    def _near(self) -> Doors:
        return neighbours(self.people, self.places)

    def pairs(self, limit: int) -> Found:
        """List the pairs within a limit, place by place.

        Parameters
        ----------
        limit
            Tenths of a second, inclusive.

        Returns
        -------
        Found
            In rising order of places, then of people.
        """
        parts: dict[int, Found] = {}

        def work(part: slice, room: _Room) -> _Room:
            *found, stack = _pairs(
                self.network.graph, self._seeds, self._doors, self._near, limit, part.start, part.stop, *room
            )
            parts[part.start] = Found(*found)
            return room._replace(stack=stack)

        self._share_out(work)
        columns = zip(*(parts[start] for start in sorted(parts)), strict=True)
        empty = np.empty(0, dtype=np.int32)
        return Found(*(np.concatenate(column) for column in columns)) if parts else Found(empty, empty, empty)

    def sums(self, values: FloatArray, limits: IntArray, *, at_people: bool) -> FloatArray:
        """Add up values of one end within limits of the other, without a list of pairs.

        Parameters
        ----------
        values
            Of places if sums are wanted at people, else of people; such that every sum of them is exact.
        limits
            Tenths of a second, inclusive, shape (r,).
        at_people
            At which end.

        Returns
        -------
        FloatArray
            Shape (people, r) or (places, r).
        """
        size = (self.people if at_people else self.places).chain.size
        sums: list[FloatArray] = []
        free: SimpleQueue[FloatArray] = SimpleQueue()

        def work(part: slice, room: _Room) -> _Room:
            try:
                total = free.get_nowait()
            except Empty:
                total = np.zeros((size, limits.size))
                sums.append(total)
            stack = _sums(
                self.network.graph, self._seeds, self._doors, self._near, limits, values, at_people, total,
                part.start, part.stop, *room,
            )  # fmt: skip
            free.put(total)
            return room._replace(stack=stack)

        self._share_out(work)
        return sum(sums[1:], start=sums[0]) if sums else np.zeros((size, limits.size))

    def nearest(self, k: int, limit: int) -> tuple[Int32, Int32]:
        """Find the k places that cost each of the people least, in one sweep of the network.

        Parameters
        ----------
        k
            How many.
        limit
            Tenths of a second, inclusive.

        Returns
        -------
        tuple[Int32, Int32]
            Places, -1 where there is none, and costs, `FAR` there; each of shape (people, k). Of equally dear ones
            the first comes first.
        """
        graph = self.network.graph
        with during("Searching the roads"):
            best, whose = label(graph, self._seeds, k, limit, ring_size(graph, self._seeds))
        shape = self.people.chain.size, k
        cost, place = np.full(shape, FAR, dtype=np.int32), np.full(shape, -1, dtype=np.int32)
        _collect(best, whose, self._doors, self._near, limit, cost, place)
        return place, cost

    def _share_out(self, work: Callable[[slice, _Room], _Room]) -> None:
        """Search from all goals, each thread in a room of its own."""
        n = self.places.chain.size

        def one(part: slice) -> None:
            try:
                room = self._rooms.get_nowait()
            except Empty:
                room = self._new_room()
            self._rooms.put(work(part, room))

        self._doors, self._seeds, self._near  # noqa: B018  # made once, before the threads
        in_threads(one, n, chunk=_GOALS, serial=2, what="Searching the roads")

    def _new_room(self) -> _Room:
        states, people = self.network.graph.took.size, self.people.chain.size
        return _Room(
            best=np.full(states, FAR, dtype=np.int32),
            head=np.full(ring_size(self.network.graph, self._seeds), -1, dtype=np.int32),
            stack=np.empty((2, 1 << 12), dtype=np.int32),
            least=np.full(people, FAR, dtype=np.int32),
            met=np.empty(people, dtype=np.int32),
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"network": self.network, "people": self.people, "places": self.places}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _rooms=SimpleQueue())


@compiled
def _meet(
    graph: Graph, seeds: Seeds, ways_in: Doors, near: Doors, goal: int, limit: int,
    best: Int32, head: Int32, stack: Int32, least: Int32, met: Int32,
) -> tuple[Int32, int]:  # fmt: skip
    """Find who gets to a goal within a limit: `met` lists them, `least` says what it costs."""
    stack, used = settle(graph, seeds, goal, limit, best, head, stack)
    count = 0
    for entry in range(used):
        state = stack[0, entry]
        if best[state] == FAR:
            continue
        for i in range(ways_in.start[state], ways_in.start[state + 1]):
            who, cost = ways_in.who[i], best[state] + ways_in.cost[i]
            if cost <= limit:
                if least[who] == FAR:
                    met[count] = who
                    count += 1
                least[who] = min(least[who], cost)
        best[state] = FAR
    for i in range(near.start[goal], near.start[goal + 1]):
        who, cost = near.who[i], near.cost[i]
        if cost <= limit:
            if least[who] == FAR:
                met[count] = who
                count += 1
            least[who] = min(least[who], cost)
    return stack, count


@compiled
def _pairs(
    graph: Graph, seeds: Seeds, ways_in: Doors, near: Doors, limit: int, begin: int, end: int,
    best: Int32, head: Int32, stack: Int32, least: Int32, met: Int32,
) -> tuple[Int32, Int32, Int32, Int32]:  # fmt: skip
    who, place, cost = (
        np.empty(1024, dtype=np.int32),
        np.empty(1024, dtype=np.int32),
        np.empty(1024, dtype=np.int32),
    )
    listed = 0
    for goal in range(begin, end):
        stack, count = _meet(graph, seeds, ways_in, near, goal, limit, best, head, stack, least, met)
        room = who.size
        while listed + count > room:
            room *= 2
        if room > who.size:
            who, place, cost = _grown(who, room), _grown(place, room), _grown(cost, room)
        for one in np.sort(met[:count]):
            who[listed], place[listed], cost[listed] = one, goal, least[one]
            listed += 1
            least[one] = FAR
    return who[:listed].copy(), place[:listed].copy(), cost[:listed].copy(), stack


@compiled
def _grown(array: Int32, size: int) -> Int32:
    larger = np.empty(size, dtype=np.int32)
    larger[: array.size] = array
    return larger


@compiled
def _sums(
    graph: Graph, seeds: Seeds, ways_in: Doors, near: Doors, limits: IntArray, values: FloatArray,
    at_people: bool, total: FloatArray, begin: int, end: int,  # noqa: FBT001
    best: Int32, head: Int32, stack: Int32, least: Int32, met: Int32,
) -> Int32:  # fmt: skip
    for goal in range(begin, end):
        stack, count = _meet(graph, seeds, ways_in, near, goal, limits.max(), best, head, stack, least, met)
        for i in range(count):
            who = met[i]
            at, value = (who, values[goal]) if at_people else (goal, values[who])
            for column in range(limits.size):
                if least[who] <= limits[column]:
                    total[at, column] += value
            least[who] = FAR
    return stack


@compiled
def _collect(
    best: Int32, whose: Int32, ways_in: Doors, near: Doors, limit: int, cost: Int32, place: Int32
) -> None:
    """Hand the labels of states on to those who begin there, and what lies on their own road."""
    for state in range(ways_in.start.size - 1):
        for i in range(ways_in.start[state], ways_in.start[state + 1]):
            who = ways_in.who[i]
            for rank in range(best.shape[1]):
                if whose[state, rank] < 0 or best[state, rank] + ways_in.cost[i] > limit:
                    break
                insert(cost[who], place[who], best[state, rank] + ways_in.cost[i], whose[state, rank])
    for goal in range(near.start.size - 1):
        for i in range(near.start[goal], near.start[goal + 1]):
            if near.cost[i] <= limit:
                insert(cost[near.who[i]], place[near.who[i]], near.cost[i], goal)
