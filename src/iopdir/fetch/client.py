"""How iopdir asks a server: who it is, no faster than agreed, again when it is busy, and no more than it can hold."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from iopdir.errors import FetchError
from iopdir.extras import require
from iopdir.provenance import package_version

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "Client", "Session", "TroubleError", "shown"]

_REDIRECTS: Final = {301, 302, 303, 307, 308}
_MAX_REDIRECTS: Final = 5


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """Settings of the network, and how long to wait for what.

    Parameters
    ----------
    pace_s
        At least so many seconds from one request to the next.
    attempts
        How often to ask for the same thing when the server is busy (429), fails (5xx), cuts the connection or sends
        half of it. The wait doubles from one second each time, or is as long as the server's `Retry-After` says.
    max_wait_s
        A server that asks to wait longer is left alone; the next fetch goes on from there.
    connect_s, read_s, answer_s
        Seconds for a connection, for the next bytes, and for one whole answer.
    max_bytes
        Of one answer, unpacked.
    max_total_bytes, max_pages
        Of one fetch.
    now, clock, sleep
        The time of day in UTC, seconds that only ever grow, and how to wait; tests bring their own.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.fetch.Client(pace_s=5).attempts
    6
    """

    pace_s: float = 1.0
    attempts: int = 6
    max_wait_s: float = 600.0
    connect_s: float = 15.0
    read_s: float = 60.0
    answer_s: float = 600.0
    max_bytes: int = 100_000_000
    max_total_bytes: int = 1_000_000_000
    max_pages: int = 1_000
    now: Callable[[], datetime] = _now
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def session(self) -> Session:
        """Open connections; close them with ``with``."""
        return Session(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a server gave.

    Parameters
    ----------
    url
        Address that gave it.
    data
        The bytes, unpacked; None if the server says that they are those of the last time (304).
    content_type, etag, last_modified
        As the server said.
    """

    url: str
    data: bytes | None
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""

    def about(self) -> dict[str, str]:
        """Give all but the bytes."""
        return {
            "url": self.url,
            "content_type": self.content_type,
            "etag": self.etag,
            "last_modified": self.last_modified,
        }


