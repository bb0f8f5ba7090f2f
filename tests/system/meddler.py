# SPDX-License-Identifier: Apache-2.0
"""Stands between alymctl and the daemon, on a Unix socket of its own: keeps what goes through, and
changes the answers a test wants changed."""

from __future__ import annotations

import http.client
import socket
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any, Callable, NamedTuple, Optional

Meddle = Callable[[bytes], Optional[bytes]]


class Request(NamedTuple):
    method: str
    path: str
    body: bytes


class Meddler:
    """`meddle` changes the body of a good answer to any path that holds `where`; None instead of a
    body hangs up, after the daemon has done what it was asked."""

    def __init__(self, daemon: Path, where: str = "", meddle: Optional[Meddle] = None) -> None:
        self.requests: list[Request] = []
        self.answers: list[bytes] = []
        self._folder = tempfile.TemporaryDirectory(prefix="meddler")
        self.socket = Path(self._folder.name) / "m.sock"
        handler = type("Handler", (_Handler,), {
            "daemon": str(daemon), "where": where, "meddle": staticmethod(meddle or bytes),
            "meddler": self,
        })  # fmt: skip
        self._server = _Server(str(self.socket), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Meddler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._folder.cleanup()


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    daemon: str
    where: str
    meddle: Meddle
    meddler: Meddler

    def do_GET(self) -> None:
        self._forward()

    def do_POST(self) -> None:
        self._forward()

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.meddler.requests.append(Request(self.command, self.path, body))
        connection = http.client.HTTPConnection("alymd", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.daemon)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content: Optional[bytes] = answer.read()
        finally:
            connection.close()
        self.meddler.answers.append(content or b"")
        if answer.status < 300 and self.where in self.path:
            content = self.meddle(content or b"")
        if content is None:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name in ("Content-Type", "Idempotency-Replayed"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass
