"""The FindTreatment.gov locator: page by page, whole, into a store."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from iopdir.directory.directory import Directory
from iopdir.errors import FetchError, LoadError, UnknownNameError
from iopdir.fetch.client import Client, Session, TroubleError, shown
from iopdir.geography.places import Place, find_place, state_code
from iopdir.loaders.pages import listing_of_pages
from iopdir.progress import during
from iopdir.provenance import Source
from iopdir.snapshots.draft import Draft
from iopdir.snapshots.manifest import Request, as_time
from iopdir.snapshots.snapshot import Snapshot
from iopdir.snapshots.store import SnapshotStore
from iopdir.units import parse_distance

__all__ = ["fetch_findtreatment"]

URL: Final = "https://findtreatment.gov/locator/exportsAsJson/v2"
"""SAMHSA, FindTreatment.gov Developer Guide, version 1.9 of 2025-01-15."""

MAX_PAGE: Final = 2_000
"""Records of a page at most; likewise."""

_STATES: Final = (
    "AL19 AK20 AZ21 AR22 CA23 CO24 CT25 DE26 DC27 FL28 GA29 HI30 ID31 IL32 IN33 IA34 KS35 KY36 LA37 ME1 MD18 MA3 MI2"
    " MN38 MS39 MO40 MT4 NE41 NV12 NH42 NJ13 NM43 NY5 NC6 ND44 OH7 OK45 OR46 PA8 RI9 SC47 SD48 TN10 TX11 UT14 VT49"
    " VA50 WA15 WV51 WI16 WY52"
)
STATE_IDS: Final = {word[:2]: word[2:] for word in _STATES.split()}
"""The locator's own numbers for states, which are not FIPS codes; likewise."""

_EXPECTED: Final = "a page of the FindTreatment.gov locator"
_REGISTER: Final = "SAMHSA asks who uses the locator to register: https://findtreatment.gov/api-request-form"


def fetch_findtreatment(
    into: str | Path,
    *,
    state: str | None = None,
    near: str | Place | None = None,
    within: str | float | None = None,
    service_type: str | None = None,
    url: str | None = None,
    page_size: int = MAX_PAGE,
    client: Client | None = None,
) -> Snapshot:
    """Fetch the FindTreatment.gov locator into a store: the country, a state, or what lies around a place.

    Parameters
    ----------
    into
        Folder of the store; made if it is not there.
    state
        Postal abbreviation or name: only this state.
    near, within
        A place, as [`find_place`][iopdir.find_place] takes it, and a distance such as ``"100 mi"``: only what lies
        there.
    service_type
        ``"sa"`` (substance use), ``"mh"`` (mental health) or ``"both"``; all that the locator has if not given.
    url
        Another address of the locator; the environment variable ``IOPDIR_FINDTREATMENT_URL`` does the same.
    page_size
        Records of a page, 2,000 at most.
    client
        Pace, limits and clock.

    Returns
    -------
    Snapshot
        The new one; or the last one, if the locator gave the same bytes as then.

    Raises
    ------
    FetchError
        If the locator does not answer, or with no record. Pages that came are kept, and the next fetch within a day
        goes on from there.
    LoadError
        If the locator has changed its columns. What came is kept; the message says where.
    UnknownNameError
        If there is no such state, place or service type.

    Notes
    -----
    SAMHSA asks users of the locator to register, see the
    [developer guide](https://findtreatment.gov/assets/FindTreatment-Developer-Guide.pdf). Coordinates go as latitude,
    longitude: so do the guide's examples, though its table says the reverse. While it is asked for, the listing may
    move: records that come twice are merged, and if fewer come than the locator counts, a warning says so.

    Examples
    --------
    ```python
    snapshot = iop.fetch_findtreatment("listings/", near="60614", within="100 mi")
    iop.nearest("60614", snapshot.open().select(level_of_care="iop"), k=5)
    ```
    """
    settings = client or Client()
    address = url or os.environ.get("IOPDIR_FINDTREATMENT_URL") or URL
    parameters, scope = _asked(state, near, within)
    if service_type is not None:
        parameters["sType"] = _one_of("service type", service_type.lower(), ("sa", "mh", "both"))
        scope.append(f"services of type {parameters['sType']}")
    if not 1 <= page_size <= MAX_PAGE:
        raise ValueError(f"page_size must be 1 to {MAX_PAGE}, not {page_size}")
    parameters["pageSize"] = str(page_size)
    request = Request(source="findtreatment", url=shown(address), parameters=parameters)
    store = SnapshotStore(into)
    with store.draft(request, now=settings.now()) as draft, settings.session() as session:
        pages = _Pages(session, settings, request, draft, store.same(request))
        pages.fetch(address)
        return pages.finish(scope)