class TroubleError(Exception):
    """Something went wrong that may go right the next time.

    Parameters
    ----------
    words
        What.
    wait_s
        For how long the server asks to be left alone, if it does.
    """

    def __init__(self, words: str, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.wait_s = wait_s


class Session:
    """Open connections, and the pace they keep.

    Parameters
    ----------
    client
        The settings.
    """

    def __init__(self, client: Client) -> None:
        import httpx

        self._client, self._last = client, -float("inf")
        self._http = httpx.Client(
            headers={"User-Agent": _user_agent(), "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(client.read_s, connect=client.connect_s),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(
        self,
        url: str,
        parameters: Mapping[str, str],
        *,
        expected: str,
        known: Mapping[str, str] | None = None,
        check: Callable[[bytes], object] = len,
    ) -> Answer:
        """Ask for something until it comes whole.

        Parameters
        ----------
        url, parameters
            Of what.
        expected
            What to call it in an error.
        known
            `etag` and `last_modified` of the last time, to be told if nothing has changed.
        check
            Raises `TroubleError` over bytes that are not whole.

        Raises
        ------
        FetchError
            If it does not come.
        """
        import httpx

        full = _address(url, expected)
        full = full.copy_merge_params(dict(parameters)) if parameters else full
        trouble = TroubleError("nothing")
        for attempt in range(self._client.attempts):
            if attempt:
                self._wait(full, trouble, attempt, expected)
            try:
                answer = self._follow(full, known or {}, expected)
                if answer.data is not None:
                    check(answer.data)
            except TroubleError as error:
                trouble = error
            except httpx.TransportError as error:
                trouble = TroubleError(f"a broken connection ({str(error)[:200] or type(error).__name__})")
            else:
                return answer
        times = f"{self._client.attempts} times" if self._client.attempts > 1 else "once"
        raise FetchError(shown(full), expected=expected, found=f"{trouble}, {times}")

    def _wait(self, url: httpx.URL, trouble: TroubleError, attempt: int, expected: str) -> None:
        """Leave the server alone for as long as it asks, or longer each time."""
        seconds = 2.0 ** (attempt - 1) if trouble.wait_s is None else trouble.wait_s
        if seconds > self._client.max_wait_s:
            found = f"{trouble}, and the wish to be left alone for {seconds:,.0f} s"
            raise FetchError(shown(url), expected=expected, found=found)
        self._client.sleep(seconds)

    def _follow(self, url: httpx.URL, known: Mapping[str, str], expected: str) -> Answer:
        """Ask, and follow redirects within the same site."""
        begun = url
        for _ in range(_MAX_REDIRECTS + 1):
            there = self._ask(url, known, expected)
            if isinstance(there, Answer):
                return there
            if not _is_same_site(begun, there):
                found = f"a redirect to another site, {shown(there)}"
                raise FetchError(shown(begun), expected=expected, found=found)
            url = there
        raise FetchError(shown(begun), expected=expected, found=f"more than {_MAX_REDIRECTS} redirects")

    def _ask(self, url: httpx.URL, known: Mapping[str, str], expected: str) -> Answer | httpx.URL:
        """Send one request; give the answer, or where it points to."""
        client = self._client
        client.sleep(max(0.0, self._last + client.pace_s - client.clock()))
        self._last = begun = client.clock()
        headers = {
            "If-None-Match": known.get("etag", ""),
            "If-Modified-Since": known.get("last_modified", ""),
        }
        request = self._http.build_request(
            "GET", url, headers={name: value for name, value in headers.items() if value}
        )
        response = self._http.send(request, stream=True)
        try:
            status = response.status_code
            if status in _REDIRECTS and "location" in response.headers:
                return _address(str(url.join(response.headers["location"])), expected)
            if status == 429 or status >= 500:
                wait = _seconds(response.headers.get("retry-after"), client.now())
                raise TroubleError(f"HTTP {status} {response.reason_phrase}".strip(), wait)
            if status not in (200, 304) or (status == 304 and not known):
                found = f"HTTP {status} {response.reason_phrase}".strip() + _said(response)
                raise FetchError(shown(url), expected=expected, found=found)
            data = None if status == 304 else self._body(response, begun, shown(url), expected)
            return Answer(
                url=shown(url),
                data=data,
                content_type=response.headers.get("content-type", ""),
                etag=response.headers.get("etag", ""),
                last_modified=response.headers.get("last-modified", ""),
            )
        finally:
            response.close()

    def _body(self, response: httpx.Response, begun: float, url: str, expected: str) -> bytes:
        """Take in a body as it comes, unpacked, up to the limits."""
        limit, body = self._client.max_bytes, bytearray()
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", "x-gzip", ""):
            raise FetchError(url, expected=expected, found=f"a body packed with {coding!r}, not asked for")
        raw = response.iter_raw()
        for chunk in _unpacked(raw, limit) if "gzip" in coding else raw:
            body += chunk
            if len(body) > limit:
                raise FetchError(url, expected=f"{expected} of at most {limit:,} bytes", found="more")
            if self._client.clock() - begun > self._client.answer_s:
                raise TroubleError(f"no end of it after {self._client.answer_s:,.0f} s")
        return bytes(body)


def _said(response: httpx.Response) -> str:
    """Repeat what a server that answers in JSON says about its refusal."""
    try:
        body = json.loads(next(response.iter_bytes(10_000), b""))
    except (ValueError, RuntimeError):
        return ""
    words = (
        [body.get(name) for name in ("code", "error_code", "message", "error")]
        if isinstance(body, dict)
        else []
    )
    text = ": ".join(str(word)[:300] for word in words if isinstance(word, str | int))
    return f" ({text})" if text else ""


def _unpacked(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Unpack gzip, never more than one byte over the limit at a time."""
    engine = zlib.decompressobj(31)
    try:
        for chunk in chunks:
            yield engine.decompress(chunk, limit + 1)
    except zlib.error as error:
        raise TroubleError(f"damaged gzip ({error})") from error
    if not engine.eof:
        raise TroubleError("half of a gzip file")


def _user_agent() -> str:
    """Name the package, e.g. ``iopdir/0.2.0``."""
    name, _, version = package_version().partition(" ")
    return f"{name}/{version}" if version[:1].isdigit() else f"{name} {version}"


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """Read `Retry-After`: seconds, or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds())


def _is_same_site(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether an address is of the same host, and not less safe."""
    if one.host != other.host:
        return False
    return other.scheme == "https" or (one.scheme, one.port) == (other.scheme, other.port)


def _address(url: str, expected: str) -> httpx.URL:
    """Read an address; it must be one of the web."""
    require("fetch")
    import httpx

    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise FetchError(url, expected=f"an address of {expected}", found=f"none ({error})") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise FetchError(url, expected=f"an address of {expected}, https://...", found="another")
    return address


def shown(url: str | httpx.URL) -> str:
    """Write an address without a name and password in it."""
    address = _address(url, "a listing") if isinstance(url, str) else url
    return str(address.copy_with(username=None, password=None)) if address.userinfo else str(address)
