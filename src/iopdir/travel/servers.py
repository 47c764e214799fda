"""Ask a routing server that somebody runs for the minutes between people and facilities, block by block.

Two protocols are spoken, as their projects document them: the table service of OSRM (version 1) and the matrix service
of Valhalla. A block is some neighbouring demand points and some of the facilities that may be within reach of them;
what has come can be kept in a file, and the next attempt goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import numpy as np

from iopdir.atomic import replacing
from iopdir.errors import FetchError, LoadError
from iopdir.fetch.client import Client, Session, TroubleError, shown
from iopdir.limits import MAX_MATRIX_BYTES, read_whole
from iopdir.progress import each
from iopdir.provenance import Source
from iopdir.spatial.geodesy import FloatArray, IntArray
from iopdir.travel.cost import Pairs
from iopdir.travel.sites import Points, Sites

__all__ = ["Protocol", "ask", "osrm", "valhalla"]

_TO_RESUME: Final = "blocks of this question to resume from"
FASTEST_M_PER_MIN: Final = 160_000 / 60
"""No car gets farther in a straight line: 160 km/h. What is beyond it for a limit is not asked for."""


_Rows: TypeAlias = "list[list[float | None]]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Protocol:
    """How a server is asked for a block, and how its answer is read.

    Parameters
    ----------
    name
        What to call it.
    request
        Address and parameters of the table from some places to others, longitudes and latitudes of shapes (s, 2) and
        (t, 2).
    read
        Seconds of shape (s, t) from the answer's JSON; NaN where there is no way.
    most
        Places of one block, both ends together.
    about
        What was asked, for provenance.
    """

    name: str
    about: str
    request: Callable[[FloatArray, FloatArray], tuple[str, dict[str, str]]]
    read: Callable[[Any], _Rows]
    most: int

    @property
    def source(self) -> Source:
        """What to cite: servers do not say what data they were prepared with."""
        return Source(name=f"{self.name} server", licence="OpenStreetMap data: ODbL-1.0")


def osrm(url: str, profile: str, most: int) -> Protocol:
    """Speak to `osrm-routed`: GET /table/v1/{profile}/{lon},{lat};...

    Parameters
    ----------
    url
        Of the server, such as ``"http://localhost:5000"``.
    profile
        Any word: the server knows the one it was prepared with.
    most
        Places of one request, up to the server's `--max-table-size` (100 if it was started without).
    """

    def request(here: FloatArray, there: FloatArray) -> tuple[str, dict[str, str]]:
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in np.vstack([here, there]).tolist())
        first, last = len(here), len(here) + len(there)
        return f"{url.rstrip('/')}/table/v1/{quote(profile)}/{places}", {
            "sources": ";".join(map(str, range(first))),
            "destinations": ";".join(map(str, range(first, last))),
            "annotations": "duration",
        }

    about = f"{shown(url)} {profile}"
    return Protocol(name="OSRM", about=about, request=request, read=_osrm_seconds, most=most)


def _osrm_seconds(body: Any) -> _Rows:  # noqa: ANN401 - JSON
    if body.get("code") != "Ok":
        raise ValueError(f"{body.get('code', 'no code')}: {body.get('message', '')}")
    rows: _Rows = body["durations"]
    return rows


def valhalla(url: str, costing: str, most: int) -> Protocol:
    """Speak to `valhalla_service`: GET /sources_to_targets?json={...}.

    Parameters
    ----------
    url
        Of the server, such as ``"http://localhost:8002"``.
    costing
        ``"auto"`` for cars.
    most
        Places of one request, up to the server's `max_matrix_location_pairs` and `max_matrix_locations`.
    """

    def request(here: FloatArray, there: FloatArray) -> tuple[str, dict[str, str]]:
        ends = {
            name: [{"lat": round(lat, 6), "lon": round(lon, 6)} for lon, lat in places.tolist()]
            for name, places in (("sources", here), ("targets", there))
        }
        question = {"json": json.dumps({**ends, "costing": costing}, separators=(",", ":"))}
        return f"{url.rstrip('/')}/sources_to_targets", question

    about = f"{shown(url)} {costing}"
    return Protocol(name="Valhalla", about=about, request=request, read=_valhalla_seconds, most=most)


def _valhalla_seconds(body: Any) -> _Rows:  # noqa: ANN401 - JSON
    if "error" in body:
        raise ValueError(f"{body['error']} ({body.get('error_code', 'no code')})")
    table = body["sources_to_targets"]
    if isinstance(table, dict):  # as newer servers say it in short
        rows: _Rows = table["durations"]
        return rows
    return [[cell["time"] for cell in row] for row in table]


def ask(
    protocol: Protocol,
    people: Points,
    sites: Sites,
    limit_min: float,
    *,
    resume: str | Path | None,
    client: Client | None,
) -> Pairs:
    """Ask for all pairs that may be within a limit.

    Parameters
    ----------
    protocol
        Whom to ask, and how.
    people, sites
        Both ends, with points.
    limit_min
        Minutes; `inf` for all pairs.
    resume
        A file that keeps what has come.
    client
        Settings of the network; no pause and three attempts if None.

    Returns
    -------
    tuple[IntArray, IntArray, FloatArray]
        Positions of demand points and sites, and minutes, of the pairs within the limit.

    Raises
    ------
    FetchError
        If the server cannot be reached, refuses, or speaks otherwise.
    LoadError
        If the file keeps something else.
    """
    blocks = list(_blocks(people, sites, limit_min, protocol.most))
    kept = _Kept(resume, _digest(protocol, people, sites, limit_min))
    parts: list[Pairs] = []
    with (client or Client(pace_s=0, attempts=3)).session() as session:
        for number, (here, there) in enumerate(each(blocks, f"Asking {protocol.name}")):
            seconds = kept.get(number, (len(here), len(there)))
            if seconds is None:
                seconds = _block(session, protocol, _lonlat(people, here), _lonlat(sites, there))
                kept.put(number, seconds)
            minutes = np.array(seconds, dtype=np.float64).reshape(len(here), len(there)) / 60
            row, column = np.nonzero(minutes <= limit_min)
            parts.append((here[row], there[column], minutes[row, column]))
    nothing = np.zeros(0, dtype=np.int64)
    origin, site, amount = (
        np.concatenate(ends) for ends in zip((nothing, nothing, np.zeros(0)), *parts, strict=True)
    )
    order = np.lexsort((site, origin))
    return origin[order], site[order], amount[order]


def _lonlat(points: Points, rows: IntArray) -> FloatArray:
    return np.stack([points.lon[rows], points.lat[rows]], axis=1)


def _block(session: Session, protocol: Protocol, here: FloatArray, there: FloatArray) -> _Rows:
    """Ask for one block; give seconds, None where there is no way."""
    url, parameters = protocol.request(here, there)
    expected = f"a {protocol.name} table of {len(here)} x {len(there)} seconds"
    answer = session.get(url, parameters, expected=expected, check=_parse)
    try:
        rows = protocol.read(json.loads(answer.data or b""))
        table = np.array(rows, dtype=np.float64)
        if table.shape != (len(here), len(there)):
            raise ValueError(f"a table of shape {table.shape}")  # noqa: TRY301 - said below like all else
        if (table < 0).any():
            raise ValueError("negative seconds")  # noqa: TRY301
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FetchError(
            _short(url), expected=expected, found=f"another answer ({str(error)[:300]})"
        ) from error
    return rows


def _parse(data: bytes) -> None:
    """Make sure that an answer is whole."""
    try:
        json.loads(data)
    except ValueError as error:
        if data.lstrip()[:1] in (b"{", b"["):
            raise TroubleError("half of an answer") from error


def _short(url: str) -> str:
    return url if len(url) <= 200 else f"{url[:200]}..."


def _blocks(people: Points, sites: Sites, limit_min: float, most: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Cut the pairs that may be within a limit into blocks: neighbours along a curve, and what is near all of them."""
    from iopdir.spatial.blocks import in_curve_order
    from iopdir.spatial.pairs import within_batch

    order = in_curve_order(people.lon, people.lat)[1]
    size = max(1, most // 2)
    for begin in range(0, order.size if len(sites) else 0, size):
        here = np.sort(order[begin : begin + size])
        if np.isinf(limit_min):
            near = np.arange(len(sites))
        else:
            near = np.unique(
                within_batch(sites.tree, people.lon[here], people.lat[here], limit_min * FASTEST_M_PER_MIN)[1]
            )
        step = max(1, most - len(here))
        for first in range(0, near.size, step):
            yield here, near[first : first + step]


def _digest(protocol: Protocol, people: Points, sites: Sites, limit_min: float) -> str:
    """Name a question, so that answers to another one are told from its own."""
    text = sha256(f"{protocol.name} {protocol.most} {limit_min}".encode())
    text.update(protocol.request(np.zeros((1, 2)), np.zeros((1, 2)))[0].encode())
    for points in (people, sites):
        text.update("\n".join(map(str, points.ids)).encode())
        text.update(points.lon.tobytes() + points.lat.tobytes())
    return text.hexdigest()


class _Kept:
    """Blocks that have come, one a line, in a file that any death leaves readable."""

    def __init__(self, path: str | Path | None, question: str) -> None:
        self._path, self._blocks = None if path is None else Path(path), dict[str, _Rows]()
        if self._path is None:
            return
        head = {"iopdir": "routing blocks", "question": question}
        lines = []
        if self._path.exists():
            text = read_whole(self._path, expected=_TO_RESUME, most=MAX_MATRIX_BYTES)
            lines = text.splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        if whole:
            found = _loads(whole[0])
            if found != head:
                what = (
                    "those of another question"
                    if isinstance(found, dict) and "question" in found
                    else "something else"
                )
                raise LoadError(self._path, expected=_TO_RESUME, found=what)
            for line in whole[1:]:
                block = _loads(line)
                self._blocks |= block if isinstance(block, dict) else {}
        if len(whole) != len(lines) or not whole:  # the last line was cut off
            with replacing(self._path) as draft:
                draft.write_bytes(b"".join(whole) or (json.dumps(head) + "\n").encode())

    def get(self, number: int, shape: tuple[int, int]) -> _Rows | None:
        """Give a block that is whole; None where it must be asked for."""
        rows = self._blocks.get(str(number))
        try:
            return rows if np.array(rows, dtype=np.float64).shape == shape else None
        except (ValueError, TypeError):
            return None

    def put(self, number: int, seconds: _Rows) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({number: seconds}) + "\n")


def _loads(line: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
