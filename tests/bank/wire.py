# SPDX-License-Identifier: Apache-2.0
"""Requests of the bank to Alym: HTTPS on kept connections, honest or deliberately broken."""

from __future__ import annotations

import http.client
import ssl
import threading
from dataclasses import dataclass, field
from email.message import Message
from typing import Optional
from urllib.parse import urlsplit

TIMEOUT_S = 10
ANSWER_SIZE_MAX = 1 << 20


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes


@dataclass
class Request:
    url: str
    body: bytes
    headers: dict[str, str]
    method: str = "POST"
    truncate: bool = False  # promise more bytes than are sent
    hang_up: bool = False  # do not wait for the answer

    @property
    def path(self) -> str:
        return path_of(self.url)


@dataclass
class Wire:
    """One per bank; connections belong to the thread that uses them."""

    context: ssl.SSLContext
    timeout_s: float = TIMEOUT_S
    _own: threading.local = field(default_factory=threading.local)

    def send(self, request: Request) -> Optional[Answer]:
        """The answer; None when the request was broken on purpose.  OSError when there is none."""
        if request.truncate or request.hang_up:
            self._send_broken(request)
            return None
        connection = self._connection(request.url)
        try:
            return self._exchange(connection, request)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # A kept connection that the other side closed meanwhile; a fresh one tells for sure.
            was_kept = connection.kept
            connection.close()
            if not was_kept:
                raise
            return self._exchange(connection, request)
        except http.client.HTTPException as error:
            connection.close()
            raise OSError(f"not HTTP: {error}") from error
        except OSError:
            connection.close()
            raise

    def _exchange(self, connection: "_Connection", request: Request) -> Answer:
        connection.request(request.method, request.path, request.body, self._all_headers(request))
        response = connection.getresponse()
        body = response.read(ANSWER_SIZE_MAX)
        connection.kept = True
        if response.will_close or not response.isclosed():
            connection.close()
        return Answer(response.status, response.headers, body)

    def _send_broken(self, request: Request) -> None:
        target = urlsplit(request.url)
        connection = _Connection(target.hostname, target.port, self.context, self.timeout_s)
        headers = self._all_headers(request)
        if request.truncate:
            headers["Content-Length"] = str(len(request.body) + 100)
        try:
            connection.request(request.method, request.path, request.body, headers)
        finally:
            connection.close()

    def _connection(self, url: str) -> "_Connection":
        target = urlsplit(url)
        key = (target.hostname, target.port)
        kept = self._own.__dict__.setdefault("connections", {})
        if key not in kept:
            kept[key] = _Connection(target.hostname, target.port, self.context, self.timeout_s)
        return kept[key]

    @staticmethod
    def _all_headers(request: Request) -> dict[str, str]:
        return {"Content-Type": "application/json", **request.headers}


class _Connection(http.client.HTTPSConnection):
    kept = False  # has carried an exchange and may be stale

    def __init__(self, host, port, context, timeout_s) -> None:
        super().__init__(host, port, context=context, timeout=timeout_s)

    def close(self) -> None:
        self.kept = False
        super().close()


def path_of(url: str) -> str:
    target = urlsplit(url)
    return (target.path or "/") + (f"?{target.query}" if target.query else "")
