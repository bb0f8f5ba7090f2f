# SPDX-License-Identifier: Apache-2.0
"""A stand-in for Alym, to test the bank alone: takes callbacks, asks the bank.

Written from gateways/sandbox/README.md without the bank's own signing, so that the two check each
other.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import http.server
import json
import ssl
import threading
import time
from pathlib import Path
from typing import Any, Callable, Optional
from urllib.parse import urlsplit

SECRET = b"0123456789abcdef"

ORDER = {
    "amount": 12975000,
    "currency": "KZT",
    "description": "Multiple-entry visa",
    "expires_at": "2099-01-01T00:00:00Z",
    "language": "en",
    "merchant": "demo",
    "order": "12345678",
    "return_url": "https://localhost/back",
}


def sign(*parts: str | bytes) -> str:
    text = b".".join(p.encode() if isinstance(p, str) else p for p in parts)
    return hmac.new(SECRET, text, hashlib.sha256).hexdigest()


class AlymStub:
    def __init__(self, certificates: Path) -> None:
        self.bank_url = ""
        self.heard: list[dict[str, Any]] = []  # verified messages, in the order they came
        self.refused: list[str] = []  # why the others were not taken
        self.answers: list[int] = []  # statuses to give first instead of a proper answer
        self.decide: Callable[[dict[str, Any]], dict[str, Any]] = self._accept
        self._lock = threading.Lock()
        self._ca = str(certificates / "ca.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "alymd.pem", certificates / "alymd.key")
        stub = self

        class Handler(_Handler):
            alym = stub

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> AlymStub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def callback_url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}/callbacks/sandbox"

    def order(self, **changes: Any) -> dict[str, Any]:
        return {**ORDER, "callback_url": self.callback_url, **changes}

    def register(self, **changes: Any) -> tuple[int, Any]:
        return self.ask("POST", "/v1/orders", self.order(**changes))

    def status(self, order: str = "12345678") -> tuple[int, Any]:
        return self.ask("GET", f"/v1/orders/{order}?merchant=demo")

    def ask(
        self,
        method: str,
        path: str,
        message: Any = None,
        age_s: int = 0,
        signed: bool = True,
        timeout_s: float = 10,
    ) -> tuple[int, Any]:
        """(status, object); status 0 and the reason when the answer can not be trusted."""
        if isinstance(message, bytes):
            body = message
        else:
            body = b"" if message is None else json.dumps(message).encode()
        timestamp = str(int(time.time()) - age_s)
        signature = sign(timestamp, method, path, body)
        headers = {"X-Sandbox-Timestamp": timestamp, "X-Sandbox-Signature": signature}
        target = urlsplit(self.bank_url)
        connection = http.client.HTTPSConnection(
            target.hostname,
            target.port,
            context=ssl.create_default_context(cafile=self._ca),
            timeout=timeout_s,
        )
        try:
            connection.request(method, path, body, headers if signed else {})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            return 0, type(error).__name__
        finally:
            connection.close()
        return self._trust(response, content, signature)

    @staticmethod
    def _trust(
        response: http.client.HTTPResponse, content: bytes, signature: str
    ) -> tuple[int, Any]:
        timestamp = response.headers.get("X-Sandbox-Timestamp")
        if timestamp is None:
            return response.status, None
        want = sign(timestamp, str(response.status), content, signature)
        if response.headers["X-Sandbox-Signature"] != want:
            return 0, "signature"
        if abs(int(timestamp) - time.time()) > 300:
            return 0, "stale"
        try:
            return response.status, json.loads(content)
        except ValueError:
            return 0, "malformed"

    def take(self, handler: _Handler, body: bytes) -> tuple[int, Optional[dict[str, Any]]]:
        """Status and answer to a message; no answer object: a bare status."""
        timestamp = handler.headers.get("X-Sandbox-Timestamp", "")
        got = handler.headers.get("X-Sandbox-Signature", "")
        with self._lock:
            if got != sign(timestamp, handler.command, handler.path, body):
                return self._refuse(401, "signature")
            if abs(int(timestamp) - time.time()) > 300:
                return self._refuse(401, "stale")
            try:
                message = json.loads(body)
            except ValueError:
                return self._refuse(400, "malformed")
            if message.get("merchant") != "demo":
                return self._refuse(403, "merchant")
            self.heard.append(message)
            if self.answers:
                return self.answers.pop(0), None
            return 200, self.decide(message)

    def _refuse(self, status: int, reason: str) -> tuple[int, dict[str, Any]]:
        self.refused.append(reason)
        return status, {"accepted": False, "reason": reason}

    def _accept(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"accepted": True, "record": str(len(self.heard))}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    alym: AlymStub

    def do_POST(self) -> None:
        promised = int(self.headers["Content-Length"])
        body = self.rfile.read(promised)
        if len(body) < promised:
            self.alym.refused.append("truncated")
            return
        status, answer = self.alym.take(self, body)
        content = json.dumps(answer).encode() if answer is not None else b""
        self.send_response(status)
        if answer is not None and answer.get("reason") != "signature":
            timestamp = str(int(time.time()))
            question = self.headers.get("X-Sandbox-Signature", "")
            self.send_header("X-Sandbox-Timestamp", timestamp)
            self.send_header("X-Sandbox-Signature", sign(timestamp, str(status), content, question))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass
