# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 over a Unix socket with the standard library."""

from __future__ import annotations

import http.client
import json
import select
import socket
import uuid
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple, Optional


class Answer(NamedTuple):
    status: int
    headers: Message
    json: Any  # the text, where it is no JSON
    bytes: bytes


class Client:
    """One kept connection; a new one is made when the daemon closed it between two requests."""

    def __init__(self, path: Path | str, timeout_s: float = 30) -> None:
        self._connection = _UnixConnection(str(path), timeout_s)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str, headers: Optional[dict[str, str]] = None) -> Answer:
        return self.request("GET", path, None, headers)

    def post(
        self,
        path: str,
        body: Any = None,
        key: Optional[str] = None,
        headers: Optional[dict[str, str]] = None,
    ) -> Answer:
        """`key`: the Idempotency-Key; a fresh one when None, none when empty."""
        key = str(uuid.uuid4()) if key is None else key
        own = {"Idempotency-Key": f'"{key}"'} if key else {}
        return self.request("POST", path, {} if body is None else body, {**own, **(headers or {})})

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Optional[dict[str, str]] = None,
    ) -> Answer:
        """`body`: bytes are sent as they are, anything else as JSON; OSError when there is no
        answer."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        own = {"Content-Type": "application/json"} if body is not None else {}
        self._connection.close_if_ended()
        try:
            self._connection.request(method, path, body, {**own, **(headers or {})})
            response = self._connection.getresponse()
            content = response.read()
        except http.client.HTTPException as error:
            self.close()
            raise ConnectionError(f"{method} {path}: {error!r}") from error
        except OSError:
            self.close()
            raise
        return Answer(response.status, response.headers, _content(response, content), content)


def _content(response: http.client.HTTPResponse, content: bytes) -> Any:
    if "json" in response.headers.get("Content-Type", ""):
        return json.loads(content)
    return content.decode("utf-8", "replace")


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def close_if_ended(self) -> None:
        """The daemon closes a connection that was idle for long; the next request makes a new one."""
        if self.sock is not None and select.select([self.sock], [], [], 0)[0]:
            self.close()

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.close()
            raise
