"""A server on 127.0.0.1 that speaks the locator's documented API, and misbehaves when told to; and a fake clock."""

import gzip
import json
import threading
import time
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import iopdir as iop

PATH = "/locator/exportsAsJson/v2"
LABELS = "Outpatient; Intensive outpatient treatment"


def record(number, **changes):
    """One SYNTHETIC facility as the locator gives it."""
    services = [
        {"f1": "Type of Care", "f2": "TC", "f3": "Substance use treatment"},
        {"f1": "Service Settings", "f2": "SET", "f3": LABELS},
    ]
    return {
        "_irow": number,
        "name1": f"SYNTHETIC {number}",
        "name2": None,
        "street1": f"{number} Example St",
        "street2": "",
        "city": "Chicago",
        "state": "IL",
        "zip": "60614",
        "phone": "312-555-0101",
        "typeFacility": "SA",
        "intake1": None,
        "hotline1": None,
        "website": None,
        "latitude": f"{41.9 + number / 10_000:.4f}",
        "longitude": "-87.65",
        "miles": 1.0,
        "services": services,
    } | changes


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.elapsed, self.slept = 0.0, []

    def now(self):
        return datetime(2026, 11, 24, 20, 15, tzinfo=UTC) + timedelta(seconds=self.elapsed)

    def clock(self):
        return self.elapsed

    def sleep(self, seconds):
        self.elapsed += seconds
        if seconds:
            self.slept.append(seconds)

    def client(self, **settings):
        return iop.fetch.Client(now=self.now, clock=self.clock, sleep=self.sleep, **settings)


class Locator:
    """The locator: `rows` in pages, and files by path.

    `faults[page]` (or `faults[path]`) is a list of what to do wrong, one request after another; `count` changes what
    the locator says it has, page by page; `asked` lists what came.
    """

    def __init__(self):
        self.rows = [record(number) for number in range(1, 11)]
        self.files, self.faults, self.asked = {}, defaultdict(list), []
        self.count = lambda _page: len(self.rows)
        self.page = lambda page, size: self.rows[(page - 1) * size : page * size]
        self.gzip = self.etags = False
        self.arrived = threading.Event()

        class Handler(_Handler):
            site = self

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # clients hang up, and are killed
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.url = self.root + PATH

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def pages_asked(self):
        return [int(asked["page"]) for asked, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Locator

    def log_message(self, *_):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.site.asked.append((asked, dict(self.headers)))
        key = int(asked["page"]) if parts.path == PATH else parts.path
        fault = self.site.faults[key].pop(0) if self.site.faults[key] else None
        with suppress(ConnectionError):  # the other end hung up, or was killed
            if fault is not None:
                getattr(self, f"_{fault[0]}")(asked, *fault[1:])
            elif parts.path == PATH:
                self._page(asked)
            elif parts.path in self.site.files:
                self._send(self.site.files[parts.path], kind="application/octet-stream")
            else:
                self._status(asked, 404)

    def _body(self, asked):
        page, size = int(asked["page"]), int(asked["pageSize"])
        count = self.site.count(page)
        about = {"page": page, "totalPages": -(-count // size), "recordCount": count}
        return json.dumps(about | {"rows": self.site.page(page, size)}).encode()

    def _page(self, asked):
        self._send(self._body(asked))

    def _send(self, body, kind="application/json", **headers):
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if self.site.etags and self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        if self.site.gzip:
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        if self.site.etags:
            headers["ETag"] = etag
        self.send_response(200)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    # --- what goes wrong -------------------------------------------------------------------------------------

    def _status(self, _, status, retry_after=None):
        self.send_response(status)
        if isinstance(retry_after, datetime):
            retry_after = format_datetime(retry_after, usegmt=True)
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _cut(self, asked):
        """Promise a whole page, send half of it, hang up."""
        body = self._body(asked)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _half(self, asked):
        """Send half a page without saying how long it is."""
        self.send_response(200)
        self.end_headers()
        body = self._body(asked)
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _half_gzip(self, asked):
        body = gzip.compress(self.site.files.get(urlsplit(self.path).path) or self._body(asked))
        self._raw(body[: len(body) // 2], "gzip")

    def _bomb(self, _):
        self._raw(gzip.compress(b"x" * 50_000_000), "gzip")

    def _packed(self, asked):
        self._raw(self._body(asked), "br")

    def _raw(self, body, coding):
        self.send_response(200)
        self.send_header("Content-Encoding", coding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _says(self, _, text):
        self._send(text.encode())

    def _moved(self, _, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self, _):
        """Send a byte now and then, for ever."""
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.01)

    def _hang(self, _):
        """Say that the request is here, and do not answer."""
        self.site.arrived.set()
        time.sleep(30)
