"""A server on 127.0.0.1 that speaks the table services of OSRM and Valhalla as documented, and can misbehave."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


def seconds(here, there):
    """SYNTHETIC seconds from one place to another: 40,000 a degree east or north; nowhere beyond the 50th parallel."""
    if max(here[1], there[1]) > 50:
        return None
    return round(40_000 * (abs(here[0] - there[0]) + abs(here[1] - there[1])), 1)


class Router:
    """`faults` is a list of what to do wrong, one request after another; `asked` counts the requests; `most` places."""

    def __init__(self, *, short=False, most=100):
        self.faults, self.asked, self.short, self.most = [], [], short, most

        class Handler(_Handler):
            site = self

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def osrm(self, path, options):
        places = [tuple(map(float, one.split(","))) for one in path.rsplit("/", 1)[1].split(";")]
        if len(places) > self.most:
            return 400, {"code": "TooBig", "message": "Too many table coordinates"}
        ends = [[places[int(i)] for i in options[name][0].split(";")] for name in ("sources", "destinations")]
        assert options["annotations"] == ["duration"]
        rows = [[seconds(here, there) for there in ends[1]] for here in ends[0]]
        return 200, {"code": "Ok", "durations": rows, "sources": [], "destinations": []}

    def valhalla(self, options):
        asked = json.loads(options["json"][0])
        assert asked["costing"] == "auto"
        ends = [[(one["lon"], one["lat"]) for one in asked[name]] for name in ("sources", "targets")]
        rows = [[seconds(here, there) for there in ends[1]] for here in ends[0]]
        if self.short:
            return 200, {"sources_to_targets": {"durations": rows, "distances": []}, "units": "kilometers"}
        cells = [
            [{"time": time, "distance": 1.0, "from_index": i, "to_index": j} for j, time in enumerate(row)]
            for i, row in enumerate(rows)
        ]
        return 200, {"sources_to_targets": cells, "units": "kilometers"}


class _Handler(BaseHTTPRequestHandler):
    site: Router

    def log_message(self, *_):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        path, options = unquote(parts.path), parse_qs(parts.query)
        self.site.asked.append(path)
        if self.site.faults:
            fault = self.site.faults.pop(0)
            if fault is not None:
                self._send(*fault)
                return
        if re.fullmatch(r"/table/v1/driving/[-0-9.,;]+", path):
            self._send(*self.site.osrm(path, options))
        elif path == "/sources_to_targets":
            self._send(*self.site.valhalla(options))
        else:
            self._send(404, {"error": "Not found", "error_code": 106})

    def _send(self, status, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