def _asked(
    state: str | None, near: str | Place | None, within: str | float | None
) -> tuple[dict[str, str], list[str]]:
    """Say it in the locator's words, and in ours."""
    if (near is None) != (within is None) or (near is not None and state is not None):
        raise ValueError("give a state, or a place and a distance (near, within), or neither")
    if state is not None:
        code = _one_of("state of the locator", state_code(state), STATE_IDS)
        return {"limitType": "0", "limitValue": STATE_IDS[code]}, [f"state {code}"]
    if near is None or within is None:
        return {}, []
    place = near if isinstance(near, Place) else find_place(near)
    metres = parse_distance(within)
    limit = {"limitType": "2", "limitValue": f"{metres:.1f}", "sAddr": f"{place.lat:.6f},{place.lon:.6f}"}
    return limit, [f"{metres / 1000:,.1f} km around {place.label}"]


def _one_of(kind: str, name: str, known: Mapping[str, str] | tuple[str, ...]) -> str:
    if name not in known:
        raise UnknownNameError(kind, name, known)
    return name


class _Pages:
    """The pages of one answer, as far as they have come."""

    def __init__(
        self, session: Session, client: Client, request: Request, draft: Draft, before: Snapshot | None
    ) -> None:
        self._session, self._client, self._request = session, client, request
        self._draft, self._before = draft, before
        self._counted: list[int] = []
        self._rows = 0

    def fetch(self, address: str) -> None:
        """Ask for every page that is not there yet."""
        with during("Asking FindTreatment.gov") as said:
            self._fetch(address, said)

    def _fetch(self, address: str, said: Callable[[int, int], None]) -> None:
        page, pages, size, names = 1, 1, 0, set[str]()
        while page <= pages:
            name = f"page-{page:05}.json"
            if name not in self._draft.parts:
                self._ask(address, page, name)
            envelope = _envelope(self._draft.path_of(name).read_bytes(), page)
            pages, size = envelope["totalPages"], size + self._draft.parts[name].bytes
            for what, found, most in (
                ("pages", pages, self._client.max_pages),
                ("bytes", size, self._client.max_total_bytes),
            ):
                if found > most:
                    expected = f"at most {most:,} {what}, the limit of this fetch"
                    raise FetchError(self._request.url, expected=expected, found=f"{found:,}")
            self._counted.append(envelope["recordCount"])
            self._rows += len(envelope["rows"])
            names.add(name)
            said(page, pages)
            page += 1
        for name in {*self._draft.parts} - names:  # of an earlier try, when there were more
            self._draft.forget(name)

    def _ask(self, address: str, page: int, name: str) -> None:
        asked = {**self._request.parameters, "page": str(page)}
        known = self._before.part(name) if self._before else None
        answer = self._session.get(
            address, asked, expected=_EXPECTED, known=known, check=lambda data: _envelope(data, page)
        )
        data, about = answer.data, answer.about()
        if data is None and self._before is not None and known is not None:
            data = self._before.path_of(name).read_bytes()
            about |= {key: about[key] or value for key, value in known.items()}
        self._draft.keep(name, data or b"", now=self._client.now(), about=about)

    def finish(self, scope: list[str]) -> Snapshot:
        """Read the pages, and put the snapshot in its place."""
        draft, url = self._draft, self._request.url
        if not self._rows:
            draft.drop()
            raise FetchError(url, expected=f"facilities ({_REGISTER})", found="none")
        if self._before is not None and self._before.manifest.sha256 == draft.sha256():
            draft.drop()
            return self._before
        day = as_time(draft.taken).date()
        source = Source(name="findtreatment.gov", edition="labels", sha256=draft.sha256(), retrieved=day)
        try:
            directory = listing_of_pages(map(draft.path_of, sorted(draft.parts)), source=source)
        except LoadError as error:
            found = f"{error.found} (what came is kept in {draft.set_aside()})"
            raise FetchError(url, expected=error.expected, found=found) from error
        notes = [f"this listing holds only {' and '.join(scope)}"] if scope else []
        return draft.finish(directory, notes=[*notes, *self._doubts(directory)])

    def _doubts(self, directory: Directory) -> Iterator[str]:
        """Say if the listing moved while it was asked for, or came with fewer records than the locator counts."""
        if len({*self._counted}) > 1:
            yield f"the locator counted {self._counted[0]:,} records at first and {self._counted[-1]:,} at last"
        came = directory.quality.rows_in - int(directory.provenance.parameters.get("repeated", 0))
        if came < self._counted[-1]:
            yield f"{self._counted[-1] - came:,} of {self._counted[-1]:,} records that the locator counts did not come"


def _envelope(data: bytes, page: int) -> dict[str, Any]:
    """Read what stands around the rows; it must be of the page that was asked for."""
    try:
        envelope = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise TroubleError(f"broken JSON ({str(error)[:200]})") from error
    if not isinstance(envelope, dict) or not isinstance(envelope.get("rows"), list):
        raise TroubleError("JSON without rows")
    for name in ("totalPages", "recordCount"):
        value = envelope.get(name)
        if type(value) is not int or value < 0:
            raise TroubleError(f"JSON with {name} {value!r}")
    if str(envelope.get("page", page)) != str(page):
        raise TroubleError(f"page {envelope['page']!r} instead of {page}")
    return envelope
