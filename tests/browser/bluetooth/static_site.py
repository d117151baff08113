"""A plain web server on localhost, as anybody would use one for a folder of files."""

from __future__ import annotations

import contextlib
import functools
import threading
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class StaticSite:
    """`with StaticSite(folder) as site:`; `site.url` is a secure context, being localhost.

    asked: the paths that were asked for, in order. names_index: whether it sends whoever asks
    for a folder to its index.html; else whoever asks for that to the folder. Hosts do either, so
    that a page has one address.
    """

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.names_index = False
        handler = functools.partial(_Handler, self, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://localhost:{self._server.server_port}/"

    def __enter__(self) -> StaticSite:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nobody answers at its address any more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, site: StaticSite, *positional: Any, **named: Any) -> None:
        self._site = site
        super().__init__(*positional, **named)

    def do_GET(self) -> None:
        self._site.asked.append(self.path)
        folder, _, name = self.path.rpartition("/")
        elsewhere = {"": "index.html"} if self._site.names_index else {"index.html": ""}
        if name in elsewhere:
            self.send_response(HTTPStatus.PERMANENT_REDIRECT)
            self.send_header("Location", f"{folder}/{elsewhere[name]}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        with contextlib.suppress(ConnectionError):  # the page went on meanwhile
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing to stderr."""
